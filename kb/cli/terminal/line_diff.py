"""Two lines one above the other, with what differs marked and what they share cut short."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

from .screen import cells, cut, strong, visible

_TOKEN = re.compile(r"\w+(?:[.:-]\w+)*|\s+|[^\w\s]")

# How much is kept: columns of the shared beginning, tokens beside each difference, and how many rows of the screen either
# line may take. The first that lets both lines fit.
_KEPT = ((9999, 9999, 2), (60, 6, 2), (60, 4, 2), (50, 2, 2), (45, 1, 2), (45, 2, 3), (45, 1, 3), (45, 0, 3), (30, 0, 3))
ROWS = 3
MAX_TOKENS = 400  # more are not compared: difflib grows with the square

_Piece = tuple[bool, list[str], list[str]]  # whether it differs, and the tokens of either line


def side_by_side(yours: str, known: str, columns: int, paint: Callable[[str], str] = strong) -> tuple[list[str], list[str]]:
    """The rows of both lines, ready for the terminal: differing words painted, shared stretches replaced by … until they fit."""
    a, b = _tokens(yours), _tokens(known)
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    pieces = [(tag != "equal", a[a1:a2], b[b1:b2]) for tag, a1, a2, b1, b2 in blocks]
    for first, beside, rows in _KEPT:
        shown = _shortened(pieces, first, beside)
        left, right = [(differs, tokens) for differs, tokens, _ in shown], [(differs, tokens) for differs, _, tokens in shown]
        if max(len(_rows(left, columns, str)), len(_rows(right, columns, str))) <= rows:
            break
    if not any(differs and tokens for differs, tokens, _ in pieces):  # a part of the other: there is nothing to make room for
        left = [(False, tokens) for _, tokens, _ in pieces]
    return _rows(left, columns, paint)[:ROWS], _rows(right, columns, paint)[:ROWS]


def _tokens(line: str) -> list[str]:
    return _TOKEN.findall(visible(" ".join(line.split())))[:MAX_TOKENS]


def _shortened(pieces: Sequence[_Piece], first: int, beside: int) -> list[_Piece]:
    """The pieces without the middle of the shared ones. The beginning of a line tells most, so it keeps more."""
    result = []
    for number, (differs, left, right) in enumerate(pieces):
        if not differs:
            before = _fitting(left, first) if number == 0 else beside
            after = 0 if number == len(pieces) - 1 else beside
            if len(left) > before + after + 2:
                left = right = [*left[:before], " … ", *left[len(left) - after :]]
        result.append((differs, left, right))
    return result


def _fitting(tokens: Sequence[str], columns: int) -> int:
    """How many of the tokens fit into so many columns."""
    for count, token in enumerate(tokens):
        columns -= cells(token)
        if columns < 0:
            return count
    return len(tokens)


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
