"""Importing decision records: from the files of a project to notes, and a report. Pure: the caller reads and writes.

How a record is recognised again: an imported note says where it came from (`imported_from`, its project and path) and what
it contained (`imported_digest`, of the file's name and its text after masking, so that the digest reveals nothing of a
secret). A file with a known digest is the same record, wherever its project was cloned; a known path with another digest is
a source that has changed since, which is reported and left alone.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...notes.front_matter_edit import NewValue
from . import record_dates, record_files, record_head, record_links
from .record_head import Head
from .record_repair import split_body
from .record_rewrite import attachments_of, new_home, new_names, with_head
from .record_source import Neighbours, ReadRecord, Source, TakenNames, read_record, stem_of, taken_apart
from .record_ties import Targets, Ties, ties_of
from .relations import says_nothing


@dataclass(frozen=True)
class PlannedRecord:
    """A source as it will be written, and what to report about it."""

    source: str
    name: str  # of the new file, without .md
    data: bytes
    head: Head
    status: str
    date: str
    date_from: str  # text | file name | git | nothing
    refs: Mapping[str, tuple[str, ...]]  # supersedes, superseded-by, amends
    guessed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    masked: tuple[tuple[int, str], ...] = ()  # line of the source, and kind

    @property
    def ref(self) -> str:
        """Its name in the knowledge base."""
        return f"decisions/{self.name}"


@dataclass(frozen=True)
class Plan:
    """What an import would do."""

    records: tuple[PlannedRecord, ...]
    attachments: Mapping[str, str]  # path in the project → path in the decisions' folder
    known: Mapping[str, str]  # path in the project → ref
    changed: Mapping[str, str]
    refused: Mapping[str, str]  # path in the project → why it isn't a decision


def plan(
    project: str, sources: Sequence[Source], files: Mapping[str, bytes | None], there: TakenNames, homes: Sequence[str] = ()
) -> Plan:
    """What importing these sources of the project with that name would write.

    `files` are what they link to: the bytes of those that come along, None for other files that exist; a missing one is a dead link.
    """
    known, changed, refused = {}, {}, {}
    fresh: list[ReadRecord] = []
    digests = {one.digest: one.ref for one in there.known}
    by_source = {one.source: one.ref for one in there.known}
    reads = [
        read_record(source) for source in sorted(sources, key=lambda one: (posixpath.dirname(one.path), stem_of(one.path)))
    ]
    company = Neighbours(reads, homes)
    for read in taken_apart(reads):
        source = read.source
        if ref := digests.get(read.digest):
            known[source.path] = ref
        elif ref := by_source.get(f"{project}/{source.path}"):
            changed[source.path] = ref
        elif reason := record_files.no_record(read.document, company.of(read)):
            refused[source.path] = reason
        else:
            fresh.append(read)
    names = new_names(fresh, there.names)
    targets = Targets(fresh, names, {**known, **changed})
    kept = attachments_of(fresh, files, there.files, homes)
    ties = ties_of(fresh, targets)
    order = record_dates.day_first(read.head.date_text for read in fresh)
    made = tuple(_record(project, read, names[read.source.path], targets, ties, kept, files, order) for read in fresh)
    return Plan(made, kept, known, changed, refused)


def _record(
    project: str,
    read: ReadRecord,
    name: str,
    targets: Targets,
    ties: Ties,
    kept: Mapping[str, str],
    files: Mapping[str, bytes | None],
    order: bool | None,
) -> PlannedRecord:
    own, said = read.source.path, read.head
    guessed = [*read.remarks, *said.disagree, *ties.guessed.get(own, ())]
    left = list(ties.left.get(own, ()))
    status = "superseded" if own in ties.superseded else said.status.word
    if not status:
        text = f"status {said.status.raw!r} is none that kb knows" if said.status.raw else "it says no status"
        left.append(f"{text}: kb shows it as proposed")
    elif not said.status.sure and own not in ties.superseded:
        guessed.append(
            f"status {said.status.raw!r} taken as {status}"
            if said.status.raw
            else f"no status, taken as {status} from its links"
        )
    day, origin = _day(read, order)
    if origin == "text" and not said.date:
        how = "as the other records write it" if order is not None else "the reading next to its first commit"
        guessed.append(f"date {said.date_text!r} read as {day}, {how}")
    if origin in ("file name", "git"):
        named = "its heading" if read.anchor else "its file name"
        guessed.append(f"date {day} from {named if origin == 'file name' else 'its first commit'}")
    elif not day:
        left.append(
            f"date {said.date_text!r} can be read in more than one way, or in none" if said.date_text else "it says no date"
        )
    if not said.title:
        left.append("it has no title: its file's name is shown")
    if not said.dialect:
        guessed.append("taken for a decision by its file's name")
    if read.number is not None and read.number != (number := record_head.number_of(name)):
        guessed.append(f"number {read.number} is taken here: it is {number}")
    refs = {
        kind: tuple(targets.refs[other] for other in ties.of.get((kind, own), ()))
        for kind in ("supersedes", "superseded-by", "amends")
    }
    changes = _changes(read, status, day, refs)
    changes["imported_from"] = f"{project}/{own}"
    changes["imported_digest"] = read.digest
    front, body = ("", read.text) if read.broken else split_body(read.text)
    moved = record_links.moved(body, lambda link: new_home(link, read, targets, kept, files, guessed, left, front.count("\n")))
    data = with_head(front, moved, changes, read.document.front)
    return PlannedRecord(
        own, name, data, said, status, day, origin, refs, tuple(guessed), tuple(dict.fromkeys(left)), read.masked
    )


def _day(read: ReadRecord, order: bool | None) -> tuple[str, str]:
    """The date, and where it is from: the text, else the file's name, else the source's first commit.

    05/02/2018 can be two days: the other records (`order`: is the day first?) or the first commit decide which.
    """
    said, committed = read.head, read.source.committed
    either = record_dates.find(said.date_text, order) if order is not None else ""
    if day := said.date or either or (record_dates.nearest(said.date_text, committed[:10]) if committed else ""):
        return day, "text"
    if day := record_dates.in_name(read.document.name):
        return day, "file name"
    return (read.source.committed, "git") if read.source.committed else ("", "nothing")


def _changes(read: ReadRecord, status: str, day: str, refs: Mapping[str, tuple[str, ...]]) -> dict[str, NewValue]:
    """The keys that the note's front matter needs in addition to those that it has."""
    have: Mapping[str, object] = {} if read.broken else read.document.front
    changes = {
        **dict(_title_and_status(read.head, status, have)),
        **dict(_date_keys(read.head, day, have)),
        **{key: people for key, people in read.head.people.items() if not have.get(key)},
        **dict(_reference_keys(read.head, refs, have)),
    }
    return {key: value for key, value in changes.items() if value or key in have}


