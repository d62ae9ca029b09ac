"""The home page: what matters now, what was learned lately, and how to begin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from statistics import mean, median

from ...notes.dates import span
from ...notes.kinds import KINDS, Experiment, Incident, Note
from ...notes.knowledge_base import open_incidents
from ..drawing import plots
from ..drawing.heat_map import heat_map
from ..sitemap import markup
from ..sitemap.note_text import lasted
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from . import readiness_page, todo, year_page
from .change_list import event_rows, shown_events
from .long_list import ON_ONE_PAGE
from .more_pages import WAYS
from .note_rows import error_story, rows, shown_services

HERE = "index.md"
LATEST = 6
MOST_OPEN = 6
SERVICES = 8
CHANGES = 5
LATELY = timedelta(days=14)
TINY = 5  # a knowledge base with fewer notes shows how to go on
REMEMBERED = timedelta(days=90)


def paths(site: SiteMap) -> Iterator[str]:
    """The path of this page."""
    del site
    yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """The home page."""
    base = site.base
    name = base.settings.site_name
    title = f"# {markup.escaped(name)}\n\n"
    if not base.notes:
        head = title + _welcome(site)
    else:
        left = _latest(site) + _latest_decisions(site) + _changed(site, today)
        left = left or _most_needed(site)
        # Services can be imported in a minute: what was learned makes a knowledge base.
        is_new = sum(note.kind != "service" for note in base.notes) < TINY
        right = todo.first(site, today, HERE) + _recurring(site) + (_next_steps(site) if is_new else "")
        head = "".join(
            (
                title,
                _open_now(site),
                _ways(site),
                _tiles(site, today),
                _two_columns(left, right),
                "" if is_new else _year(site, today),
                _plots(site, today),
                _others(site),
                _broken(site),
            )
        )
    yield Page(HERE, name, head, nav="Home", summary=f"{markup.count(len(base.notes), 'note')} of {markup.one_line(name)}")


# ---- what matters now ------------------------------------------------------------------------------------------------


def _open_now(site: SiteMap) -> str:
    found = open_incidents(site.base)
    if not found:
        return ""
    heading = f"{markup.count(len(found), 'incident')} open"
    more = len(found) - MOST_OPEN
    rest = markup.block("kb-more", markup.link(f"and {more} more", f"{todo.HERE}#now-incident")) if more > 0 else ""
    return markup.block("kb-now", markup.section(heading, "open-now", rows(site, found[:MOST_OPEN], HERE, folded=True) + rest))


def _ways(site: SiteMap) -> str:
    """What people come here for at night."""
    found = [f"- {markup.link(name, path)}" for path, name, _ in WAYS[:2] if path in site.taken]
    return markup.block("kb-calls", "\n".join(found)) + "\n" if found else ""


def _tiles(site: SiteMap, today: date) -> str:
    base = site.base
    incidents = [note for note in site.of("incident") if isinstance(note, Incident)]
    recent = [note for note in incidents if note.date and timedelta(0) <= today - note.date.day <= REMEMBERED]
    took = [length.total_seconds() for note in recent if (length := lasted(note))]
    errors = sum(len(note.errors) for note in base.notes if note.fix)
    tiles = [
        (f"{len(incidents):,}", "incident/incidents", "incidents/index.md", f"{len(recent)} in 90 days" if recent else ""),
        (f"{errors:,}", "error with a fix/errors with a fix", "errors/index.md", ""),
        (
            _short(span(timedelta(seconds=median(took)))) if took else "",
            "usual time to fix",
            "#times-to-fix" if _long(site, today) else "incidents/index.md",
            "median of 90 days",
        ),
        (f"{len(site.of('decision')):,}", "decision/decisions", "decisions/index.md", _waiting(site.of("decision"))),
        (
            f"{sum(note.state != 'retired' for note in site.of('service')):,}",
            "service/services",
            "services/index.md",
            _ready(site, today),
        ),
    ]
    items = [
        f"- **{markup.escaped(number)}** {markup.link(_one_or_many(number, label), path)} {markup.span(note, 'kb-about') if note else ''}"
        for number, label, path, note in tiles
        if number not in ("", "0")
    ]
    return markup.block("kb-tiles", "\n".join(items))


def _one_or_many(number: str, label: str) -> str:
    one, _, many = label.partition("/")
    return many if many and number != "1" else one


def _ready(site: SiteMap, today: date) -> str:
    """How ready the services with any question are, on average."""
    scores = list(readiness_page.scores(site, today).values())
    return f"{round(mean(scores))}\u202f% ready" if scores else ""


def _short(length: str) -> str:
    """A length of time for a narrow place."""
    return length.replace("minute", "min").replace("mins", "min")


def _waiting(decisions: Sequence[Note]) -> str:
    proposed = sum(note.state == "proposed" for note in decisions)
    return f"{proposed} proposed" if proposed else ""


def _two_columns(left: str, right: str) -> str:
    if not (left and right):
        return left + right
    return markup.block("kb-columns", markup.block("kb-column", left) + "\n" + markup.block("kb-column", right))


def _latest(site: SiteMap) -> str:
    over = [note for note in site.of("incident") if note.state == "resolved"]
    found = site.base.families.first_of_each(over)[:LATEST]
    more = markup.block("kb-more", markup.link("All incidents", "incidents/index.md"))
    return markup.section("Latest incidents", "latest-incidents", rows(site, found, HERE, folded=True) + more if found else "")


def _changed(site: SiteMap, today: date) -> str:
    """What changed in the last days: the first thing to look at when something broke. Decisions have a list of their own."""
    found = [
        event
        for event in shown_events(site)
        if event.what != "decision" and event.at and timedelta(0) <= today - event.at.date() <= LATELY
    ][:CHANGES]
    more = markup.block("kb-more", markup.link("All changes", "changes/index.md"))
    return markup.section("Changed lately", "changed", event_rows(site, found, HERE, told=False) + more if found else "")


def _latest_decisions(site: SiteMap) -> str:
    found = site.of("decision")[:5]
    more = markup.block("kb-more", markup.link("All decisions", "decisions/index.md"))
    return markup.section("Latest decisions", "latest-decisions", rows(site, found, HERE) + more if found else "")


def _most_needed(site: SiteMap) -> str:
    """The services that most others need, shown while nothing else is written down yet."""
    graph = site.graph
    users = {note.ref: len(graph.direct_users(graph.nodes[note.ref])) for note in site.services if note.ref in graph.nodes}
    needed = sorted((note for note in site.services if users.get(note.ref)), key=lambda note: (-users[note.ref], note.name))
    items = [
        f"- {site.link(note, HERE, note.name)} {markup.span(f'needed by {users[note.ref]}', 'kb-about')}"
        for note in needed[:SERVICES]
    ]
    more = markup.block("kb-more", markup.link("All services", "services/index.md"))
    listed = markup.block("kb-rows kb-rows--plain", "\n".join(items))
    return markup.section("What most hangs on", "most-needed", listed + more if items else "")


# ---- the year --------------------------------------------------------------------------------------------------------


def _year(site: SiteMap, today: date) -> str:
    def href(day: date, notes: Sequence[Note]) -> str:
        if len(notes) == 1:
            return site.href(notes[0], HERE)
        return year_page.place(site, day, of_month=not notes)

    picture = heat_map(site.base.notes, today, href)
    named = [f"- {markup.link(str(year), f'years/{year}.md')}" for year in list(year_page.by_year(site))[:12]]
    index = markup.block("kb-index kb-index--years", "\n".join(named))
    return (
        markup.section("A year of notes", "year", f"{picture}\n{index}") if picture else markup.section("Years", "year", index)
    )


def _plots(site: SiteMap, today: date) -> str:
    incidents = site.of("incident")

    def month(day: date) -> str:
        return year_page.place(site, day, of_month=True)

    often = plots.by_time(incidents, today, "incident", month)
    long = markup.section("Times to fix", "times-to-fix", _long(site, today))
    drawn = _two_columns(markup.section("Incidents by month", "by-month", often), long)
    return markup.block("kb-plots", drawn) + markup.section("Incidents by service", "by-service", _by_service(site, today))


def _long(site: SiteMap, today: date) -> str:
    return plots.times_to_fix(site.of("incident"), today, lambda note: site.href(note, HERE))


def _by_service(site: SiteMap, today: date) -> str:
    """The services with most incidents in a year, each with its months."""
    months = {month: place for place, month in enumerate(plots.months_up_to(today))}
    counts: dict[str, list[int]] = {}
    for note in site.of("incident"):
        place = months.get((note.date.day.year, note.date.day.month)) if note.date else None
        if place is not None:
            for name in shown_services(site, note):
                counts.setdefault(name, [0] * len(months))[place] += 1
    most = sorted(counts.items(), key=lambda item: (-sum(item[1]), item[0]))[:SERVICES]
    items = []
    for name, row in most:
        said = f"{markup.count(sum(row), 'incident')} in twelve months"
        items.append(f"- {_to_incidents(site, name)} {plots.spark(row, said)} {markup.span(str(sum(row)), 'kb-about')}")
    return markup.block("kb-sparks", "\n".join(items)) if len(most) > 1 else ""


def _to_incidents(site: SiteMap, name: str) -> str:
    """A link to the incidents of a service: the filtered list, or the service's page if that list has only the newest ones."""
    note = site.base.services.get(name.lower())
    if len(site.of("incident")) > ON_ONE_PAGE and note and note.ref in site.paths:
        return site.link(note, HERE, name)
    plain = re.fullmatch(r"[\w.-]+", name)
    return markup.link(name, f"incidents/index.md#service={name}") if plain else markup.escaped(name)


