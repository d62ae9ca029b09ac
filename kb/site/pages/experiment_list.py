"""Experiments and drills, by time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from .long_list import Long

LIST = Long(
    "experiments",
    "Experiments",
    "Experiments",
    "experiment",
    f"Break something on purpose, before it breaks at night: {markup.code('kb experiment new')}",
    "service status year",
)
HERE = LIST.here


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    yield from LIST.paths(site.of("experiment"))


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All experiments, newest first."""
    del today
    yield from LIST.pages(site, site.of("experiment"))
