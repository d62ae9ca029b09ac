"""Changes the code on purpose, one small thing at a time, and counts which changes a test notices: `make mutants`.

A constant that can change without a failing test is untested. Each mutant is one token of one file: a number, a comparison,
`and`/`or`, `True`/`False`, a `not`. They are drawn at random with a seed, each file by its number of places, and the tests of
the room are run against a copy of the project until one fails.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

PROJECT = Path(__file__).parent.parent
ROOMS = ("logs", "retrieval", "notes")
SLOWEST = 180  # seconds of tests for one mutant; one that takes longer counts as noticed
OPPOSITES: dict[type[ast.AST], str] = {
    ast.Lt: ">=", ast.LtE: ">", ast.Gt: "<=", ast.GtE: "<", ast.Eq: "!=", ast.NotEq: "==", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the text of `path` from `start` to `end` becomes `new`."""

    path: str
    line: int
    start: int
    end: int
    new: str
    old: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.old} → {self.new}"


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every place of a file that can be changed so that it still runs."""
    text = path.read_text("utf-8")
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    def change(node: ast.expr, new: str) -> Mutant:
        start, end = offset(node.lineno, node.col_offset), offset(node.end_lineno or 0, node.end_col_offset or 0)
        return Mutant(str(path.relative_to(PROJECT)), node.lineno, start, end, new, text[start:end])

    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield change(node, str(not node.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            yield change(node, repr(node.value + 1 if node.value in (0, 1) else type(node.value)(node.value * 2)))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield change(node, f"bool({ast.unparse(node.operand)})")
        elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in OPPOSITES:
            left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
            yield change(node, f"({left} {OPPOSITES[type(node.ops[0])]} {right})")
        elif isinstance(node, ast.BoolOp):
            other = " or " if isinstance(node.op, ast.And) else " and "
            yield change(node, f"({other.join(f'({ast.unparse(value)})' for value in node.values)})")


def is_noticed(copy: Path, mutant: Mutant, room: str) -> bool:
    """Whether a test of the room, or of the whole that stands on it, fails with the change."""
    file = copy / mutant.path
    text = file.read_text("utf-8")
    file.write_text(text[: mutant.start] + mutant.new + text[mutant.end :], "utf-8")
    tests = list(dict.fromkeys([f"tests/{room}", "tests/logs", "tests/retrieval", "tests/notes"]))
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            command, cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, capture_output=True, timeout=SLOWEST, check=False
        )
        return done.returncode == 1 or b"rror" in done.stderr
    except subprocess.TimeoutExpired:
        return True
    finally:
        file.write_text(text, "utf-8")


def main() -> int:
    """Print each mutant that nothing noticed, and how many were."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rooms", nargs="*", default=list(ROOMS))
    options.add_argument("--each", type=int, default=40, help="mutants of each room")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options.add_argument("--minutes", type=float, default=120)
    given = options.parse_args()
    drawn = random.Random(given.seed)
    todo = []
    for room in given.rooms:
        all_of_room = [mutant for file in sorted((PROJECT / "kb" / room).glob("*.py")) for mutant in mutants_of(file)]
        todo += [(room, mutant) for mutant in drawn.sample(all_of_room, min(given.each, len(all_of_room)))]
    end = time.monotonic() + given.minutes * 60
    killed: dict[str, list[bool]] = {room: [] for room in given.rooms}
    with tempfile.TemporaryDirectory(prefix="kb-mutants-") as folder:
        copies: Queue[Path] = Queue()
        for number in range(given.jobs):
            copy = Path(folder) / str(number)
            shutil.copytree(
                PROJECT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "site-packages", "build", "__pycache__")
            )
            copies.put(copy)

        def tried(row: tuple[str, Mutant]) -> None:
            room, mutant = row
            if time.monotonic() > end:
                return
            copy = copies.get()
            noticed = is_noticed(copy, mutant, room)
            copies.put(copy)
            killed[room].append(noticed)
            if not noticed:
                print(f"not noticed: {mutant}", flush=True)

        with ThreadPoolExecutor(given.jobs) as pool:
            list(pool.map(tried, todo))
    for room, results in killed.items():
        print(f"{room}: {sum(results)} of {len(results)} noticed ({sum(results) / max(1, len(results)):.2f})")
    everything = [noticed for results in killed.values() for noticed in results]
    print(f"all: {sum(everything)} of {len(everything)} noticed ({sum(everything) / max(1, len(everything)):.2f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
