"""Many at once: the same title from fifty processes, writers beside readers, several first users of one index."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from commands import World

from . import Tally
from .worlds import state, world

# Runs one command again and again in one process: so many times, or for so many seconds.
AGAIN = """
import sys, time
from kb.cli import run
times, seconds, *arguments = sys.argv[1:]
until = time.monotonic() + float(seconds)
done = []
while (len(done) < int(times)) if int(times) else time.monotonic() < until:
    done.append(run([part.replace("NUMBER", str(len(done))) for part in arguments]))
print(done, file=sys.stderr)
"""


def _start(at: World, times: int, seconds: float, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", AGAIN, str(times), str(seconds), *arguments],
        cwd=at.folder, env=at.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _ended(process: subprocess.Popen[str]) -> tuple[list[int], str, list[str]]:
    """The statuses of its commands, its stdout, and what else it said."""
    out, err = process.communicate(timeout=600)
    lines = err.splitlines()
    return json.loads(lines[-1]) if lines else [], out, lines[:-1]


def same_title(processes: int, times: int, commit: bool = False) -> Iterator[Tally]:
    """`processes` that each make the same title `times` times: every acknowledged path is a note of its own, whole."""
    tally = Tally(4, f"{processes} processes × {times} notes of one title{', committed' if commit else ''}")
    with world() as at:
        extra = [] if commit else ["--no-commit"]
        crowd = [
            _start(at, times, 0, "incident", "new", "Same", "--no-edit", "--fix", f"fix {n}/NUMBER", *extra)
            for n in range(processes)
        ]
        told: list[str] = []
        for number, process in enumerate(crowd):
            statuses, out, _ = _ended(process)
            paths = out.split()
            told += paths
            for turn in range(times):
                fine = turn < len(paths) and statuses[turn] in (0, 3)
                text = at.folder.joinpath(paths[turn]).read_text() if fine else ""
                tally.count(
                    [] if f"fix {number}/{turn}\n" in text else [f"process {number}, turn {turn}: {statuses[turn:][:1]}"]
                )
        tally.count([] if len(set(told)) == len(told) == processes * times else [f"{len(set(told))} paths"])
        rest = [name for name in state(at.folder / "entries") if name.endswith(".tmp")]
        tally.count([f"left behind: {rest}"] if rest else [])
        if commit:
            tally.count([] if at.kb("sync").status == 2 and not at.git("status", "--porcelain") else ["not all are committed"])
    yield tally


def writers_and_readers(seconds: float) -> Iterator[Tally]:
    """Two writers and two readers at once: every command ends well, and no lock is ever seen."""
    tally = Tally(4, f"commands of 2 writers and 2 readers at once, {seconds:.0f} s")
    with world() as at:
        at.kb("incident", "new", "First", "--error", "E1234: the flux is broken", "--fix", "a cable", "--no-edit")
        commands: Sequence[Sequence[str]] = (
            ("incident", "new", "Again NUMBER", "--error", "E77 NUMBER: no route", "--no-edit", "--no-commit"),
            ("change", "new", "Changed NUMBER", "--no-edit", "--no-commit"),
            ("seen", "--json", "E1234: the flux is broken"),
            ("search", "--json", "flux"),
        )
        for process in [_start(at, 0, seconds, *command) for command in commands]:
            statuses, _, said = _ended(process)
            wrong = [line for line in said if "Lock" in line or "Traceback" in line or "fault of kb" in line]
            for status in statuses:
                tally.count([f"exit {status}: {said[-3:]}"] if status else [])
            tally.count(wrong)
    yield tally


def first_users(rounds: int, users: int = 4) -> Iterator[Tally]:
    """Several first users of a new index at once: each gets the right answer."""
    tally = Tally(4, f"{users} first users of a new index at once")
    with world() as at:
        for n in range(20):
            at.folder.joinpath(f"entries/incidents/n{n}.md").write_text(
                f"---\ntitle: N{n}\n---\n## Error\n```\nE{n}: part {n} broke\n```\n"
            )
        for n in range(rounds):
            subprocess.run(["rm", "-rf", str(at.home / ".cache")], check=True)
            crowd = [_start(at, 1, 0, "seen", "--json", f"E{n % 20}: part {n % 20} broke") for _ in range(users)]
            time.sleep(0.01)
            for process in crowd:
                statuses, out, said = _ended(process)
                right = statuses == [0] and not said and json.loads(out)[0]["ref"] == f"incidents/n{n % 20}"
                tally.count([] if right else [f"round {n}: {statuses} {said[-2:]} {out[:80]}"])
    yield tally
