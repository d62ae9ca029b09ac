"""Programs that print a log, here or on another machine over ssh."""

from __future__ import annotations

import glob
import os
import re
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

TIMEOUT = 15  # seconds until ssh gives a machine up


def this_machine() -> str:
    """The name of this machine, without its domain."""
    return socket.gethostname().partition(".")[0]


def is_here(program: str) -> bool:
    """Whether a program can be started."""
    return shutil.which(program) is not None


def over_ssh(words: Sequence[str], host: str) -> list[str]:
    """The command that runs another one on a machine, each of its words as it is."""
    return ["ssh", "-o", f"ConnectTimeout={TIMEOUT}", "--", host, shlex.join(words)]


def knows_ssh(host: str, config: Path | None = None) -> bool:
    """Whether the user named a machine in ~/.ssh/config, or in a file that it includes: then kb may go there."""
    path = config or Path("~/.ssh/config").expanduser()
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return False
    for key, names in re.findall(r"(?im)^[ \t]*(host|include)[ \t=]+(.+)$", text):
        for name in names.split():
            if key.lower() == "host":
                if name.lower() == host.lower():
                    return True
            elif config is None and any(knows_ssh(host, Path(file)) for file in glob.glob(_included(name))):
                return True
    return False


def _included(name: str) -> str:
    return os.path.join(os.path.expanduser("~/.ssh"), os.path.expanduser(name))


class Output:
    """What a command prints on both of its channels, in chunks; `status` is there once they are read."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words, self.status, self.last = words, 127, b""

    def __iter__(self) -> Iterator[bytes]:
        """The chunks. Raises OSError when the command can't be started."""
        with subprocess.Popen(
            self.words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            assert process.stdout is not None
            while chunk := process.stdout.read1(1 << 16):  # type: ignore[attr-defined]
                self.last = (self.last + chunk)[-500:]
                yield chunk
        self.status = process.returncode

    def reason(self) -> str:
        """The last line, which says why it failed."""
        lines = self.last.decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it printed nothing")
