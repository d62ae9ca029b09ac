"""Services and what they need as SVG pictures: no library, no request, in the page's own colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..sitemap import markup
from .graph_layout import Connector, Drawing, Size, drawing

LETTER = 7.3  # about how wide a letter is, at the size of names
NARROWEST, WIDEST = 76, 190
HEIGHT, HEIGHT_WITH_SMALL = 32, 42
EDGE = 3  # room for the strokes at the rim
SHRUNK = 1500  # pixels; up to this width, letters stay readable when the picture is scaled to the page
WIDTH = 1120  # of a page without a column beside it


@dataclass(frozen=True)
class Box:
    """A name in the picture, something small below it, where it leads (empty: nowhere), and what it is (css classes)."""

    name: str
    href: str = ""
    small: str = ""
    css: str = ""
    sign: str = ""  # a mark in its corner, and what it means
    means: str = ""


def graph(
    boxes: Mapping[str, Box], lines: Mapping[tuple[str, str], str], said: str, width: int = WIDTH, alone: bool = False
) -> str:
    """An SVG of the boxes, each line from what needs to what is needed, with its css classes.

    It is part of a page and uses its style sheet; `alone` makes it a file of its own.
    """
    sizes = {key: _size(box) for key, box in boxes.items()}
    found = drawing(sizes, lines, width - 2 * EDGE)
    parts = [_line(line, lines[line.start, line.end], names=boxes) for line in found.lines]
    parts += [_box(key, boxes[key], found) for key in boxes]
    more = ' xmlns="http://www.w3.org/2000/svg"' if alone else ""
    size = (found.width + 2 * EDGE, found.height + 2 * EDGE)
    return (
        f'<svg{more} viewBox="{-EDGE} {-EDGE} {size[0]} {size[1]}" width="{size[0]}" height="{size[1]}" role="group" '
        f'aria-label="{markup.attribute(said)}">{_ALONE if alone else ""}{_ARROW}{"".join(parts)}</svg>'
    )


def figure(svg: str, label: str) -> str:
    """A picture for a page; one that is too wide can be scrolled, also by keyboard, or is scaled down a little on a wide screen."""
    wide = int(svg.partition(' width="')[2].partition('"')[0])
    css = "kb-graph kb-graph--fits" if wide <= SHRUNK else "kb-graph"
    return f'<div class="{css}" role="region" aria-label="{markup.attribute(label)}" tabindex="0">{svg}</div>\n'


_ARROW = (
    '<defs><marker id="kb-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0.8 7 4 0 7.2z"/></marker></defs>'
)

# The site's style sheet doesn't apply to a separate file.
_ALONE = (
    "<style>rect{fill:#fff;stroke:#889}rect.kb-box--here{stroke:#c30;stroke-width:2}.kb-line{fill:none;stroke:#889}"
    ".kb-line--dashed{stroke-dasharray:4 3}text{font:13px sans-serif;text-anchor:middle;dominant-baseline:central;fill:#223}"
    "text.kb-small{font-size:10.5px;fill:#667}"
    "marker path{fill:#889}@media(prefers-color-scheme:dark){rect{fill:#223}text{fill:#eee}text.kb-small{fill:#aab}}</style>"
)


def _size(box: Box) -> Size:
    letters = max(len(markup.one_line(box.name)) * LETTER, len(markup.one_line(box.small)) * LETTER * 0.82)
    width = min(WIDEST, max(NARROWEST, round(letters) + 24))
    return Size(width, HEIGHT_WITH_SMALL if box.small else HEIGHT)


def _short(text: str, width: int, letter: float) -> str:
    most = int((width - 16) / letter)
    shown = markup.one_line(text)
    # Cut from the middle: names of one project differ at their ends.
    return shown if len(shown) <= most else f"{shown[: most - most // 3 - 1]}…{shown[-(most // 3) :]}"


def _box(key: str, box: Box, found: Drawing) -> str:
    place = found.places[key]
    width, height = place.size.width, place.size.height
    middle = place.x + width // 2
    name, small = _short(box.name, width, LETTER), _short(box.small, width, LETTER * 0.82)
    told = (
        ", ".join(filter(None, (box.name, box.small, box.means))) if (name, small) != (box.name, box.small) or box.means else ""
    )
    shape = (
        f'<rect class="{f"kb-box {box.css}".strip()}" x="{place.x}" y="{place.y}" width="{width}" height="{height}" '
        f'rx="{height // 2 if "capability" in box.css else 7}"/>'
        f'<text x="{middle}" y="{place.y + (15 if small else height // 2)}">{markup.attribute(name)}</text>'
    )
    if small:
        shape += f'<text class="kb-small" x="{middle}" y="{place.y + 30}">{markup.attribute(small)}</text>'
    if box.sign:
        shape += (
            f'<circle class="kb-sign" cx="{place.x + width - 3}" cy="{place.y + 3}" r="8"/>'
            f'<text class="kb-sign" x="{place.x + width - 3}" y="{place.y + 3.5}">{box.sign}</text>'
        )
    if told:
        shape = f"<title>{markup.attribute(told)}</title>{shape}"
    named = f' data-name="{markup.attribute(box.name)}"'
    return f'<a href="{markup.attribute(box.href)}"{named}>{shape}</a>' if box.href else f"<g{named}>{shape}</g>"


def _line(line: Connector, css: str, names: Mapping[str, Box]) -> str:
    """The line from the one that needs to the one that is needed, around anything between."""
    points: Sequence[tuple[int, int]] = line.points
    (x, y), (last_x, last_y) = points[0], points[-1]
    gap = -2 if not line.back else 2
    way = [*points[:-1], (last_x + gap, last_y)]
    path = f"M{x} {y}" + "".join(_bend(one, other) for one, other in pairwise(way))
    ends = f'data-from="{markup.attribute(names[line.start].name)}" data-to="{markup.attribute(names[line.end].name)}"'
    return f'<path class="{f"kb-line {css}".strip()}" {ends} d="{path}" marker-end="url(#kb-arrow)"/>'


def _bend(one: tuple[int, int], other: tuple[int, int]) -> str:
    if one[1] == other[1]:
        return f"H{other[0]}"
    half = (other[0] - one[0]) // 2
    return f"C{one[0] + half} {one[1]} {other[0] - half} {other[1]} {other[0]} {other[1]}"
