"""Git in every state that a note meets: the note is on the disk, nothing foreign is committed, and one line says what to do."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator

from commands import World

from . import Tally
from .worlds import world


def _hook(at: World, text: str) -> None:
    path = at.folder / ".git/hooks/pre-commit"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def _fork(at: World) -> None:
    """Two branches that changed one line each, so that bringing them together stops."""
    for branch, word in (("other", "b"), ("-", "c")):
        at.git("switch", "-q", *(["-c", branch] if branch == "other" else [branch]))
        (at.folder / "readme").write_text(word)
        at.git("add", "readme")
        at.git("commit", "-qm", word)


def _stops(at: World, *arguments: str) -> None:
    _fork(at)
    subprocess.run(["git", *arguments], cwd=at.folder, env=at.environment(), capture_output=True, check=False)


def _staged(at: World) -> None:
    (at.folder / "theirs").write_text("x")
    (at.folder / "readme").write_text("changed")
    at.git("add", "theirs", "readme")
    (at.folder / "readme").write_text("changed again")


def _no_identity(at: World) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        at.env |= {f"GIT_{who}_NAME": "", f"GIT_{who}_EMAIL": ""}
    at.git("config", "user.useConfigOnly", "true")


def _no_git(at: World) -> None:
    at.env["PATH"] = "/nowhere"


def _no_repository(at: World) -> None:
    subprocess.run(["rm", "-rf", str(at.folder / ".git")], check=True)


def _no_commit(at: World) -> None:
    _no_repository(at)
    at.git("init", "-q")


# state → how to bring it about, the exit status of `new`, and what its one line must say.
STATES: dict[str, tuple[Callable[[World], object], int, str]] = {
    "no repository": (_no_repository, 0, ""),
    "Git isn't installed": (_no_git, 3, "git isn't installed"),
    "detached HEAD": (lambda at: at.git("checkout", "-q", "--detach"), 0, ""),
    "a merge under way": (lambda at: _stops(at, "merge", "other"), 3, "a merge is under way"),
    "a rebase under way": (lambda at: _stops(at, "rebase", "other"), 3, "a rebase is under way"),
    "a cherry-pick under way": (lambda at: _stops(at, "cherry-pick", "other"), 3, "a cherry-pick is under way"),
    "staged files of others": (_staged, 0, ""),
    "a hook that fails": (lambda at: _hook(at, "echo 'not today' >&2; exit 1"), 3, "not today"),
    "a hook without a word": (lambda at: _hook(at, "exit 1"), 3, "a hook?"),
    "index.lock": (lambda at: (at.folder / ".git/index.lock").touch(), 3, "another Git holds index.lock"),
    "HEAD.lock": (lambda at: (at.folder / ".git/HEAD.lock").touch(), 3, "HEAD.lock"),
    "no identity": (_no_identity, 3, "git config --global user.name"),
    "entries ignored": (lambda at: (at.folder / ".gitignore").write_text("entries\n"), 3, ".gitignore"),
    "a read-only repository": (lambda at: (at.folder / ".git/objects").rename(at.folder / ".git/objects-gone"), 3, ""),
    "a broken index": (lambda at: (at.folder / ".git/index").write_bytes(b"x" * 99), 3, ""),
    "no commit yet": (_no_commit, 0, ""),
}  # fmt: skip


def _foreign(at: World) -> str:
    """What the last commit holds besides notes; and the locks."""
    try:
        held = at.git("show", "--name-only", "--format=", "HEAD").split()
    except (subprocess.CalledProcessError, OSError):
        return ""
    return " ".join(
        name for name in held if not name.startswith("entries/") and name not in ("readme", "mkdocs.yml", ".gitignore")
    )


def states(names: Iterable[str] = STATES) -> Iterator[Tally]:
    """A note made, and a note changed, in each state."""
    tally = Tally(10, "states of Git × a new note and a changed one")
    for name in names:
        bring_about, status, said = STATES[name]
        with world() as at:
            (at.folder / "readme").write_text("a")
            at.git("add", "readme")
            at.git("commit", "-qm", "readme")
            old = at.kb("incident", "new", "Old", "--no-edit").paths[0]
            bring_about(at)
            before = {path: path.read_bytes() for path in (at.folder / ".git").glob("*.lock")}
            staged = _porcelain(at)
            commands = (["incident", "new", "New one", "--no-edit"], ["edit", str(old.stem), "--set", "layer=dns"])
            for command in commands:
                done = at.kb(*command)
                path = done.paths[0] if done.paths else None
                expected = (status,) if command[0] == "incident" or name != "entries ignored" else (0, 3)
                lost = []
                if not path or not path.is_file() or "Traceback" in done.err:
                    lost.append(f"no note: {done.err}")
                elif done.status not in expected or len(done.err.splitlines()) > 1 or (done.status and said not in done.err):
                    lost.append(f"exit {done.status}: {done.err}")
                elif {path: path.read_bytes() for path in (at.folder / ".git").glob("*.lock")} != before:
                    lost.append("a lock is gone")
                elif _foreign(at):
                    lost.append(f"foreign files are committed: {_foreign(at)}")
                elif _porcelain(at) != staged:
                    lost.append(f"what others staged is otherwise: {staged!r} → {_porcelain(at)!r}")
                tally.count(f"{name}, {command[0]}: {loss}" for loss in lost)
    yield tally


def _porcelain(at: World) -> list[str]:
    """The state of all files but notes, as Git tells it."""
    try:
        lines = at.git("status", "--porcelain").splitlines()
    except (subprocess.CalledProcessError, OSError):
        return []
    return [line for line in lines if "entries/" not in line]
