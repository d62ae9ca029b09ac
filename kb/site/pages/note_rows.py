"""Notes as rows of a list: when, what, about which services, in which state."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby

from ...notes.dates import When, span
from ...notes.kinds import Change, Decision, Incident, KnownError, Note, Service
from ...notes.knowledge_base import once
from ...notes.markdown import prose_lines
from ..sitemap import markup
from ..sitemap.note_text import lasted
from ..sitemap.site_map import SiteMap

Fact = tuple[str, str]  # what it is, and its Markdown

NO_BREAK = "\u00a0"
BEGUN = 25  # percent: one of four questions
LONG_LINE = 160  # characters of a first line
FULL = 3  # notes in a typical month that make headings for months worthwhile

# The facts by which lists of notes are filtered; status and year are read from what a row shows.
FACTS = "service layer severity status year"


def row(site: SiteMap, note: Note, here: str, besides: str = "", told: bool = False) -> str:
    """One note as an item of a list; the service `besides` is the page's own and isn't repeated. `told`: with facts for filters."""
    if besides or told:
        back = f" {undone(note.undo)}" if told and isinstance(note, Change) and note.undo else ""
        return _row(site, note, here, besides) + back + (facts(site, note) if told else "")
    # The same rows are at the end of many pages of a folder.
    made = _rows_made(site)
    key = note.ref, here.rpartition("/")[0]
    if key not in made:
        made[key] = _row(site, note, here)
    return made[key]


@once
def _rows_made(_: SiteMap) -> dict[tuple[str, str], str]:
    return {}


def _row(site: SiteMap, note: Note, here: str, besides: str = "") -> str:
    first = markup.day(note.date)
    if isinstance(note, Decision) and note.number is not None:
        first = f'<span class="kb-date">{note.number:04}</span>'
    if isinstance(note, Service):
        first = markup.span(note.kind, "kb-date")
    return f"- {first} {site.link(note, here)} {_about(site, note, besides)} {markup.state(note.state)}".rstrip()


def _story(site: SiteMap, note: Note, here: str, besides: str, told: bool) -> str:
    """An incident and its returns as one item of a list: the newest, called by the first one's title, with how often it was."""
    families = site.base.families
    if not families.came_back(note):
        return row(site, note, here, besides, told)
    family = families.family(note)
    waiting = families.waiting(note)
    often = markup.span(f"{len(family)}×", "kb-often")
    names = [name for name in shown_services(site, note) if name != besides]
    state = markup.state(waiting[0].status if waiting else note.state)
    item = (
        f"- {markup.day(note.date)} {site.link(note, here, family[0].title)} {often} {markup.dotted(names, 'kb-about')} {state}"
    )
    return item.rstrip() + (facts(site, *family) if told else "")


def facts(site: SiteMap, *notes: Note) -> str:
    """What a filter may ask about the notes of a row and it doesn't show by itself."""
    numbered = [note for note in notes if isinstance(note, Decision) and note.number is not None]
    incidents = [note for note in notes if isinstance(note, Incident)]
    with_years = numbered if len(notes) == 1 else notes
    return markup.facts(
        kind=_once(note.kind for note in notes),
        service=_once(name for note in notes for name in shown_services(site, note)),
        layer=_once(site.base.families.layer(note).lower() for note in incidents),
        severity=_once(note.severity.lower() for note in incidents),
        year=_once(str(note.date.day.year) for note in with_years if note.date),
    )


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def shown_services(site: SiteMap, note: Note) -> list[str]:
    """The names of the services that a note is about, each once, without those of private notes."""
    return list(dict.fromkeys(site.base.service_name(name) for name in site.public(note.services)))


def _about(site: SiteMap, note: Note, besides: str) -> str:
    """The small print under the title: services, and how long it took."""
    parts = [name for name in shown_services(site, note) if name != besides]
    if length := lasted(note):
        parts.append(span(length))
    if isinstance(note, Decision) and note.superseded_by:
        parts += [f"replaced by {title}" for title in site.titles(note, "superseded-by", note.superseded_by)]
    return markup.dotted(parts, "kb-about")


def undone(how: str) -> str:
    """How to undo something, folded away; nothing if the note doesn't say."""
    said = f"<summary>Undo</summary><code>{markup.escaped(how)}</code>"
    return f'<details class="kb-undo">{said}</details>' if how.strip() else ""


