"""Questions on the terminal itself, even while stdin is a pipe; without a terminal nothing is asked."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator, Sequence

import click

from .screen import visible


@contextlib.contextmanager
def terminal() -> Iterator[bool]:
    """Whether there is a terminal to ask on; inside, click's prompts read from it."""
    if sys.stdin is not None and sys.stdin.isatty():
        yield True
        return
    try:
        device = open("/dev/tty", encoding="utf-8", errors="replace")  # noqa: SIM115 — closed below, after stdin is put back
    except OSError:
        yield False
        return
    before, sys.stdin = sys.stdin, device
    try:
        yield True
    finally:
        sys.stdin = before
        device.close()


def has_terminal() -> bool:
    """Whether questions can be asked."""
    with terminal() as there:
        return there


def line(question: str, default: str = "") -> str:
    """One line of text; Enter takes the default, which is the answer too when there is no terminal."""
    with terminal() as there:
        if not there:
            return default
        shown = f"{visible(question)} [{visible(default)}]" if default else visible(question)
        answer: str = click.prompt(shown, default=default, show_default=False, err=True, prompt_suffix=" ")
        return answer.strip()


def yes(question: str, default: bool) -> bool:
    """Yes or no; Enter takes the default, which is the answer too when there is no terminal."""
    with terminal() as there:
        return click.confirm(visible(question), default=default, err=True) if there else default


def lines(question: str) -> str:
    """Several lines, up to an empty line after text or Ctrl-D; empty without a terminal."""
    with terminal() as there:
        if not there:
            return ""
        click.echo(f"{visible(question)} (an empty line ends it)", err=True)
        found: list[str] = []
        while True:
            read = sys.stdin.readline()
            if not read or (not read.strip() and found):
                return "\n".join(found)
            if read.strip():
                found.append(read.rstrip("\n"))


def names(question: str, guess: Sequence[str] = ()) -> tuple[str, ...]:
    """Names with commas or spaces between them."""
    answer = line(question, ", ".join(guess))
    return tuple(name for name in answer.replace(",", " ").split() if name != "-")


def piped_input() -> io.BufferedReader | None:
    """Stdin when it is a pipe or a file, else None: a terminal, nothing, or a device such as /dev/null."""
    import os
    import stat

    if sys.stdin is None or sys.stdin.closed:
        return None
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, io.UnsupportedOperation):
        return getattr(sys.stdin, "buffer", None)
    return sys.stdin.buffer if stat.S_ISFIFO(mode) or stat.S_ISREG(mode) else None  # type: ignore[return-value]