# ---- what comes back -------------------------------------------------------------------------------------------------


def _recurring(site: SiteMap) -> str:
    families = site.base.families
    found = [note for note in families.first_of_each(site.of("incident")) if families.came_back(note)]
    largest = sorted((site.base.family(note) for note in found), key=lambda family: -len(family))
    stories = [error_story(site, family[::-1], HERE, len(family))[:1] for family in largest]
    items = [item for story in stories for item in story][:5]
    return markup.section("What keeps coming back", "recurring", markup.block("kb-errors", "\n".join(items)))


def _others(site: SiteMap) -> str:
    """Pages of no kind, which have no list of their own."""
    others = [note for note in site.base.notes if note.kind not in KINDS]
    items = [f"- {site.link(note, HERE)}" for note in others[:60]]
    if len(others) > len(items):
        items.append(f"- and {len(others) - len(items)} more, which the search finds")
    return markup.section("Other pages", "others", markup.block("kb-index", "\n".join(items)))


def _broken(site: SiteMap) -> str:
    broken = [note for note in site.base.notes if note.problem]
    items = "\n".join(
        f"- {site.link(note, HERE)} {markup.span(note.problem.message, 'kb-about')}" for note in broken[:10] if note.problem
    )
    return markup.section("Notes to mend", "broken", markup.block("kb-rows kb-rows--plain", items))


