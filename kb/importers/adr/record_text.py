"""An ADR's text taken apart: its head, its headings, and what its first lines state (`* Status: accepted`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ...notes.fields import Front
from ...notes.markdown import prose_lines
from .record_headings import DECISION_SECTIONS, meaning, plain, uncommented, word_meaning

# Two or more # make a heading even without a space: MkDocs shows `##Status` as one.
_ATX = re.compile(r"^ {0,3}(#{1,6}(?=[ \t])|#{2,6}(?=[^\s#]))[ \t]*(.*?)(?:[ \t]+#+)?[ \t]*$")
_EMPTY_ATX = re.compile(r"^ {0,3}(#{1,6})[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-{3,})[ \t]*$")
_BOLD_LINE = re.compile(r"^(?:\*\*|__)([^*_\n]{2,60})(?:\*\*|__)[ \t]*:?[ \t]*$")
_STATEMENT = re.compile(
    r"^[\s>]*(?:[-*+][ \t]+)?(?:\[[ xX]\][ \t]+)?(?P<open>\*\*|__|\*|_)?(?P<key>[^\W\d_][\w \-()'’]{1,28}?)[ \t]*"
    r"(?:[:\uff1a.]{1,2}[ \t]*(?P=open)|(?P=open)[ \t]*[:\uff1a]{1,2}|[:\uff1a]{1,2})[ \t]*(?P<value>.*)$"
    r"|^[\s>]*(?:[-*+][ \t]+)?(?P<bare>[^\W\d_][\w \-()'’]{1,28}?)[ \t]*[:\uff1a]{1,2}[ \t]*(?P<bare_value>.*)$"
)
_NEXT = re.compile(r"[ \t]+(?:[·•|]|[–—](?=[ \t]+\*\*))[ \t]+(?=(?:\*\*|__)?[^\W\d_][\w -]{1,24}[:\uff1a])")
_CONTAINER = re.compile(r"^:{3,}[ \t]*\w+[ \t]+(.{2,60}?)[ \t]*$")  # VitePress: "::: info Status"
_DEFINITION = re.compile(r"^ {0,3}\[([^\]\n]+)\]:[ \t]*<?([^\s>]+)>?", re.MULTILINE)


@dataclass(frozen=True)
class RecordSection:
    """A heading and its own text, up to the next heading of any level. The first part of a text may have no heading."""

    heading: str
    level: int  # 0 without a heading
    line: int  # of the heading, counted in the file
    text: str

    @cached_property
    def about(self) -> str:
        """What the heading means (`Considered Options` → options), or nothing."""
        return meaning(self.heading)


@dataclass(frozen=True)
class Statement:
    """One thing that the head of a record states in a line or a cell: `* Status: accepted`."""

    about: str
    value: str
    line: int
    table: bool = False


@dataclass(frozen=True)
class RecordText:
    """The text of one record: its file's name without the ending, its front matter if it has any, its body."""

    name: str
    body: str
    front: Front = field(default_factory=dict)
    body_line: int = 1
    key_lines: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def parts(self) -> tuple[RecordSection, ...]:
        """The parts of the body, in order; nothing in a fenced block is a heading."""
        return tuple(_parts(self.body, self.body_line))

    @cached_property
    def heading(self) -> RecordSection | None:
        """The heading that is the record's title: the first one, unless it names a section."""
        first = next((part for part in self.parts if part.level), None)
        if first is None or (first.level != 1 and first is not self.parts[0]):
            return None
        # "# Links" at the top can be a title; "# Context" there is the first section of a text without one.
        return (
            None
            if first.about and (first.level > 1 or first.about in DECISION_SECTIONS | {"status", "date", "summary"})
            else first
        )

    @cached_property
    def intro(self) -> RecordSection:
        """The text before the first section: below the title, or at the very top."""
        title = self.heading
        above = self.parts[0] if self.parts and self.parts[0].level == 0 else RecordSection("", 0, self.body_line, "")
        if title is None:
            return above
        return RecordSection("", 0, above.line if above.text.strip() else title.line + 1, above.text + title.text)

    @cached_property
    def title(self) -> str:
        """The title as it was written, without markup: from the front matter, else from the heading."""
        if written := self.front_text("title") or (plain(self.heading.heading) if self.heading else ""):
            return written
        if drawn := re.search(r"<h1\b[^<>]*>([^<>]+)</h1>", self.intro.text, re.IGNORECASE):
            return " ".join(drawn[1].split())
        stated = self.stated("title")
        return plain(stated.value) if stated else ""

    def front_text(self, about: str) -> str:
        """The front matter's value for that meaning, a list joined with commas; empty if there is none."""
        for key, value in self.front.items():
            if word_meaning(key.lower().strip()) == about:
                if isinstance(value, list):
                    return ", ".join(item for item in value if isinstance(item, str))
                if isinstance(value, str) and value.strip() not in ("", "null", "~"):
                    return value.strip()
        return ""

    def section(self, about: str) -> RecordSection | None:
        """The first section of that meaning with any text, not counting the title."""
        return next((part for part in self.parts if part.about == about and uncommented(part.text).strip()), None)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The meanings of all headings."""
        return frozenset(part.about for part in self.parts if part.about)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """What the head states, line by line: in the intro, and in a section of metadata."""
        found = list(_statements(self.intro.text, self.intro.line))
        for part in self.parts:
            if part.about == "about":
                found += _statements(part.text, part.line + 1)
        return tuple(found)

    def stated(self, about: str) -> Statement | None:
        """The first statement of that meaning with a value."""
        return next((found for found in self.statements if found.about == about and found.value), None)

    @cached_property
    def definitions(self) -> Mapping[str, str]:
        """Labels of reference links → where they lead."""
        return {label.lower(): target for label, target in _DEFINITION.findall(self.body)}


def _parts(body: str, first_line: int) -> Iterator[RecordSection]:
    heading, level, line, text = "", 0, first_line, ""
    lines = list(prose_lines(body))
    for number, _, raw, fenced in lines:
        stripped = raw.rstrip("\r\n")
        below = lines[number + 1][2].rstrip("\r\n") if number + 1 < len(lines) else ""
        new = None if fenced else _heading(stripped, below, alone=not text.strip() or text.endswith("\n\n"))
        if new is None:
            # The underline of a heading belongs to it.
            if not (text == "" and level and _UNDERLINE.match(stripped) and not fenced):
                text += raw
            continue
        if level or text:
            yield RecordSection(heading, level, line, text)
        (heading, level), line, text = new, first_line + number, ""
    yield RecordSection(heading, level, line, text)


def _heading(line: str, below: str, alone: bool) -> tuple[str, int] | None:
    if match := _ATX.match(line) or _EMPTY_ATX.match(line):
        return (match[2] if match.re is _ATX else "", len(match[1]))
    if line.strip() and _UNDERLINE.match(below) and not line.lstrip().startswith(("|", ">", "- ", "* ", "#", "<")):
        # Three hyphens below a paragraph underline its last line: a heading only if the paragraph is one line.
        return (line.strip(), 1 if "=" in below else 2) if alone and ":" not in line else None
    if (match := _BOLD_LINE.match(line) or _CONTAINER.match(line)) and meaning(match[1]):
        return (match[1], 6)
    return None


def _statements(text: str, first_line: int) -> Iterator[Statement]:
    yield from table_statements(text, first_line)
    lines = uncommented_lines(text)
    for number, line in enumerate(lines):
        if line.lstrip().startswith("|"):
            continue
        match = _STATEMENT.match(line)
        if match is None:
            continue
        key, value = match["key"] or match["bare"] or "", match["value"] if match["key"] else match["bare_value"]
        about = meaning(key)
        if about and about not in DECISION_SECTIONS:
            value = _NEXT.split((value or "").strip().removesuffix("\\"))[0].strip()
            rest = lines[number + 1 :]
            value = f"{value} {_wrapped(line, rest)}".rstrip() if value else _continued(rest) or _below(about, rest)
            yield Statement(about, value, first_line + number)
        for piece in _NEXT.split(line)[1:]:  # "status: accepted · date: 2026-07-05"
            if (match := _STATEMENT.match(piece)) and (about := meaning(match["key"] or match["bare"] or "")) not in (
                "",
                *DECISION_SECTIONS,
            ):
                yield Statement(about, (match["value"] if match["key"] else match["bare_value"]).strip(), first_line + number)


def uncommented_lines(text: str) -> list[str]:
    """The lines of a text with comments and fenced blocks blanked, so that line numbers stay the same."""
    blank = re.sub(r"<!--.*?(?:-->|\Z)", lambda c: "\n" * c[0].count("\n"), text, flags=re.DOTALL) if "<!--" in text else text
    return ["" if fenced else line.rstrip("\r\n") for _, _, line, fenced in prose_lines(blank)]


def _continued(rest: Sequence[str]) -> str:
    """The value of a key alone on its line: the list below it."""
    items = []
    for line in rest:
        found = re.match(r"^(?:[ \t]+[-*+][ \t]+|[ \t]{2,})(.*\S)", line)
        if not found:
            break
        items.append(found[1])
    return ", ".join(items)


def _wrapped(line: str, rest: Sequence[str]) -> str:
    """The further lines of a list item, which are indented deeper than its mark."""
    if not re.match(r"[ \t]*[-*+][ \t]", line):
        return ""
    more = []
    for below in rest:
        if not re.match(r"[ \t]{2,}[^\s*+-]", below):
            break
        more.append(below.strip())
    return " ".join(more)


def _below(about: str, rest: Sequence[str]) -> str:
    """The value of a key alone on its line, if the next line is neither a key nor a list: `Status:`, then `Accepted`."""
    first = next((line for line in rest[:2] if line.strip()), "")
    known = about in ("status", "date", "created", "updated", "deciders")
    return first.strip() if known and first and not re.match(r"\s*(?:[-*+|#>]|---)", first) and not _key_of(first) else ""


def _key_of(line: str) -> str:
    match = _STATEMENT.match(line)
    return meaning(match["key"] or match["bare"] or "") if match else ""


def table_statements(text: str, first_line: int) -> Iterator[Statement]:
    """What the rows of a text's tables state: `| Status | Accepted |`."""
    ruled = re.search(r"^[ \t]*:?-+:?[ \t]*\|[-:| \t]*$", text, re.MULTILINE)  # a table may lack the outer bars
    rows = [
        (first_line + number, [plain_cell(cell) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))])
        for number, line in enumerate(uncommented_lines(text))
        if (line.lstrip().startswith("|") and line.count("|") > 1) or (ruled and "|" in line)
    ]
    if not rows:
        return
    head = keys_of_columns(rows[0][1])
    data = [row for row in rows[1:] if not all(re.fullmatch(r":?-+:?|", cell) for cell in row[1])]
    # Keys in the first row, as in Backstage: several rows are a history. With other columns beside them
    # ("Status | Date | Author(s)") one row is a head; more of them are a table about something else.
    if data and ((all(head) and len(head) > 1) or ({"status", "date"} <= set(head) and len(data) == 1)):
        line, cells = max(data, key=lambda row: max([*map(_day, row[1]), ""])) if "status" in head else data[0]
        for about, cell in zip(head, cells, strict=False):
            yield Statement(about, cell, line, True)
        return
    for line, cells in rows:
        if len(cells) > 1 and (about := meaning(cells[0])) and about not in DECISION_SECTIONS:
            yield Statement(about, cells[1], line, True)


def keys_of_columns(cells: Sequence[str]) -> list[str]:
    """What the cells of a table's first row mean as keys; nothing if it is a key and its value, as in `Status | Accepted`."""
    keys = [meaning(cell) for cell in cells]
    told = [cell.strip().lower() for cell in cells if cell.strip()]
    # "Accepted" above a column is a key for dates; beside "Status" it is a value.
    return [] if len(told) == 2 and keys.count("date") == 1 and "date" not in told[1] and "status" in told[0] else keys


def _day(cell: str) -> str:
    found = re.search(r"\d{4}-\d\d-\d\d", cell)
    return found[0] if found else ""


def plain_cell(cell: str) -> str:
    """A cell's text, including links, without the spaces around it."""
    return re.sub(r"^\*\*(.*)\*\*$", r"\1", cell.strip())
