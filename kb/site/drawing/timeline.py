"""Notes that follow from one another as a list with lines beside it, like a Git log: titles stay readable on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..sitemap import markup

LANE, HEIGHT = 16, 40  # of the drawing; each row stretches it to its own height
MOST_LANES = 10  # anything beyond is drawn in the last one


@dataclass(frozen=True)
class Edge:
    """A line from an earlier row to a later one, by their places in the list."""

    start: int
    end: int
    dashed: bool = False


@dataclass(frozen=True)
class Row:
    """The Markdown beside a dot; the dot's class says which state it shows."""

    text: str
    css: str = ""


def rail(rows: Sequence[Row], edges: Sequence[Edge]) -> str:
    """The list with its lines; rows and edges are in reading order."""
    lanes = _lanes(len(rows), edges)
    width = LANE * (
        1 + max((max(at, *bottom) for at, _, bottom in lanes if bottom), default=max((at for at, _, _ in lanes), default=0))
    )
    items = []
    for row, (at, top, bottom) in zip(rows, lanes, strict=True):
        dot = f'<path class="kb-dot{f" kb-dot--{row.css}" if row.css else ""}" d="M{_x(at)} {HEIGHT // 2}h.01"/>'
        lines = "".join(_line(*line) for line in _lines(at, top, bottom))
        svg = f'<svg viewBox="0 0 {width} {HEIGHT}" width="{width}" preserveAspectRatio="none" aria-hidden="true">{lines}{dot}</svg>'
        items.append(f"- {svg} <div>{row.text}</div>")
    return markup.block("kb-rail", "\n".join(items))


Lines = dict[int, Edge]  # lane → the edge that runs in it
Lane = tuple[int, Lines, Lines]  # of a dot; of the lines above it; of those below it


def _lanes(count: int, edges: Sequence[Edge]) -> list[Lane]:
    outgoing: dict[int, list[Edge]] = {}
    for edge in sorted(edges, key=lambda edge: (edge.dashed, edge.end)):
        outgoing.setdefault(edge.start, []).append(edge)
    found: list[Lane] = []
    running: Lines = {}
    for number in range(count):
        top = dict(running)
        ending = sorted(
            (lane for lane, edge in running.items() if edge.end == number), key=lambda lane: (running[lane].dashed, lane)
        )
        for lane in ending:
            del running[lane]
        at = ending[0] if ending else _free(running)
        for place, edge in enumerate(outgoing.get(number, ())):
            running[at if place == 0 else _free(running)] = edge
        found.append((at, top, dict(running)))
    return found


def _free(running: Lines) -> int:
    return next((lane for lane in range(MOST_LANES) if lane not in running), MOST_LANES - 1)


def _lines(at: int, top: Lines, bottom: Lines) -> list[tuple[int, int, int, int, bool]]:
    """What is drawn in one row: through it, to its dot from above, and from its dot downwards."""
    half, found = HEIGHT // 2, []
    for lane, edge in top.items():
        through = bottom.get(lane) is edge
        found.append((lane, 0, lane, HEIGHT, edge.dashed) if through else (lane, 0, at, half, edge.dashed))
    found += [(at, half, lane, HEIGHT, edge.dashed) for lane, edge in bottom.items() if top.get(lane) is not edge]
    return found


def _line(start: int, top: int, end: int, bottom: int, dashed: bool) -> str:
    css = "kb-line kb-line--dashed" if dashed else "kb-line"
    if start == end:
        return f'<path class="{css}" d="M{_x(start)} {top}V{bottom}"/>'
    middle = (top + bottom) // 2
    return f'<path class="{css}" d="M{_x(start)} {top}C{_x(start)} {middle} {_x(end)} {middle} {_x(end)} {bottom}"/>'


def _x(lane: int) -> int:
    return lane * LANE + LANE // 2