def _title_and_status(said: Head, status: str, have: Mapping[str, object]) -> Iterator[tuple[str, NewValue]]:
    if said.title and not have.get("title"):
        yield "title", said.title
    if str(have.get("status") or "").strip().lower() != status:
        yield "status", status
    if said.status.raw and (said.status.says_more or said.status.word != status):
        yield "status_text", said.status.raw


def _date_keys(said: Head, day: str, have: Mapping[str, object]) -> Iterator[tuple[str, NewValue]]:
    """The date as kb writes it, and what the source says, if that differs."""
    written = str(have.get("date") or "")
    if not (day and re.match(r"\d{4}-\d\d-\d\d(?:$|[T ]\d)", written)):
        if written and written != day:
            yield "date_text", written
        if day or written:
            yield "date", day
    if said.date_text and not day and not written:
        yield "date_text", said.date_text


def _reference_keys(
    said: Head, refs: Mapping[str, tuple[str, ...]], have: Mapping[str, object]
) -> Iterator[tuple[str, NewValue]]:
    """What a record says about others. A key that names none is emptied; words that say more are kept beside it."""
    yield from ((kind, names) for kind, names in refs.items() if names)
    unnamed = {kind: value for kind in refs if not refs[kind] and isinstance(value := have.get(kind), str)}
    for one in said.relations:  # "supersedes: ADR-7, for the queue only" is `amends` here: its words stay beside it
        if one.partly and one.kind in unnamed:
            yield one.kind, ""
            yield f"{one.kind}_text", unnamed[one.kind]
    yield from ((kind, "") for kind, value in unnamed.items() if says_nothing(value))  # "supersedes: null"
