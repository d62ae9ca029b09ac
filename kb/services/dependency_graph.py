"""What stops with what: one graph of the services for impact, start order, circles and retirement. Linear in its edges."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..notes.kinds import Service

# What a machine needs comes before what runs on it: among nodes that could start now, these go first.
RANK: Mapping[str, int] = {"device": 0, "network": 1, "host": 2, "disk": 3, "app": 4}


@dataclass(frozen=True)
class Need:
    """One thing that a node can't do without: any one of `options` will do."""

    kind: str  # "depends_on", "hosts", "needs", or "provides": for a capability, the services that provide it
    options: tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """A service, a name that has no note, or a capability such as dns."""

    key: str
    name: str
    service: Service | None = None
    is_capability: bool = False
    needs: tuple[Need, ...] = ()

    @property
    def rank(self) -> int:
        """The place of its type in the order of those that could start now."""
        if self.service:
            return RANK[self.service.type]
        # A capability isn't a step of its own; a name without a note is most likely a machine.
        return -1 if self.is_capability else RANK["host"]


@dataclass(frozen=True)
class Stop:
    """A node that stops too: because of which other node, by which kind of need, how many steps away."""

    node: Node
    because: str = ""  # the key of the node before it; empty for the one that stopped first
    kind: str = ""
    depth: int = 0


@dataclass(frozen=True)
class Weaker:
    """A node that keeps running, because something else can still do what stopped."""

    node: Node
    kind: str
    lost: tuple[str, ...]  # names
    left: tuple[str, ...]


@dataclass(frozen=True)
class Impact:
    """Everything that stops with a node, the nearest first, and what only loses its redundancy."""

    start: Node
    stops: Mapping[str, Stop]  # by key, including the start
    weaker: Sequence[Weaker]

    @property
    def services(self) -> list[Stop]:
        """The services that stop with it, without itself and without capabilities."""
        return [stop for stop in self.stops.values() if stop.because and not stop.node.is_capability]

    def path(self, stop: Stop) -> list[Node]:
        """The nodes on the path from the start to that one."""
        found = [stop.node]
        while stop.because:
            stop = self.stops[stop.because]
            found.append(stop.node)
        return found[::-1]

    def also(self, stop: Stop) -> list[str]:
        """The names of whatever else it would miss: other things that it needs and that stop too."""
        lost = (need.options for need in stop.node.needs if all(option in self.stops for option in need.options))
        return sorted({self.stops[key].node.name for options in lost for key in options} - {self.stops[stop.because].node.name})

    def tree(self) -> Iterator[tuple[str, Stop]]:
        """Row by row (branch characters, stop): below each, what stops because of it."""
        below: dict[str, list[Stop]] = {}
        for stop in self.stops.values():
            below.setdefault(stop.because, []).append(stop)
        waiting = [("", "", self.stops[self.start.key])]
        while waiting:
            lead, sign, stop = waiting.pop()
            yield sign, stop
            children = sorted(below.get(stop.node.key, ()), key=lambda child: child.node.name)
            for i in range(len(children) - 1, -1, -1):
                last = i == len(children) - 1
                waiting.append((lead + ("   " if last else "│  "), lead + ("└─ " if last else "├─ "), children[i]))


