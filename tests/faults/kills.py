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
    again: bool = False  # run again after a fault, it finishes what it began
    first: Sequence[str] = ()  # its first step, whole in itself, as a command

    @property
    def name(self) -> str:
        """What is typed, as long as it tells it from the others."""
        return " ".join(self.arguments[:4])


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
    Writing(["again", "first", "--failed", "--fix", "another cable"]),
    Writing(["decision", "accept", "use-zfs"]),
    Writing(["decision", "reject", "use-zfs"]),
    Writing(["decision", "deprecate", "2"]),
    Writing(["decision", "supersede", "2", "--by", "3"]),
    Writing(["decision", "link", "0001-use-zfs", "Clarifies", "2", "Clarified by"]),
    Writing(
        ["decision", "new", "Use borg", "--supersedes", "2", "--no-edit"], first=["decision", "new", "Use borg", "--no-edit"]
    ),
    Writing(["decision", "renumber", "3", "--to", "9"]),
    Writing(["check", "--fix"], again=True),
    Writing(["service", "import", "../compose"], again=True),
    Writing(["service", "rename", "postgres", "database"], again=True),
    Writing(["service", "retire", "pihole"]),
    Writing(["service", "beat", "postgres", "--backup"], again=True),
    Writing(["experiment", "new", "Pull a disk", "--no-edit"]),
    Writing(["experiment", "done", "drill", "--outcome", "held", "--lesson", "Label the disks."], again=True),
    Writing(["import", "adr", "../adr"], again=True),
    Writing(["init", "../other", "--templates"], again=True),
    Writing(["sync"]),
)
OTHERS_DECISION = (
    "---\ntitle: Use {0}\nstatus: {1}\ndate: 2026-11-0{2}\n---\n## Context and Problem Statement\nSee [[postgres]].\n"
)


def _prepare(at: World) -> None:
    assert at.kb("incident", "new", "First", "--date", "2026-11-20", "--error", LOG, "--no-edit").status == 0
    assert at.kb("incident", "new", "Second", "--date", "2026-11-19", "--no-edit").status == 0
    assert at.kb("seen", "dial tcp 10.0.0.1:443: i/o timeout").status in (0, 1)
    _prepare_records(at)
    at.home.joinpath("compose").mkdir()
    services = "".join(f"  {name}:\n    image: {name}:1\n    depends_on: [db]\n" for name in ("web", "worker"))
    at.home.joinpath("compose/compose.yaml").write_text(f"services:\n{services}  db:\n    image: postgres:16\n")
    at.home.joinpath("adr").mkdir()
    for number, title in enumerate(("Record decisions", "Use Podman", "Use Caddy"), 1):
        text = f"# {number}. {title}\n\nDate: 2024-01-0{number}\n\n## Status\n\nAccepted\n\n## Context\n\nSo it is.\n"
        at.home.joinpath(f"adr/000{number}-{title.lower().replace(' ', '-')}.md").write_text(text)
    _prepare_another_machine(at)


def _prepare_records(at: World) -> None:
    """Decisions, two of them with one number; services that mean each other; a drill that is under way."""
    entries = at.folder / "entries"
    for number, (name, status) in enumerate((("zfs", "proposed"), ("restic", "accepted"), ("kopia", "accepted")), 1):
        text = OTHERS_DECISION.format(name, status, number)
        (entries / f"decisions/000{number}-use-{name}.md").write_text(text)
    (entries / "decisions/0001-use-btrfs.md").write_text(OTHERS_DECISION.format("btrfs", "proposed", 5))
    (entries / "services/postgres.md").write_text("---\ntitle: postgres\n---\nThe database.\n")
    (entries / "services/pihole.md").write_text("---\ntitle: pihole\n---\nNames.\n")
    for name in ("wiki", "cloud"):
        text = f"---\ntitle: {name}\ndepends_on: [postgres]\n---\nKeeps all in [[postgres]]; why: [[0003-use-kopia]].\n"
        (entries / f"services/{name}.md").write_text(text)
    (entries / "experiments/2026-11-18-drill.md").write_text(
        "---\ntitle: Drill\ndate: 2026-11-18\ntype: drill\ndrill: restore\nservices: [postgres]\n---\n## Lesson\n"
    )
    at.git("add", "entries")
    at.git("commit", "-qm", "the rest")


def _prepare_another_machine(at: World) -> None:
    """What `kb sync` meets: another machine has pushed, and changed a note that we changed too."""
    first = "lab/entries/incidents/2026-11-20-first.md"
    at.git("init", "-q", "--bare", "../remote.git")
    at.git("remote", "add", "origin", "../remote.git")
    at.git("push", "-q", "-u", "origin", "HEAD")
    at.git("clone", "-q", "../remote.git", "../theirs/lab")
    theirs = World(at.home, at.home / "theirs/lab")
    path = at.home / "theirs" / first
    path.write_text(path.read_text() + "\nTheirs.\n")
    (theirs.folder / "entries/changes").mkdir(exist_ok=True)
    (theirs.folder / "entries/changes/2026-11-01-theirs.md").write_text("---\ntitle: Theirs\n---\n")
    theirs.git("add", "entries")
    theirs.git("commit", "-qm", "theirs")
    theirs.git("push", "-q")
    path = at.home / first
    path.write_text(path.read_text() + "\nOurs.\n")
    at.git("commit", "-qam", "ours")


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


