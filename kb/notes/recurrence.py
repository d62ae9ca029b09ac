"""Incidents that came back: which is a return of which, which of their fixes held, and how often an error occurred."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from statistics import median

from .dates import span
from .kinds import Incident, Note, newest_first
from .links import Links


@dataclass(frozen=True)
class FixRecord:
    """What became of one fix: how often it was tried on a return and held, and how long until the trouble came back after it."""

    note: Note  # whose fix it is
    tried: int = 0
    held: int = 0
    lasted: tuple[timedelta, ...] = ()  # from each use to the next return, in days; of the last use nobody knows it yet

    @property
    def said(self) -> list[str]:
        """`the fix held 2 of 3`; nothing where nobody said whether it did."""
        return [f"the fix held {self.held} of {self.tried}"] if self.tried else []

    @property
    def comes_back_after(self) -> timedelta | None:
        """Half of the times the trouble came back within so many days; None when it did not."""
        return timedelta(days=median(gap.days for gap in self.lasted)) if self.lasted else None


@dataclass(frozen=True, eq=False)
class Families:
    """The incidents of some notes with their returns: a family is the first note and all that are it again."""

    notes: Sequence[Note]
    links: Links

    @cached_property
    def returns(self) -> Mapping[str, tuple[Incident, ...]]:
        """ref → the incidents that say they are a return of it, newest first; only for notes that came back."""
        found: dict[str, list[Incident]] = defaultdict(list)
        for note in self.notes:
            if isinstance(note, Incident) and note.recurrence_of and (first := self.recurred(note)):
                found[first.ref].append(note)
        return {ref: tuple(note for note in newest_first(notes) if isinstance(note, Incident)) for ref, notes in found.items()}

    def recurred(self, note: Incident) -> Note | None:
        """The note that this incident is a return of."""
        return self.links.linked(note.recurrence_of) if note.recurrence_of else None

    def family(self, note: Note) -> list[Note]:
        """The first incident of which this one is a return, and all its returns, newest last. At least the note itself."""
        return list(self._found(note))

    def _found(self, note: Note) -> Sequence[Note]:
        if note.ref not in self._known:
            members = self._gathered(note)
            for member in members:
                self._known.setdefault(member.ref, members)
        return self._known[note.ref]

    @cached_property
    def _known(self) -> dict[str, Sequence[Note]]:
        return {}

    def _gathered(self, note: Note) -> Sequence[Note]:
        first: Note = note
        seen = {note.ref}
        while isinstance(first, Incident) and first.recurrence_of:
            earlier = self.recurred(first)
            if earlier is None or earlier.ref in seen:
                break
            seen.add(earlier.ref)
            first = earlier
        found, waiting = {first.ref: first}, [first]
        while waiting:
            for other in self.returns.get(waiting.pop().ref, ()):
                if other.ref not in found:
                    found[other.ref] = other
                    waiting.append(other)
        # The first one stays first, even if everything happened on one day and no one wrote down the time.
        del found[first.ref]
        return [first, *newest_first(list(found.values()))[::-1]]

    def came_back(self, note: Note) -> bool:
        """Whether the note is one of a family of several."""
        return len(self._found(note)) > 1

    def first_of_each(self, notes: Iterable[Note]) -> list[Note]:
        """Of the notes of one family only the first in this order; all others as they are."""
        seen: set[str] = set()
        found = []
        for note in notes:
            first = self._found(note)[0].ref
            if first not in seen:
                seen.add(first)
                found.append(note)
        return found

    def waiting(self, note: Note) -> list[Incident]:
        """The incidents of the note's family that are not resolved, newest first."""
        found = reversed(self._found(note))
        return [member for member in found if isinstance(member, Incident) and member.status != "resolved"]

    def one_of(self, notes: Sequence[Note]) -> Note | None:
        """Which of these is meant when they are one family, by whatever they have in common: the open one, else the newest.

        None for notes of several families.
        """
        members = self._found(notes[0])
        refs = {note.ref for note in notes}
        if not refs <= {member.ref for member in members}:
            return None
        found = [member for member in reversed(members) if member.ref in refs]
        return next((note for note in found if is_open(note)), found[0])

    def layer(self, note: Incident) -> str:
        """The layer that an incident was in: as it says, else as the nearest that it is a return of, else any of its family."""
        passed: set[str] = set()
        at: Note | None = note
        while isinstance(at, Incident) and at.ref not in passed:
            if at.layer:
                return at.layer
            passed.add(at.ref)
            at = self.recurred(at)
        return next((other.layer for other in self._found(note) if isinstance(other, Incident) and other.layer), "")

    # ---- fixes -------------------------------------------------------------------------------------------------------

    def with_a_fix(self, note: Note) -> Note:
        """The note whose fix is meant: itself, or when it has none the nearest that it is a return of; itself when none has one."""
        passed: set[str] = set()
        meant: Note | None = note
        while meant and not has_fix(meant) and isinstance(meant, Incident) and meant.ref not in passed:
            passed.add(meant.ref)
            meant = self.recurred(meant)
        return meant if meant and has_fix(meant) else note

    def fix_record(self, note: Note) -> FixRecord:
        """What became of the fix that this note has, or that it was given back by."""
        meant = self.with_a_fix(note)
        return next((record for record in self.fix_records(note) if record.note.ref == meant.ref), FixRecord(meant))

    def fix_records(self, note: Note) -> list[FixRecord]:
        """What became of each fix of the note's family, the oldest first; of all that somebody wrote down."""
        members = self._found(note)
        outcomes: dict[str, list[bool]] = defaultdict(list)
        lasted: dict[str, list[timedelta]] = defaultdict(list)
        used = ""  # the fix that ended the last return
        for place, member in enumerate(members):
            if place and used and (gap := _days_between(members[place - 1], member)) is not None:
                lasted[used].append(gap)
            tried = self.recurred(member) if isinstance(member, Incident) else None
            held = member.held if isinstance(member, Incident) else None
            if tried and held is not None:
                outcomes[self.with_a_fix(tried).ref].append(held)
            used = member.ref if has_fix(member) else self.with_a_fix(tried).ref if tried and held else ""
        return [
            FixRecord(member, len(outcomes[member.ref]), sum(outcomes[member.ref]), tuple(lasted[member.ref]))
            for member in members
            if has_fix(member)
        ]

    def proven_fix(self, note: Note) -> Note | None:
        """Of all notes of an error that came back the one whose fix is to be tried: it held when it was tried last, or
        nobody tried it yet; and only then one that failed. Of several alike the newest. None when nothing came back, or
        no one wrote down a fix."""
        family = self._found(note)
        if len(family) == 1 and not (isinstance(note, Incident) and note.recurrence_of):
            return None
        held: dict[str, bool] = {}
        for again in family:  # the newest last, whose word counts
            if isinstance(again, Incident) and again.held is not None and (tried := self.recurred(again)):
                held[self.with_a_fix(tried).ref] = again.held
        fixes = [(held.get(member.ref), place, member) for place, member in enumerate(family) if has_fix(member)]
        return max(fixes, key=lambda row: (_TRUST[row[0]], row[1]), default=(None, 0, None))[2]


