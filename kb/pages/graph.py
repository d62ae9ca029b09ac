"""Services and what they need, as pictures drawn here: no library, no request, the page's own colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import markup

BOX_WIDTH, BOX_HEIGHT, COLUMN_GAP, ROW_GAP = 128, 34, 56, 12
MOST = 12  # boxes in a column; the rest is counted in the last one


@dataclass(frozen=True)
class Box:
    """A name in the picture: where it leads (empty: nowhere), and whether its line is a weak one."""

    name: str
    href: str = ""
    dashed: bool = False


def graph(needed_by: Sequence[Box], name: str, needs: Sequence[Box]) -> str:
    """An inline SVG: those that need it on the left, it, and what it needs on the right; empty without neighbours."""
    if not needed_by and not needs:
        return ""
    columns = [column for column in (_cut(needed_by), [Box(name)], _cut(needs)) if column]
    tallest = max(len(column) for column in columns)
    height = tallest * (BOX_HEIGHT + ROW_GAP) - ROW_GAP + 4
    width = len(columns) * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP + 4
    middle = 1 if needed_by else 0
    lines, boxes = [], []
    for place, column in enumerate(columns):
        for at, box in enumerate(column):
            x, y = _corner(place, at, len(column), height)
            boxes.append(_box(box, x, y, "kb-box kb-box--here" if place == middle else "kb-box"))
            if place != middle:
                lines.append(_line(x, y, _corner(middle, 0, 1, height), place < middle, box.dashed))
    said = f"{len(needed_by)} need {name}, which needs {len(needs)}"
    return f'<div class="kb-graph">{_svg(width, height, said, [*lines, *boxes])}</div>\n'


_ARROW = (
    '<defs><marker id="kb-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0.8 7 4 0 7.2z"/></marker></defs>'
)
# The site's own style sheet doesn't reach a file that stands alone.
_ALONE = (
    "<style>rect{fill:#fff;stroke:#889}rect.kb-box--here{stroke:#c30;stroke-width:2}.kb-line{fill:none;stroke:#889}"
    ".kb-line--dashed{stroke-dasharray:4 3}text{font:13px sans-serif;text-anchor:middle;dominant-baseline:central;fill:#223}"
    "marker path{fill:#889}@media(prefers-color-scheme:dark){rect{fill:#223}text{fill:#eee}}</style>"
)


def layers(columns: Sequence[Sequence[Box]], lines: Sequence[tuple[str, str]], said: str) -> str:
    """An SVG that stands alone: boxes in columns from left to right, and lines between boxes by their names."""
    tallest = max(len(column) for column in columns)
    height = tallest * (BOX_HEIGHT + ROW_GAP) - ROW_GAP + 4
    width = len(columns) * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP + 4
    corners = {
        box.name: _corner(place, at, len(column), height)
        for place, column in enumerate(columns)
        for at, box in enumerate(column)
    }
    drawn = [_line(*corners[end], corners[start], False, False) for start, end in lines]
    for place, column in enumerate(columns):
        drawn += [_box(box, *corners[box.name], "kb-box" if place else "kb-box kb-box--here") for box in column]
    return _svg(width, height, said, [_ALONE, *drawn], ' xmlns="http://www.w3.org/2000/svg"')


def _svg(width: int, height: int, said: str, parts: Sequence[str], more: str = "") -> str:
    return (
        f'<svg{more} viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{markup.attribute(said)}">{_ARROW}{"".join(parts)}</svg>'
    )


def _cut(boxes: Sequence[Box]) -> list[Box]:
    if len(boxes) <= MOST:
        return list(boxes)
    return [*boxes[: MOST - 1], Box(f"{len(boxes) - MOST + 1} more")]


def _corner(column: int, at: int, of: int, height: int) -> tuple[int, int]:
    used = of * (BOX_HEIGHT + ROW_GAP) - ROW_GAP
    return 2 + column * (BOX_WIDTH + COLUMN_GAP), (height - used) // 2 + at * (BOX_HEIGHT + ROW_GAP)


def _box(box: Box, x: int, y: int, css: str) -> str:
    name = markup.one_line(box.name)
    short = name if len(name) <= 16 else name[:15] + "…"
    shape = (
        f'<rect class="{css}" x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="8"/>'
        f'<text x="{x + BOX_WIDTH // 2}" y="{y + BOX_HEIGHT // 2}">{markup.attribute(short)}</text>'
    )
    if short != name:
        shape = f"<title>{markup.attribute(name)}</title>{shape}"
    return f'<a href="{markup.attribute(box.href)}">{shape}</a>' if box.href else f"<g>{shape}</g>"


def _line(x: int, y: int, middle: tuple[int, int], from_left: bool, dashed: bool) -> str:
    """From the one that needs to the one that is needed."""
    half = BOX_HEIGHT // 2
    start = (x + BOX_WIDTH, y + half) if from_left else (middle[0] + BOX_WIDTH, middle[1] + half)
    end = (middle[0] - 2, middle[1] + half) if from_left else (x - 2, y + half)
    bend = COLUMN_GAP // 2
    path = f"M{start[0]} {start[1]}C{start[0] + bend} {start[1]} {end[0] - bend} {end[1]} {end[0]} {end[1]}"
    return f'<path class="kb-line{" kb-line--dashed" if dashed else ""}" d="{path}" marker-end="url(#kb-arrow)"/>'
