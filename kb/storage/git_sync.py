"""Bringing a knowledge base together with its other copies: commit, fetch, rebase, push, so that nothing can be lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..exceptions import KbError, NoteExists, WrongUse, system_reason
from . import files, git, git_commit

NETWORK = 120.0  # seconds for one conversation with the other side
ATTEMPTS = 4  # pushes, when somebody else pushes in between


class CannotSync(KbError):
    """Git could not do it; what was written is on the disk, and committed as far as it says."""

    status = 3


@dataclass(frozen=True)
class Conflict:
    """A file that both sides changed: `path` holds theirs, `beside` holds ours, both whole."""

    path: str
    beside: str


@dataclass(frozen=True)
class Synced:
    """What a sync did."""

    committed: tuple[str, ...]  # paths of files that were not committed before
    received: int  # commits
    sent: int
    conflicts: tuple[Conflict, ...]
    stashed: bool  # changes of other files could not be put back, and are in Git's stash


def sync(root: Path, folders: Sequence[str], say: Callable[[str], None] = lambda _: None) -> Synced:
    """Commit what changed in `folders`, put it on top of what the others pushed, and push it.

    Raises WrongUse when there is nothing to sync with or something must be finished first, CannotSync when Git can't.
    """
    try:
        branch = _ready(root)
        committed = _commit_all(root, folders)
        remote = _remote(root)
        conflicts: dict[str, Conflict] = {}
        received = sent = 0
        stashes = _stashes(root)
        for attempt in range(1, ATTEMPTS + 1):
            say(f"asking {remote}")
            git.run(root, "fetch", "--quiet", remote, limit=NETWORK)
            upstream = f"{remote}/{_upstream(root, remote, branch)}"
            if _exists(root, upstream):
                received += _count(root, f"HEAD..{upstream}")
                _rebase(root, upstream, conflicts)
            sent = _count(root, f"{upstream}..HEAD") if _exists(root, upstream) else _count(root, "HEAD")
            if not sent or _pushed(root, remote, branch, last=attempt == ATTEMPTS):
                break
        stashed = _stashes(root) > stashes
    except git.GitFailed as failed:
        raise CannotSync(f"not synced, all is still here and committed: {failed}") from None
    except OSError as error:
        raise CannotSync(f"not synced, all is committed: {system_reason(error)}") from error
    return Synced(committed, received, sent, tuple(conflicts.values()), stashed)


def _ready(root: Path) -> str:
    """The branch that we are on. Raises WrongUse when Git is in the middle of something."""
    if git.work_tree(root) is None:
        raise WrongUse(f"{root} is in no Git repository: git init in it, then git remote add origin ADDRESS")
    if under_way := git.under_way_in(root):
        raise WrongUse(f"a {under_way} is under way in Git: finish it or give it up first (git status says how)")
    branch = git.run(root, "branch", "--show-current").strip()
    if not branch:
        raise WrongUse("HEAD is detached: git switch to a branch first (git branch lists them)")
    return branch


def _remote(root: Path) -> str:
    names = git.run(root, "remote").split()
    if not names:
        raise WrongUse("all is committed, but there is nothing to sync with: git remote add origin ADDRESS")
    return "origin" if "origin" in names else names[0]


def _upstream(root: Path, remote: str, branch: str) -> str:
    """The branch of the other side: the one that Git's configuration names, else the one called like ours."""
    try:
        merge = git.run(root, "config", f"branch.{branch}.merge").strip()
    except git.GitFailed:
        return branch
    configured = git.run(root, "config", "--default", remote, f"branch.{branch}.remote").strip()
    return merge.removeprefix("refs/heads/") if configured == remote else branch


