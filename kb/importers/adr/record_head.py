"""What the head of a decision record says: one rule for records that are imported and for those that are read in place."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...notes.kinds import Decision, Front
from . import record_dates, relations, status_words
from .dialect import PLACES, Dialect, in_front, recognised
from .record_text import Document, meaning, plain, uncommented_lines
from .relations import LONGEST, PHRASE, Relation, says_nothing
from .status_words import Status

NUMBER = re.compile(
    r"^(?:\[[a-z ]{3,20}\]\s*)?(?:(?:adr|ad|dr|madr|ladr|ddr|tdr|pddr|dec|d(?=-\d\d)|decision|record|entscheidung)[-_ #.:]*0*(?P<a>\d{1,6})|0*(?P<b>\d{1,6}))(?!\d)(?![-_.]\d\d[-_.]\d\d)[-_. :)–—]*",
    re.I,
)
_TITLE_MARK = re.compile(
    r"^(?:(?:19|20)\d\d-\d\d-\d\d\s*[:|–—-]\s*|(?:architecture|architectural|technical|any|design)?\s*decision\s+(?:record|log)\s*(?:#?\d+)?\s*[:–—-]\s*"
    r"|\[?(?:ADR|DDR|TDR|PDDR|DEC|D(?=-\d))[- _#]?[A-Z]?\d+\]?\s*[:\uff1a.|·–—-]*\s*|\[ADRs?\]\s*|ADR\s*[:–—-]\s*|#?\d+[.:),]\s+|0\d+\s*[-–—·]?\s+|\d+\s+[-–—·]\s+|(?:decision|entscheidung|décision|decisión)\s+#?\d+\s*[:.–—-]\s*)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"^[\s>*_:!⚠️🚨-]*(?:\[!\w+\])?(?:(?:note|notice|important|update|hinweis|remarque|nota)\b[\s:*_.!]*)?"
    r"(?:(?:this|the|diese[rs]?|cette?|ce|est[ea]|quest[ao]|deze|dit|denna)\s+(?:\w+\s+)?\w+\s+)?"
    r"(?:(?:was|is|has|have|been|now|also|partially|partly|wurde|ist|wird|a|été|est|ha|sido|fue|é|foi|è|stat[ao])\s+)*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Head:
    """What a record's head says. `said` holds for each thing the line that says it, from 1."""

    dialect: str
    title: str
    status: Status
    date: str  # as 2026-11-21; empty when none is written, or none that can be read in one way only
    date_text: str
    relations: tuple[Relation, ...]
    people: Mapping[str, tuple[str, ...]]  # decision-makers, consulted, informed, tags
    said: Mapping[str, int]
    disagree: tuple[str, ...] = ()  # where two places of the head say different things, or one says it in a way of its own


def number_of(name: str) -> int | None:
    """The number in a file's name or a title: `0007-use-x`, `adr-007-use-x`, `ADR007: Use X`; none in a date."""
    found = NUMBER.match(name)
    return int(found["a"] or found["b"]) if found else None


def bare_title(title: str, number: int | None = None) -> str:
    """A title without its number and without the words that every record has: `ADR-007: Use X` → Use X.

    `number` is that of the file's name: `34 Use X` begins with it, while `3 servers are enough` is a title.
    """
    text = _ANNOTATION.sub("", plain(title)) or plain(title)
    text = _BEFORE_MARK.sub("", text)
    for _ in range(2):
        shorter = _TITLE_MARK.sub("", text, count=1).strip()
        text = shorter or text
    if number is not None and (own := re.match(r"0*(\d+)\s+(?=\S)", text)) and int(own[1]) == number:
        text = text[own.end() :]
    return text


# Signs before a record's number ("🔌 ADR-029: …"), and letters of its family ("ARC-ADR-020 — …").
_BEFORE_MARK = re.compile(r"^(?:[^\w\s\[(#\"'`{<]+\s+|[A-Z][A-Z\d]{1,7}-)+(?=ADR[- ]?\d)")


