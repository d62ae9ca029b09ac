"""The four questions, asked of every service: could I restore it, would I notice, is it secure, could I rebuild it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ...notes.knowledge_base import once
from ...services import drills_due
from ...services import readiness as rules
from ...services.readiness import Answer, Readiness
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from . import section_nav

HERE = "readiness.md"
MOST_DRILLS = 6


def paths(site: SiteMap) -> Iterator[str]:
    """The path of this page, if there are services."""
    if site.services:
        yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """A row for each service, the least ready and most needed first; and the drills that are most overdue."""
    facts = site.facts(today)
    found = rules.all_services(facts)
    if not found:
        return
    asked = [answer for ready in found for answer in ready.answers]
    sure = sum(answer.state == "yes" for answer in asked)
    intro = (
        f"{markup.count(len(found), 'service')}, {markup.count(len(asked), 'question')}: {sure} answered with yes. "
        "A hope is half: something is there, nobody has proved it.\n\n"
    )
    drills = "\n".join(
        f"- {site.link(due.service, HERE, due.service.name)} "
        f'<span class="kb-about">{due.drill}, {markup.escaped(due.reason)}: '
        f"{markup.code(f'kb experiment new --drill {due.drill} --service {due.service.name}')}</span>"
        for due in drills_due.drills_due(facts)[:MOST_DRILLS]
    )
    yield Page(
        HERE,
        "Readiness",
        "# Readiness\n\n"
        + section_nav.row(site, HERE)
        + intro
        + markup.filtered("type host status", _table(site, found))
        + markup.section("Drills that are due", "drills", markup.block("kb-rows kb-rows--plain", drills)),
        summary="could I restore it, would I notice, is it secure, could I rebuild it",
    )


@once
def scores(site: SiteMap, today: date) -> Mapping[str, int]:
    """The ref of each service with any question → how ready it is, in percent."""
    return {ready.service.ref: ready.score for ready in rules.all_services(site.facts(today))}


def _table(site: SiteMap, found: Sequence[Readiness]) -> str:
    heads = "".join(f'<th scope="col" title="{markup.attribute(long)}">{word}</th>' for word, long in rules.QUESTIONS.items())
    body = "".join(_row(site, ready) for ready in found)
    return (
        '<div class="kb-matrix" role="region" aria-label="Readiness of every service" tabindex="0"><table class="kb-table"><thead><tr>'
        f'<th scope="col">service</th>{heads}<th scope="col">ready</th></tr></thead><tbody>{body}</tbody></table></div>\n'
    )


def _row(site: SiteMap, ready: Readiness) -> str:
    note = ready.service
    href = site.href(note, HERE)
    hosts = [site.base.service_name(name) for name in site.public(note.hosts)]
    cells = "".join(f"<td>{_cell(ready.answer(question), href)}</td>" for question in rules.QUESTIONS)
    return (
        f'<tr data-type="{note.type}" data-host="{markup.attribute("|".join(hosts))}" data-status="{note.mode}">'
        f'<th scope="row"><a href="{href}">{markup.escaped(note.name)}</a></th>'
        f"{cells}<td>{ready.score}\u202f%</td></tr>"
    )


def _cell(answer: Answer | None, href: str) -> str:
    if answer is None:
        return '<span class="kb-about">not asked</span>'
    return f'<a href="{href}#kb-readiness" title="{markup.attribute(answer.reason)}">{markup.state(answer.state)}</a>'
