"""A page for each note: its facts at the top, its text, and what the other notes know about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from ..note import Change, Decision, Experiment, Incident, Note, Service, When, span
from . import around, edited, markup, tags
from .graph import Box, graph
from .page import Page
from .rows import error_rows, first_line, lasted, rows
from .site_map import SiteMap

Fact = tuple[str, str]  # what it is, and its Markdown


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """The page of every note."""
    for note in site.base.notes:
        here = site.paths[note.ref]
        head = _kicker(note) + f"# {markup.escaped(note.title)}\n\n" + _problem(note) + _facts(site, note, here, today)
        yield Page(
            here,
            note.title,
            head + _tag_links(site, note, here),
            site.text(note),
            _tail(site, note, here) + edited.line(site, note),
            note,
            summary=first_line(note.fix or note.section("what it is and why") or site.text(note))[0],
        )


# ---- the top ---------------------------------------------------------------------------------------------------------


def _kicker(note: Note) -> str:
    """The line over the title: what kind of note this is, when or which number."""
    kind = note.kind if note.kind != "page" else "note"
    if isinstance(note, Decision) and note.number is not None:
        kind = f"decision {note.number:04}"
    if isinstance(note, (Experiment, Service)) and note.type not in ("app", "experiment"):
        kind = note.type
    dated = f" {markup.day(note.date)}" if note.date and not isinstance(note, Incident) else ""
    return f'<p class="kb-kicker"><span>{markup.escaped(kind)}</span>{dated}</p>\n\n'


def _problem(note: Note) -> str:
    if not note.problem:
        return ""
    where = f"{note.problem.path}:{note.problem.line}"
    return (
        markup.block("kb-problem", f"**This note needs mending.** {markup.code(where)}: {markup.escaped(note.problem.message)}")
        + "\n"
    )


def _facts(site: SiteMap, note: Note, here: str, today: date) -> str:
    known = [(name, value) for name, value in _FACTS.get(type(note), _common)(site, note, here, today) if value]
    return markup.block("kb-facts", "\n".join(f"- **{name}** <span>{value}</span>" for name, value in known)) + "\n"


def _tag_links(site: SiteMap, note: Note, here: str) -> str:
    return markup.block("kb-tags", "\n".join(f"- {link}" for link in tags.links(site, note, here))) + "\n"


def _moment(when: When | None) -> str:
    if not when:
        return ""
    return f"{when.short()}, {when.moment:%H:%M}" if when.has_time else when.short()


def _age(when: When | None, today: date) -> str:
    """A date, and how long ago that is: what one wants to know of a backup."""
    if not when:
        return ""
    days = (today - when.day).days
    ago = "today" if days == 0 else f"{markup.count(days, 'day')} ago" if days > 0 else f"in {markup.count(-days, 'day')}"
    return f"{when.short()} {markup.span(ago, 'kb-about')}"


def _yes_no(value: bool | None, yes: str, no: str) -> str:
    return "" if value is None else yes if value else no


def _common(site: SiteMap, note: Note, here: str, today: date) -> Iterator[Fact]:
    del today
    yield "Status", markup.state(note.state)
    yield "Services", ", ".join(site.named(note.services, here))
    yield "Hosts", ", ".join(site.named(note.hosts, here))


def _incident(site: SiteMap, note: Note, here: str, today: date) -> Iterator[Fact]:
    assert isinstance(note, Incident)
    yield "Status", markup.state(note.status)
    yield "Began", _moment(note.date)
    length = lasted(note)
    yield ("Took", span(length)) if length else ("Resolved", _moment(note.resolved))
    yield from list(_common(site, note, here, today))[1:]
    yield "Layer", markup.escaped(note.layer)
    yield "Severity", markup.escaped(note.severity)
    yield "Noticed by", markup.escaped(note.noticed_by)
    yield "Fix", _yes_no(note.verified, "seen to work", "not verified yet")
    if note.recurrence_of:
        yield "Happened before", ", ".join(site.refs(note, "recurrence_of", [note.recurrence_of], here))
        yield "The old fix", _yes_no(note.held, "held", "did not hold")
    if note.caused_by:
        yield "Caused by", ", ".join(site.refs(note, "caused_by", [note.caused_by], here))


def _decision(site: SiteMap, note: Note, here: str, today: date) -> Iterator[Fact]:
    assert isinstance(note, Decision)
    yield "Status", markup.state(note.status)
    yield "Services", ", ".join(site.named(note.services, here))
    yield "Decided by", markup.escaped(", ".join(note.decision_makers))
    yield "Consulted", markup.escaped(", ".join(note.consulted))
    yield "Informed", markup.escaped(", ".join(note.informed))
    yield "Replaces", ", ".join(site.refs(note, "supersedes", note.supersedes, here))
    yield "Replaced by", ", ".join(site.refs(note, "superseded-by", note.superseded_by, here))
    yield "Amended by", ", ".join(site.link(newer, here) for newer in site.chains.amended_by.get(note.ref, ()))
    yield "Amends", ", ".join(site.refs(note, "amends", note.amends, here))
    yield "Look at it again", _age(note.review, today)


def _service(site: SiteMap, note: Note, here: str, today: date) -> Iterator[Fact]:
    assert isinstance(note, Service)
    yield "State", markup.state(note.state)
    yield "Address", _address(note.url)
    yield "Also called", markup.escaped(", ".join(note.aliases))
    yield "Runs on", ", ".join(site.named(note.hosts, here))
    yield "Image", markup.code(note.image) if note.image else ""
    yield "Compose file", markup.code(note.compose) if note.compose else ""
    yield (
        "Open to",
        markup.escaped({"lan": "the home network", "vpn": "the VPN", "internet": "the internet"}.get(note.exposed, "")),
    )
    yield "Needs", markup.escaped(", ".join(note.needs))
    yield "Provides", markup.escaped(", ".join(note.provides))
    yield "Must not be lost", markup.escaped(", ".join(note.data))
    yield "Backup", markup.escaped(" ".join(filter(None, (note.backup, note.backup_every))))
    yield "Last backup seen", _age(note.backup_seen, today)
    yield "Restore tested", _age(note.restore_tested, today)
    yield "Watched by", markup.escaped(note.monitored_by)
    yield "Security reviewed", _age(note.security_reviewed, today)
    yield "Secrets changed", _age(note.secrets_rotated, today)
    yield "Certificate until", _age(note.cert_expires, today)
    yield "Rebuild", markup.escaped(note.rebuild)
    yield "Responsibility", markup.escaped(note.responsibility)
    yield "Power", markup.escaped(f"{note.watts} W") if note.watts else ""
    yield "Memory", markup.escaped(note.ram)
    yield "Cost", markup.escaped(note.cost)
    yield "Retired", _moment(note.retired)


def _address(url: str) -> str:
    """A link, when it is one that a browser may follow."""
    if not url.lower().startswith(("http://", "https://")):
        return markup.escaped(url)
    safe = "".join(
        char if char.isalnum() or char in "-._~:/?#[]@!$&+,;=%" else f"%{ord(char):02X}" for char in url if char.isascii()
    )
    return f'<a href="{markup.attribute(safe)}" rel="noopener">{markup.escaped(url.split("://", 1)[1].rstrip("/"))}</a>'


def _experiment(site: SiteMap, note: Note, here: str, today: date) -> Iterator[Fact]:
    assert isinstance(note, Experiment)
    yield "Outcome", markup.state(note.outcome)
    yield "Goal", markup.escaped(note.goal)
    yield from list(_common(site, note, here, today))[1:]
    yield "Time box", markup.escaped(note.timebox)
    yield "Led to", ", ".join(site.refs(note, "decisions", note.decisions, here))


def _change(site: SiteMap, note: Note, here: str, today: date) -> Iterator[Fact]:
    assert isinstance(note, Change)
    yield from list(_common(site, note, here, today))[1:]
    yield "Commit", markup.code(note.commit) if note.commit else ""
    yield "Undo", markup.code(note.undo) if note.undo else ""


_FACTS: Mapping[type[Note], Callable[[SiteMap, Note, str, date], Iterator[Fact]]] = {
    Incident: _incident,
    Decision: _decision,
    Service: _service,
    Experiment: _experiment,
    Change: _change,
}


# ---- what the other notes know ---------------------------------------------------------------------------------------


def _tail(site: SiteMap, note: Note, here: str) -> str:
    if not isinstance(note, Service):
        return around.tail(site, note, here)
    return _of_service(site, note, here) + _linked_from(site, note, here)


def _linked_from(site: SiteMap, note: Service, here: str) -> str:
    """The notes whose text links to a service, without those that its page lists for another reason."""
    found = [
        other
        for other in site.base.backlinks.get(note.ref, ())
        if any(link.kind in ("wiki", "file") and site.base.target(other, link) is note for link in other.links)
    ]
    listed = {other.ref for kind in ("incident", "decision", "experiment", "change") for other in site.about(note, kind)}
    found = [other for other in found if other.ref not in listed]
    return markup.section("Linked from", "kb-linked-from", rows(site, found, here))


def _of_service(site: SiteMap, note: Service, here: str) -> str:
    notes = {kind: site.about(note, kind) for kind in ("incident", "decision", "experiment", "change")}
    errors = [*notes["incident"], *notes["experiment"]]
    return "".join(
        (
            _dependencies(site, note, here),
            markup.section("Errors and fixes", "kb-errors", error_rows(site, errors, here)),
            markup.section("Incidents", "kb-incidents", rows(site, notes["incident"], here, note.name)),
            markup.section("Decisions", "kb-decisions", rows(site, notes["decision"], here, note.name)),
            markup.section("Experiments", "kb-experiments", rows(site, notes["experiment"], here, note.name)),
            markup.section("Changes", "kb-changes", rows(site, notes["change"], here, note.name)),
        )
    )


def _dependencies(site: SiteMap, note: Service, here: str) -> str:
    guests = site.guests(note)
    users = site.users(note)
    left = [Box(other.name, site.href(other, here)) for other in users]
    left += [Box(other.name, site.href(other, here), dashed=True) for other in guests if other not in users]
    right = [*_boxes(site, note.depends_on, here), *_boxes(site, note.hosts, here, dashed=True)]
    picture = graph(left, note.name, right)
    sentences = []
    if stops := impact(site, note):
        verb = "does" if len(stops) == 1 else "do"
        sentences.append(f"If it stops, so {verb} {', '.join(site.link(other, here, other.name) for other in stops)}.")
    if note.depends_on:
        sentences.append(f"It needs {', '.join(site.named(note.depends_on, here))}.")
    return markup.section("Dependencies", "kb-dependencies", picture + "\n" + " ".join(sentences) if picture else "")


def _boxes(site: SiteMap, names: tuple[str, ...], here: str, dashed: bool = False) -> Iterator[Box]:
    for name in names:
        if name.lower() in site.hidden_names:
            continue
        found = site.base.services.get(name.lower())
        yield Box(found.name if found else name, site.href(found, here) if found else "", dashed)


def impact(site: SiteMap, note: Service) -> list[Service]:
    """The services that stop when this one stops: those that depend on it or run on it, followed all the way."""
    found: list[Service] = []
    waiting = [note]
    while waiting:
        current = waiting.pop(0)
        for other in (*site.users(current), *site.guests(current)):
            if other is not note and other not in found:
                found.append(other)
                waiting.append(other)
    return found
