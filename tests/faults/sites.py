"""The site, killed or failing while it is built: the live one is whole at every moment, the old or the new."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from commands import KB, World

from . import Tally
from .kills import CALLS, STRACE
from .worlds import state, world


def _write(at: World, word: str) -> None:
    for n in range(12):
        text = f"---\ntitle: Note {n} {word}\n---\nThe {word} of note {n}.\n"
        (at.folder / f"entries/incidents/n{n}.md").write_text(text)


def _losses(at: World, whole: dict[str, dict[str, bytes]]) -> list[str]:
    """What is wrong with the live site: it must be the old one or the new one, whole."""
    live = state(at.folder / "site")
    if live in whole.values():
        return []
    missing = sorted(whole["old"].keys() - live.keys())
    return [f"the live site is neither: {len(live)} files, without {missing[:3]}"]


def _built(at: World, word: str) -> dict[str, bytes]:
    _write(at, word)
    done = at.kb("site", "build", env={"SOURCE_DATE_EPOCH": "1700000000"})
    assert done.status == 0, done.err
    return state(at.folder / "site")


def _then_built(at: World) -> list[str]:
    """After a kill the next build works, and leaves nothing beside the site."""
    done = at.kb("site", "build", env={"SOURCE_DATE_EPOCH": "1700000000"})
    beside = [path.name for path in at.folder.glob("site-*")]
    return [] if done.status == 0 and not beside else [f"the next build: {done.status} {done.err[-200:]} {beside}"]


def killed(count: int, seed: int = 6) -> Iterator[Tally]:
    """`count` builds killed at moments that are spread over the whole build, and at each call of the exchange."""
    tally = Tally(6, "builds killed, the live site whole")
    chance = random.Random(seed)
    with world() as at:
        whole = {"new": _built(at, "new")}
        began = time.monotonic()
        whole["old"] = _built(at, "old")
        length = time.monotonic() - began
        _write(at, "new")
        for n in range(count):
            process = subprocess.Popen(
                [*KB, "site", "build"], cwd=at.folder, env=at.environment({"SOURCE_DATE_EPOCH": "1700000000"}),
                start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            # Most towards the end, where the site is exchanged.
            until = time.monotonic() + length * (chance.uniform(0.2, 1) if n % 2 else chance.uniform(0.85, 1.1))
            while time.monotonic() < until and process.poll() is None:
                time.sleep(0.005)
                if torn := _torn_now(at.folder / "site"):
                    tally.lost.append(torn)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            tally.count(_losses(at, whole))
        tally.count(_then_built(at))
    yield tally


def _torn_now(live: Path) -> str:
    try:
        return "" if (live / "index.html").stat().st_size and (live / "assets" / "search").is_dir() else "torn while it was built"
    except FileNotFoundError as error:
        return f"torn while it was built: {error.filename} is missing"


def refused(points: int, errors: tuple[str, ...] = ("KILL", "ENOSPC", "EIO")) -> Iterator[Tally]:
    """Builds whose calls fail, or that are killed, at `points` calls of each sort, the last ones first."""
    with world() as at:
        whole = {"new": _built(at, "new"), "old": _built(at, "old")}
        _write(at, "new")
        trace = at.home / "trace"
        run = [STRACE or "strace", "-qq", "-o", str(trace), "-e"]
        for error in errors:
            tally = Tally(6, f"builds with {'kill -9' if error == 'KILL' else error} at a call, the live site whole")
            for call, number in _places(at, run, trace, points):
                fault = "signal=KILL" if error == "KILL" else f"error={error}"
                done = subprocess.run(
                    [*run, f"trace={CALLS}", "-e", f"inject={call}:{fault}:when={number}", *KB, "site", "build"],
                    cwd=at.folder, env=at.environment({"SOURCE_DATE_EPOCH": "1700000000"}), stdin=subprocess.DEVNULL,
                    capture_output=True, text=True, check=False,
                )  # fmt: skip
                said = (
                    [f"{call} {number}: {done.stderr[-300:]}"]
                    if "Traceback" in done.stderr or "fault of kb" in done.stderr
                    else []
                )
                tally.count([*(f"{call} {number}: {loss}" for loss in _losses(at, whole)), *said])
            tally.count(_then_built(at))
            yield tally


def _places(at: World, run: list[str], trace: Path, points: int) -> list[tuple[str, int]]:
    _built(at, "old")
    _write(at, "new")
    subprocess.run(
        [*run, f"trace={CALLS}", *KB, "site", "build"], cwd=at.folder, env=at.environment({"SOURCE_DATE_EPOCH": "1700000000"}),
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    names = [line.partition("(")[0] for line in trace.read_text("utf-8", "replace").splitlines() if "(" in line[:20]]
    places = [(name, names[: place + 1].count(name)) for place, name in enumerate(names)]
    _built(at, "old")
    _write(at, "new")
    step = max(1, len(places) // max(1, points // 2))
    return [*places[-(points // 2) :], *places[::step]]
