"""Git, by its own program: commits exactly the paths it is given, and leaves everything else as it was."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Sequence
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
    """Git ended with an error; the message is its last line that says something."""


def work_tree(folder: Path) -> Path | None:
    """The Git work tree that `folder` is in, without asking Git."""
    return next((at for at in (folder, *folder.parents) if (at / ".git").exists()), None)


def init(folder: Path) -> None:
    """Make a repository in `folder`. Raises GitFailed."""
    _git(folder, "init", "--quiet")


def commit(root: Path, paths: Sequence[Path], message: str, new: bool = False) -> Commit:
    """Commit the present state of these paths alone; what others staged stays staged. Never raises.

    `new` says that Git has not known these files before, so that a failed commit can take back its `git add`.
    """
    if work_tree(root) is None:
        return Commit(False)
    names = [os.path.relpath(path, root) for path in paths]
    try:
        if under_way := _under_way(root):
            return Commit(False, f"a {under_way} is under way in Git: finish it (git status says how), then git commit")
        if new:  # `commit --only` refuses what it does not know
            _patiently(root, "add", "--", *names)
        _patiently(root, "commit", "--quiet", "--only", "--message", message, "--", *names)
    except GitFailed as failed:
        if new:
            _unstage(root, names)
        return Commit(False, str(failed))
    return Commit(True)


def _under_way(root: Path) -> str:
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
        _git(root, "reset", "--quiet", "--", *paths)
        return
    for path in paths:  # before the first commit there is nothing to go back to
        with contextlib.suppress(GitFailed):
            _git(root, "rm", "--cached", "--quiet", "--force", "--", path)


def _patiently(root: Path, *arguments: str) -> str:
    """Run Git, and again for a while when another Git holds the index. The lock itself is never touched."""
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            return _git(root, *arguments)
        except GitFailed as failed:
            if "index.lock" not in str(failed) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _git(folder: Path, *arguments: str) -> str:
    """What Git prints. Raises GitFailed with one line that says why, and what to do where that is known."""
    # Inside a hook these name the hook's repository, not the knowledge base's.
    environment = {key: value for key, value in os.environ.items() if key not in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "-c", "advice.addIgnoredFile=false", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIME_LIMIT,
            env=environment,
            check=False,
        )
    except FileNotFoundError:
        raise GitFailed("git isn't installed") from None
    except subprocess.TimeoutExpired:
        raise GitFailed(f"git took over {TIME_LIMIT} s (does signing wait for a passphrase?)") from None
    except OSError as error:
        raise GitFailed(f"git can't be run: {error.strerror}") from None
    if done.returncode:
        raise GitFailed(_why(done.stderr.decode(errors="replace") + done.stdout.decode(errors="replace")))
    return done.stdout.decode("utf-8", "surrogateescape")


# What Git says, and what a person can do about it.
_ADVICE = (
    ("Please tell me who you are", "Git doesn't know who you are: git config --global user.name … and user.email …"),
    ("unable to auto-detect email address", "Git doesn't know who you are: git config --global user.name … and user.email …"),
    ("empty ident name", "Git doesn't know who you are: git config --global user.name … and user.email …"),
    ("index.lock", "another Git holds index.lock: when none is running, delete .git/index.lock"),
    ("dubious ownership", "the repository belongs to somebody else: git config --global --add safe.directory …"),
    ("ignored by one of your .gitignore", "the file is ignored by .gitignore"),
    ("gpg failed to sign", "signing failed: git commit it by hand, or set commit.gpgsign to false"),
)


def _why(said: str) -> str:
    for sign, advice in _ADVICE:
        if sign in said:
            return advice
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("hint:")]
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
