"""Changes: what was altered and how to undo it, by time; the notes, and what Git knows besides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from .. import secrets
from ..changes import Event, by_commit
from . import markup
from .by_time import Long
from .page import Page
from .site_map import SiteMap

LIST = Long(
    "changes", "Changes", "Changes", "change", f"Nothing was written down yet: {markup.code('kb change new')}", "service year"
)
HERE = LIST.here
EVENTS = 200  # that are listed of those in the compose files


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    yield from LIST.paths(site.of("change"))


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All changes that have a note, newest first, and what changed in the compose files."""
    del today
    first, *others = LIST.pages(site, site.of("change"), nav=False)
    yield Page(first.path, first.title, first.head + _in_files(site))
    yield from others


def _in_files(site: SiteMap) -> str:
    events = by_commit([event for event in shown_events(site) if not event.ref])[:EVENTS]
    lists = "".join(
        markup.section(f"{month}", f"e{month.replace(' ', '-').lower()}", event_rows(site, list(group), HERE), 3)
        for month, group in groupby(events, key=lambda event: f"{event.at:%B %Y}" if event.at else "")
    )
    return markup.section("In the compose files", "in-files", markup.filtered("service", lists))


def shown_events(site: SiteMap) -> list[Event]:
    """What changed, newest first, without what is about private notes.

    A history tells of all services, and a site is read by others: of the files, only what has a public note is shown,
    no sentence that names what is private, and nothing that looks like a secret.
    """
    return site.remembered(
        "shown events", lambda: [_public(site, event) for event in site.given.events if _is_public(site, event)]
    )


def _is_public(site: SiteMap, event: Event) -> bool:
    names = {name.lower() for name in (event.service, *event.services) if name}
    if not event.at or names & site.hidden_names:
        return False
    if event.ref:
        return event.ref in site.base.by_ref
    return names <= set(site.base.services) and not secrets.find(f"{event.before}\n{event.after}")


def _public(site: SiteMap, event: Event) -> Event:
    words = set(re.findall(r"[\w.-]*\w", event.subject.lower())) if site.hidden_names else set()
    parts = {part for word in words for part in re.split(r"[.-]", word)}
    told = (words | parts) & site.hidden_names or any(
        " " in name and name in event.subject.lower() for name in site.hidden_names
    )
    return replace(event, subject="") if told or secrets.find(event.subject) else event


def event_rows(site: SiteMap, events: Sequence[Event], here: str, told: bool = True) -> str:
    """Events as a list; `told`: with facts for filters."""
    return markup.block("kb-rows", "\n".join(_event_row(site, event, here, told) for event in events))


def _event_row(site: SiteMap, event: Event, here: str, told: bool) -> str:
    when = f'<time class="kb-date" datetime="{event.at:%Y-%m-%d}">{event.at.day} {event.at:%b %Y}</time>' if event.at else ""
    about = " · ".join(filter(None, (event.subject, event.commit[:7])))
    note = site.base.by_ref.get(event.ref)
    said = site.link(note, here, event.said()) if note else markup.escaped(event.said())
    names = ", ".join(site.named(filter(None, (event.service, *event.services)), here))
    what = f'<span class="kb-what">{names} {said}</span>'
    row = f"- {when} {what} {markup.span(about, 'kb-about') if about else ''}".rstrip()
    return row + markup.facts(service=dict.fromkeys([event.service, *event.services])) if told else row
