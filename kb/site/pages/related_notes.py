"""What the other notes know about an incident, a decision, an experiment or a change, for the end of its page."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from ...notes.kinds import Decision, Incident, Note
from ...notes.knowledge_base import once
from ...services.service_changes import Event
from ..drawing.timeline import Edge, Row, rail
from ..sitemap import markup
from ..sitemap.site_map import SiteMap
from . import decision_chains
from .change_list import event_rows, shown_events
from .note_rows import rows, shown_services
from .similarity import related

MOST = 5  # of each list
NEAR = {"incident": timedelta(days=3), "decision": timedelta(days=14)}
BEFORE = timedelta(days=2)  # within which a change may have caused an incident
LONGEST_FAMILY = 40


def tail(site: SiteMap, note: Note, here: str) -> str:
    """The sections below the text of a note that isn't a service."""
    listed = {note.ref}
    parts = []

    def add(heading: str, anchor: str, notes: Iterable[Note], most: int = MOST) -> None:
        fresh = [other for other in notes if other.ref not in listed][:most]
        listed.update(other.ref for other in fresh)
        parts.append(markup.section(heading, anchor, rows(site, fresh, here)))

    if isinstance(note, Decision):
        parts.append(markup.section("How it came to this", "kb-chain", decision_chains.of_note(site, note, here)))
        listed |= {member.ref for member in decision_chains.family_of(site, note)}
        add("Incidents and experiments", "kb-cases", _cases(site, note), 30)
    if isinstance(note, Incident):
        family = site.base.family(note)
        if len(family) > 1:
            parts.append(markup.section("It came back", "kb-again", _family(site, family, note, here)))
            listed |= {member.ref for member in family}
        parts.append(markup.section("Changed shortly before", "kb-before", _before(site, note, here)))
    add("Linked from", "kb-linked-from", site.base.backlinks.get(note.ref, ()), 60)
    if window := NEAR.get(note.kind):
        add("Around the same days", "kb-around", _near(site, note, window))
    add("Related", "kb-related", related(site, note))
    return "".join(parts) + _beside(site, note, here)


# ---- the family of an incident -------------------------------------------------------------------------------------------


def _family(site: SiteMap, family: Sequence[Note], note: Note, here: str) -> str:
    """The first time and each return: did the old fix hold?"""
    shown = family if len(family) <= LONGEST_FAMILY else [family[0], *family[1 - LONGEST_FAMILY :]]
    items = [_seen(site, member, note, here, place == 0) for place, member in enumerate(shown)]
    return rail(items, [Edge(place, place + 1) for place in range(len(shown) - 1)])


def _seen(site: SiteMap, member: Note, note: Note, here: str, is_first: bool) -> Row:
    held = member.held if isinstance(member, Incident) else None
    said = "first seen" if is_first else {True: "the old fix held", False: "the old fix did not hold", None: "again"}[held]
    name = f"**{markup.escaped(member.title)}**" if member.ref == note.ref else site.link(member, here)
    when = f"{member.date.short()} · " if member.date else ""
    css = "here" if member.ref == note.ref else "broke" if held is False else "held" if held else ""
    return Row(f"{name} {markup.state(member.state)} {markup.span(when + said, 'kb-about')}", css)


# ---- what else happened --------------------------------------------------------------------------------------------------


def _cases(site: SiteMap, note: Decision) -> Iterator[Note]:
    """The incidents and experiments that a decision links to, and those that link to it, the earliest first."""
    linked = [target for link in note.links if (target := site.base.target(note, link))]
    found = {
        other.ref: other
        for other in (*linked, *site.base.backlinks.get(note.ref, ()))
        if other.kind in ("incident", "experiment")
    }
    yield from sorted(found.values(), key=lambda other: (other.date.day if other.date else date.max, other.ref))


def _near(site: SiteMap, note: Note, window: timedelta) -> list[Note]:
    """The notes about its services in the days before and after, the nearest first."""
    if not note.date:
        return []
    by_service = _days_of_services(site)
    found = {}
    for name in shown_services(site, note):
        days, notes = by_service.get(name.lower(), ([], []))
        start, end = bisect_left(days, note.date.day - window), bisect_right(days, note.date.day + window)
        found.update({other.ref: other for other in notes[start:end]})
    at = note.date.day
    return sorted(found.values(), key=lambda other: (abs((other.date.day - at).days) if other.date else 0, other.ref))


@once
def _days_of_services(site: SiteMap) -> Mapping[str, tuple[list[date], list[Note]]]:
    found: dict[str, list[tuple[date, str, Note]]] = defaultdict(list)
    for kind in ("incident", "experiment", "change", "decision"):
        for note in site.of(kind):
            if note.date:
                for name in shown_services(site, note):
                    found[name.lower()].append((note.date.day, note.ref, note))
    return {
        name: ([day for day, _, _ in row], [note for _, _, note in row])
        for name, row in ((name, sorted(entries, key=lambda entry: entry[:2])) for name, entries in found.items())
    }


def _before(site: SiteMap, note: Incident, here: str) -> str:
    """What changed in the services of an incident, or according to their notes, in the two days before it."""
    if not note.date:
        return ""
    by_service = _events_of_services(site)
    found: dict[int, Event] = {}
    for name in shown_services(site, note):
        for event in by_service.get(name.lower(), ()):
            since = note.date.day - event.at.date() if event.at else BEFORE * 2
            if timedelta(0) <= since <= BEFORE and not (note.date.has_time and event.at and event.at > note.date.moment):
                found[id(event)] = event
    newest = sorted(found.values(), key=lambda event: event.at.timestamp() if event.at else 0, reverse=True)
    return event_rows(site, newest[:MOST], here, told=False)


@once
def _events_of_services(site: SiteMap) -> Mapping[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in shown_events(site):
        for name in {event.service, *event.services} - {""}:
            found[site.base.service_name(name).lower()].append(event)
    return found


# ---- the next one and the one before ---------------------------------------------------------------------------------------


@once
def _places(site: SiteMap, kind: str) -> Mapping[str, int]:
    return {other.ref: at for at, other in enumerate(site.of(kind))}


def _beside(site: SiteMap, note: Note, here: str) -> str:
    """The notes before and after it in the list of its kind."""
    at = _places(site, note.kind).get(note.ref)
    if at is None:
        return ""
    newest_first = site.of(note.kind)
    items = []
    if at + 1 < len(newest_first):
        items.append(f'- <span class="kb-about">before it</span> {site.link(newest_first[at + 1], here)}')
    if at > 0:
        items.append(f'- <span class="kb-about">after it</span> {site.link(newest_first[at - 1], here)}')
    return markup.block("kb-beside", "\n".join(items))
