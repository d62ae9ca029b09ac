"""Small plots as SVG: no library, no request, in the page's own colours. Each point and bar is labelled and is a link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import log
from statistics import median

from ...notes.dates import span
from ...notes.kinds import Incident, Note
from ..sitemap import markup
from ..sitemap.note_text import lasted

WIDTH, HEIGHT = 380, 132
LEFT, BOTTOM, TOP = 34, 18, 8
MOST_POINTS = 150
MOST_BARS = 36

# The lines of the plot of durations, in minutes, and their names.
SCALE = ((1, "1 min"), (10, "10 min"), (60, "1 h"), (360, "6 h"), (1440, "1 day"), (10080, "1 week"), (43200, "1 month"))


@dataclass(frozen=True)
class Bar:
    """A stretch of time and a count; `label` is shown below it if there is room."""

    label: str
    said: str  # `April 2026`
    count: int
    href: str = ""


def by_time(notes: Iterable[Note], today: date, word: str, href: Callable[[date], str]) -> str:
    """Bars for the months from the first note on, or for quarters or years if that is long. Empty for fewer than three notes."""
    days = sorted(note.date.day for note in notes if note.date and note.date.day <= today)
    if len(days) < 3:
        return ""
    first = max(days[0], date(today.year - MOST_BARS, 1, 1))
    months = (today.year - first.year) * 12 + today.month - first.month + 1
    step = 1 if months <= MOST_BARS else 3 if months <= 3 * MOST_BARS else 12
    start = (first.year * 12 + first.month - 1) // step * step
    end = today.year * 12 + today.month - 1
    counts = Counter((day.year * 12 + day.month - 1) // step for day in days)
    bars = [_bar(month, step, counts[month // step], href) for month in range(start, end + 1, step)]
    if len(bars) < 2:
        return ""
    if step == 1 and len(bars) <= 16:
        bars = _labelled(bars)
    return columns(bars, word, f"{markup.count(len(days), word)} by {({1: 'month', 3: 'quarter', 12: 'year'})[step]}")


def _bar(month: int, step: int, count: int, href: Callable[[date], str]) -> Bar:
    begins = date(month // 12, month % 12 + 1, 1)
    said = f"{begins:%B %Y}" if step == 1 else f"{begins:%B %Y} and the two months after" if step == 3 else str(begins.year)
    return Bar(str(begins.year) if begins.month == 1 else "", said, count, href(begins) if count else "")


def _labelled(bars: Sequence[Bar]) -> list[Bar]:
    """Labels every second bar if there are few months, as years alone would say too little."""
    return [replace(bar, label="" if number % 2 else bar.said[:3]) for number, bar in enumerate(bars)]


def columns(bars: Sequence[Bar], word: str, said: str) -> str:
    """Bars side by side, with a scale of two lines."""
    most = max((bar.count for bar in bars), default=0) or 1
    room, floor = WIDTH - LEFT, HEIGHT - BOTTOM
    wide = room / len(bars)
    parts = [_grid(TOP, str(most)), _grid(floor, "0")]
    labelled = any(bar.label for bar in bars[1:])
    crowded = len(bars) > 16
    for number, bar in enumerate(bars):
        x = LEFT + number * wide
        label = bar.label or ("" if labelled or number not in (0, len(bars) - 1) else bar.said.split()[0][:3])
        if label and crowded:
            if x < WIDTH - 16:
                parts.append(f'<text x="{x:.0f}" y="{HEIGHT - 4}">{markup.attribute(label)}</text>')
        elif label:
            parts.append(f'<text class="kb-middle" x="{x + wide / 2:.0f}" y="{HEIGHT - 4}">{markup.attribute(label)}</text>')
        if bar.count:
            tall = max(2.0, (floor - TOP) * bar.count / most)
            title = f"<title>{markup.count(bar.count, word)} in {markup.attribute(bar.said)}</title>"
            shape = f'<rect class="kb-bar" x="{x + wide * 0.12:.1f}" y="{floor - tall:.1f}" width="{wide * 0.76:.1f}" height="{tall:.1f}" rx="1.5"/>'
            hit = f'<rect class="kb-hit" x="{x:.1f}" y="0" width="{wide:.1f}" height="{floor}"/>'
            parts.append(_linked(bar.href, title + hit + shape))
    return plot(parts, said)


def _grid(y: float, label: str) -> str:
    return (
        f'<path class="kb-grid" d="M{LEFT} {y:.0f}H{WIDTH}"/>'
        f'<text class="kb-scale" x="{LEFT - 6}" y="{y + 3.5:.0f}">{markup.attribute(label)}</text>'
    )


def _linked(href: str, shape: str) -> str:
    # By keyboard, the same notes can be reached in the lists: hundreds of stops in a picture would bury the page.
    return f'<a href="{markup.attribute(href)}" tabindex="-1">{shape}</a>' if href else f"<g>{shape}</g>"


def plot(parts: Sequence[str], said: str, width: int = WIDTH, height: int = HEIGHT) -> str:
    """The drawing of a plot, with a description for those who can't see it."""
    svg = f'<svg viewBox="0 0 {width} {height}" role="group" aria-label="{markup.attribute(said)}">{"".join(parts)}</svg>'
    return f'<div class="kb-plot">{svg}</div>\n<p class="kb-heat-key kb-plot-key">{markup.escaped(said)}</p>\n'


