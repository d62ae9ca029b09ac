"""Two lines one above the other, with what differs marked and what they share cut short."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import SequenceMatcher

from .screen import cells, cut, strong, visible

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_KEPT = 3  # tokens kept on each side of a cut
MAX_TOKENS = 400  # more are not compared: difflib grows with the square


def side_by_side(yours: str, known: str, columns: int, paint: Callable[[str], str] = strong) -> tuple[str, str]:
    """Both lines ready for the terminal: differing words painted, common stretches replaced by … until they fit."""
    a, b = _TOKEN.findall(visible(" ".join(yours.split())))[:MAX_TOKENS], _TOKEN.findall(visible(" ".join(known.split())))[:MAX_TOKENS]
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    too_long = max(cells("".join(a)), cells("".join(b))) > columns
    left, right = _Line(columns, paint), _Line(columns, paint)
    for number, (tag, a1, a2, b1, b2) in enumerate(blocks):
        if tag == "equal":
            shared = a[a1:a2]
            if too_long:
                shared = _shortened(shared, first=number == 0, last=number == len(blocks) - 1)
            left.add("".join(shared), False)
            right.add("".join(shared), False)
        else:
            left.add("".join(a[a1:a2]), True)
            right.add("".join(b[b1:b2]), True)
    return left.text, right.text


def _shortened(tokens: list[str], first: bool, last: bool) -> list[str]:
    """The beginning of a line tells most, so it keeps more."""
    before = 16 if first else _KEPT
    after = 0 if last else _KEPT
    if len(tokens) <= before + after + 2:
        return tokens
    return [*tokens[:before], " … ", *tokens[len(tokens) - after :]]


class _Line:
    """A line that stops growing at the edge of the screen."""

    def __init__(self, columns: int, paint: Callable[[str], str]) -> None:
        self.left, self.paint, self.text = columns, paint, ""

    def add(self, part: str, differs: bool) -> None:
        """Append a part, painted when it differs."""
        if self.left <= 0 or not part:
            return
        shown = cut(part, self.left)
        self.left -= cells(shown)
        if shown != part:
            self.left = 0
        self.text += self.paint(shown) if differs and shown.strip() else shown
