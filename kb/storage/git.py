"""Git, by its own program: commits exactly the paths it is given, and leaves everything else as it was."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

TIME_LIMIT = 30  # seconds: a signing key can wait for its passphrase for ever


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


def hook(root: Path, name: str) -> Path:
    """The file of a hook of this repository. Raises GitFailed."""
    return Path(os.path.abspath(root / run(root, "rev-parse", "--git-path", f"hooks/{name}").rstrip("\n")))


def prefix(root: Path) -> str:
    """Where this folder stands in its repository: `lab/`, or "" at the top. Raises GitFailed."""
    return run(root, "rev-parse", "--show-prefix").rstrip("\n")


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


def git_environment(in_hook: bool = False) -> dict[str, str]:
    """Ours, without what names a hook's repository: the knowledge base's is meant.

    Only kb's own hook keeps the index, which is another one for `git commit -a`. Git names it as seen from the folder
    that the hook runs in, the knowledge base may be below that.
    """
    dropped = ("GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_INDEX_FILE")
    kept = {key: value for key, value in os.environ.items() if key not in dropped}
    if in_hook and (index := os.environ.get("GIT_INDEX_FILE")):
        kept["GIT_INDEX_FILE"] = os.path.abspath(index)
    return kept | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def git_command(folder: Path, *arguments: str) -> list[str]:
    """The command line that runs Git in `folder`, the same whatever the user has configured."""
    return ["git", "-c", "advice.addIgnoredFile=false", "-c", "core.quotePath=false", "-C", str(folder), *arguments]


def run(folder: Path, *arguments: str, in_hook: bool = False, limit: float = TIME_LIMIT) -> str:
    """What this command of Git prints. Raises GitFailed with one line that says why, and what to do where that is known."""
    return run_raw(folder, *arguments, in_hook=in_hook, limit=limit).decode("utf-8", "surrogateescape")


def run_raw(folder: Path, *arguments: str, in_hook: bool = False, limit: float = TIME_LIMIT, given: bytes = b"") -> bytes:
    """As `run`, the bytes; `given` is what Git reads on its stdin."""
    try:
        done = subprocess.run(
            git_command(folder, *arguments),
            input=given,
            capture_output=True,
            timeout=limit,
            env=git_environment(in_hook),
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
    return done.stdout


@contextmanager
def streamed(folder: Path, *arguments: str) -> Iterator[IO[bytes]]:
    """What this command of Git prints, line by line while it runs. Raises GitFailed when it can't be started."""
    try:
        process = subprocess.Popen(
            git_command(folder, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=git_environment(),
        )
    except OSError as error:
        raise GitFailed("git isn't installed" if isinstance(error, FileNotFoundError) else f"git: {error.strerror}") from None
    with process:
        assert process.stdout
        yield process.stdout


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
