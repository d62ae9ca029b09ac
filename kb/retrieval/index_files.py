"""The files of the index: its manifest, its lock, its stamp."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import sys
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from whoosh import __version__ as whoosh_version

from ..logs.fingerprint import RULES
from ..notes.knowledge_base import KnowledgeBase
from . import known_errors

# How long another process may hold the index before this one answers without it.
PATIENCE = 3.0
_FORMAT = "3"


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
class Manifest:
    """What an index holds: of which notes it was made, and the files it is in."""

    stamp: str
    files: Mapping[str, Sequence[int]]  # name → size, time of change and checksum
    text: str

    def notes(self) -> dict[str, str]:
        """ref → digest of the notes in the index."""
        found: dict[str, str] = json.loads(self.text)
        return found


def index_stamp(base: KnowledgeBase) -> str:
    """Changes when a note, the rules of matching, the format, or the names of sections change."""
    rows = "\n".join(f"{note.ref} {note.digest}" for note in base.notes)
    headings = sorted(base.settings.headings.items())
    whole = f"{_FORMAT} {RULES} {known_errors.RULES} {whoosh_version} {sys.version_info[:2]} {headings}"
    return f"{_hash(whole)}-{_hash(rows)}"


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of the index; None when it is missing or damaged."""
    try:
        head, _, rest = (folder / MANIFEST_FILE).read_text("utf-8").partition("\n")
        stamp, check, files = json.loads(head)
        if check != zlib.crc32(rest.encode()):
            return None
        return Manifest(str(stamp), dict(files), rest)
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def is_whole(folder: Path, manifest: Manifest) -> bool:
    """Whether the files are the ones that were written: Whoosh has no checksums and reads damaged ones without a word."""
    return bool(manifest.files) and _files(folder) == {name: list(stat) for name, stat in manifest.files.items()}


def _files(folder: Path) -> dict[str, list[int]]:
    with os.scandir(folder) as children:
        found = [(child, child.stat(follow_symlinks=False)) for child in children if _IS_INDEX.match(child.name)]
        # A failing disk changes neither size nor time: the bytes decide. That is 0.6 ms for a thousand notes.
        return {
            child.name: [stat.st_size, stat.st_mtime_ns, zlib.crc32(Path(child.path).read_bytes())] for child, stat in found
        }


_IS_INDEX = re.compile(rf"_{INDEX_NAME}_\d+\.toc$|{INDEX_NAME}_[0-9a-z]+\.")


def write_manifest(folder: Path, stamp: str, notes: Mapping[str, str]) -> None:
    """Write the manifest, whole or not at all. Raises OSError."""
    text = json.dumps(notes)
    temporary = folder / f"{MANIFEST_FILE}.{os.getpid()}"
    head = json.dumps([stamp, zlib.crc32(text.encode()), _files(folder)])
    temporary.write_text(f"{head}\n{text}", "utf-8")
    os.replace(temporary, folder / MANIFEST_FILE)
