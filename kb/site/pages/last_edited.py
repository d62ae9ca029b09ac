"""The last line of a note's page: when it was changed, and where to change it."""

from __future__ import annotations

from urllib.parse import quote

from ...notes.dates import short_day
from ...notes.kinds import Note
from ..sitemap import markup
from ..sitemap.site_map import SiteMap


def line(site: SiteMap, note: Note) -> str:
    """`Last changed 12 Nov 2026 · edit this note`, as far as Git and mkdocs.yml know it."""
    parts = []
    if day := site.given.edited.get(note.path):
        parts.append(f'Last changed <time class="kb-date" datetime="{day.isoformat()}">{short_day(day)}</time>')
    if site.given.edit_url:
        parts.append(f"[edit this note]({site.given.edit_url.replace('{path}', quote(note.path, safe='/'))})")
    return markup.block("kb-edited", " · ".join(parts)) if parts else ""
