"""The order to start everything in after a power cut, to be followed with a finger on paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ...notes.kinds import Service
from ...services.dependency_graph import Step
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from . import section_nav, service_map
from .note_rows import first_line

HERE = "services/start-order.md"


def paths(site: SiteMap) -> Iterator[str]:
    """The path of this page, if there is an order."""
    if len(site.services) > 1:
        yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """Every service, what is needed before what needs it, each with a way to see that it is up."""
    del today
    if len(site.services) < 2:
        return
    steps = shown_steps(site)
    intro = (
        f"After a power cut, {markup.count(len(steps), 'thing')} to start, each when those before it are up. "
        "Most start by themselves: then this is the order to look at them.\n\n"
    )
    items = "\n".join(_item(site, step) for step in steps)
    yield Page(
        HERE,
        "Start order",
        "# Start order\n\n" + section_nav.row(site, HERE) + intro + markup.block("kb-order", items),
        summary="what to start first after a power cut",
    )


def shown_steps(site: SiteMap) -> list[Step]:
    """The steps whose names may be shown."""
    return [step for step in site.graph.order() if service_map.may_be_named(site, step.node)]


def check(site: SiteMap, note: Service) -> str:
    """How to see that it is up, if its note says so in one line; otherwise empty."""
    line, is_code = first_line(site, note, note.section("check"), with_code=True)
    said = markup.code(line) if is_code else markup.with_code(line)
    return f'<span class="kb-check">{said}</span>' if line else ""


def _item(site: SiteMap, step: Step) -> str:
    note = step.node.service
    told = [note.type if note and note.type != "app" else "", "" if note else "has no note"]
    told += [f"after {markup.escaped(', '.join(site.public(step.after)))}" if site.public(step.after) else ""]
    told += [f"needs {markup.escaped(', '.join(step.before))}, which can only start after it" if step.before else ""]
    about = f'<span class="kb-about">{" · ".join(filter(None, told))}</span>' if any(told) else ""
    how = check(site, note) if note else ""
    how += f' <span class="kb-check">{markup.outside(note.url)}</span>' if note and markup.is_whole(note.url) else ""
    return f"1. {service_map.named(site, step.node, HERE)} {about} {how}".rstrip()
