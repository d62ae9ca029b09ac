"""Notes that are too large or too odd to be rendered."""

from __future__ import annotations

import re

# Longer texts and lines take Python-Markdown minutes, and no one reads them as prose.
MOST_CHARACTERS = 300_000
LONGEST_LINE = 20_000
MOST_MARKERS = 400  # `[`, `*`, `_` or backticks in one paragraph; each can begin something that ends much later
MOST_ABBREVIATIONS = 500


def too_much(text: str) -> str:
    """Why a text is better shown unrendered; empty if it can be rendered."""
    if len(text) > MOST_CHARACTERS:
        return "is too long to be rendered"
    if len(text) > LONGEST_LINE and max(map(len, text.split("\n"))) > LONGEST_LINE:
        return "has a line that is too long to be rendered"
    if len(text) <= MOST_MARKERS:
        return ""
    prose = _outside_fences(text)
    if len(re.findall(r"(?m)^ {0,3}\*\[", prose)) > MOST_ABBREVIATIONS:
        return "has too many abbreviations to be rendered"
    for paragraph in re.split(r"\n[ \t]*\n", prose):
        if sum(map(paragraph.count, "[*_`!<")) > MOST_MARKERS and not _is_tame(paragraph):
            return "has a paragraph with too many marks to be rendered"
        if re.search(r"(?m)^(?:[ \t]*(?:>|[-*+]|\d+[.)])[ \t]*){30}", paragraph):
            return "is nested too deeply to be rendered"
    return ""


def _outside_fences(text: str) -> str:
    """A text without its fenced blocks, which aren't parsed. A fence that is never closed doesn't count."""
    kept: list[str] = []
    inside: list[str] = []
    fence = ""
    for line in text.split("\n"):
        if fence and line.rstrip() == fence:
            fence, inside = "", []
        elif fence:
            inside.append(line)
        elif opening := _FENCE.fullmatch(line):
            fence, inside = opening[1], [line]
        else:
            kept.append(line)
    return "\n".join(kept + inside)


_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*[\w+#.-]*[ \t]*")


def _is_tame(paragraph: str) -> bool:
    """A table, a list or a listing: many marks, but they end on their own lines."""
    lines = paragraph.split("\n")
    return max(sum(map(line.count, "[*_`!<")) for line in lines) <= MOST_MARKERS // 4 and len(lines) > 4
