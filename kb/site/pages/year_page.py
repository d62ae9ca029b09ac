"""Years: everything from a year in the order in which it happened, with figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from statistics import median

from ...notes.dates import span
from ...notes.kinds import KINDS, Note
from ...notes.knowledge_base import once
from ..drawing.plots import Bar, columns
from ..sitemap import markup
from ..sitemap.note_text import lasted
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from .note_rows import shown_services

HERE = "years/index.md"
IN_A_YEAR = 700  # notes; if a year has more, each month has a page of its own


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    found = by_year(site)
    if not found:
        return
    yield HERE
    for year, notes in found.items():
        yield _path(year)
        if len(notes) > IN_A_YEAR:
            yield from sorted({_month_path(_day(note)) for note in notes})


@once
def by_year(site: SiteMap) -> Mapping[int, Sequence[Note]]:
    """The years, the newest first → their notes, the earliest first."""
    found: dict[int, list[Note]] = {}
    for note in sorted((note for note in site.base.notes if note.date), key=lambda note: (_day(note), note.ref)):
        found.setdefault(_day(note).year, []).append(note)
    return dict(sorted(found.items(), reverse=True))


def _day(note: Note) -> date:
    assert note.date
    return note.date.day


def _path(year: int) -> str:
    return f"years/{year}.md"


def _month_path(day: date) -> str:
    return f"years/{day:%Y-%m}.md"


def place(site: SiteMap, day: date, of_month: bool = False) -> str:
    """The path and the anchor of a day, or of its month."""
    path = _month_path(day) if len(by_year(site).get(day.year, ())) > IN_A_YEAR else _path(day.year)
    return f"{path}#{f'm{day:%Y-%m}' if of_month else f'd{day.isoformat()}'}"


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """A page for each year, and one with all years."""
    found = by_year(site)
    if not found:
        return
    yield Page(HERE, "Years", f"# Years\n\n{_index(site, found)}")
    years = list(found)
    for year, notes in found.items():
        yield _year(site, year, notes, years, today)
        if len(notes) > IN_A_YEAR:
            for month, group in groupby(notes, key=lambda note: f"{_day(note):%B %Y}"):
                members = list(group)
                path = _month_path(_day(members[0]))
                yield Page(path, month, f"# {month}\n\n{_back(year, path)}{_listed(site, members, path)}")


def _index(site: SiteMap, found: Mapping[int, Sequence[Note]]) -> str:
    del site
    items = [f"- {markup.link(str(year), f'{year}.md')} {_tally(notes)}" for year, notes in found.items()]
    return markup.block("kb-rows kb-rows--plain", "\n".join(items))


def _tally(notes: Sequence[Note]) -> str:
    counts = Counter(note.kind for note in notes)
    told = [markup.count(counts[kind], kind) for kind in (*KINDS, "page") if counts[kind]]
    return markup.dotted(told, "kb-about")


def _back(year: int, here: str) -> str:
    return markup.block("kb-index", f"- {markup.link(f'All of {year}', markup.path_link(_path(year), here))}") + "\n"


def _year(site: SiteMap, year: int, notes: Sequence[Note], years: Sequence[int], today: date) -> Page:
    here = _path(year)
    others = "\n".join(f"- **{other}**" if other == year else f"- {markup.link(str(other), f'{other}.md')}" for other in years)
    head = [f"# {year}\n\n"]
    if len(years) > 1:
        head.append(markup.block("kb-index kb-index--years", others) + "\n")
    head += [_figures(notes), _months(site, year, notes, today)]
    if len(notes) <= IN_A_YEAR:
        head.append(_listed(site, notes, here))
    return Page(here, str(year), "".join(head), summary=f"{markup.count(len(notes), 'note')} of {year}")


def _figures(notes: Sequence[Note]) -> str:
    counts = Counter(note.kind for note in notes)
    items = []
    for kind in KINDS:
        if counts[kind]:
            number, _, word = markup.count(counts[kind], kind).rpartition(" ")
            items.append(f"- **{number}** {markup.link(word, f'#kind={kind}') if len(notes) <= IN_A_YEAR else word}")
    took = [length.total_seconds() for note in notes if (length := lasted(note))]
    if took:
        usual = span(timedelta(seconds=median(took))).replace("minute", "min").replace("mins", "min")
        items.append(f"- **{markup.escaped(usual)}** usual time to fix")
    return markup.block("kb-tiles", "\n".join(items))


def _months(site: SiteMap, year: int, notes: Sequence[Note], today: date) -> str:
    """How many notes each month has, with a link to them."""
    del today
    counts = Counter(_day(note).month for note in notes)
    bars = []
    for month in range(1, 13):
        first = date(year, month, 1)
        path, _, anchor = place(site, first, of_month=True).partition("#")
        href = f"#{anchor}" if path == _path(year) else markup.path_link(path, _path(year))
        bars.append(Bar(f"{first:%b}", f"{first:%B %Y}", counts[month], href if counts[month] else ""))
    return columns(bars, "note", f"{markup.count(len(notes), 'note')} of {year} by month")


def _listed(site: SiteMap, notes: Sequence[Note], here: str) -> str:
    parts = []
    for _, group in groupby(notes, key=lambda note: (_day(note).year, _day(note).month)):
        members = list(group)
        first = _day(members[0])
        seen: set[date] = set()
        items = []
        for note in members:
            items.append(_row(site, note, here, _day(note) not in seen))
            seen.add(_day(note))
        parts.append(markup.section(f"{first:%B}", f"m{first:%Y-%m}", markup.block("kb-rows", "\n".join(items))))
    return markup.filtered("kind service status", "".join(parts))


def _row(site: SiteMap, note: Note, here: str, is_first: bool) -> str:
    """One note; the first of a day carries the day's anchor."""
    day = _day(note)
    anchor = f' id="d{day.isoformat()}"' if is_first else ""
    when = f'<time class="kb-date"{anchor} datetime="{day.isoformat()}">{day.day} {day:%b}</time>'
    names = shown_services(site, note)
    length = lasted(note)
    kind = note.kind if note.kind != "page" else "note"
    about = markup.dotted((kind, *names, span(length) if length else ""), "kb-about")
    said = f"- {when} {site.link(note, here)} {about} {markup.state(note.state)}".rstrip()
    return said + markup.facts(kind=[kind], service=names)
