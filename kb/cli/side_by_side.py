"""Two lines one above the other, with what differs marked and what they share cut short."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

from .screen import cells, cut, strong, visible

_TOKEN = re.compile(r"\w+(?:[.:-]\w+)*|\s+|[^\w\s]")
# How much is kept: shared tokens at the beginning, and beside each difference. The first that lets both lines fit is taken.
_KEPT = ((400, 400), (24, 6), (20, 4), (16, 3), (12, 2), (8, 1))
ROWS = 2  # of the screen, for either line
MAX_TOKENS = 400  # more are not compared: difflib grows with the square

_Piece = tuple[bool, list[str], list[str]]  # whether it differs, and the tokens of either line


def side_by_side(yours: str, known: str, columns: int, paint: Callable[[str], str] = strong) -> tuple[list[str], list[str]]:
    """The rows of both lines, ready for the terminal: differing words painted, shared stretches replaced by … until they fit."""
    a, b = _tokens(yours), _tokens(known)
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    pieces = [(tag != "equal", a[a1:a2], b[b1:b2]) for tag, a1, a2, b1, b2 in blocks]
    for kept in _KEPT:
        shown = _shortened(pieces, *kept)
        left, right = [(differs, tokens) for differs, tokens, _ in shown], [(differs, tokens) for differs, _, tokens in shown]
        if max(len(_rows(left, columns, str)), len(_rows(right, columns, str))) <= ROWS:
            break
    return _rows(left, columns, paint)[:ROWS], _rows(right, columns, paint)[:ROWS]


def _tokens(line: str) -> list[str]:
    return _TOKEN.findall(visible(" ".join(line.split())))[:MAX_TOKENS]


def _shortened(pieces: Sequence[_Piece], first: int, beside: int) -> list[_Piece]:
    """The pieces without the middle of the shared ones. The beginning of a line tells most, so it keeps more."""
    result = []
    for number, (differs, left, right) in enumerate(pieces):
        if not differs:
            before = first if number == 0 else beside
            after = 0 if number == len(pieces) - 1 else beside
            if len(left) > before + after + 2:
                left = right = [*left[:before], " … ", *left[len(left) - after :]]
        result.append((differs, left, right))
    return result


def _rows(pieces: Sequence[tuple[bool, list[str]]], columns: int, paint: Callable[[str], str]) -> list[str]:
    """The text in rows that fit, broken between tokens."""
    rows, used = [""], 0
    for differs, tokens in pieces:
        for token in tokens:
            shown = cut(token, columns)
            if used + cells(shown) > columns:
                rows.append("")
                used = 0
            if used == 0:
                shown = shown.lstrip()
            used += cells(shown)
            rows[-1] += paint(shown) if differs and shown.strip() else shown
    return [row.rstrip() for row in rows]
