"""A note's text without Markdown's signs, in the parts that its headings make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..notes.markdown import prose_lines, section_name, sections

MOST_TEXT = 30_000  # characters of one note that are searched: logs of megabytes would be the whole index
Link = Callable[[str, str], str]  # what a link [[ref|text]] says, of its ref and its text


@dataclass(frozen=True)
class Passage:
    """A part of a note's text: what stands below one heading."""

    heading: str  # as it was written; empty before the first
    name: str  # "error", "fix", …
    text: str  # without Markdown's signs, on one line


def as_written(ref: str, text: str) -> str:
    """What a link says to one who sees the file: its text, or the name that it leads to."""
    return text or ref


def passages(text: str, headings: Mapping[str, str], link: Link = as_written) -> Iterator[Passage]:
    """The parts of a Markdown text, those without any text too."""
    found = sections(text, headings=headings)
    starts = [text.rfind("\n", 0, max(0, section.start - 1)) + 1 for section in found] + [len(text)]
    if lead := _plain(text[: starts[0]], link):
        yield Passage("", "", lead)
    for number, section in enumerate(found):
        name = section_name(section.heading, headings)
        yield Passage(section.heading, name, _plain(text[section.start : starts[number + 1]], link))


_WIKI = re.compile(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]*))?\]\]")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")
_DEFINITION = re.compile(r" {0,3}\[[^\]\n]+\]:\s")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})")
_BLOCK = re.compile(r"^\s*(?:>+\s*)?(?:[-*+]\s+(?:\[[ xX]\]\s+)?|\d+[.)]\s+|\|)?")
_MARKS = re.compile(r"\*\*|__|`+|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")


def _plain(text: str, link: Link) -> str:
    return " ".join(" ".join(_plain_lines(text[: 2 * MOST_TEXT], link)).split())


def _plain_lines(text: str, link: Link) -> Iterator[str]:
    for _, _, line, fenced in prose_lines(text):
        if fenced:
            if not _FENCE.match(line):
                yield line
        elif not _DEFINITION.match(line) and (line.strip("|-: \t\r\n")):
            if "[" in line:
                line = _LINK.sub(r"\1", _WIKI.sub(lambda found: link(found[1].strip(), (found[2] or "").strip()), line))
            yield without_marks(_BLOCK.sub("", line, count=1).replace("|", " "))


def without_marks(text: str) -> str:
    """A line without signs for bold, italics and code."""
    return _MARKS.sub("", text)
