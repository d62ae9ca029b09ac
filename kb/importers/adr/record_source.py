"""The files that an import reads, and the records in them."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ...notes import front_matter
from ...secrets import masking
from . import combined_log, false_alarms, record_dates, record_files, record_head, record_links
from .project_folders import is_log
from .record_head import Head
from .record_repair import as_text, lenient, repaired
from .record_text import RecordText


@dataclass(frozen=True)
class Source:
    """A Markdown file of the imported project: its path there, its bytes, and the day of its first commit.

    `allowed` are its lines that look like a secret and aren't one.
    """

    path: str
    data: bytes
    committed: str = ""
    allowed: tuple[int, ...] = ()


@dataclass(frozen=True)
class ImportedRecord:
    """A decision in the knowledge base that came from an earlier import."""

    ref: str
    source: str
    digest: str


@dataclass(frozen=True)
class TakenNames:
    """What the decisions' folder already has: names without endings, records imported earlier, other files."""

    names: tuple[str, ...] = ()
    known: tuple[ImportedRecord, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadRecord:
    """A source that was read, before it gets its name here."""

    source: Source
    text: str
    document: RecordText
    remarks: tuple[str, ...]
    masked: tuple[tuple[int, str], ...]  # line of the file, and kind
    digest: str
    broken: bool  # its front matter stays in the body, since it isn't YAML
    first_line: int = 1  # for a record that shares its file with others
    anchor: str = ""

    @cached_property
    def head(self) -> Head:
        """What the head says; not read for a record that is here already."""
        return record_head.read(self.document)

    @property
    def folder(self) -> str:
        """The folder of the record's file."""
        return posixpath.dirname(self.source.path)

    @cached_property
    def number(self) -> int | None:
        """The number in the file's name, else in a heading such as `# ADR-12: …`; a name that begins with a date has none."""
        if record_dates.in_name(self.document.name):
            return None
        own = record_head.number_of(self.document.name)
        told = self.document.heading.heading if self.document.heading else ""
        return (
            own
            if own is not None
            else record_head.number_of(told)
            if re.match(r"\W*(?:ADR[- ]?)?\d+\s*[.:]", told, re.I)
            else None
        )


def linked_files(sources: Iterable[Source], homes: Sequence[str]) -> dict[str, bool]:
    """The files that these sources link to, by their paths in the project, and whether they come along."""
    found: dict[str, bool] = {}
    for source in sources:
        folder = posixpath.dirname(source.path)
        for link in record_links.destinations(as_text(source.data)[0]):
            if path := record_links.resolved(link, folder):
                found[path] = found.get(path, False) or record_links.goes_along(link, path, home_of(source.path, homes))
    return found


class Neighbours:
    """A file's neighbours: whether other files in its folder, or only in other folders, are named like records."""

    def __init__(self, reads: Sequence[ReadRecord], homes: Sequence[str]) -> None:
        self.named = frozenset(
            folder
            for read in reads
            if record_files.called_like_one(read.document.name)
            for folder in (read.folder, _place(read))
        )
        self.whole_project = "" in homes

    def of(self, read: ReadRecord) -> str:
        """The `company` of a file, as `record_files.no_record` takes it."""
        if record_files.called_like_one(read.document.name):
            return "alone" if self.whole_project and read.folder else ""
        return "elsewhere" if self.named and not read.anchor and read.folder not in self.named else ""


def _place(read: ReadRecord) -> str:
    """The folder that the records are in: one level up if each has a folder of its own."""
    own = stem_of(read.source.path) != read.document.name and not read.anchor
    return posixpath.dirname(read.folder) if own else read.folder


def own_name(path: str) -> str:
    """The record's name: its file's, or its folder's if each record has one (`0007-use-x/README.md`)."""
    if part := re.search(r"\.(?:md|markdown)#([^/#]+)$", path, re.IGNORECASE):  # one of several records of a file
        return part[1]
    stem = re.sub(r"\.(?:md|markdown)$", "", posixpath.basename(path), flags=re.IGNORECASE)
    folder = posixpath.basename(posixpath.dirname(path))
    numbered = record_head.number_of(folder) is not None or record_dates.in_name(folder)
    return folder if numbered and stem.lower() in ("readme", "index", "adr", "decision") else stem


def read_record(source: Source) -> ReadRecord:
    """A record as it was read: decoded, with secrets masked, and with front matter repaired that could not be parsed."""
    raw, remark = as_text(source.data)
    clean, hits = masking.mask(false_alarms.allowed(raw, source.allowed))
    name = own_name(source.path)
    digest = _digest(name, masking.mask(raw)[0] if source.allowed else clean)
    text, mended = clean, ""
    parsed = front_matter.read(text.encode("utf-8", "replace"))
    if parsed.problem:
        text, mended = repaired(clean, parsed.problem)
        parsed = front_matter.read(text.encode("utf-8", "replace"))
    broken = parsed.problem is not None
    front, body = (parsed.front, parsed.body) if not broken else lenient(clean)
    document = RecordText(name, body, front, parsed.body_line, parsed.key_lines)
    remarks = tuple(one for one in (remark, mended) if one)
    return ReadRecord(source, text, document, remarks, tuple(sorted({(hit.line, hit.kind) for hit in hits})), digest, broken)


def taken_apart(reads: Sequence[ReadRecord]) -> Iterator[ReadRecord]:
    """The records of these files, one by one; a file that only lists records with files of their own is left whole."""
    named = {(read.folder, number) for read in reads if (number := record_head.number_of(read.document.name)) is not None}
    for read in reads:
        numbered = record_head.number_of(read.document.name) is not None or bool(record_dates.in_name(read.document.name))
        pieces = (
            [] if read.broken or (numbered and not is_log(read.source.path)) else combined_log.split(read.document, read.text)
        )
        if not pieces or named & {(read.folder, record_head.number_of(piece.name)) for piece in pieces}:
            yield read
            continue
        rest = combined_log.outside(pieces, read.text)
        file = posixpath.basename(read.source.path)
        for number, piece in enumerate(pieces):
            remarks = [*read.remarks, f"one of {len(pieces)} records in {file}, cut at its heading"]
            if not number and rest:
                remarks.append(f"lines {rest} of {file} belong to no record and stay there")
            yield _piece(read, piece, tuple(remarks))


def _piece(read: ReadRecord, piece: combined_log.LogPiece, remarks: tuple[str, ...]) -> ReadRecord:
    came = masking.mask(false_alarms.as_it_came(piece.text))[0] if read.source.allowed else piece.text
    last = piece.line + piece.text.count("\n")
    masked = tuple(one for one in read.masked if piece.line <= one[0] <= last)
    document = RecordText(piece.name, piece.text.replace("\r\n", "\n"), {}, piece.line)
    source = Source(f"{read.source.path}#{piece.name}", piece.text.encode("utf-8", "replace"))
    return ReadRecord(source, piece.text, document, remarks, masked, _digest(piece.name, came), True, piece.line, piece.anchor)


def _digest(name: str, text: str) -> str:
    """What a record is known by: of its text after masking, so that it tells nothing of a secret."""
    return hashlib.blake2b(f"{name}\0{text}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def stem_of(path: str) -> str:
    """The file's name without its ending."""
    return re.sub(r"\.(?:md|markdown|html?)$", "", posixpath.basename(path), flags=re.IGNORECASE)


def home_of(path: str, homes: Sequence[str]) -> str:
    """The folder of records that a file is in."""
    return max((home for home in homes if not home or path.startswith(home + "/")), key=len, default=posixpath.dirname(path))
