"""A year of notes as a picture: a column for each week, a square for each day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from ..note import Note
from . import markup

WEEKS = 53
CELL, GAP = 11, 3
STEP = CELL + GAP


def heat_map(notes: Iterable[Note], today: date) -> str:
    """An inline SVG of the notes of each day in the year up to `today`; empty when there are none."""
    monday = today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))
    days = Counter(note.date.day for note in notes if note.date and monday <= note.date.day <= today)
    if not days:
        return ""
    squares = []
    for offset in range((today - monday).days + 1):
        then = monday + timedelta(days=offset)
        squares.append(_square(offset // 7, offset % 7, then, days[then]))
    width, height = WEEKS * STEP, 7 * STEP + 16
    total, busy = sum(days.values()), len(days)
    said = f"{markup.count(total, 'note')} on {markup.count(busy, 'day')} in the year up to {today.isoformat()}"
    return (
        f'<div class="kb-heat"><svg viewBox="0 0 {width} {height}" role="img" aria-label="{said}">'
        f"{_months(monday, today)}{''.join(squares)}</svg></div>\n"
        f'<p class="kb-heat-key">{said}</p>\n'
    )


def _square(week: int, weekday: int, then: date, number: int) -> str:
    place = f'x="{week * STEP}" y="{16 + weekday * STEP}" width="{CELL}" height="{CELL}"'
    shape = f'<rect class="kb-l{min(number, 4)}" {place} rx="2.5"'
    if not number:
        return shape + "/>"
    return f"{shape}><title>{markup.count(number, 'note')} on {then.day} {then:%b} {then.year}</title></rect>"


def _months(monday: date, today: date) -> str:
    labels = []
    for week in range(WEEKS):
        start = monday + timedelta(weeks=week)
        # The label stands over the first week that begins in its month, but not so near the edge that it is cut.
        if start.day <= 7 and week < WEEKS - 2 and start <= today:
            labels.append(f'<text x="{week * STEP}" y="9">{start:%b}</text>')
    return "".join(labels)
