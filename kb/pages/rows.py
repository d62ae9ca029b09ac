"""Notes as rows of a list: when, what, about which services, in which state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from ..note import Decision, Incident, KnownError, Note, Service, span
from . import markup
from .site_map import SiteMap


def row(site: SiteMap, note: Note, here: str) -> str:
    """One note as an item of a list."""
    first = markup.day(note.date)
    if isinstance(note, Decision) and note.number is not None:
        first = f'<span class="kb-date">{note.number:04}</span>'
    return f"- {first} {site.link(note, here)} {_about(site, note)} {markup.state(note.state)}".rstrip()


def _about(site: SiteMap, note: Note) -> str:
    """What stands in small letters under the title: services, and how long it took."""
    parts = [name for name in note.services if name.lower() not in site.hidden_names]
    if isinstance(note, Incident) and note.took is not None:
        parts.append(span(note.took))
    return markup.span(" · ".join(parts), "kb-about") if parts else ""


def rows(site: SiteMap, notes: Iterable[Note], here: str) -> str:
    """Notes as a list."""
    return markup.block("kb-rows", "\n".join(row(site, note, here) for note in notes))


def by_month(site: SiteMap, notes: Sequence[Note], here: str, level: int = 2) -> str:
    """Notes under a heading for each month, in their order; those without a date at the end."""
    parts = []
    for month, group in groupby(notes, key=lambda note: note.date.moment.strftime("%Y-%m") if note.date else ""):
        members = list(group)
        first = members[0].date
        heading = f"{first.moment:%B} {first.day.year}" if first else "Without a date"
        parts.append(markup.section(heading, f"m{month or '-none'}", rows(site, members, here), level))
    return "".join(parts)


def first_line(text: str) -> str:
    """The first line that says something: of prose, or inside a fence."""
    for line in text.splitlines():
        bare = line.strip()
        if bare and not bare.startswith(("```", "~~~")):
            return bare if len(bare) <= 160 else bare[:159] + "…"
    return ""


def error_row(site: SiteMap, note: Note, error: KnownError, here: str, times: int = 1) -> str:
    """A known error as an item of a list: its text, the note, and the first line of its fix."""
    often = markup.span(f"{times} times", "kb-often") if times > 1 else ""
    fix = first_line(note.fix)
    # Fixes are often commands; which it is, the fence in the note says.
    fixed = (
        f'<span class="kb-fixed">{markup.escaped(fix)}</span>'
        if fix
        else '<span class="kb-fixed kb-fixed--none">no fix yet</span>'
    )
    return (
        f'- <code class="kb-error-line">{markup.escaped(first_line(error.text))}</code> '
        f'<span class="kb-from">{site.link(note, here)} {often} {markup.day(note.date)}</span> {fixed}'
    )


def error_rows(site: SiteMap, notes: Iterable[Note], here: str) -> str:
    """The known errors of some notes as a list."""
    return markup.block("kb-errors", "\n".join(error_row(site, note, error, here) for note in notes for error in note.errors))


def service_row(site: SiteMap, service: Service, here: str) -> str:
    """A service as an item of a list: name, what is known about it."""
    base = site.base
    incidents = base.about(service, "incident")
    facts = []
    if incidents:
        facts.append(markup.count(len(incidents), "incident"))
    if needed_by := len(base.depend_on(service)):
        facts.append(f"needed by {needed_by}")
    open_now = sum(note.state == "open" for note in incidents)
    alarm = markup.state("open") if open_now else markup.state(service.state if service.state != "production" else "")
    hosts = " on " + ", ".join(service.hosts) if service.hosts else ""
    about = markup.span(f"{service.type}{hosts}", "kb-about")
    tally = markup.span(" · ".join(facts), "kb-tally") if facts else ""
    return f"- {site.link(service, here, service.title)} {about} {tally} {alarm}".rstrip()