def family(name: str) -> str:
    """The letters and the number that records of one kind begin with, tidied: `INF-11`, `INF11-use-x` → inf-11. ADR is none."""
    found = re.match(r"([a-z]{2,8})[-_ ]?0*(\d{1,6})(?!\w)", name, re.IGNORECASE)
    return f"{found[1].lower()}-{found[2]}" if found and number_of(name) is None else ""


def _title(document: Document) -> str:
    """The title without its number, nor the letters of its kind where the file's name begins with them: `INF-11: Use X`."""
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


# A number with the letters of a kind of records: "INF-11: …", "RFC-00A5: …".
_LABELLED = re.compile(r"[A-Za-z]{2,8}[-_ ]?[0-9A-F]*\d[0-9A-F]*(?:\s*[:\uff1a]|\s[–—-])\s+\S")


def dialect_of(document: Document) -> Dialect | None:
    """The dialect that a text is written in; None when it is no decision record by its content."""
    return next(recognised(document), None)


def read(document: Document) -> Head:
    """What the head says. Nothing is invented: what it doesn't say is empty."""
    dialect = dialect_of(document)
    own = dialect.places if dialect else ()
    # A key of the front matter is meant for programs: it counts before what any dialect says in words.
    places = list(dict.fromkeys((in_front, *own, *PLACES)))
    said: dict[str, int] = {}
    found: list[Status] = []
    noted = _ANNOTATION.search(plain(document.heading.heading)) if document.heading else None
    if document.heading and noted and (status := status_words.read(noted[1])).word in ("superseded", "deprecated", "rejected"):
        found.append(status)
        said["status"] = document.heading.line
    for place in places:
        text, line = place(document, "status")
        status = status_words.read(text) if text and not status_words.placeholder(text) else Status("", "")
        if status.raw and line:
            found.append(status)
            said.setdefault("status", line)
    status = next((one for one in found if one.word), found[0] if found else Status("", ""))
    related = _unique(_relations(document))
    day, day_text = "", ""
    for about in ("date", "created", "updated"):
        for place in places:
            text, line = place(document, about)
            if line and text and not status_words.placeholder(text) and not day:
                day, day_text = record_dates.find(text), day_text or " ".join(plain(text).split())[:80]
                said.setdefault("date", line)
    logged = "" if day else _first_logged(document)
    if not day and status.raw and not (logged and status.word == "proposed") and (day := _day_of(status.raw)):
        day_text = status.raw
    from_log = bool(logged and not day)
    day = day or logged
    if not status.word and (ends := [one for one in related if one.kind == "superseded-by" and not one.partly]):
        status = Status("deprecated" if ends[0].deprecates else "superseded", status.raw, bool(status.raw))
    if status.word in ("superseded", "deprecated") and not any(one.kind == "superseded-by" for one in related):
        related += [replace(one, partly=False) for one in _in_prose(document) if one.kind == "superseded-by"]
    return Head(
        _named(dialect, document),
        _title(document),
        status,
        day,
        day_text,
        tuple(related),
        {key: people for key, about in _PEOPLE.items() if (people := _people(document, about))},
        said,
        (*_disagreements(document, found), *([f"date {day} from the first entry of its changelog"] if from_log else [])),
    )


def _first_logged(document: Document) -> str:
    """The day of the oldest entry of a changelog in the record, which is when it was written."""
    part = document.section("changelog")
    found = (record_dates.find(line) for line in uncommented_lines(part.text)) if part else ()
    return min((day for day in found if day), default="")


def _day_of(status: str) -> str:
    """The date of a status: before what it says of other records, since those have dates of their own; of a list the newest."""
    own = PHRASE.split(relations.blanked(status))[0]
    for text in (own, status):
        if day := max(re.findall(r"\d{4}-\d\d-\d\d", text), default="") or record_dates.find(text):
            return str(day)
    return ""


