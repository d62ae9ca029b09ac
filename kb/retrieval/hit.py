"""An answer: a note, and how surely it is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from ..notes.kinds import Note
from ..notes.knowledge_base import KnowledgeBase

Kind = Literal["incident", "decision", "service", "experiment", "change", "page"]  # `page`: a file of no kind
Strength = Literal["same", "likely", "weak"]


@dataclass(frozen=True)
class Hit:
    """One answer of `seen` or `search`, best first."""

    ref: str
    kind: Kind
    title: str
    path: str  # absolute
    date: str  # as it was written, or empty
    services: tuple[str, ...]
    score: float  # 0 to 1
    strength: Strength | None  # the first two are claims, weak is none; None for `search`
    line: str  # the query's line, or the words that were found
    known_line: str  # the note's line, or the excerpt
    fix: str  # the whole Fix section


def hit_of(base: KnowledgeBase, note: Note, score: float, strength: str | None, line: str, known_line: str) -> Hit:
    """An answer, with what every door shows of the note."""
    return Hit(
        note.ref,
        cast(Kind, note.kind),
        note.title,
        str(base.root / note.path),
        note.date.text if note.date else "",
        note.services,
        round(min(1.0, score), 4),
        cast(Strength | None, strength),
        line,
        known_line,
        note.fix or note.section("lesson"),
    )
