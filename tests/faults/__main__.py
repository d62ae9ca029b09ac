"""`make faults`: the long runs, a table of what was tried, survived and lost, and the figures in docs/promises.md."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from . import Tally, crowds, damages, edits, gits, hostile, kills, leaks, machines, sites, watching, writers

PAGE = Path(__file__).parents[2] / "docs" / "promises.md"
BEGIN, END = "<!-- written by make faults -->", "<!-- end -->"

# name → the long run, by the part of it that is asked for (1 is the whole).
RUNS: dict[str, Callable[[float], Iterator[Tally]]] = {
    "hostile": lambda _: hostile.reading(),
    "changing": lambda _: hostile.editing(),
    "titles": lambda _: hostile.titles(),
    "edits": lambda part: edits.edits(int(10_000 * part)),
    "kill": lambda _: kills.at_every_call(errors=("KILL",)),
    "full": lambda _: kills.at_every_call(errors=("ENOSPC",)),
    "broken": lambda _: kills.at_every_call(errors=("EIO",)),
    "readonly": lambda _: kills.at_every_call(errors=("EROFS",)),
    "moments": lambda part: kills.at_random_moments(int(1_000 * part)),
    "title": lambda part: crowds.same_title(int(50 * part) or 2, 20),
    "committed": lambda part: crowds.same_title(int(50 * part) or 2, 3, commit=True),
    "together": lambda part: crowds.writers_and_readers(60 * part),
    "first": lambda part: crowds.first_users(int(50 * part) or 1),
    "index": lambda part: damages.damages(int(500 * part)),
    "killed": lambda part: sites.killed(int(34 * part) or 1),
    "refused": lambda part: sites.refused(int(34 * part) or 2),
    "secrets": lambda part: leaks.masked(int(20 * part) or 1),
    "dull": lambda _: leaks.quick(),
    "git": lambda _: gits.states(),
    "machines": lambda part: machines.synced(int(10_000 * part)),
    "writers": lambda part: writers.written(int(1_000 * part)),
    "watch": lambda part: watching.watched(int(30_000 * part)),
}


def main() -> int:
    """Run what is asked for, print the table, and write it into the page when all was run whole."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("runs", nargs="*", metavar="RUN", help=f"{', '.join(RUNS)} [default: all]")
    parser.add_argument("--part", type=float, default=1.0, help="a part of each run, 0.1 say")
    asked = parser.parse_args()
    found: list[Tally] = []
    for name in asked.runs or RUNS:
        began = time.monotonic()
        for tally in RUNS[name](asked.part):
            found.append(tally)
            print(
                f"{tally.tried:7,} tried {len(tally.lost):5,} lost   {tally.what}   ({time.monotonic() - began:.0f} s)",
                flush=True,
            )
            for loss in tally.lost[:20]:
                print(f"        {loss}", flush=True)
    print(f"\n{table(found)}")
    _write(found)
    return 1 if any(tally.lost for tally in found) else 0


def table(tallies: list[Tally]) -> str:
    """The figures as a Markdown table, by promise."""
    rows = [
        f"| {t.promise} | {t.what} | {t.tried:,} | {t.survived:,} | {len(t.lost):,} |"
        for t in sorted(tallies, key=lambda t: t.promise)
    ]
    return "\n".join(["| promise | faults | tried | survived | lost |", "|---|---|---:|---:|---:|", *rows])


def _write(tallies: list[Tally]) -> None:
    """Put the rows that were run into the page; the others stay as they were."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    old, _, after = rest.partition(END)
    kept = {_what(row): row for row in re.findall(r"^\| \d.*", old, re.MULTILINE)}
    kept |= {_what(row): row for row in table(tallies).splitlines()[2:]}
    rows = sorted(kept.values(), key=lambda row: int(row.split("|")[1]))
    head = table([])
    PAGE.write_text(f"{before}{BEGIN}\nRun of {date.today()}.\n\n{head}\n" + "\n".join(rows) + f"\n{END}{after}", "utf-8")


def _what(row: str) -> str:
    """A row's name without its numbers: a run of another length takes its place."""
    return re.sub(r"[\d,.]+", "N", row.split("|")[2])


if __name__ == "__main__":
    sys.exit(main())
