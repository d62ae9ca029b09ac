"""The pages of the site: pure functions from a knowledge base to Markdown. No builder, no clock, no files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Protocol, cast

from ..notes.knowledge_base import KnowledgeBase
from ..plugins import Table
from .browser import search_data, seen_data
from .pages import (
    atom_feed,
    change_list,
    decision_chains,
    decision_list,
    emergency_page,
    error_list,
    experiment_list,
    home,
    hosts,
    incident_list,
    kind_list,
    llms_txt,
    more_pages,
    note_graph,
    note_page,
    paste_page,
    readiness_page,
    service_list,
    service_map,
    start_order,
    tags,
    todo,
    year_page,
)
from .sitemap.page import Page
from .sitemap.site_facts import SiteFacts
from .sitemap.site_map import SiteMap


class MakesPages(Protocol):
    """A module that makes pages of the site."""

    __name__: str

    def paths(self, site: SiteMap) -> Iterable[str]:
        """Their paths, so that no note is given one of them."""

    def pages(self, site: SiteMap, today: date) -> Iterable[Page]:
        """The pages."""


class MakesFiles(Protocol):
    """A module that makes other files of the site."""

    __name__: str

    def files(self, site: SiteMap, today: date) -> Iterable[tuple[str, str]]:
        """The path and the text of each."""


# The pages in the order of the navigation, and then the other files. A new page of the site is one module with `paths` and
# `pages`, and a row here; a new file is one with `files`.
_OWN: tuple[MakesPages | MakesFiles, ...] = (
    home,
    incident_list,
    error_list,
    paste_page,
    decision_list,
    service_list,
    experiment_list,
    more_pages,
    change_list,
    kind_list,
    tags,
    decision_chains,
    year_page,
    note_graph,
    todo,
    service_map,
    hosts,
    readiness_page,
    start_order,
    emergency_page,
    search_data,
    seen_data,
    atom_feed,
    llms_txt,
)


def _page(name: str, loaded: object) -> MakesPages | MakesFiles:
    """The module that a plugin adds to the site. Raises ValueError."""
    del name
    makes = {word for word in ("paths", "pages", "files") if callable(getattr(loaded, word, None))}
    if "files" not in makes and not makes >= {"paths", "pages"}:
        raise ValueError("has neither paths(site) and pages(site, today), nor files(site, today)")
    return cast(MakesPages | MakesFiles, loaded)


PAGES: Table[MakesPages | MakesFiles] = Table("kb.pages", {module.__name__: module for module in _OWN}, _page)


def _made(word: str, *of: object) -> Iterable[tuple[str, list[Any]]]:
    """What all modules with that function make, by their names in the table."""

    def make(module: object) -> list[Any]:
        function: Callable[..., Iterable[Any]] | None = getattr(module, word, None)
        return list(function(*of)) if function else []

    return [(name, PAGES.guarded(name, make, [])) for name in PAGES]


def site_map(base: KnowledgeBase, given: SiteFacts | None = None, made: Mapping[str, str] | None = None) -> SiteMap:
    """Where everything public in `base` is on the site. `made` is what the last site `kept`."""
    return SiteMap(base, given or SiteFacts(), _generated, made=made or {})


def _generated(site: SiteMap) -> Iterator[str]:
    return (path for _, paths in _made("paths", site) for path in paths)


def all_files(site: SiteMap, today: date) -> Mapping[str, str]:
    """The files of the site that aren't pages (feeds, data for its scripts), by path."""
    found: dict[str, str] = {}
    for name, files in _made("files", site, today):
        for path, text in files:
            if path in found:
                PAGES.blame(name, FileExistsError(f"there is a {path} already"))
            else:
                found[path] = text
    return found


def all_pages(base: KnowledgeBase, today: date, site: SiteMap | None = None) -> Mapping[str, Page]:
    """Every page of the site, generated ones first, by path."""
    site = site or site_map(base)
    found: dict[str, Page] = {}
    for name, pages in _made("pages", site, today):
        for page in pages:
            if page.path in found:
                PAGES.blame(name, FileExistsError(f"there is a page {page.path} already"))
            else:
                found[page.path] = page
    return found | {page.path: page for page in note_page.pages(site, today)}
