"""What comes in: a file, stdin or an option, read as text, and the lines of a log that matter."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable, Iterator
from functools import partial
from io import BufferedIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ..exceptions import CannotRead, NotAText, NothingToRead, system_reason
from .terminal import ask, screen

if TYPE_CHECKING:
    from ..logs import excerpt, log_reader
    from ..notes.knowledge_base import KnowledgeBase


MAX_TEXT = 16 * 1024 * 1024  # bytes of one text that is taken whole; a log is read as a stream instead


def read_file(path: Path) -> bytes:
    """The bytes of a file that is taken whole. Raises CannotRead, also when it is too large for that."""
    try:
        with open(os.path.expanduser(path), "rb") as file:
            data = file.read(MAX_TEXT + 1)
    except OSError as error:
        raise CannotRead(path, system_reason(error)) from error
    if len(data) > MAX_TEXT:
        raise CannotRead(
            path, f"it is larger than {MAX_TEXT >> 20} MB: cut it, or put the long log into a file beside the note"
        )
    return data


def opened(path: Path) -> BinaryIO:
    """A file to be read as a stream. Raises CannotRead."""
    try:
        return open(os.path.expanduser(path), "rb")
    except OSError as error:
        raise CannotRead(path, system_reason(error)) from error


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


def read_log(base: KnowledgeBase, stream: Iterable[bytes], source: str) -> log_reader.Log:
    """A log of any size, read in bounded memory; of a huge one, the lines that matter. Raises NothingToRead, NotAText or CannotRead."""
    from ..logs import log_reader
    from ..logs.log_formats import CannotUnpack

    try:
        log = log_reader.read_log(_chunks(stream), lambda: (error.text for note in base.notes for error in note.errors))
    except CannotUnpack as error:
        raise CannotRead(Path(source), str(error)) from error
    if log.binary:
        raise NotAText(source)
    if log.nul_bytes:
        screen.remark(f"{source} holds {log.nul_bytes:,} NUL bytes, which were passed over")
    if log.cut_short:
        screen.remark(f"{source} is compressed and ends too early: what there is of it was read")
    if log.is_empty:
        raise NothingToRead(source, "pipe a log into it, or name a file (did the command before it print to stderr? add 2>&1)")
    return log


def read_picked(base: KnowledgeBase, stream: Iterable[bytes], source: str) -> excerpt.Picked:
    """What is picked out of a log: its errors, each with the lines that belong to it. Raises NothingToRead or NotAText."""
    from ..logs import excerpt

    return excerpt.choose(read_log(base, stream, source), ordinary=base.ordinary)


def _chunks(stream: Iterable[bytes]) -> Iterator[bytes]:
    """The stream in large chunks, UTF-8 whatever Windows made of it."""
    if isinstance(stream, BufferedIOBase):
        stream = iter(partial(stream.read1, 1 << 18), b"")
    decoder = None
    for number, chunk in enumerate(stream):
        if number == 0 and chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
            decoder = codecs.getincrementaldecoder("utf-16")("replace")
        yield decoder.decode(chunk).encode("utf-8", "replace") if decoder else chunk
