"""The site, killed or failing while it is built, staged or packed: what is live is whole, and the next one equals a cold one."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from commands import KB, World

from . import Tally
from .kills import CALLS, STRACE
from .worlds import state, world

Bytes = dict[str, bytes]
CLOCK = {"SOURCE_DATE_EPOCH": "1700000000"}
VERSIONS = ("old", "new")


@dataclass(frozen=True)
class Making:
    """A command that makes a whole of many files: its arguments, and where it puts it."""

    arguments: Sequence[str]
    place: str

    @property
    def name(self) -> str:
        """What is typed."""
        return f"kb {' '.join(self.arguments[:2])}"


MAKINGS = (
    Making(["site", "build"], "site"),
    Making(["site", "stage", "staged"], "staged"),
    Making(["site", "pack", "lab.zip"], "lab.zip"),
)


def _write(at: World, version: str) -> None:
    """Notes of a version: a third is the same in both, one is in the new one alone."""
    folder = at.folder / "entries/incidents"
    for n in range(12):
        word = version if n % 3 else "same"
        text = f"---\ntitle: Note {n} {word}\n---\nThe {word} of note {n}; see [[n{(n + 1) % 12}]].\n"
        (folder / f"n{n}.md").write_text(text)
    (folder / "one-more.md").unlink(missing_ok=True)
    if version == "new":
        (folder / "one-more.md").write_text("---\ntitle: One more\nservices: [nas]\n---\nSee [[n0]].\n")


def _there(at: World, making: Making) -> Bytes:
    """All bytes of what is live: of the site's files, or of the zip."""
    path = at.folder / making.place
    return {"": path.read_bytes()} if path.is_file() else state(path)


def _cold(at: World, making: Making) -> dict[str, Bytes]:
    """What each version is like when nothing is remembered of another one."""
    found = {}
    for version in VERSIONS:
        _write(at, version)
        shutil.rmtree(at.home / ".cache", ignore_errors=True)
        for place in ("site", "staged"):
            shutil.rmtree(at.folder / place, ignore_errors=True)
        done = at.kb(*making.arguments, env=CLOCK)
        assert done.status == 0, done.err
        found[version] = _there(at, making)
    assert found["old"] != found["new"]
    return found


def _losses(at: World, making: Making, cold: Mapping[str, Bytes]) -> list[str]:
    """What is wrong with what is live: it must be the old one or the new one, whole."""
    live = _there(at, making)
    return (
        []
        if live in cold.values()
        else [f"neither the old one nor the new one, {len(live)} files: {_differ(live, cold['new'])}"]
    )


def _then(at: World, making: Making, wanted: Bytes) -> list[str]:
    """After a fault the next run works, makes what a cold one makes, and leaves nothing beside it."""
    done = at.kb(*making.arguments, env=CLOCK)
    beside = [path.name for path in at.folder.glob(f"{making.place}-*")]
    made = _there(at, making)
    if done.status or beside or made != wanted:
        return [f"the next run: exit {done.status} {done.err[-200:]} {beside} differs in {_differ(made, wanted)}"]
    return []


def _differ(one: Bytes, other: Bytes) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))[:5]


def _torn(at: World, making: Making) -> list[str]:
    """Whether a reader finds nothing, at this very moment."""
    path = at.folder / making.place
    first = {"site": path / "index.html", "staged": path / "index.md"}.get(making.place, path)
    return [] if first.exists() and first.stat().st_size else ["gone while it was made anew"]


def killed(count: int, makings: Sequence[Making] = MAKINGS, seed: int = 6) -> Iterator[Tally]:
    """Each command killed at `count` moments that are spread over its whole run, most of them towards its end."""
    for making in makings:
        tally = Tally(6, f"{making.name} killed at a moment: whole, and the next equals a cold one")
        chance = random.Random(seed)
        with world() as at:
            cold = _cold(at, making)
            _write(at, "old")
            began = time.monotonic()
            tally.count(_then(at, making, cold["old"]))
            length = time.monotonic() - began
            for n in range(count):
                version = VERSIONS[(n + 1) % 2]
                _write(at, version)
                process = subprocess.Popen(
                    [*KB, *making.arguments], cwd=at.folder, env=at.environment(CLOCK), start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
                torn: list[str] = []
                until = time.monotonic() + length * (chance.uniform(0.2, 1) if n % 2 else chance.uniform(0.8, 1.1))
                while time.monotonic() < until and process.poll() is None and not torn:
                    time.sleep(0.005)
                    torn = _torn(at, making)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                tally.count([*torn, *_losses(at, making, cold), *_then(at, making, cold[version])])
        yield tally


def refused(
    points: int, errors: Sequence[str] = ("KILL", "ENOSPC", "EIO"), makings: Sequence[Making] = MAKINGS
) -> Iterator[Tally]:
    """Each command killed or failing at `points` of its writing calls: the last ones, and some of all."""
    for making in makings:
        with world() as at:
            cold = _cold(at, making)
            for error in errors:
                fault = "kill -9" if error == "KILL" else error
                tally = Tally(6, f"{making.name} with {fault} at a call: whole, and the next equals a cold one")
                for n, (call, number) in enumerate(_places(at, making, points)):
                    version = VERSIONS[(n + 1) % 2]
                    _write(at, version)
                    done = _traced(
                        at,
                        making,
                        "-e",
                        f"inject={call}:{'signal=KILL' if error == 'KILL' else f'error={error}'}:when={number}",
                    )
                    said = [done.stderr[-300:]] if "Traceback" in done.stderr or "fault of kb" in done.stderr else []
                    lost = [*_losses(at, making, cold), *said, *_then(at, making, cold[version])]
                    tally.count(f"{call} {number}: {loss}" for loss in lost)
                yield tally


def _traced(at: World, making: Making, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [STRACE or "strace", "-qq", "-o", str(at.home / "trace"), "-e", f"trace={CALLS}", *more, *KB, *making.arguments],
        cwd=at.folder, env=at.environment(CLOCK), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _places(at: World, making: Making, points: int) -> list[tuple[str, int]]:
    """Calls to fail at, of a run that makes the new version out of the old one."""
    _write(at, "old")
    at.kb(*making.arguments, env=CLOCK)
    _write(at, "new")
    _traced(at, making)
    lines = (at.home / "trace").read_text("utf-8", "replace").splitlines()
    names = [line.partition("(")[0] for line in lines if "(" in line[:20]]
    places = [(name, names[: place + 1].count(name)) for place, name in enumerate(names)]
    last = places[-(points // 2) :]
    step = max(1, (len(places) - len(last)) // max(1, points - len(last)))
    _write(at, "old")
    at.kb(*making.arguments, env=CLOCK)
    return [*last, *places[: len(places) - len(last) : step][: points - len(last)]]
