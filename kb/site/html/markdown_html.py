"""Markdown to HTML without anything that a browser would run or fetch. The only module that imports Python-Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor

from .addresses import CONTROL, SCHEMES, plain_address, scheme_of
from .size_limits import too_much

# What makes a page of notes useful; a user's own `markdown_extensions` come on top.
EXTENSIONS: Mapping[str, Mapping[str, Any]] = {
    "toc": {"permalink": "", "permalink_title": "Link to this section"},
    "tables": {},
    "admonition": {},
    "attr_list": {},
    "def_list": {},
    "footnotes": {},
    "abbr": {},
    "pymdownx.details": {},
    "pymdownx.highlight": {"anchor_linenums": False, "guess_lang": False},
    "pymdownx.inlinehilite": {},
    "pymdownx.superfences": {},
    "pymdownx.tabbed": {"alternate_style": True},
    "pymdownx.tasklist": {"custom_checkbox": True},
    "pymdownx.tilde": {"subscript": False},
    "pymdownx.betterem": {},
    "pymdownx.magiclink": {"normalize_issue_symbols": False},
}
ATTRIBUTES = frozenset(
    (
        "href",
        "src",
        "alt",
        "title",
        "class",
        "id",
        "name",
        "for",
        "type",
        "checked",
        "disabled",
        "start",
        "value",
        "width",
        "height",
        "colspan",
        "rowspan",
        "scope",
        "lang",
        "dir",
        "open",
        "role",
        "reversed",
        "rel",
        "aria-hidden",
        "aria-label",
        "data-tabs",
        "loading",
    )
)

# Boxes of task lists have no name of their own; HTML in a note is plain text, so this can't be the note's.
_CHECKBOX = re.compile(r'<input type="checkbox" disabled( checked)?')

# Characters of blocks that are read, counting repeats: Python-Markdown puts back what comes after a heading, a rule or a
# tab, and starts again. Half a second's worth; the longest honest note takes a tenth of it.
MOST_PARSED = 5_000_000


@dataclass(frozen=True)
class Resolved:
    """What an address in a note leads to: an address for the page, or the reason why it leads nowhere. `title` names it."""

    href: str = ""
    title: str = ""
    private: bool = False
    elsewhere: bool = False  # not on the site, and nothing wrong with that


# From an address and the kind of link ("wiki", "file") to where it leads.
Resolver = Callable[[str, str], Resolved]


def _nowhere(address: str, kind: str) -> Resolved:
    del address, kind
    return Resolved()


@dataclass(frozen=True)
class Rendered:
    """HTML, and the headings in it as Python-Markdown's toc describes them."""

    html: str
    headings: list[dict[str, Any]] = field(default_factory=list)
    plain: str = ""  # why the text is shown unrendered; empty if it is rendered


