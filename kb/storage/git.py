"""Git, by its own program: commits exactly the paths it is given, and leaves everything else as it was."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

TIME_LIMIT = 30  # seconds: a signing key can wait for its passphrase for ever
LOCK_PATIENCE = 2.0  # seconds to wait for another Git that holds index.lock


@dataclass(frozen=True)
class Commit:
    """What became of a commit. `trouble` is one line for the user; empty when there was nothing to do or it worked."""

    made: bool
    trouble: str = ""


class GitFailed(Exception):
    """Git ended with an error; the message is its last line that says something, `said` is all of it."""

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said


def work_tree(folder: Path) -> Path | None:
    """The Git work tree that `folder` is in, without asking Git."""
    return next((at for at in (folder, *folder.parents) if (at / ".git").exists()), None)


def init(folder: Path) -> None:
    """Make a repository in `folder`. Raises GitFailed."""
    run(folder, "init", "--quiet")


def commit(root: Path, paths: Sequence[Path], message: str, new: bool = False) -> Commit:
    """Commit the present state of these paths alone; what others staged stays staged. Never raises.

    `new` says that Git has not known these files before, so that a failed commit can take back its `git add`.
    """
    if work_tree(root) is None:
        return Commit(False)
    names = [os.path.relpath(path, root) for path in paths]
    unknown: list[str] = []
    try:
        if under_way := under_way_in(root):
            return Commit(False, f"a {under_way} is under way in Git: finish it (git status says how), then git commit")
        if new:  # `commit --only` refuses what it does not know
            unknown, gone = _unknown(root, names)
            names = [name for name in names if name not in gone]
        if unknown:
            _patiently(root, "add", "--", *unknown)
        _patiently(root, "commit", "--quiet", "--only", "--message", message, "--", *names)
    except GitFailed as failed:
        _unstage(root, unknown)
        if not new and "did not match any file" in failed.said:  # changed now, and never committed before
            return commit(root, paths, message, new=True)
        if "nothing to commit" in failed.said or "added to commit" in failed.said:  # the files are as the last commit has them
            return Commit(False)
        return Commit(False, str(failed))
    return Commit(True)


@dataclass(frozen=True)
class Added:
    """Lines that a commit added to a file, as one text; `line` is the number of the first, counted then."""

    commit: str
    path: str
    line: int
    text: str


def history(root: Path, folders: Sequence[str]) -> Iterator[Added]:
    """All that any commit of any branch ever added to these folders and files of `root`, the oldest first.

    Read in one pass, as a stream. Raises GitFailed.
    """
    command = _command(root, "log", "--all", "--reverse", "-p", "-m", "--unified=0", "--no-color", "--no-renames", "--no-ext-diff",
                       "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/", "--relative", "--format=%x00%h", "--", *folders)  # fmt: skip
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()
        )
    except OSError as error:
        raise GitFailed("git isn't installed" if isinstance(error, FileNotFoundError) else f"git: {error.strerror}") from None
    with process:
        assert process.stdout
        yield from _hunks(process.stdout)


def _hunks(lines: Iterable[bytes]) -> Iterator[Added]:
    commit = path = ""
    first, held = 0, list[str]()
    for raw in lines:
        line = raw.decode("utf-8", "replace")
        # Within a hunk every line begins with one of these; a note's line can't look like a header.
        if line.startswith("+") and first:
            held.append(line[1:])
            continue
        if line.startswith("-") and first:
            continue
        if held:
            yield Added(commit, path, first, "".join(held))
            held = []
        if line.startswith("@@"):
            first = int(line.partition("+")[2].split(" ")[0].split(",")[0]) or 1
            continue
        first = 0 if not line.startswith("\\") else first
        if line.startswith("\0"):
            commit = line[1:].strip()
        elif line.startswith("+++ "):
            path = line[4:].rstrip("\n\t").strip('"').removeprefix("b/")
    if held:
        yield Added(commit, path, first, "".join(held))


def staged(root: Path) -> Iterator[tuple[str, bytes]]:
    """The files below `root` that the next commit would change: path and bytes as they are staged. Raises GitFailed.

    Inside a hook that is the index that Git names there.
    """
    names = run(root, "diff", "--cached", "--name-only", "-z", "--diff-filter=ACMRT", "--relative", "--", ".", in_hook=True)
    for name in filter(None, names.split("\0")):
        shown = run(root, "show", f":./{name}", in_hook=True)
        yield name, shown.encode("utf-8", "surrogateescape")


def hook(root: Path, name: str) -> Path:
    """The file of a hook of this repository. Raises GitFailed."""
    return Path(os.path.abspath(root / run(root, "rev-parse", "--git-path", f"hooks/{name}").rstrip("\n")))


def prefix(root: Path) -> str:
    """Where this folder stands in its repository: `lab/`, or "" at the top. Raises GitFailed."""
    return run(root, "rev-parse", "--show-prefix").rstrip("\n")


def _unknown(root: Path, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Those of these files that Git has not known before: the ones that are there, and the ones that are gone again."""
    known = set(run(root, "ls-files", "-z", "--", *names).split("\0"))
    unknown = [name for name in names if name not in known]
    return [name for name in unknown if os.path.lexists(root / name)], [n for n in unknown if not os.path.lexists(root / n)]


