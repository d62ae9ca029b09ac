"""How long whole commands take: python benchmarks/commands.py [NOTES].

Each is run by turns with `python -c "import click"` and given as a ratio to it, because machines differ.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asked
import make_base

ERROR = "connect() failed (113: No route to host) while connecting to upstream, client: 10.1.2.3"
COMMANDS = {
    "import click": [],
    "kb --help": ["--help"],
    "kb incident new (no Git)": ["incident", "new", "x", "--no-edit", "--no-commit"],
    "kb incident new": ["incident", "new", "x", "--no-edit"],
    "kb seen": ["seen", ERROR],
    "kb search": ["search", "videos", "wont", "play"],
    "kb list": ["list"],
    "kb check": ["check"],
}
RUNS = 15


def main() -> None:
    """Make a knowledge base, run each command once to warm its caches, then all of them by turns."""
    count = asked.numbers(__doc__, 1_000)[0]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        root = make_base.make(home / "base", count)
        # Without PYTHONDONTWRITEBYTECODE: what is measured is kb, not the compiler.
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "XDG_", "KB_"))}
        environment |= {"HOME": folder, "GIT_CONFIG_GLOBAL": "/dev/null"}
        for who in ("AUTHOR", "COMMITTER"):
            environment |= {f"GIT_{who}_NAME": "me", f"GIT_{who}_EMAIL": "me@example.org"}
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
            subprocess.run(["git", *command], cwd=root, env=environment, check=True)

        def run(name: str) -> float:
            arguments = COMMANDS[name]
            command = [sys.executable, "-m", "kb", *arguments] if arguments else [sys.executable, "-c", "import click"]
            start = time.perf_counter()
            subprocess.run(command, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
            return time.perf_counter() - start

        for name in COMMANDS:
            run(name)
        time.sleep(2.5)  # files that changed just now are read again, so let them settle as they do in life
        run("kb list")
        times: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for _ in range(RUNS):
            for name in COMMANDS:
                times[name].append(run(name))
        click = statistics.median(times["import click"])
        print(f"{count} notes, {RUNS} runs by turns: median, and its ratio to import click")
        for name, spent in times.items():
            print(f"  {name:26}{statistics.median(spent) * 1000:6.0f} ms  {statistics.median(spent) / click:5.2f}")


if __name__ == "__main__":
    main()
