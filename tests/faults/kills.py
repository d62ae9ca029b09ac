"""Killed, or refused by the disk, at every write-type system call of every writing command, and at random moments."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from commands import KB, World

from . import Tally
from .worlds import state, world

STRACE = shutil.which("strace")
CALLS = (
    "write,pwrite64,writev,fsync,fdatasync,link,linkat,rename,renameat,renameat2,unlink,unlinkat,"
    "mkdir,mkdirat,chmod,fchmod,fchmodat,ftruncate,utimensat,symlink"
)
ERRORS = ("ENOSPC", "EIO", "EROFS")
LOG = "nginx | connect() failed (113: No route to host) while connecting to upstream\n"
EDITOR = "sed -i -e 's/^title:.*/title: Typed in an editor/'"


@dataclass(frozen=True)
class Writing:
    """A command that writes: its arguments, what it is fed, its environment, and how its answer may end."""

    arguments: Sequence[str]
    stdin: str = ""
    env: dict[str, str] = field(default_factory=dict)
    draft: bool = False  # something was typed that must survive

    @property
    def name(self) -> str:
        return " ".join(self.arguments[:3])


WRITERS = (
    Writing(["incident", "new", "No DNS", "--error", LOG, "--fix", "a cable", "--no-edit"]),
    Writing(["incident", "new", "--edit", "Typed"], env={"EDITOR": EDITOR}, draft=True),
    Writing(["incident", "new", "Piped", "--no-edit"], stdin=LOG * 3),
    Writing(["decision", "new", "Use restic", "--no-edit"]),
    Writing(["service", "new", "jellyfin", "--no-edit"]),
    Writing(["change", "new", "A new cable", "--no-edit"]),
    Writing(["edit", "incidents/2026-11-20-first", "--set", "status=resolved", "--set", "tags=a,b"]),
    Writing(["edit", "incidents/2026-11-20-first"], env={"EDITOR": EDITOR}, draft=True),
    Writing(["incident", "log", "still broken", "--to", "first"]),
    Writing(["incident", "resolve", "first", "--fix", "a cable"]),
    Writing(["fixed", "a cable"]),
    Writing(["seen", "no route to host"]),
    Writing(["list"]),
)


def _prepare(at: World) -> None:
    assert at.kb("incident", "new", "First", "--date", "2026-11-20", "--error", LOG, "--no-edit").status == 0
    assert at.kb("incident", "new", "Second", "--date", "2026-11-19", "--no-edit").status == 0
    assert at.kb("seen", "dial tcp 10.0.0.1:443: i/o timeout").status in (0, 1)


def _notes(at: World) -> dict[str, bytes]:
    return {name: data for name, data in state(at.folder / "entries").items() if name.endswith(".md")}


@contextlib.contextmanager
def _prepared() -> Iterator[tuple[World, Path]]:
    """A world with a few notes, and a copy of it to begin each trial from: at one path, since drafts go by the path."""
    with world() as at:
        _prepare(at)
        master = at.home.with_name(f"{at.home.name}-master")
        shutil.copytree(at.home, master, symlinks=True)
        try:
            yield at, master
        finally:
            shutil.rmtree(master, ignore_errors=True)


def _fresh(at: World, master: Path) -> None:
    """The world as it was prepared."""
    for _ in range(50):
        shutil.rmtree(at.home, ignore_errors=True)
        if not at.home.exists():
            break
        time.sleep(0.02)  # a Git that outlived its kb writes here still
    shutil.copytree(master, at.home, symlinks=True)


def _run(at: World, writing: Writing, before: Sequence[str] = ()) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*before, *KB, *writing.arguments],
        cwd=at.folder,
        env=at.environment(writing.env),
        input=writing.stdin.encode() if writing.stdin else None,
        stdin=None if writing.stdin else subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        timeout=60,
        check=False,
    )


def _losses(at: World, done: subprocess.CompletedProcess[bytes], old: dict[str, bytes], new: dict[str, bytes]) -> Iterator[str]:
    """What was lost: a note that is neither as before nor as after, an acknowledged one that is missing."""
    now = _notes(at)
    for name in old.keys() | now.keys():
        if now.get(name) not in (old.get(name), new.get(name)) and not (name in now and name not in old and name in new):
            yield f"{name} is torn or gone: {now.get(name, b'gone')[:80]!r}"
        elif name in now and name not in old and not _is_whole(now[name], new.get(name)):
            yield f"{name} is torn: {now[name][:80]!r}"
    for line in done.stdout.decode().splitlines():
        if line.endswith(".md") and Path(line).is_absolute() and not Path(line).is_file():
            yield f"{line} was acknowledged and isn't there"


def _is_whole(data: bytes, wanted: bytes | None) -> bool:
    return data == wanted


def _works(at: World) -> list[str]:
    """Whether the next commands work: reading, and writing another note."""
    code = "from kb.cli import run; print(run(['list']), run(['change', 'new', 'After it', '--no-edit', '--no-commit']))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=at.folder, env=at.environment(), capture_output=True, text=True, check=False
    )
    return [] if done.stdout.endswith("\n0 0\n") else [f"then the next commands fail: {done.stdout[-99:]} {done.stderr[-200:]}"]


def _finished(at: World, master: Path, writing: Writing) -> dict[str, bytes]:
    _fresh(at, master)
    done = _run(at, writing)
    assert done.returncode in (0, 1), (writing.name, done.stderr)
    return _notes(at)


def _calls(at: World, master: Path, writing: Writing) -> list[tuple[str, int]]:
    """Every write-type call that the command makes when nothing fails, as (its name, the how-manieth of that name)."""
    _fresh(at, master)
    trace = at.home / "trace"
    _run(at, writing, [STRACE or "strace", "-qq", "-o", str(trace), "-e", f"trace={CALLS}"])
    names = re.findall(r"^(\w+)\(", trace.read_text("utf-8", "replace"), re.MULTILINE)
    return [(name, names[: place + 1].count(name)) for place, name in enumerate(names)]


def at_every_call(writers: Sequence[Writing] = WRITERS, errors: Sequence[str] = ("KILL", *ERRORS)) -> Iterator[Tally]:
    """Each writer, with each of its write-type calls in turn killed (`KILL`) or failing with an error."""
    with _prepared() as (at, master):
        old = _notes(at)
        finished = [(writing, _finished(at, master, writing)) for writing in writers]
        for error in errors:
            killed = error == "KILL"
            tally = Tally(3, f"{'kill -9' if killed else error} at every write-type call of {len(writers)} commands")
            for writing, new in finished:
                for call, number in _calls(at, master, writing):
                    _fresh(at, master)
                    fault = "signal=KILL" if killed else f"error={error}"
                    done = _run(at, writing, [STRACE or "strace", "-qq", "-o", str(at.home / "trace"), "-e", f"trace={CALLS}",
                                              "-e", f"inject={call}:{fault}:when={number}"])  # fmt: skip
                    if "INJECTED" not in (at.home / "trace").read_text("utf-8", "replace") and (
                        not killed or done.returncode >= 0
                    ):
                        continue  # it went another way this time
                    lost = [*_losses(at, done, old, new), *([] if killed else _manners(at, writing, done)), *_works(at)]
                    tally.count(f"{writing.name}, {call} {number}: {loss}" for loss in lost)
            yield tally


def _manners(at: World, writing: Writing, done: subprocess.CompletedProcess[bytes]) -> list[str]:
    """How a command ends when the disk fails it: in a line, with a status that says so, and the draft kept."""
    said = done.stderr.decode()
    if done.returncode not in (0, 1, 3, 4) or "Traceback" in said or "fault of kb" in said:
        return [f"exit {done.returncode}: {said[-300:]}"]
    if len([line for line in said.splitlines() if line.startswith("kb: ")]) > 1:
        return [f"more than one line: {said}"]
    if done.returncode == 4 and writing.draft and not _typed_is_kept(at):
        return [f"what was typed is gone: {said}"]
    return []


def _typed_is_kept(at: World) -> bool:
    """Whether what the editor wrote is still somewhere: in the note, or in a draft. (Before it ran there is nothing yet.)"""
    everything = {**state(at.home / ".local"), **state(at.folder / "entries")}
    typed = any(b"Typed in an editor" in data for data in everything.values())
    return typed or not any("drafts/" in name and data for name, data in everything.items())


def at_random_moments(count: int, seed: int = 4) -> Iterator[Tally]:
    """`count` runs of the writers, with all their processes killed at some moment."""
    chance = random.Random(seed)
    tally = Tally(3, "kill -9 of all its processes at a random moment")
    with _prepared() as (at, master):
        old = _notes(at)
        finished = [(writing, _finished(at, master, writing)) for writing in WRITERS]
        for _ in range(count):
            writing, new = chance.choice(finished)
            _fresh(at, master)
            process = subprocess.Popen(
                [*KB, *writing.arguments], cwd=at.folder, env=at.environment(writing.env), start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
            assert process.stdin
            with contextlib.suppress(OSError):
                process.stdin.write(writing.stdin.encode())
                process.stdin.close()
            time.sleep(chance.uniform(0.03, 0.35))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            assert process.stdout
            out = process.stdout.read()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()
            done = subprocess.CompletedProcess(writing.arguments, process.returncode, out, b"")
            tally.count(f"{writing.name}: {loss}" for loss in [*_losses(at, done, old, new), *_works(at)])
    yield tally