class Renderer:
    """Renders many texts, one after the other, with one set of extensions."""

    def __init__(self, extensions: Sequence[Any] = (), configs: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        merged = {name: dict(options) for name, options in EXTENSIONS.items()}
        for name, options in (configs or {}).items():
            merged.setdefault(name, {}).update(options)
        every = [*merged, *(extension for extension in extensions if extension not in merged)]
        self._note = _NoteExtension()
        self._notes = Markdown(extensions=[*every, self._note], extension_configs=merged)

    def note(self, text: str, resolve: Resolver, section_of: Callable[[str], str]) -> Rendered:
        """Render a note's text: HTML is plain text, links lead where `resolve` says, sections are marked by `section_of(heading)`."""
        if reason := too_much(text):
            return Rendered(preformatted(text), plain=reason)
        self._note.resolve, self._note.section_of, self._note.parsed = resolve, section_of, 0
        try:
            html = self._notes.reset().convert(_tidy(text))
        except RecursionError:
            return Rendered(preformatted(text), plain="is nested too deeply to be rendered")
        except _TooMuch:
            return Rendered(preformatted(text), plain="has too many blocks without an empty line between them to be rendered")
        html = _CHECKBOX.sub(lambda found: f'{found[0]} aria-label="{"done" if found[1] else "not done"}"', html)
        return Rendered(html, list(getattr(self._notes, "toc_tokens", [])))


def preformatted(text: str) -> str:
    """A text as it is."""
    return f'<pre class="kb-as-is"><code>{escape(_tidy(text))}</code></pre>'


def escape(text: str) -> str:
    """Text for HTML, in attributes too."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _tidy(text: str) -> str:
    return CONTROL.sub("\ufffd", text)


# ---- notes -----------------------------------------------------------------------------------------------------------


class _NoteExtension(Extension):
    """Makes notes safe and links them: raw HTML off, `[[ref]]` on, attributes and addresses by allow-list."""

    def __init__(self) -> None:
        super().__init__()
        self.resolve: Resolver = _nowhere
        self.section_of: Callable[[str], str] = str.lower
        self.parsed = 0  # characters of blocks that were read for this note

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the name is Python-Markdown's)
        """Register the processors that notes need."""
        for registry, name in ((md.preprocessors, "html_block"), (md.inlinePatterns, "html")):
            if name in registry:
                registry.deregister(name)
        md.parser.blockprocessors.register(_Measure(md.parser, self), "kb-measure", 1000)
        md.inlinePatterns.register(_WikiLink(_WIKI, md, self), "kb-wiki", 165)
        # After every other tree processor: attributes, footnotes and headings are all there.
        md.treeprocessors.register(_Sections(md, self), "kb-sections", -90)
        md.treeprocessors.register(_Safe(md, self), "kb-safe", -100)


class _TooMuch(Exception):
    """A text that would take many seconds."""


class _Measure(BlockProcessor):
    """Counts what the others read. Unlike a clock, a count is the same on every machine."""

    def __init__(self, parser: BlockParser, extension: _NoteExtension) -> None:
        super().__init__(parser)
        self.extension = extension

    def test(self, parent: Element, block: str) -> bool:
        del parent
        self.extension.parsed += len(block)
        if self.extension.parsed > MOST_PARSED:
            raise _TooMuch
        return False

    def run(self, parent: Element, blocks: list[str]) -> None:
        """Never called."""


_WIKI = r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]*))?\]\]"


class _WikiLink(InlineProcessor):
    def __init__(self, pattern: str, md: Markdown, extension: _NoteExtension) -> None:
        super().__init__(pattern, md)
        self.extension = extension

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: N802
        target, text = m[1].strip(), (m[2] or "").strip()
        found = self.extension.resolve(target, "wiki")
        if found.href:
            element = Element("a", {"href": found.href, "class": "kb-ref"})
            element.text = text or found.title
        else:
            element = Element("span")
            _mark_as_dead(element, found)
            element.text = text or ("a private note" if found.private else target)
        return element, m.start(0), m.end(0)


def _mark_as_dead(element: Element, found: Resolved) -> None:
    if found.elsewhere:
        element.set("title", "this file is not part of the site")
    elif not found.private:
        element.set("class", "kb-dead")
        element.set("title", "this link leads to no note")


class _Safe(Treeprocessor):
    """Drops whatever a browser would run or fetch, no matter which extension made it."""

    def __init__(self, md: Markdown, extension: _NoteExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: Element) -> None:
        for element in root.iter():
            if not isinstance(element.tag, str):
                continue
            self._attributes(element)
            if element.tag == "a" and "href" in element.attrib and element.get("class") != "kb-ref":
                self._link(element)
            elif element.tag == "img":
                self._image(element)

    def _attributes(self, element: Element) -> None:
        for key in list(element.attrib):
            value = element.attrib[key]
            if key == "style":
                aligned = re.fullmatch(r"\s*text-align:\s*(left|right|center);?\s*", value)
                del element.attrib[key]
                if aligned:
                    element.set("class", f"{element.get('class', '')} kb-{aligned[1]}".strip())
            elif key not in ATTRIBUTES or (key == "id" and value.startswith("__") and not value.startswith("__tabbed")):
                del element.attrib[key]
            elif key == "class":
                element.set(
                    "class", " ".join(name for name in value.split() if name not in ("mermaid", "kb-ref") or value == "kb-ref")
                )

    def _link(self, element: Element) -> None:
        address = plain_address(element.get("href", ""))
        if address.startswith("#"):
            return
        scheme = scheme_of(address)
        if scheme or address.startswith(("//", "\\\\", "/")):
            if scheme not in SCHEMES:
                self._kill(element, Resolved())
            else:
                element.set("rel", "noopener")
            return
        found = self.extension.resolve(address, "file")
        if found.href:
            element.set("href", found.href)
        else:
            self._kill(element, found)

    def _kill(self, element: Element, found: Resolved) -> None:
        element.tag = "span"
        element.attrib.clear()
        _mark_as_dead(element, found)

    def _image(self, element: Element) -> None:
        """Turns a picture from elsewhere, which would be a request to elsewhere, into a link."""
        address = plain_address(element.get("src", ""))
        words = element.get("alt", "") or address
        tail = element.tail
        scheme = scheme_of(address)
        found = Resolved() if scheme or address.startswith(("/", "\\")) else self.extension.resolve(address, "file")
        if found.href:
            element.set("src", found.href)
            element.set("loading", "lazy")
            return
        element.clear()
        element.tail = tail
        element.text = words
        if scheme in ("http", "https"):
            element.tag = "a"
            element.attrib.update(
                {"href": address, "rel": "noopener", "class": "kb-elsewhere", "title": "a picture on another computer"}
            )
        else:
            element.tag = "span"
            _mark_as_dead(element, found)


class _Sections(Treeprocessor):
    """Puts the sections that kb knows into blocks of their own, so that errors and fixes stand out."""

    NAMES = frozenset(("error", "fix"))

    def __init__(self, md: Markdown, extension: _NoteExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: Element) -> None:
        children = list(root)
        open_section: Element | None = None
        level = 0
        for child in children:
            heading = re.fullmatch(r"h([1-6])", child.tag) if isinstance(child.tag, str) else None
            if heading and open_section is not None and int(heading[1]) <= level:
                open_section = None
            if heading and open_section is None:
                name = self.extension.section_of("".join(child.itertext()))
                if name in self.NAMES:
                    level = int(heading[1])
                    position = list(root).index(child)
                    open_section = Element("section", {"class": f"kb-section kb-section--{name}"})
                    root.insert(position, open_section)
            if open_section is not None:
                root.remove(child)
                open_section.append(child)
