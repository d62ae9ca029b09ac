"""The index: known errors and words of all notes, in Whoosh, in a folder that can be deleted at any moment."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from whoosh import __version__ as whoosh_version
from whoosh import formats
from whoosh.fields import ID, STORED, FieldType, Schema
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.index import FileIndex
from whoosh.reading import TermNotFound

from ..logs.fingerprint import RULES
from ..notes.kinds import Note
from ..notes.knowledge_base import KnowledgeBase
from ..storage.files import private_folder
from . import known_errors

# How long another process may hold the index before this one answers without it.
PATIENCE = 3.0
T = TypeVar("T")
_FORMAT = "2"
_FIELDS = (known_errors.ERROR, known_errors.TITLE, known_errors.ABOUT, known_errors.BODY)


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


def of(base: KnowledgeBase, folder: Path, progress: Callable[[int, int], None] | None = None) -> Index:
    """The index of all notes of `base` as they are, refreshed in `folder`, or in memory when that can't be used.

    `progress(done, all)` is called now and then while many notes are indexed. Never raises for what is on the disk.
    """
    kept = vars(base).get("_index")
    if isinstance(kept, Index):
        return kept
    index = _on_disk(base, folder, progress) or _in_memory(base, progress)
    # As a cached_property of a higher floor would: it lives and dies with the snapshot that it answers for.
    vars(base)["_index"] = index
    return index


def ask(
    base: KnowledgeBase, folder: Path, question: Callable[[Index], T], progress: Callable[[int, int], None] | None = None
) -> T:
    """What `question` makes of the index. One that proves damaged while it is read is made anew, and asked again."""
    try:
        return question(of(base, folder, progress))
    except Exception:  # see _on_disk; what is wrong with the question itself is raised the second time
        vars(base).pop("_index", None)
        with contextlib.suppress(OSError, ValueError):
            (folder / _MANIFEST).unlink()
        return question(of(base, folder, progress))


class _Memory(RamStorage):  # type: ignore[misc]  # Whoosh has no types
    """An index in memory that writes in memory too: Whoosh would use a folder of one name in /tmp, where everybody's meet."""

    def temp_storage(self, name: str | None = None) -> _Memory:
        """Where a writer keeps what isn't finished."""
        del name
        return _Memory()


def _in_memory(base: KnowledgeBase, progress: Callable[[int, int], None] | None) -> Index:
    index = FileIndex.create(_Memory(), _schema(), _NAME)
    _write(index, base.notes, (), progress)
    return Index(index)


def _on_disk(base: KnowledgeBase, folder: Path, progress: Callable[[int, int], None] | None) -> Index | None:
    """The index in `folder`, refreshed; None when the folder can't be used."""
    stamp = _stamp(base)
    try:
        # Before anything in it is opened: a Whoosh table of contents is a pickle, and opening a planted one runs code.
        private_folder(folder.parent)
        private_folder(folder)
        for _ in range(3):
            manifest = _manifest(folder)
            if manifest and manifest.stamp == stamp and (index := _open(folder, manifest)):
                return index
            with _locked(folder) as mine:
                if not mine:
                    return _stale(folder)
                _refresh(folder, base, stamp, progress)
    except Exception:  # a full disk, a folder of somebody else, and eight kinds of errors that Whoosh raises for damage
        return None
    return None


def _refresh(folder: Path, base: KnowledgeBase, stamp: str, progress: Callable[[int, int], None] | None) -> None:
    """Bring the index in `folder` up to the notes of `base`: by difference, or anew when there is anything wrong with it."""
    manifest = _manifest(folder)
    if manifest and manifest.stamp == stamp and _open(folder, manifest):
        return  # another process did it meanwhile
    same_rules = manifest is not None and manifest.stamp.partition("-")[0] == stamp.partition("-")[0]
    if not (manifest and same_rules and _is_whole(folder, manifest) and _written(folder, base, manifest.notes(), progress)):
        _empty(folder)
        FileIndex.create(_storage(folder), _schema(), _NAME)
        _write(_whoosh_index(folder), base.notes, (), progress)
    _write_manifest(folder, stamp, {note.ref: note.digest for note in base.notes})


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
    except Exception:  # see _on_disk
        return False
    return True


def _stale(folder: Path) -> Index | None:
    """What another process, that is writing now, had before; None when there is nothing yet."""
    try:
        return Index(_whoosh_index(folder))
    except Exception:  # see _on_disk
        return None


def _open(folder: Path, manifest: Manifest) -> Index | None:
    """The index that `manifest` describes; None when it isn't that one, or is damaged."""
    if not _is_whole(folder, manifest):
        return None
    try:
        return Index(_whoosh_index(folder))
    except Exception:  # see _on_disk
        return None


def _whoosh_index(folder: Path) -> Any:
    return FileIndex(_storage(folder), schema=_schema(), indexname=_NAME)


