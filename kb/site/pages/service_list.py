"""The services: what runs here, by type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from ...notes.kinds import Service
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from . import readiness_page, section_nav
from .note_rows import service_rows

HERE = "services/index.md"
GROUPS = (("app", "Apps"), ("host", "Hosts"), ("disk", "Disks"), ("network", "Network"), ("device", "Devices"))


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    del site
    yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All services: those with a note by type, then names that only other notes mention."""
    scores = readiness_page.scores(site, today)
    found = [note for note in site.of("service") if isinstance(note, Service)]
    alive = [note for note in found if note.state != "retired"]
    groups = [(heading, word, [note for note in alive if note.type == word]) for word, heading in GROUPS]
    groups.append(("Retired", "retired", [note for note in found if note.state == "retired"]))
    shown = "".join(
        markup.section(heading, anchor, service_rows(site, notes, HERE, state=_state(anchor), scores=scores))
        for heading, anchor, notes in groups
    )
    none = markup.block("kb-none", f"No service has a note yet: {markup.code('kb service new')}")
    lists = markup.filtered("host mode exposed ready tag status", shown) or none
    yield Page(HERE, "Services", "# Services\n\n" + section_nav.row(site, HERE) + lists + _mentioned(site), nav="Services")


def _state(group: str) -> str:
    """The state of all services of a group, so that none has to repeat it."""
    return "retired" if group == "retired" else "production"


def _mentioned(site: SiteMap) -> str:
    """Names that notes use and that have no service note."""
    known = site.base.services
    names = Counter(name for note in site.base.notes for name in site.public(note.services) if name.lower() not in known)
    items = "\n".join(
        f"- {markup.escaped(name)} {markup.span(markup.count(number, 'note'), 'kb-about')}"
        for name, number in sorted(names.items())[:100]
    )
    return markup.section("Mentioned, without a note", "mentioned", markup.block("kb-index", items))
