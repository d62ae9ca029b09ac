"""Homemade records: a line `**Status:** Accepted`, a table or a badge, and whatever headings their author liked."""

from __future__ import annotations

import re

from .. import status_words
from ..dialect import PLACES, Dialect, Place
from ..record_headings import DECISION_SECTIONS, meaning
from ..record_text import RecordText, uncommented_lines

_LINE = re.compile(
    r"^[\s>]*(?:[-*+]\s+)?(?:\*\*|__|_|\*)?([^\W\d_][\w -]{2,20})(?:\*\*|__)?\s*[:\uff1a]\s*(?:\*\*|__)?\s*(\S.*)$"
)
_ALONE = re.compile(
    r"^[\s>*_]*(?:proposed|draft|accepted|approved|rejected|deprecated|superseded)(?:\s+(?:on|in|at)?[\s\d/.-]{4,})?[.*_\s]*$",
    re.IGNORECASE | re.MULTILINE,
)
_BADGE = re.compile(r"!\[[^\]\n]*status\W[^\]\n]*\]\([^)\n]*\)", re.IGNORECASE)


def _anywhere(document: RecordText, about: str) -> tuple[str, int]:
    """One of the first forty lines, wherever it is; or, for a status, a badge in the intro."""
    if about not in ("status", "date"):
        return "", 0
    for number, line in enumerate(uncommented_lines(document.body)[:40]):
        match = _LINE.match(line)
        if match and meaning(match[1]) == about and (about != "status" or status_words.read(match[2]).word):
            return match[2].strip(), document.body_line + number
    alone = _ALONE.search(document.intro.text) if about == "status" else None
    if alone:
        return alone[0].strip(), document.intro.line + document.intro.text[: alone.start()].count("\n")
    badge = _BADGE.search(document.intro.text) if about == "status" else None
    return (badge[0], document.intro.line) if badge else ("", 0)


def _recognises(document: RecordText) -> int:
    if any(status_words.read(place(document, "status")[0]).word for place in DIALECT.places):
        return 20
    return 10 if document.kinds & DECISION_SECTIONS else 0


_PLACES: tuple[Place, ...] = (*PLACES, _anywhere)
DIALECT = Dialect("simple", "homemade", _recognises, _PLACES)
