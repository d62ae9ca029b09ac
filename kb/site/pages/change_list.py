"""Changes: what was changed and how to undo it, by time; from the notes and from Git."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from ...notes.knowledge_base import once
from ...secrets import masking
from ...services.service_changes import Event, by_commit
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from . import section_nav
from .long_list import Long
from .note_rows import undone

LIST = Long(
    "changes", "Changes", "Changes", "change", f"Nothing was written down yet: {markup.code('kb change new')}", "service year"
)
HERE = LIST.here
ON_ONE_PAGE = 200  # events of compose files; of more, each year has a page of its own
IN_A_YEAR = 400  # of more, each month
NEWEST = 50


@dataclass(frozen=True)
class ChangePart:
    """A stretch of time, whose events have a page of their own."""

    path: str
    name: str  # `2026`, `April 2026`
    events: Sequence[Event]


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    yield from LIST.paths(site.of("change"))
    yield from (part.path for part in _parts(site))


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All changes that have a note, newest first, and what changed in the compose files."""
    del today
    row, in_files = section_nav.row(site, HERE), _in_files(site)
    first, *others = LIST.pages(site, site.of("change"), before=row, nav=False)
    head = first.head if site.of("change") or not in_files else f"# {first.title}\n\n{row}"
    yield Page(first.path, first.title, head + in_files, summary="what was altered, and how to undo it")
    yield from others
    parts = _parts(site)
    for part in parts:
        name = f"Changes in the compose files, {part.name}"
        listed = markup.filtered("service", _by_month(site, part.events, part.path))
        yield Page(part.path, name, f"# {name}\n\n{_index(parts, part.path)}\n{listed}")


def _in_files(site: SiteMap) -> str:
    parts, events = _parts(site), _file_events(site)
    shown = events[:NEWEST] if parts else events
    listed = markup.filtered("service", _by_month(site, shown, HERE))
    return markup.section("In the compose files", "in-files", f"{_index(parts, HERE)}\n{listed}")


def _by_month(site: SiteMap, events: Sequence[Event], here: str) -> str:
    return "".join(
        markup.section(f"{month}", f"e{month.replace(' ', '-').lower()}", event_rows(site, list(group), here), 3)
        for month, group in groupby(events, key=lambda event: f"{event.at:%B %Y}" if event.at else "")
    )


@once
def _file_events(site: SiteMap) -> Sequence[Event]:
    return by_commit([event for event in shown_events(site) if not event.ref])


@once
def _parts(site: SiteMap) -> Sequence[ChangePart]:
    """The pages besides the first; none if all events are on that one."""
    events = _file_events(site)
    if len(events) <= ON_ONE_PAGE:
        return []
    years: dict[str, list[Event]] = {}
    for event in events:
        years.setdefault(f"{event.at:%Y}" if event.at else "", []).append(event)
    found = []
    for year, of_year in years.items():
        months: dict[str, list[Event]] = {}
        for event in of_year:
            months.setdefault(f"{event.at:%Y-%m}" if event.at else "", []).append(event)
        if len(of_year) <= IN_A_YEAR:
            found.append(ChangePart(f"changes/files-{year}.md", year, of_year))
        else:
            found += [
                ChangePart(f"changes/files-{month}.md", f"{of_month[0].at:%B %Y}", of_month)
                for month, of_month in months.items()
            ]
    return found


def _index(parts: Sequence[ChangePart], here: str) -> str:
    """Links to all parts, with how much each contains."""
    links = [
        f"- **{part.name}**"
        if part.path == here
        else f"- {markup.link(part.name, markup.path_link(part.path, here))} {markup.span(str(len(part.events)), 'kb-about')}"
        for part in parts
    ]
    if links and here != HERE:
        links.insert(0, f"- {markup.link('All changes', markup.path_link(HERE, here))}")
    return markup.block("kb-index", "\n".join(links))


@once
def shown_events(site: SiteMap) -> list[Event]:
    """What changed, newest first, without anything about private notes.

    A history covers all services, but others read the site: from the files, only services with a public note are shown,
    no sentence that names anything private, and nothing that looks like a secret.
    """
    return [_public(site, event) for event in site.given.events if _is_public(site, event)]


def _is_public(site: SiteMap, event: Event) -> bool:
    names = {name.lower() for name in (event.service, *event.services) if name}
    if not event.at or names & site.hidden_names:
        return False
    if event.ref:
        return event.ref in site.base.by_ref
    return names <= set(site.base.services) and not masking.find(f"{event.before}\n{event.after}")


def _public(site: SiteMap, event: Event) -> Event:
    undo = _FOLDER.sub("", event.undo)
    return replace(
        event,
        subject="" if _is_private(site, event.subject) else event.subject,
        undo="" if _is_private(site, undo) else undo,
    )


# Readers of the site needn't know where the files are on the owner's machine.
_FOLDER = re.compile(r"\bcd (?:~/)?(?:'[^']*'|[^\s'&]+)+ && ")


def _is_private(site: SiteMap, text: str) -> bool:
    """Whether a sentence or a command names anything private, or contains what looks like a secret."""
    if not text:
        return False
    lower = text.lower()
    words = set(re.findall(r"[\w.-]*\w", lower)) if site.hidden_names else set()
    parts = {part for word in words for part in re.split(r"[.-]", word)}
    told = (words | parts) & site.hidden_names or any(" " in name and name in lower for name in site.hidden_names)
    return bool(told or masking.find(text))


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
    back = undone(event.undo) if not note else ""
    row = f"- {when} {what} {markup.span(about, 'kb-about') if about else ''} {back}".rstrip()
    return row + markup.facts(service=dict.fromkeys([event.service, *event.services])) if told else row