_TRUST = {True: 2, None: 1, False: 0}


def has_fix(note: Note) -> bool:
    """Whether somebody wrote down what to do."""
    return bool(note.fix or note.section("lesson"))


def is_open(note: Note) -> bool:
    """Whether it is an incident that is not resolved."""
    return isinstance(note, Incident) and note.status != "resolved"


def _days_between(before: Note, after: Note) -> timedelta | None:
    if not (before.date and after.date):
        return None
    return max(timedelta(0), after.date.day - before.date.day)


def track_record(families: Families, note: Note) -> str:
    """Why a note's fix can be trusted: `seen once before, the fix held 1 of 1, verified, took 34 minutes then`."""
    if not isinstance(note, Incident):
        return f"met in an {note.kind}{', ' + note.state if note.state else ''}"
    times = len(families.family(note))
    others = [other for other in families.waiting(note) if other.ref != note.ref]
    since = f" since {others[0].date.short()}" if others and others[0].date else ""
    return ", ".join(
        [
            "seen once before" if times == 1 else f"seen {times} times before",
            *families.fix_record(note).said,
            *(["verified"] if note.verified else []),
            *([f"still {note.status}"] if note.status not in ("", "resolved") else []),
            *([f"{others[0].status} again{since}"] if others else []),
            *([f"took {span(note.took)} then"] if note.took else []),
        ]
    )