def in_place(
    name: str, front: Front, body: str, body_line: int, key_lines: Mapping[str, int]
) -> tuple[dict[str, Any], dict[str, int]]:
    """What a decision record that is read where it is says in its own dialect: keys that its front matter lacks, and their lines.

    Asked only for records whose front matter doesn't give status and date in kb's words, so that ordinary notes pay nothing.
    """
    head = read(Document(name, body, front, body_line, key_lines))
    more: dict[str, Any] = {}
    if head.status.word and not _in_words(front):
        more["status"] = head.status.word
        if head.status.says_more:
            more.setdefault("status_text", head.status.raw)
    # A date that the front matter says in a way of its own counts as the day that it means.
    day = head.date or record_dates.in_name(name)
    if day and not re.match(r"\d{4}-\d\d-\d\d", str(front.get("date") or "")):
        more["date"] = day
    if head.title and not front.get("title") and head.title != document_title(body, body_line):
        more["title"] = head.title
    for key in ("supersedes", "superseded-by", "amends"):
        said_none = isinstance(value := front.get(key), str) and says_nothing(value)
        if said_none:
            more[key] = ""
        if (not value or said_none) and (names := [_short(one) for one in head.relations if _key(one) == key]):
            more[key] = list(dict.fromkeys(names))
    for key, people in head.people.items():
        if not front.get(key):
            more[key] = list(people)
    return more, {key: key_lines.get(key) or head.said.get(key, 1) for key in more}


def document_title(body: str, body_line: int) -> str:
    """The first heading of a body, as it stands."""
    heading = Document("", body, {}, body_line).heading
    return heading.heading if heading else ""


@dataclass(frozen=True)
class StatusPlace:
    """Where in the text of a record its status stands: the line, from 0, its first and last column; the end of its section."""

    line: int
    start: int
    end: int
    section_end: int = 0  # the line after the last that says something there; 0 when the status has no section of its own


def status_place(
    name: str, front: Front, body: str, body_line: int, key_lines: Mapping[str, int], state: str = ""
) -> StatusPlace | None:
    """Where a record says its status in its text; None when its front matter does, or nothing.

    With a `state`: where the text says that one, though the front matter says one, too.
    """
    document = Document(name, body, {} if state else front, body_line, key_lines)
    found_head = read(document)
    if state and found_head.status.word != state:
        return None
    said = found_head.said.get("status", 0)
    lines = body.split("\n")
    at = said - body_line
    if not said or not 0 <= at < len(lines) or document.front_text("status"):
        return None
    part = next((one for one in document.parts if one.line == said and one.level), None)
    if part is None:
        found = document.stated("status")
        value = (found.value if found and found.line == said else "").split("\n")[0]
        near = next((number for number in range(at, min(at + 3, len(lines))) if value and value in lines[number]), None)
        return None if near is None else StatusPlace(body_line - 1 + near, *_span(lines[near], value))
    if part.about != "status":  # "## Status: Accepted"
        return StatusPlace(said - 1, *_span(lines[at], part.heading.partition(":")[2].strip()))
    size = part.text.count("\n") + (not part.text.endswith("\n"))
    own = [number for number in range(at + 1, at + 1 + size) if number < len(lines) and _says(lines[number])]
    if not own:
        return None
    words = re.sub(r"^\s*(?:[-*+]\s+)?", "", lines[own[0]]).rstrip()
    first, last = (body_line - 1 + number for number in (own[0], own[-1]))
    return StatusPlace(first, *_span(lines[own[0]], words), last + 1)


def _says(line: str) -> bool:
    return bool(line.strip()) and not re.match(r"\s*(?:<!--|-{3,}\s*$|={3,}\s*$)", line)


def _span(line: str, words: str) -> tuple[int, int]:
    start = line.rfind(words)
    return start, start + len(words)


def _in_words(front: Front) -> bool:
    return str(front.get("status") or "").strip().lower() in Decision.states


def _key(relation: Relation) -> str:
    """The front matter's key for a relation that is read in place; kb has none for `amended by`."""
    if relation.shape == "words":
        return ""
    if relation.partly:
        return "amends" if relation.kind == "supersedes" else ""
    return relation.kind


