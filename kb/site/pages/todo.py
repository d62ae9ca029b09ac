"""What needs attention: everything that `kb today` says, and its first lines for the home page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from ...notes.knowledge_base import once
from ...reports import reminders
from ...reports.reminders import Reminder
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap

HERE = "to-do.md"
OF_A_GROUP = 4  # lines on the home page
MOST = 200  # of a group


def paths(site: SiteMap) -> Iterator[str]:
    """The path of this page."""
    if site.base.notes:
        yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """Everything, the most urgent first."""
    if not site.base.notes:
        return
    parts = []
    for group, lines in _groups(site, today):
        items = [_item(site, line, HERE) for line in lines[:MOST]]
        if len(lines) > MOST:
            items.append(f"- and {len(lines) - MOST} more")
        parts.append(markup.section(reminders.GROUPS[group], f"now-{group}", markup.block(_css(group), "\n".join(items))))
    none = markup.block("kb-none", "Nothing wants attention today.")
    yield Page(HERE, "To do", f"# To do\n\n{markup.filtered('', ''.join(parts)) or none}")


def first(site: SiteMap, today: date, here: str) -> str:
    """The first lines of each group, without the open incidents, and a link to the rest."""
    parts, left = [], 0
    for group, lines in _groups(site, today):
        if group == "incident":
            continue
        left += max(0, len(lines) - OF_A_GROUP)
        items = "\n".join(_item(site, line, here) for line in lines[:OF_A_GROUP])
        parts.append(markup.section(reminders.GROUPS[group], f"now-{group}", markup.block(_css(group), items), 3))
    more = markup.block("kb-more", markup.link(f"{left} more to do", markup.path_link(HERE, here))) if left else ""
    return markup.section("To do", "to-do", "".join(parts) + more)


@once
def _groups(site: SiteMap, today: date) -> Sequence[tuple[str, Sequence[Reminder]]]:
    return [(group, list(lines)) for group, lines in groupby(_lines(site, today), key=lambda line: line.group)]


def _lines(site: SiteMap, today: date) -> list[Reminder]:
    found = reminders.today(site.facts(today))
    return [line for line in found if line.group != "service" or line.text.partition(",")[0].lower() not in site.hidden_names]


def _css(group: str) -> str:
    return "kb-to-do" if group == "next" else "kb-to-do kb-to-do--plain"


def _item(site: SiteMap, line: Reminder, here: str) -> str:
    """A line, with a link to the note that it is about."""
    note = site.base.by_ref.get(line.ref)
    # The home page says what; the page of everything also says how.
    do = f" {markup.span(line.command_with(note.name), 'kb-do')}" if note and here == HERE else ""
    if note is None:
        return f"- {markup.with_code(line.text)} {markup.span(line.command, 'kb-do')}"
    for name in (note.title, note.name):
        before, found, after = line.text.partition(name)
        if found and line.group != "next":
            return f"- {markup.words(before)}{site.link(note, here, name)}{markup.words(after)}{_rest(line, here)}{do}"
    return f'- {markup.with_code(line.text)} <span class="kb-about">{site.link(note, here)}</span>'


def _rest(line: Reminder, here: str) -> str:
    """How many more there are, as a link to where they are listed."""
    return (
        f"; {markup.link(line.rest.partition(':')[0], markup.path_link('readiness.md', here, 'drills'))}" if line.rest else ""
    )
