"""One build of the site, as the plugin's events fill it in: what it is made of, what it contains, and how it went."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mkdocs.structure.files import Files
from mkdocs.utils import get_relative_url

from ...notes.knowledge_base import KnowledgeBase
from ...storage import cache
from .. import catalog
from ..html.page_cache import LastSite, PageMaker, SharedDigests
from ..inputs.site_inputs import SiteInputs
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap

Progress = Callable[[int, int], None]


class PageAddresses:
    """Where MkDocs writes each page and file, and how one leads to another."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._places = {file.src_uri: file.url for file in files}
        self._urls: dict[tuple[str, str], str] = {}

    def file(self, path: str) -> str:
        """The file that a page is written to."""
        file = self._files.get_file_from_path(path)
        assert file is not None
        return file.dest_uri

    def url(self, path: str, here: str) -> str:
        """The relative address from the page `here` to the page or file at `path`; empty if there is none."""
        target, source = self._places.get(path), self._places.get(here)
        if target is None or source is None:
            return ""
        # It is the same for all pages of a folder, and the lists need thousands.
        key = path, source if source.endswith("/") else posixpath.dirname(source)
        found = self._urls.get(key)
        if found is None:
            found = self._urls[key] = get_relative_url(target, source)
        return found


@dataclass(frozen=True)
class PageRun:
    """What is known once MkDocs has its navigation, and the pages can be made."""

    maker: PageMaker
    shared_digests: Callable[[], SharedDigests]  # called again afterwards: what changed in the meantime isn't what was built

    @property
    def is_alone(self) -> bool:
        """Whether nothing else reads pages before they are written: then each is rendered when it is about to be written.

        MkDocs would keep all of them in memory first.
        """
        return bool(self.maker.around.frame)


@dataclass
class BuildState:
    """One build. Whatever builds the site passes it to the plugin; with `mkdocs build` the plugin makes it itself."""

    inputs: SiteInputs
    site: SiteMap
    pages: Mapping[str, Page]
    extras: dict[str, str]  # the files that aren't pages, by path
    made_by: str
    last: Sequence[LastSite] = ()  # whose pages may be kept
    serving: bool = False
    progress: Progress | None = None
    policy: str = ""  # the Content-Security-Policy of its pages
    withheld: int = 0  # files that are left out
    done: int = 0
    as_before: set[str] = field(default_factory=set)  # the pages taken from the last site, byte for byte
    addresses: PageAddresses = field(default_factory=lambda: PageAddresses(Files([])))
    run: PageRun | None = None

    @classmethod
    def of(
        cls, inputs: SiteInputs, last: Sequence[LastSite] = (), serving: bool = False, progress: Progress | None = None
    ) -> BuildState:
        """A build of what was read; it may keep what hasn't changed from the `last` sites."""
        made_by = cache.stamp("made", inputs.base.settings)
        made = next((one.record.made for one in last if one.record.made_by == made_by), {})
        site = catalog.site_map(inputs.base, inputs.given, made)
        pages = catalog.all_pages(inputs.base, inputs.day, site)
        extras = dict(catalog.all_files(site, inputs.day))
        return cls(inputs, site, pages, extras, made_by, last, serving, progress)

    @property
    def base(self) -> KnowledgeBase:
        """The notes."""
        return self.inputs.base

    @property
    def making(self) -> PageRun:
        """How its pages are made, from MkDocs' event `nav` on."""
        assert self.run is not None
        return self.run

    def tell(self) -> None:
        """Report progress. Each page is done twice: rendered, and put into the theme's frame."""
        self.done += 1
        if self.progress:
            self.progress(min(self.done, 2 * len(self.pages)), 2 * len(self.pages))
