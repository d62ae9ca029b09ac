"""kb's own caches: one file format and one stamp for every store, and the digests that they compare."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from .. import plugins
from . import files
from .folders import PACKAGE

GRAIN = 2_000_000_000  # nanoseconds within which a file may change twice and still show the same time
MOST_BYTES = 256 * 1024 * 1024  # a larger file isn't kb's; ten thousand notes take fifteen million
_NOT_RUN = frozenset(("__pycache__", "demo"))  # compiled files, and data that no store depends on


# ---- a store: one file, whose first line has the stamp and the checksum of the rest ----------------------------------


def stamp(store: str, *parts: object) -> str:
    """What a store was made by: its name, the running program, and whatever else it depends on (such as the settings).

    A store with another stamp is rebuilt, so no one has to raise a version number when a rule changes.
    """
    return digest(store, program(), *map(repr, parts))


def load(path: Path, made_by: str) -> bytes | None:
    """What `save` wrote; None if it is missing, damaged, made by something else, or possibly someone else's."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            ours = status.st_uid == os.geteuid() and not status.st_mode & 0o022
            if not ours or not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
                return None
            head = file.readline(1000)
            body = file.read()
    except (OSError, ValueError):
        return None
    return body if head == _head(made_by, body) else None


def save(path: Path, made_by: str, body: bytes | bytearray) -> None:
    """Write a store that only its owner can read, whole or not at all. Raises OSError."""
    files.write_private(path, _head(made_by, body) + body)


def _head(made_by: str, body: bytes | bytearray) -> bytes:
    return f"kb {made_by} {len(body)} {zlib.crc32(body):08x}\n".encode()


def load_json(path: Path, made_by: str) -> object:
    """The value that `save_json` wrote; None if `load` returns None."""
    body = load(path, made_by)
    try:
        return None if body is None else json.loads(body)
    except (ValueError, RecursionError):
        return None


def save_json(path: Path, made_by: str, value: object) -> None:
    """Write a value as a store. Raises OSError."""
    save(path, made_by, as_text(value).encode("ascii"))


def as_text(value: object) -> str:
    """A value as one line of JSON. Raises TypeError or ValueError."""
    return json.dumps(value, separators=(",", ":"))


# ---- digests ---------------------------------------------------------------------------------------------------------


def digest_of(data: bytes | memoryview) -> str:
    """The digest of some bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def digest(*parts: str) -> str:
    """The digest of several texts; it depends on where each one ends."""
    sizes = " ".join(str(len(part)) for part in parts)
    return digest_of("\0".join((sizes, *parts)).encode("utf-8", "surrogatepass"))


def program() -> str:
    """The digest of the running program: Python, kb's own files, its plugins' files, and every package installed beside them.

    It is computed once per process: whatever a process makes is made by the program that it started as.
    """
    return _program(tuple(sys.path))


@cache
def _program(path: tuple[str, ...]) -> str:
    own = [_size_and_time(PACKAGE), *map(_size_and_time, plugins.sources(path))]
    return digest(sys.version, repr(own), repr(sorted(name for _, name in plugins.distributions(path))))


def _size_and_time(source: Path) -> list[tuple[str, int, int]]:
    """The name, size and time of a file, or of each file in a folder: editing in place changes one of them."""
    top = len(str(source))
    try:
        found = _walk(source, _NOT_RUN) if source.is_dir() else [(str(source), source.stat())]
        return sorted((path[top:], status.st_size, status.st_mtime_ns) for path, status in found)
    except OSError:
        return []


def tree(folder: Path, known: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Every file below `folder` with the digest of its bytes, unless it is `known`; hidden ones at the top aren't ours.

    Raises OSError.
    """
    top = len(str(folder)) + 1
    inside = ((path[top:], status) for path, status in _walk(folder) if not path[top:].startswith("."))
    return {
        path: known.get(path) or digest_of((folder / path).read_bytes()) if stat.S_ISREG(status.st_mode) else "no file"
        for path, status in inside
    }


def stamps(root: Path, paths: Iterable[str], now_ns: int) -> list[tuple[str, ...]] | None:
    """Size, times and number of files; None if one is so new that it may change again within the clock's resolution."""
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


def _walk(folder: Path, but: frozenset[str] = frozenset()) -> Iterator[tuple[str, os.stat_result]]:
    """Every file below `folder` with its status; doesn't follow links or enter folders named in `but`."""
    waiting = [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as children:
            for child in children:
                if not child.is_dir(follow_symlinks=False):
                    yield child.path, child.stat(follow_symlinks=False)
                elif child.name not in but:
                    waiting.append(child.path)
