"""Laying out the boxes of a drawing: layers from left to right, few crossings, lines that run around boxes.

After Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures" (1981), with the
median heuristic of Eades and Wormald, and heights by pooling neighbours that would overlap (isotonic regression).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median_low

GAP = 14  # between two boxes of a layer
BETWEEN = 56  # between two layers
PART_GAP = 34  # between two parts without a line between them
LANE = 8  # the height of a line that runs past a layer
SWEEPS = 16
STRAIGHT = 8  # how much more a line resists bending than a box resists moving


@dataclass(frozen=True)
class Size:
    """How large a box is, in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class Position:
    """Where a box is: its upper left corner."""

    x: int
    y: int
    size: Size


@dataclass(frozen=True)
class Connector:
    """A line from a box to one on its right, through points between boxes; `back` runs against the order, in a circle."""

    start: str
    end: str
    points: Sequence[tuple[int, int]]
    back: bool = False


@dataclass(frozen=True)
class Drawing:
    """Boxes and lines, with the size of the whole."""

    places: Mapping[str, Position]
    lines: Sequence[Connector]
    width: int
    height: int


def drawing(sizes: Mapping[str, Size], edges: Iterable[tuple[str, str]], width: int) -> Drawing:
    """Lay out the boxes; each edge leads from left to right.

    Parts without a line between them are placed side by side up to `width`, the largest first.
    """
    wanted = [(start, end) for start, end in dict.fromkeys(edges) if start != end]
    places: dict[str, Position] = {}
    lines: list[Connector] = []
    x = y = row = widest = 0
    for part in sorted((_part(keys, wanted, sizes) for keys in _parts(sizes, wanted)), key=lambda part: -part.height):
        if x and x + part.width > width:
            x, y, row = 0, y + row + PART_GAP, 0
        places |= {key: Position(place.x + x, place.y + y, place.size) for key, place in part.places.items()}
        lines += [
            Connector(line.start, line.end, [(px + x, py + y) for px, py in line.points], line.back) for line in part.lines
        ]
        widest = max(widest, x + part.width)
        x, row = x + part.width + PART_GAP, max(row, part.height)
    return Drawing(places, lines, widest, y + row)


def _parts(sizes: Mapping[str, Size], edges: Sequence[tuple[str, str]]) -> list[list[str]]:
    """The connected parts, with boxes in the order in which they were given."""
    beside: dict[str, list[str]] = {key: [] for key in sizes}
    for start, end in edges:
        beside[start].append(end)
        beside[end].append(start)
    seen: set[str] = set()
    found = []
    for key in sizes:
        if key in seen:
            continue
        seen.add(key)
        part = [key]
        for member in part:
            fresh = [other for other in beside[member] if other not in seen]
            seen.update(fresh)
            part += dict.fromkeys(fresh)
        found.append(part)
    return found


@dataclass
class _Layers:
    """A part while it is laid out. A line that passes a layer is in it as a box of no width, named by its edge and layer."""

    order: list[list[str]]
    left: dict[str, list[str]] = field(default_factory=dict)
    right: dict[str, list[str]] = field(default_factory=dict)

    def join(self, start: str, end: str) -> None:
        self.right.setdefault(start, []).append(end)
        self.left.setdefault(end, []).append(start)


def _part(keys: Sequence[str], edges: Sequence[tuple[str, str]], sizes: Mapping[str, Size]) -> Drawing:
    inside = set(keys)
    own = [(start, end) for start, end in edges if start in inside]
    back = _against(keys, own)
    forward = [pair[::-1] if pair in back else pair for pair in own]
    depth = _depths(keys, forward)
    layers = _Layers([[] for _ in range(max(depth.values()) + 1)])
    for key in keys:
        layers.order[depth[key]].append(key)
    ways = {edge: _way(layers, depth, *edge) for edge in dict.fromkeys(forward)}
    _uncross(layers)
    heights = {key: sizes[key].height if key in sizes else LANE for layer in layers.order for key in layer}
    middles = _middles(layers, heights)
    top = min(middles[key] - heights[key] / 2 for key in middles)
    # All boxes of a layer are as wide as the widest: a line leaving a narrow one would run through its neighbours.
    widths = [max((sizes[key].width for key in layer if key in sizes), default=0) for layer in layers.order]
    lefts = [sum(widths[:at]) + at * BETWEEN for at in range(len(widths))]
    places = {
        key: Position(lefts[depth[key]], round(middles[key] - heights[key] / 2 - top), Size(widths[depth[key]], heights[key]))
        for layer in layers.order
        for key in layer
        if key in sizes
    }
    lines = []
    for start, end in own:
        turned = (start, end) in back
        way = ways[(end, start) if turned else (start, end)]
        points = _points([round(middles[key] - top) for key in way], depth[way[0]], lefts, widths)
        lines.append(Connector(start, end, points[::-1] if turned else points, turned))
    return Drawing(places, lines, lefts[-1] + widths[-1], _height(places, lines))


