"""A page for each note: its facts at the top, its text, and what the other notes know about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from ...notes.dates import span
from ...notes.kinds import Change, Decision, Experiment, Incident, Note, Service
from ..sitemap import markup
from ..sitemap.note_text import lasted
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from . import last_edited, related_notes, service_page, tags
from .note_rows import Fact, age, first_line, moment


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """The page of every note."""
    for note in site.base.notes:
        here = site.paths[note.ref]
        head = _kicker(note) + f"# {markup.escaped(note.title)}\n\n" + _problem(note)
        head += service_page.head(site, note, here) if isinstance(note, Service) else ""
        head += _facts(site, note, here, today)
        yield Page(
            here,
            note.title,
            head + _tag_links(site, note, here),
            site.text(note),
            _tail(site, note, here, today) + last_edited.line(site, note),
            note,
            summary=first_line(site, note, note.fix or note.section("what it is and why") or site.text(note))[0],
        )


# ---- the top ---------------------------------------------------------------------------------------------------------


def _kicker(note: Note) -> str:
    """The line above the title: the kind of note, and its date or number."""
    kind = note.kind if note.kind != "page" else "note"
    if isinstance(note, Decision) and note.number is not None:
        kind = f"decision {note.number:04}"
    if isinstance(note, (Experiment, Service)) and note.type not in ("app", "experiment"):
        kind = note.type
    dated = f" {markup.day(note.date)}" if note.date and not isinstance(note, Incident) else ""
    return f'<p class="kb-kicker"><span class="kb-kind kb-kind--{note.kind}">{markup.escaped(kind)}</span>{dated}</p>\n\n'


def _problem(note: Note) -> str:
    if not note.problem:
        return ""
    where = f"{note.problem.path}:{note.problem.line}"
    return (
        markup.block("kb-problem", f"**This note needs mending.** {markup.code(where)}: {markup.escaped(note.problem.message)}")
        + "\n"
    )


def _facts(site: SiteMap, note: Note, here: str, today: date) -> str:
    known = [(name, value) for name, value in _FACTS.get(type(note), _common)(site, note, here, today) if value]
    items = (f"- **{name}** <span{_css(value)}>{value}</span>" for name, value in known)
    return markup.block("kb-facts", "\n".join(items)) + "\n"


def _css(value: str) -> str:
    """The class of a fact that needs room for two: a path in code, or many words."""
    said = re.sub(r"<[^>]*>|\]\([^)]*\)", "", value)
    return ' class="kb-wide"' if len(said) > (24 if "<code>" in value else 70) else ""


def _tag_links(site: SiteMap, note: Note, here: str) -> str:
    return markup.block("kb-tags", "\n".join(f"- {link}" for link in tags.links(site, note, here))) + "\n"


def _yes_no(value: bool | None, yes: str, no: str) -> str:
    return "" if value is None else yes if value else no


def _common(site: SiteMap, note: Note, here: str, today: date) -> Iterator[Fact]:
    del today
    yield "Status", markup.state(note.state)
    yield "Services", ", ".join(site.named(note.services, here))
    yield "Hosts", ", ".join(site.named(note.hosts, here))


def _incident(site: SiteMap, note: Note, here: str, today: date) -> Iterator[Fact]:
    assert isinstance(note, Incident)
    yield "Status", markup.state(note.status)
    yield "Began", moment(note.date)
    length = lasted(note)
    yield ("Took", span(length)) if length else ("Resolved", moment(note.resolved))
    yield from list(_common(site, note, here, today))[1:]
    yield "Layer", markup.escaped(note.layer)
    yield "Severity", markup.escaped(note.severity)
    yield "Noticed by", markup.escaped(note.noticed_by)
    yield "Fix", _yes_no(note.verified, "seen to work", "not verified yet")
    if note.recurrence_of:
        yield "Happened before", ", ".join(site.refs(note, "recurrence_of", [note.recurrence_of], here))
        yield "The old fix", _yes_no(note.held, "held", "did not hold")
    if note.caused_by:
        yield "Caused by", ", ".join(site.refs(note, "caused_by", [note.caused_by], here))


def _decision(site: SiteMap, note: Note, here: str, today: date) -> Iterator[Fact]:
    assert isinstance(note, Decision)
    yield "Status", markup.state(note.status)
    yield "Services", ", ".join(site.named(note.services, here))
    yield "Decided by", markup.escaped(", ".join(note.decision_makers))
    yield "Consulted", markup.escaped(", ".join(note.consulted))
    yield "Informed", markup.escaped(", ".join(note.informed))
    yield "Replaces", ", ".join(site.refs(note, "supersedes", note.supersedes, here))
    yield "Replaced by", ", ".join(site.refs(note, "superseded-by", note.superseded_by, here))
    yield "Amended by", ", ".join(site.link(newer, here) for newer in site.chains.amended_by.get(note.ref, ()))
    yield "Amends", ", ".join(site.refs(note, "amends", note.amends, here))
    yield "Look at it again", age(note.review, today)


def _experiment(site: SiteMap, note: Note, here: str, today: date) -> Iterator[Fact]:
    assert isinstance(note, Experiment)
    yield "Outcome", markup.state(note.outcome)
    yield "Goal", "" if note.section("goal") else markup.escaped(note.goal)
    yield from list(_common(site, note, here, today))[1:]
    yield "Time box", markup.escaped(note.timebox)
    yield "Led to", ", ".join(site.refs(note, "decisions", note.decisions, here))


def _change(site: SiteMap, note: Note, here: str, today: date) -> Iterator[Fact]:
    assert isinstance(note, Change)
    yield from list(_common(site, note, here, today))[1:]
    yield "Commit", markup.code(note.commit) if note.commit else ""
    yield "Undo", markup.code(note.undo) if note.undo else ""


_FACTS: Mapping[type[Note], Callable[[SiteMap, Note, str, date], Iterator[Fact]]] = {
    Incident: _incident,
    Decision: _decision,
    Service: service_page.facts,
    Experiment: _experiment,
    Change: _change,
}


# ---- what the other notes know ---------------------------------------------------------------------------------------


def _tail(site: SiteMap, note: Note, here: str, today: date) -> str:
    if not isinstance(note, Service):
        return related_notes.tail(site, note, here)
    return service_page.tail(site, note, here, today)
