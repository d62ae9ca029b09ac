"""The map of services: what needs what, drawn; and the part of it around one service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from ..impact import Node
from ..note import Service
from . import markup, ways
from .graph import Box, figure, graph
from .layout import needed_lines
from .page import Page
from .site_map import SiteMap

HERE = "services/map.md"
MOST = 90  # boxes; of more, those that nothing needs stand in the list alone
MOST_AROUND = 9  # boxes of one side of a service's own picture

Boxes = dict[str, Box]
Lines = dict[tuple[str, str], str]


def paths(site: SiteMap) -> Iterator[str]:
    """The path of this page, when there are services to draw."""
    if len(site.services) > 1:
        yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """The picture, what stands alone, circles, and the same as a list."""
    del today
    if len(site.services) < 2:
        return
    lines = _all_lines(site)
    linked = dict.fromkeys(key for pair in lines for key in pair)
    parts = ["# Map of services\n\n", ways.row(site, HERE)]
    if lines:
        needed = {end for _, end in lines}
        drawn = [key for key in linked if key in needed] if len(linked) > MOST else list(linked)
        parts += [_intro(len(linked) - len(drawn)), _picture(site, drawn, lines)]
    parts += [_circles(site), _alone(site, linked), _list(site, linked)]
    yield Page(HERE, "Map of services", "".join(parts), summary="what needs what")


def _intro(left_out: int) -> str:
    more = f" {markup.count(left_out, 'service')} that nothing needs are in the list below." if left_out else ""
    return (
        "A line leads from what needs something to what it needs; what most rests on stands on the right. "
        f"Lines that follow from others are left out.{more}\n\n"
    )


def _picture(site: SiteMap, drawn: Iterable[str], lines: Lines) -> str:
    boxes = {key: _box(site, site.base.graph.nodes[key], HERE) for key in drawn}
    inside = needed_lines(pair for pair in lines if pair[0] in boxes and pair[1] in boxes)
    shown = {pair: css for pair, css in lines.items() if pair in inside}
    said = f"{markup.count(len(boxes), 'box/boxes')} and {markup.count(len(shown), 'line')} between them"
    return figure(graph(boxes, shown, said), "Map of services; the same as a list is below")


def _circles(site: SiteMap) -> str:
    found = [circle for circle in site.base.graph.circles if all(may_be_named(site, node) for node in circle)]
    items = "\n".join(f"- {' → '.join(named(site, node, HERE) for node in circle)}" for circle in found)
    return markup.section("They need one another", "circles", items and f"Neither can start first.\n\n{items}")


def _alone(site: SiteMap, linked: Mapping[str, None]) -> str:
    nodes = site.base.graph.nodes
    found = [note for note in site.services if note.ref in nodes and note.ref not in linked]
    items = "\n".join(f"- {site.link(note, HERE, note.name)}" for note in found)
    return markup.section("On their own", "alone", markup.block("kb-index", items))


def _list(site: SiteMap, linked: Iterable[str]) -> str:
    """Each service with what it needs and what needs it, the most needed first: for a phone, a reader of screens, a search."""
    graph_ = site.base.graph
    rows = []
    for key in linked:
        node = graph_.nodes[key]
        if node.is_capability:
            continue
        users = [other for other in graph_.direct_users(node) if may_be_named(site, other)]
        needs = [_wanted(site, option) for need in node.needs if need.kind != "hosts" for option in need.options]
        told = [f"needs {', '.join(filter(None, needs))}"] if any(needs) else []
        told += [f"needed by {', '.join(named(site, user, HERE) for user in users)}"] if users else []
        about = f'<span class="kb-about">{"; ".join(told)}</span>'
        rows.append((-len(users), node.name, f"- {named(site, node, HERE)} {about}"))
    return markup.section(
        "As a list", "list", markup.block("kb-rows kb-rows--plain", "\n".join(row for *_, row in sorted(rows)))
    )


def _wanted(site: SiteMap, key: str) -> str:
    node = site.base.graph.nodes[key]
    return named(site, node, HERE) if may_be_named(site, node) else ""


def named(site: SiteMap, node: Node, here: str) -> str:
    """The name of a node, as a link when it has a page."""
    return site.link(node.service, here, node.name) if node.service else markup.escaped(node.name)


# ---- boxes and lines -------------------------------------------------------------------------------------------------


def _all_lines(site: SiteMap) -> Lines:
    """Every line between two nodes that may be shown, but those to machines: nearly everything would lead there."""
    found: Lines = {}
    for key, node in site.base.graph.nodes.items():
        if may_be_named(site, node):
            for need in node.needs:
                if need.kind != "hosts":
                    found |= {(key, option): _css(need.kind) for option in need.options if _is_shown(site, option)}
    return found


def _css(kind: str) -> str:
    return {"hosts": "kb-line--dashed", "needs": "kb-line--capability", "provides": "kb-line--capability"}.get(kind, "")


def may_be_named(site: SiteMap, node: Node) -> bool:
    """Whether it has a public note, or a name that is not only a private note's."""
    return bool(node.service) or node.name.lower() not in site.hidden_names


