"""Statistics of incidents: how often, how long, where, why, who noticed, what came back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from ..notes.dates import span
from ..notes.kinds import Incident
from ..notes.knowledge_base import KnowledgeBase

DAYS = {"day": 365.25, "week": 52.18, "month": 12, "quarter": 4, "year": 1}
NOT_SAID = "nobody said"  # the last row of a list, so that its numbers are those of all incidents
ENOUGH = 5  # cases, of which one can say what is usual
MAX_BAR = 28  # a longer bar says no more
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True)
class Stats:
    """The numbers of some incidents. Each list begins with the largest; months are in order."""

    incidents: int
    open: int
    first: date | None
    by_month: Sequence[tuple[str, int]]
    fix_minutes: Sequence[int]  # of each incident that says when it began and ended, the shortest first
    by_service: Sequence[tuple[str, int]]
    by_layer: Sequence[tuple[str, int]]
    by_cause: Sequence[tuple[str, int]]
    by_noticed: Sequence[tuple[str, int]]
    returns: int  # incidents that came back
    came_back: Sequence[tuple[str, int]]  # ref of the first incident of a family, and how often it came back
    held: int
    failed: int
    untold: int

    @property
    def median_fix(self) -> timedelta | None:
        """Half were fixed within this time."""
        return timedelta(minutes=median(self.fix_minutes)) if self.fix_minutes else None


def stats(base: KnowledgeBase, notes: Iterable[Incident], today: date) -> Stats:
    """The numbers of these incidents."""
    found = list(notes)
    days = sorted(note.date.day for note in found if note.date)
    returned = [note for note in found if note.recurrence_of]
    families = Counter(first.ref for note in returned if (first := base.family(note)[0]))
    return Stats(
        incidents=len(found),
        open=sum(note.status != "resolved" for note in found),
        first=days[0] if days else None,
        by_month=_months(days, today),
        fix_minutes=sorted(round(note.took.total_seconds() / 60) for note in found if note.took is not None),
        by_service=_most(name for note in found for name in dict.fromkeys(map(base.service_name, note.services))),
        by_layer=_most(base.families.layer(note).lower() or NOT_SAID for note in found),
        by_cause=_most(note.caused_by for note in found),
        by_noticed=_most(note.noticed_by.lower() or NOT_SAID for note in found),
        returns=len(returned),
        came_back=_most(families.elements()),
        held=sum(note.held is True for note in returned),
        failed=sum(note.held is False for note in returned),
        untold=sum(note.held is None for note in returned),
    )


def _most(names: Iterable[str]) -> list[tuple[str, int]]:
    counts = Counter(name for name in names if name)
    rows = sorted(counts.items(), key=lambda row: (row[0] == NOT_SAID, -row[1], row[0]))
    return [] if [name for name, _ in rows] == [NOT_SAID] else rows


def _months(days: Sequence[date], today: date) -> list[tuple[str, int]]:
    """The last twelve months, including those without an incident."""
    counts = Counter(f"{day:%Y-%m}" for day in days)
    year, month, names = today.year, today.month, []
    for _ in range(12):
        names.append(f"{year:04d}-{month:02d}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return [(name, counts[name]) for name in reversed(names)]


# ---- plots -----------------------------------------------------------------------------------------------------------


def bars(rows: Sequence[tuple[str, int]], columns: int, most: int = 8) -> list[str]:
    """Rows as bars of block characters, at most this many columns wide; beyond `most` rows, the rest is summed up without a bar."""
    shown = list(rows) if len(rows) <= most else list(rows[: most - 1])
    rest = rows[len(shown) :]
    largest = max((count for _, count in shown), default=0)
    widest = max((len(name) for name, _ in shown), default=0)
    room = min(MAX_BAR, max(8, columns - widest - 8))
    said = [f"{name:<{widest}}  {_bar(count, largest, room)}{' ' if count else ''}{count}" for name, count in shown]
    if rest:
        said.append(f"and {len(rest)} others, {sum(count for _, count in rest)} together")
    return said


def _bar(count: int, largest: int, room: int) -> str:
    eighths = round(8 * room * count / largest) if largest else 0
    if count:
        eighths = max(1, eighths)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def as_document(found: Stats) -> Mapping[str, object]:
    """The numbers for `--json`."""
    lists = ("by_month", "by_service", "by_layer", "by_cause", "by_noticed", "came_back")
    counted = {name: dict(getattr(found, name)) for name in lists}
    fixed = found.median_fix
    return {
        "incidents": found.incidents,
        "open": found.open,
        "first": found.first.isoformat() if found.first else None,
        "median_fix_minutes": round(fixed.total_seconds() / 60) if fixed is not None else None,
        "longest_fix_minutes": found.fix_minutes[-1] if found.fix_minutes else None,
        "recurrences": found.returns,
        "fixes": {"held": found.held, "failed": found.failed, "untold": found.untold},
        **counted,
    }


def in_words(found: Stats) -> list[str]:
    """The numbers that matter most, one sentence each."""
    if not found.incidents:
        return []
    since = f" since {found.first.day} {found.first:%b %Y}" if found.first else ""
    said = [f"{found.incidents} incident{'s' if found.incidents > 1 else ''}{since}, {found.open} open"]
    if (fixed := found.median_fix) is not None:
        longest = span(timedelta(minutes=found.fix_minutes[-1]))
        few = f" (of {len(found.fix_minutes)} that say it)" if len(found.fix_minutes) < ENOUGH else ""
        said.append(f"half were fixed within {span(fixed)}{few}, the longest took {longest}")
    if found.returns:
        judged = found.held + found.failed
        said.append(
            f"{found.returns} came back; the old fix held {found.held} of {judged} times"
            if judged
            else f"{found.returns} came back"
        )
    if told := dict(found.by_noticed):
        untold = told.pop(NOT_SAID, 0)
        unsaid = f"; of {untold} nobody said who did" if untold else ""
        said.append(f"an alert noticed {told.get('alert', 0)} of {sum(told.values())} first{unsaid}")
    return said
