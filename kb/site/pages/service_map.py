"""The map of services: a picture of what needs what, and the part of it around one service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from ...notes.kinds import Service
from ...services.dependency_graph import Node
from ..drawing import graph_reduction
from ..drawing.graph_layout import needed_lines
from ..drawing.graph_svg import Box, figure, graph
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from . import section_nav

HERE = "services/map.md"
MOST = 60  # boxes; with more, similar ones become one box
LARGEST = 120  # boxes in a readable picture; with more, those with most lines are drawn
FEW = 3  # boxes of a part that is then described in words
MOST_AROUND = 9  # boxes on one side of a service's own picture

Boxes = dict[str, Box]
Lines = dict[tuple[str, str], str]


def paths(site: SiteMap) -> Iterator[str]:
    """The path of this page, if there are services to draw."""
    if len(site.services) > 1:
        yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """The picture, unconnected services, circles, and the same as a list."""
    del today
    if len(site.services) < 2:
        return
    lines = _all_lines(site)
    linked = dict.fromkeys(key for pair in lines for key in pair)
    parts = ["# Map of services\n\n", section_nav.row(site, HERE)]
    if lines:
        parts += _drawn_in_crowds(site, linked, lines) if len(linked) > MOST else [_INTRO, _picture(site, linked, lines)]
    parts += [_circles(site), _alone(site, linked), _list(site, linked)]
    yield Page(HERE, "Map of services", "".join(parts), summary="what needs what")


_INTRO = (
    "A line leads from what needs something to what it needs; what most rests on stands on the right. "
    "Lines that follow from others are left out.\n\n"
)


def _picture(site: SiteMap, drawn: Iterable[str], lines: Lines) -> str:
    boxes = {key: _box(site, site.graph.nodes[key], HERE) for key in drawn}
    inside = needed_lines(pair for pair in lines if pair[0] in boxes and pair[1] in boxes)
    return _drawn(boxes, {pair: css for pair, css in lines.items() if pair in inside})


def _drawn(boxes: Boxes, lines: Lines) -> str:
    said = f"{markup.count(len(boxes), 'box/boxes')} and {markup.count(len(lines), 'line')} between them"
    return figure(graph(boxes, lines, said), "Map of services; the same as a list is below")


def _drawn_in_crowds(site: SiteMap, linked: Iterable[str], lines: Lines) -> Iterator[str]:
    """The picture of many services: similar ones as one box, the parts of each inside it, and what each such box contains."""
    found = graph_reduction.reduced(linked, needed_lines(lines), _stacks(site, linked))
    held = {
        key: [name for one in found.crowds.get(key, [key]) for name in (one, *found.inside.get(one, ()))] for key in found.keys
    }
    parts = graph_reduction.parts(found)
    # For a few boxes, a line of words says as much as a picture.
    hanging = [key for part in parts if len(part) > FEW for key in part]
    drawn = _busiest(hanging, found.edges) if len(hanging) > LARGEST else hanging
    anchors = {key: f"box-{number}" for number, key in enumerate((key for key in drawn if key in found.crowds), 1)}
    boxes = _crowd_boxes(site, drawn, found, held, anchors)
    more = "A stack is one box, services that need the same are one, and what only one service uses stands inside it."
    left_out = f" Of {len(hanging)} boxes these have most lines; the list below has all." if len(drawn) < len(hanging) else ""
    yield f"{_INTRO.rstrip()} {more if boxes else ''}{left_out}\n\n"
    if boxes:
        inside = (pair for pair in sorted(found.edges) if pair[0] in boxes and pair[1] in boxes)
        yield _drawn(boxes, {pair: lines.get(pair, "") for pair in inside})
    named_boxes = {anchors[key]: (boxes[key].name, held[key]) for key in anchors}
    yield _several_section(site, named_boxes)
    needed = {end for _, end in found.edges}
    few = [sorted(part, key=lambda key: key in needed) for part in parts if len(part) <= FEW]
    yield _groups_section(site, [[one for key in part for one in held[key]] for part in few])


def _crowd_boxes(
    site: SiteMap,
    drawn: Iterable[str],
    found: graph_reduction.Reduced,
    held: Mapping[str, Sequence[str]],
    anchors: Mapping[str, str],
) -> Boxes:
    """The box of each key: for several services, with a link to what it contains, or for one with its parts."""
    return {
        key: _crowd(site, found.crowds[key], held[key], f"#{anchors[key]}") if key in anchors else _whole(site, held[key])
        for key in drawn
    }


def _several_section(site: SiteMap, boxes: Mapping[str, tuple[str, Sequence[str]]]) -> str:
    """What each box of several services contains, with its anchor."""
    rows = [
        f'- <span id="{anchor}" class="kb-what">{markup.escaped(name)}</span> {_told(site, held)}'
        for anchor, (name, held) in boxes.items()
    ]
    return markup.section("Boxes of several services", "boxes", markup.block("kb-rows kb-rows--plain", "\n".join(rows)))


def _groups_section(site: SiteMap, groups: Sequence[Sequence[str]]) -> str:
    """A line for each group that is too small for a picture."""
    nodes = site.graph.nodes
    rows = [f"- {named(site, nodes[row[0]], HERE)} {_told(site, row[1:], 'with ')}" for row in groups]
    heading = "Small groups that hang on nothing else"
    return markup.section(heading, "groups", markup.block("kb-rows kb-rows--plain", "\n".join(rows)))


def _busiest(keys: Sequence[str], edges: Collection[tuple[str, str]]) -> list[str]:
    """If there are too many boxes, those with most lines, in order, as far as lines connect them."""
    lines = Counter(key for pair in edges for key in pair)
    chosen = set(sorted(keys, key=lambda key: -lines[key])[:MOST])
    joined = {key for start, end in edges if start in chosen and end in chosen for key in (start, end)}
    return [key for key in keys if key in joined]


def _stacks(site: SiteMap, keys: Iterable[str]) -> dict[str, str]:
    """Each app → its stack: its compose file, or the app whose name it begins with (`immich-redis`)."""
    apps = {key: note for key in keys if (note := site.graph.nodes[key].service) and note.type == "app"}
    names = {note.name for note in apps.values()}
    return {key: note.compose or _beginning(note.name, names) for key, note in apps.items()}


def _beginning(name: str, names: Collection[str]) -> str:
    words = name.split("-")
    return next((begin for end in range(1, len(words)) if (begin := "-".join(words[:end])) in names), name)


def _whole(site: SiteMap, held: Sequence[str]) -> Box:
    """One service, with the parts that stand in it."""
    nodes = site.graph.nodes
    box = _box(site, nodes[held[0]], HERE)
    if not held[1:]:
        return box
    inside = f"with {', '.join(nodes[key].name for key in held[1:])}"
    return replace(
        box,
        small=" · ".join(filter(None, (box.small, f"+{len(held) - 1}"))),
        means=", ".join(filter(None, (inside, box.means))),
    )


def _crowd(site: SiteMap, members: Sequence[str], held: Sequence[str], href: str) -> Box:
    """Similar services as one box."""
    nodes = site.graph.nodes
    names = [nodes[key].name for key in members]
    name = f"{names[0]} and {len(names) - 1} more"
    is_open = any(_has_open(site, note) for key in held if (note := nodes[key].service))
    more = len(held) - len(members)
    return Box(
        name,
        href,
        f"+{markup.count(more, 'part')}" if more else "",
        "kb-box--crowd",
        "!" if is_open else "",
        f"{', '.join(names[:12])}{f' and {len(names) - 12} more' if len(names) > 12 else ''}{'; an incident is open' if is_open else ''}",
    )


def _told(site: SiteMap, keys: Sequence[str], before: str = "") -> str:
    nodes = site.graph.nodes
    said = ", ".join(named(site, nodes[key], HERE) for key in keys)
    return f'<span class="kb-about">{before}{said}</span>' if keys else ""


def _circles(site: SiteMap) -> str:
    found = [circle for circle in site.graph.circles if all(may_be_named(site, node) for node in circle)]
    items = "\n".join(f"- {' → '.join(named(site, node, HERE) for node in circle)}" for circle in found)
    return markup.section("They need one another", "circles", items and f"Neither can start first.\n\n{items}")


def _alone(site: SiteMap, linked: Mapping[str, None]) -> str:
    nodes = site.graph.nodes
    found = [note for note in site.services if note.ref in nodes and note.ref not in linked]
    items = "\n".join(f"- {site.link(note, HERE, note.name)}" for note in found)
    return markup.section("On their own", "alone", markup.block("kb-index", items))


def _list(site: SiteMap, linked: Iterable[str]) -> str:
    """Each service with what it needs and what needs it, the most needed first: for phones, screen readers and searching."""
    graph_ = site.graph
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
    node = site.graph.nodes[key]
    return named(site, node, HERE) if may_be_named(site, node) else ""


def named(site: SiteMap, node: Node, here: str) -> str:
    """The name of a node, as a link if it has a page."""
    return site.link(node.service, here, node.name) if node.service else markup.escaped(node.name)


# ---- boxes and lines -------------------------------------------------------------------------------------------------


def _all_lines(site: SiteMap) -> Lines:
    """Every line between two nodes that may be shown, except those to machines: nearly everything would lead there."""
    found: Lines = {}
    for key, node in site.graph.nodes.items():
        if may_be_named(site, node):
            for need in node.needs:
                if need.kind != "hosts":
                    found |= {(key, option): _css(need.kind) for option in need.options if _is_shown(site, option)}
    return found


def _css(kind: str) -> str:
    return {"hosts": "kb-line--dashed", "needs": "kb-line--capability", "provides": "kb-line--capability"}.get(kind, "")


def may_be_named(site: SiteMap, node: Node) -> bool:
    """Whether it has a public note, or a name that isn't only a private note's."""
    return bool(node.service) or node.name.lower() not in site.hidden_names


def _is_shown(site: SiteMap, key: str) -> bool:
    return may_be_named(site, site.graph.nodes[key])


def _box(site: SiteMap, node: Node, here: str, css: str = "") -> Box:
    if node.is_capability:
        return Box(node.name, css="kb-box--capability", means="a capability that any of those behind it provides")
    if not node.service:
        return Box(node.name, css="kb-box--unknown", means="has no note")
    note = node.service
    hosts = site.public(note.hosts)
    small = [note.type] if note.type != "app" else [", ".join(hosts)] if hosts else []
    small += ["sandbox"] if note.mode == "sandbox" else []
    is_open = _has_open(site, note)
    css += " kb-box--sandbox" if note.mode == "sandbox" else ""
    return Box(
        note.name,
        site.href(note, here),
        " · ".join(filter(None, small)),
        css.strip(),
        "!" if is_open else "",
        "an incident is open" if is_open else "",
    )


def _has_open(site: SiteMap, note: Service) -> bool:
    return any(incident.state == "open" for incident in site.about(note, "incident"))


def around(site: SiteMap, note: Service, here: str) -> str:
    """The part of the map around one service: what needs it and what it needs, two steps each way; empty if there is neither."""
    graph_ = site.graph
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
    """The boxes at most two steps away on one side, where a capability doesn't count as a step; adds their lines."""
    found: dict[str, None] = {}
    waiting = [(start, 2)]
    for key, far in waiting:
        for pair in beside(key):
            other = pair[end]
            node = site.graph.nodes[other]
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
