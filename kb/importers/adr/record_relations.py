"""Which other records a record names, and how it is related to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from . import relations, vocabulary
from .record_headings import meaning, plain
from .record_text import RecordSection, RecordText, uncommented_lines
from .relations import LONGEST, PHRASE, Relation

_SUBJECT = re.compile(
    rf"^[\s>*_:!⚠️🚨-]*(?:\[!\w+\])?(?:(?:important|{vocabulary.either('note')})\b[\s:*_.!]*)?"
    rf"(?:(?:the|{vocabulary.either('this')})\s+(?:\w+\s+)?\w+\s+)?"
    rf"(?:(?:{vocabulary.either('was')})\s+)*$",
    re.IGNORECASE,
)


def relations_in(document: RecordText) -> Iterator[Relation]:
    """All relations stated by the head, the Status section and the links of a record; its prose doesn't count."""
    for source in RELATION_SOURCES:
        yield from source.found(document)


class RelationSource(NamedTuple):
    """One place in a record that states relations to others: a row of the table, the one that counts most first."""

    name: str
    found: Callable[[RecordText], Iterator[Relation]]
    example: str  # a record in which only this row says that it supersedes 3
    counter: str  # the nearest record in which no row does


def _in_front_matter(document: RecordText) -> Iterator[Relation]:
    for key, value in document.front.items():
        about, line = meaning(key), document.key_lines.get(key, 1)
        values = value if isinstance(value, list) else [value]
        texts = [str(one) for one in values if isinstance(one, (str, int))]
        if about in _KINDS:
            yield from (one for text in texts for one in relations.stated(about, text, document.definitions, line))
        elif about in ("status", "links"):
            yield from (one for text in texts for one in relations.relations(text, document.definitions, line))
            yield from _typed_links(values, document, line)


def _in_statements(document: RecordText) -> Iterator[Relation]:
    for found in document.statements:
        if found.about in _KINDS:
            yield from relations.stated(found.about, found.value, document.definitions, found.line)
        elif found.about in ("status", "links", "date"):
            yield from relations.relations(found.value, document.definitions, found.line)


def _in_sections(document: RecordText) -> Iterator[Relation]:
    for part in document.parts:
        if part.about in ("status", "links"):
            yield from _lines(part.text, part.line + 1, document)
        elif part.about in _KINDS:
            yield from _listed(part.about, part.text, part.line + 1, document)
        elif part.level and not part.about and part is not document.heading:
            yield from _in_heading(part, document)


def _in_heading(part: RecordSection, document: RecordText) -> Iterator[Relation]:
    """What the heading of a section itself says: `## Supersedes ADR-3`, `## Status: Superseded by ADR-3`."""
    yield from _anchored(part.heading, part.line, document)
    key, colon, value = part.heading.partition(":")
    if colon and meaning(key) == "status":
        yield from relations.relations(value, document.definitions, part.line)


def _in_title(document: RecordText) -> Iterator[Relation]:
    title = document.heading
    if title and (note := ANNOTATION.search(plain(title.heading))):
        yield from relations.relations(note[1], document.definitions, title.line)


def _in_intro(document: RecordText) -> Iterator[Relation]:
    for number, words in enumerate(uncommented_lines(document.intro.text), document.intro.line):
        yield from _anchored(words, number, document)


def _in_notes(document: RecordText) -> Iterator[Relation]:
    for part in document.parts:
        if part.level and part is not document.heading and _MAY_NOTE.search(part.text):
            for number, words in enumerate(uncommented_lines(part.text), part.line + 1):
                yield from (one for one in _anchored(words, number, document) if _names_a_record(one, words))


