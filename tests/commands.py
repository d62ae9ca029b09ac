"""Running the real command: without a terminal (forked, see forks.py), or started in a pseudo-terminal that a test types into."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import forks

KB = (sys.executable, "-m", "kb")
NOW = "2026-11-21T01:23+01:00"


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def paths(self) -> list[Path]:
        """The lines of stdout as paths."""
        return [Path(line) for line in self.out.splitlines()]


@dataclass
class World:
    """A home folder of its own, a fixed moment, no terminal, no colours: what every command of a test runs in."""

    home: Path
    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def environment(self, extra: Mapping[str, str] = {}) -> dict[str, str]:
        """The whole environment of a command."""
        fixed = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "KB_NOW": NOW,
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "80",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_SYSTEM": "/dev/null",
            "EDITOR": "false",
        }
        for who in ("AUTHOR", "COMMITTER"):
            fixed |= {f"GIT_{who}_NAME": "me", f"GIT_{who}_EMAIL": "me@example.org", f"GIT_{who}_DATE": NOW}
        return {**fixed, **self.env, **extra}

    def kb(
        self, *arguments: str, stdin: str | bytes | None = None, env: Mapping[str, str] = {}, cwd: Path | None = None
    ) -> Result:
        """Run `kb` with no terminal; `stdin` is a pipe, or nothing at all."""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        status, out, err = forks.run(arguments, cwd or self.folder, self.environment(env), data)
        return Result(status, out.decode(), err.decode())

    def typed(
        self,
        arguments: Sequence[str],
        answers: Sequence[tuple[str, str]] = (),
        piped: bytes | None = None,
        env: Mapping[str, str] = {},
    ) -> Result:
        """Run `kb` in a pseudo-terminal. Each answer is (what the screen must show first, what is typed then)."""
        return run_in_terminal(
            [*KB, *arguments], self.folder, self.environment({"TERM": "xterm-256color", **env}), answers, piped
        )

    def git(self, *arguments: str) -> str:
        """What Git prints."""
        return subprocess.run(
            ["git", *arguments], cwd=self.folder, env=self.environment(), capture_output=True, text=True, check=True
        ).stdout


def run_in_terminal(
    command: Sequence[str], folder: Path, env: Mapping[str, str], answers: Sequence[tuple[str, str]], piped: bytes | None
) -> Result:
    """Run a command whose terminal is ours. `out` is all that the screen got; with `piped`, stdin is a pipe instead."""
    ours, theirs = pty.openpty()
    read_end, write_end = os.pipe() if piped is not None else (-1, -1)
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(env),
        stdin=read_end if piped is not None else theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: _take_terminal(theirs),
    )
    os.close(theirs)
    if piped is not None:
        os.close(read_end)
        with os.fdopen(write_end, "wb") as pipe:
            pipe.write(piped)
    screen, waiting, seen_up_to = "", list(answers), 0
    deadline = time.monotonic() + 60
    while True:
        ready, _, _ = select.select([ours], [], [], 0.1)
        if ready:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # the last one closed the terminal
                chunk = b""
            if not chunk:
                break
            screen += chunk.decode("utf-8", "replace")
        if waiting and waiting[0][0] in screen[seen_up_to:]:
            expected, answer = waiting.pop(0)
            seen_up_to = screen.index(expected, seen_up_to) + len(expected)
            if answer == "\x03":
                time.sleep(0.5)  # as a person would: Python may miss it between printing a prompt and reading the answer
            os.write(ours, answer.encode())
        if time.monotonic() > deadline:
            os.killpg(process.pid, signal.SIGKILL)
            raise AssertionError(f"waited for {waiting[:1]}; the screen shows:\n{screen}")
    os.close(ours)
    return Result(process.wait(timeout=30), screen.replace("\r\n", "\n"), "")


def _take_terminal(device: int) -> None:
    import fcntl
    import termios

    fcntl.ioctl(device, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs ignore it


def without_colours(text: str) -> str:
    """The text without escape sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
