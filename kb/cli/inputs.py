"""What comes in: a file, stdin or an option, read as text, and the lines of a log that matter."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from .. import picking
from ..exceptions import CannotRead, NotAText, NothingToRead
from . import ask

MAX_TEXT = 16 * 1024 * 1024  # bytes of one text that is taken whole; a log is read as a stream instead


def read_file(path: Path) -> bytes:
    """The bytes of a file that is taken whole. Raises CannotRead."""
    try:
        with open(path.expanduser(), "rb") as file:
            return file.read(MAX_TEXT)
    except OSError as error:
        raise CannotRead(path, (error.strerror or str(error)).lower()) from error


def opened(path: Path) -> BinaryIO:
    """A file to be read as a stream. Raises CannotRead."""
    try:
        return open(path.expanduser(), "rb")
    except OSError as error:
        raise CannotRead(path, (error.strerror or str(error)).lower()) from error


def as_text(data: bytes, source: str) -> str:
    """The bytes as text, UTF-16 of PowerShell included. Raises NotAText when they are binary."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data[:8192]:
        raise NotAText(source)
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def given(value: str, option: str) -> str:
    """The text that an option means: itself, `@FILE`, or `-` for stdin. Raises NothingToRead, NotAText or CannotRead."""
    if value == "-":
        stream, source = ask.piped_input(), "stdin"
        text = as_text(stream.read(MAX_TEXT) if stream else b"", source)
    elif value.startswith("@") and len(value) > 1:
        source = value[1:]
        text = as_text(read_file(Path(source)), source)
    else:
        text, source = value, option
    if not text.strip():
        raise NothingToRead(source, "give a text, @FILE, or - with a pipe")
    return text.strip("\n")
