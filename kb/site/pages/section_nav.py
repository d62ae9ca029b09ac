"""Links between related pages: one row at the top of each of them."""

from __future__ import annotations

from collections.abc import Sequence

from ..sitemap import markup
from ..sitemap.site_map import SiteMap

PAGES = (
    ("services/index.md", "All"),
    ("services/map.md", "Map"),
    ("hosts/index.md", "Hosts"),
    ("readiness.md", "Readiness"),
    ("services/start-order.md", "Start order"),
    ("changes/index.md", "Changes"),
    ("down.md", "If I am not here"),
)
OF_DECISIONS = (
    ("decisions/index.md", "All"),
    ("decisions/timeline.md", "By time"),
    ("decisions/chains.md", "How they followed one another"),
)


def row(site: SiteMap, here: str, pages: Sequence[tuple[str, str]] = PAGES) -> str:
    """The row for the page `here`, with the pages that exist; empty if there is nowhere else to go."""
    found = [(path, name) for path, name in pages if path in site.taken]
    if len(found) < 2:
        return ""
    items = [
        f"- **{name}**" if path == here else f"- {markup.link(name, markup.path_link(path, here))}" for path, name in found
    ]
    return markup.block("kb-ways", "\n".join(items)) + "\n"
