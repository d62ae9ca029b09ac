"""What runs where: each machine with its services, production and sandbox apart, and what stops with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ...notes.kinds import Service
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from . import section_nav, service_map
from .note_rows import service_rows

HERE = "hosts/index.md"


def paths(site: SiteMap) -> Iterator[str]:
    """The path of this page, if any service says where it runs."""
    if by_host(site):
        yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """A section for each machine, the one with most services first; then services without a machine."""
    del today
    found = by_host(site)
    if not found:
        return
    names = sorted(found, key=lambda name: (-len(found[name]), name.casefold()))
    anchors = {name: f"h{number}" for number, name in enumerate(names)}
    index = "\n".join(
        f"- {markup.link(name, '#' + anchors[name])} {markup.span(str(len(found[name])), 'kb-about')}" for name in names
    )
    parts = ["# Hosts\n\n", section_nav.row(site, HERE), markup.block("kb-index", index), "\n"]
    parts += [_host(site, name, anchors[name], found[name]) for name in names]
    yield Page(HERE, "Hosts", "".join(parts) + _nowhere(site), summary="what runs where")


def by_host(site: SiteMap) -> Mapping[str, list[Service]]:
    """The name of each machine → the services on it, without retired ones."""
    found: dict[str, list[Service]] = {}
    for note in site.services:
        if note.state != "retired":
            for name in dict.fromkeys(site.base.service_name(host) for host in note.hosts):
                if name.lower() not in site.hidden_names and name != note.name:
                    found.setdefault(name, []).append(note)
    return found


def _host(site: SiteMap, name: str, anchor: str, guests: Sequence[Service]) -> str:
    sandbox = [note for note in guests if note.mode == "sandbox"]
    others = [note for note in guests if note.mode != "sandbox"]
    heading = "Production" if sandbox and all(note.mode == "production" for note in others) else "In use"
    lists = service_rows(site, others, HERE, name)
    if sandbox:
        lists = markup.section(heading, f"{anchor}-used", lists, 3) if others else ""
        lists += markup.section("Sandbox", f"{anchor}-sandbox", service_rows(site, sandbox, HERE, name, "sandbox"), 3)
    return markup.section(markup.escaped(name), anchor, f"{_about(site, name, guests)}\n\n{lists}")


def _about(site: SiteMap, name: str, guests: Sequence[Service]) -> str:
    """What the machine is, and what stops with it besides its own services."""
    note = site.base.services.get(name.lower())
    parts = [
        f"{site.link(note, HERE, note.type if note.title.casefold() == name.casefold() else f'{note.title}, {note.type}')}"
        if note
        else f"without a note: {markup.code(f'kb service new {name}')}"
    ]
    node = site.graph.find(name)
    stops = (
        [stop.node for stop in site.graph.impact(node).services if service_map.may_be_named(site, stop.node)] if node else []
    )
    here = {guest.ref for guest in guests}
    beyond = [other for other in stops if other.key not in here]
    parts.append(
        f"when it stops, {markup.count(len(stops), 'service')} stop{'s' if len(stops) == 1 else ''}"
        if stops
        else "nothing stops with it"
    )
    if beyond:
        shown = ", ".join(service_map.named(site, other, HERE) for other in beyond[:8])
        parts.append(f"elsewhere {shown}{f' and {len(beyond) - 8} more' if len(beyond) > 8 else ''}")
    return markup.block("kb-about", "; ".join(parts))


def _nowhere(site: SiteMap) -> str:
    found = [note for note in site.services if not note.hosts and note.type == "app" and note.state != "retired"]
    if not found:
        return ""
    items = "\n".join(f"- {site.link(note, HERE, note.name)}" for note in found)
    said = f"Their notes name no machine yet: {markup.code(f'kb edit {found[0].name} --set hosts=NAME')}\n\n"
    return markup.section("Nobody says where", "nowhere", said + markup.block("kb-index", items))
