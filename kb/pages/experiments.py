"""Experiments and drills, by time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from . import markup
from .page import Page
from .rows import by_month
from .site_map import SiteMap

HERE = "experiments/index.md"


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    del site
    yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All experiments, newest first."""
    del today
    none = markup.block("kb-none", f"Break something on purpose, before it breaks at night: {markup.code('kb experiment new')}")
    head = by_month(site, site.of("experiment"), HERE) or none
    yield Page(HERE, "Experiments", f"# Experiments\n\n{head}", nav="Experiments")