# ---- a beginning -----------------------------------------------------------------------------------------------------


def _welcome(site: SiteMap) -> str:
    intro = "**Never debug the same thing twice.** Write down what broke and what fixed it; when the error returns, ask for it:"
    return markup.block("kb-welcome", f"{intro}\n\n    docker logs jellyfin 2>&1 | kb seen\n\n{_steps(site)}")


def _next_steps(site: SiteMap) -> str:
    return markup.section("How to go on", "next-steps", _steps(site))


def _steps(site: SiteMap) -> str:
    base = site.base
    experiments = any(isinstance(note, Experiment) for note in base.notes)
    steps = (
        (bool(site.of("incident")), "Write down what broke last", "kb incident new", "an error and its fix are enough"),
        (
            bool(site.of("service")),
            "Say what runs here",
            "kb service import DIR",
            "from your compose files; one by one: kb service new",
        ),
        (bool(site.of("decision")), "Say why it is as it is", "kb decision new", "you will ask in a year"),
        (experiments, "Break something on purpose", "kb experiment new", "before it breaks at night"),
    )
    items = "\n".join(
        f'- {"**Done:** " if done else ""}{title} {markup.code(command)} <span class="kb-about">{why}</span>'
        for done, title, command, why in steps
    )
    return markup.block("kb-steps", items)
