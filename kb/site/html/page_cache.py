"""The HTML of each page, rendered again only if something differs from the last site. Independent of any builder."""

from __future__ import annotations

import os
import posixpath
import shutil
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ...notes.markdown import section_name
from ...storage.cache import digest, digest_of
from ..inputs.site_record import CachedPage, SiteRecord, kept_of, row_of
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from .markdown_html import Rendered, Renderer, Resolved, Resolver, preformatted
from .own_markdown import own

_ANCHOR = "-_.~!$&'()*+,;=:@/?"
Question = tuple[str, str]  # an address and the kind of link


@dataclass(frozen=True)
class LastSite:
    """A site that was built before, and the record of it."""

    folder: Path
    record: SiteRecord

    def page(self, path: str) -> CachedPage | None:
        """What is remembered about a page."""
        row = self.record.pages.get(path)
        return kept_of(row) if row else None

    def bytes_of(self, kept: CachedPage, file: str) -> bytes | None:
        """The bytes of a page's file; None unless they are the ones that were written."""
        try:
            data = (self.folder / file).read_bytes()
        except OSError:
            return None
        return data if digest_of(data) == kept.digest else None


@dataclass(frozen=True)
class SharedDigests:
    """What the pages of a site have in common, as digests; empty if that can't be known, and then nothing is kept."""

    rendering: str = ""  # the program and the extensions that render a note
    frame: str = ""  # the same, plus the theme, the configuration and the navigation


@dataclass
class _Making:
    made_of: str
    text_of: str
    links: dict[str, str] = field(default_factory=dict)
    text_links: dict[Question, Resolved] = field(default_factory=dict)
    body: Rendered = field(default_factory=lambda: Rendered(""))


