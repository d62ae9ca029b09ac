"""New notes: filling in a template's fields and sections, and making a file name from a title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from ..exceptions import CannotEdit
from . import front_matter, front_matter_edit
from .front_matter_edit import NewValue
from .markdown import HEADINGS, Section, sections, strip_comments

# Headings for sections that a template doesn't have.
_HEADING_OF = {"error": "Error", "fix": "Fix", "why": "Why", "check": "How to check", "symptoms": "Symptoms"}

# Comments for the writer, seen in the editor and never saved.
_HINT = re.compile(r"[ \t]*<!-- kb: .*?-->[ \t]*(?:\r?\n)?", re.DOTALL)
MAX_SLUG = 60

# Names that Windows reserves for devices, whatever follows the dot: a repository with such a file can't be cloned there.
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")


@dataclass(frozen=True)
class Content:
    """What a new note will say: values of fields, and texts of sections by their known names."""

    fields: Mapping[str, NewValue] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)


def fill(template: bytes, content: Content, headings: Mapping[str, str] = HEADINGS, path: str = "template") -> bytes:
    """The template with these fields and sections filled in; all its other bytes stay.

    Raises CannotEdit with the template's path and line if its front matter is broken.
    """
    filled = front_matter_edit.set_fields(
        template, {key: value for key, value in content.fields.items() if value not in ("", [], ())}, path
    )
    if not any(content.sections.values()):
        return filled
    block = front_matter.find_block(filled)
    head, body = (filled[: block.body], filled[block.body :]) if block else (b"", filled)
    text = body.decode("utf-8")
    for name, words in content.sections.items():
        if words.strip():
            text = _fill_section(text, name, words.strip("\n"), headings)
    result = head + text.encode("utf-8")
    if front_matter.read(result).front != front_matter.read(filled).front:
        raise CannotEdit(path, 1, "filling in the sections would change the front matter")
    return result


def add_to_section(data: bytes, name: str, words: str, headings: Mapping[str, str] = HEADINGS, path: str = "note") -> bytes:
    """The note with `words` added to the end of the section with that name, which is added to the note if it has none.

    Only inserts, so every other byte stays. Raises CannotEdit if the note is broken.
    """
    read = front_matter.read(data)
    if read.problem:
        raise CannotEdit(path, *read.problem)
    block = front_matter.find_block(data)
    start = block.body if block else 0
    body = data[start:].decode("utf-8")
    newline = "\r\n" if "\r\n" in body else "\n"
    section = next((s for s in sections(body, read.body_line, headings) if s.name == name), None)
    if section is None:
        at = len(body)
        gap = "" if not body.strip() else newline if body.endswith("\n") else newline * 2
        added = f"{gap}## {_HEADING_OF.get(name, name.capitalize())}{newline}{newline}{words}{newline}"
    else:
        own = _own_text(section).rstrip()
        at = section.start + len(own)
        continues = words[:2] in ("- ", "* ", "+ ") and bool(re.match(r"\s*[-*+] ", own.rpartition("\n")[2]))
        gap = newline if continues or (not own and body[:at].endswith("\n")) else newline * 2
        added = gap + words + ("" if own and body[at:] else newline)
    return data[:start] + (body[:at] + added + body[at:]).encode("utf-8")


def _fill_section(body: str, name: str, words: str, headings: Mapping[str, str]) -> str:
    section = next((s for s in sections(body, 1, headings) if s.name == name), None)
    if section is None:
        gap = "" if not body or body.endswith("\n\n") else "\n" if body.endswith("\n") else "\n\n"
        return f"{body}{gap}## {_HEADING_OF.get(name, name.capitalize())}\n\n{words}\n"
    own = _own_text(section)
    if strip_comments(own).strip():
        return body[: section.start] + own.rstrip("\n") + f"\n\n{words}\n\n" + body[section.start + len(own) :]
    rest = body[section.start + len(own) :]
    start = body[: section.start] if body[: section.start].endswith("\n") else body[: section.start] + "\n"
    return start + f"\n{words}\n" + ("\n" if rest else "") + rest


def _own_text(section: Section) -> str:
    """The section's text up to its first deeper heading."""
    deeper = next((s for s in sections(section.text)), None)
    if deeper is None:
        return section.text
    heading_start = section.text.rfind("\n", 0, max(0, deeper.start - 1)) + 1
    return section.text[:heading_start]


def without_hints(data: bytes) -> bytes:
    """The note without the comments meant for its writer (`<!-- kb: … -->`)."""
    if b"<!-- kb: " not in data:
        return data
    text = _HINT.sub("", data.decode("utf-8", "surrogateescape"))
    return re.sub(r"\n{3,}(?=#)", "\n\n", text).rstrip("\n").encode("utf-8", "surrogateescape") + b"\n"


def fenced(text: str) -> str:
    """`text` between fences longer than any inside it."""
    longest = max((len(run) for run in re.findall(r"^ {0,3}(`{3,})", text, re.MULTILINE)), default=2)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}\n{text}\n{ticks}"


# ---- file names ------------------------------------------------------------------------------------------------------


def slug(title: str, fallback: str = "note") -> str:
    """A file name for any title: ASCII letters, digits and hyphens, at most 60, never empty."""
    from slugify import slugify

    # Apostrophes join ("can't" → cant), and a slug never ends within a word.
    made = slugify(title.replace("'", "").replace("’", ""), max_length=MAX_SLUG, word_boundary=True, save_order=True)
    made = made or slugify(title, max_length=MAX_SLUG) or fallback
    return f"{made}-{fallback}" if _RESERVED.fullmatch(made) else made


def dated_names(day: date, title: str, kind: str) -> Iterator[str]:
    """`2026-11-20-jellyfin-502`, then the same with -2, -3 …"""
    base = f"{day.isoformat()}-{slug(title, kind)}"
    yield base
    for number in range(2, 10_000):
        yield f"{base}-{number}"


def numbered_name(taken: Iterable[str], title: str, day: date | None = None) -> str:
    """`0007-put-traefik-in-front`: one more than the highest number among the names taken, written in the same way.

    With a `day`, if all names begin with a date (`20200925-use-nextjs`), so does the new one.
    """
    names = list(taken)
    found = [
        match
        for name in names
        if (match := re.match(r"((?:adr[-_ ]?)?)(\d{1,6})(?!\d|-\d\d-\d\d)([-_])?", name, re.IGNORECASE))
    ]
    dated = next(
        (match for name in sorted(names, reverse=True) if (match := re.match(r"(?:19|20)\d\d(-?)\d\d\1\d\d[-_]", name))), None
    )
    if day and dated and not found:
        return f"{day.strftime(f'%Y{dated[1]}%m{dated[1]}%d')}-{slug(title, 'decision')}"
    newest = max(found, key=lambda match: int(match[2]), default=None)
    if newest is None:
        return f"0001-{slug(title, 'decision')}"
    number = int(newest[2]) + 1
    return f"{newest[1]}{number:0{max(len(newest[2]), 3 if day else 4)}d}{newest[3] or '-'}{slug(title, 'decision')}"