def times_to_fix(notes: Sequence[Note], today: date, href: Callable[[Note], str], days: int = 365) -> str:
    """A point for each incident of the last year: when it began, and how long it took, on a scale from minutes to weeks."""
    found = [
        (note, length)
        for note in notes
        if isinstance(note, Incident) and note.date and (length := lasted(note)) and 0 <= (today - note.date.day).days <= days
    ][:MOST_POINTS]
    if len(found) < 3:
        return ""
    minutes = [length.total_seconds() / 60 for _, length in found]
    low, high = _around(min(minutes), max(minutes))
    floor = HEIGHT - BOTTOM

    def height(value: float) -> float:
        return floor - (floor - TOP) * (log(value) - log(low)) / (log(high) - log(low))

    parts = [_grid(height(value), name) for value, name in SCALE if low <= value <= high]
    first = today - timedelta(days=days)
    for back in range(0, days, 61):
        then = first + timedelta(days=back)
        if back < days - 30:
            parts.append(f'<text x="{_across(then, first, days):.0f}" y="{HEIGHT - 4}">{then:%b}</text>')
    usual = median(minutes)
    parts.append(f'<path class="kb-usual" d="M{LEFT} {height(usual):.1f}H{WIDTH}"/>')
    for (note, length), value in zip(found, minutes, strict=True):
        assert note.date
        title = f"<title>{markup.attribute(note.title)}: {span(length)}, {note.date.short()}</title>"
        x, y = _across(note.date.day, first, days), height(value)
        parts.append(_linked(href(note), f'{title}<circle class="kb-point" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'))
    said = f"How long {markup.count(len(found), 'incident')} of the last year took; half of them at most {span(timedelta(minutes=usual))}"
    return plot(parts, said)


def _across(day: date, first: date, days: int) -> float:
    return LEFT + 5 + (WIDTH - LEFT - 10) * (day - first).days / days


def _around(least: float, most: float) -> tuple[float, float]:
    values = [value for value, _ in SCALE]
    low = max((value for value in values if value < least), default=values[0])
    high = min((value for value in values if value > most), default=max(most, values[-1]))
    return (low, high) if low < high else (low, high * 10)


def spark(counts: Sequence[int], said: str) -> str:
    """A row of small bars, to go beside a name."""
    most = max(counts, default=0) or 1
    bars = "".join(
        f'<rect class="kb-bar" x="{8 * number}" y="{18 - max(2, round(16 * count / most))}" width="6" '
        f'height="{max(2, round(16 * count / most))}" rx="1"/>'
        if count
        else f'<rect class="kb-bar kb-bar--none" x="{8 * number}" y="17" width="6" height="1"/>'
        for number, count in enumerate(counts)
    )
    width = 8 * len(counts) - 2
    return (
        f'<svg class="kb-spark" viewBox="0 0 {width} 18" width="{width}" height="18" role="img" '
        f'aria-label="{markup.attribute(said)}">{bars}</svg>'
    )


def months_up_to(today: date, number: int = 12) -> list[tuple[int, int]]:
    """The last months as (year, month), the oldest first."""
    end = today.year * 12 + today.month - 1
    return [(month // 12, month % 12 + 1) for month in range(end - number + 1, end + 1)]
