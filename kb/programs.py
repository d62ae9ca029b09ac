"""Other programs: the editor."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from .exceptions import EditorFailed, NoEditor


def editor(environment: Mapping[str, str]) -> str:
    """The user's editor as a shell would run it: VISUAL, EDITOR, Git's, vi, nano. Raises NoEditor."""
    for name in ("VISUAL", "EDITOR"):
        if environment.get(name, "").strip():
            return environment[name]
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        asked = subprocess.run(["git", "config", "core.editor"], capture_output=True, text=True, timeout=5, check=False)
        if asked.returncode == 0 and asked.stdout.strip():
            return asked.stdout.strip()
    from shutil import which

    for name in ("vi", "nano"):
        if found := which(name):
            return found
    raise NoEditor


def edit(file: Path, command: str) -> None:
    """Let the user edit `file`, on the terminal even when stdin or stdout is a pipe. Raises EditorFailed; the file stays."""
    with _terminal() as terminal, _interrupts_ignored():
        try:
            # By the shell, as Git does it: EDITOR may hold options.
            done = subprocess.run(
                ["sh", "-c", f'{command} "$@"', command, str(file)], stdin=terminal, stdout=terminal, check=False
            )
        except OSError as error:
            raise EditorFailed(f"{command}: {error.strerror}", 127, file) from error
    if done.returncode:
        raise EditorFailed(command.split()[0], done.returncode, file)


@contextlib.contextmanager
def _terminal() -> Iterator[IO[bytes] | None]:
    try:
        with open("/dev/tty", "r+b", buffering=0) as terminal:
            yield terminal
    except OSError:
        yield None  # no terminal: the editor may be a script that needs none


@contextlib.contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Ctrl-C belongs to the editor while it runs."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
