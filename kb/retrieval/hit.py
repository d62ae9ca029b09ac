"""An answer: a note, and how surely it is meant."""

from __future__ import annotations

from dataclasses import dataclass

from ..notes.kinds import Note
from ..notes.knowledge_base import KnowledgeBase


@dataclass(frozen=True)
class Hit:
    """One answer of `seen` or `search`, best first."""

    ref: str
    kind: str
    title: str
    path: str  # absolute
    date: str  # as it was written, or empty
    services: tuple[str, ...]
    score: float  # 0 to 1
    strength: str | None  # same | likely | weak; None for `search`
    line: str  # the query's line, or the words that were found
    known_line: str  # the note's line, or the excerpt
    fix: str  # the whole Fix section


def hit_of(base: KnowledgeBase, note: Note, score: float, strength: str | None, line: str, known_line: str) -> Hit:
    """An answer, with what every door shows of the note."""
    return Hit(
        note.ref,
        note.kind,
        note.title,
        str(base.root / note.path),
        note.date.text if note.date else "",
        note.services,
        round(min(1.0, score), 4),
        strength,
        line,
        known_line,
        note.fix or note.section("lesson"),
    )
