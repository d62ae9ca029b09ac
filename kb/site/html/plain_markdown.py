"""Pages as plain Markdown that any builder or viewer renders: no HTML but anchors, links to the other files."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from ...notes.kinds import Note
from ...notes.markdown import code_spans, prose_lines
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap

_WIKI = re.compile(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]*))?\]\]")
_LINK = re.compile(r"(!?)\[([^\[\]\n]*)\]\(\s*<?([^()\s<>]+)>?((?:\s+\"[^\"\n]*\")?)\s*\)")
_DEFINITION = re.compile(r"^( {0,3}\[[^\]\n]+\]:\s*)<?([^\s<>]+)>?")


def plain(site: SiteMap, page: Page) -> str:
    """The whole page as one Markdown text."""
    parts = [_own(page.head)]
    if page.note and page.note.problem and not page.note.front:
        parts.append("".join(f"    {line}\n" for line in page.note.body.splitlines()))
    elif page.note:
        parts.append(_body(site, page, page.note))
    parts.append(_own(page.tail))
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


# ---- kb's own part ---------------------------------------------------------------------------------------------------

# Each piece of HTML that kb's pages use, and its equivalent in plain Markdown.
_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?s)<svg\b.*?</svg> ?", ""),
        (r'<div class="kb-(?:graph|heat|plot|map-of-notes)"[^>]*>\s*</div>\n?', ""),
        # The title comes first, for builders that take the first heading for the page's name.
        (r'<p class="kb-kicker"><span[^>]*>([^<]*)</span>(?: <time[^>]*>([^<]*)</time>)?</p>\n+(# .*)\n', r"\3\n\n*\1* \2\n"),
        (r'<p class="kb-heat-key[^"]*">(.*?)</p>', r"\1"),
        (r'<p class="kb-(?:feed|legends)">.*?</p>', ""),
        (r"(?m)^</?div[^>]*>\n?|</?div[^>]*>", ""),
        (r'(?m) ?\{:(?: data-[a-z]+="[^"]*")+\}$', ""),
        (r"(?m)^(#{1,6} .*) \{#([\w-]+)\}$", r'<a id="\2"></a>\n\n\1'),
        (r'<span class="kb-date"></span> ?', ""),
        (r'<(?:time|span) class="kb-date"[^>]*>([^<]*)</(?:time|span)>', r"\1"),
        (r'<span class="kb-state[^"]*">([^<]*)</span>', r"*\1*"),
        (r'<span class="kb-fixed[^"]*">([^<]*)</span>', r"→ \1"),
        (r'<span class="kb-(?:about|tally|often|do)">((?:(?!</span>).)*)</span>', r"(\1)"),
        (r" ?<details class=\"kb-undo\"><summary>Undo</summary>(.*?)</details>", r" Undo: \1"),
        (r"</?span[^>]*>", ""),
        (r'<code class="[^"]*">', "<code>"),
        (r"<wbr>", ""),
        (r'<a href="([^"]*)" rel="noopener">([^<]*)</a>', r"[\2](\1)"),
        # What only the filters of kb's own pages understand.
        (r"(?<!!)\[([^\[\]]*)\]\(#[\w-]+=[^()\s]*\)", r"\1"),
        (r"(\]\([^()\s#]*)#[\w-]+=[^()\s]*\)", r"\1)"),
        (r"\n{3,}", "\n\n"),
    )
)

_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_TABLE_ROW = re.compile(r"<tr\b[^>]*>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", re.DOTALL)
_RAW_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


def _table(found: re.Match[str]) -> str:
    """An HTML table as Markdown; other builders would leave it as it is, with links to Markdown files that no browser opens."""
    rows = [
        [_RAW_LINK.sub(r"[\2](\1)", cell).replace("|", "&#124;") for cell in _CELL.findall(row)]
        for row in _TABLE_ROW.findall(found[0])
    ]
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n\n" + "\n".join([*lines[:1], "|---" * len(rows[0]) + "|", *lines[1:]]) + "\n\n" if rows else ""


def _own(markdown: str) -> str:
    markdown = _TABLE.sub(_table, markdown)
    for pattern, replacement in _PLAIN:
        markdown = pattern.sub(replacement, markdown)
    return markdown


# ---- the note's text ---------------------------------------------------------------------------------------------------


def _body(site: SiteMap, page: Page, note: Note) -> str:
    return "".join(line if fenced else _line(site, page, note, line) for _, _, line, fenced in prose_lines(page.body))


def _line(site: SiteMap, page: Page, note: Note, line: str) -> str:
    if line.startswith(("    ", "\t")) and "[" not in line:
        return line  # code by indentation, or a list's text without anything to resolve
    return "".join(piece if is_code else _prose(site, page, note, piece) for is_code, piece in _pieces(line))


def _pieces(line: str) -> Iterator[tuple[bool, str]]:
    """The code spans of a line, and the text between them."""
    end = 0
    for start, after in code_spans(line):
        yield False, line[end:start]
        yield True, line[start:after]
        end = after
    yield False, line[end:]


def _prose(site: SiteMap, page: Page, note: Note, text: str) -> str:
    text = re.sub(r"<(?=[A-Za-z/!?])(?!https?://[^\s<>]+>)", "&lt;", text)

    def wiki(found: re.Match[str]) -> str:
        target = site.target(note, found[1].strip(), "wiki")
        label = (found[2] or "").strip()
        if target.path:
            return markup.link(label or target.title, markup.path_link(target.path, page.path, target.anchor))
        return markup.escaped(label or ("a private note" if target.private else found[1].strip()))

    def file(found: re.Match[str]) -> str:
        href = _href(site, page, note, found[3])
        if not href:
            return found[2]
        remote = found[1] and re.match(r"[a-z]+:", href, re.IGNORECASE)
        return f"{'' if remote else found[1]}[{found[2]}]({href}{found[4]})"

    def definition(found: re.Match[str]) -> str:
        return found[1] + (_href(site, page, note, found[2]) or "#")

    return _DEFINITION.sub(definition, _LINK.sub(file, _WIKI.sub(wiki, text)))


def _href(site: SiteMap, page: Page, note: Note, address: str) -> str:
    """The address for a link from the page; empty if it leads nowhere or must not be followed."""
    address = html.unescape(address)
    if address.startswith("#") or re.match(r"(?:https?|mailto|tel):", address, re.IGNORECASE):
        return address
    target = site.target(note, address, "file")
    return markup.path_link(target.path, page.path, target.anchor) if target.path else ""
