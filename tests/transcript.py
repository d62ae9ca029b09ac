"""Transcripts: `$ command` lines and what a terminal shows after them, run by bash in a fresh home folder.

`> ` continues a command on the next line, `[exit 1]` stands after one that fails, the home folder is shown as `~`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from commands import World

_MARK = "<end of step, status "


@dataclass(frozen=True)
class Step:
    """A command and what it shows."""

    command: str
    shows: str

    def text(self) -> str:
        """As it stands in a transcript."""
        return "$ " + self.command.replace("\n", "\n> ") + "\n" + self.shows


def steps(transcript: str) -> list[Step]:
    """The steps of a transcript; what stands before the first is a remark."""
    found = []
    for chunk in re.split(r"^\$ ", transcript, flags=re.MULTILINE)[1:]:
        lines = chunk.splitlines(keepends=True)
        size = 1
        while size < len(lines) and lines[size].startswith("> "):
            size += 1
        command = lines[0] + "".join(line[2:] for line in lines[1:size])
        found.append(Step(command.rstrip("\n"), "".join(lines[size:])))
    return found


def run(asked: list[Step], world: World) -> list[Step]:
    """The same commands, in one shell, with what they really show."""
    script = "".join(f"{step.command}\nprintf '%s%s>\\n' '{_MARK}' $?\n" for step in asked)
    environment = world.environment({"NO_COLOR": "1"})
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=world.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # no terminal to ask on, whoever runs the tests
        timeout=300,
        check=False,
    )
    parts = re.split(rf"{_MARK}(\d+)>\n", done.stdout.replace(str(world.home), "~"))
    if len(parts) != 2 * len(asked) + 1:
        raise AssertionError(f"the shell stopped before the end of the transcript:\n{done.stdout}")
    shown = []
    for step, output, status in zip(asked, parts[::2], parts[1::2], strict=False):
        # What follows a step in the file up to the next one is kept apart by one blank line at most.
        end = output if output.endswith("\n") or not output else output + "\n"
        shown.append(Step(step.command, end + (f"[exit {status}]\n" if status != "0" else "")))
    faults = [step.text() for step in shown if "a fault of kb itself" in step.shows or "Traceback (most" in step.shows]
    if faults:  # not even --update writes that down
        raise AssertionError("kb is at fault:\n" + "\n".join(faults))
    return shown


def render(remark: str, shown: list[Step], spaced: bool = True) -> str:
    """The transcript as a file."""
    return remark + ("\n" if spaced else "").join(step.text() for step in shown)


def normal(shown: str) -> str:
    """Without the blank lines around it, and without blanks that end lines."""
    return "\n".join(line.rstrip() for line in shown.strip("\n").split("\n"))
