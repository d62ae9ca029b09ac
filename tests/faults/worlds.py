"""Where faults happen: a knowledge base of its own, and commands that run there as an ordinary user even for root."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from commands import KB, Result, World, run_in_terminal

# Root may read and write everything; without its capabilities it is a user like any other.
ORDINARY = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 and shutil.which("setpriv") else ()

# Runs many commands in one process, each as the shell would, and writes their exit statuses to a file.
DRIVER = """
import json, sys, time
from kb.cli import run
statuses = []
for arguments in json.load(open(sys.argv[1])):
    began = time.monotonic()
    try:
        status = run(arguments)
    except BaseException as error:
        status = f"{type(error).__name__}: {error}"
    statuses.append([status, time.monotonic() - began])
json.dump(statuses, open(sys.argv[2], "w"))
"""


@contextlib.contextmanager
def world(init: bool = True) -> Iterator[World]:
    """A home folder and a knowledge base `lab` in it, in Git; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kb-faults-", ignore_cleanup_errors=True) as home:
        lab = Path(home).resolve() / "lab"
        lab.mkdir()
        made = World(lab.parent, lab)
        if init:
            assert made.kb("init").status == 0
        yield made


def ordinary(at: World, *arguments: str, stdin: bytes | None = None, env: Mapping[str, str] = {}, limit: float = 60) -> Result:
    """Run `kb` as an ordinary user, without a terminal."""
    done = subprocess.run(
        [*ORDINARY, *KB, *arguments],
        cwd=at.folder,
        env=at.environment(env),
        stdin=subprocess.DEVNULL if stdin is None else None,
        input=stdin,
        capture_output=True,
        start_new_session=True,
        timeout=limit,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def many_in_a_terminal(at: World, commands: Sequence[Sequence[str]]) -> tuple[str, list[tuple[object, float]]]:
    """Run commands one after the other in a pseudo-terminal: all that the screen got, and each one's status and seconds."""
    asked, answered = at.home / "asked.json", at.home / "answered.json"
    asked.write_text(json.dumps([list(command) for command in commands]))
    answered.unlink(missing_ok=True)
    driver = [*ORDINARY, sys.executable, "-c", DRIVER, str(asked), str(answered)]
    shown = run_in_terminal(driver, at.folder, at.environment({"TERM": "xterm-256color", "PAGER": "cat"}), (), None)
    return shown.out, [(status, seconds) for status, seconds in json.loads(answered.read_text())]


def state(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` that can be read, with its bytes."""
    found = {}
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            if path.is_file() and not path.is_symlink():
                found[os.fsdecode(path.relative_to(folder))] = path.read_bytes()
    return found


def complaints(result: Result) -> list[str]:
    """What a command must never do, whatever it meets: a traceback, a fault of its own, a status that means nothing."""
    said = f"{result.out}{result.err}"
    wrong = result.status not in (0, 1, 2, 3, 4, 130)
    return [f"exit {result.status}: {said[-300:]}"] if wrong or "Traceback" in said or "fault of kb" in said else []
