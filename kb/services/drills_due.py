"""The drills and restore tests that are due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..notes.kinds import Experiment, Service
from . import drills, service_needs
from .readiness import Facts, all_services, time_since, within, years


@dataclass(frozen=True)
class Overdue:
    """A drill that should be done, and why: the higher the weight, the sooner."""

    service: Service
    drill: str
    reason: str
    weight: float


def drills_due(facts: Facts) -> list[Overdue]:
    """The drills that are due, the most overdue first: by readiness, by how much depends on the service, and by its incidents."""
    return sorted(_drills(facts), key=lambda due: (-due.weight, due.service.name))


def is_over(note: Experiment, now: datetime, waits: timedelta) -> bool:
    """Whether an experiment that has no outcome took longer than its time box, or than it `waits` where it has none."""
    if note.date is None:
        return False
    took = now - note.date.moment
    over = drills.over_time(note, took)
    return took > waits if over is None else over


def is_begun(facts: Facts, due: Overdue) -> bool:
    """Whether somebody began that drill, and it has no outcome yet."""
    begun = (note for note in facts.base.about(due.service, "experiment") if isinstance(note, Experiment))
    return any(note.drill == due.drill and note.outcome == "unknown" for note in begun)


def _drills(facts: Facts) -> Iterator[Overdue]:
    for ready in all_services(facts):
        note = ready.service
        restore, rebuild = ready.answer("restore"), ready.answer("rebuild")
        recent = [i for i in facts.incidents.get(note.ref, ()) if i.date and within(facts, i.date, timedelta(days=365))]
        hurt = f"; {len(recent)} incident{'s' if len(recent) > 1 else ''} in a year" if recent else ""
        more = len(recent) + (3 if ready.strict else 0) + min(5, len(service_needs.graph(facts.base).users.get(note.ref, ())))
        if restore and restore.state == "hope" and "--drill" in restore.next:
            untested = 6 if note.restore_tested is None else years(facts, note.restore_tested)
            when = f"tested {time_since(facts, note.restore_tested)}" if note.restore_tested else "never tested"
            yield Overdue(note, "restore", when + hurt, untested + more + 2)
        elif rebuild and rebuild.state == "hope":
            last = next((d.date for d in facts.drills.get(note.ref, ()) if d.drill != "restore" and d.date), None)
            yield Overdue(note, "rebuild", (f"followed {time_since(facts, last)}" if last else "never followed") + hurt, more)