def _is_shown(site: SiteMap, key: str) -> bool:
    return may_be_named(site, site.base.graph.nodes[key])


def _box(site: SiteMap, node: Node, here: str, css: str = "") -> Box:
    if node.is_capability:
        return Box(node.name, css="kb-box--capability", means="a capability that any of those behind it provides")
    if not node.service:
        return Box(node.name, css="kb-box--unknown", means="has no note")
    note = node.service
    hosts = [name for name in note.hosts if name.lower() not in site.hidden_names]
    small = [note.type] if note.type != "app" else [", ".join(hosts)] if hosts else []
    small += ["sandbox"] if note.mode == "sandbox" else []
    is_open = any(incident.state == "open" for incident in site.about(note, "incident"))
    css += " kb-box--sandbox" if note.mode == "sandbox" else ""
    return Box(
        note.name,
        site.href(note, here),
        " · ".join(filter(None, small)),
        css.strip(),
        "!" if is_open else "",
        "an incident is open" if is_open else "",
    )


def around(site: SiteMap, note: Service, here: str) -> str:
    """The part of the map around one service: what needs it and what it needs, two steps each way; empty when it stands alone."""
    graph_ = site.base.graph
    if note.ref not in graph_.nodes:
        return ""
    lines: Lines = {}
    left = _steps(site, note.ref, lines, lambda key: [(user, key, need.kind) for user, need in graph_.users.get(key, ())], 0)
    right = _steps(
        site,
        note.ref,
        lines,
        lambda key: [(key, option, need.kind) for need in graph_.nodes[key].needs for option in need.options],
        1,
    )
    if not lines:
        return ""
    boxes = {
        key: _box(site, graph_.nodes[key], here, "kb-box--here" if key == note.ref else "") for key in (*left, note.ref, *right)
    }
    lines = {pair: css for pair, css in lines.items() if pair[0] in boxes and pair[1] in boxes}
    said = f"{len(graph_.direct_users(graph_.nodes[note.ref]))} need {note.name}"
    return figure(graph(boxes, lines, said), f"What {note.name} needs, and what needs it")


def _steps(
    site: SiteMap, start: str, lines: Lines, beside: Callable[[str], list[tuple[str, str, str]]], end: int
) -> dict[str, None]:
    """The boxes that are at most two steps away on one side, of which a capability is none; adds their lines."""
    found: dict[str, None] = {}
    waiting = [(start, 2)]
    for key, far in waiting:
        for pair in beside(key):
            other = pair[end]
            node = site.base.graph.nodes[other]
            if other == start or not may_be_named(site, node) or (far < 2 and pair[2] == "hosts"):
                continue
            if other not in found:
                if len(found) >= MOST_AROUND:
                    continue
                found[other] = None
                left = far if node.is_capability else far - 1
                if left:
                    waiting.append((other, left))
            lines[pair[0], pair[1]] = _css(pair[2])
    return found
