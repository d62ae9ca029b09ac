"""Finding the secrets in a text, and masking them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from .key_value import assigned
from .lazy_patterns import lazy
from .rule import Span
from .rule_table import by_rules
from .secret_blocks import blocks, private_keys

# A line with this word is skipped: its secret is meant to be there.
ALLOW = "kb-allow"

_MARK = lazy(r"\[[a-z0-9-]{1,30} masked\]")


class Secret(NamedTuple):
    """Where a secret is, never what it is. `line` counts from 1; `start` and `end` are offsets in the whole text."""

    kind: str
    line: int
    start: int
    end: int

    @property
    def mark(self) -> str:
        """What masking writes in place of the secret."""
        return f"[{self.kind} masked]"


def find(text: str) -> list[Secret]:
    """The secrets in `text`, in order and without overlaps. What is masked already doesn't count."""
    # A mark is hidden from every rule by a character that no value contains; positions stay the same.
    text = text.replace("\0", " ")
    text = _MARK().sub(lambda m: "\0" * len(m[0]), text) if " masked]" in text else text
    return list(_secrets(text, _spans(text)))


def mask(text: str) -> tuple[str, list[Secret]]:
    """The text with each secret's value replaced by its mark, and what was found. Masking again changes nothing more."""
    all_found: list[Secret] = []
    # What was beside a value can look like a secret once the value is gone: repeat until nothing is found.
    for turn in itertools.count():
        found = find(text)
        if turn:
            # Several in a row without a blank between them are masked as one; each would cost reading the whole text.
            found = list(_with_the_rest_of_the_word(text, found))
        if not found:
            break
        kept = _kept(text, found)
        near = _around_values("\0".join(kept))
        text = "".join(
            [part for pair in zip(kept, (secret.mark for secret in found), strict=False) for part in pair] + kept[-1:]
        )
        all_found += found
        # If that is most of the text, the next round reads it anyway.
        if len(near) < len(text) // 2 and next(_secrets(near, _spans(near)), None) is None:
            break
    return text, all_found


def _with_the_rest_of_the_word(text: str, found: list[Secret]) -> Iterator[Secret]:
    end, blank = 0, re.compile(r"\s|$")
    for secret in found:
        if secret.start >= end:
            after = blank.search(text, secret.end)
            end = after.start() if after else secret.end
            yield secret._replace(end=end)


def _around_values(text: str) -> str:
    """The lines that lost a value, and two on either side, which is as far as a rule looks; equal ones only once."""
    text = _MARK().sub("\0", text) if " masked]" in text else text
    lines = ["", "", *text.split("\n"), "", ""]
    kept, seen, last = [], set(), 0
    for i, line in enumerate(lines):
        if "\0" in line and (around := tuple(lines[i - 2 : i + 3])) not in seen:
            seen.add(around)
            kept += lines[max(last, i - 2) : i + 3]
            last = i + 3
    return "\n".join(kept)


def _kept(text: str, found: list[Secret]) -> list[str]:
    """The text before, between and after the values."""
    ends = [0, *(secret.end for secret in found)]
    starts = [*(secret.start for secret in found), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


def _spans(text: str) -> Iterator[Span]:
    """What all rules find, in order and merged where two overlap."""
    low = _lower(text)
    found = [*private_keys(text), *by_rules(text, low), *assigned(text, low), *blocks(text)]
    order = sorted([(start, i, end) for i, (_, start, end) in enumerate(found)])
    first = start = end = -1
    for next_start, i, next_end in order:
        if next_start >= end:
            if end >= 0:
                yield found[first][0], start, end
            first, start, end = i, next_start, next_end
        else:
            first, end = min(first, i), max(end, next_end)
    if end >= 0:
        yield found[first][0], start, end


def _secrets(text: str, spans: Iterator[Span]) -> Iterator[Secret]:
    line, position, allowed = 1, 0, _allowed_lines(text)
    for kind, start, end in spans:
        line += text.count("\n", position, start)
        position = start
        if line not in allowed:
            yield Secret(kind, line, start, end)


def _allowed_lines(text: str) -> set[int]:
    return {number for number, line in enumerate(text.split("\n"), 1) if ALLOW in line} if ALLOW in text else set()


def _lower(text: str) -> str:
    """In lower case and as long as before, so that positions agree (the Turkish dotted I grows in `lower`)."""
    low = text.lower()
    return low if len(low) == len(text) else text.replace("\u0130", "I").lower()
