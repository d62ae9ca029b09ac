"""One file with several records (`decisions.md`): split at its headings, if it is clear where each begins and ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...notes import templates
from . import record_dates, record_head, vocabulary
from .record_headings import DECISION_SECTIONS, plain
from .record_text import RecordSection, RecordText, uncommented_lines

# How the heading of a record begins: "ADR-001: Use X", "[ADR 1] …", "1. Use X", "Decision 3: …", "2024-03-01 – Use X".
_NAMED = re.compile(
    rf"\W*(?:ADR|AD|DR|DDR|TDR|PDDR|DEC|D(?=-\d)|{vocabulary.either('record')})[-_ #]*[A-Z]?\d+\b",
    re.IGNORECASE,
)
_MARKED = re.compile(rf"{_NAMED.pattern}|\W*(?:\d{{1,4}}[.:)]\s|(?:19|20)\d\d-\d\d-\d\d\b)", re.IGNORECASE)
_INLINE = re.compile(r"^[\s>]*(?:[-*+]\s+)?(?:\*\*|__)(?P<key>[^*_\n:.]{3,24})[:.]?(?:\*\*|__)")

# A page that shows how to write records has examples, not records.
_SHOWS = re.compile(r"(?:read-?me|contributing|.*(?:template|guide|howto|how-to|example).*)(?:[._-][a-z]{2})?", re.IGNORECASE)


@dataclass(frozen=True)
class LogPiece:
    """One record of a file with several: its new name, its place, its anchor, its text to the byte."""

    name: str
    anchor: str
    line: int  # the first one, from 1
    text: str


def split(document: RecordText, text: str) -> list[LogPiece]:
    """The records of a file, if it has two or more and they can be told apart; else none. `text` is the whole file."""
    if _SHOWS.fullmatch(document.name):
        return []
    levels = [[part for part in document.parts if part.level == level and not part.about] for level in (1, 2, 3)]
    marked = [[part for part in parts if _MARKED.match(plain(part.heading))] for parts in levels]
    # Without a number or a date in their headings, all headings of that level must state a status.
    for chosen in (max(marked, key=len),) if any(len(parts) > 1 for parts in marked) else levels:
        pieces = list(_pieces(document, text, chosen)) if len(chosen) > 1 else []
        if pieces and len({piece.name for piece in pieces}) == len(pieces) and _all_records(pieces, chosen, chosen in marked):
            return pieces
    return []


def _all_records(pieces: Sequence[LogPiece], chosen: Sequence[RecordSection], marked: bool) -> bool:
    """Whether the pieces are records. If each heading is named like one ("ADR-003: …"), a few may lack a status."""
    documents = [RecordText(piece.name, piece.text.replace("\r\n", "\n"), {}, piece.line) for piece in pieces]
    if not marked:
        return all(map(_says_a_status, documents))
    records = sum(map(_is_record, documents))
    named = all(_NAMED.match(plain(part.heading)) for part in chosen)
    return any(map(_says_a_status, documents)) and records >= max(2, len(pieces) / 2 if named else len(pieces))


def unsaid(document: RecordText) -> int:
    """How many headings of a file are named like records, if two or more; for a file that could not be split."""
    found = [
        part
        for part in document.parts
        if part.level and re.match(r"\W*(?:ADR|decision)[-_ #]*\d", plain(part.heading), re.IGNORECASE)
    ]
    return len(found) if len({part.level for part in found}) == 1 and len(found) > 1 else 0


def outside(pieces: Sequence[LogPiece], text: str) -> str:
    """The lines of a file that belong to none of its records, in words; empty if they are all blank or bare headings."""
    lines = text.split("\n")
    inside = {piece.line + number for piece in pieces for number in range(piece.text.count("\n") + (piece.text[-1:] != "\n"))}
    spare = [
        number
        for number, line in enumerate(lines, 1)
        if number not in inside and line.strip() and not re.match(r"\s*(?:#|---+\s*$|===+\s*$)", line)
    ]
    runs: list[list[int]] = []
    for number in spare:
        if runs and all(not lines[between - 1].strip() for between in range(runs[-1][1] + 1, number)):
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in runs)


def _pieces(document: RecordText, text: str, chosen: Sequence[RecordSection]) -> Iterator[LogPiece]:
    lines = re.split(r"(?<=\n)", text)
    begins = {part.line for part in chosen}
    level = chosen[0].level
    # What ends a record: the next one, or any other heading of the same or a higher level.
    ends = sorted(
        part.line
        for part in document.parts
        if part.level and (part.line in begins or part.level < level or _closes(part, level))
    )
    for part in chosen:
        end = next((line for line in ends if line > part.line), len(lines) + 1)
        while end - 2 >= part.line and re.fullmatch(r"\s*(?:[-*_]\s*){3,}\s*|\s*", lines[end - 2]):
            end -= 1  # a rule between two records belongs to neither
        yield LogPiece(_name(part), anchor(part.heading), part.line, "".join(lines[part.line - 1 : end - 1]))


def _closes(part: RecordSection, level: int) -> bool:
    # "## Status" at the level of "## ADR-001" is still a section of the record.
    return part.level == level and part.about in ("", "summary")


def _name(part: RecordSection) -> str:
    heading = plain(part.heading)
    title = templates.slug(record_head.bare_title(re.sub(r"^\W*(?:19|20)\d\d-\d\d-\d\d\W*", "", heading)), "decision")
    found = re.match(r"\W*((?:19|20)\d\d-\d\d-\d\d)\b", heading)
    if found and record_dates.find(found[1]):
        return f"{found[1]}-{title}"
    number = record_head.number_of(heading.lstrip("[(# "))
    return f"{number:04d}-{title}" if number is not None else title


def anchor(heading: str) -> str:
    """The anchor of a heading for links within the page, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", plain(heading).strip().lower()).replace(" ", "-")


def _says_a_status(document: RecordText) -> bool:
    return bool(record_head.read(document).status.word)


def _is_record(document: RecordText) -> bool:
    if _says_a_status(document):
        return True
    said = {found["key"].strip().lower() for line in uncommented_lines(document.body) if (found := _INLINE.match(line))}
    return (
        len(document.kinds & DECISION_SECTIONS) > 1
        or len({"context", "decision", "consequences", "rationale", "why"} & said) > 1
    )
