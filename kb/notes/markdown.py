"""The body of a note: its sections, fenced blocks, links, comments and code spans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# A heading is known by its first word, in any case; these are the words for the sections that kb knows.
HEADINGS: Mapping[str, str] = {
    word: section
    for section, words in {
        "error": "error errors fehler erreur erreurs errore errori fout fouten fel",
        "fix": "fix fixed solution resolution lösung solución soluzione oplossing lösning correctif",
        "why": "why cause reason root warum ursache pourquoi perché waarom varför",
        "check": "check how-to-check verify prüfen vérifier",
        "symptoms": "symptoms symptom symptome síntomas symptômes",
        "undo": "undo rollback",
        "next": "next",
        "timeline": "timeline",
        "lesson": "lesson lessons",
    }.items()
    for word in words.split()
}


DEAD_ENDS = "dead ends"  # what was tried and did not work


@dataclass(frozen=True)
class Section:
    """A heading and everything below it, deeper headings included."""

    name: str  # the known name ("fix"), else the heading in lower case
    heading: str
    level: int
    line: int  # of the heading, counted in the file
    text: str
    start: int  # where the text begins and ends in the body, in characters
    end: int


@dataclass(frozen=True)
class Link:
    """A link from a note's body or front matter to another note, as it was written."""

    target: str
    line: int
    kind: str  # "wiki" for [[ref]], "file" for a relative Markdown link, else the front matter's key
    text: str = ""


_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,})(.*)$")
_WIKI = re.compile(r"\[\[(?!_TOC_\]\])([^\[\]|\n]+)(?:\|([^\[\]\n]*))?\]\]")
_FILE_LINK = re.compile(r"\[([^\[\]\n]*)\]\(\s*<?([^()\s<>]+)>?(?:\s+\"[^\"\n]*\")?\s*\)")
_TICKS = re.compile(r"`+")


def section_name(heading: str, headings: Mapping[str, str] = HEADINGS) -> str:
    """The known name of a heading ("How to check" → check), else the heading itself in lower case."""
    lower = heading.lower().strip()
    if lower.startswith("how to check"):
        return "check"
    if lower.startswith(("what did not work", "what didn't work", "what didn’t work", "dead end")):
        return DEAD_ENDS
    first = re.match(r"[\w-]+", lower)
    return headings.get(first.group() if first else "", lower)


def prose_lines(body: str) -> Iterator[tuple[int, int, str, bool]]:
    """Each line of `body` as (number from 0, offset, line, whether it is in a fenced block or is its fence)."""
    fence, offset = "", 0
    # Not splitlines(): it also breaks at form feeds and U+2028, where no editor counts a line.
    for number, line in enumerate(re.findall(r"[^\n]*\n|[^\n]+", body)):
        found = _FENCE.match(line.rstrip("\r\n"))
        fenced = bool(fence)
        if found and not fence and not ("`" in found[3] and found[2][0] == "`"):
            fence, fenced = found[2], True
        elif found and fence and found[2].startswith(fence) and not found[3].strip():
            fence = ""
        yield number, offset, line, fenced
        offset += len(line)


def sections(body: str, first_line: int = 1, headings: Mapping[str, str] = HEADINGS) -> tuple[Section, ...]:
    """The sections of a Markdown text, in order. Headings inside fenced blocks are text."""
    found: list[tuple[int, str, int, int, int]] = []  # level, heading, line, start of heading, start of text
    for number, offset, line, fenced in prose_lines(body):
        if not fenced and (match := _HEADING.match(line.rstrip("\r\n"))):
            found.append((len(match[1]), match[2], first_line + number, offset, offset + len(line)))
    result = []
    for i, (level, heading, line_number, _, start) in enumerate(found):
        end = next((s for lv, _, _, s, _ in found[i + 1 :] if lv <= level), len(body))
        result.append(Section(section_name(heading, headings), heading, level, line_number, body[start:end], start, end))
    return tuple(result)


