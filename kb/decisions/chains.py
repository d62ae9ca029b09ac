"""Which decision replaced which, and what is in force on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..notes.kinds import Decision
from ..notes.knowledge_base import KnowledgeBase


@dataclass(frozen=True)
class Chains:
    """Which record superseded or amended which, whichever of the two says so; by ref, each list in order of refs."""

    older: Mapping[str, Sequence[Decision]]
    newer: Mapping[str, Sequence[Decision]]
    amended_by: Mapping[str, Sequence[Decision]]

    def before(self, note: Decision) -> Sequence[Decision]:
        """The records that this one superseded."""
        return self.older.get(note.ref, ())

    def after(self, note: Decision) -> Sequence[Decision]:
        """The records that superseded this one."""
        return self.newer.get(note.ref, ())

    def ends(self, note: Decision) -> list[Decision]:
        """The newest records of the chain that this one is in: those that nothing superseded."""
        waiting, seen, found = [note], {note.ref}, []
        while waiting:
            at = waiting.pop()
            newer = self.after(at)
            if not newer:
                found.append(at)
            waiting.extend(other for other in newer if other.ref not in seen)
            seen.update(other.ref for other in newer)
        return found or [note]

    def way(self, start: Decision, goal: Decision) -> list[Decision]:
        """How `start` superseded `goal`, step by step; empty if it did not."""
        waiting, seen = [[start]], {start.ref}
        while waiting:
            walked = waiting.pop(0)
            for older in self.before(walked[-1]):
                if older.ref == goal.ref:
                    return [*walked, older]
                if older.ref not in seen:
                    seen.add(older.ref)
                    waiting.append([*walked, older])
        return []

    def tree(self, tops: Sequence[Decision]) -> Iterator[tuple[str, Decision]]:
        """The chains as text, row by row (branch characters, record): below each record, what it superseded."""
        seen: set[str] = set()
        # From the bottom of the stack up: the lead of its branches, its own branch character, the record.
        waiting = [("", "", top) for top in reversed(tops)]
        while waiting:
            lead, sign, note = waiting.pop()
            yield sign, note
            if note.ref in seen:
                continue  # a circle, or two that superseded the same one
            seen.add(note.ref)
            older = self.before(note)
            for i in range(len(older) - 1, -1, -1):
                last = i == len(older) - 1
                waiting.append((lead + ("   " if last else "│  "), lead + ("└─ " if last else "├─ "), older[i]))


def chains(base: KnowledgeBase) -> Chains:
    """The chains of all records."""
    older: dict[str, dict[str, Decision]] = defaultdict(dict)
    newer: dict[str, dict[str, Decision]] = defaultdict(dict)
    amended: dict[str, dict[str, Decision]] = defaultdict(dict)
    for note in all_records(base):
        for old in _named(base, note.supersedes):
            older[note.ref][old.ref] = old
            newer[old.ref][note.ref] = note
        for new in _named(base, note.superseded_by):
            older[new.ref][note.ref] = note
            newer[note.ref][new.ref] = new
        for part in _named(base, note.amends):
            amended[part.ref][note.ref] = note
    return Chains(_sorted(older), _sorted(newer), _sorted(amended))


def _sorted(found: Mapping[str, Mapping[str, Decision]]) -> dict[str, list[Decision]]:
    return {ref: [others[other] for other in sorted(others)] for ref, others in found.items()}


def all_records(base: KnowledgeBase) -> list[Decision]:
    """All decisions, by ref."""
    return [note for note in base.notes if isinstance(note, Decision)]


def _named(base: KnowledgeBase, names: Sequence[str]) -> list[Decision]:
    return [found for name in names if isinstance(found := base.linked(name, "decision"), Decision)]


# ---- days ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Period:
    """The days on which a record was in force: from its acceptance up to the day that ended it, which is not one of them."""

    start: date
    end: date | None = None  # None: to this day

    def holds(self, day: date) -> bool:
        """Whether the record was in force on that day."""
        return self.start <= day and (self.end is None or day < self.end)


def in_force(base: KnowledgeBase, day: date) -> list[Decision]:
    """The records in force on that day: accepted by then, and not yet superseded or deprecated."""
    known = chains(base)
    return [note for note in all_records(base) if any(period.holds(day) for period in periods(known, note))]


def periods(known: Chains, note: Decision) -> list[Period]:
    """When a record was in force, the earliest first, by the days of its moves that it holds.

    Where it holds none, its date is that of its acceptance, and what superseded it did so when that was accepted. A record
    that nobody replaced yet is in force, whatever is proposed.
    """
    found: list[Period] = []
    for day, state in _moves(known, note):
        if state == "accepted":
            if not found or found[-1].end is not None:
                found.append(Period(day))
        elif found and found[-1].end is None:
            found[-1] = Period(found[-1].start, day)
    return found


_ENDS = ("superseded", "deprecated", "rejected")


def _moves(known: Chains, note: Decision) -> list[tuple[date, str]]:
    """The days on which a record went into a state, in order; of one day the state that it has now comes last."""
    ends = [(day.day, state) for state in _ENDS for day in getattr(note, state)]
    starts = [(day.day, "accepted") for day in note.accepted]
    now = "accepted" if is_kept(known, note) else note.status
    was_accepted = now in ("accepted", "superseded", "deprecated")
    first = min((day for day, _ in (*starts, *ends)), default=None)
    # Before days were written down, the date was that of the decision: what ended then had begun before.
    begun = (first, "accepted") in starts
    if was_accepted and note.date and not begun and (first is None or note.date.day < first):
        starts.append((note.date.day, "accepted"))
    if now in _ENDS and not any(state == now for _, state in ends):
        start = max((day for day, _ in starts), default=date.min)
        ends += [(_ended(known, note, start) or start, now)]
    return sorted({*starts, *ends}, key=lambda row: (row[0], row[1] == now, row[1] != "accepted"))


def _ended(known: Chains, note: Decision, start: date) -> date | None:
    """The day on which the first of those that superseded a record was accepted after it; None when nobody knows."""
    newer = [other for other in known.after(note) if other.status not in ("proposed", "rejected")]
    days = [day.day for other in newer for day in (other.accepted or ((other.date,) if other.date else ()))]
    return min((day for day in days if day > start), default=None) if note.status == "superseded" else None


def is_kept(known: Chains, note: Decision) -> bool:
    """Whether a record is in force although it says that it was superseded: by such as were never accepted alone."""
    newer = known.after(note)
    unaccepted = all(other.status in ("proposed", "rejected") and not other.accepted for other in newer)
    return note.status == "superseded" and bool(newer) and unaccepted


def due(base: KnowledgeBase, today: date) -> list[Decision]:
    """The records that are due for review, the longest overdue first."""
    found = [
        note
        for note in all_records(base)
        if note.review and note.review.day <= today and note.status in ("accepted", "proposed")
    ]
    return sorted(found, key=lambda note: note.review.day if note.review else today)


def in_order(base: KnowledgeBase) -> list[Decision]:
    """All decisions by their numbers; those without one by name, at the end."""
    return sorted(all_records(base), key=lambda note: (note.number is None, note.number or 0, note.name))


def numbered(note: Decision) -> str:
    """A decision's number and title."""
    return f"{note.number}. {note.title}" if note.number is not None else note.title