class PageMaker:
    """Makes pages one after the other, and keeps the record of them for the next time."""

    def __init__(
        self, site: SiteMap, url: Callable[[str, str], str], renderer: Renderer, around: SharedDigests, last: Sequence[LastSite]
    ) -> None:
        """`url(path, here)` is the relative address from one page to another page or file, empty if it doesn't exist."""
        self.site, self.url, self.renderer, self.around, self.last = site, url, renderer, around, last
        self.record: dict[str, str] = {}
        self.digests: dict[str, str] = {}  # of the bytes of each page's file
        self._making: dict[str, _Making] = {}

    def keep(self, page: Page, file: str, folder: Path) -> bool:
        """Whether the page is unchanged, byte for byte; if so, its `file` is put into `folder`."""
        if not self.around.frame:
            return False
        made_of = self._made_of(page)
        for last in self.last:
            kept = last.page(page.path)
            if kept is None or kept.made_of != made_of or not self._same(page, kept):
                continue
            if _put(last.folder / file, folder / file, kept.digest):
                self.record[page.path] = last.record.pages[page.path]
                self.digests[page.path] = kept.digest
                return True
        return False

    def head_body_tail(self, page: Page, file: str) -> tuple[Rendered, Rendered, Rendered]:
        """The HTML of the three parts of a page."""
        making = self._making[page.path] = _Making(self._made_of(page), self._text_of(page))
        asked = self._page_links(page, making.links)
        head, tail = own(page.head, asked), own(page.tail, asked, searched=False)
        making.body = self._body(page, file, making)
        return head, making.body, tail

    def finished(self, path: str, output: bytes) -> None:
        """Remember a page as it is written to the disk."""
        making = self._making.pop(path, None)
        if making is None or not self.around.rendering:
            return
        text = making.body.html.encode("utf-8", "xmlcharrefreplace")
        start = output.find(text) if text else -1
        self.digests[path] = digest_of(output)
        kept = CachedPage(
            making.made_of,
            making.links,
            self.digests[path],
            making.text_of if start >= 0 else "",
            _rows(making.text_links),
            max(0, start),
            start + len(text) if start >= 0 else 0,
            making.body.headings,
            making.body.plain,
        )
        self.record[path] = row_of(kept)

    # ---- the text of a note ------------------------------------------------------------------------------------------

    def _body(self, page: Page, file: str, making: _Making) -> Rendered:
        note = page.note
        if note is None or not page.body:
            return Rendered("")
        if note.problem and not note.front:
            return Rendered(preformatted(note.body))
        resolve = self._note_links(page)
        if making.text_of and (before := self._body_before(page, file, making, resolve)):
            return before
        return self.renderer.note(
            page.body, _noting(resolve, making.text_links), lambda heading: section_name(heading, note.headings)
        )

    def _body_before(self, page: Page, file: str, making: _Making, resolve: Resolver) -> Rendered | None:
        """The rendered text as it is in the last site."""
        for last in self.last:
            kept = last.page(page.path)
            if not kept or kept.text_of != making.text_of or not _answers(kept.text_links, resolve):
                continue
            if data := last.bytes_of(kept, file):
                making.text_links.update({(row[0], row[1]): Resolved(*row[2:]) for row in kept.text_links})
                return Rendered(data[kept.start : kept.end].decode("utf-8"), kept.headings, kept.plain)
        return None

    # ---- what a page is made of --------------------------------------------------------------------------------------

    def _made_of(self, page: Page) -> str:
        if not self.around.frame:
            return ""
        source = page.note.path if page.note else ""
        words = (page.path, page.title, page.nav, page.summary, source, page.head, page.tail, self._text(page))
        return digest(self.around.frame, *words)

    def _text_of(self, page: Page) -> str:
        if not self.around.rendering or page.note is None or not page.body:
            return ""
        return digest(self.around.rendering, self._text(page))

    def _text(self, page: Page) -> str:
        """The note's text as far as its rendering goes, and how it is rendered."""
        broken = page.note is not None and page.note.problem is not None and not page.note.front
        return f"{'as it is' if broken else 'rendered'}\n{page.note.body if broken and page.note else page.body}"

    def _same(self, page: Page, kept: CachedPage) -> bool:
        """Whether all its links still lead where they led."""
        folder = posixpath.dirname(page.path)
        return all(self._from_page(address, page, folder) == href for address, href in kept.links.items()) and (
            not kept.text_links or _answers(kept.text_links, self._note_links(page))
        )

    # ---- links ---------------------------------------------------------------------------------------------------------

    def _note_links(self, page: Page) -> Resolver:
        note = page.note
        assert note is not None

        def resolve(address: str, kind: str) -> Resolved:
            target = self.site.target(note, address, kind)
            if not target.path:
                return Resolved(private=target.private, elsewhere=target.elsewhere)
            return Resolved(self._address(target.path, page.path, target.anchor), target.title)

        return resolve

    def _page_links(self, page: Page, asked: dict[str, str]) -> Resolver:
        folder = posixpath.dirname(page.path)

        def resolve(address: str, kind: str) -> Resolved:
            del kind
            href = asked.get(address)
            if href is None:
                href = asked[address] = self._from_page(address, page, folder)
            return Resolved(href)

        return resolve

    def _from_page(self, address: str, page: Page, folder: str) -> str:
        """Where an address in kb's own text leads."""
        path, _, anchor = address.partition("#")
        return self._address(_joined(folder, path), page.path, anchor)

    def _address(self, path: str, here: str, anchor: str) -> str:
        url = self.url(path, here)
        return f"{url}#{quote(anchor, safe=_ANCHOR)}" if anchor and url else url


@lru_cache(1 << 16)  # the lists of a folder link to the same pages in the same way
def _joined(folder: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(address)))


def _noting(resolve: Resolver, asked: dict[Question, Resolved]) -> Resolver:
    """`resolve`, recording every query and its answer."""

    def noted(address: str, kind: str) -> Resolved:
        answer = asked.get((address, kind))
        if answer is None:
            answer = asked[address, kind] = resolve(address, kind)
        return answer

    return noted


def _rows(asked: Mapping[Question, Resolved]) -> list[list[Any]]:
    return [[*question, answer.href, answer.title, answer.private, answer.elsewhere] for question, answer in asked.items()]


def _answers(rows: Sequence[Sequence[Any]], resolve: Resolver) -> bool:
    """Whether the same queries get the same answers now."""
    return all(resolve(row[0], row[1]) == Resolved(*row[2:]) for row in rows)


def _put(source: Path, target: Path, digest: str) -> bool:
    """Put the same file into the new site, or a copy if there are no hard links; only if its bytes are the ones that were written."""
    try:
        if not stat.S_ISREG(source.lstat().st_mode):
            return False
        try:
            os.link(source, target)
        except OSError:
            # Created only here: a folder is new once, and its pages are many.
            target.parent.mkdir(parents=True, exist_ok=True)
            _link_or_copy(source, target)
        if digest_of(target.read_bytes()) == digest:
            return True
        target.unlink()
    except OSError:
        target.unlink(missing_ok=True)
    return False


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
