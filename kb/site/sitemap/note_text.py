"""A note's text as its page shows it: without comments for the writer, empty sections and a repeated title."""

from __future__ import annotations

import re
from datetime import timedelta

from ...notes.kinds import Incident, Note
from ...notes.markdown import blank_code, fenced_blocks, prose_lines, sections

# What a template leaves behind: bullets, numbers and boxes with nothing after them.
_BLANK = re.compile(r"(?:[-*+]|\d+[.)])?[ \t]*(?:\[[ xX]?\])?")


def shown(note: Note) -> str:
    """The text of a note for its page."""
    return _with_room(_without_empty_sections(_without_title(_without_comments(note.body), note.title))).strip("\n")


def _without_comments(body: str) -> str:
    """The text without HTML comments; what looks like one inside code is code."""
    if "<!--" not in body:
        return body
    kept = []
    inside = False
    for _, _, line, fenced in prose_lines(body):
        if fenced and not inside:
            kept.append(line)
            continue
        rest, shown_part = line, ""
        while rest:
            if inside:
                _, closed, rest = rest.partition("-->")
                inside = not closed
                continue
            start = blank_code(rest, "`").find("<!--")
            shown_part += rest if start < 0 else rest[:start]
            inside, rest = start >= 0, "" if start < 0 else rest[start + 4 :]
        kept.append(shown_part if shown_part.strip() or not line.strip() else "\n")
    return "".join(kept)


def _with_room(body: str) -> str:
    """The text with blank lines around fenced blocks, without which Python-Markdown merges block and text into one paragraph."""
    if "```" not in body and "~~~" not in body:
        return body
    kept: list[str] = []
    inside = False
    for _, _, line, fenced in prose_lines(body):
        if (
            fenced != inside
            and kept
            and kept[-1].strip()
            and line.strip()
            and line[0] not in " \t"
            and kept[-1][0] not in " \t"
        ):
            kept.append("\n")
        kept.append(line)
        inside = fenced
    return "".join(kept)


# The number of a record before its title: `1. `, `ADR-0001: `, `0001 - `, `[ADR 7] `, `# 12 `.
_NUMBERED = re.compile(
    r"(\[?#?\s*(?:(?:adr|madr|rfc|decision)[\s_#-]*)?)(\d{1,6})\]?\s*([.:)\u2013\u2014-]?)\s+(?=\S)", re.IGNORECASE
)

_GENRE = re.compile(
    r"(?:architectur(?:e|al) decision(?: record)?|decision record|m?adr)\s*[:\u2013\u2014-]\s+(?=\S)", re.IGNORECASE
)


def _parts(title: str) -> tuple[str, int | None]:
    """A title without its number, case and marks, and the number; that of `502 Bad Gateway` belongs to the words."""
    plain = " ".join(title.split())
    if genre := _GENRE.match(plain):
        plain = plain[genre.end() :]
    found = _NUMBERED.match(plain)
    if found and not (found[1] or found[3] or found[2].startswith("0")):
        found = None
    words = plain[found.end() :] if found else plain
    return re.sub(r"[\s`*_]+", " ", words).strip(" .").casefold(), int(found[2]) if found else None


def _without_title(body: str, title: str) -> str:
    """The text without a first heading that only repeats the title, numbered or not."""
    first = next(iter(sections(body)), None)
    if first and first.level == 1:
        (words, number), (title_words, title_number) = _parts(first.heading), _parts(title)
        heading_start = body.rfind("\n", 0, max(0, first.start - 1)) + 1
        same = words == title_words and (number == title_number or None in (number, title_number))
        if same and not body[:heading_start].strip():
            return body[first.start :]
    return body


def _without_empty_sections(body: str) -> str:
    removed: list[tuple[int, int]] = []  # where sections inside began, and how long they were
    for section in reversed(sections(body)):
        end = section.end - sum(length for start, length in removed if start < section.end)
        if _is_blank(body[section.start : end]):
            heading_start = body.rfind("\n", 0, max(0, section.start - 1)) + 1
            body = body[:heading_start] + body[end:]
            removed.append((heading_start, end - heading_start))
    return body


def _is_blank(text: str) -> bool:
    if not text.strip():
        return True
    if any(block.strip() for _, block in fenced_blocks(text)):
        return False
    return all(fenced or _BLANK.fullmatch(line.strip()) for _, _, line, fenced in prose_lines(text))


def lasted(note: Note) -> timedelta | None:
    """How long an incident took, if that was measured: written down afterwards, its two times are often the same."""
    took = note.took if isinstance(note, Incident) else None
    return took if took and took >= timedelta(minutes=1) else None
