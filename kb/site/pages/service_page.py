"""The page of a service: what it is, whether all is well, what it needs and what needs it, and what the other notes say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from urllib.parse import quote

from ...notes.kinds import KINDS, Note, Service, added_kinds
from ...notes.knowledge_base import once
from ...services import readiness as rules
from ...services.dependency_graph import Stop
from ...services.service_changes import Event
from ..sitemap import markup
from ..sitemap.site_map import SiteMap
from . import decision_list, error_list, kind_list, long_list, section_nav, service_map
from .change_list import event_rows, shown_events
from .note_rows import Fact, age, error_rows, moment, rows

REACHED = {"lan": "the home network", "vpn": "the VPN", "internet": "the internet"}
MOST = 30  # notes in one of its lists; the others are on the pages of their kind
MOST_EVENTS = 8
MOST_STOPS = 12  # listed with their path; more are only counted


def head(site: SiteMap, note: Service, here: str) -> str:
    """What must be seen first: links to the other pages, and that something is broken now."""
    broken = [incident for incident in site.about(note, "incident") if incident.state in ("open", "mitigated")]
    now = markup.section(f"{markup.count(len(broken), 'incident')} open", "open-now", _newest(site, note, broken, here))
    return section_nav.row(site, here) + markup.block("kb-now", now if broken else "")


def facts(site: SiteMap, note: Note, here: str, today: date) -> Iterator[Fact]:
    """What the front matter says about a service, with what people ask first at the top."""
    assert isinstance(note, Service)
    yield "State", markup.state(note.state)
    ready = rules.readiness(site.facts(today), note) if note.state != "retired" else None
    asked = {answer.question for answer in ready.answers} if ready else set()
    yield "Could I bring it back?", f"[{ready.score}\u202f% ready](#kb-readiness)" if ready and asked else ""
    yield "Address", markup.outside(note.url) if markup.is_whole(note.url) else markup.path(note.url) if note.url else ""
    yield "Runs on", ", ".join(site.named(note.hosts, here))
    yield "Open to", REACHED.get(note.exposed, "")
    yield "Also called", markup.escaped(", ".join(note.aliases))
    yield "Image", markup.path(note.image) if note.image else ""
    yield "Compose file", markup.path(note.compose) if note.compose else ""
    yield "Provides", markup.escaped(", ".join(note.provides))
    yield "Must not be lost", ", ".join(markup.path(path) for path in note.data)
    yield "Backup", markup.escaped(", ".join(filter(None, (note.backup, rules.every(note.backup_every)))))
    seen = site.facts(today).backup_seen(note)
    yield "Last backup seen", age(seen, today)
    # What the answers below say isn't repeated.
    yield "Restore tested", "" if "restore" in asked else age(note.restore_tested, today)
    yield "Watched by", "" if "notice" in asked else markup.escaped(note.monitored_by)
    yield "Security reviewed", "" if "security" in asked else age(note.security_reviewed, today)
    yield "Secrets changed", age(note.secrets_rotated, today)
    yield "Certificate until", age(note.cert_expires, today)
    yield "Rebuild", "" if "rebuild" in asked else markup.escaped(note.rebuild)
    yield "Responsibility", markup.escaped(note.responsibility)
    yield "Power", markup.escaped(f"{note.watts} W") if note.watts else ""
    yield "Memory", markup.escaped(note.ram)
    yield "Cost", markup.escaped(note.cost)
    yield "Retired", moment(note.retired)


def tail(site: SiteMap, note: Service, here: str, today: date) -> str:
    """What the other notes, Git and the four questions say about it."""
    added = added_kinds()
    kinds = ("incident", "decision", "experiment", "change", *(kind.kind for kind in added))
    notes = {kind: site.about(note, kind) for kind in kinds}
    in_force = decision_list.in_force(site, note)
    others = [other for other in notes["decision"] if other not in in_force]
    return "".join(
        (
            markup.section("Errors and fixes", "kb-errors", _errors(site, note, notes, here)),
            markup.section("Dependencies", "kb-dependencies", dependencies(site, note, here)),
            markup.section("Changed lately", "kb-events", _events(site, note, here)),
            markup.section("Incidents", "kb-incidents", _newest(site, note, notes["incident"], here)),
            markup.section("Decisions in force", "kb-decisions", _newest(site, note, in_force, here)),
            markup.section("Other decisions", "kb-other-decisions", _newest(site, note, others, here)),
            markup.section("Experiments and drills", "kb-experiments", _newest(site, note, notes["experiment"], here)),
            markup.section("Changes", "kb-changes", _newest(site, note, notes["change"], here)),
            *(
                markup.section(kind_list.title(kind), f"kb-{kind.folder}", _newest(site, note, notes[kind.kind], here))
                for kind in added
            ),
            markup.section("Could I bring it back?", "kb-readiness", _readiness(site, note, today)),
            markup.section("Linked from", "kb-linked-from", rows(site, _linking(site, note, notes)[:MOST], here)),
        )
    )


def _newest(site: SiteMap, note: Service, found: Sequence[Note], here: str) -> str:
    """Notes about it, newest first; if there are many, the newest and a link to all."""
    listed = rows(site, found[:MOST], here, note.name, folded=True)
    return listed + _all_of(site, note, found, here) if len(found) > MOST else listed


def _all_of(site: SiteMap, note: Service, found: Sequence[Note], here: str) -> str:
    """Links to the lists of that kind, filtered by the service: a long list is on several pages."""
    kind, folder = found[0].kind, found[0].folder
    ways = []
    for part, known in _parts(site, kind):
        if part.path in site.taken and (count := sum(other.ref in known for other in found)):
            ways.append((part.path, f"{markup.count(count, kind)} of {part.name}"))
    ways = ways or [(f"{folder}/index.md", f"All {len(found)} {found[0].plural()}")]
    links = [markup.link(said, markup.path_link(path, here, f"service={quote(note.name)}")) for path, said in ways]
    return markup.block("kb-more", " · ".join(links))


@once
def _parts(site: SiteMap, kind: str) -> Sequence[tuple[long_list.ListPart, set[str]]]:
    """The pages of the list of a kind, each with the refs of its notes."""
    return [(part, {other.ref for other in part.notes}) for part in long_list.parts(site.of(kind), KINDS[kind].folder)]


def _errors(site: SiteMap, note: Service, notes: Mapping[str, Sequence[Note]], here: str) -> str:
    found = [other for other in (*notes["incident"], *notes["experiment"]) if other.errors]
    listed = error_rows(site, found[:MOST], here)
    if len(found) <= MOST:
        return listed
    path, anchor = error_list.place(site, note.name)
    number = sum(len(other.errors) for other in found)
    return listed + markup.block("kb-more", markup.link(f"All {number} errors", markup.path_link(path, here, anchor)))


def _linking(site: SiteMap, note: Service, listed: Mapping[str, Sequence[Note]]) -> list[Note]:
    """The notes whose text links to it, without those already listed on its page."""
    known = {other.ref for notes in listed.values() for other in notes}
    return [
        other
        for other in site.base.backlinks.get(note.ref, ())
        if other.ref not in known
        and any(link.kind in ("wiki", "file") and site.base.target(other, link) is note for link in other.links)
    ]


# ---- what stops with it ------------------------------------------------------------------------------------------------


def dependencies(site: SiteMap, note: Service, here: str) -> str:
    """The picture of what it needs and what needs it, and what stops when it stops, by which path."""
    picture = service_map.around(site, note, here)
    return "\n".join(filter(None, (picture, _stops(site, note, here)))) if picture else ""


def _stops(site: SiteMap, note: Service, here: str) -> str:
    graph = site.graph
    impact = graph.impact(graph.nodes[note.ref])
    stops = [stop for stop in impact.services if service_map.may_be_named(site, stop.node)]
    weaker = [other for other in impact.weaker if not other.node.is_capability and service_map.may_be_named(site, other.node)]
    sentences = []
    if stops:
        verb = "does" if len(stops) == 1 else "do"
        sentences.append(f"If it stops, so {verb} {_list(_stop(site, stop, note, here) for stop in stops[:MOST_STOPS])}")
        sentences[-1] += f" and {len(stops) - MOST_STOPS} more." if len(stops) > MOST_STOPS else "."
    if weaker:
        names = _list(service_map.named(site, other.node, here) for other in weaker)
        sentences.append(f"{names} would go on with a spare.")
    if wanted := site.named((*note.depends_on, *note.needs), here):
        sentences.append(f"It needs {', '.join(wanted)}.")
    return " ".join(sentences) + "\n" if sentences else ""


def _stop(site: SiteMap, stop: Stop, note: Service, here: str) -> str:
    name = service_map.named(site, stop.node, here)
    because = stop.because.removeprefix("services/").removeprefix("needs ")
    return name if stop.because == note.ref else f'{name} <span class="kb-path">(through {markup.escaped(because)})</span>'


def _list(names: Iterator[str]) -> str:
    return ", ".join(names)


# ---- what changed, and how ready it is ----------------------------------------------------------------------------------


def _events(site: SiteMap, note: Service, here: str) -> str:
    """What changed in its compose file, newest first."""
    return event_rows(site, _events_by_service(site).get(note.name.lower(), [])[:MOST_EVENTS], here, told=False)


@once
def _events_by_service(site: SiteMap) -> Mapping[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in shown_events(site):
        if not event.ref:
            found.setdefault(site.base.service_name(event.service).lower(), []).append(event)
    return found


def _readiness(site: SiteMap, note: Service, today: date) -> str:
    """The questions that are yours, each with its answer, why, and what to do next."""
    if note.state == "retired":
        return ""
    items = [
        f"- **{_sentence(rules.QUESTIONS[answer.question])}** {markup.state(answer.state)} "
        f'<span class="kb-about">{markup.escaped(answer.reason)}'
        f"{f'. Next: {_next(answer.next)}' if answer.next else ''}</span>"
        for answer in rules.readiness(site.facts(today), note).answers
    ]
    return markup.block("kb-answers", "\n".join(items))


def _next(step: str) -> str:
    """What to do next; only the command is code, so that no one copies the words around it."""
    found = re.fullmatch(r"(.*, then: )?(kb .+?)(  \(.*\))?", step)
    if not found:
        return markup.escaped(step)
    before, command, after = found.groups(default="")
    return f"{markup.escaped(before)} {markup.code(command)} {markup.escaped(after)}".strip()


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
