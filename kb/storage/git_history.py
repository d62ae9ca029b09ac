"""What Git remembers: who changed which note, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .git import GitFailed, run, run_raw, work_tree


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
    asked = "".join(f"{one}\n" for one in ids)
    said = run_raw(folder, "cat-file", "--batch", given=asked.encode("utf-8", "surrogateescape"))
    found, at = {}, 0
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
class WorkTreeState:
    """Where a work tree stands: the commit, the branch (empty when it is detached) and the folder in it."""

    commit: str
    branch: str
    folder: str  # of the folder that was asked about, with a slash behind it; empty for the top
    cut: frozenset[str]  # the commits at which the history of a shallow clone ends: what they changed is not known


def work_tree_state(folder: Path) -> WorkTreeState | None:
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
    return WorkTreeState(commit, "" if branch == "HEAD" else branch, prefix, cut)


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