def _exists(root: Path, name: str) -> bool:
    try:
        git.run(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except git.GitFailed:
        return False
    return True


def _stashes(root: Path) -> int:
    return len(git.run(root, "stash", "list").splitlines())


def _count(root: Path, commits: str) -> int:
    return int(git.run(root, "rev-list", "--count", commits, "--"))


def changed(root: Path, folders: Sequence[str]) -> list[str]:
    """Files of `folders` that differ from the last commit, or that Git does not know: paths relative to `root`."""
    there = [folder for folder in folders if (root / folder).exists() or git.run(root, "ls-files", "--", folder)]
    if not there:
        return []
    known = git.run(root, "diff", "--name-only", "-z", "--relative", "--no-renames", _base(root), "--", *there)
    unknown = git.run(root, "ls-files", "-z", "--others", "--exclude-standard", "--", *there)
    names = dict.fromkeys([*known.split("\0"), *unknown.split("\0")])
    return [name for name in names if name and not name.rpartition("/")[2].startswith(".kb-")]


def _base(root: Path) -> str:
    """The last commit; before the first one, the empty tree."""
    return "HEAD" if _exists(root, "HEAD") else git.run(root, "hash-object", "-t", "tree", "/dev/null").strip()


def _commit_all(root: Path, folders: Sequence[str]) -> tuple[str, ...]:
    paths = changed(root, folders)
    if paths:
        what = Path(paths[0]).stem if len(paths) == 1 else f"{len(paths)} files"
        commit = git_commit.commit(root, [root / path for path in paths], f"notes: {what}", new=True)
        if not commit.made:
            raise CannotSync(f"all is saved, but not committed: {commit.trouble or 'git commit it by hand'}")
    return tuple(paths)


# ---- putting ours on top of theirs -----------------------------------------------------------------------------------


def _rebase(root: Path, upstream: str, conflicts: dict[str, Conflict]) -> None:
    """Our commits on top of theirs. A file that both changed stays theirs, and ours is put beside it. Raises GitFailed."""
    steps = ["rebase", "--autostash", upstream]
    while True:
        try:
            _quietly(root, *steps)
            return
        except git.GitFailed:
            if git.under_way_in(root) != "rebase":
                raise
            try:
                unmerged = _unmerged(root)
                for path in unmerged:
                    _keep_both(root, path, conflicts)
                staged = git.run(root, "diff", "--cached", "--name-only")
                if staged and not unmerged:
                    raise  # a hook, a full disk
            except (git.GitFailed, KbError, OSError):
                git.run(root, "rebase", "--abort")
                raise
            steps = ["rebase", "--continue" if staged else "--skip"]


def _quietly(root: Path, *arguments: str) -> None:
    """Git without an editor: the messages of the commits stay as they are."""
    git.run(root, "-c", "core.editor=true", "-c", "rebase.updateRefs=false", *arguments, limit=NETWORK)


def _unmerged(root: Path) -> list[str]:
    names = git.run(root, "diff", "--name-only", "--diff-filter=U", "-z", "--relative").split("\0")
    return list(dict.fromkeys(name for name in names if name))


def _keep_both(root: Path, path: str, conflicts: dict[str, Conflict]) -> None:
    """Settle one unmerged file. In a rebase stage 2 is theirs, which is below, and stage 3 is ours."""
    theirs, ours = _stage(root, 2, path), _stage(root, 3, path)
    if theirs is None or ours is None:  # one side deleted it: what the other side wrote stays
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes((theirs if ours is None else ours) or b"")
        git.run(root, "add", "--", path)
        return
    (root / path).write_bytes(theirs)
    beside = conflicts[path].beside if path in conflicts else ""
    if beside:  # an earlier commit of ours changed it too: this one is newer, and has that change in it
        (root / beside).write_bytes(ours)
    else:
        beside = _put_beside(root, path, ours)
        conflicts[path] = Conflict(path, beside)
    git.run(root, "add", "--", path, beside)


def _put_beside(root: Path, path: str, data: bytes) -> str:
    stem, dot, suffix = path.rpartition(".")
    number = 1
    while True:
        name = f"{stem}-ours{'' if number == 1 else f'-{number}'}{dot}{suffix}"
        try:
            files.add(root / name, data)
        except NoteExists:
            number += 1
        else:
            return name


def _stage(root: Path, number: int, path: str) -> bytes | None:
    try:
        return git.run(root, "show", f":{number}:./{path}").encode("utf-8", "surrogateescape")
    except git.GitFailed:
        return None


def _pushed(root: Path, remote: str, branch: str, last: bool) -> bool:
    """Whether the push went through; False when somebody else was quicker. Raises GitFailed."""
    upstream = _upstream(root, remote, branch)
    try:
        git.run(root, "push", "--quiet", "--set-upstream", remote, f"HEAD:refs/heads/{upstream}", limit=NETWORK)
    except git.GitFailed as failed:
        if last or not any(sign in failed.said for sign in ("fetch first", "non-fast-forward", "cannot lock ref")):
            raise
        return False
    return True