def _storage(folder: Path) -> Any:
    return FileStorage(str(folder))


def _empty(folder: Path) -> None:
    for child in list(os.scandir(folder)):
        if child.name == _LOCK:
            continue
        if child.is_dir(follow_symlinks=False):
            shutil.rmtree(child.path)
        else:
            os.unlink(child.path)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Whether the index is ours to write now. The lock ends with the process, however it ends."""
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
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


# ---- the manifest: what the index holds, so that it needn't be opened to know ----------------------------------------

_NAME, _LOCK, _MANIFEST = "kb", "lock", "manifest.json"


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


def _stamp(base: KnowledgeBase) -> str:
    """Changes when a note, the rules of matching, the format, or the names of sections change."""
    rows = "\n".join(f"{note.ref} {note.digest}" for note in base.notes)
    headings = sorted(base.settings.headings.items())
    whole = f"{_FORMAT} {RULES} {known_errors.RULES} {whoosh_version} {sys.version_info[:2]} {headings}"
    return f"{_hash(whole)}-{_hash(rows)}"


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _manifest(folder: Path) -> Manifest | None:
    try:
        head, _, rest = (folder / _MANIFEST).read_text("utf-8").partition("\n")
        stamp, check, files = json.loads(head)
        if check != zlib.crc32(rest.encode()):
            return None
        return Manifest(str(stamp), dict(files), rest)
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _is_whole(folder: Path, manifest: Manifest) -> bool:
    """Whether the files are the ones that were written: Whoosh has no checksums and reads damaged ones without a word."""
    return bool(manifest.files) and _files(folder) == {name: list(stat) for name, stat in manifest.files.items()}


def _files(folder: Path) -> dict[str, list[int]]:
    with os.scandir(folder) as children:
        found = [(child, child.stat(follow_symlinks=False)) for child in children if _IS_INDEX.match(child.name)]
        # A failing disk changes neither size nor time: the bytes decide. That is 0.6 ms for a thousand notes.
        return {
            child.name: [stat.st_size, stat.st_mtime_ns, zlib.crc32(Path(child.path).read_bytes())] for child, stat in found
        }


_IS_INDEX = re.compile(rf"_{_NAME}_\d+\.toc$|{_NAME}_[0-9a-z]+\.")


def _write_manifest(folder: Path, stamp: str, notes: Mapping[str, str]) -> None:
    text = json.dumps(notes)
    temporary = folder / f"{_MANIFEST}.{os.getpid()}"
    head = json.dumps([stamp, zlib.crc32(text.encode()), _files(folder)])
    temporary.write_text(f"{head}\n{text}", "utf-8")
    os.replace(temporary, folder / _MANIFEST)


# ---- reading and writing Whoosh --------------------------------------------------------------------------------------


class Index:
    """A Whoosh reader with the few questions that matching asks."""

    def __init__(self, whoosh_index: Any) -> None:
        self._reader = whoosh_index.reader()
        self._leaves = [(leaf, offset) for leaf, offset in self._reader.leaf_readers()]
        self._postings: dict[tuple[str, str], Sequence[tuple[int, float]]] = {}
        self._stored: dict[int, Mapping[str, Any]] = {}

    def count(self, field: str) -> int:
        """How many notes have anything in that field."""
        return len(self.postings(field, _ANY)) if field == known_errors.ERROR else int(self._reader.doc_count())

    def frequency(self, field: str, term: str) -> int:
        """How many notes hold the term in that field."""
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

    def known_lines(self, document: int) -> Sequence[tuple[str, str]]:
        """The (line, signature) pairs of a document's known errors."""
        lines: Sequence[tuple[str, str]] = self._fields(document).get("lines", ())
        return lines

    def ref(self, document: int) -> str:
        """The ref of a document's note."""
        return str(self._fields(document)["ref"])

    def words_like(self, word: str) -> Sequence[str]:
        """Words of the notes' texts that begin with the same two letters."""
        prefix = word[:2].encode("utf-8", "surrogatepass")
        found: set[str] = set()
        for leaf, _ in self._leaves:
            for field in (known_errors.TITLE, known_errors.ABOUT, known_errors.BODY):
                with contextlib.suppress(TermNotFound):
                    found.update(text.decode("utf-8", "surrogatepass") for text in leaf.expand_prefix(field, prefix))
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
            entry = known_errors.entry(note)
            fields: dict[str, Any] = {name: terms for name, terms in entry.fields.items() if terms}
            if entry.lines:
                fields[known_errors.ERROR] = {**entry.fields[known_errors.ERROR], _ANY: 1.0}
            writer.add_document(ref=note.ref, digest=note.digest, lines=entry.lines, **fields)
            if progress and done % 50 == 49:
                progress(done + 1, len(added))
        writer.commit()
    except BaseException:
        with contextlib.suppress(Exception):
            writer.cancel()
        raise
