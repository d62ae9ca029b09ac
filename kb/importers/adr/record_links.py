"""Where the links of a Markdown text lead, and changing some of them without changing any other byte."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

from ...notes.markdown import prose_lines

_INLINE = re.compile(
    r"(?P<mark>!?)\[(?P<text>(?:[^\[\]\n]|!?\[[^\[\]\n]{0,300}\](?:\([^()\n]{0,500}\))?){0,500})\]\(\s*(?:<(?P<angle>[^<>\n]+)>|(?P<to>(?:[^()\s<>]|\([^()\s]{0,200}\)){1,1000}))"
)
_IMAGE = re.compile(r"!\[[^\[\]\n]*\]\(\s*(?:<(?P<angle>[^<>\n]+)>|(?P<to>(?:[^()\s<>]|\([^()\s]{0,200}\)){1,1000}))")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]*(?:<(?P<angle>[^<>\n]+)>|(?P<to>[^\s<>]+))")
_HTML = re.compile(
    r"<(?P<tag>img|a|source|object|embed|video)\b[^<>]*?\b(?:src|href|data)\s*=\s*[\"'](?P<to>[^\"'\n]+)[\"']", re.IGNORECASE
)
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")

# What comes along with a record that links to it, even from outside the records' folder.
_PAPERS = frozenset(
    "png jpg jpeg gif svg webp bmp ico avif tif tiff pdf drawio dio excalidraw puml plantuml iuml mmd mermaid dot gv uml xmind vsd vsdx "
    "odt odp ods odg doc docx ppt pptx xls xlsx csv tsv zip key sketch fig".split()
)


@dataclass(frozen=True)
class Destination:
    """Where a link of a text leads, as written, and where that is in the text."""

    written: str
    start: int
    end: int
    line: int  # from 0
    embedded: bool = False

    @property
    def path(self) -> str:
        """The path without anchor and query, unquoted; empty for an address on the web or in the page itself."""
        if re.match(r"[A-Za-z][\w+.-]*:(?!\\)|//|#|mailto:", self.written):
            return ""
        return unquote(re.split(r"[#?]", self.written, maxsplit=1)[0]).replace("\\", "/")

    @property
    def rest(self) -> str:
        """The anchor or query, with its `#` or `?`."""
        found = re.search(r"[#?].*$", self.written)
        return found[0] if found else ""


def destinations(text: str) -> Iterator[Destination]:
    """All links and images of a text, in order; code is skipped."""
    for number, offset, line, fenced in prose_lines(text):
        if fenced or not ("](" in line or "]:" in line or "<" in line):
            continue
        prose = _CODE.sub(lambda span: " " * len(span[0]), line) if "`" in line else line
        found: dict[int, Destination] = {}
        for pattern in (_IMAGE, _INLINE, _DEFINITION, _HTML):
            for match in pattern.finditer(prose):
                groups = match.groupdict()
                name = "angle" if groups.get("angle") else "to"
                start, end = match.span(name)
                embedded = pattern is _IMAGE or bool(groups.get("mark")) or (groups.get("tag") or "a").lower() != "a"
                found.setdefault(start, Destination(line[start:end], offset + start, offset + end, number, embedded))
        yield from (found[start] for start in sorted(found))


def moved(text: str, new_home: Callable[[Destination], str | None]) -> str:
    """The text with the links changed that have a new destination."""
    for link in reversed(list(destinations(text))):
        new = new_home(link)
        if new is not None and new != link.written:
            text = text[: link.start] + new + text[link.end :]
    return text


def resolved(link: Destination, folder: str) -> str:
    """The path that a link of a file in `folder` leads to, relative to the project; empty if it leads outside."""
    if not link.path:
        return ""
    path = link.path[1:] if link.path.startswith("/") else posixpath.join(folder, link.path)
    path = posixpath.normpath(path)
    return "" if path.startswith("../") or path in ("..", ".") else path


def as_written(path: str, rest: str) -> str:
    """A path as a link's destination."""
    return quote(path, safe="/-._~!$&'+,;=@") + rest


def goes_along(link: Destination, path: str, home: str) -> bool:
    """Whether the file at `path` belongs to the record (a picture, a document, a neighbour), and isn't a file of the project itself."""
    ending = path.rpartition(".")[2].lower()
    inside = not home or path.startswith(home + "/")
    return link.embedded or ending in _PAPERS or (inside and "." in path and ending not in ("md", "markdown"))
