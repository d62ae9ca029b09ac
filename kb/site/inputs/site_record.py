"""What the last build of the site was made of, so that the next one makes only what differs.

It holds digests and addresses, no page: those are in the site itself, and count only while their bytes are the ones that
were written. It can be deleted at any moment; without it, or when it is damaged, everything is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...storage import files as disk
from ...storage.folders import PACKAGE

FORMAT = "2"
GRAIN = 2_000_000_000  # nanoseconds in which a file may change twice and show the same time
MOST_BYTES = 256 * 1024 * 1024  # a larger record is none; ten thousand notes take fifteen million


@dataclass(frozen=True)
class Kept:
    """A page as the last build wrote it. The links are what was asked while it was made, and what the answers were."""

    made_of: str  # the digest of its words and of everything around them
    links: Mapping[str, str]  # of kb's own words: what stands there → the address that it became
    digest: str  # of the bytes of the file
    text_of: str = ""  # the digest of the note's text alone, and of how it is rendered
    text_links: list[Any] = field(default_factory=list)
    start: int = 0  # where the rendered text stands in the file
    end: int = 0
    headings: list[Any] = field(default_factory=list)
    plain: str = ""


@dataclass(frozen=True)
class Record:
    """One build: what it was made of, what was said, and every file that it wrote.

    What there is of each page and note is kept as the JSON that it is in the file: most of it goes into the next record as
    it stands, and as objects it would take a third of a build's memory.
    """

    whole: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  # path → digest of its bytes
    pages: Mapping[str, str] = field(default_factory=dict)  # path → Kept as text
    made_by: str = ""  # the digest of what made what stands in `made`: what was made of each note alone
    made: Mapping[str, str] = field(default_factory=dict)


def as_text(value: object) -> str:
    """A value as one line of JSON. Raises TypeError or ValueError."""
    return json.dumps(value, separators=(",", ":"))


def row_of(kept: Kept) -> str:
    """A page as text for a record. Raises TypeError or ValueError."""
    return as_text([getattr(kept, name) for name in _NAMES])


def kept_of(row: str) -> Kept:
    """The page that was made such a text."""
    return Kept(*json.loads(row))


_NAMES = [row.name for row in fields(Kept)]


def load(path: Path) -> Record:
    """The record in a file; an empty one when it is missing, damaged, of another version, or could be somebody else's."""
    try:
        disk.private_folder(path.parent)
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_size > MOST_BYTES:
                return Record()
            data = file.read()
        head = data.index(b"\n") + 1
        if data[:head] != _head(memoryview(data)[head:]):
            return Record()
        first, *rows = data[head:].decode("ascii").split("\n")
        whole, said, files, made_by, pages = json.loads(first)
        named = [(json.loads(name), value) for name, _, value in (row.partition("\t") for row in rows)]
        return Record(whole, said, files, dict(named[:pages]), made_by, dict(named[pages:]))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return Record()


def save(path: Path, record: Record) -> None:
    """Write a record, whole or not at all; where it can't be written the next build makes everything anew."""
    data = bytearray(_head(b""))
    head = len(data)
    try:
        data += as_text([record.whole, record.said, record.files, record.made_by, len(record.pages)]).encode("ascii")
        for rows in (record.pages, record.made):
            for name, value in rows.items():
                data += f"\n{as_text(name)}\t{value}".encode("ascii")
        data[:head] = _head(memoryview(data)[head:])
        disk.write_private(path, data)
    except (OSError, TypeError, ValueError, RecursionError):
        forget(path)


def forget(path: Path) -> None:
    """Remove a record."""
    with contextlib.suppress(OSError):
        path.unlink()


def _head(body: bytes | memoryview) -> bytes:
    return f"{FORMAT} {digest_of(body)}\n".encode()


# ---- digests ---------------------------------------------------------------------------------------------------------


def digest_of(data: bytes | memoryview) -> str:
    """The digest of some bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def digest(*parts: str) -> str:
    """The digest of several texts; where one ends and the next begins counts."""
    sizes = " ".join(str(len(part)) for part in parts)
    return digest_of("\0".join((sizes, *parts)).encode("utf-8", "surrogatepass"))


def program() -> str:
    """The digest of what runs: kb's own files, and all that is installed beside it, with its versions."""
    package = PACKAGE
    own = [
        (os.path.relpath(path, package), status.st_size, status.st_mtime_ns)
        for path, status in _walk(package)
        if "__pycache__" not in path
    ]
    installed = {
        name
        for folder in sys.path
        if os.path.isdir(folder)
        for name in os.listdir(folder)
        if name.endswith((".dist-info", ".egg-info"))
    }
    return digest(FORMAT, sys.version, repr(sorted(own)), repr(sorted(installed)))


def tree(folder: Path, known: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Every file below `folder` with the digest of its bytes, where it isn't `known`; hidden ones at its top are not ours.

    Raises OSError.
    """
    top = len(str(folder)) + 1
    inside = ((path[top:], status) for path, status in _walk(folder) if not path[top:].startswith("."))
    return {
        path: known.get(path) or digest_of((folder / path).read_bytes()) if stat.S_ISREG(status.st_mode) else "no file"
        for path, status in inside
    }


def stamps(root: Path, paths: Iterable[str], now_ns: int) -> list[tuple[str, ...]] | None:
    """Size, times and number of files; None when one is so new that it may change again within the clock's grain."""
    found = []
    for path in paths:
        try:
            status = os.lstat(root / path)
        except OSError:
            return None
        if now_ns - max(status.st_mtime_ns, status.st_ctime_ns) < GRAIN:
            return None
        found.append((path, *map(str, (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))))
    return found


def _walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every file below `folder`, links not followed, with its status."""
    waiting = [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as children:
            for child in children:
                if child.is_dir(follow_symlinks=False):
                    waiting.append(child.path)
                else:
                    yield child.path, child.stat(follow_symlinks=False)
