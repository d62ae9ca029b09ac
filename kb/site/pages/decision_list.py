"""Decisions: what is proposed, what is in force, what was; and when each was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from ...decisions import chains
from ...notes.kinds import Decision, Note, Service
from ..drawing.plots import by_time
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from . import section_nav, todo
from .note_rows import rows, shown_services

HERE = "decisions/index.md"
TIMELINE = "decisions/timeline.md"
FILTERS = "service status year"
GROUPS = (
    ("Waiting for a decision", "waiting", ("proposed",)),
    ("In force", "in-force", ("accepted",)),
    ("History", "history", ("superseded", "deprecated", "rejected")),
)
ON_ONE_PAGE = 600  # rows; a group that would make the page longer has pages of its own
OF_A_GROUP = 50  # rows shown of such a group
ON_TIMELINE = 800
DUE = 6  # reviews shown above the list
AHEAD = 12  # future reviews shown
FEWEST = 3  # with fewer, a timeline says nothing that the list doesn't


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    yield HERE
    if len(site.of("decision")) >= FEWEST:
        yield TIMELINE
    for _, _, _, pieces in _groups(site):
        yield from (path for path, _ in pieces)


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All decisions by what they are now, and by time."""
    parts = []
    for heading, anchor, notes, pieces in _groups(site):
        shown = rows(site, notes[:OF_A_GROUP] if pieces else notes, HERE, told=True)
        parts.append(markup.section(heading, anchor, shown + _further(pieces, len(notes))))
        for number, (path, members) in enumerate(pieces):
            name = f"Decisions: {heading.lower()}" + (f" ({number + 1} of {len(pieces)})" if len(pieces) > 1 else "")
            more = "".join(
                f"- {markup.link(str(place + 1), markup.path_link(other, path))}\n" for place, (other, _) in enumerate(pieces)
            )
            index = markup.block("kb-index", more) + "\n" if len(pieces) > 1 else ""
            yield Page(path, name, f"# {name}\n\n{index}{markup.filtered(FILTERS, rows(site, members, path, told=True))}")
    none = markup.block("kb-none", f"Why is it as it is? Write the first one down: {markup.code('kb decision new')}")
    listed = markup.filtered(FILTERS, "".join(parts))
    head = f"# Decisions\n\n{section_nav.row(site, HERE, section_nav.OF_DECISIONS)}{_due(site, today)}{listed or none}"
    yield Page(HERE, "Decisions", head, nav="Decisions")
    if len(site.of("decision")) >= FEWEST:
        yield Page(
            TIMELINE,
            "Decisions by time",
            f"# Decisions by time\n\n{section_nav.row(site, TIMELINE, section_nav.OF_DECISIONS)}{_timeline(site, today)}",
        )


def in_force(site: SiteMap, service: Service) -> list[Decision]:
    """The decisions about a service that are in force now, the newest first."""
    return [note for note in site.about(service, "decision") if isinstance(note, Decision) and note.status == "accepted"]


Group = tuple[str, str, Sequence[Note], Sequence[tuple[str, Sequence[Note]]]]


def _groups(site: SiteMap) -> list[Group]:
    """Heading, anchor and notes of each group, and the separate pages of a long one."""
    found: list[Group] = []
    rows_so_far = 0
    for heading, anchor, states in GROUPS:
        notes = [note for note in site.of("decision") if note.state in states]
        rows_so_far += len(notes)
        pieces = []
        if rows_so_far > ON_ONE_PAGE:
            rows_so_far -= len(notes) - OF_A_GROUP
            for number, start in enumerate(range(0, len(notes), ON_ONE_PAGE)):
                path = f"decisions/all-{anchor}{f'-{number + 1}' if number else ''}.md"
                pieces.append((path, notes[start : start + ON_ONE_PAGE]))
        found.append((heading, anchor, notes, pieces))
    return found


def _further(pieces: Sequence[tuple[str, Sequence[Note]]], number: int) -> str:
    if not pieces:
        return ""
    return markup.block("kb-more", markup.link(f"All {number:,}", markup.path_link(pieces[0][0], HERE)))


def _due(site: SiteMap, today: date) -> str:
    """Those that are due for review."""
    found = chains.due(site.base, today)
    items = [
        f"- {_first(note)} {site.link(note, HERE)} {markup.span(f'review was due {note.review.short()}', 'kb-about kb-late')} {markup.state(note.state)}"
        for note in found[:DUE]
        if note.review
    ]
    listed = markup.block("kb-rows kb-rows--numbered", "\n".join(items))
    more = len(found) - len(items)
    rest = (
        markup.block("kb-more", markup.link(f"{more} more", markup.path_link(todo.HERE, HERE, "now-decision")))
        if more > 0
        else ""
    )
    return markup.section("To be looked at again", "due", listed + rest)


def _first(note: Decision) -> str:
    return f'<span class="kb-date">{note.number:04}</span>' if note.number is not None else markup.day(note.date)


# ---- by time -----------------------------------------------------------------------------------------------------------


def _timeline(site: SiteMap, today: date) -> str:
    found = site.of("decision")[:ON_TIMELINE]
    parts = [by_time(found, today, "decision", lambda day: f"#y{day.year}")]
    ahead = sorted(
        (
            note
            for note in found
            if isinstance(note, Decision) and note.review and note.review.day > today and note.state == "accepted"
        ),
        key=lambda note: note.review.day if isinstance(note, Decision) and note.review else today,
    )
    items = "\n".join(
        f'- <time class="kb-date" datetime="{note.review.day}">{note.review.short()}</time> {site.link(note, TIMELINE)} '
        f"{markup.span('to be looked at again', 'kb-about')}"
        for note in ahead[:AHEAD]
        if isinstance(note, Decision) and note.review
    )
    parts.append(markup.section("Ahead", "ahead", markup.block("kb-timeline", items)))
    for year, group in groupby(found, key=lambda note: note.date.day.year if note.date else None):
        listed = markup.block("kb-timeline", "\n".join(_moment(site, note) for note in group))
        parts.append(markup.section(str(year or "Without a date"), f"y{year or '-none'}", listed))
    older = len(site.of("decision")) - len(found)
    return "".join(parts) + (f"\nand {markup.count(older, 'older decision')}\n" if older else "")


def _moment(site: SiteMap, note: Note) -> str:
    day = (
        f'<time class="kb-date" datetime="{note.date.day}">{note.date.day.day} {note.date.day:%b}</time>'
        if note.date
        else markup.day(None)
    )
    told = [f"{note.number:04}"] if isinstance(note, Decision) and note.number is not None else []
    told += shown_services(site, note)
    if isinstance(note, Decision):
        told += [f"replaced {old.title}" for old in site.chains.before(note)]
    about = markup.dotted(told, "kb-about")
    return f"- {day} {site.link(note, TIMELINE)} {about} {markup.state(note.state)}".rstrip()
