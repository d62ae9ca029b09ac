"""What the head of a decision record says: the same rules for imported records and for those left in place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from . import record_dates, status_words, vocabulary
from .dialect import PLACES, Dialect, Place, in_front, recognised
from .record_headings import plain
from .record_relations import ANNOTATION, in_prose, relations_in, unique
from .record_text import RecordText, uncommented_lines
from .relations import PHRASE, Relation, blanked
from .status_words import Status

NUMBER = re.compile(
    rf"^(?:\[[a-z ]{{3,20}}\]\s*)?(?:(?:adr|ad|dr|madr|ladr|ddr|tdr|pddr|dec|d(?=-\d\d)|{vocabulary.either('record')})[-_ #.:]*0*(?P<a>\d{{1,6}})|0*(?P<b>\d{{1,6}}))(?!\d)(?![-_.]\d\d[-_.]\d\d)[-_. :)–—]*",
    re.I,
)
_TITLE_MARK = re.compile(
    r"^(?:(?:19|20)\d\d-\d\d-\d\d\s*[:|–—-]\s*|(?:architecture|architectural|technical|any|design)?\s*decision\s+(?:record|log)\s*(?:#?\d+)?\s*[:–—-]\s*"
    rf"|\[?(?:ADR|DDR|TDR|PDDR|DEC|D(?=-\d))[- _#]?[A-Z]?\d+\]?\s*[:\uff1a.|·–—-]*\s*|\[ADRs?\]\s*|ADR\s*[:–—-]\s*|#?\d+[.:),]\s+|0\d+\s*[-–—·]?\s+|\d+\s+[-–—·]\s+|(?:{vocabulary.either('record')})\s+#?\d+\s*[:.–—-]\s*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Head:
    """What a record's head says. `said` has, for each thing, the line that says it, from 1."""

    dialect: str
    title: str
    status: Status
    date: str  # as 2026-11-21; empty when none is written, or none that can be read in one way only
    date_text: str
    relations: tuple[Relation, ...]
    people: Mapping[str, tuple[str, ...]]  # decision-makers, consulted, informed, tags
    said: Mapping[str, int]
    disagree: tuple[str, ...] = ()  # where two places of the head disagree, or one says it in its own way


def number_of(name: str) -> int | None:
    """The number in a file's name or a title: `0007-use-x`, `adr-007-use-x`, `ADR007: Use X`; a date has none."""
    found = NUMBER.match(name)
    return int(found["a"] or found["b"]) if found else None


def bare_title(title: str, number: int | None = None) -> str:
    """A title without its number and the words that all records share: `ADR-007: Use X` → Use X.

    `number` is that of the file's name: `34 Use X` begins with it, while `3 servers are enough` is a title.
    """
    text = ANNOTATION.sub("", plain(title)) or plain(title)
    text = _BEFORE_MARK.sub("", text)
    for _ in range(2):
        shorter = _TITLE_MARK.sub("", text, count=1).strip()
        text = shorter or text
    if number is not None and (own := re.match(r"0*(\d+)\s+(?=\S)", text)) and int(own[1]) == number:
        text = text[own.end() :]
    return text


# Symbols before a record's number ("🔌 ADR-029: …"), and the prefix of its family ("ARC-ADR-020 — …").
_BEFORE_MARK = re.compile(r"^(?:[^\w\s\[(#\"'`{<]+\s+|[A-Z][A-Z\d]{1,7}-)+(?=ADR[- ]?\d)")


def family(name: str) -> str:
    """The prefix and number with which records of one kind begin, normalised: `INF-11`, `INF11-use-x` → inf-11. ADR doesn't count."""
    found = re.match(r"([a-z]{2,8})[-_ ]?0*(\d{1,6})(?!\w)", name, re.IGNORECASE)
    return f"{found[1].lower()}-{found[2]}" if found and number_of(name) is None else ""