def untracked(root: Path, paths: Sequence[Path]) -> list[Path]:
    """Those of these files that Git doesn't know and was not told to ignore; none when Git can't say."""
    names = {os.path.relpath(path, root): path for path in paths}
    try:
        said = run(root, "ls-files", "--others", "--exclude-standard", "-z", "--", *names)
    except GitFailed:
        return []
    return [names[name] for name in said.split("\0") if name in names]


def births(root: Path, paths: Sequence[str]) -> dict[str, float]:
    """When each of these files (relative to `root`) was first committed, in seconds: one pass. A file that never was is missing."""
    try:
        said = run(
            root, "log", "--diff-filter=A", "--relative", "--no-renames", "--format=%x01%at", "--name-only", "-z", "--", *paths
        )
    except GitFailed:
        return {}
    found: dict[str, float] = {}
    for commit in said.split("\x01")[1:]:  # the newest first, so that the oldest stays
        seconds, *names = commit.replace("\n", "").split("\0")
        found |= dict.fromkeys(filter(None, names), float(seconds))
    return found


def under_way_in(root: Path) -> str:
    """The operation that Git is in the middle of, if any."""
    git_dir = _git_dir(root)
    for name, what in (
        ("MERGE_HEAD", "merge"),
        ("rebase-merge", "rebase"),
        ("rebase-apply", "rebase"),
        ("CHERRY_PICK_HEAD", "cherry-pick"),
    ):
        if git_dir and (git_dir / name).exists():
            return what
    return ""


def _git_dir(root: Path) -> Path | None:
    tree = work_tree(root)
    if tree is None:
        return None
    dot_git = tree / ".git"
    if dot_git.is_file():  # a linked work tree or a submodule
        return tree / dot_git.read_text(errors="replace").removeprefix("gitdir:").strip()
    return dot_git


def _unstage(root: Path, paths: Sequence[str]) -> None:
    """Take back our `git add`: what Git knew before is as in the last commit again, the rest is unknown again."""
    with contextlib.suppress(GitFailed):
        run(root, "reset", "--quiet", "--", *paths)
        return
    for path in paths:  # before the first commit there is nothing to go back to
        with contextlib.suppress(GitFailed):
            run(root, "rm", "--cached", "--quiet", "--force", "--", path)


def _patiently(root: Path, *arguments: str) -> str:
    """Run Git, and again for a while when another Git holds the index. The lock itself is never touched."""
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            return run(root, *arguments)
        except GitFailed as failed:
            if "index.lock" not in str(failed) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _environment(in_hook: bool = False) -> dict[str, str]:
    """Ours, without what names a hook's repository: the knowledge base's is meant.

    Only kb's own hook keeps the index, which is another one for `git commit -a`. Git names it as seen from the folder
    that the hook runs in, the knowledge base may be below that.
    """
    dropped = ("GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_INDEX_FILE")
    kept = {key: value for key, value in os.environ.items() if key not in dropped}
    if in_hook and (index := os.environ.get("GIT_INDEX_FILE")):
        kept["GIT_INDEX_FILE"] = os.path.abspath(index)
    return kept | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _command(folder: Path, *arguments: str) -> list[str]:
    return ["git", "-c", "advice.addIgnoredFile=false", "-c", "core.quotePath=false", "-C", str(folder), *arguments]


