"""Digests and stamps of what a cache was made from."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from .folders import PACKAGE

FORMAT = "2"
GRAIN = 2_000_000_000  # nanoseconds in which a file may change twice and show the same time
MOST_BYTES = 256 * 1024 * 1024  # a larger record is none; ten thousand notes take fifteen million


def as_text(value: object) -> str:
    """A value as one line of JSON. Raises TypeError or ValueError."""
    return json.dumps(value, separators=(",", ":"))


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
