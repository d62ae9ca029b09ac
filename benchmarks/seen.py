"""How long `seen` and `search` take: python benchmarks/seen.py [NOTES].

Whole processes are given as ratios to `python -c "import click"` in the same run, because machines differ.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asked
import make_base

WHOLE = {
    "python": "pass",
    "click": "import click",
    "read": "import click, kb, sys; kb.read(sys.argv[1])",
    "seen, one line": "import click, kb, sys; kb.seen(kb.read(sys.argv[1]), sys.argv[2])",
    "search, three words": "import click, kb, sys; kb.search(kb.read(sys.argv[1]), 'jellyfin upgrade slow')",
}


def whole_processes(root: Path, line: str) -> None:
    """Print the median of whole processes, run by turns, in milliseconds and in clicks."""
    times: dict[str, list[float]] = {name: [] for name in WHOLE}
    for _ in range(15):
        for name, code in WHOLE.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code, str(root), line], check=True)
            times[name].append(time.perf_counter() - start)
    click = statistics.median(times["click"])
    for name, spent in times.items():
        median = statistics.median(spent)
        print(f"  {name:22}{median * 1000:6.0f} ms   {median / click:5.2f} × import click   {(median - click) * 1000:+6.0f} ms")


def warm(root: Path, errors: list[str]) -> None:
    """Print how long a question takes in a process that has the index open."""
    import kb

    base = kb.read(root)
    kb.seen(base, "warm up")
    windows = ["\n".join(random.sample(errors, 20)) for _ in range(60)]
    texts = {"one line": errors[:300], "window of 20": windows}
    for name, lines in texts.items():
        print(f"  seen, {name:16} {_spread(lambda text: kb.seen(base, text), lines)}")
    print(
        f"  search, 3 words        {_spread(lambda text: kb.search(base, text), [' '.join(e.split()[-3:]) for e in errors[:200]])}"
    )


def _spread(ask, texts: list[str]) -> str:  # type: ignore[no-untyped-def]
    times = []
    for text in texts:
        start = time.perf_counter()
        ask(text)
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return f"p50 {times[len(times) // 2]:6.1f} ms   p95 {times[int(len(times) * 0.95)]:6.1f} ms"


def main() -> None:
    """Make a knowledge base, index it, and print the times."""
    count = asked.numbers(__doc__, 1_000)[0]
    random.seed(3)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
        root = make_base.make(Path(folder) / "base", count)
        import kb

        start = time.perf_counter()
        base = kb.read(root)
        parsed = time.perf_counter()
        kb.seen(base, "first question")
        print(f"{count} notes: parsed in {parsed - start:.2f} s, indexed in {time.perf_counter() - parsed:.2f} s")
        errors = [
            line for note in base.notes for error in note.errors for line in [" ".join(error.text.split("\n")[-1].split())]
        ]
        random.shuffle(errors)
        whole_processes(root, errors[0].replace("1", "7"))
        warm(root, errors)


if __name__ == "__main__":
    main()
