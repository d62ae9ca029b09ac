"""Incidents by time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from ..note import Note
from . import markup
from .page import Page
from .rows import by_month, rows
from .site_map import SiteMap

HERE = "incidents/index.md"
ON_ONE_PAGE = 300  # more of them, and each year has a page of its own


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    yield HERE
    found = site.of("incident")
    if len(found) > ON_ONE_PAGE:
        yield from sorted({_year_path(note) for note in found})


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All incidents, newest first; of many, the newest and a page for each year."""
    del today
    found = site.of("incident")
    title = "# Incidents\n\n"
    if len(found) <= ON_ONE_PAGE:
        yield Page(HERE, "Incidents", title + (by_month(site, found, HERE) or _none()), nav="Incidents")
        return
    years = [(path, list(notes)) for path, notes in groupby(found, key=_year_path)]
    links = "\n".join(
        f"- {markup.link(_year(notes[0]), markup.path_link(path, HERE))} {_tally(notes)}" for path, notes in years
    )
    newest = markup.section("The newest", "newest", rows(site, found[:50], HERE))
    yield Page(HERE, "Incidents", title + markup.block("kb-index", links) + newest, nav="Incidents")
    for path, notes in years:
        yield Page(path, f"Incidents {_year(notes[0])}", f"# Incidents {_year(notes[0])}\n\n{by_month(site, notes, path)}")


def _tally(notes: list[Note]) -> str:
    return markup.span(markup.count(len(notes), "incident"), "kb-about")


def _year(note: Note) -> str:
    return str(note.date.day.year) if note.date else "without a date"


def _year_path(note: Note) -> str:
    return f"incidents/year-{note.date.day.year if note.date else 'none'}.md"


def _none() -> str:
    return markup.block("kb-none", f"Nothing broke yet, or nobody wrote it down: {markup.code('kb incident new')}")