def fenced_blocks(body: str) -> Iterator[tuple[int, str]]:
    """The fenced blocks of a Markdown text: the number of the first line inside (from 0), and the text inside."""
    block: list[str] | None = None
    start, fence, indent = 0, "", 0
    for number, _, line, fenced in prose_lines(body):
        opening = _FENCE.match(line.rstrip("\r\n"))
        if block is None:
            if fenced and opening:
                block, start, fence, indent = [], number + 1, opening[2], len(opening[1])
        elif opening and opening[2].startswith(fence) and not opening[3].strip():
            yield start, "".join(block)
            block = None
        else:
            block.append(re.sub(f"^ {{0,{indent}}}", "", line) if indent else line)
    if block is not None:
        yield start, "".join(block)


def body_links(body: str, first_line: int = 1) -> Iterator[Link]:
    """`[[ref]]`, `[[ref|text]]` and relative Markdown links of a body; code is skipped (`[[ -f x ]]` is bash)."""
    for link, _, _ in link_places(body, first_line):
        yield link


def link_places(body: str, first_line: int = 1) -> Iterator[tuple[Link, int, int]]:
    """The links of a body, each with where its target begins and ends, in characters."""
    for number, offset, line, fenced in prose_lines(body):
        if fenced or "[" not in line:
            continue
        prose = blank_code(line, " ")
        for wiki in _WIKI.finditer(prose):
            link = Link(wiki[1].strip(), first_line + number, "wiki", (wiki[2] or "").strip())
            yield link, offset + wiki.start(1), offset + wiki.end(1)
        for file in _FILE_LINK.finditer(prose):
            if not re.match(r"[a-z][a-z0-9+.-]*:|#|//", file[2], re.IGNORECASE):
                yield Link(file[2], first_line + number, "file", file[1]), offset + file.start(2), offset + file.end(2)


def strip_comments(markdown: str) -> str:
    """The text without HTML comments, which are notes to the writer."""
    kept, end = [], 0
    # Not a regular expression, which would search a thousand times for the end of a thousand unclosed comments.
    while (start := markdown.find("<!--", end)) >= 0 and (closed := markdown.find("-->", start + 4)) >= 0:
        kept.append(markdown[end:start])
        end = closed + 3
    return "".join([*kept, markdown[end:]]) if kept else markdown


def code_spans(line: str) -> list[tuple[int, int]]:
    """Where the code spans of a line are, backticks included: from a run of backticks to the next run of that length."""
    runs = [found.span() for found in _TICKS.finditer(line)] if "`" in line else []
    ahead: dict[int, list[int]] = {}  # length → the numbers of the runs of that length, the last one first
    for number in range(len(runs) - 1, -1, -1):
        ahead.setdefault(runs[number][1] - runs[number][0], []).append(number)
    spans, number = [], 0
    while number < len(runs):
        start, end = runs[number]
        alike = ahead[end - start]
        while alike and alike[-1] <= number:
            alike.pop()
        if alike:
            spans.append((start, runs[alike[-1]][1]))
            number = alike[-1]
        number += 1
    return spans


def blank_code(line: str, sign: str) -> str:
    """The line with every character of its code spans replaced by a placeholder."""
    for start, end in code_spans(line):
        line = line[:start] + sign * (end - start) + line[end:]
    return line


def without_empty_sections(body: str) -> str:
    """The body without headings that have nothing below them, for display; the file keeps them."""
    found = sections(body)
    heading_at = [body.rfind("\n", 0, max(0, section.start - 1)) + 1 for section in found]
    full: list[int] = []  # levels of headings with text, seen from the end, not yet claimed by a parent
    for i in range(len(found) - 1, -1, -1):
        own_end = heading_at[i + 1] if i + 1 < len(found) else len(body)
        says = bool(strip_comments(body[found[i].start : own_end]).strip()) or any(level > found[i].level for level in full)
        if says:
            full = [level for level in full if level <= found[i].level] + [found[i].level]
        else:
            body = body[: heading_at[i]] + body[own_end:]
            removed = own_end - heading_at[i]
            heading_at[i + 1 :] = [at - removed for at in heading_at[i + 1 :]]
            heading_at[i] = heading_at[i + 1] if i + 1 < len(found) else len(body)
    return body
