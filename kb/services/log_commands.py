"""The way to a service's log: what its note says, else what its note lets one expect."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from ..exceptions import WrongUse
from ..notes.kinds import Service

MOST_LINES = 2_000  # of a log, its end


@dataclass(frozen=True)
class LogCommand:
    """A command that prints the log of a service."""

    words: tuple[str, ...]
    written: bool = False  # somebody wrote it into a note: it is no command of ours

    def __str__(self) -> str:
        return shlex.join(self.words)


def log_commands(note: Service) -> list[LogCommand]:
    """The commands to try for a service's log, the likeliest first. Raises WrongUse when there is no way, or `log:` can't be one."""
    if note.log:
        return [_written(note)]
    if not _NAME.fullmatch(note.name) or note.type in ("disk", "network", "device"):
        raise WrongUse(
            f"nothing says where the log of {note.title} is: kb edit {note.ref} --set log='docker logs NAME', or a path"
        )
    if note.type == "host":
        return [LogCommand(("journalctl", "--boot", "--priority", "warning", "--lines", str(MOST_LINES), "--no-pager"))]
    unit = LogCommand(("journalctl", "--unit", note.name, "--lines", str(MOST_LINES), "--no-pager"))
    if not (note.image or note.compose):
        return [unit]
    tail = ("--tail", str(MOST_LINES))
    ways = [LogCommand(("docker", "logs", *tail, note.name))]
    if note.compose.startswith("/"):
        ways.append(LogCommand(("docker", "compose", "--file", note.compose, "logs", "--no-color", *tail, note.name)))
    return [*ways, LogCommand(("podman", "logs", *tail, note.name)), unit]


_NAME = re.compile(r"[A-Za-z0-9][\w.@-]*")


def _written(note: Service) -> LogCommand:
    """What `log:` says: a path, or a command without a shell's signs."""
    if note.log.startswith(("/", "~/")) and " " not in note.log:
        return LogCommand(("tail", "-n", str(MOST_LINES), note.log))
    try:
        words = shlex.split(note.log.removesuffix("2>&1"))
    except ValueError:
        words = []
    if not words or any(_OF_A_SHELL.search(word) for word in words):
        raise WrongUse(f"{note.path}: log should be a path or one command, without pipes: {note.log}")
    if any(word in ("-f", "--follow") for word in words):
        raise WrongUse(f"{note.path}: log should end by itself; to follow it: {note.log} | kb seen --follow")
    return LogCommand(tuple(words), written=True)


_OF_A_SHELL = re.compile(r"[|;&<>`]|\$\(")


def other_machine(note: Service, this: str) -> str:
    """The machine that a service runs on, when its note names others than `this` one; else empty. Raises WrongUse for an odd name."""
    hosts = [host.lower() for host in note.hosts]
    if not hosts or this.lower() in (*hosts, *(host.partition(".")[0] for host in hosts)) or "localhost" in hosts:
        return ""
    if not _NAME.fullmatch(hosts[0]):
        raise WrongUse(f"{note.path}: {hosts[0]!r} is no name of a machine")
    return hosts[0]
