"""Postings packed into small scripts that a browser loads when it needs them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from ...retrieval.terms import DIGITS


@lru_cache(50_000)
def posting(weight: int, delta: int) -> str:
    """A weight and the distance from the document before, five bits a character, the lowest first."""
    text = DIGITS[weight]
    while delta > 31:
        text += DIGITS[32 + (delta & 31)]
        delta >>= 5
    return text + DIGITS[delta]


def script_text(value: object) -> str:
    """A value as JavaScript; halves of characters, which no file can hold, become a sign."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _UNWRITABLE.sub("\ufffd", text).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


_UNWRITABLE = re.compile(r"[\ud800-\udfff\x7f-\x9f]")

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"


def delta(number: int) -> str:
    """The distance to the document before, five bits a character, the lowest first."""
    text = ""
    while number > 31:
        text += _DIGITS[32 + (number & 31)]
        number >>= 5
    return text + _DIGITS[number]


def packed(postings: Mapping[str, Iterable[str]]) -> str:
    """A line for each term: how much of the one before is repeated, the rest, a tab, where it stands."""
    lines = []
    before = ""
    for term in sorted(postings):
        shared = 0
        for one, other in zip(before[:63], term, strict=False):
            if one != other or one > "\uffff":
                break
            shared += 1
        lines.append(f"{_DIGITS[shared]}{term[shared:]}\t{''.join(postings[term])}")
        before = term
    return "\n".join(lines)
