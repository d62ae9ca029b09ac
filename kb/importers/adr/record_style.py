"""A new record in the style of its neighbours: their head with other values, their headings with nothing below."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from . import record_dates, record_head
from .record_headings import meaning, plain
from .record_text import RecordSection, RecordText, keys_of_columns, uncommented_lines

_KEPT = ("deciders", "consulted", "informed", "tags")  # keys of a head that a new record has too, without values
_RULE = re.compile(r"\s*(?:[-=*_]{3,}|[|: -]*\|[|: -]*)\s*$")


@dataclass(frozen=True)
class Fresh:
    """What a new record says about itself."""

    title: str
    number: int | None
    status: str
    day: str  # 2026-11-21
    sections: Mapping[str, str]  # by their meaning: context, options, decision, consequences


def record(fresh: Fresh, model: RecordText, others: Sequence[RecordText]) -> str:
    """The text of a new record in the dialect of `model`, without headings that only `model` has."""
    title = model.heading
    lines = _front(model, fresh) if model.front else []
    if title is not None:
        lines += [f"{'#' * max(title.level, 1)} {_titled(title.heading, fresh)}", ""]
    elif not model.front_text("title"):
        lines += [f"# {fresh.title}", ""]  # the others are named only by their files' names
    lines += _head(model, fresh)
    known = Counter(heading for other in others for heading in {part.heading.lower() for part in other.parts})
    for part in model.parts:
        if part.level and part is not title and (part.about or known[part.heading.lower()]):
            lines += [*_section(part, fresh), ""]
    text = "\n".join(lines).rstrip("\n") + "\n"
    return re.sub(r"\n{3,}", "\n\n", text)


def _titled(heading: str, fresh: Fresh) -> str:
    """The heading with another number and title: `ADR-007: Use X` → `ADR-012: Use Y`."""
    words = plain(heading)
    lead = words[: words.find(record_head.bare_title(words, fresh.number and fresh.number - 1))]
    lead = lead if heading.startswith(lead) else ""
    return (_counted(lead, fresh.number) if fresh.number is not None else "") + fresh.title


def _counted(text: str, number: int) -> str:
    return re.sub(r"\d+", lambda found: f"{number:0{len(found[0])}d}", text, count=1)


def _front(model: RecordText, fresh: Fresh) -> list[str]:
    lines = []
    for key, value in model.front.items():
        about = meaning(key)
        if about == "title":
            lines.append(f"{key}: {_quoted(_titled(str(value), fresh))}")
        elif about == "status":
            lines.append(f"{key}: {fresh.status}")
        elif about in ("date", "created"):
            lines.append(f"{key}: {fresh.day}")
        elif key == "id" and fresh.number is not None and isinstance(value, str):
            lines.append(f"{key}: {_counted(value, fresh.number)}")
        elif about in _KEPT:
            lines.append(f"{key}: []" if isinstance(value, list) else f"{key}:")
    return ["---", *lines, "---", ""]


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[\w][\w ,.()/+-]*", text) else "'" + text.replace("'", "''") + "'"


def _head(model: RecordText, fresh: Fresh) -> list[str]:
    """The lines of the head that state something, with new values."""
    lines: list[str] = []
    columns: list[str] = []  # for a table whose first row has the keys, as Backstage writes it
    for line in uncommented_lines(model.intro.text):
        if not line.strip() or _RULE.match(line):
            lines.append(line)
            continue
        if columns:
            lines += [_under(columns, line, fresh)] if _RULE.match(lines[-1]) else []  # further rows are its history
            continue
        keys = keys_of_columns(line.split("|")) if line.lstrip().startswith("|") else []
        if {"status"} < set(keys) - {""}:
            columns = keys
            lines.append(line)
            continue
        pieces = [piece for piece in re.split(r"([ \t]+[·•|][ \t]+)", line) if piece]
        if "|" in line and line.strip().startswith("|"):
            lines += [made] if (made := _row(line, fresh)) else []
        elif any(_about(piece) in ("title", "status", "date", "created", *_KEPT) for piece in pieces):
            lines.append("".join(_stated(piece, fresh) if _about(piece) else piece for piece in pieces))
    return [*lines, ""] if any(line.strip() for line in lines) else []


_KEY = re.compile(
    r"^([\s>]*(?:[-*+][ \t]+)?(?:\*\*|__)?(?P<key>[^\W\d_][\w ()'’-]{1,28}?)(?:\*\*|__)?[ \t]*[:\uff1a][ \t]*(?:\*\*|__)?[ \t]*)(.*)$"
)


def _about(piece: str) -> str:
    match = _KEY.match(piece)
    return meaning(match["key"]) if match else ""


def _stated(piece: str, fresh: Fresh) -> str:
    match = _KEY.match(piece)
    if match is None:
        return piece
    value = _value(meaning(match["key"]), match[3].strip(), fresh)
    key = match[1].rstrip()
    return key + ("" if key.endswith("\uff1a") else " ") + value if value else key


def _value(about: str, old: str, fresh: Fresh) -> str:
    """A new value, written in the way of the old one."""
    if about == "status":
        return fresh.status.capitalize() if old[:1].isupper() or not old[:1].isalpha() else fresh.status
    if about == "title":
        return _titled(old, fresh)
    return _dated(old, fresh.day) if about in ("date", "created") else ""


def _dated(old: str, day: str) -> str:
    year, month, date = day.split("-")
    if re.match(r"\d{4}/", old):
        return f"{year}/{month}/{date}"
    if found := re.match(r"\d{1,2}([./-])\d{1,2}\1\d{4}", old):
        first = record_dates.day_first([old])
        return (
            found[1].join((date, month, year) if first or found[1] == "." else (month, date, year))
            if first is not None or found[1] == "."
            else day
        )
    return day


def _under(columns: Sequence[str], line: str, fresh: Fresh) -> str:
    """The row below a row of keys, with new values; cells of other columns are empty."""
    cells = line.split("|")
    for number, about in enumerate(columns[: len(cells)]):
        if cells[number].strip():
            cells[number] = f" {_value(about, cells[number].strip(), fresh)} ".ljust(len(cells[number]))
    return "|".join(cells)


def _row(line: str, fresh: Fresh) -> str:
    """A row of a table with a key and a value; rows of other keys are kept, their cells empty."""
    cells = line.split("|")
    if len(cells) < 4:
        return line
    about = meaning(cells[1])
    if about in ("supersedes", "superseded-by", "amends", "amended-by", "links", "title"):
        return ""
    if not about and not cells[1].strip():
        return line
    value = _value(about, cells[2].strip(), fresh)
    cells[2] = f" {value} ".ljust(len(cells[2])) if value else " " * len(cells[2])
    return "|".join(cells)


def _section(part: RecordSection, fresh: Fresh) -> Iterator[str]:
    yield f"{'#' * part.level} {part.heading}" if part.level < 6 else f"**{part.heading}**"
    yield ""
    if part.about == "status":
        first = next((line for line in uncommented_lines(part.text) if line.strip()), "")
        yield _value("status", plain(first).strip("*_ "), fresh)
    elif part.about == "date":
        yield _dated(part.text.strip(), fresh.day)
    elif part.about == "changelog":
        mark = found[1] if (found := re.search(r"^([-*+]) ", part.text, re.MULTILINE)) else "-"
        yield f"{mark} {fresh.day}: Initial draft"
    elif text := fresh.sections.get(part.about, ""):
        yield text