def run(folder: Path, *arguments: str, in_hook: bool = False, limit: float = TIME_LIMIT) -> str:
    """What this command of Git prints. Raises GitFailed with one line that says why, and what to do where that is known."""
    try:
        done = subprocess.run(
            _command(folder, *arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit,
            env=_environment(in_hook),
            check=False,
        )
    except FileNotFoundError:
        raise GitFailed("git isn't installed") from None
    except subprocess.TimeoutExpired:
        raise GitFailed(f"git took over {limit:.0f} s (does signing wait for a passphrase?)") from None
    except OSError as error:
        raise GitFailed(f"git can't be run: {error.strerror}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace") + done.stdout.decode(errors="replace")
        raise GitFailed(_why(said), said)
    return done.stdout.decode("utf-8", "surrogateescape")


# What Git says, and what a person can do about it.
_ADVICE = (
    ("Please tell me who you are", "Git doesn't know who you are: git config --global user.name … and user.email …"),
    ("unable to auto-detect email address", "Git doesn't know who you are: git config --global user.name … and user.email …"),
    ("empty ident name", "Git doesn't know who you are: git config --global user.name … and user.email …"),
    ("index.lock", "another Git holds index.lock: when none is running, delete .git/index.lock"),
    ("cannot lock ref", "another Git holds a lock on the branch: when none is running, delete the .lock file in .git"),
    ("dubious ownership", "the repository belongs to somebody else: git config --global --add safe.directory …"),
    ("ignored by one of your .gitignore", "the file is ignored by .gitignore"),
    ("gpg failed to sign", "signing failed: git commit it by hand, or set commit.gpgsign to false"),
)


def _why(said: str) -> str:
    if lock := re.search(r"Unable to create '(.+/([^/']+\.lock))': File exists", said):
        return f"another Git holds {lock[2]}: when none is running, delete {lock[1]}"
    for sign, advice in _ADVICE:
        if sign in said:
            return advice
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("hint:")]
    if lines and lines[-1] == "and the repository exists.":  # Git's own guess; the reason stands before it
        return lines[0]
    return lines[-1] if lines else "git failed without a word (a hook?)"


def first_days(folder: Path) -> dict[str, str]:
    """The day on which each file below `folder` was first committed, by its path in the work tree: one pass of the history.

    A renamed file keeps its first day. Empty when `folder` is in no work tree, or when Git can't tell.
    """
    if work_tree(folder) is None:
        return {}
    try:
        said = run(folder, "log", "--format=%x01%as", "--name-status", "-z", "-M", "--diff-filter=AR", "--", ".")
    except GitFailed:  # no commit yet, or no Git here: then no file has a day
        return {}
    days: dict[str, str] = {}
    today: dict[str, str] = {}  # a file's earlier name → the name that it has now
    for commit in said.split("\x01")[1:]:  # the newest first, so that the oldest stays
        day, *fields = commit.replace("\n", "").split("\0")
        steps = iter(field for field in fields if field)
        for step in steps:
            path = next(steps, "")
            if step.startswith("R"):
                new = next(steps, "")
                today[path] = today.get(new, new)
            else:
                days[today.get(path, path)] = day
    return days


@dataclass(frozen=True)
class Touched:
    """A file that a commit changed: its names and contents (by Git's own id) before and after; empty where there was none."""

    old_path: str
    new_path: str
    old_blob: str
    new_blob: str


@dataclass(frozen=True)
class Revision:
    """A commit with the files that it changed."""

    commit: str
    seconds: int
    subject: str
    files: tuple[Touched, ...]


def revisions(folder: Path, patterns: Sequence[str], since: float | None = None) -> list[Revision]:
    """The commits that changed files of these patterns below `folder`, the newest first; paths relative to it. Raises GitFailed."""
    limit = [f"--since={int(since)}"] if since is not None else []
    said = run(
        folder, "log", "--raw", "-z", "--no-abbrev", "-M", "--relative", *limit, "--format=%x01%H %ct %s", "--", *patterns
    )
    found = []
    for chunk in said.split("\x01")[1:]:
        header, _, rest = chunk.partition("\0")
        commit, seconds, subject = header.split(" ", 2)
        found.append(Revision(commit, int(seconds), subject.strip(), tuple(_touched(rest.lstrip("\n\0").split("\0")))))
    return found


