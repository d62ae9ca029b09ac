"""The questions of a Sunday after two years: what costs most evenings, which fixes hold, which decisions were wrong, is it better."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from ..decisions import chains
from ..notes.dates import span
from ..notes.kinds import Decision, Incident
from ..notes.knowledge_base import KnowledgeBase
from .incident_stats import ENOUGH

CURED = timedelta(days=200)  # not seen for so long
SHORT = timedelta(days=90)  # a decision that was in force for less was soon regretted


@dataclass(frozen=True)
class Row:
    """One line of an answer: what it is about, its cells by their headings, and the notes that it counts."""

    name: str
    cells: Mapping[str, str]
    refs: Sequence[str]


def usual(values: Sequence[timedelta]) -> str:
    """What half of them are within; of fewer than five how many there are too."""
    if not values:
        return ""
    said = span(timedelta(seconds=median(value.total_seconds() for value in values)))
    return said if len(values) >= ENOUGH else f"{said} (of {len(values)})"


def trouble(base: KnowledgeBase, incidents: Iterable[Incident], today: date) -> list[Row]:
    """The services by how many days of this year had trouble with them, beside the whole year before; a day counts once."""
    days: dict[str, dict[int, set[date]]] = defaultdict(lambda: defaultdict(set))
    refs: dict[str, list[str]] = defaultdict(list)
    for note in incidents:
        if note.date and note.date.day.year in (today.year, today.year - 1) and note.date.day <= today:
            for name in dict.fromkeys(map(base.service_name, note.services)):
                days[name][note.date.day.year].add(note.date.day)
                refs[name].append(note.ref)
    this, last = str(today.year), str(today.year - 1)
    rows = [
        Row(name, {this: str(len(years[today.year])), last: str(len(years[today.year - 1]))}, refs[name])
        for name, years in days.items()
    ]
    return sorted(rows, key=lambda row: (-int(row.cells[this]), -int(row.cells[last]), row.name))


def fixes(base: KnowledgeBase, incidents: Iterable[Incident], today: date) -> list[Row]:
    """What came back, the most often first: whether its fix holds, how soon it returns, and whether it is cured."""
    rows = []
    for first in base.families.first_of_each(incidents):
        if not base.families.came_back(first):
            continue
        family = base.family(first)
        record = base.families.fix_record(base.families.proven_fix(first) or first)
        gap = record.comes_back_after
        cells = {
            "times": str(len(family)),
            "held": f"{record.held} of {record.tried}" if record.tried else "",
            "comes back after": span(gap) if gap is not None else "",
            "": _end(family[-1].date.day if family[-1].date else None, record.tried, record.held, today),
        }
        rows.append(Row(family[0].title, cells, [note.ref for note in family]))
    return sorted(rows, key=lambda row: (-int(row.cells["times"]), row.name))


def _end(last: date | None, tried: int, held: int, today: date) -> str:
    if last and today - last >= CURED:
        return f"not seen for {(today - last).days} days"
    return "never held" if tried > 1 and not held else ""


def decisions(base: KnowledgeBase, incidents: Iterable[Incident], today: date) -> list[Row]:
    """The decisions that turned out wrong, then those that were in force for a short time; with the incidents of their
    services while they were."""
    known = chains.chains(base)
    found = list(incidents)
    rows: list[tuple[tuple[bool, int], Row]] = []
    for note in chains.all_records(base):
        held = [period for period in chains.periods(known, note) if period.start <= today]
        days = sum(((period.end or today) - period.start).days for period in held)
        ended = bool(held) and held[-1].end is not None
        if note.turned_out != "wrong" and not (ended and days < SHORT.days):
            continue
        near = [other.ref for other in found if _is_of(base, other, note, held)]
        word = "wrong" if note.turned_out == "wrong" else note.status
        cells = {"": word, "in force": span(timedelta(days=days)), "incidents": str(len(near) or "")}
        rows.append(((word != "wrong", days), Row(chains.numbered(note), cells, [note.ref, *near])))
    return [row for _, row in sorted(rows, key=lambda row: (row[0], row[1].name))]


def _is_of(base: KnowledgeBase, incident: Incident, note: Decision, held: Sequence[chains.Period]) -> bool:
    day = incident.date.day if incident.date else None
    named = {base.service_name(name) for name in note.services}
    shared = named.intersection(map(base.service_name, incident.services))
    return bool(day and shared and any(period.holds(day) for period in held))


def years(base: KnowledgeBase, incidents: Iterable[Incident], today: date) -> list[Row]:
    """Year against year, the newest first; the last one ends today."""
    by_year: dict[int, list[Incident]] = defaultdict(list)
    for note in incidents:
        if note.date and note.date.day <= today:
            by_year[note.date.day.year].append(note)
    return [_year(base, year, by_year[year]) for year in sorted(by_year, reverse=True)]


def _year(base: KnowledgeBase, year: int, notes: Sequence[Incident]) -> Row:
    returned = [note for note in notes if note.recurrence_of]
    told = [note.noticed_by.lower() for note in notes if note.noticed_by]
    cells = {
        "incidents": str(len(notes)),
        "days": str(len({note.date.day for note in notes if note.date})),
        "came back": str(len(returned) or ""),
        "after": usual([gap for note in returned if (gap := _gap(base, note)) is not None]),
        "half fixed within": usual([note.took for note in notes if note.took]),
        "alert first": f"{told.count('alert')} of {len(told)}" if told else "",
    }
    return Row(str(year), cells, [note.ref for note in notes])


def _gap(base: KnowledgeBase, note: Incident) -> timedelta | None:
    """How long the trouble had been away when it came back."""
    family = base.family(note)
    place = next((i for i, member in enumerate(family) if member.ref == note.ref), 0)
    before = family[place - 1] if place else None
    return note.date.day - before.date.day if before and before.date and note.date else None


QUESTIONS = {"trouble": trouble, "fix": fixes, "decision": decisions, "year": years}