Notes = dict[str, bytes]


def _losses(
    at: World, done: subprocess.CompletedProcess[bytes], old: Notes, new: Notes, first: Notes | None = None
) -> Iterator[str]:
    """What was lost: a note that is neither as before nor as after (a step or all), an acknowledged one that is missing."""
    first = first or {}
    now = _notes(at)
    moved = old.keys() - new.keys()
    for name in old.keys() | now.keys():
        if name in moved and now.get(name) in [data for other, data in new.items() if other not in old]:
            continue  # as it will be, and not yet under its new name
        if now.get(name) not in (old.get(name), new.get(name)) and not (name in now and name not in old and name in new):
            yield f"{name} is torn or gone: {now.get(name, b'gone')[:80]!r}"
        elif name in now and name not in old and now[name] not in (new.get(name), first.get(name)):
            yield f"{name} is torn: {now[name][:80]!r}"
    gone = [name for name in old if name not in now]
    if gone and (missing := [name for name in new if name not in old and name not in now]):
        yield f"{gone} went before {missing} came"
    for line in done.stdout.decode().splitlines():
        if line.endswith(".md") and Path(line).is_absolute() and not Path(line).is_file():
            yield f"{line} was acknowledged and isn't there"


def _works(at: World) -> list[str]:
    """Whether the next commands work: reading, and writing another note."""
    code = "from kb.cli import run; print(run(['list']), run(['change', 'new', 'After it', '--no-edit', '--no-commit']))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=at.folder, env=at.environment(), capture_output=True, text=True, check=False
    )
    return [] if done.stdout.endswith("\n0 0\n") else [f"then the next commands fail: {done.stdout[-99:]} {done.stderr[-200:]}"]


def _differs(now: dict[str, bytes], old: dict[str, bytes]) -> list[str]:
    return [name for name in now.keys() | old.keys() if now.get(name) != old.get(name)]


def _finishes(at: World, writing: Writing, new: dict[str, bytes]) -> list[str]:
    """Whether the same command, run again, brings everything to where it would have been."""
    (at.folder / ".git/index.lock").unlink(missing_ok=True)
    before = {name: data for name, data in _notes(at).items() if "after-it" not in name}
    done = _run(at, writing)
    after = {name: data for name, data in _notes(at).items() if "after-it" not in name}
    # What is done already may be refused: a service of that name is there.
    fine = after == new and (done.returncode in (0, 1, 3) or (done.returncode == 2 and before == new))
    return (
        []
        if fine
        else [f"run again it ends with {done.returncode}, and differs in {_differs(after, new)}: {done.stderr[-200:]!r}"]
    )


def _finished(at: World, master: Path, writing: Writing) -> dict[str, bytes]:
    _fresh(at, master)
    done = _run(at, writing)
    assert done.returncode in (0, 1), (writing.name, done.stderr)
    return _notes(at)


def _first(at: World, master: Path, writing: Writing) -> Notes:
    return _finished(at, master, Writing(writing.first)) if writing.first else {}


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
        finished = [(writing, _finished(at, master, writing), _first(at, master, writing)) for writing in writers]
        for error in errors:
            killed = error == "KILL"
            tally = Tally(3, f"{'kill -9' if killed else error} at every write-type call of {len(writers)} commands")
            for writing, new, first in finished:
                for call, number in _calls(at, master, writing):
                    _fresh(at, master)
                    fault = "signal=KILL" if killed else f"error={error}"
                    done = _run(at, writing, [STRACE or "strace", "-qq", "-o", str(at.home / "trace"), "-e", f"trace={CALLS}",
                                              "-e", f"inject={call}:{fault}:when={number}"])  # fmt: skip
                    if "INJECTED" not in (at.home / "trace").read_text("utf-8", "replace") and (
                        not killed or done.returncode >= 0
                    ):
                        continue  # it went another way this time
                    lost = [*_losses(at, done, old, new, first), *([] if killed else _manners(at, writing, done))]
                    if not killed and _notes(at) not in (old, new, first):
                        lost.append(f"half of it is done: {_differs(_notes(at), old)}")
                    if killed or state(at.folder / "entries").keys() - old.keys() - new.keys():
                        lost += _works(at)
                    if writing.again and not lost:
                        lost += _finishes(at, writing, new)
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
        finished: dict[str, tuple[Notes, Notes]] = {}
        for _ in range(count):
            writing = chance.choice(WRITERS)
            if writing.name not in finished:
                finished[writing.name] = _finished(at, master, writing), _first(at, master, writing)
            new, first = finished[writing.name]
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
            tally.count(f"{writing.name}: {loss}" for loss in [*_losses(at, done, old, new, first), *_works(at)])
    yield tally
