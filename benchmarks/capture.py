"""How often the lines that matter are picked out of a log: python benchmarks/capture.py CASES_DIR.

CASES_DIR holds loghub/windows.jsonl and loghub/notes.jsonl (20 lines of a log each, and the notes that know one of them), and
homelab/notes.jsonl when it is there (errors, which are put among the lines of windows that hold no known one).

The known lines of a window are those that end in what the note's template says, its holes (`<*>`) filled with anything: the
template was made from the log by those who collected it, not by kb, whose own masking has no say in it. A window counts when
one of its known lines is picked. Beside it stands what as many lines drawn at random would hold.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path

from kb.logs.excerpt import pick


@dataclass(frozen=True)
class Case:
    """A window, and which of its lines are known."""

    system: str
    name: str
    lines: Sequence[str]
    known: frozenset[int]


@dataclass(frozen=True)
class Result:
    """How a case came out: a known line was picked, how many lines were, and the chance that blind luck does it."""

    case: Case
    found: bool
    picked: int
    luck: float


def cases(folder: Path) -> Iterator[Case]:
    """The windows with a known line in them, and the home lab's errors in windows without."""
    notes = {note["id"]: note for note in _rows(folder / "loghub/notes.jsonl")}
    empty = []
    for window in _rows(folder / "loghub/windows.jsonl"):
        lines = window["q"].split("\n")
        patterns = [_pattern(notes[name]["template"]) for name in window["answer"]]
        known = frozenset(i for i, line in enumerate(lines) if any(pattern.search(line) for pattern in patterns))
        if known:
            yield Case(window["system"], window["id"], lines, known)
        elif not patterns:
            empty.append(lines)
    errors = _rows(folder / "homelab/notes.jsonl")
    for i, note in enumerate(errors):
        around, error = empty[i * len(empty) // len(errors)], note["re"].split("\n")
        lines = [*around[:13], *error, *around[13:]]
        yield Case("home lab among foreign lines", note["id"], lines, frozenset(range(13, 13 + len(error))))


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(".*?".join(re.escape(part) for part in template.split("<*>")) + r"\s*$")


def result(case: Case) -> Result:
    """Pick from a case, and see whether a known line is there."""
    picked = set(pick("\n".join(case.lines)))
    rows = [i for i, line in enumerate(case.lines) if line.rstrip() in picked]
    count, chosen = len(case.lines), min(len(rows), len(case.lines))
    luck = 1 - comb(count - len(case.known), chosen) / comb(count, chosen)
    return Result(case, bool(case.known & set(rows)), len(rows), luck)


def main() -> None:
    """Print a table by system, and with --misses the windows that were missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--misses", action="store_true", help="print the windows that were missed")
    options = parser.parse_args()
    results = defaultdict(list)
    for case in cases(options.cases):
        results[case.system].append(result(case))
    print(f"{'':30}{'windows':>8}{'found':>8}{'luck':>8}{'lines picked, mean':>20}{'most':>6}")
    windows = [row for system, rows in results.items() if "home lab" not in system for row in rows]
    for name, rows in (*sorted(results.items()), ("all windows of logs", windows)):
        mean = sum(row.picked for row in rows) / len(rows)
        found, luck = (sum(values) / len(rows) for values in ([row.found for row in rows], [row.luck for row in rows]))
        print(f"{name:30}{len(rows):8}{found:8.3f}{luck:8.3f}{mean:20.1f}{max(row.picked for row in rows):6}")
    if options.misses:
        for row in (row for rows in results.values() for row in rows if not row.found):
            print(f"\n{row.case.system} {row.case.name}")
            picked = set(pick("\n".join(row.case.lines)))
            for i, line in enumerate(row.case.lines):
                print(f"{'known' if i in row.case.known else '':6}{'picked' if line.rstrip() in picked else '':7}{line[:180]}")


if __name__ == "__main__":
    main()