RELATION_SOURCES = (
    RelationSource(
        "the front matter",
        _in_front_matter,
        "---\nsupersedes: 3\n---\n# Use X\n",
        "---\nreviewer: supersedes 3\n---\n# Use X\n",
    ),
    RelationSource(
        "a line of the head",
        _in_statements,
        "# Use X\n\n* Status: accepted, supersedes ADR-3\n",
        "# Use X\n\n* Reader: accepted, supersedes ADR-3\n",
    ),
    RelationSource(
        "a section, or its heading",
        _in_sections,
        "# Use X\n\n## Status\n\nAccepted. It supersedes ADR-3\n",
        "# Use X\n\n## Context\n\nIt often supersedes ADR-3\n",
    ),
    RelationSource("the end of the title", _in_title, "# Use X (supersedes ADR-3)\n", "# Use X when it supersedes ADR-3\n"),
    RelationSource(
        "a line below the title",
        _in_intro,
        "# Use X\n\nThis decision supersedes ADR-3\n",
        "# Use X\n\nSome say it supersedes ADR-3\n",
    ),
    RelationSource(
        "a note in a section",
        _in_notes,
        "# Use X\n\n## Context\n\nNote: this decision supersedes ADR-3\n",
        "# Use X\n\n## Context\n\nNote: this decision supersedes 3 servers\n",
    ),
)

# What a title says about its record at its end: "Second decision (superseded by ADR-3)".
ANNOTATION = re.compile(
    r"\s*[\[(]\s*((?:supers?c?eded|supers?c?edes|amends|amended|replaced|replaces|deprecated|rejected)\b[^()\[\]]*)[\])]$", re.I
)

# In a section's prose, only such a line counts: "Note: this ADR supersedes …".
_MAY_NOTE = re.compile(
    rf"^[\s>*_!-]*(?:\[!\w+\]|{vocabulary.either('note')}|{vocabulary.either('this')}|these|supers|replac|amend)"
    r"[^\n]*(?:\]\(|ADR)",
    re.IGNORECASE | re.MULTILINE,
)


def _names_a_record(relation: Relation, line: str) -> bool:
    """Whether a sentence of the prose means a record: "this replaces 3 servers" does not."""
    if relation.shape == "link":
        return bool(re.search(r"adr|\d{3}|\.md", relation.target, re.IGNORECASE))
    return bool(re.search(rf"\bADR[-_ #]?0*{re.escape(relation.target)}\b", line, re.IGNORECASE))


def in_prose(document: RecordText) -> Iterator[Relation]:
    """What took the place of a record that is no longer in force, if its first lines say so in a sentence."""
    for number, line in enumerate(uncommented_lines(document.intro.text), document.intro.line):
        yield from (one for one in relations.relations(line, document.definitions, number) if _names_a_record(one, line))


_KINDS = ("supersedes", "superseded-by", "amends", "amended-by")


def _lines(text: str, first: int, document: RecordText) -> Iterator[Relation]:
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


def _listed(kind: str, text: str, first: int, document: RecordText) -> Iterator[Relation]:
    for number, item in _items(uncommented_lines(text)):
        yield from relations.stated(kind, item, document.definitions, first + number)


def _items(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The items of a list and the paragraphs of a text, each as one line, with the number of its first line."""
    start, item = 0, ""
    for number, line in enumerate([*lines, ""]):
        bullet = re.match(r"[\s>]*[-*+]\s+", line)
        if bullet or not line.strip():
            if item:
                yield start, item
            start, item = number, line[bullet.end() :].strip() if bullet else ""
        else:
            start, item = (start, f"{item} {line.strip()}") if item else (number, line.strip())


def _anchored(line: str, number: int, document: RecordText) -> Iterator[Relation]:
    """The lines of the intro that begin with the relation ("Note: this ADR supersedes …"); others are prose."""
    blanked = relations.blanked(line[:LONGEST])
    first = PHRASE.search(blanked)
    if first is None or first.start() > 200:
        return
    before = plain(blanked[: first.start()])
    noted = line.startswith((">", "**", "_")) and any(one.partly for one in relations.relations(line, document.definitions))
    if noted or _SUBJECT.match(before + " " if first.start() else ""):
        yield from (one for one in relations.relations(line, document.definitions, number) if one.shape != "words")


def _typed_links(values: list[object], document: RecordText, line: int) -> Iterator[Relation]:
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


def unique(found: Iterator[Relation]) -> list[Relation]:
    """The relations, with each kind and target only once, the first one."""
    seen: dict[tuple[str, str], Relation] = {}
    for relation in found:
        seen.setdefault((relation.kind, relation.target), relation)
    return list(seen.values())
