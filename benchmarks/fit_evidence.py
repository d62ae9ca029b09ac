"""Fit what speaks for and against two lines being one error anew: python benchmarks/fit_evidence.py CASES_DIR… [--lines 1500].

A CASES_DIR holds errors.jsonl ({"family", "role": first or recurrence, "error_lines"}), or notes.jsonl ({"id", "system", "error"}: a known error each) and lines.jsonl ({"system", "q", "answer": [ids]}: lines that
came later, and the notes that know them), as compare.py takes them from loghub/. The pairs to learn from are made of these: each
line with the ten notes that kb finds nearest. Lines of one kind of log teach what tells those apart and nothing of codes and
causes, so give several kinds. A third of the systems and families, drawn by a hash of their names, is held back: the
weights are fitted without them, and both are judged. Nothing is written: what is printed goes into REASONS and UNLIKELY of
kb/retrieval/evidence.py, rounded, and then the measurements of docs/matching.md are run again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NEAREST = 10  # notes for each line
RIDGE = 0.01  # keeps a weight finite that nothing speaks against

Row = tuple[tuple[float, ...], bool]  # what was found of two lines, and whether they are one error


def is_held_back(system: str) -> bool:
    """Whether a system's lines are not learned from."""
    return int(hashlib.sha1(f"held{system}".encode()).hexdigest(), 16) % 3 == 0


def cases(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The known errors, and the lines that came later."""

    def rows(name: str) -> list[dict[str, Any]]:
        return [json.loads(row) for row in (folder / name).read_text("utf-8").splitlines()]

    if not (folder / "errors.jsonl").exists():
        return rows("notes.jsonl"), rows("lines.jsonl")
    errors = rows("errors.jsonl")
    notes = [{"id": row["family"], "error": "\n".join(row["error_lines"])} for row in errors if row["role"] == "first"]
    later = [row for row in errors if row["role"] == "recurrence"]
    return notes, [
        {"system": row["family"], "q": line, "answer": [row["family"]]} for row in later for line in row["error_lines"]
    ]


def pairs(folder: Path, most: int) -> dict[bool, list[Row]]:
    """The pairs to learn from, and (True) those that are held back."""
    import kb
    from kb.retrieval import evidence, known_errors, whoosh_index

    notes, lines = cases(folder)
    found: dict[bool, list[Row]] = {False: [], True: []}
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XDG_CACHE_HOME"] = f"{scratch}/cache"
        incidents = Path(scratch, "base/entries/incidents")
        incidents.mkdir(parents=True)
        Path(scratch, "base/mkdocs.yml").write_text("site_name: Fit\nplugins: [kb]\n")
        for known in notes:
            error = known["error"].replace("```", "'''")
            (incidents / f"{known['id'].lower()}.md").write_text(
                f"---\ntitle: {known['id']}\ndate: 2026-01-01\n---\n## Error\n```\n{error}\n```\n## Fix\nx\n", "utf-8"
            )
        base = kb.read(f"{scratch}/base")
        index = whoosh_index.of(base, Path(scratch, "index"))
        weights = [weight for _, weight in evidence.REASONS]
        for line in random.Random(1).sample(lines, min(most, len(lines))):
            right = {answer.lower() for answer in line["answer"]}
            for pair, note in known_errors.found_notes(base, index, line["q"], NEAREST):
                said = tuple(value / weight for (_, value), weight in zip(pair.evidence.reasons, weights, strict=True))
                found[is_held_back(line["system"])].append((said, note.ref.rpartition("/")[2] in right))
    return found


def fitted(rows: Sequence[Row]) -> list[float]:
    """The weights of a logistic regression, by Newton's method; the last one is what stands before anything is said."""
    size = len(rows[0][0]) + 1
    weights = [0.0] * size
    for _ in range(25):
        slope = [-RIDGE * weight for weight in weights]
        bend = [[RIDGE * (i == j) for j in range(size)] for i in range(size)]
        for said, is_same in rows:
            values = (*said, 1.0)
            sure = 1 / (1 + math.exp(-max(-30.0, min(30.0, sum(map(float.__mul__, weights, map(float, values)))))))
            for i, value in enumerate(values):
                if value:
                    slope[i] += (is_same - sure) * value
                    for j, other in enumerate(values):
                        bend[i][j] += sure * (1 - sure) * value * other
        step = solved(bend, slope)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-6:
            break
    return weights


def solved(matrix: Sequence[Sequence[float]], wanted: Sequence[float]) -> list[float]:
    """x of matrix · x = wanted, by elimination."""
    rows = [[*row, value] for row, value in zip(matrix, wanted, strict=True)]
    for at in range(len(rows)):
        pivot = max(range(at, len(rows)), key=lambda i: abs(rows[i][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for other in range(len(rows)):
            if other != at:
                factor = rows[other][at] / rows[at][at]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[at], strict=True)]
    return [row[-1] / row[at] for at, row in enumerate(rows)]


def judged(rows: Sequence[Row], weights: Sequence[float]) -> str:
    """How many pairs that are one error get odds above zero, and how many that are not."""
    above = [(sum(a * b for a, b in zip(weights, (*said, 1.0), strict=True)) > 0, is_same) for said, is_same in rows]
    right, wrong = [up for up, is_same in above if is_same], [up for up, is_same in above if not is_same]
    return f"{sum(right) / max(1, len(right)):.3f} of {len(right)} kept, {sum(wrong) / max(1, len(wrong)):.3f} of {len(wrong)} wrong"


def main() -> None:
    """Make the pairs, fit, and print both sets of weights with what they do."""
    from kb.retrieval import evidence

    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("cases", type=Path, nargs="+", metavar="CASES_DIR")
    options.add_argument("--lines", type=int, default=1_500, help="of each, drawn by lot")
    given = options.parse_args()
    found: dict[bool, list[Row]] = {False: [], True: []}
    for folder in given.cases:
        for held, rows in pairs(folder, given.lines).items():
            found[held] += rows
    if not found[False]:
        raise SystemExit("no pairs: lines.jsonl holds no line of a system that may be learned from")
    now = [*(weight for _, weight in evidence.REASONS), -evidence.UNLIKELY]
    new = fitted(found[False])
    for name, was, fit in zip((*(name for name, _ in evidence.REASONS), "unlikely before"), now, new, strict=True):
        print(f"{name:32}{was:8.2f} now {fit:8.2f} fitted")
    for name, held in (("learned from", False), ("held back", True)):
        print(f"{name:16}now: {judged(found[held], now)}; fitted: {judged(found[held], new)}")


if __name__ == "__main__":
    main()