def _height(places: Mapping[str, Position], lines: Sequence[Connector]) -> int:
    """How far down boxes and lines go."""
    bottom = max(place.y + place.size.height for place in places.values())
    lowest = max((y for line in lines for _, y in line.points), default=0)
    return max(bottom, lowest + LANE // 2)


def _points(heights: Sequence[int], first: int, lefts: Sequence[int], widths: Sequence[int]) -> list[tuple[int, int]]:
    """Where a line bends that leaves layer `first` and passes each next layer at one of these heights."""
    points = [(lefts[first] + widths[first], heights[0])]
    for at, y in enumerate(heights[1:-1], first + 1):
        points += [(lefts[at], y), (lefts[at] + widths[at], y)]
    return [*points, (lefts[first + len(heights) - 1], heights[-1])]


def _against(keys: Sequence[str], edges: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """The edges to reverse so that no circle is left: those that lead back to where a walk came from."""
    after: dict[str, list[str]] = {key: [] for key in keys}
    for start, end in edges:
        after[start].append(end)
    back: set[tuple[str, str]] = set()
    state: dict[str, int] = {}  # 1 on the way, 2 done
    for first in keys:
        if first in state:
            continue
        state[first] = 1
        walk = [(first, iter(after[first]))]
        while walk:
            at, rest = walk[-1]
            following = next(rest, None)
            if following is None:
                state[at] = 2
                walk.pop()
            elif state.get(following) == 1:
                back.add((at, following))
            elif following not in state:
                state[following] = 1
                walk.append((following, iter(after[following])))
    return back


def _depths(keys: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The layer of each box: what everything depends on is farthest right, and the others are as close to it as possible."""
    after: dict[str, list[str]] = {key: [] for key in keys}
    waiting = dict.fromkeys(keys, 0)
    before: dict[str, list[str]] = {key: [] for key in keys}
    for start, end in edges:
        after[start].append(end)
        before[end].append(start)
        waiting[start] += 1
    rest = dict.fromkeys(keys, 0)
    ready = [key for key in keys if not waiting[key]]
    for key in ready:
        for user in before[key]:
            rest[user] = max(rest[user], rest[key] + 1)
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    deepest = max(rest.values())
    depth = {key: deepest - rest[key] for key in keys}
    # What has more lines to its left than to its right goes as far left as it may, the rest close to its needs: lines get short.
    first = dict.fromkeys(keys, 0)
    for key in reversed(ready):
        for need in after[key]:
            first[need] = max(first[need], first[key] + 1)
    for key in ready:
        nearest = min((depth[need] for need in after[key]), default=deepest + 1) - 1
        depth[key] = first[key] if len(before[key]) > len(after[key]) else nearest
    return depth


def needed_lines(edges: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """The edges without those that follow from others (transitive reduction).

    Aho, Garey and Ullman, "The transitive reduction of a directed graph" (1972). Edges inside a circle all stay.
    """
    found = set(edges)
    after: dict[str, list[str]] = {}
    for start, end in found:
        after.setdefault(start, []).append(end)
    beyond = {key: _reached(after, key) for key in after}
    return {
        (start, end)
        for start, end in found
        if start in beyond.get(end, ())
        or not any(
            end in beyond.get(other, ()) and start not in beyond.get(other, ()) for other in after[start] if other != end
        )
    }


def _reached(after: Mapping[str, Sequence[str]], start: str) -> set[str]:
    """Everything that can be reached from there."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in after.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def _way(layers: _Layers, depth: Mapping[str, int], start: str, end: str) -> list[str]:
    """The stations of an edge, one in each layer that it passes."""
    way = [start]
    for at in range(depth[start] + 1, depth[end]):
        station = f"{start}\n{end}\n{at}"
        layers.order[at].append(station)
        way.append(station)
    way.append(end)
    for one, other in pairwise(way):
        layers.join(one, other)
    return way


def _uncross(layers: _Layers) -> None:
    """Order each layer by the median of its boxes' neighbours, and keep the order with the fewest crossings of all sweeps."""
    best, fewest = [list(layer) for layer in layers.order], _crossings(layers)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        towards_right = sweep % 2 == 0
        numbers = range(1, len(layers.order)) if towards_right else range(len(layers.order) - 2, -1, -1)
        for at in numbers:
            beside = layers.left if towards_right else layers.right
            at_place = {key: place for place, key in enumerate(layers.order[at - 1 if towards_right else at + 1])}
            here = {key: place for place, key in enumerate(layers.order[at])}
            layers.order[at].sort(key=lambda key: (_middle(beside.get(key, ()), at_place, here[key]), here[key]))
        crossings = _crossings(layers)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers.order], crossings
    layers.order[:] = best


def _middle(beside: Sequence[str], places: Mapping[str, int], own: int) -> float:
    found = [places[key] for key in beside if key in places]
    return median_low(found) if found else own


def _crossings(layers: _Layers) -> int:
    """How often lines cross between neighbouring layers (counted by inversions, with a Fenwick tree)."""
    total = 0
    for one, other in pairwise(layers.order):
        place = {key: at for at, key in enumerate(other)}
        ends = [end for key in one for end in sorted(place[to] for to in layers.right.get(key, ()))]
        tree = [0] * (len(other) + 1)
        for count, end in enumerate(ends):
            before, at = 0, end + 1
            while at:
                before += tree[at]
                at -= at & -at
            total += count - before
            at = end + 1
            while at <= len(other):
                tree[at] += 1
                at += at & -at
    return total


def _middles(layers: _Layers, heights: Mapping[str, int]) -> dict[str, float]:
    """The height of each box's middle: near the middle of its neighbours, in the order of its layer, without overlap."""
    middles: dict[str, float] = {}
    for layer in layers.order:
        y = 0.0
        for key in layer:
            middles[key] = y + heights[key] / 2
            y += heights[key] + GAP
    for sweep in range(SWEEPS):
        numbers = range(len(layers.order)) if sweep % 2 else range(len(layers.order) - 1, -1, -1)
        for at in numbers:
            layer = layers.order[at]
            wanted = []
            for key in layer:
                beside = [*layers.left.get(key, ()), *layers.right.get(key, ())]
                # A bend between two stations of one line is worse than one between boxes.
                pulls = [(middles[other], STRAIGHT if "\n" in other and "\n" in key else 1) for other in beside]
                total = sum(weight for _, weight in pulls)
                wanted.append(sum(middle * weight for middle, weight in pulls) / total if pulls else middles[key])
            weights = [STRAIGHT if "\n" in key else 1 for key in layer]
            middles.update(zip(layer, _apart(wanted, [heights[key] for key in layer], weights), strict=True))
    return middles


def _apart(wanted: Sequence[float], heights: Sequence[int], weights: Sequence[int]) -> list[float]:
    """The middles nearest to those wanted that keep order and distance: neighbours that would overlap move as a group."""
    offset, offsets = 0.0, []
    for at, height in enumerate(heights):
        offset += (heights[at - 1] + height) / 2 + GAP if at else 0.0
        offsets.append(offset)
    groups: list[tuple[float, int, int]] = []  # the mean of a group, what it weighs, and how many are in it
    for at, want in enumerate(wanted):
        mean, weight, count = want - offsets[at], weights[at], 1
        while groups and groups[-1][0] > mean:
            before, others, members = groups.pop()
            mean, weight, count = (before * others + mean * weight) / (others + weight), others + weight, members + count
        groups.append((mean, weight, count))
    means = [mean for mean, _, count in groups for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]
