"""A page for each note: its facts at the top, its text, and what the other notes know about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from ..note import Change, Decision, Experiment, Incident, Note, Service, When, span
from . import body, markup, tags
from .graph import Box, graph
from .page import Page
from .rows import error_rows, first_line, lasted, rows
from .site_map import SiteMap

Fact = tuple[str, str]  # what it is, and its Markdown


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """The page of every note."""
    anchors = tags.anchor_of(site)
    for note in site.base.notes:
        here = site.paths[note.ref]
        head = _kicker(note) + f"# {markup.escaped(note.title)}\n\n" + _problem(note) + _facts(site, note, here, today)
        yield Page(
            here,
            note.title,
            head + _tag_links(note, here, anchors),
            body.shown(note),
            _tail(site, note, here) + _linked_from(site, note, here),
            note,
            summary=first_line(note.fix or note.section("what it is and why") or body.shown(note))[0],
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


def _tag_links(note: Note, here: str, anchors: Mapping[str, str]) -> str:
    links = [
        markup.link(tag, markup.path_link(tags.HERE, here, anchors[tag.lower()])) for tag in note.tags if tag.lower() in anchors
    ]
    return markup.block("kb-tags", "\n".join(f"- {link}" for link in links)) + "\n"


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
    if isinstance(note, Service):
        return _of_service(site, note, here)
    if isinstance(note, Decision):
        return _chain(site, note, here)
    if isinstance(note, Incident):
        again = [
            other for other in _back(site, note) if isinstance(other, Incident) and _points(site, other, "recurrence_of", note)
        ]
        return markup.section("Seen again", "kb-again", rows(site, again, here))
    return ""


def _back(site: SiteMap, note: Note) -> tuple[Note, ...]:
    return site.base.backlinks.get(note.ref, ())


def _points(site: SiteMap, other: Note, key: str, note: Note) -> bool:
    return any(link.kind == key and site.base.target(other, link) is note for link in other.links)


def _linked_from(site: SiteMap, note: Note, here: str) -> str:
    """The notes that link here, without those that the page lists for another reason."""
    if isinstance(note, Service):
        found = [
            other
            for other in _back(site, note)
            if any(link.kind in ("wiki", "file") and site.base.target(other, link) is note for link in other.links)
        ]
        listed = {other.ref for kind in ("incident", "decision", "experiment", "change") for other in site.about(note, kind)}
        found = [other for other in found if other.ref not in listed]
    else:
        listed = {other.ref for other in _line(site, note)} if isinstance(note, Decision) else set()
        found = [
            other
            for other in _back(site, note)
            if other.ref not in listed and not (isinstance(note, Incident) and _points(site, other, "recurrence_of", note))
        ]
    return markup.section("Linked from", "kb-linked-from", rows(site, found, here))


def _chain(site: SiteMap, note: Decision, here: str) -> str:
    """The decisions that replaced one another, the oldest first, when there is more than this one."""
    line = _line(site, note)
    if len(line) < 2:
        return ""
    items = "\n".join(
        f"1. {markup.day(member.date)} {_named(site, member, note, here)} {markup.state(member.state)}" for member in line
    )
    return markup.section("How it came to this", "kb-chain", markup.block("kb-chain", items))


def _named(site: SiteMap, member: Decision, note: Decision, here: str) -> str:
    return f"**{markup.escaped(member.title)}**" if member is note else site.link(member, here)


def _line(site: SiteMap, note: Decision) -> list[Decision]:
    return [*reversed(_steps(site, note, "supersedes")), note, *_steps(site, note, "superseded-by")]


def _steps(site: SiteMap, note: Decision, key: str) -> list[Decision]:
    """The decisions that one reaches by `key`, or by its counterpart from the other side, nearest first."""
    other_key = "superseded-by" if key == "supersedes" else "supersedes"
    found: list[Decision] = []
    waiting = [note]
    while waiting:
        current = waiting.pop(0)
        forward = [site.base.target(current, link) for link in current.links if link.kind == key]
        backward = [other for other in _back(site, current) if _points(site, other, other_key, current)]
        for step in (*forward, *backward):
            if isinstance(step, Decision) and step is not note and step not in found:
                found.append(step)
                waiting.append(step)
    return found


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
