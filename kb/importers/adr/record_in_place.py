"""Reading a decision record left in place: what it says in its own dialect, and where its status is."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...notes.fields import Front
from ...notes.kinds import Decision
from . import record_dates
from .record_head import document_title, read
from .record_text import RecordText
from .relations import Relation, says_nothing


def in_place(
    name: str, front: Front, body: str, body_line: int, key_lines: Mapping[str, int]
) -> tuple[dict[str, Any], dict[str, int]]:
    """What a record left in place says in its own dialect: the keys that its front matter lacks, and their lines.

    Called only for records whose front matter doesn't have status and date in kb's words, so that ordinary notes cost nothing.
    """
    head = read(RecordText(name, body, front, body_line, key_lines))
    more: dict[str, Any] = {}
    if head.status.word and not _in_words(front):
        more["status"] = head.status.word
        if head.status.says_more:
            more.setdefault("status_text", head.status.raw)
    # A date that the front matter writes in its own way counts as the day that it means.
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


@dataclass(frozen=True)
class StatusPlace:
    """Where the status is in the text of a record: the line, from 0, its first and last column, and the end of its section."""

    line: int
    start: int
    end: int
    section_end: int = 0  # the line after the last one with text there; 0 if the status has no section of its own


def status_place(
    name: str, front: Front, body: str, body_line: int, key_lines: Mapping[str, int], state: str = ""
) -> StatusPlace | None:
    """Where a record states its status in its text; None if its front matter does, or nothing does.

    With a `state`: where the text states that one, even if the front matter states one too.
    """
    document = RecordText(name, body, {} if state else front, body_line, key_lines)
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
    """The front matter key for a relation that is read in place; kb has none for `amended by`."""
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
    # If each record has a folder, the folder has the name: `../0010-use-y/README.md`.
    return posixpath.basename(folder) if name.lower() in ("readme", "index", "adr", "decision") else name