def _short(relation: Relation) -> str:
    """A link's file name without its ending, or the number: what `find` knows a decision by."""
    if relation.shape == "number":
        return relation.target
    folder, _, file = relation.target.partition("#")[0].rstrip("/").rpartition("/")
    name = re.sub(r"\.(?:md|markdown)$", "", file, flags=re.IGNORECASE)
    # Where each record has a folder, that has the name: `../0010-use-y/README.md`.
    return posixpath.basename(folder) if name.lower() in ("readme", "index", "adr", "decision") else name


def _named(dialect: Dialect | None, document: Document) -> str:
    """The dialect's name; of MADR with the version, by what came with it."""
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


def _people(document: Document, about: str) -> tuple[str, ...]:
    value = document.front_text(about) or (stated.value if (stated := document.stated(about)) else "")
    if not value or status_words.placeholder(value) or value.strip() in ("-", "–", "n/a", "none", "…"):
        return ()
    parts = re.split(r"[,;]|\s+(?:and|und|et|y)\s+", plain(value)) if about != "tags" else re.split(r"[,;\s]+", plain(value))
    return tuple(dict.fromkeys(name for part in parts if (name := part.strip(" .[]"))))


def _disagreements(document: Document, found: list[Status]) -> Iterator[str]:
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


def _relations(document: Document) -> Iterator[Relation]:
    """All relations that the head, the Status section and the links of a record state; its prose says none."""
    for key, value in document.front.items():
        about, line = meaning(key), document.key_lines.get(key, 1)
        values = value if isinstance(value, list) else [value]
        texts = [str(one) for one in values if isinstance(one, (str, int))]
        if about in _KINDS:
            yield from (one for text in texts for one in relations.stated(about, text, document.definitions, line))
        elif about in ("status", "links"):
            yield from (one for text in texts for one in relations.relations(text, document.definitions, line))
            yield from _typed_links(values, document, line)
    for found in document.statements:
        if found.about in _KINDS:
            yield from relations.stated(found.about, found.value, document.definitions, found.line)
        elif found.about in ("status", "links", "date"):
            yield from relations.relations(found.value, document.definitions, found.line)
    for part in document.parts:
        if part.about in ("status", "links"):
            yield from _lines(part.text, part.line + 1, document)
        elif part.about in _KINDS:
            yield from _listed(part.about, part.text, part.line + 1, document)
        elif part.level and not part.about and part is not document.heading:
            yield from _anchored(part.heading, part.line, document)
            key, colon, value = part.heading.partition(":")
            if colon and meaning(key) == "status":
                yield from relations.relations(value, document.definitions, part.line)
    title = document.heading
    if title and (note := _ANNOTATION.search(plain(title.heading))):
        yield from relations.relations(note[1], document.definitions, title.line)
    for number, words in enumerate(uncommented_lines(document.intro.text), document.intro.line):
        yield from _anchored(words, number, document)
    for part in document.parts:
        if part.level and part is not document.heading:
            for number, words in enumerate(uncommented_lines(part.text) if _MAY_NOTE.search(part.text) else (), part.line + 1):
                yield from (one for one in _anchored(words, number, document) if _names_a_record(one, words))


# What a title says of its record at its end: "Second decision (superseded by ADR-3)".
_ANNOTATION = re.compile(
    r"\s*[\[(]\s*((?:supers?c?eded|supers?c?edes|amends|amended|replaced|replaces|deprecated|rejected)\b[^()\[\]]*)[\])]$", re.I
)

# Of a section's prose only such a line is looked at: "Note: this ADR supersedes …".
_MAY_NOTE = re.compile(
    r"^[\s>*_!-]*(?:\[!\w+\]|note|notice|update|hinweis|remarque|this|these|diese|cette|ce|est[ea]|quest[ao]|deze|dit|denna|supers|replac|amend)"
    r"[^\n]*(?:\]\(|ADR)",
    re.IGNORECASE | re.MULTILINE,
)


