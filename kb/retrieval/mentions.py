"""Notes that speak of an error elsewhere than under Error: in a callout, a timeline, a fence of another section."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..logs.fingerprint import signature
from ..logs.telling import specific_words
from ..notes.kinds import Note
from ..notes.knowledge_base import KnowledgeBase
from ..notes.markdown import strip_comments


@dataclass(frozen=True)
class Mention:
    """A note, and the line of its text that holds the words of an error."""

    note: Note
    line: str


MOST = 3
ENOUGH = 0.8  # of the words, in one line
FEWEST = 3  # words that must be there; of them at least one says more than that something failed


def of(base: KnowledgeBase, said: str, limit: int = MOST) -> list[Mention]:
    """The notes of any kind in one line of which nearly all words of a message stand, the newest first. It claims nothing."""
    asked = set(_words(said))
    telling = specific_words(_words(said)) & asked
    if len(asked) < FEWEST or not telling:
        return []
    rarest = max(telling, key=len)
    found = [
        (share, note, line)
        for note in base.notes
        if rarest in note.body.lower()
        for share, line in [_best_line(note, asked, rarest)]
        if share >= ENOUGH
    ]
    found.sort(key=lambda row: (-row[0], row[1].date is None, -(row[1].date.moment.timestamp() if row[1].date else 0)))
    return [Mention(note, line) for _, note, line in found[:limit]]


def _best_line(note: Note, asked: set[str], rarest: str) -> tuple[float, str]:
    """The share of the words that the best line of a note's text holds, and that line."""
    best = (0.0, "")
    for line in _lines(note):
        if rarest in line.lower():
            share = len(asked & set(_words(line))) / len(asked)
            best = max(best, (share, line), key=lambda row: row[0])
    return best


def _lines(note: Note) -> Iterator[str]:
    for line in strip_comments(note.body).splitlines():
        if row := line.strip().lstrip("> ").strip("`*_- "):
            yield row[:LONGEST]


LONGEST = 1_000  # characters of a line that are looked at


def _words(text: str) -> tuple[str, ...]:
    return tuple(token.lower() for token in signature(text).split() if token[0] not in "<~@")
