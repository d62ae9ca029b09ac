"""The other ways into the notes: the pages without a place of their own in the navigation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ...notes.kinds import added_kinds
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from . import kind_list

HERE = "more.md"

# Path, name and purpose; shown if the page exists.
WAYS = (
    ("paste.md", "Paste an error", "a log in, the known fix out, here in the browser"),
    ("down.md", "If I am not here", "for whoever stands before the rack without me"),
    ("to-do.md", "To do", "what wants attention today"),
    ("services/map.md", "Map of services", "what needs what"),
    ("hosts/index.md", "Hosts", "what runs where"),
    ("services/start-order.md", "Start order", "what to start first after a power cut"),
    ("readiness.md", "Readiness", "could I restore it, would I notice, is it secure"),
    ("changes/index.md", "Changes", "what was altered, and how to undo it"),
    ("decisions/timeline.md", "Decisions by time", "and what is to be looked at again"),
    ("decisions/chains.md", "How decisions followed one another", "what replaced and amended what"),
    ("years/index.md", "Years", "everything of a year in its order"),
    ("graph.md", "How notes hang together", "what links to what, by service and time"),
    ("tags/index.md", "Tags", "A to Z"),
)


def ways() -> list[tuple[str, str, str]]:
    """All of them, with the lists of the kinds that plugins add."""
    added = [(f"{kind.folder}/index.md", kind_list.title(kind), kind.meaning().rstrip(".")) for kind in added_kinds()]
    return [*WAYS, *added]


def paths(site: SiteMap) -> Iterator[str]:
    """The path of this page."""
    del site
    yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """Links to the pages that exist."""
    del today
    found = [f"- {markup.link(name, path)} {markup.span(why, 'kb-about')}" for path, name, why in ways() if path in site.taken]
    feed = '<p class="kb-feed">The newest incidents and decisions for a feed reader: <a href="feed.atom">feed.atom</a></p>\n'
    yield Page(HERE, "More", f"# More\n\n{markup.block('kb-rows kb-rows--plain', chr(10).join(found))}\n{feed}", nav="More")
