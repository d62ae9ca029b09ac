"""How long the site takes, cold, unchanged and after one edit, and how large it is: `python benchmarks/site.py [NOTES…]`.

The notes are made here: a page of prose, an error, a fix and links to two others, in a lab of forty services.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asked

WORDS = (
    "pool",
    "was",
    "full",
    "so",
    "we",
    "moved",
    "data",
    "to",
    "another",
    "disk",
    "and",
    "restarted",
    "it",
    "after",
    "upgrade",
)


def lab(root: Path, number: int) -> Path:
    """A knowledge base with `number` notes."""
    dice = random.Random(number)
    (root / "entries/incidents").mkdir(parents=True)
    (root / "entries/services").mkdir()
    (root / "mkdocs.yml").write_text("site_name: Bench\ntheme:\n  name: material\nplugins:\n  - kb\n")
    services = [f"service{count}" for count in range(40)]
    for count, name in enumerate(services):
        needs = ", ".join(services[max(0, count - 2) : count])
        (root / f"entries/services/{name}.md").write_text(
            f"---\ntitle: {name}\ndepends_on: [{needs}]\n---\n{prose(dice, 60)}\n"
        )
    for count in range(number - len(services)):
        (root / f"entries/incidents/{name_of(count)}.md").write_text(incident(dice, count, services))
    return root


def name_of(count: int) -> str:
    """The name of an incident: some on every day of three years."""
    return f"{2024 + count % 3}-{1 + count // 3 % 12:02}-{1 + count // 36 % 28:02}-incident-{count}"


def incident(dice: random.Random, count: int, services: list[str]) -> str:
    """One incident."""
    date = name_of(count)[:10]
    front = f"title: Incident {count}\ndate: {date}T10:00+00:00\nresolved: {date}T11:00+00:00\nstatus: resolved\n"
    front += f"services: [{', '.join(dice.sample(services, 2))}]\ntags: [t{count % 30}]\n"
    error = f"{dice.choice(WORDS)}[{count}]: ERROR {prose(dice, 8)} 10.0.{count % 250}.7: refused"
    link = f"see [[incidents/{name_of(dice.randrange(count))}]]" if count else ""
    return (
        f"---\n{front}---\n## Error\n\n```\n{error}\n```\n\n## Fix\n\n```\ndocker restart {services[count % 40]}\n```\n\n"
        f"## Why\n\n{prose(dice, 120)} {link}\n\n## How to check\n\n- {prose(dice, 10)}\n- `curl {count}`\n\n"
        f"## Next time\n\n- [ ] {prose(dice, 6)}\n\n## Timeline\n\n| when | what |\n|---|---|\n| 10:00 | {prose(dice, 9)} |\n"
    )


def prose(dice: random.Random, words: int) -> str:
    """Some words."""
    return " ".join(dice.choice(WORDS) for _ in range(words))


def run(root: Path) -> tuple[float, float, int]:
    """`kb site build` as a user calls it: seconds, seconds of processor, and the most memory in MB."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "kb", "--root", str(root), "site", "build"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"kb site build ended with {process.returncode}"
    wall = time.perf_counter() - begun
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def measure(number: int) -> float:
    """Build a site of `number` notes cold, warm, and after one edit; print what it took, and return the cold processor time."""
    with tempfile.TemporaryDirectory() as folder:
        root = lab(Path(folder) / "lab", number)
        cold = run(root)
        warm = run(root)
        with (root / f"entries/incidents/{name_of(number // 2)}.md").open("a") as note:
            note.write("\nOne word more.\n")
        edited = run(root)
        size = sum(path.stat().st_size for path in (root / "site").rglob("*") if path.is_file())
    print(f"{number:>6} notes  {size / 1e6:6.1f} MB  {size / number / 1e3:5.1f} kB a note")
    for name, (wall, processor, memory) in (("cold", cold), ("unchanged", warm), ("one edit", edited)):
        print(f"        {name:<10} {wall:6.2f} s  ({processor:6.2f} s of processor)  {memory:5} MB of memory")
    return cold[1]


def main() -> None:
    """Measure each size, and compare neighbours."""
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a warm start is what a user has
    sizes = asked.numbers(__doc__, 200, 1000)
    before = 0.0
    for index, number in enumerate(sizes):
        seconds = measure(number)
        if before:
            print(f"        {number / sizes[index - 1]:.0f} times the notes took {seconds / before:.1f} times the time, cold")
        before = seconds


if __name__ == "__main__":
    main()