def _title(document: RecordText) -> str:
    """The title without its number, and without the prefix of its kind if the file's name has it too: `INF-11: Use X`."""
    if record_dates.in_name(document.name):
        return bare_title(document.title)
    if (own := re.match(rf"{re.escape(document.name)}\s*[:\uff1a]\s*(?=\S)", document.title, re.IGNORECASE)) and document.name:
        return document.title[own.end() :]
    label, colon, rest = (
        re.split(r"(\s*[:\uff1a]|\s[–—-])\s+", document.title, maxsplit=1) if _LABELLED.match(document.title) else ("", "", "")
    )
    letters = re.match(r"[A-Za-z]+", label)
    if letters and colon and re.match(rf"{letters[0]}[-_ ]?\w*\d", document.name, re.IGNORECASE):
        return bare_title(rest)
    return bare_title(document.title, number_of(document.name))


# A number with the prefix of a kind of records: "INF-11: …", "RFC-00A5: …".
_LABELLED = re.compile(r"[A-Za-z]{2,8}[-_ ]?[0-9A-F]*\d[0-9A-F]*(?:\s*[:\uff1a]|\s[–—-])\s+\S")


def dialect_of(document: RecordText) -> Dialect | None:
    """The dialect that a text is written in; None if its content isn't that of a decision record."""
    return next(recognised(document), None)


def read(document: RecordText) -> Head:
    """What the head says. Nothing is invented: what it doesn't say is empty."""
    dialect = dialect_of(document)
    own = dialect.places if dialect else ()
    # A key of the front matter is meant for programs: it takes precedence over anything said in words.
    places = tuple(dict.fromkeys((in_front, *own, *PLACES)))
    statuses_said = [*_status_of_title(document), *_stated_statuses(document, places)]
    found = [status for status, _ in statuses_said]
    status = next((one for one in found if one.word), found[0] if found else Status("", ""))
    related = unique(relations_in(document))
    day = _day(document, places, status)
    if not status.word and (ends := [one for one in related if one.kind == "superseded-by" and not one.partly]):
        status = Status("deprecated" if ends[0].deprecates else "superseded", status.raw, bool(status.raw))
    if status.word in ("superseded", "deprecated") and not any(one.kind == "superseded-by" for one in related):
        related += [replace(one, partly=False) for one in in_prose(document) if one.kind == "superseded-by"]
    line = statuses_said[0][1] if statuses_said else 0
    return Head(
        _named(dialect, document),
        _title(document),
        status,
        day.day,
        day.text,
        tuple(related),
        {key: people for key, about in _PEOPLE.items() if (people := _people(document, about))},
        {about: line for about, line in (("status", line), ("date", day.line)) if line},
        (*_disagreements(document, found), *([f"date {day.day} from the first entry of its changelog"] if day.logged else [])),
    )


def _status_of_title(document: RecordText) -> Iterator[tuple[Status, int]]:
    """That a record is no longer in force, if its title says so: "Second decision (superseded by ADR-3)"."""
    heading = document.heading
    if heading and (noted := ANNOTATION.search(plain(heading.heading))):
        status = status_words.read(noted[1])
        if status.word in ("superseded", "deprecated", "rejected"):
            yield status, heading.line


def _stated_statuses(document: RecordText, places: Sequence[Place]) -> Iterator[tuple[Status, int]]:
    """What the places of a dialect state as the status, and on which line."""
    for place in places:
        text, line = place(document, "status")
        if text and line and not status_words.placeholder(text) and (status := status_words.read(text)).raw:
            yield status, line


class _Day(NamedTuple):
    day: str  # as 2026-11-21; empty when none is written, or none that can be read in one way only
    text: str  # as it was written
    line: int  # of the first that was stated; 0 if none was
    logged: bool = False  # whether it is from the changelog


