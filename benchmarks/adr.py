"""How long 1,000 decision records take to import, list and renumber, and what adr-tools and log4brains need to list them.

All in one run on one machine, in seconds of the processor (a busy machine changes nothing) and of the clock. A tool that isn't
installed is named, and the rest is measured all the same: `apt-get install adr-tools`, `npm install -g log4brains`.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import asked

RECORDS = asked.numbers(__doc__, 1000)[0]
LIMITS = {"kb import adr": 5.0, "kb decision list": 0.3, "kb decision renumber": 2.0}  # seconds for 1,000
KB = (sys.executable, "-m", "kb")
WHO = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "me"), ("EMAIL", "me@example.org"))
}


def record(number: int) -> str:
    """One record as adr-tools writes it; every tenth supersedes the one before."""
    status = "Accepted"
    if number % 10 == 0:
        status = f"Accepted\n\nSupersedes [{number - 1}. Choice {number - 1}]({number - 1:04d}-choice-{number - 1}.md)"
    elif number % 10 == 9:
        status = f"Superseded by [{number + 1}. Choice {number + 1}]({number + 1:04d}-choice-{number + 1}.md)"
    prose = " ".join(
        f"Reason {number * 7 + i} is that the cheaper way was not the one that could be undone." for i in range(12)
    )
    return (
        f"# {number}. Choice {number}\n\nDate: 2024-03-{number % 28 + 1:02d}\n\n## Status\n\n{status}\n\n"
        f"## Context\n\n{prose}\n\n## Decision\n\nWe take number {number}.\n\n## Consequences\n\n{prose}\n"
    )


def run(command: Sequence[str], folder: Path, env: dict[str, str]) -> tuple[float, float, str]:
    """Seconds of the processor and of the clock that a command takes, and what it prints."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    took, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        print(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-500:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, took, done.stdout


def told(name: str, measured: tuple[float, float, str]) -> bool:
    """Print a line of the table; whether the command kept its limit."""
    limit = LIMITS.get(name)
    most = f"   (at most {limit * RECORDS / 1000:.1f} s)" if limit else ""
    print(f"{name:<28}{measured[0]:6.2f} s   {measured[1]:6.2f} s by the clock{most}")
    return limit is None or measured[0] <= limit * max(RECORDS, 1000) / 1000


def main() -> int:
    """Measure, print a table; 1 when a command takes longer than it may."""
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, **WHO, "HOME": home, "GIT_CONFIG_GLOBAL": "/dev/null"}
        project, lab = Path(home, "shop"), Path(home, "lab")
        folder = project / "doc" / "adr"
        folder.mkdir(parents=True)
        (project / ".adr-dir").write_text("doc/adr\n")
        for number in range(1, RECORDS + 1):
            (folder / f"{number:04d}-choice-{number}.md").write_text(record(number))
        for command in (["git", "init", "-q"], ["git", "add", "."], ["git", "commit", "-qm", "records"]):
            run(command, project, env)
        lab.mkdir()
        run([*KB, "init"], lab, env)
        imported = run([*KB, "import", "adr", str(project)], lab, env)
        print(f"{len(imported[2].splitlines())} records")
        fine = [told("kb import adr", imported)]
        told("kb import adr, once more", run([*KB, "import", "adr", str(project)], lab, env))
        run([*KB, "decision", "list"], lab, env)
        fine.append(told("kb decision list", run([*KB, "decision", "list"], lab, env)))
        twins(lab, env)
        fine.append(told("kb decision renumber", run([*KB, "decision", "renumber"], lab, env)))
        others(project, env)
    return int(not all(fine))


def twins(lab: Path, env: dict[str, str]) -> None:
    """A second record for every tenth number, from another branch, that the next record links to."""
    folder = lab / "entries" / "decisions"
    for number in range(10, RECORDS, 10):
        name = f"{number:04d}-of-another-branch"
        text = record(number).partition("## Status")[2]
        (folder / f"{name}.md").write_text(
            f"---\ntitle: Another {number}\nstatus: accepted\ndate: 2025-01-01\n---\n# {number}. Another\n{text}"
        )
        following = folder / f"{number + 1:04d}-choice-{number + 1}.md"
        following.write_text(following.read_text() + f"\nSee [{number}. Another]({name}.md).\n")
    run(["git", "add", "."], lab, env)
    run(["git", "commit", "-qm", "merged"], lab, env)


def others(project: Path, env: dict[str, str]) -> None:
    """The lists of the other tools, where they are installed."""
    adr = shutil.which("adr") or shutil.which("adr-list")
    if adr:
        told("adr list (adr-tools)", run([adr, "list"] if adr.endswith("/adr") else [adr], project, env))
    else:
        print("adr list (adr-tools)        not installed")
    log4brains = shutil.which("log4brains")
    if log4brains:
        (project / ".log4brains.yml").write_text("project:\n  name: shop\n  tz: UTC\n  adrFolder: ./doc/adr\n")
        told("log4brains adr list", run([log4brains, "adr", "list"], project, env))
    else:
        print("log4brains adr list         not installed")


if __name__ == "__main__":
    sys.exit(main())
