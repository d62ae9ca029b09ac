"""Which of several fixes of one error held."""

from __future__ import annotations

from collections.abc import Sequence

from ..notes.kinds import Incident, Note
from ..notes.knowledge_base import KnowledgeBase
from .verdict import Pair


def proven_first(base: KnowledgeBase, found: Sequence[tuple[Pair, Note]]) -> list[tuple[Pair, Note]]:
    """The same, but of an error that came back the note whose fix is to be tried stands where the surest of them stood."""
    ordered: list[tuple[Pair, Note]] = []
    placed: set[str] = set()
    for pair, note in found:
        if note.ref in placed:
            continue
        proven = proven_fix(base, note)
        if proven and proven.ref not in placed:
            # Its fix is for the error that was met in any of them, so it comes with the pair of the surest.
            ordered.append((pair, proven))
            placed.add(proven.ref)
        if note.ref not in placed:
            ordered.append((pair, note))
            placed.add(note.ref)
    return ordered


def proven_fix(base: KnowledgeBase, note: Note) -> Note | None:
    """The note whose fix is to be tried for an error that came back; None for one that didn't, or where nobody wrote a fix."""
    came_back = note.ref in base.returns or (isinstance(note, Incident) and note.recurrence_of)
    return _with_the_best_fix(base, note) if came_back else None


def _with_the_best_fix(base: KnowledgeBase, note: Note) -> Note | None:
    """Of all notes of an error that came back the one whose fix is to be tried: it held when it was tried last, or nobody
    tried it yet; and only then one that failed. Of several alike the newest. None when no one wrote down a fix."""
    family = base.family(note)
    held: dict[str, bool] = {}
    for again in family:  # the newest last, whose word counts
        if isinstance(again, Incident) and again.held is not None and (tried := base.recurred(again)):
            held[with_a_fix(base, tried).ref] = again.held
    fixes = [(held.get(member.ref), place, member) for place, member in enumerate(family) if has_fix(member)]
    return max(fixes, key=lambda row: (_TRUST[row[0]], row[1]), default=(None, 0, None))[2]


_TRUST = {True: 2, None: 1, False: 0}


def with_a_fix(base: KnowledgeBase, note: Note) -> Note:
    """The note whose fix is meant: itself, or when it has none the nearest that it is a return of; itself when none has one."""
    passed: set[str] = set()
    meant: Note | None = note
    while meant and not has_fix(meant) and isinstance(meant, Incident) and meant.ref not in passed:
        passed.add(meant.ref)
        meant = base.recurred(meant)
    return meant if meant and has_fix(meant) else note


def has_fix(note: Note) -> bool:
    """Whether somebody wrote down what to do."""
    return bool(note.fix or note.section("lesson"))
