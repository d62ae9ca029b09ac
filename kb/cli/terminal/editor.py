"""Other programs: the editor and the clipboard."""

from __future__ import annotations

import contextlib
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from ...exceptions import EditorFailed, NoEditor, WrongUse


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


# Editors that open a window and come back at once, and the option by which they wait until it is closed.
WINDOWS = {
    **dict.fromkeys(("code", "code-insiders", "codium", "vscodium", "cursor", "windsurf", "positron"), "--wait"),
    **dict.fromkeys(
        ("subl", "sublime_text", "atom", "pulsar", "zed", "zeditor", "mate", "bbedit", "gedit", "xed", "pluma"), "--wait"
    ),
    **dict.fromkeys(("idea", "pycharm", "goland", "webstorm", "phpstorm", "clion", "fleet"), "--wait"),
    **dict.fromkeys(("gvim", "mvim"), "--nofork"),
    "kate": "--block",
}
_SHORT = {"--wait": "-w", "--nofork": "-f", "--block": "-b"}


def opens_a_window(command: str) -> bool:
    """Whether this editor is known to come back before the user has written anything."""
    return _program(command) in WINDOWS


def _program(command: str) -> str:
    words = _words(command)
    return words[0].rpartition("/")[2] if words else ""


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def _wait_option(command: str) -> list[str]:
    """The option by which the editor waits, where it has one and the user left it out."""
    option = WINDOWS.get(_program(command), "")
    return [option] if option and not {option, _SHORT[option]} & set(_words(command)) else []


def edit(file: Path, command: str) -> None:
    """Let the user edit `file`, on the terminal even when stdin or stdout is a pipe. Raises EditorFailed; the file stays."""
    with _terminal() as terminal, _interrupts_ignored():
        try:
            # By the shell, as Git does it: EDITOR may hold options.
            done = subprocess.run(
                ["sh", "-c", f'{command} "$@"', command, str(file), *_wait_option(command)],
                stdin=terminal,
                stdout=terminal,
                check=False,
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
    # Not SIG_IGN, which the editor would inherit.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# What reads the clipboard: the program and its options, and the variable that says that its desktop is there.
CLIPBOARDS = (
    ("wl-paste", ("--no-newline",), "WAYLAND_DISPLAY"),
    ("xclip", ("-o", "-selection", "clipboard"), "DISPLAY"),
    ("xsel", ("--output", "--clipboard"), "DISPLAY"),
    ("pbpaste", (), ""),
    ("termux-clipboard-get", (), ""),
    ("powershell.exe", ("-NoProfile", "-Command", "Get-Clipboard"), "WSL_DISTRO_NAME"),
)


def clipboard(environment: Mapping[str, str]) -> bytes:
    """What was copied last. Raises WrongUse when no program can tell, naming those that could."""
    from shutil import which

    for name, options, needs in CLIPBOARDS:
        if (not needs or environment.get(needs)) and (found := which(name)):
            try:
                done = subprocess.run([found, *options], capture_output=True, timeout=5, check=False)
            except (OSError, subprocess.TimeoutExpired):
                continue
            if done.returncode == 0:
                return done.stdout
    raise WrongUse("the clipboard can't be read: install wl-clipboard, xclip or xsel, or pipe the error into `kb seen`")
