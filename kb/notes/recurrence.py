"""Incidents that came back: which is a return of which, and how often an error occurred."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from .dates import span
from .kinds import Incident, Note, newest_first
from .links import Links


@dataclass(frozen=True, eq=False)
class Families:
    """The incidents of some notes with their returns."""

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


def track_record(note: Note, family: Sequence[Note]) -> str:
    """Why a note's fix can be trusted: `seen once before, the fix held 1 of 1, verified, took 34 minutes then`."""
    if not isinstance(note, Incident):
        return f"met in an {note.kind}{', ' + note.state if note.state else ''}"
    times = len(family)
    return ", ".join(
        [
            "seen once before" if times == 1 else f"seen {times} times before",
            *how_it_held(family),
            *(["verified"] if note.verified else []),
            *([f"still {note.status}"] if note.status not in ("", "resolved") else []),
            *([f"took {span(note.took)} then"] if note.took else []),
        ]
    )


def how_it_held(family: Sequence[Note]) -> list[str]:
    """`the fix held 2 of 3`; empty if no note says whether it did."""
    judged = [note.held for note in family if isinstance(note, Incident) and note.held is not None]
    return [f"the fix held {sum(judged)} of {len(judged)}"] if judged else []
