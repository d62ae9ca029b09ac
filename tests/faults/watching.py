"""`kb watch`: floods of changes and folders made anew; the index it keeps equals a fresh one within ten seconds."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from commands import KB, World

from kb.storage import loader

from . import Tally
from .worlds import world

PATIENCE = 10.0
INOTIFY = Path("/proc/sys/fs/inotify/max_queued_events").is_file()


def _note(at: World, n: int, word: str) -> None:
    path = at.folder / f"entries/incidents/n{n}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\ntitle: N{n}\n---\n## Error\n```\n{word}{n}: part {n} broke\n```\n")


def _flood(at: World, writes: int) -> None:
    chance = random.Random(12)
    for turn in range(writes):
        _note(at, chance.randrange(200), f"T{turn}")


def _made_anew(at: World) -> None:
    """As a checkout of another branch does: the folder goes, and comes back as another one."""
    shutil.rmtree(at.folder / "entries")
    for n in range(30):
        _note(at, n, "A")


def _by_git(at: World) -> None:
    at.git("add", "entries")
    at.git("commit", "-qm", "all")
    at.git("switch", "-q", "-c", "side")
    at.git("rm", "-rq", "entries/incidents")
    at.git("commit", "-qm", "none")
    at.git("switch", "-q", "-")
    _note(at, 1000, "G")


def _overflow(at: World, process: subprocess.Popen[bytes]) -> None:
    """More changes than the system keeps for a reader, while the reader is stopped; among those that are dropped, a new folder."""
    kept = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text()) if INOTIFY else 16_384
    process.send_signal(signal.SIGSTOP)
    for turn in range(max(40_000, 2 * kept)):
        _note(at, turn % 200, f"O{turn}")
    late = at.folder / "entries/made-late"
    late.mkdir()
    process.send_signal(signal.SIGCONT)
    time.sleep(5)  # it has looked at all by now; from here on only the new folder itself can tell it
    (late / "note.md").write_text("---\ntitle: In a new folder\n---\n")
    time.sleep(2)


def _last_word(screen: str) -> str:
    """How many notes it said it has indexed last."""
    lines = [line for line in screen.splitlines() if " indexed" in line]
    return lines[-1].split(",")[-1].strip() if lines else ""


def watched(writes: int, overflow: bool = True) -> Iterator[Tally]:
    """Each kind of trouble while `kb watch` runs; then it must know the last change without being asked.

    The `overflow` takes half a minute.
    """
    tally = Tally(12, f"troubles for kb watch ({writes:,} writes among them), fresh within {PATIENCE:.0f} s")
    troubles: dict[str, Callable[[World, subprocess.Popen[bytes]], None]] = {
        f"{writes:,} writes": lambda at, _: _flood(at, writes),
        "the folder made anew": lambda at, _: _made_anew(at),
        "branches switched": lambda at, _: _by_git(at),
    }
    if overflow:
        troubles["an overflow of the system's queue"] = _overflow
    for name, trouble in troubles.items():
        with world() as at:
            _note(at, 0, "A")
            log = at.home / "log"
            with log.open("wb") as out:
                process = subprocess.Popen([*KB, "watch"], cwd=at.folder, env=at.environment(), stdout=out, stderr=out)
            try:
                _until(lambda log=log: b"indexed" in log.read_bytes())  # type: ignore[misc]
                trouble(at, process)
                if trouble is not _overflow:  # there the last change is in a place of its own
                    _note(at, 7777, "LAST")
                count = len(list((at.folder / "entries").rglob("*.md")))
                fresh = _until(lambda at=at, log=log, count=count: _is_fresh(at, log.read_text(), count))  # type: ignore[misc]
                wrong = process.poll() is not None or any(word in log.read_text() for word in ("Traceback", "overflow"))
                tally.count([f"{name}: {count} notes, it says: {log.read_text()[-300:]}"] if wrong or not fresh else [])
            finally:
                process.send_signal(signal.SIGINT)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
                process.kill()
    yield tally


def _is_fresh(at: World, log: str, count: int) -> bool:
    """Whether it says so, and the index on the disk holds just the notes that a fresh reading finds."""
    if not _last_word(log).startswith(f"{count} "):
        return False
    (manifest,) = at.home.glob(".cache/kb/*/index/manifest.json")
    held: dict[str, str] = json.loads(manifest.read_text().rpartition("\n")[2])
    return held == {note.ref: note.digest for note in loader.load(at.folder).notes}


def _until(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.1)
    return False
