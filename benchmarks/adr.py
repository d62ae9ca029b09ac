"""How long an import of 1,000 decision records takes, and what adr-tools and log4brains need to list the same ones.

All in one run on one machine. A tool that isn't installed is named, and the rest is measured all the same:
`apt-get install adr-tools`, `npm install -g log4brains`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

RECORDS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
LIMIT = 5.0  # seconds for 1,000
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


def run(command: Sequence[str], folder: Path, env: dict[str, str]) -> tuple[float, str]:
    """Seconds that a command takes, and what it prints."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    took = time.perf_counter() - start
    if done.returncode:
        print(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-500:]}")
    return took, done.stdout


def main() -> int:
    """Measure, print a table; 1 when the import takes longer than it may."""
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
        took, paths = run([*KB, "import", "adr", str(project)], lab, env)
        print(f"{len(paths.splitlines())} records")
        print(f"kb import adr               {took:6.2f} s   (at most {LIMIT * RECORDS / 1000:.1f} s)")
        print(f"kb import adr, once more    {run([*KB, 'import', 'adr', str(project)], lab, env)[0]:6.2f} s")
        run([*KB, "decision", "list"], lab, env)
        print(f"kb decision list            {run([*KB, 'decision', 'list'], lab, env)[0]:6.2f} s")
        others(project, env)
    return int(took > LIMIT * RECORDS / 1000)


def others(project: Path, env: dict[str, str]) -> None:
    """The lists of the other tools, where they are installed."""
    adr = shutil.which("adr") or shutil.which("adr-list")
    if adr:
        command = [adr, "list"] if adr.endswith("/adr") else [adr]
        print(f"adr list (adr-tools)        {run(command, project, env)[0]:6.2f} s")
    else:
        print("adr list (adr-tools)        not installed")
    log4brains = shutil.which("log4brains")
    if log4brains:
        (project / ".log4brains.yml").write_text("project:\n  name: shop\n  tz: UTC\n  adrFolder: ./doc/adr\n")
        print(f"log4brains adr list         {run([log4brains, 'adr', 'list'], project, env)[0]:6.2f} s")
    else:
        print("log4brains adr list         not installed")


if __name__ == "__main__":
    sys.exit(main())
