"""Changes: what was altered and how to undo it, by time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from . import markup
from .page import Page
from .rows import by_month
from .site_map import SiteMap

HERE = "changes/index.md"


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    del site
    yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All changes that have a note, newest first."""
    del today
    none = markup.block("kb-none", f"Nothing was written down yet: {markup.code('kb change new')}")
    yield Page(HERE, "Changes", f"# Changes\n\n{by_month(site, site.of('change'), HERE) or none}", nav="Changes")
