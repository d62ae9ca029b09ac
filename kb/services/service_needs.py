"""The graph of what needs what, from the notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..notes.kinds import Service
from ..notes.knowledge_base import KnowledgeBase, once
from .dependency_graph import Graph, Need, Node


@once
def graph(base: KnowledgeBase) -> Graph:
    """What needs what: the one graph for impact, start order, check and the site."""
    names = base.services
    alive = {note.ref: note for note in _services(base) if note.state != "retired"}
    nodes: dict[str, Node] = {}
    known: dict[str, str] = {name: note.ref for name, note in names.items() if note.ref in alive}
    providers: dict[str, list[str]] = {}
    for note in alive.values():
        for capability in note.provides:
            providers.setdefault(capability.lower(), []).append(note.ref)
    for note in alive.values():
        needs = [
            Need("depends_on", (key,))
            for name in note.depends_on
            if (key := _named(name, names, alive, nodes)) not in ("", note.ref)
        ]
        hosts = tuple(dict.fromkeys(key for name in note.hosts if (key := _named(name, names, alive, nodes))))
        if hosts and note.ref not in hosts and not any(need.options == hosts for need in needs):
            needs.append(Need("hosts", hosts))
        needs += [Need("needs", (_capability(name, providers, names, alive, nodes),)) for name in note.needs]
        nodes[note.ref] = Node(note.ref, note.name, note, needs=tuple(dict.fromkeys(needs)))
    for name in providers:
        _capability(name, providers, names, alive, nodes)
    for key, node in nodes.items():
        known.setdefault(node.name.lower(), key)
    return Graph(nodes, known)


def _named(name: str, names: Mapping[str, Service], alive: Mapping[str, Service], nodes: dict[str, Node]) -> str:
    """The key of a named service; empty if it is retired. A name without a note is a node too."""
    note = names.get(name.lower())
    if note:
        return note.ref if note.ref in alive else ""
    key = f"? {name.lower()}"
    nodes.setdefault(key, Node(key, name))
    return key


def _capability(
    name: str,
    providers: Mapping[str, Sequence[str]],
    names: Mapping[str, Service],
    alive: Mapping[str, Service],
    nodes: dict[str, Node],
) -> str:
    """The key of a capability; if no service provides it, that of a service with its name."""
    key = f"needs {name.lower()}"
    if key not in nodes:
        own = names.get(name.lower())
        options = tuple(providers.get(name.lower(), ())) or ((own.ref,) if own and own.ref in alive else ())
        nodes[key] = Node(key, name, is_capability=True, needs=(Need("provides", options),) if options else ())
    return key


def dependency_circles(base: KnowledgeBase) -> list[list[Service]]:
    """The circles of `depends_on` alone, in which nothing can start first."""
    names = base.services
    alive = {note.ref: note for note in _services(base) if note.state != "retired"}
    bare = {
        ref: Node(
            ref,
            note.name,
            note,
            needs=tuple(
                Need("depends_on", (other.ref,))
                for name in note.depends_on
                if (other := names.get(name.lower())) and other.ref in alive and other.ref != ref
            ),
        )
        for ref, note in alive.items()
    }
    return [[node.service for node in circle if node.service] for circle in Graph(bare).circles]


def _services(base: KnowledgeBase) -> Iterator[Service]:
    return (note for note in base.notes if isinstance(note, Service))
