"""Long lists of notes by time, in pages that a phone can load: all on one, or a page for each year, or for each month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ...notes.kinds import Note
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from .note_rows import FACTS, by_month, rows

ON_ONE_PAGE = 300  # with more notes, each year has a page of its own
IN_A_YEAR = 700  # with more in a year, each of its months has one


@dataclass(frozen=True)
class ListPart:
    """A stretch of time with a page of its own."""

    path: str
    name: str  # `2026`, `April 2026`
    notes: Sequence[Note]


def parts(notes: Sequence[Note], folder: str) -> list[ListPart]:
    """The pages of a long list, in its order; none if all of it is on one page."""
    if len(notes) <= ON_ONE_PAGE:
        return []
    found = []
    for year, group in groupby(notes, key=lambda note: note.date.day.year if note.date else None):
        members = list(group)
        if year is None or len(members) <= IN_A_YEAR:
            found.append(ListPart(f"{folder}/year-{year or 'none'}.md", str(year or "without a date"), members))
        else:
            found += _months(members, folder)
    # Time zones can put a note into another year.
    whole: dict[str, ListPart] = {}
    for part in found:
        before = whole.get(part.path)
        whole[part.path] = ListPart(part.path, part.name, [*before.notes, *part.notes]) if before else part
    return list(whole.values())


def _months(notes: Sequence[Note], folder: str) -> Iterator[ListPart]:
    for month, group in groupby(notes, key=lambda note: f"{note.date.day:%Y-%m}" if note.date else ""):
        members = list(group)
        first = members[0].date
        yield ListPart(f"{folder}/year-{month}.md", f"{first.day:%B %Y}" if first else "", members)


@dataclass(frozen=True)
class Long:
    """A list that may be long: where it is, its title, and what is shown while it is empty."""

    folder: str
    title: str
    nav: str
    word: str  # for one note: `incident`
    none: str
    filters: str = FACTS

    @property
    def here(self) -> str:
        """The path of its first page."""
        return f"{self.folder}/index.md"

    def paths(self, notes: Sequence[Note]) -> Iterator[str]:
        """The paths of its pages."""
        yield self.here
        yield from (part.path for part in parts(notes, self.folder))

    def pages(self, site: SiteMap, notes: Sequence[Note], before: str = "", nav: bool = True) -> Iterator[Page]:
        """Its pages: all notes, newest first; if there are many, the newest and a page for each year."""
        named = self.nav if nav else ""
        found = parts(notes, self.folder)
        title = f"# {self.title}\n\n{before}"
        if not found:
            listed = markup.filtered(self.filters, by_month(site, notes, self.here, told=True))
            yield Page(self.here, self.title, title + (listed or markup.block("kb-none", self.none)), nav=named)
            return
        index = index_of(found, self.here, self.word)
        newest = markup.section("The newest", "newest", rows(site, notes[:50], self.here, told=True, folded=True))
        yield Page(self.here, self.title, title + index + markup.filtered(self.filters, newest), nav=named)
        for part in found:
            name = f"{self.title} {part.name}"
            listed = markup.filtered(self.filters, by_month(site, part.notes, part.path, told=True))
            yield Page(part.path, name, f"# {markup.escaped(name)}\n\n{siblings(found, part)}{listed}")


def index_of(found: Sequence[ListPart], here: str, word: str) -> str:
    """The parts as a list of links, with how much each contains."""
    links = "\n".join(
        f"- {markup.link(part.name, markup.path_link(part.path, here))} "
        f"{markup.span(markup.count(len(part.notes), word), 'kb-about')}"
        for part in found
    )
    return markup.block("kb-index", links)


def siblings(found: Sequence[ListPart], part: ListPart) -> str:
    """The parts before and after this one, for going on."""
    at = found.index(part)
    near = found[max(0, at - 6) : at + 7]
    links = [
        f"- **{markup.escaped(p.name)}**" if p is part else f"- {markup.link(p.name, markup.path_link(p.path, part.path))}"
        for p in near
    ]
    return markup.block("kb-index kb-index--years", "\n".join(links)) + "\n"
