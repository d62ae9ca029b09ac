"""The index: known errors and words of all notes, in Whoosh, in a folder that can be deleted at any moment."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from whoosh import __version__ as whoosh_version
from whoosh import formats
from whoosh.fields import ID, STORED, FieldType, Schema
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.index import FileIndex
from whoosh.reading import TermNotFound

from ..notes.kinds import Note
from ..notes.knowledge_base import KnowledgeBase, once
from ..storage.files import private_folder
from . import index_protocol
from .index_files import (
    INDEX_NAME,
    LOCK_FILE,
    MANIFEST_FILE,
    Manifest,
    Stamp,
    index_stamp,
    is_whole,
    locked,
    read_manifest,
    write_manifest,
)

T = TypeVar("T")
_FIELDS = (index_protocol.ERROR, index_protocol.WORDS)


class Terms(FieldType):  # type: ignore[misc]
    """A field of terms that are weighed already: no analyzer, no lengths."""

    def __init__(self) -> None:
        self.format = formats.Existence()
        self.analyzer = None
        self.scorable = False
        self.stored = False
        self.unique = False
        self.vector = None
        self.spelling = False
        self.column_type = None

    def index(self, value: Mapping[str, float], **_: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """(term, frequency, weight, nothing) of each term."""
        for term, weight in value.items():
            yield term.encode("utf-8", "surrogatepass"), 1, weight, b""

    def to_bytes(self, value: str | bytes) -> bytes:
        """A term as the index keeps it."""
        return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")

    def from_bytes(self, bs: bytes) -> str:
        """A term as it was given."""
        return bs.decode("utf-8", "surrogatepass")


def _schema() -> Any:
    return Schema(ref=ID(unique=True, stored=True), digest=STORED, lines=STORED, **{field: Terms() for field in _FIELDS})


def of(base: KnowledgeBase, folder: Path, progress: Callable[[int, int], None] | None = None) -> WhooshReader:
    """The index of all notes of `base` as they are, refreshed in `folder`, or in memory when that can't be used.

    `progress(done, all)` is called now and then while many notes are indexed. Never raises for what is on the disk.
    """
    with _OPENING:
        opened = _opened(base)
        if folder not in opened:
            opened[folder] = _on_disk(base, folder, progress) or _in_memory(base, progress)
        return opened[folder]


@once
def _opened(_: KnowledgeBase) -> dict[Path, WhooshReader]:
    """The indexes that were opened for a snapshot, by folder."""
    return {}


_OPENING = RLock()  # threads that ask at the same time read one index


def ask(
    base: KnowledgeBase, folder: Path, question: Callable[[WhooshReader], T], progress: Callable[[int, int], None] | None = None
) -> T:
    """What `question` makes of the index. One that proves damaged while it is read is made anew, and asked again."""
    try:
        return question(of(base, folder, progress))
    except Exception:  # noqa: BLE001 - see _on_disk; what is wrong with the question itself is raised the second time
        _opened(base).pop(folder, None)
        with contextlib.suppress(OSError, ValueError):
            (folder / MANIFEST_FILE).unlink()
        return question(of(base, folder, progress))


class _Memory(RamStorage):  # type: ignore[misc]  # Whoosh has no types
    """An index in memory that writes in memory too: Whoosh would use a folder of one name in /tmp, where everybody's meet."""

    def temp_storage(self, name: str | None = None) -> _Memory:
        """Where a writer keeps what isn't finished."""
        del name
        return _Memory()


def _in_memory(base: KnowledgeBase, progress: Callable[[int, int], None] | None) -> WhooshReader:
    index = FileIndex.create(_Memory(), _schema(), INDEX_NAME)
    _write(index, base.notes, (), progress)
    return WhooshReader(index)


def _on_disk(base: KnowledgeBase, folder: Path, progress: Callable[[int, int], None] | None) -> WhooshReader | None:
    """The index in `folder`, refreshed; None when the folder can't be used."""
    stamp = index_stamp(base, f"whoosh {whoosh_version}")
    try:
        # Before anything in it is opened: a Whoosh table of contents is a pickle, and opening a planted one runs code.
        private_folder(folder.parent)
        private_folder(folder)
        for _ in range(3):
            manifest = read_manifest(folder, stamp)
            if manifest and manifest.notes == stamp.notes and (index := _open(folder, manifest)):
                return index
            with locked(folder) as mine:
                if not mine:
                    return _stale(folder) if manifest else None
                _refresh(folder, base, stamp, progress)
    except Exception:  # noqa: BLE001 - a full disk, a folder of somebody else, and eight kinds of errors that Whoosh raises for damage
        return None
    return None


def _refresh(folder: Path, base: KnowledgeBase, stamp: Stamp, progress: Callable[[int, int], None] | None) -> None:
    """Bring the index in `folder` up to the notes of `base`: by difference, or anew when there is anything wrong with it."""
    manifest = read_manifest(folder, stamp)
    if manifest and manifest.notes == stamp.notes and _open(folder, manifest):
        return  # another process did it meanwhile
    if not (manifest and is_whole(folder, manifest) and _written(folder, base, manifest.indexed(), progress)):
        _empty(folder)
        FileIndex.create(_storage(folder), _schema(), INDEX_NAME)
        _write(_whoosh_index(folder), base.notes, (), progress)
    write_manifest(folder, stamp, {note.ref: note.digest for note in base.notes})


