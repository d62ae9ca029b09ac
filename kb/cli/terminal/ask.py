"""Questions on the terminal itself, even while stdin is a pipe; without a terminal nothing is asked."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from types import ModuleType

import click

from .screen import visible

PASTE_PAUSE = 0.1  # seconds: the next line of a paste is there within it, the next one that is typed is not

# What was answered so far, by the name of each answer, while somebody notes it down.
_noted: list[MutableMapping[str, str]] = []


@contextlib.contextmanager
def noted(answers: MutableMapping[str, str]) -> Iterator[None]:
    """Inside, every answer that was typed and has a name is put into `answers` at once, a pasted text line by line."""
    _noted.append(answers)
    try:
        yield
    finally:
        _noted.pop()


def _note(name: str, answer: str) -> None:
    if name and _noted and answer:
        _noted[-1][name] = answer


_silenced: list[bool] = []


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Inside, nothing is asked and no editor opens, as if there were no terminal."""
    _silenced.append(True)
    try:
        yield
    finally:
        _silenced.pop()


@contextlib.contextmanager
def terminal() -> Iterator[bool]:
    """Whether there is a terminal to ask on; inside, click's prompts read from it."""
    if _silenced:
        yield False
        return
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


def line(question: str, default: str = "", name: str = "") -> str:
    """One line of text, noted under `name`; Enter takes the default, the answer too when there is no terminal."""
    with terminal() as there:
        if not there:
            return default
        shown = f"{visible(question)} [{visible(default)}]" if default else visible(question)
        answer: str = click.prompt(shown, default=default, show_default=False, err=True, prompt_suffix=" ")
        _note(name, answer.strip())
        return answer.strip()


def changed(question: str, text: str, name: str = "") -> str:
    """One line that begins as `text`, to be changed in place; emptied it is `text` again. Noted under `name`.

    Without a terminal, or where its line can't be edited, `text` is the default.
    """
    with terminal() as there:
        readline = _line_editor() if there and text else None
        if readline is None:
            return line(question.removesuffix(":"), text, name)
        readline.set_startup_hook(lambda: readline.insert_text(visible(text)))
        try:
            with _on_the_first_descriptor():
                answer = input(f"{visible(question)} ").strip()
        except EOFError:
            raise click.Abort from None
        finally:
            readline.set_startup_hook(None)
        _note(name, answer)
        return answer or text


def _line_editor() -> ModuleType | None:
    """Readline, where it can be used: it writes to stdout, and not every Python has it."""
    if not sys.stdout.isatty():
        return None
    try:
        import readline
    except ImportError:
        return None
    return readline


@contextlib.contextmanager
def _on_the_first_descriptor() -> Iterator[None]:
    """Inside, the terminal is descriptor 0, the only one that readline reads, also where a pipe was."""
    terminal_at = sys.stdin.fileno()
    if terminal_at == 0:
        yield
        return
    piped, before = os.dup(0), sys.stdin
    os.dup2(terminal_at, 0)
    sys.stdin = open(0, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115 — it closes nothing
    try:
        yield
    finally:
        sys.stdin = before
        os.dup2(piped, 0)
        os.close(piped)


def yes(question: str, default: bool) -> bool:
    """Yes or no; Enter takes the default, which is the answer too when there is no terminal."""
    with terminal() as there:
        return click.confirm(visible(question), default=default, err=True) if there else default


def enter(request: str) -> bool:
    """Wait for Enter; False when there is no terminal, or nobody at it."""
    with terminal() as there:
        if not there:
            return False
        click.echo(f"{visible(request)} ", nl=False, err=True)
        answered = bool(sys.stdin.readline())
        if not answered:
            click.echo(err=True)
        return answered


def lines(question: str, name: str = "") -> str:
    """Several lines, noted under `name`, up to an empty line after text or Ctrl-D; empty without a terminal."""
    with terminal() as there:
        if not there:
            return ""
        click.echo(f"{visible(question)} (an empty line ends it)", err=True)
        found: list[str] = []
        while True:
            read = sys.stdin.readline()
            if not read or (not read.strip() and found and not _more_was_pasted()):
                return "\n".join(found).rstrip()
            if read.strip() or found:
                found.append(read.rstrip())
                _note(name, "\n".join(found).rstrip())


def _more_was_pasted() -> bool:
    """Whether more lines wait on the terminal already: an empty line amid what was pasted ends nothing."""
    import select

    return bool(select.select([sys.stdin], [], [], PASTE_PAUSE)[0])


def names(question: str, guess: Sequence[str] = (), name: str = "") -> tuple[str, ...]:
    """Names with commas or spaces between them."""
    return split(line(question, ", ".join(guess), name))


def split(answer: str) -> tuple[str, ...]:
    """The names in an answer; `-` is none."""
    return tuple(name for name in answer.replace(",", " ").split() if name != "-")


def piped_input() -> io.BufferedReader | None:
    """Stdin when it is a pipe or a file, else None: a terminal, nothing, or a device such as /dev/null."""
    import stat

    if sys.stdin is None or sys.stdin.closed:
        return None
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, io.UnsupportedOperation):
        return getattr(sys.stdin, "buffer", None)
    return sys.stdin.buffer if stat.S_ISFIFO(mode) or stat.S_ISREG(mode) else None  # type: ignore[return-value]
