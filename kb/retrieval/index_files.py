"""The files of the index: its manifest, its lock, its stamp."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..notes.knowledge_base import KnowledgeBase
from ..storage import cache

# How long another process may hold the index before this one answers without it.
PATIENCE = 3.0


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Whether the index is ours to write now. The lock ends with the process, however it ends."""
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        until = time.monotonic() + PATIENCE
        mine = False
        while not mine:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                mine = True
            except BlockingIOError:
                if time.monotonic() > until:
                    break
                time.sleep(0.02)
        yield mine
    finally:
        os.close(descriptor)


INDEX_NAME, LOCK_FILE, MANIFEST_FILE = "kb", "lock", "manifest.json"


@dataclass(frozen=True)
class Stamp:
    """What an index is made of: by what (the program, the settings), and from which notes."""

    made_by: str
    notes: str


@dataclass(frozen=True)
class Manifest:
    """What an index holds: of which notes it was made, and the files it is in."""

    notes: str  # as in Stamp
    files: Mapping[str, Sequence[int]]  # name → size, time of change, owner and checksum
    text: str

    def indexed(self) -> dict[str, str]:
        """ref → digest of the notes in the index."""
        found: dict[str, str] = json.loads(self.text)
        return found


def index_stamp(base: KnowledgeBase, engine: str) -> Stamp:
    """Changes when a note, the settings, the engine or anything else of what makes an index changes."""
    rows = "\n".join(f"{note.ref} {note.digest}" for note in base.notes)
    return Stamp(cache.stamp("index", engine, base.settings), cache.digest(rows))


def read_manifest(folder: Path, stamp: Stamp) -> Manifest | None:
    """The manifest of an index that the same program made; None when it is missing or damaged."""
    body = cache.load(folder / MANIFEST_FILE, stamp.made_by)
    if body is None:
        return None
    try:
        head, _, text = body.decode("ascii").partition("\n")
        notes, files = json.loads(head)
        return Manifest(str(notes), dict(files), text)
    except (ValueError, TypeError, RecursionError):
        return None


def is_whole(folder: Path, manifest: Manifest) -> bool:
    """Whether the files are the ones that were written: Whoosh has no checksums and reads damaged ones without a word."""
    return bool(manifest.files) and _files(folder) == {name: list(stat) for name, stat in manifest.files.items()}


def _files(folder: Path) -> dict[str, list[int]]:
    with os.scandir(folder) as children:
        found = [(child, child.stat(follow_symlinks=False)) for child in children if _IS_INDEX.match(child.name)]
        # A failing disk changes neither size nor time: the bytes decide. That is 0.6 ms for a thousand notes.
        return {
            child.name: [stat.st_size, stat.st_mtime_ns, stat.st_uid, zlib.crc32(Path(child.path).read_bytes())]
            for child, stat in found
        }


_IS_INDEX = re.compile(rf"_{INDEX_NAME}_\d+\.toc$|{INDEX_NAME}_[0-9a-z]+\.")


def write_manifest(folder: Path, stamp: Stamp, notes: Mapping[str, str]) -> None:
    """Write the manifest, whole or not at all. Raises OSError."""
    body = f"{cache.as_text([stamp.notes, _files(folder)])}\n{cache.as_text(notes)}"
    cache.save(folder / MANIFEST_FILE, stamp.made_by, body.encode("ascii"))
