"""Two years in fast motion beside a ledger of its own, which knows no rule of kb's: only what was done on which day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kb.decisions import chains, lifecycle
from kb.decisions.lifecycle import Edit
from kb.exceptions import WrongUse
from kb.notes.kinds import Decision, Incident, newest_first
from kb.notes.knowledge_base import KnowledgeBase

START = date(2027, 1, 1)
ROOT = Path("/lab")


# ---- decisions -------------------------------------------------------------------------------------------------------


class Log:
    """Records that are moved by kb, and a ledger of which were in force on which day."""

    def __init__(self) -> None:
        self.fronts: list[dict[str, object]] = []
        self.held: list[list[list[date | None]]] = []  # of each record its periods: [from, to]

    def base(self) -> KnowledgeBase:
        names = [f"{number:04d}-record" for number in range(1, len(self.fronts) + 1)]
        rows = zip(names, self.fronts, strict=True)
        notes = [Decision(f"decisions/{name}", f"entries/decisions/{name}.md", dict(front)) for name, front in rows]
        return KnowledgeBase(ROOT, tuple(notes))

    def do(self, what: str, at: int, other: int, day: date) -> None:
        """One move, which kb may refuse: then nothing happened."""
        if what.startswith("new") or not self.fronts:
            accepted = what == "new accepted"
            self.fronts.append({"title": "R", "status": "accepted" if accepted else "proposed", "date": day.isoformat()})
            self.held.append([[day, None]] if accepted else [])
            return
        base, at, other = self.base(), at % len(self.fronts), other % len(self.fronts)
        note, by = (base.by_ref[f"decisions/{number + 1:04d}-record"] for number in (at, other))
        assert isinstance(note, Decision)
        assert isinstance(by, Decision)
        edits: Sequence[Edit]
        try:
            if what == "accept":
                edits = lifecycle.accept(base, note, day)
            elif what == "supersede":
                edits = lifecycle.supersede(base, note, by, day)
            else:
                edits = (lifecycle.move(note, what, day),)
        except WrongUse:
            return
        for edit in edits:
            number = int(edit.note.name[:4]) - 1
            self._write_down(number, str(edit.fields.get("status", "")), day)
            self.fronts[number] = {**self.fronts[number], **edit.fields}

    def _write_down(self, number: int, state: str, day: date) -> None:
        periods = self.held[number]
        is_on = bool(periods) and periods[-1][1] is None
        if state == "accepted" and not is_on:
            periods.append([day, None])
        elif state not in ("", "accepted") and is_on:
            periods[-1][1] = day

    def in_force(self, day: date) -> list[int]:
        return [
            number
            for number, periods in enumerate(self.held, 1)
            if any(start is not None and start <= day and (end is None or day < end) for start, end in periods)
        ]


MOVES = st.sampled_from(
    ["new accepted", "new proposed", "accept", "accept", "rejected", "deprecated", "supersede", "supersede"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(MOVES, st.integers(0, 9), st.integers(0, 9), st.integers(1, 40)), max_size=25))
def test_what_was_in_force_on_any_day_is_what_was_done_until_then(moves: list[tuple[str, int, int, int]]) -> None:
    log, day = Log(), START
    for what, at, other, later in moves:
        day += timedelta(days=later)
        log.do(what, at, other, day)
    base = log.base()
    for number in range(50):
        asked = START + timedelta(days=number * 21)
        assert [note.number for note in chains.in_force(base, asked)] == log.in_force(asked), asked


# ---- incidents and their returns -------------------------------------------------------------------------------------

# What happens next: a new error, or one that comes back, with the fix of which earlier one tried, whether it held, and
# whether a new fix was written down.
HAPPENED = st.tuples(st.booleans(), st.integers(0, 30), st.booleans(), st.booleans(), st.integers(0, 30))


@settings(max_examples=150, deadline=None)
@given(st.lists(HAPPENED, min_size=1, max_size=30))
def test_families_and_what_held_are_what_happened(happened: list[tuple[bool, int, bool, bool, int]]) -> None:
    day = START
    notes: list[Incident] = []
    family: dict[str, list[str]] = defaultdict(list)  # the ledger: first → all of it
    first_of: dict[str, str] = {}
    tried: dict[str, list[bool]] = defaultdict(list)
    for is_new, which, held, has_new_fix, later in happened:
        day += timedelta(days=later)
        ref = f"incidents/{day}-{len(notes):02d}"
        front: dict[str, object] = {"title": "X", "date": day.isoformat(), "status": "resolved"}
        with_fix = [note for note in notes if note.fix]
        if is_new or not with_fix:
            first_of[ref] = ref
        else:
            old = with_fix[which % len(with_fix)]
            first_of[ref] = first_of[old.ref]
            tried[old.ref].append(held)
            front |= {"recurrence_of": old.ref, "held": "true" if held else "false"}
        family[first_of[ref]].append(ref)
        body = "## Fix\nsomething else\n" if first_of[ref] == ref or has_new_fix else ""
        notes.append(Incident(ref, f"entries/{ref}.md", front, body=body))
    base = KnowledgeBase(ROOT, tuple(sorted(notes, key=lambda note: note.ref)))
    assert len(base.families.first_of_each(notes)) == len(family)
    for note in notes:
        assert {member.ref for member in base.family(note)} == set(family[first_of[note.ref]])
        if note.fix:
            record = base.families.fix_record(note)
            assert (record.tried, record.held) == (len(tried[note.ref]), sum(tried[note.ref]))
    days = [note.date.day for note in newest_first(notes) if note.date]
    assert days == sorted(days, reverse=True)