def _touched(words: Sequence[str]) -> Iterator[Touched]:
    at = 0
    while at < len(words) and words[at].lstrip("\n").startswith(":"):
        _, _, old, new, how = words[at].lstrip("\n").split(" ")
        paths = words[at + 1 : at + (3 if how[0] in "RC" else 2)]
        at += len(paths) + 1
        gone, made = not old.strip("0") or how[0] == "C", not new.strip("0")
        yield Touched("" if gone else paths[0], "" if made else paths[-1], "" if gone else old, "" if made else new)


def blobs(folder: Path, ids: Sequence[str], most: int = 1 << 20) -> dict[str, str]:
    """The texts of these contents, by Git's id or by `COMMIT:./PATH`, read by one Git. Raises GitFailed.

    What isn't there, and what is larger than `most` bytes, is left out.
    """
    if not ids:
        return {}
    try:
        done = subprocess.run(
            _command(folder, "cat-file", "--batch"),
            input="".join(f"{one}\n" for one in ids).encode("utf-8", "surrogateescape"),
            capture_output=True,
            timeout=TIME_LIMIT,
            env=_environment(),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitFailed(f"git can't be read: {error}") from None
    found, at, said = {}, 0, done.stdout
    for one in ids:  # the answers come in the order of the questions
        end = said.find(b"\n", at)
        if end < 0:
            break
        words = said[at:end].split(b" ")
        at = end + 1
        if len(words) != 3 or not words[2].isdigit():  # `<id> missing`, as in a shallow clone
            continue
        size = int(words[2])
        if words[1] == b"blob" and size <= most:
            found[one] = said[at : at + size].decode("utf-8-sig", "replace")
        at += size + 1
    return found


def tracked(folder: Path, patterns: Sequence[str]) -> list[str]:
    """The files below `folder` that Git knows, of these patterns, relative to it. Raises GitFailed."""
    return [path for path in run(folder, "ls-files", "-z", "--", *patterns).split("\0") if path]


@dataclass(frozen=True)
class Place:
    """Where a work tree stands: the commit, the branch (empty when it is detached) and the folder in it."""

    commit: str
    branch: str
    folder: str  # of the folder that was asked about, with a slash behind it; empty for the top
    cut: frozenset[str]  # the commits at which the history of a shallow clone ends: what they changed is not known


def place(folder: Path) -> Place | None:
    """Where the work tree around `folder` stands; None when there is none, no commit yet, or no Git."""
    if work_tree(folder) is None:
        return None
    try:
        said = run(folder, "rev-parse", "HEAD", "--abbrev-ref", "HEAD", "--show-prefix", "--git-path", "shallow").split("\n")
        commit, branch, prefix, shallow = said[0], said[1], said[2], said[3]
    except (GitFailed, IndexError):
        return None
    try:
        cut = frozenset((folder / shallow).read_text("ascii", "replace").split())
    except OSError:
        cut = frozenset()
    return Place(commit, "" if branch == "HEAD" else branch, prefix, cut)


def last_days(folder: Path, folders: Sequence[str], cut: frozenset[str], after: str = "") -> dict[str, str]:
    """The day of the last commit of each file in `folders` below `folder`, in one pass of the history; later ones than `after`.

    Commits in `cut` say nothing. Raises GitFailed.
    """
    reach = f"{after}..HEAD" if after else "HEAD"
    said = run(
        folder,
        "log",
        "--format=%x01%H %cs",
        "--name-only",
        "-z",
        "--no-renames",
        "--relative",
        reach,
        "--",
        *folders,
        limit=120,
    )
    days: dict[str, str] = {}
    for chunk in said.split("\x01")[1:]:
        header, _, names = chunk.partition("\0")
        commit, _, day = header.strip().partition(" ")
        for name in names.lstrip("\n").split("\0") if commit not in cut else ():
            if name and day > days.get(name, ""):
                days[name] = day
    return days


def is_ancestor(folder: Path, old: str, new: str) -> bool:
    """Whether the history of the commit `new` goes on from `old`."""
    try:
        run(folder, "merge-base", "--is-ancestor", old, new)
    except GitFailed:
        return False
    return True
