"""Incidents by time, with filters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from .long_list import Long

LIST = Long(
    "incidents",
    "Incidents",
    "Incidents",
    "incident",
    f"Nothing broke yet, or nobody wrote it down: {markup.code('kb incident new')}",
)
HERE = LIST.here


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    yield from LIST.paths(site.of("incident"))


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All incidents, newest first; if there are many, the newest and a page for each year."""
    del today
    yield from LIST.pages(site, site.of("incident"))