def rows(site: SiteMap, notes: Iterable[Note], here: str, besides: str = "", told: bool = False, folded: bool = False) -> str:
    """Notes as a list; `folded`: an incident and its returns in one row, where the newest of them stands."""
    found = list(notes)
    if folded:
        items = (_story(site, note, here, besides, told) for note in site.base.families.first_of_each(found))
        return markup.block("kb-rows", "\n".join(items))
    numbered = all(isinstance(note, Decision) and note.number is not None for note in found)
    css = "kb-rows kb-rows--numbered" if numbered else "kb-rows"
    return markup.block(css, "\n".join(row(site, note, here, besides, told) for note in found))


def by_month(site: SiteMap, notes: Sequence[Note], here: str, level: int = 2, told: bool = False) -> str:
    """Notes under a heading for each month, or for each year if months have few, in their order; those without a date at the end."""
    notes = site.base.families.first_of_each(notes)
    months = {f"{note.date.moment:%Y-%m}" for note in notes if note.date}
    form, spoken = ("%Y-%m", "%B %Y") if len(notes) >= FULL * len(months) else ("%Y", "%Y")
    parts = []
    for time, group in groupby(notes, key=lambda note: note.date.moment.strftime(form) if note.date else ""):
        members = list(group)
        first = members[0].date
        heading = f"{first.moment.strftime(spoken)}" if first else "Without a date"
        parts.append(markup.section(heading, f"m{time or '-none'}", rows(site, members, here, told=told, folded=True), level))
    return "".join(parts)


def first_line(site: SiteMap, note: Note, text: str, with_code: bool = False) -> tuple[str, bool]:
    """The first meaningful line of a text of that note, without its Markdown, and whether it is code.

    A reference becomes the title of what it leads to; `with_code` keeps the backticks around pieces of code.
    """
    marks = _MARKS_BUT_CODE if with_code else _MARKS
    for _, _, line, fenced in prose_lines(text):
        bare = line.strip()
        if not bare or (fenced and bare.startswith(("```", "~~~"))):
            continue
        if not fenced:
            bare = _REFS.sub(lambda found: _title(site, note, found[1]), bare)
            bare = marks.sub(lambda found: found[2] or "", _LINKS.sub(lambda found: found[1] or found[2], bare))
        return (bare if len(bare) <= LONG_LINE else _cut(bare)), fenced
    return "", False


