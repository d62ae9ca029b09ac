"""The small part of Markdown that kb's own texts need, much faster than the whole language."""

from __future__ import annotations

import re
from typing import Any

from .markdown_html import Rendered, Resolver, escape


def own(text: str, resolve: Resolver, searched: bool = True) -> Rendered:
    """Render kb's own Markdown (site/pages): headings with anchors, lists, links, HTML on lines of its own.

    It is a small, regular part of Markdown in which all text from notes is escaped, so these few rules suffice; the general
    renderer takes thirty times as long, which was a quarter of the whole build. What is not `searched` is left out of the
    search index.
    """
    html: list[str] = []
    headings: list[dict[str, Any]] = []
    open_list = ""
    for line in text.split("\n"):
        item = _ITEM.match(line)
        kind = ("ul" if item[1] == "-" else "ol") if item else ""
        if open_list and kind != open_list:
            html.append(f"</{open_list}>")
        if item and kind != open_list:
            html.append(f"<{kind}>")
        open_list = kind
        if item:
            html.append(_row(item[2], resolve))
        elif heading := _OWN_HEADING.match(line):
            html.append(_heading(len(heading[1]), _inline(heading[2], resolve), heading[3] or "top", headings, searched))
        elif line.startswith("<"):
            html.append(
                _RAW_PAGE_LINK.sub(lambda found: f'href="{resolve(found[1], "file").href}"', line.replace(' markdown="1"', ""))
            )
        elif line.startswith("    "):
            html.append(f'<div class="highlight"><pre><code>{escape(line.strip())}</code></pre></div>')
        elif line.strip():
            html.append(f"<p>{_inline(line, resolve)}</p>")
    if open_list:
        html.append(f"</{open_list}>")
    return Rendered(_ONLY_MARKDOWN.sub(lambda found: chr(int(found[1])), "\n".join(html)), headings)


# Characters that mean something in Markdown and nothing in HTML: \ ` * _ { } [ ] | ~ ^ = $ @
_ONLY_MARKDOWN = re.compile("&#(36|42|61|64|9[1-6]|12[3-6]);")
_ITEM = re.compile(r"(-|1\.) (.*)")
_OWN_HEADING = re.compile(r"(#{1,6}) (.*?)(?: \{#([\w-]+)\})?$")
_OWN_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]*)\)")
_STRONG = re.compile(r"\*\*([^*]+)\*\*")
_RAW_PAGE_LINK = re.compile(r'(?<=<a )href="([^":#?]+\.(?:md(?:#[\w-]*)?|atom))"')


def _row(text: str, resolve: Resolver) -> str:
    """An item of a list; the facts at its end (markup.facts) become its attributes. Text from notes never has a bare brace."""
    said, _, facts = text.rpartition(" {:") if text.endswith('"}') else (text, "", "")
    return f"<li{facts[:-1]}>{_inline(said, resolve)}</li>"


def _inline(text: str, resolve: Resolver) -> str:
    def link(found: re.Match[str]) -> str:
        href = found[2]
        if href.partition("#")[0].endswith(".md") and "://" not in href:
            href = resolve(href, "file").href
        return f'<a href="{href}">{found[1]}</a>'

    return _STRONG.sub(r"<strong>\1</strong>", _OWN_LINK.sub(link, text))


def _heading(level: int, html: str, anchor: str, headings: list[dict[str, Any]], searched: bool) -> str:
    headings.append(
        {"level": level, "id": anchor, "name": re.sub(r"<[^>]*>", "", html), "html": html, "data-toc-label": "", "children": []}
    )
    mark = f'<a class="headerlink" href="#{anchor}" title="Link to this section"></a>' if level > 1 else ""
    left_out = "" if searched else " data-search-exclude"
    return f'<h{level} id="{anchor}"{left_out}>{html}{mark}</h{level}>'
