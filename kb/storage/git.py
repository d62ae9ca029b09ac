"""Git, by its own program: commits exactly the paths it is given, and leaves everything else as it was."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..exceptions import KbError

TIME_LIMIT = 30  # seconds: a signing key can wait for its passphrase for ever


class GitFailed(KbError):
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
    folder = git_folder(root)
    for name, what in (
        ("MERGE_HEAD", "merge"),
        ("rebase-merge", "rebase"),
        ("rebase-apply", "rebase"),
        ("CHERRY_PICK_HEAD", "cherry-pick"),
    ):
        if folder and (folder / name).exists():
            return what
    return ""


def git_folder(root: Path) -> Path | None:
    """Where Git keeps the repository around `root`: `.git`, or where that file leads; None outside of one."""
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


def run(
    folder: Path,
    *arguments: str,
    in_hook: bool = False,
    limit: float = TIME_LIMIT,
    given: bytes = b"",
    index: Path | None = None,
    fine: tuple[int, ...] = (0,),
) -> str:
    """What this command of Git prints, `given` on its stdin, with `index` in the place of the repository's.

    Raises GitFailed when it ends otherwise than `fine`, with one line that says why, and what to do where that is known.
    """
    said = run_raw(folder, *arguments, in_hook=in_hook, limit=limit, given=given, index=index, fine=fine)
    return said.decode("utf-8", "surrogateescape")


def run_raw(
    folder: Path,
    *arguments: str,
    in_hook: bool = False,
    limit: float = TIME_LIMIT,
    given: bytes = b"",
    index: Path | None = None,
    fine: tuple[int, ...] = (0,),
) -> bytes:
    """As `run`, the bytes."""
    try:
        done = subprocess.run(
            git_command(folder, *arguments),
            input=given,
            capture_output=True,
            timeout=limit,
            env=git_environment(in_hook) | ({"GIT_INDEX_FILE": str(index)} if index else {}),
            check=False,
        )
    except FileNotFoundError:
        raise GitFailed("git isn't installed") from None
    except subprocess.TimeoutExpired:
        raise GitFailed(f"git took over {limit:.0f} s (does signing wait for a passphrase?)") from None
    except OSError as error:
        raise GitFailed(f"git can't be run: {error.strerror}") from None
    if done.returncode not in fine:
        said = done.stderr.decode(errors="replace") + done.stdout.decode(errors="replace")
        raise GitFailed(_why(said), said)
    return done.stdout


# What Git says, and what a person can do about it.
_ADVICE = (
    ("Please tell me who you are", "Git doesn't know who you are: git config --global user.name … and user.email …"),
    ("unable to auto-detect email address", "Git doesn't know who you are: git config --global user.name … and user.email …"),
    ("empty ident name", "Git doesn't know who you are: git config --global user.name … and user.email …"),
    ("index.lock", "another Git holds index.lock: when none is running, delete .git/index.lock"),
    ("cannot lock ref", "another Git holds a lock on the branch: when none is running, delete the .lock file in .git"),
    ("dubious ownership", "the repository belongs to somebody else: git config --global --add safe.directory …"),
    ("ignored by one of your .gitignore", "the file is ignored by .gitignore"),
    (
        "would be overwritten by merge",
        "files that Git does not keep are in the way: git status names them; commit them or move them away",
    ),
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


def contents(folder: Path, ids: Sequence[str]) -> Iterator[bytes]:
    """The bytes of these contents, each in its turn, read by one Git. Raises GitFailed when one isn't there."""
    said = run_raw(folder, "cat-file", "--batch", given="".join(f"{one}\n" for one in ids).encode(), limit=120)
    at = 0
    for one in ids:
        end = said.find(b"\n", at)
        words = said[at : max(end, at)].split(b" ")
        if len(words) != 3:
            raise GitFailed(f"{one} can't be read")
        yield said[end + 1 : end + 1 + int(words[2])]
        at = end + int(words[2]) + 2


def cut_off(folder: Path) -> str:
    """Where the history of a shallow clone ends: its commits, in short; empty for a whole one. Raises GitFailed."""
    if run(folder, "rev-parse", "--is-shallow-repository").strip() != "true":
        return ""
    file = folder / run(folder, "rev-parse", "--git-path", "shallow").strip()
    try:
        return ", ".join(commit[:10] for commit in file.read_text("ascii", "replace").split())
    except OSError:
        return "an unknown commit"


def submodules(folder: Path) -> list[str]:
    """The folders that are repositories of their own. Raises GitFailed."""
    rows = run(folder, "ls-files", "-s", "-z").split("\0")
    return [row.partition("\t")[2] for row in rows if row.startswith("160000 ")]


def setting(folder: Path, name: str) -> str:
    """A setting of Git's; empty when there is none."""
    try:
        return run(folder, "config", "--default", "", name).strip()
    except GitFailed:
        return ""


def is_set(folder: Path, name: str) -> bool:
    """Whether a setting of Git's is true."""
    try:
        return run(folder, "config", "--type=bool", "--default", "false", name).strip() == "true"
    except GitFailed:
        return False