def _cut(line: str) -> str:
    """The beginning of the line, cut at the end of a word if one ends nearby."""
    end = line.rfind(" ", LONG_LINE * 3 // 4, LONG_LINE)
    return line[: end if end > 0 else LONG_LINE - 1] + "…"


def _title(site: SiteMap, note: Note, ref: str) -> str:
    target = site.target(note, ref.strip(), "wiki")
    return target.title or ("a private note" if target.private else ref)


# References without words of their own.
_REFS = re.compile(r"\[\[([^\[\]|]+)\]\]")

# Links whose text isn't their address.
_LINKS = re.compile(r"\[\[[^\[\]|]+\|([^\[\]|]+)\]\]|\[([^\[\]]+)\]\([^()\s]*\)")

# Markup at the beginning of a line, and around words.
_BEGINNING = r"^(?:[-*+>]|#{1,6}|\d+[.)])[ \t]+(?:\[[ xX]\][ \t]+)?"
_MARKS = re.compile(_BEGINNING + r"|(`+|\*\*|__|\[\[)([^`*\[\]]+?)(?:\1|\]\])")
_MARKS_BUT_CODE = re.compile(_BEGINNING + r"|(\*\*|__|\[\[)([^`*\[\]]+?)(?:\1|\]\])")


def error_row(site: SiteMap, note: Note, error: KnownError, here: str, times: int = 1) -> str:
    """A known error as an item of a list: its text, the note, and the first line of its fix."""
    often = markup.span(f"{times} times", "kb-often") if times > 1 else ""
    said = next((line.strip()[:300] for line in error.text.splitlines() if line.strip()), "")
    fix, is_code = first_line(site, note, note.fix)
    if fix.endswith(":") and (commands := _first_code(note.fix)):  # text that leads up to commands says little without them
        fix, is_code = commands, True
    css = "kb-fixed kb-fixed--code" if is_code else "kb-fixed" if fix else "kb-fixed kb-fixed--none"
    fixed = markup.span(fix or "no fix yet", css)
    return (
        f'- <code class="kb-error-line">{markup.escaped(said)}</code> '
        f'<span class="kb-from">{site.link(note, here)} {often} {markup.day(note.date)}</span> {fixed}'
    )


def _first_code(text: str) -> str:
    fenced = (line.strip() for _, _, line, fenced in prose_lines(text) if fenced)
    return next((line[:160] for line in fenced if line and not line.startswith(("```", "~~~"))), "")


def error_rows(site: SiteMap, notes: Iterable[Note], here: str) -> str:
    """The known errors of some notes as a list; an incident and its returns once, with the fix that held, and the same
    error of several notes once, with the newest fix."""
    families: dict[object, list[Note]] = {}
    for note in notes:
        same: object = note.fingerprints if len(note.errors) == 1 and note.fingerprints else note.ref
        if site.base.families.came_back(note):
            same = site.base.family(note)[0].ref
        families.setdefault(same, []).append(note)
    items = []
    for found in families.values():
        times = len(site.base.family(found[0])) if site.base.families.came_back(found[0]) else len(found)
        items += error_story(site, found, here, times)
    return markup.block("kb-errors", "\n".join(items))


def error_story(site: SiteMap, notes: Sequence[Note], here: str, times: int) -> list[str]:
    """The known errors of notes that are one story as items of a list, by the note whose fix is to be tried."""
    best = site.base.families.proven_fix(notes[0]) or next((note for note in notes if note.fix), notes[0])
    errors = best.errors or next((note.errors for note in notes if note.errors), ())
    return [error_row(site, best, error, here, times) for error in errors]


def service_rows(
    site: SiteMap,
    notes: Iterable[Service],
    here: str,
    besides: str = "",
    state: str = "production",
    scores: Mapping[str, int] | None = None,
) -> str:
    """Services as a list, each with the facts that filters use; the host `besides` and the state are the list's own and aren't repeated.

    `scores` says how ready each is, by its ref, in percent; as long as no question is answered with yes, that says nothing.
    """
    if max((scores or {}).values(), default=0) < BEGUN:
        scores = None
    listed = (_service_row(site, note, here, besides, state, scores or {}) for note in notes)
    return markup.block("kb-services", "\n".join(listed))


def _service_row(site: SiteMap, service: Service, here: str, besides: str, state: str, scores: Mapping[str, int]) -> str:
    incidents = site.about(service, "incident")
    shown_hosts = site.public(service.hosts)
    others = [name for name in shown_hosts if name != besides]
    facts = [f"{'also ' if besides else ''}on {', '.join(others)}"] if others else []
    if incidents:
        facts.append(markup.count(len(incidents), "incident"))
    node = site.graph.nodes.get(service.ref)
    if needed_by := len(site.graph.direct_users(node)) if node else 0:
        facts.append(f"needed by {needed_by}")
    score = scores.get(service.ref)
    if score is not None:
        facts.append(f"{score}\u202f% ready")
    open_now = sum(note.state == "open" for note in incidents)
    alarm = markup.state("open") if open_now else markup.state(service.state if service.state != state else "")
    about = markup.dotted([first_line(site, service, service.section("what it is and why"))[0].replace("`", "")], "kb-about")
    tally = markup.dotted(facts, "kb-tally", space=NO_BREAK)  # lines break between facts, never inside one
    told = markup.facts(
        host=shown_hosts,
        mode=[service.mode],
        exposed=[service.exposed],
        ready=[] if score is None else ["yes" if score == 100 else "partly" if score else "no"],
        tag=service.tags,
        status=[service.state],
    )
    return f"- {site.link(service, here, service.title)} {about} {tally} {alarm}".rstrip() + told


# ---- facts at the top of a page ------------------------------------------------------------------------------------------


def moment(when: When | None) -> str:
    """A day, with its time if one was given."""
    if not when:
        return ""
    return f"{when.short()}, {when.moment:%H:%M}" if when.has_time else when.short()


def age(when: When | None, today: date) -> str:
    """A date, and how long ago that was: what matters about a backup."""
    if not when:
        return ""
    days = (today - when.day).days
    ago = "today" if days == 0 else f"{markup.count(days, 'day')} ago" if days > 0 else f"in {markup.count(-days, 'day')}"
    return f"{when.short()} {markup.span(ago, 'kb-about')}"
