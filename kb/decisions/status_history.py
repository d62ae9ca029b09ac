"""The days of a decision's moves, from the states that it had in Git's history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..notes.front_matter_edit import NewValue
from ..notes.kinds import Decision

MOVES = ("accepted", "rejected", "deprecated", "superseded")


@dataclass(frozen=True)
class State:
    """What a record said in a commit: its status, the date that it said, and the day of the commit."""

    status: str
    written: str  # the date in it, in ISO 8601, or empty
    day: date


def missing_days(note: Decision, states: Sequence[State]) -> dict[str, NewValue]:
    """The keys that a record lacks, from its states in the order of time. What it says itself stays as it is.

    The first state is of the record's own date: it may have been written down long after.
    """
    days: dict[str, list[str]] = {}
    before = ""
    for state in states:
        if state.status != before and state.status in MOVES:
            day = state.written[:10] if not before and state.written else state.day.isoformat()
            days.setdefault(state.status, []).append(day)
        before = state.status or before
    own = note.date.day.isoformat() if note.date else ""
    return {
        move: found[0] if len(found) == 1 else found
        for move, found in days.items()
        if not getattr(note, move) and not (move == "accepted" and found == [own])
    }