def _day(document: RecordText, places: Sequence[Place], status: Status) -> _Day:
    """The day of a record: as it is stated, else that of its status, else that of the first entry of its changelog."""
    stated = _stated_day(document, places)
    if stated.day:
        return stated
    logged = _first_logged(document)
    if status.raw and not (logged and status.word == "proposed") and (day := _day_of(status.raw)):
        return stated._replace(day=day, text=status.raw)
    return stated._replace(day=logged, logged=bool(logged))


def _stated_day(document: RecordText, places: Sequence[Place]) -> _Day:
    """The first day that is stated, with the words of the first value that should be a day."""
    said, first = "", 0
    for about in ("date", "created", "updated"):
        for place in places:
            text, line = place(document, about)
            if line and text and not status_words.placeholder(text):
                said, first = said or " ".join(plain(text).split())[:80], first or line
                if day := record_dates.find(text):
                    return _Day(day, said, first)
    return _Day("", said, first)


def _first_logged(document: RecordText) -> str:
    """The day of the oldest entry in the record's changelog, which is when it was written."""
    part = document.section("changelog")
    found = (record_dates.find(line) for line in uncommented_lines(part.text)) if part else ()
    return min((day for day in found if day), default="")


def _day_of(status: str) -> str:
    """The date of a status: from before any mention of other records, which have dates of their own; in a list, the newest."""
    own = PHRASE.split(blanked(status))[0]
    for text in (own, status):
        if day := max(re.findall(r"\d{4}-\d\d-\d\d", text), default="") or record_dates.find(text):
            return str(day)
    return ""


def document_title(body: str, body_line: int) -> str:
    """The first heading of a body, as it is."""
    heading = RecordText("", body, {}, body_line).heading
    return heading.heading if heading else ""


def _named(dialect: Dialect | None, document: RecordText) -> str:
    """The dialect's name; for MADR with the version, judging by its features."""
    if dialect is None:
        return ""
    if dialect.name != "MADR":
        return dialect.name
    headings = {part.heading.lower() for part in document.parts}
    if "decision-makers" in document.front or "confirmation" in headings:
        return "MADR 4"
    if "deciders" in document.front or document.front.get("status") or "validation" in headings:
        return "MADR 3"
    if any(found.about == "status" for found in document.statements) or headings & {
        "positive consequences",
        "negative consequences",
    }:
        return "MADR 2"
    return "MADR 1" if re.search(r"^\*?\s*User Story:|^Chosen option: (?!\")", document.body, re.MULTILINE) else "MADR"


_PEOPLE = {"decision-makers": "deciders", "consulted": "consulted", "informed": "informed", "tags": "tags"}


def _people(document: RecordText, about: str) -> tuple[str, ...]:
    value = document.front_text(about) or (stated.value if (stated := document.stated(about)) else "")
    if not value or status_words.placeholder(value) or value.strip() in ("-", "–", "n/a", "none", "…"):
        return ()
    parts = (
        re.split(rf"[,;]|\s+(?:{vocabulary.either('and')})\s+", plain(value))
        if about != "tags"
        else re.split(r"[,;\s]+", plain(value))
    )
    return tuple(dict.fromkeys(name for part in parts if (name := part.strip(" .[]"))))


def _disagreements(document: RecordText, found: list[Status]) -> Iterator[str]:
    front, heading = document.front_text("title"), document.heading
    if front and heading and bare_title(front).casefold() != bare_title(heading.heading).casefold():
        yield f"the front matter's title {bare_title(front)!r} and the heading {bare_title(heading.heading)!r} disagree: the first is taken"
    words = list(dict.fromkeys(one.word for one in found if one.word))
    if len(words) > 1:
        yield f"its status is {' and '.join(words)} in two places: the first is taken"
    number = number_of(document.name)
    told = (
        number_of(plain(heading.heading))
        if heading and re.match(r"\W*(?:ADR[- ]?)?\d+\s*[.:]", plain(heading.heading), re.I)
        else None
    )
    if number is not None and told is not None and number != told:
        yield f"the file's number is {number}, the heading's {told}: the file's is taken"
