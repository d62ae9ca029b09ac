"""`kb service impact` and `order`: what stops when a service stops, and what starts first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import click

from ...exceptions import NoSuchNote, WrongUse, listed
from ...notes.kinds import Service
from ...notes.knowledge_base import KnowledgeBase
from ...services import service_needs
from ...services.dependency_graph import Graph, Impact, Node, Stop
from .. import complete, context, options
from ..terminal import screen

_BECAUSE = {"depends_on": "depends on it", "hosts": "runs on it", "needs": "needs it"}


@click.command("impact")
@click.argument("name", shell_complete=complete.complete_service)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "mermaid", "svg", "json"]),
    default="text",
    show_default=True,
    help="A tree, Mermaid for a note, a picture for a file, or JSON.",
)
@options.root_option
def impact(name: str, form: str) -> int:
    """What stops when it stops. All the way, by which path, and what people notice of it.

    NAME is a service, a host, a disk, or a capability such as dns.

    \b
    Examples:
      kb service impact postgres
      kb service impact nas         a machine, with all that runs on it
      kb service impact dns         all that needs it, whoever provides it
      kb service impact tank --format svg > tank.svg
    """
    base = context.the_base()
    graph = service_needs.graph(base)
    found = graph.impact(_node(base, name))
    if form == "mermaid":
        screen.say(_mermaid(found))
    elif form == "svg":
        screen.say(_svg(found))
    elif form == "json":
        screen.print_json(_as_document(graph, found))
    else:
        _show(graph, found)
    return 0


def _node(base: KnowledgeBase, name: str) -> Node:
    """The node of that name. Raises NoSuchNote, AmbiguousRef or WrongUse."""
    graph = service_needs.graph(base)
    if found := graph.find(name):
        return found
    try:
        note = context.find(base, name, "service")
    except NoSuchNote as error:
        if error.close:
            raise
        raise WrongUse(f"no service is called {name!r}, and none provides it: kb edit SERVICE --set provides={name}") from None
    if note.ref not in graph.nodes:
        retired = note.retired.short() if isinstance(note, Service) and note.retired else "long ago"
        raise WrongUse(f"{note.name} is retired since {retired}: nothing stops with it")
    return graph.nodes[note.ref]


def _show(graph: Graph, found: Impact) -> None:
    rows = list(found.tree())
    column = min(40, max(screen.cells(sign + screen.visible(stop.node.name)) for sign, stop in rows) + 3)
    for sign, stop in rows:
        name = screen.visible(stop.node.name)
        shown = screen.faint(name) if stop.node.is_capability else name if stop.because else screen.strong(name)
        gap = " " * max(2, column - screen.cells(sign + name))
        room = screen.width() - max(column, screen.cells(sign + name) + 2)
        said = screen.cut(screen.visible(_reason(graph, found, stop)), max(20, room))
        screen.say(f"{screen.faint(sign)}{shown}{gap}{screen.faint(said)}".rstrip())
    screen.say()
    screen.say(_sum(found))
    people = [note.title for stop in found.services if (note := stop.node.service) and note.url and note.type == "app"]
    if people:
        _told("people notice", people)
    for row in found.weaker:
        verb = {"hosts": "still runs on", "provides": "still comes from"}.get(row.kind, "still has")
        _told("goes on", [f"{row.node.name} {verb} {listed(row.left, 'and')}"])
    for circle in _circles(graph, found):
        _told("circle", [" → ".join(circle)])


def _reason(graph: Graph, found: Impact, stop: Stop) -> str:
    if not stop.because:
        return (
            f"from {listed(_providers(graph, stop.node), 'and') or 'nobody'}" if stop.node.is_capability else _what(stop.node)
        )
    if stop.node.is_capability:
        providers = _providers(graph, stop.node)
        return f"only {providers[0]} provides it" if len(providers) == 1 else "nobody is left who provides it"
    also = found.also(stop)
    return _BECAUSE[stop.kind] + (f"; misses {listed(also[:3], 'and')} too" if also else "")


def _providers(graph: Graph, capability: Node) -> list[str]:
    return [graph.nodes[key].name for need in capability.needs for key in need.options]


def _what(node: Node) -> str:
    note = node.service
    if note is None:
        return "has no note"
    return ", ".join(filter(None, [note.type, f"on {listed(note.hosts, 'and')}" if note.hosts else "", note.mode]))


def _sum(found: Impact) -> str:
    count = len(found.services)
    if not count:
        return "nothing else stops"
    production = sum(1 for stop in found.services if stop.node.service and stop.node.service.mode == "production")
    verb = "stops" if count == 1 else "stop"
    return f"{screen.plural(count, 'service')} {verb} with it" + (f", {production} of them production" if production else "")


def _told(label: str, words: Sequence[str]) -> None:
    """A labelled line, broken at the terminal's width."""
    import textwrap

    text = screen.visible(", ".join(words))
    lines = textwrap.wrap(text, screen.width() - 15, break_on_hyphens=False) or [""]
    screen.say(f"{label:<13}  {lines[0]}")
    for line in lines[1:]:
        screen.say(f"{'':<13}  {line}")


