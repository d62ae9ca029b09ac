"""The small scripts that a browser loads when it needs them: what they hold, packed, and what they are called.

The site's search and the page for pasted errors are written in this one format; `search.js` and `seen.js` read it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from ...retrieval.terms import DIGITS


class Postings:
    """Which documents hold which term. Documents are numbered, and added in their order."""

    def __init__(self) -> None:
        self.by_term: dict[str, list[str]] = {}
        self._last: dict[str, int] = {}

    def add(self, term: str, document: int, weight: str = "") -> None:
        """Say that a document holds a term; `weight` is a digit, or nothing where all count the same."""
        distance = document - self._last.get(term, -1)
        self._last[term] = document
        self.by_term.setdefault(term, []).append(weight + _digits(distance))


@lru_cache(50_000)
def _digits(distance: int) -> str:
    """The distance to the document before, five bits a character, the lowest first."""
    text = ""
    while distance > 31:
        text += DIGITS[32 + (distance & 31)]
        distance >>= 5
    return text + DIGITS[distance]


def term_shards(postings: Mapping[str, Sequence[str]], most: int) -> Iterator[tuple[str, str]]:
    """(the first term, all terms) of each shard of about `most` characters, in the order in which JavaScript sorts.

    A line is: how much of the term before is repeated, the rest of the term, a tab, its postings. There is always one shard.
    """
    lines: list[str] = []
    first, before, size = "", "", 0
    for term in sorted(postings, key=lambda term: term.encode("utf-16-be", "surrogatepass")):
        if size > most:
            yield first, "\n".join(lines)
            lines, size, before = [], 0, ""
        first = first if lines else term
        shared = _shared(before, term)
        line = f"{DIGITS[shared]}{term[shared:]}\t{''.join(postings[term])}"
        lines.append(line)
        size += len(line)
        before = term
    yield first, "\n".join(lines)


def _shared(before: str, term: str) -> int:
    """How many characters two terms begin with alike, as far as Python and JavaScript count the same."""
    shared = 0
    for one, other in zip(before[:63], term, strict=False):
        if one != other or one > "\uffff":  # two characters to JavaScript
            break
        shared += 1
    return shared


def row_shards(rows: Sequence[str], most: int) -> tuple[list[int], list[str]]:
    """The number of the first row of each shard of about `most` characters, and the shards: lists in JavaScript."""
    firsts: list[int] = []
    found: list[list[str]] = []
    size = most
    for number, row in enumerate(rows):
        if size >= most:
            firsts.append(number)
            found.append([])
            size = 0
        found[-1].append(row)
        size += len(row)
    return firsts, [f"[{','.join(shard)}]" for shard in found]


def script_text(value: object) -> str:
    """A value as JavaScript that any file can hold: halves of characters become a sign."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", _HALVES.sub("\ufffd", text))


_HALVES = re.compile(r"[\ud800-\udfff]")
_ESCAPED = re.compile(r"[\x7f-\x9f\u2028\u2029]")  # controls, and what ends a line in a script for browsers of before 2019


def script(folder: str, call: str, arguments: str) -> tuple[str, str]:
    """(path, text) of a script that calls a function with these arguments; its name is a hash of what is in it."""
    text = f"{call}({arguments})\n"
    return f"{folder}/{hashlib.blake2b(text.encode(), digest_size=5).hexdigest()}.js", text


def script_name(file: tuple[str, str]) -> str:
    """What a script is asked for by: its name without folder and ending."""
    return file[0].rpartition("/")[2].removesuffix(".js")