@dataclass(frozen=True)
class Step:
    """One step of the start order; `before` names things that it needs but starts before, to break a circle."""

    node: Node
    after: tuple[str, ...]
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Graph:
    """Everything that runs and everything that it needs, without retired services."""

    nodes: Mapping[str, Node]
    names: Mapping[str, str] = field(default_factory=dict, repr=False)  # any name in lower case → key

    def find(self, name: str) -> Node | None:
        """The node of that name: a service or an alias of it, a name without a note, or a capability."""
        key = self.names.get(name.lower())
        return self.nodes[key] if key else None

    @cached_property
    def users(self) -> Mapping[str, Sequence[tuple[str, Need]]]:
        """key → the nodes that name it, each with the need in question."""
        found: dict[str, list[tuple[str, Need]]] = {}
        for node in self.nodes.values():
            for need in node.needs:
                for option in need.options:
                    found.setdefault(option, []).append((node.key, need))
        return found

    def direct_users(self, node: Node) -> list[Node]:
        """The services that name it, or a capability that it provides."""
        found: dict[str, Node] = {}
        for user, _ in self.users.get(node.key, ()):
            for key in [other for other, _ in self.users.get(user, ())] if self.nodes[user].is_capability else [user]:
                found[key] = self.nodes[key]
        return [found[key] for key in sorted(found) if key != node.key]

    # ---- impact ------------------------------------------------------------------------------------------------------

    def impact(self, start: Node) -> Impact:
        """What stops when `start` stops, all the way. A need stops its node when none of its options is left."""
        stops = {start.key: Stop(start)}
        # By identity: the hash of a need walks all its options, and this loop must stay linear in the edges.
        left: dict[int, int] = {}
        touched: dict[int, tuple[str, Need]] = {}
        waiting = deque([start.key])
        while waiting:
            gone = waiting.popleft()
            for user, need in self.users.get(gone, ()):
                touched[id(need)] = (user, need)
                rest = left[id(need)] = left.get(id(need), len(need.options)) - 1
                if not rest and user not in stops:
                    stops[user] = Stop(self.nodes[user], gone, need.kind, stops[gone].depth + 1)
                    waiting.append(user)
        weaker = [
            self._weaker(self.nodes[user], need, stops)
            for mark, (user, need) in touched.items()
            if left[mark] and user not in stops
        ]
        return Impact(start, stops, sorted(weaker, key=lambda w: w.node.name))

    def _weaker(self, node: Node, need: Need, stops: Mapping[str, Stop]) -> Weaker:
        lost = tuple(self.nodes[key].name for key in need.options if key in stops)
        return Weaker(node, need.kind, lost, tuple(self.nodes[key].name for key in need.options if key not in stops))

    def foundations(self, node: Node) -> frozenset[str]:
        """The keys of everything that this node can't do without, all the way down; if there is a choice, no option counts."""
        found: set[str] = set()
        waiting = [node.key]
        while waiting:
            for need in self.nodes[waiting.pop()].needs:
                if len(need.options) == 1 and need.options[0] not in found:
                    found.add(need.options[0])
                    waiting.append(need.options[0])
        return frozenset(found)

    def only_one_for(self, node: Node) -> list[tuple[Node, str]]:
        """The services that would stop at once without it, each with what it needs from it: a name or a capability."""
        found = []
        for user, need in self.users.get(node.key, ()):
            if need.options != (node.key,):
                continue
            capability = self.nodes[user]
            if not capability.is_capability:
                found.append((capability, need.kind))
            found += [
                (self.nodes[other], capability.name)
                for other, _ in (self.users.get(user, ()) if capability.is_capability else ())
                if other != node.key
            ]
        return sorted(found, key=lambda row: (row[0].name, row[1]))

    # ---- circles and order -------------------------------------------------------------------------------------------

    @cached_property
    def knots(self) -> list[list[str]]:
        """The strongly connected components, what is needed before what needs it (Tarjan's algorithm without recursion)."""
        return _knots({key: [option for need in node.needs for option in need.options] for key, node in self.nodes.items()})

    @cached_property
    def circles(self) -> list[list[Node]]:
        """One circle of each knot, as short as possible: from its first name round to itself."""
        return [self._circle(knot) for knot in self.knots if len(knot) > 1]

    def _circle(self, knot: Sequence[str]) -> list[Node]:
        inside = set(knot)
        start = min(knot, key=lambda key: (self.nodes[key].is_capability, self.nodes[key].name))
        came_from: dict[str, str] = {}
        waiting = deque([start])
        while start not in came_from:
            at = waiting.popleft()
            for option in (option for need in self.nodes[at].needs for option in need.options):
                if option in inside and option not in came_from:
                    came_from[option] = at
                    waiting.append(option)
        way = [start, came_from[start]]
        while way[-1] != start:
            way.append(came_from[way[-1]])
        return [self.nodes[key] for key in reversed(way)]

    def order(self) -> list[Step]:
        """The order in which to start everything: what is needed comes first, and among those that can start now, devices, networks and hosts."""
        missing = {key: sum(len(need.options) for need in node.needs) for key, node in self.nodes.items()}
        ready = [self._turn(key) for key in self.nodes if not missing[key]]
        heapq.heapify(ready)
        knots = [knot for knot in self.knots if len(knot) > 1]
        started: set[str] = set()
        steps = []
        while len(started) < len(self.nodes):
            if ready:
                key = heapq.heappop(ready)[-1]
            else:
                while all(key in started for key in knots[0]):
                    knots.pop(0)
                key = min(
                    (key for key in knots[0] if key not in started),
                    key=lambda key: (len(self._unmet(key, started)), self._turn(key)),
                )
            if key in started:
                continue
            started.add(key)
            if not self.nodes[key].is_capability:
                steps.append(self._step(self.nodes[key], started))
            for user, _ in self.users.get(key, ()):
                missing[user] -= 1
                if not missing[user]:
                    heapq.heappush(ready, self._turn(user))
        return steps

    def _turn(self, key: str) -> tuple[int, int, str, str]:
        """Its turn among those that can start now: by type, then by how many others wait for it, then by name."""
        users = self.users.get(key, ())
        waiting = sum(len(self.users.get(user, ())) if self.nodes[user].is_capability else 1 for user, _ in users)
        return self.nodes[key].rank, -waiting, self.nodes[key].name, key

    def _unmet(self, key: str, started: set[str]) -> list[Need]:
        needs = self.nodes[key].needs
        return [need for need in needs if not any(option in started for option in need.options)]

    def _step(self, node: Node, started: set[str]) -> Step:
        met = [option for need in node.needs for option in need.options if option in started]
        unmet = [option for need in self._unmet(node.key, started) for option in need.options]
        return Step(node, self._sorted_names(met), self._sorted_names(unmet))

    def _sorted_names(self, keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted({self.nodes[key].name for key in keys}))

    # ---- gaps --------------------------------------------------------------------------------------------------------

    @property
    def dangling(self) -> list[tuple[Service, str]]:
        """The needs that no service provides: (service, capability), provided that any service provides anything at all."""
        nobody = {key for key, node in self.nodes.items() if node.is_capability and not node.needs}
        return [
            (node.service, self.nodes[option].name)
            for node in self.nodes.values()
            for need in node.needs
            for option in need.options
            if node.service and option in nobody
        ]


def _knots(edges: Mapping[str, Sequence[str]]) -> list[list[str]]:
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    held: list[str] = []
    on_hold: set[str] = set()
    found: list[list[str]] = []
    for root in edges:
        if root in number:
            continue
        walk = [(root, iter(edges[root]))]
        number[root] = lowest[root] = len(number)
        held.append(root)
        on_hold.add(root)
        while walk:
            at, rest = walk[-1]
            for other in rest:
                if other not in number:
                    number[other] = lowest[other] = len(number)
                    held.append(other)
                    on_hold.add(other)
                    walk.append((other, iter(edges[other])))
                    break
                if other in on_hold:
                    lowest[at] = min(lowest[at], number[other])
            else:
                walk.pop()
                if walk:
                    lowest[walk[-1][0]] = min(lowest[walk[-1][0]], lowest[at])
                if lowest[at] == number[at]:
                    knot: list[str] = []
                    while not knot or knot[-1] != at:
                        knot.append(held.pop())
                        on_hold.discard(knot[-1])
                    found.append(knot)
    return found