def _circles(graph: Graph, found: Impact) -> list[list[str]]:
    return [[node.name for node in circle] for circle in graph.circles if any(node.key in found.stops for node in circle)]


def _mermaid(found: Impact) -> str:
    """A flow chart whose arrows go from what stops to what stops with it. Names are quoted: they may hold anything."""
    numbers = {key: f"n{number}" for number, key in enumerate(found.stops)}
    rows = ["graph LR"]
    for key, stop in found.stops.items():
        label = re.sub(r"[^\w .:/-]", lambda char: f"#{ord(char[0])};", stop.node.name)
        left, right = ("([", "])") if stop.node.is_capability else ("[", "]")
        rows.append(f'  {numbers[key]}{left}"{label}"{right}')
    rows += [f"  {numbers[stop.because]} --> {numbers[key]}" for key, stop in found.stops.items() if stop.because]
    return "\n".join(rows)


def _svg(found: Impact) -> str:
    """Drawn as on the site: what needs something on the left of it."""
    from ...site.drawing.graph_svg import Box, graph

    boxes = {key: Box(_label(stop), css="" if stop.because else "kb-box--here") for key, stop in found.stops.items()}
    lines = {(key, stop.because): "" for key, stop in found.stops.items() if stop.because}
    return graph(boxes, lines, f"what stops with {found.start.name}: {len(found.services)} services", alone=True)


def _label(stop: Stop) -> str:
    return f"({stop.node.name})" if stop.node.is_capability else stop.node.name


def _as_document(graph: Graph, found: Impact) -> dict[str, Any]:
    return {
        "name": found.start.name,
        "ref": found.start.service.ref if found.start.service else None,
        "stops": [
            {
                "name": stop.node.name,
                "ref": stop.node.service.ref if stop.node.service else None,
                "mode": stop.node.service.mode if stop.node.service else "",
                "url": stop.node.service.url if stop.node.service else "",
                "because": stop.kind,
                "path": [node.name for node in found.path(stop)],
                "also": found.also(stop),
            }
            for stop in found.services
        ],
        "goes_on": [{"name": row.node.name, "lost": list(row.lost), "left": list(row.left)} for row in found.weaker],
        "circles": _circles(graph, found),
    }


@click.command("order")
@options.root_option
@options.json_option
def order(as_json: bool) -> int:
    """The order to start all in after a power cut. What is needed comes before what needs it.

    A circle is broken where it hurts least, and named.

    \b
    Examples:
      kb service order
      kb service order --json | jq -r '.steps[].name'
    """
    base = context.the_base()
    graph = service_needs.graph(base)
    steps = graph.order()
    circles = [[node.name for node in circle] for circle in graph.circles]
    if as_json:
        rows = [
            {
                "name": step.node.name,
                "ref": step.node.service.ref if step.node.service else None,
                "after": list(step.after),
                "before": list(step.before),
            }
            for step in steps
        ]
        screen.print_json({"steps": rows, "circles": circles})
        return 0
    context.remember(base, [step.node.service.ref for step in steps if step.node.service])
    table = [
        [
            f"{number}",
            step.node.name,
            step.node.service.type if step.node.service else "no note",
            "after " + ", ".join(step.after) if step.after else "",
        ]
        for number, step in enumerate(steps, 1)
    ]
    screen.table(table, [screen.faint, None, screen.faint, screen.faint], 3)
    for step in steps:
        if step.before:
            screen.remark(f"{step.node.name} needs {listed(step.before, 'and')}, which can only start after it")
    for names in circles:
        screen.remark(f"a circle: {' → '.join(names)}")
    if not steps:
        screen.remark("no services yet: `kb service new` writes the first")
    return 0
