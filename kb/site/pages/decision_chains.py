"""How decisions followed one another: what each replaced and amended, drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ...notes.kinds import Decision
from ...notes.knowledge_base import once
from ..drawing.timeline import Edge, Row, rail
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from . import section_nav

HERE = "decisions/chains.md"
ON_A_NOTE = 14  # records drawn on the page of one record; more are on the page of all
IN_A_CHAIN = 120
ON_ALL = 900  # records on the page of all


def paths(site: SiteMap) -> Iterator[str]:
    """The path of this page, if a decision followed from another."""
    if families(site):
        yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All chains, the one with the newest record first."""
    del today
    found = families(site)
    if not found:
        return
    told = sum(len(family) for family in found)
    alone = len(site.of("decision")) - told
    head = (
        f"# How decisions followed one another\n\n{section_nav.row(site, HERE, section_nav.OF_DECISIONS)}"
        f"{markup.count(told, 'decision')} in {markup.count(len(found), 'chain')}, the oldest of each first; "
        f"{markup.count(alone, 'other')} stand alone. A line leads to what replaced a decision, a dashed one to what amended it. "
        "\n\n"
    )
    shown = 0
    for number, family in enumerate(found):
        shown += len(family)
        if shown > ON_ALL:
            head += f"\nand {markup.count(len(found) - number, 'older chain')}, each on the pages of its decisions\n"
            break
        newest = family[-1]
        head += markup.section(markup.escaped(newest.title), anchor(newest), drawn(site, family[-IN_A_CHAIN:], HERE))
    yield Page(HERE, "How decisions followed one another", head)


def anchor(newest: Decision) -> str:
    """The anchor of a chain, by its newest record."""
    return f"c{newest.number if newest.number is not None else markup.anchor(newest.name)}"


@once
def families(site: SiteMap) -> list[list[Decision]]:
    """The chains: records that replaced or amended one another, the oldest first in each; no chain of one."""
    known = {note.ref: note for note in site.of("decision") if isinstance(note, Decision)}
    seen: set[str] = set()
    found = []
    for note in known.values():
        if note.ref in seen:
            continue
        seen.add(note.ref)
        family, waiting = [note], [note]
        while waiting:
            for other in _beside(site, waiting.pop()):
                if other.ref not in seen:
                    seen.add(other.ref)
                    family.append(other)
                    waiting.append(other)
        if len(family) > 1:
            found.append(_in_order(site, family))
    return sorted(found, key=lambda family: _time(family[-1]), reverse=True)


def family_of(site: SiteMap, note: Decision) -> list[Decision]:
    """The chain that a record is in; empty if it is alone."""
    return _by_member(site).get(note.ref, [])


@once
def _by_member(site: SiteMap) -> Mapping[str, list[Decision]]:
    return {member.ref: family for family in families(site) for member in family}


def _beside(site: SiteMap, note: Decision) -> list[Decision]:
    chains = site.chains
    amended = [
        other for link in note.links if link.kind == "amends" and isinstance(other := site.base.target(note, link), Decision)
    ]
    return [*chains.before(note), *chains.after(note), *chains.amended_by.get(note.ref, ()), *amended]


def _time(note: Decision) -> tuple[date, int, str]:
    return (note.date.day if note.date else date.min, note.number or 0, note.name)


def _in_order(site: SiteMap, family: Sequence[Decision]) -> list[Decision]:
    """The oldest first, and none before what it replaced, whatever their dates say."""
    waiting = sorted(family, key=_time)
    placed: dict[str, Decision] = {}
    while waiting:
        # In a circle nothing comes first: then the oldest does.
        ready = next(
            (note for note in waiting if all(old.ref in placed or old is note for old in site.chains.before(note))), waiting[0]
        )
        placed[ready.ref] = ready
        waiting.remove(ready)
    return list(placed.values())


def drawn(site: SiteMap, family: Sequence[Decision], here: str, note: Decision | None = None) -> str:
    """A chain as a list with its lines; `note` is the one that the page is about."""
    at = {member.ref: number for number, member in enumerate(family)}
    edges: dict[tuple[int, int], Edge] = {}
    for number, member in enumerate(family):
        for newer, dashed in _followers(site, member):
            end = at.get(newer.ref)
            if end is not None and end > number:
                edges.setdefault((number, end), Edge(number, end, dashed))
    return rail([_row(site, member, here, note) for member in family], list(edges.values()))


def _followers(site: SiteMap, note: Decision) -> Iterator[tuple[Decision, bool]]:
    for newer in site.chains.after(note):
        yield newer, False
    for newer in site.chains.amended_by.get(note.ref, ()):
        yield newer, True


def _row(site: SiteMap, member: Decision, here: str, note: Decision | None) -> Row:
    number = f"{member.number:04}" if member.number is not None else ""
    when = member.date.short() if member.date else ""
    name = f"**{markup.escaped(member.title)}**" if member is note else site.link(member, here)
    told = [f"replaces {_numbers(site.chains.before(member))}"] if site.chains.before(member) else []
    amended = [
        other
        for link in member.links
        if link.kind == "amends" and isinstance(other := site.base.target(member, link), Decision)
    ]
    told += [f"amends {_numbers(amended)}"] if amended else []
    about = markup.dotted((number, when, *told), "kb-about")
    return Row(f"{name} {markup.state(member.state)} {about}", "here" if member is note else member.state)


def _numbers(notes: Sequence[Decision]) -> str:
    return ", ".join(f"{note.number:04}" if note.number is not None else note.title for note in notes)


def of_note(site: SiteMap, note: Decision, here: str) -> str:
    """The chain of a record for its page: all of it, or the part around the record if it is long."""
    family = family_of(site, note)
    if not family:
        return ""
    shown = family
    if len(family) > ON_A_NOTE:
        at = family.index(note)
        start = max(0, min(at - ON_A_NOTE // 2, len(family) - ON_A_NOTE))
        shown = family[start : start + ON_A_NOTE]
    more = ""
    if len(shown) < len(family):
        href = markup.path_link(HERE, here, anchor(family[-1]))
        more = markup.block("kb-more", markup.link(f"The whole chain of {len(family)}", href))
    return drawn(site, shown, here, note) + more
