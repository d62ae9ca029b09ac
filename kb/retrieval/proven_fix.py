"""Of several fixes of one error, the one that held comes first."""

from __future__ import annotations

from collections.abc import Sequence

from ..notes.kinds import Note
from ..notes.knowledge_base import KnowledgeBase
from .verdict import Pair


def proven_first(base: KnowledgeBase, found: Sequence[tuple[Pair, Note]]) -> list[tuple[Pair, Note]]:
    """The same, but of an error that came back the note whose fix is to be tried stands where the surest of them stood."""
    ordered: list[tuple[Pair, Note]] = []
    placed: set[str] = set()
    for pair, note in found:
        if note.ref in placed:
            continue
        proven = base.families.proven_fix(note)
        if proven and proven.ref not in placed:
            # Its fix is for the error that was met in any of them, so it comes with the pair of the surest.
            ordered.append((pair, proven))
            placed.add(proven.ref)
        if note.ref not in placed:
            ordered.append((pair, note))
            placed.add(note.ref)
    return ordered
