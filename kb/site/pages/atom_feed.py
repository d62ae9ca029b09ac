"""The newest incidents and decisions as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from ...notes.dates import span
from ...notes.kinds import Decision, Incident, Note
from ..sitemap.markup import one_line
from ..sitemap.note_text import lasted
from ..sitemap.site_map import SiteMap
from .note_rows import first_line, shown_services

PATH = "feed.atom"
MOST = 60


def files(site: SiteMap, today: date) -> Iterator[tuple[str, str]]:
    """The feed."""
    dated = [(when, note) for note in (*site.of("incident"), *site.of("decision")) if (when := _updated(site, note))]
    newest = sorted(dated, key=lambda row: (row[0], row[1].ref), reverse=True)[:MOST]
    updated = newest[0][0] if newest else datetime.combine(today, time(), UTC)
    name = site.base.settings.site_name
    home = site.web("index.md")
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{_text(name)}</title>",
        f"<id>{_id(site, '')}</id>",
        f"<updated>{updated.isoformat(timespec='seconds')}</updated>",
        f"<author><name>{_text(name)}</name></author>",
        f'<link rel="alternate" type="text/html" href={_attribute(home)}/>',
        f'<link rel="self" type="application/atom+xml" href={_attribute(_here(site))}/>',
        "<generator>kb</generator>",
        *(line for when, note in newest for line in _entry(site, note, when)),
        "</feed>",
    ]
    yield PATH, "\n".join(lines) + "\n"


def _entry(site: SiteMap, note: Note, updated: datetime) -> Iterator[str]:
    yield "<entry>"
    yield f"<title>{_text(note.title)}</title>"
    yield f"<id>{_id(site, note.ref)}</id>"
    yield f"<updated>{updated.isoformat(timespec='seconds')}</updated>"
    if note.date:
        yield f"<published>{note.date.moment.isoformat(timespec='seconds')}</published>"
    yield f'<link rel="alternate" type="text/html" href={_attribute(site.web(site.paths[note.ref]))}/>'
    for term in (note.kind, *shown_services(site, note)):
        yield f"<category term={_attribute(term)}/>"
    yield f"<summary>{_text(_summary(site, note))}</summary>"
    yield "</entry>"


def _summary(site: SiteMap, note: Note) -> str:
    length = lasted(note)
    parts = [note.state, ", ".join(shown_services(site, note)), span(length) if length else ""]
    said = " · ".join(part for part in parts if part)
    fix = first_line(site, note, note.fix)[0] if isinstance(note, Incident) else ""
    return f"{said}. Fix: {fix}" if fix else said


def _updated(site: SiteMap, note: Note) -> datetime | None:
    """When something last happened to a note: it began, it was resolved, it was decided. What touched its file, such as a
    rename of a service in a hundred notes, is no news; only a note without a day has none but that."""
    times = [when.moment for when in (note.date, note.resolved if isinstance(note, Incident) else None) if when]
    if isinstance(note, Decision):
        times += [day.moment for days in (note.accepted, note.rejected, note.deprecated, note.superseded) for day in days]
    if not times and (edited := site.given.edited.get(note.path)):
        times.append(datetime.combine(edited, time(), UTC))
    return max(times, default=None)


def _id(site: SiteMap, ref: str) -> str:
    """An ID that stays the same wherever the site moves."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'kb:{site.base.settings.site_name}/{ref}')}"


def _here(site: SiteMap) -> str:
    url = site.base.settings.site_url
    return f"{url.rstrip('/')}/{PATH}" if url else PATH


def _text(text: str) -> str:
    return escape(_legal(text))


def _attribute(text: str) -> str:
    return quoteattr(_legal(text))


def _legal(text: str) -> str:
    """The text without the two characters that XML forbids and one_line keeps."""
    return one_line(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
