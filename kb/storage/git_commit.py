"""Commits of what kb wrote, and of nothing else."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .git import GitFailed, git_folder, run, under_way_in, work_tree

QUEUE_PATIENCE = 60.0  # seconds to wait for the commits of other kb's
LOCK_PATIENCE = 2.0  # seconds to wait for another Git that holds index.lock


@dataclass(frozen=True)
class Commit:
    """What became of a commit. `trouble` is one line for the user; empty when there was nothing to do or it worked."""

    made: bool
    trouble: str = ""


def commit(root: Path, paths: Sequence[Path], message: str, new: bool = False) -> Commit:
    """Commit the present state of these paths alone; what others staged stays staged. Never raises.

    `new` says that Git has not known these files before, so that a failed commit can take back its `git add`.
    """
    if work_tree(root) is None:
        return Commit(False)
    with only_kb(root):
        return _commit(root, paths, message, new)


@contextlib.contextmanager
def only_kb(root: Path) -> Iterator[None]:
    """Wait until no other kb changes this repository: what one stages, another's failed commit would take back.

    Git's own locks are still respected. One process may enter twice.
    """
    import fcntl

    folder = git_folder(root)
    if folder is None or folder in _locked:
        yield
        return
    try:
        descriptor = os.open(folder / "kb-queue", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except OSError:  # a read-only repository: Git says so itself
        yield
        return
    _locked.add(folder)
    try:
        deadline = time.monotonic() + QUEUE_PATIENCE
        while time.monotonic() < deadline:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.02)
            except OSError:  # a file system without locks
                break
        yield
    finally:
        _locked.discard(folder)
        os.close(descriptor)


_locked: set[Path] = set()


def _commit(root: Path, paths: Sequence[Path], message: str, new: bool) -> Commit:
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
            return _commit(root, paths, message, new=True)
        if "nothing to commit" in failed.said or "added to commit" in failed.said:  # the files are as the last commit has them
            return Commit(False)
        return Commit(False, str(failed))
    return Commit(True)


def staged(root: Path) -> Iterator[tuple[str, bytes]]:
    """The files below `root` that the next commit would change: path and bytes as they are staged. Raises GitFailed.

    Inside a hook that is the index that Git names there.
    """
    names = run(root, "diff", "--cached", "--name-only", "-z", "--diff-filter=ACMRT", "--relative", "--", ".", in_hook=True)
    for name in filter(None, names.split("\0")):
        shown = run(root, "show", f":./{name}", in_hook=True)
        yield name, shown.encode("utf-8", "surrogateescape")


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
