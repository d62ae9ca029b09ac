"""The lists of the kinds of notes that plugins add."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ...notes.kinds import Note, added_kinds
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from .long_list import Long


def title(kind: type[Note]) -> str:
    """The title of a kind's list."""
    return kind.plural().capitalize()


def _list(kind: type[Note]) -> Long:
    none = f"{markup.escaped(kind.meaning())} Nothing is written down yet: {markup.code(f'kb {kind.kind} new')}"
    return Long(kind.folder, title(kind), title(kind), kind.kind, none, "service status year")


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    for kind in added_kinds():
        yield from _list(kind).paths(site.of(kind.kind))


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All notes of each kind, newest first. The page "More" leads to them."""
    del today
    for kind in added_kinds():
        yield from _list(kind).pages(site, site.of(kind.kind), nav=False)
