"""A year of notes as a picture: a column for each week, a square for each day that links to its notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from ...notes.dates import short_day
from ...notes.kinds import Note
from ..sitemap import markup

WEEKS = 53
CELL, GAP = 11, 3
STEP = CELL + GAP
Href = Callable[[date, Sequence[Note]], str]  # from a day and its notes to where they are; without notes to the day's month


def _nowhere(day: date, notes: Sequence[Note]) -> str:
    del day, notes
    return ""


def heat_map(notes: Iterable[Note], today: date, href: Href = _nowhere) -> str:
    """An inline SVG of the notes of each day in the year up to `today`; empty if there are none."""
    monday = today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))
    days: dict[date, list[Note]] = {}
    for note in notes:
        if note.date and monday <= note.date.day <= today:
            days.setdefault(note.date.day, []).append(note)
    if not days:
        return ""
    squares = []
    for offset in range((today - monday).days + 1):
        then = monday + timedelta(days=offset)
        squares.append(_square(offset // 7, offset % 7, then, days.get(then, ()), href))
    width, height = WEEKS * STEP, 7 * STEP + 16
    total, busy = sum(map(len, days.values())), len(days)
    said = f"{markup.count(total, 'note')} on {markup.count(busy, 'day')} in the year up to {short_day(today)}"
    months = _months(monday, today, href, {(day.year, day.month) for day in days})
    return (
        f'<div class="kb-heat"><svg viewBox="0 0 {width} {height}" role="group" aria-label="{said}">'
        f"{months}{''.join(squares)}</svg></div>\n"
        f'<p class="kb-heat-key">{said}</p>\n'
    )


def _square(week: int, weekday: int, then: date, notes: Sequence[Note], href: Href) -> str:
    place = f'x="{week * STEP}" y="{16 + weekday * STEP}" width="{CELL}" height="{CELL}"'
    shape = f'<rect class="kb-l{min(len(notes), 4)}" {place} rx="2.5"'
    if not notes:
        return shape + "/>"
    what = notes[0].title if len(notes) == 1 else markup.count(len(notes), "note")
    title = f"<title>{markup.attribute(what)}, {short_day(then)}</title>"
    if not (goal := href(then, notes)):
        return f"{shape}>{title}</rect>"
    # Only the months can be reached by keyboard; stopping at every day would bury the page.
    return f'<a href="{markup.attribute(goal)}" tabindex="-1">{title}{shape}/></a>'


def _months(monday: date, today: date, href: Href, busy: set[tuple[int, int]]) -> str:
    labels = []
    for week in range(WEEKS):
        start = monday + timedelta(weeks=week)
        # The label is over the first week that begins in its month, but not so near the edge that it is cut off.
        if start.day <= 7 and week < WEEKS - 2 and start <= today:
            text = f'<text x="{week * STEP}" y="9">{start:%b}</text>'
            goal = href(start, ()) if (start.year, start.month) in busy else ""
            labels.append(f'<a href="{markup.attribute(goal)}" aria-label="{start:%B %Y}">{text}</a>' if goal else text)
    return "".join(labels)