def _names_a_record(relation: Relation, line: str) -> bool:
    """Whether a sentence of the prose means a record by it: "this replaces 3 servers" does not."""
    if relation.shape == "link":
        return bool(re.search(r"adr|\d{3}|\.md", relation.target, re.IGNORECASE))
    return bool(re.search(rf"\bADR[-_ #]?0*{re.escape(relation.target)}\b", line, re.IGNORECASE))


def _in_prose(document: Document) -> Iterator[Relation]:
    """The first lines of a record that is out of force may say in a sentence what took its place."""
    for number, line in enumerate(uncommented_lines(document.intro.text), document.intro.line):
        yield from (one for one in relations.relations(line, document.definitions, number) if _names_a_record(one, line))


_KINDS = ("supersedes", "superseded-by", "amends", "amended-by")


def _lines(text: str, first: int, document: Document) -> Iterator[Relation]:
    """The lines of a Status or a Links section; a list below a line `Supersedes:` belongs to it."""
    below = ""
    for number, line in enumerate(uncommented_lines(text)):
        if re.match(r"\s*(?:[-*+]\s+)?\[ \]", line):  # not ticked
            continue
        found = relations.relations(line, document.definitions, first + number)
        bare = meaning(re.sub(r"^[\s>*+-]+|[\s*:_]+$", "", line))
        key, colon, value = re.sub(r"^[\s>*+-]+", "", line).partition(":")
        if bare in _KINDS and not found:
            below = bare
        elif below and re.match(r"\s*[-*+]\s", line) and not found:
            yield from (
                one for one in relations.stated(below, line, document.definitions, first + number) if one.shape != "words"
            )
        elif line.strip():
            below = ""
            if colon and not found and meaning(key) in _KINDS:
                found = relations.stated(meaning(key), value, document.definitions, first + number)
            yield from found


def _listed(kind: str, text: str, first: int, document: Document) -> Iterator[Relation]:
    for number, item in _items(uncommented_lines(text)):
        yield from relations.stated(kind, item, document.definitions, first + number)


def _items(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The items of a list and the paragraphs of a text, each as one line, with the number of its first."""
    start, item = 0, ""
    for number, line in enumerate([*lines, ""]):
        bullet = re.match(r"[\s>]*[-*+]\s+", line)
        if bullet or not line.strip():
            if item:
                yield start, item
            start, item = number, line[bullet.end() :].strip() if bullet else ""
        else:
            start, item = (start, f"{item} {line.strip()}") if item else (number, line.strip())


def _anchored(line: str, number: int, document: Document) -> Iterator[Relation]:
    """A line of the intro that begins with the relation ("Note: this ADR supersedes …"); others are prose."""
    blanked = relations.blanked(line[:LONGEST])
    first = PHRASE.search(blanked)
    if first is None or first.start() > 200:
        return
    before = plain(blanked[: first.start()])
    noted = line.startswith((">", "**", "_")) and any(one.partly for one in relations.relations(line, document.definitions))
    if noted or _SUBJECT.match(before + " " if first.start() else ""):
        yield from (one for one in relations.relations(line, document.definitions, number) if one.shape != "words")


def _typed_links(values: list[object], document: Document, line: int) -> Iterator[Relation]:
    """`links: [{type: supersedes, target: 3}]`, as some tools write them."""
    for value in values:
        if isinstance(value, dict):
            kind = next((meaning(str(one)) for one in value.values() if meaning(str(one)) in _KINDS), "")
            targets = [
                str(one)
                for key, one in value.items()
                if str(key).lower() in ("target", "id", "ref", "adr", "number", "to", "link", "href")
            ]
            if kind and targets:
                yield from relations.stated(kind, targets[0], document.definitions, line)


def _unique(found: Iterator[Relation]) -> list[Relation]:
    seen: dict[tuple[str, str], Relation] = {}
    for relation in found:
        seen.setdefault((relation.kind, relation.target), relation)
    return list(seen.values())
