"""Front matter: finds the block in a note's bytes and reads it, with line numbers and limits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .yaml_reader import MAX_BYTES, Broken, parse

LINE_END = re.compile(rb"\r\n|\n|\r")
_OPENING = re.compile(rb"-{3,}[ \t]*(?=\r\n|\n|\r|\Z)")
_CLOSING = re.compile(rb"(?:\r\n|\n|\r)(-{3,}|\.\.\.)[ \t]*(?=\r\n|\n|\r|\Z)")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Parsed:
    """A note's file, read: its front matter and its body. `problem` is (line, message) if it is broken."""

    front: dict[str, Any] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1
    problem: tuple[int, str] | None = None


@dataclass(frozen=True)
class Block:
    """Where the front matter of a file is, in bytes: `data[start:end]` is the YAML, and the body begins at `body`."""

    start: int
    end: int
    body: int
    newline: bytes


def find_block(data: bytes) -> Block | None:
    """The front matter block of a file, or None if it has none. Raises Broken if it isn't closed or is too long."""
    begin = len(BOM) if data.startswith(BOM) else 0
    opening = _OPENING.match(data, begin)
    if not opening:
        return None
    newline = LINE_END.match(data, opening.end())
    if not newline:
        return None
    # One byte back: in an empty block, the line end of the opening line is also the block's.
    closing = _CLOSING.search(data, opening.end(), newline.end() + MAX_BYTES)
    if not closing:
        if len(data) > newline.end() + MAX_BYTES:
            raise Broken(1, f"the front matter is longer than {MAX_BYTES // 1024} KiB: close it with a line ---")
        raise Broken(1, "the front matter isn't closed: add a line --- after its last key")
    after = LINE_END.match(data, closing.end())
    return Block(newline.end(), max(newline.end(), closing.start()), after.end() if after else len(data), newline.group())


def read(data: bytes) -> Parsed:
    """A note's bytes, read. Never raises: what is wrong is in `problem`, and the body has all the text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
        return Parsed(body=text, problem=(1, "this file is UTF-16: convert it with iconv -f UTF-16 -t UTF-8"))
    undecodable = _first_bad_byte(data)
    if undecodable is not None:
        line = len(LINE_END.findall(data, 0, undecodable)) + 1
        message = f"this file isn't UTF-8 (byte 0x{data[undecodable]:02x}): convert it with iconv -t UTF-8 (often -f CP1252)"
        problem: tuple[int, str] | None = (line, message)
    else:
        problem = None
    try:
        block = find_block(data)
    except Broken as broken:
        return Parsed(body=_text(data), problem=problem or (broken.line, broken.message))
    if block is None:
        if data.lstrip(BOM).startswith(b"+++"):
            problem = problem or (1, "front matter between +++ (TOML) isn't read: write it as YAML between --- lines")
        return Parsed(body=_text(data), problem=problem)
    body_line = len(LINE_END.findall(data, 0, block.body)) + 1
    body = _text(data[block.body :])
    try:
        front, spans = parse(_text(data[block.start : block.end]))
    except Broken as broken:
        # A note that was meant to be private stays private, however broken the rest is.
        front, spans = ({"private": "true"} if _PRIVATE.search(data, block.start, block.end) else {}), {}
        problem = problem or (broken.line + 1, broken.message)
    return Parsed(front, {key: span.line + 2 for key, span in spans.items()}, body, body_line, problem)


_PRIVATE = re.compile(rb"^[ \t\"']*private[ \t\"']*:(?![ \t\"']*(?:no|false|off)\b)", re.MULTILINE | re.IGNORECASE)


def _first_bad_byte(data: bytes) -> int | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def has_marks(data: bytes) -> bool:
    """Whether a merge left both sides in a note, between its marks."""
    return re.search(rb"^(?:<<<<<<<|>>>>>>>)(?: |$)", data, re.MULTILINE) is not None
