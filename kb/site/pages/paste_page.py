"""Paste an error: a log goes in, the known fix comes out, all in the browser (theme/assets/paste.js, seen_data.py)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap

HERE = "paste.md"


def paths(site: SiteMap) -> Iterator[str]:
    """The path of this page."""
    del site
    yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """The page: a place for the script, and what to do without it."""
    del today
    directories = "yes" if site.base.settings.directory_urls else "no"
    without = f"In a browser that runs the scripts of this page the log goes in here. Anywhere else: {markup.code('docker logs nginx 2>&1 | kb seen')}"
    head = (
        "# Paste an error\n\n"
        f"Have I seen this before? The same answers as {markup.code('kb seen')}, made in your browser: nothing leaves this page.\n\n"
        f'<div class="kb-paste" id="kb-paste" data-directories="{directories}"></div>\n'
        f"{markup.block('kb-paste__without', without)}"
    )
    yield Page(HERE, "Paste an error", head, nav="Paste", summary="A log goes in, the known fix comes out.")