def _written(
    folder: Path, base: KnowledgeBase, indexed: Mapping[str, str], progress: Callable[[int, int], None] | None
) -> bool:
    """Write the differences; False when the index can't be written."""
    current = {note.ref: note.digest for note in base.notes}
    gone = [ref for ref, digest in indexed.items() if current.get(ref) != digest]
    added = [note for note in base.notes if indexed.get(note.ref) != note.digest]
    try:
        _write(_whoosh_index(folder), added, gone, progress)
    except OSError:
        raise
    except Exception:  # noqa: BLE001 - see _on_disk
        return False
    return True


def _stale(folder: Path) -> WhooshReader | None:
    """What another process of the same kb, that is writing now, had before; None when that can't be read."""
    try:
        return WhooshReader(_whoosh_index(folder))
    except Exception:  # noqa: BLE001 - see _on_disk
        return None


def _open(folder: Path, manifest: Manifest) -> WhooshReader | None:
    """The index that `manifest` describes; None when it isn't that one, or is damaged."""
    if not is_whole(folder, manifest):
        return None
    try:
        return WhooshReader(_whoosh_index(folder))
    except Exception:  # noqa: BLE001 - see _on_disk
        return None


def _whoosh_index(folder: Path) -> Any:
    return FileIndex(_storage(folder), schema=_schema(), indexname=INDEX_NAME)


def _storage(folder: Path) -> Any:
    return FileStorage(str(folder))


def _empty(folder: Path) -> None:
    for child in list(os.scandir(folder)):
        if child.name == LOCK_FILE:
            continue
        if child.is_dir(follow_symlinks=False):
            shutil.rmtree(child.path)
        else:
            os.unlink(child.path)


# ---- reading and writing Whoosh --------------------------------------------------------------------------------------


class WhooshReader:
    """A Whoosh reader with the few questions that matching asks."""

    def __init__(self, whoosh_index: Any) -> None:
        self._reader = whoosh_index.reader()
        self._leaves = [(leaf, offset) for leaf, offset in self._reader.leaf_readers()]
        self._has_deletions = any(leaf.has_deletions() for leaf, _ in self._leaves)
        self._postings: dict[tuple[str, str], Sequence[tuple[int, float]]] = {}
        self._stored: dict[int, Mapping[str, Any]] = {}

    def count(self, field: str) -> int:
        """How many notes have anything in that field."""
        return len(self.postings(field, _ANY)) if field == index_protocol.ERROR else int(self._reader.doc_count())

    def frequency(self, field: str, term: str) -> int:
        """How many notes hold the term in that field."""
        if self._has_deletions:
            # Whoosh counts deleted documents until it merges: a note edited ten times would make its own words common.
            return len(self.postings(field, term))
        found = 0
        key = term.encode("utf-8", "surrogatepass")
        for leaf, _ in self._leaves:
            with contextlib.suppress(TermNotFound, KeyError):
                found += leaf.doc_frequency(field, key)
        return found

    def postings(self, field: str, term: str) -> Sequence[tuple[int, float]]:
        """The documents that hold the term in that field, with its weight there."""
        found = self._postings.get((field, term))
        if found is None:
            found = self._postings[field, term] = list(self._read_postings(field, term))
        return found

    def _read_postings(self, field: str, term: str) -> Iterator[tuple[int, float]]:
        key = term.encode("utf-8", "surrogatepass")
        for leaf, offset in self._leaves:
            try:
                matcher = leaf.postings(field, key)
            except TermNotFound:
                continue
            while matcher.is_active():
                yield matcher.id() + offset, matcher.weight()
                matcher.next()

    def known_lines(self, document: int) -> Sequence[tuple[str, str, int]]:
        """(line, signature, which of its known errors it stands in) of each line of a document's known errors."""
        lines: Sequence[tuple[str, str, int]] = self._fields(document).get("lines", ())
        return lines

    def ref(self, document: int) -> str:
        """The ref of a document's note."""
        return str(self._fields(document)["ref"])

    def beginning(self, field: str, prefix: str) -> Sequence[str]:
        """The terms of that field that begin so."""
        found: set[str] = set()
        for leaf, _ in self._leaves:
            with contextlib.suppress(TermNotFound):
                key = prefix.encode("utf-8", "surrogatepass")
                found.update(text.decode("utf-8", "surrogatepass") for text in leaf.expand_prefix(field, key))
        return sorted(found)

    def _fields(self, document: int) -> Mapping[str, Any]:
        found = self._stored.get(document)
        if found is None:
            found = self._stored[document] = self._reader.stored_fields(document)
        return found


_ANY = "*"  # a term that every note with a known error has


def _write(index: Any, added: Sequence[Note], gone: Sequence[str], progress: Callable[[int, int], None] | None) -> None:
    """Delete the notes of the refs `gone`, add the notes `added`, and commit; all or nothing."""
    writer = index.writer(limitmb=256)
    writer.codec.length_stats = False  # no field has lengths, and looking for them takes nearly half of the time
    try:
        for ref in gone:
            writer.delete_by_term("ref", ref)
        for done, note in enumerate(added):
            entry = index_protocol.entry(note)
            fields: dict[str, Any] = {name: terms for name, terms in entry.fields.items() if terms}
            if entry.lines:
                fields[index_protocol.ERROR] = {**entry.fields[index_protocol.ERROR], _ANY: 1.0}
            writer.add_document(ref=note.ref, digest=note.digest, lines=entry.lines, **fields)
            if progress and done % 50 == 49:
                progress(done + 1, len(added))
        writer.commit()
    except BaseException:
        with contextlib.suppress(Exception):
            writer.cancel()
        raise
