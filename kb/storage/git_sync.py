"""Bringing a knowledge base together with its other copies: commit, fetch, merge, push, so that nothing can be lost.

Nobody's commits are rewritten, and no stash is made: a merge is made beside the work tree (`merging`), and the work tree goes
on to it in one step, which Git refuses where something uncommitted is in the way. docs/sync.md has the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..exceptions import KbError, WrongUse, system_reason
from . import build_code, git, git_commit, git_history, leftovers, merging, unpublished
from .merging import CannotSettle, Settled

NETWORK = 120.0  # seconds for one conversation with the other side
ATTEMPTS = 4  # pushes, when somebody else pushes in between
MAX_BYTES = 4 << 20  # of a file that is looked through for secrets


class CannotSync(KbError):
    """Git could not do it; what was written is on the disk, and committed as far as it says."""

    status = 3


class SecretsFound(WrongUse):
    """What looks like a secret would leave; `places` are lines for the user."""

    def __init__(self, places: Sequence[str], way_out: str) -> None:
        super().__init__(f"a secret that is pushed can't be taken back, so nothing was pushed: {way_out}")
        self.places = tuple(places)


@dataclass(frozen=True)
class Synced:
    """What a sync did."""

    committed: tuple[str, ...]  # paths of files that were not committed before
    received: int  # commits
    sent: int
    settled: tuple[Settled, ...]  # conflicts, and what became of each
    remarks: tuple[str, ...]  # what else there is to know of what came


def sync(root: Path, folders: Sequence[str], mine: str, say: Callable[[str], None] = lambda _: None) -> Synced:
    """Commit what changed in `folders`, merge it with what the others pushed, and push it. `mine` names this machine.

    Raises WrongUse when there is nothing to sync with or something must be finished first, SecretsFound when a secret would
    leave, and CannotSync when Git can't or a person must settle something; then all is as it was, but committed.
    """
    try:
        branch = _ready(root)
        committed = _commit_all(root, folders)
        remote = _remote(root)
        settled: list[Settled] = []
        start, received = _head(root), 0
        for attempt in range(1, ATTEMPTS + 1):
            say(f"asking {remote}")
            git.run(root, "fetch", "--quiet", remote, limit=NETWORK)
            upstream = f"{remote}/{_upstream(root, remote, branch)}"
            theirs = _commit_of(root, f"refs/remotes/{upstream}")
            if theirs:
                _stop_at_taken_back(root, upstream, theirs)
            _stop_at_secrets(root, remote, upstream)
            if theirs:
                received += _count(root, f"HEAD..{theirs}") if _head(root) else _count(root, theirs)
                settled += _bring_together(root, upstream, theirs, folders, mine)
            head = _head(root)
            sent = _count(root, f"{theirs}..{head}") if theirs else _count(root, head)
            if head == theirs or _pushed(root, remote, branch, head, last=attempt == ATTEMPTS):
                break
    except git.GitFailed as failed:
        raise CannotSync(f"not synced, all is still here and committed: {failed}") from None
    except OSError as error:
        raise CannotSync(f"not synced, all is committed: {system_reason(error)}") from error
    return Synced(committed, received, sent, tuple(settled), build_code.remarks(root, start) if received else ())


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


def _commit_of(root: Path, name: str) -> str:
    """The full id of a commit; empty when there is none of that name."""
    try:
        return git.run(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").strip()
    except git.GitFailed:
        return ""


def _head(root: Path) -> str:
    return _commit_of(root, "HEAD")


def _count(root: Path, commits: str) -> int:
    """How many commits that somebody made by hand or by kb: the merges of `kb sync` are none of them."""
    return int(git.run(root, "rev-list", "--count", "--no-merges", commits, "--"))


# ---- committing ------------------------------------------------------------------------------------------------------


def changed(root: Path, folders: Sequence[str]) -> list[str]:
    """Files of `folders` that differ from the last commit, or that Git does not know: paths relative to `root`.

    What editors and clouds left behind is none of them, unless somebody committed it.
    """
    there = [folder for folder in folders if (root / folder).exists() or git.run(root, "ls-files", "--", folder)]
    if not there:
        return []
    known = git.run(
        root, "diff", "--name-only", "-z", "--relative", "--no-renames", "--ignore-submodules", _base(root), "--", *there
    )
    unknown = git.run(root, "ls-files", "-z", "--others", "--exclude-standard", "--", *there).split("\0")
    # A folder with a slash behind it is a repository of its own.
    new = [name for name in unknown if name and not name.endswith("/") and not leftovers.left_by(name)]
    return [name for name in dict.fromkeys([*known.split("\0"), *new]) if name]


def _base(root: Path) -> str:
    """The last commit; before the first one, the empty tree."""
    return _head(root) or git.run(root, "hash-object", "-t", "tree", "/dev/null").strip()


def _commit_all(root: Path, folders: Sequence[str]) -> tuple[str, ...]:
    with git_commit.only_kb(root):
        _finish(root)
        paths = changed(root, folders)
        if found := [place for path in paths for place in _secrets_of_file(root, path)]:
            raise SecretsFound(found, "delete it, or write kb-allow on its line when it is none, then kb sync")
        if paths:
            what = Path(paths[0]).stem if len(paths) == 1 else f"{len(paths)} files"
            commit = git_commit.commit(root, [root / path for path in paths], f"notes: {what}", new=True)
            if not commit.made:
                raise CannotSync(f"all is saved, but not committed: {commit.trouble or 'git commit it by hand'}")
    return tuple(paths)


def _secrets_of_file(root: Path, path: str) -> list[str]:
    """The secrets that the commit of a file would add: what its last version has too is no news."""
    from .loader import secrets_in

    file = root / path
    if file.is_symlink() or not file.is_file():
        return []
    with file.open("rb") as stream:
        found = secrets_in(stream.read(MAX_BYTES))
    return [f"{path}:{line}: looks like a secret ({kind})" for kind, line in found]


# ---- secrets that would leave ----------------------------------------------------------------------------------------


def _stop_at_secrets(root: Path, remote: str, upstream: str) -> None:
    """Raises SecretsFound when what the other side has not yet holds one: in a note, another file, or a message."""
    head = _head(root)
    if not head:
        return
    top = git.work_tree(root) or root
    range_ = [head, "--not", f"--remotes={remote}"]
    looked = unpublished.Looked()
    found = list(unpublished.leaks(top, range_, looked, _published(top, range_, upstream)))
    if not found:
        return
    base = _merge_base(root, head, upstream)
    again = f"git reset --soft {base[:10]} (your commits since then become one)" if base else "make the repository anew"
    raise SecretsFound(
        [str(leak) for leak in found],
        f"change it where it is used, delete it from the files, then {again} and kb sync; "
        "when it is none, write kb-allow on its line, or git push by hand",
    )


def _published(top: Path, commits: Sequence[str], upstream: str) -> frozenset[tuple[str, str]]:
    """What the other side has already of the files that these commits changed, so that it is no news."""
    if not _commit_of(top, upstream):
        return frozenset()
    paths = dict.fromkeys(git.run(top, "log", "--format=", "--name-only", "-z", "--no-renames", "-m", *commits).split("\0"))
    names = [path for path in paths if path and "\n" not in path]
    texts = git_history.blobs(top, [f"{upstream}:{name}" for name in names])
    return frozenset((name.partition(":")[2], value) for name, text in texts.items() for value in unpublished.values_in(text))


def _merge_base(root: Path, ours: str, theirs: str) -> str:
    try:
        return git.run(root, "merge-base", ours, theirs).strip() if _commit_of(root, theirs) else ""
    except git.GitFailed:
        return ""


# ---- merging ---------------------------------------------------------------------------------------------------------


def _bring_together(root: Path, upstream: str, theirs: str, folders: Sequence[str], mine: str) -> Sequence[Settled]:
    """Go on to their commit, or to a merge of both. Returns the conflicts that were settled. Raises GitFailed or CannotSync."""
    with git_commit.only_kb(root):
        ours = _head(root)
        if ours and git_history.is_ancestor(root, theirs, ours):
            return ()
        settled: Sequence[Settled] = ()
        goal = theirs
        if ours and not git_history.is_ancestor(root, ours, theirs):
            prefix = git.prefix(root)
            own = tuple(f"{prefix}{folder}" for folder in folders)
            try:
                merged = merging.merge(root, ours, theirs, f"notes: merge {upstream}", mine, lambda path: _is_in(path, own))
            except CannotSettle as open_question:
                raise CannotSync(
                    f"not synced, nothing was changed: {open_question}; git merge {upstream}, settle it, commit, then kb sync"
                ) from None
            goal, settled = merged.commit, merged.settled
        git.run(root, "update-ref", _GOING_TO, goal)
        git.run(root, "merge", "--ff-only", "--no-overwrite-ignore", "--quiet", goal, limit=NETWORK)
        git.run(root, "update-ref", "-d", _GOING_TO)
        return settled


_GOING_TO = "refs/kb/going-to"  # the commit that the work tree is on its way to


def _finish(root: Path) -> None:
    """After a kill amid the last step of a merge: files that Git had begun to write are whole again. Nothing else is touched."""
    goal, head, top = _commit_of(root, _GOING_TO), _head(root), git.work_tree(root) or root
    if not goal:
        return
    if head and head != goal and git_history.is_ancestor(root, head, goal):
        names = git.run(root, "diff", "--name-only", "-z", "--no-renames", "--diff-filter=AM", head, goal).split("\0")
        for name in filter(None, names):
            if _is_half(top, name, head, goal):
                git.run(top, "--literal-pathspecs", "checkout", "--quiet", goal, "--", name)
    git.run(root, "update-ref", "-d", _GOING_TO)


def _is_half(top: Path, name: str, head: str, goal: str) -> bool:
    """Whether the file is missing, or a beginning of what it was to become, and not what it was."""
    if (top / name).is_symlink() or (top / name).is_dir():
        return False
    wanted = git.run_raw(top, "cat-file", "blob", f"{goal}:{name}")
    try:
        was = git.run_raw(top, "cat-file", "blob", f"{head}:{name}")
    except git.GitFailed:
        was = None
    try:
        there = (top / name).read_bytes()
    except FileNotFoundError:
        return was is not None
    return there not in (wanted, was) and wanted.startswith(there)


def _is_in(path: str, folders: Sequence[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _stop_at_taken_back(root: Path, upstream: str, theirs: str) -> None:
    """Raises CannotSync when we still have what the other side had and took back: a push would bring it to everybody again."""
    ours = _head(root)
    here = git.run(root, "rev-list", ours, f"^{theirs}").split() if ours else []
    if not here:
        return
    try:
        known = git.run(root, "reflog", "show", "--format=%H", f"refs/remotes/{upstream}").split()
    except git.GitFailed:
        return
    once = [commit for commit in known if _commit_of(root, commit)]
    if not once:
        return
    gone = set(git.run(root, "rev-list", *dict.fromkeys(once), f"^{theirs}").split())
    if back := [commit for commit in here if commit in gone]:
        count = f"{len(back)} commits" if len(back) > 1 else "a commit"
        raise CannotSync(
            f"not synced, nothing was changed: the history of {upstream} was rewritten, and {count} that it had once "
            f"(the last is {back[0][:10]}) would come back. To let go of them: git rebase --onto {upstream} {back[0][:10]}; "
            f"to bring them back: git merge {upstream} && git push; then kb sync"
        )


def _pushed(root: Path, remote: str, branch: str, head: str, last: bool) -> bool:
    """Whether the push went through; False when somebody else was quicker. Raises GitFailed."""
    upstream = _upstream(root, remote, branch)
    try:
        # The very commit that was looked through, whatever was committed since.
        git.run(root, "push", "--quiet", remote, f"{head}:refs/heads/{upstream}", limit=NETWORK)
    except git.GitFailed as failed:
        signs = ("fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref", "incorrect old value")
        if last or not any(sign in failed.said for sign in signs):
            raise
        return False
    git.run(root, "branch", "--quiet", f"--set-upstream-to={remote}/{upstream}")
    return True
