"""How notes are connected: what links to what, by service and time, and the threads that this makes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from heapq import heappop, heappush

from ...notes.kinds import Note
from ...notes.knowledge_base import once
from ..drawing.timeline import Edge, Row, rail
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from .note_rows import shown_services

HERE = "graph.md"
NODES = 100  # notes in the picture: those of the largest threads
OF_A_THREAD = 40  # of one thread in the picture
LANES = 14  # services in the picture; notes of others are in the last lane
THREADS = 60
IN_A_THREAD = 30
ON_ALL = 600  # rows
NAMING = frozenset(("services", "hosts", "depends_on"))  # what a note is about, not what it follows from
LEFT, WIDTH, LANE = 128, 940, 34
SHAPES = {"incident": "circle", "decision": "square", "experiment": "triangle"}


def paths(site: SiteMap) -> Iterator[str]:
    """The path of this page, if notes link to one another."""
    if links(site):
        yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """The picture, and the threads with the most notes."""
    del today
    if not links(site):
        return
    found = threads(site)
    told = sum(map(len, found))
    alone = sum(note.kind != "service" for note in site.base.notes) - told
    head = (
        "# How notes hang together\n\n"
        f"{markup.count(told, 'note')} link to one another, in {markup.count(len(found), 'thread')}; "
        f"{markup.count(alone, 'note')} link to no other. What a service needs stands on {markup.link('its page', 'services/index.md')}.\n\n"
    )
    yield Page(HERE, "How notes hang together", head + _picture(site, found) + _threads(site, found))


@once
def links(site: SiteMap) -> Mapping[tuple[str, str], bool]:
    """The pairs of notes that are linked, by ref: the earlier one first. Services are left out: everything would be connected through them."""
    found: dict[tuple[str, str], bool] = {}
    for note in site.base.notes:
        for link in note.links if note.kind != "service" else ():
            target = site.base.target(note, link) if link.kind not in NAMING else None
            if target and target.kind != "service" and target.ref != note.ref:
                first, second = sorted((note, target), key=_time)
                found[first.ref, second.ref] = True
    return found


def _time(note: Note) -> tuple[date, str]:
    return (note.date.day if note.date else date.max, note.ref)


def _near(site: SiteMap) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for first, second in links(site):
        found[first].add(second)
        found[second].add(first)
    return found


def threads(site: SiteMap) -> list[list[Note]]:
    """The notes connected by links, each thread in order of time; the largest first, and among those the newest."""
    near, seen = _near(site), set[str]()
    found = []
    for ref in near:
        if ref in seen:
            continue
        seen.add(ref)
        members, waiting = [], [ref]
        while waiting:
            at = waiting.pop()
            members.append(site.base.by_ref[at])
            fresh = near[at] - seen
            seen |= fresh
            waiting += fresh
        found.append(sorted(members, key=_time))
    return sorted(found, key=lambda thread: (-len(thread), -_time(thread[-1])[0].toordinal(), thread[0].ref))


def _core(site: SiteMap, near: Mapping[str, set[str]], thread: Sequence[Note], most: int) -> list[Note]:
    """The best connected part of a thread: starting with the note with most links, always the best linked neighbour."""
    first = min(thread, key=lambda note: (-len(near[note.ref]), _time(note)))
    waiting, seen, found = [(0, "", first.ref)], {first.ref}, list[Note]()
    while waiting and len(found) < most:
        _, _, ref = heappop(waiting)
        found.append(site.base.by_ref[ref])
        for other in near[ref] - seen:
            seen.add(other)
            heappush(waiting, (-len(near[other]), str(_time(site.base.by_ref[other])), other))
    return found


# ---- threads as lists --------------------------------------------------------------------------------------------------


def _threads(site: SiteMap, found: Sequence[Sequence[Note]]) -> str:
    near = _near(site)
    parts, shown = [], 0
    for number, thread in enumerate(found[:THREADS]):
        most = _core(site, near, thread, IN_A_THREAD)
        members = sorted(most, key=_time)
        shown += len(members)
        if shown > ON_ALL:
            break
        at = {note.ref: place for place, note in enumerate(members)}
        edges = [Edge(at[one], at[two]) for one, two in links(site) if one in at and two in at]
        rest = (
            f"\nand {markup.count(len(thread) - len(members), 'note')} with fewer links\n" if len(members) < len(thread) else ""
        )
        drawn = rail([_row(site, note) for note in members], edges)
        parts.append(markup.section(markup.escaped(most[0].title), f"thread{number + 1}", drawn + rest))
    more = len(found) - len(parts)
    return "".join(parts) + (f"\nand {markup.count(more, 'smaller thread')}\n" if more > 0 else "")


def _row(site: SiteMap, note: Note) -> Row:
    kind = note.kind if note.kind != "page" else "note"
    when = note.date.short() if note.date else ""
    about = markup.dotted((when, kind, *shown_services(site, note)[:4]), "kb-about")
    css = "broke" if note.state == "open" else ""
    return Row(f"{site.link(note, HERE)} {markup.state(note.state)} {about}", css)


# ---- the picture: services from top to bottom, time from left to right ------------------------------------------------------


def _picture(site: SiteMap, found: Sequence[Sequence[Note]]) -> str:
    near = _near(site)
    dated = [[note for note in thread if note.date] for thread in found]
    chosen = [note for thread in found for note in _core(site, near, thread, OF_A_THREAD) if note.date][:NODES]
    if len(chosen) < 2 or _time(min(chosen, key=_time))[0] == _time(max(chosen, key=_time))[0]:
        return ""
    lanes = _lanes(site, chosen)
    places = _places(site, chosen, lanes)
    height = len(lanes) * LANE + 30
    parts = [_lane(site, name, number) for number, name in enumerate(lanes)]
    parts += _years(chosen, height)
    parts += [_arc(places[one], places[two]) for one, two in links(site) if one in places and two in places]
    parts += [_node(site, note, *places[note.ref], len(near[note.ref])) for note in chosen]
    known = sum(map(len, dated))
    of = f" (of {known}, those with most links)" if known > len(chosen) else ""
    said = f"{len(chosen)} notes{of} by service and time, and the links between them; the threads below list them by name"
    legend = "".join(
        f'<span class="kb-legend">{_shape(SHAPES.get(kind, "ring"), 7, 7, 5, alone=True)} {kind}</span>'
        for kind in ("incident", "decision", "experiment", "change")
    )
    svg = f'<svg viewBox="0 0 {WIDTH} {height}" role="group" aria-label="{markup.attribute(said)}">{"".join(parts)}</svg>'
    return f'<div class="kb-map-of-notes" tabindex="0" role="region" aria-label="Notes by service and time">{svg}</div>\n<p class="kb-legends">{legend}</p>\n\n'


def _lanes(site: SiteMap, notes: Sequence[Note]) -> list[str]:
    counts = Counter(name for note in notes for name in shown_services(site, note)[:1])
    names = [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:LANES]]
    rest = len(counts) > LANES or any(not shown_services(site, note) for note in notes)
    return [*sorted(names, key=str.casefold), *([""] if rest else [])]


def _places(site: SiteMap, notes: Sequence[Note], lanes: Sequence[str]) -> Mapping[str, tuple[float, float]]:
    days = [_time(note)[0].toordinal() for note in notes]
    first, last = min(days), max(days)
    taken: set[tuple[int, int, int]] = set()
    found = {}
    for note in sorted(notes, key=_time):
        name = next(iter(shown_services(site, note)), "")
        lane = lanes.index(name) if name in lanes else len(lanes) - 1
        x = LEFT + 14 + (WIDTH - LEFT - 28) * (_time(note)[0].toordinal() - first) / (last - first)
        y = lane * LANE + LANE / 2
        # Notes of nearly the same day are placed above one another.
        for step in (0, 10, -10):
            key = (lane, step, round(x / 11))
            if key not in taken or step == -10:
                taken.add(key)
                found[note.ref] = (x, y + step)
                break
    return found


def _lane(site: SiteMap, name: str, number: int) -> str:
    y = number * LANE + LANE // 2
    label = f'<text x="0" y="{y + 4}">{markup.attribute(_short(name or "others"))}</text>'
    service = site.base.services.get(name.lower())
    if service and service.ref in site.paths:
        label = f'<a href="{markup.attribute(site.href(service, HERE))}">{label}</a>'
    return f'<path class="kb-grid" d="M{LEFT} {y}H{WIDTH}"/>{label}'


def _short(name: str) -> str:
    plain = markup.one_line(name)
    return plain if len(plain) <= 17 else plain[:16] + "…"


def _years(notes: Sequence[Note], height: int) -> list[str]:
    days = [_time(note)[0] for note in notes]
    first, last = min(days), max(days)
    long = last.year - first.year > 1
    starts = [date(year, month, 1) for year in range(first.year, last.year + 1) for month in ((1,) if long else (1, 4, 7, 10))]
    parts = []
    for start in starts:
        if first <= start <= last:
            x = LEFT + 14 + (WIDTH - LEFT - 28) * (start - first).days / (last - first).days
            label = str(start.year) if start.month == 1 else f"{start:%b}"
            parts.append(
                f'<path class="kb-grid kb-grid--time" d="M{x:.0f} 0V{height - 22}"/><text class="kb-middle" x="{x:.0f}" y="{height - 6}">{label}</text>'
            )
    return parts


def _arc(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = start, end
    if abs(y1 - y2) < LANE / 2:
        bend = min(26.0, 6 + abs(x2 - x1) / 6)
        return (
            f'<path class="kb-line" d="M{x1:.0f} {y1:.0f}Q{(x1 + x2) / 2:.0f} {(y1 + y2) / 2 - bend:.0f} {x2:.0f} {y2:.0f}"/>'
        )
    middle = (x1 + x2) / 2
    return f'<path class="kb-line" d="M{x1:.0f} {y1:.0f}C{middle:.0f} {y1:.0f} {middle:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"/>'


def _node(site: SiteMap, note: Note, x: float, y: float, degree: int) -> str:
    when = note.date.short() if note.date else ""
    title = f"<title>{markup.attribute(note.title)}, {note.kind}, {when}</title>"
    shape = _shape(SHAPES.get(note.kind, "ring"), x, y, 4.5 + min(3.0, degree / 2))
    return f'<a href="{markup.attribute(site.href(note, HERE))}" tabindex="-1">{title}{shape}</a>'


def _shape(name: str, x: float, y: float, size: float, alone: bool = False) -> str:
    """A kind of note by its shape; the colour only helps."""
    css = f'class="kb-node kb-node--{name}"'
    if name == "square":
        drawn = f'<rect {css} x="{x - size * 0.85:.1f}" y="{y - size * 0.85:.1f}" width="{size * 1.7:.1f}" height="{size * 1.7:.1f}" rx="1"/>'
    elif name == "triangle":
        drawn = f'<path {css} d="M{x:.1f} {y - size:.1f}l{size:.1f} {size * 1.8:.1f}h-{size * 2:.1f}z"/>'
    else:
        drawn = f'<circle {css} cx="{x:.1f}" cy="{y:.1f}" r="{size if name == "circle" else size * 0.75:.1f}"/>'
    return f'<svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">{drawn}</svg>' if alone else drawn
