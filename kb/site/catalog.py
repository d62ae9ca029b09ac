"""The pages of the site: pure functions from a knowledge base to Markdown. No builder, no clock, no files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Protocol

from ..notes.knowledge_base import KnowledgeBase
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


class HasFiles(Protocol):
    """A module that makes files."""

    def files(self, site: SiteMap, today: date) -> Iterable[tuple[str, str]]:
        """The path and the text of each."""


# The generated pages in the order of the navigation. A new page of the site is one module with `paths` and `pages`.
GENERATED = (
    home,
    incident_list,
    error_list,
    paste_page,
    decision_list,
    service_list,
    experiment_list,
    more_pages,
    change_list,
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
)

# What is on the site besides pages. A new one is one module with `files`.
FILES: tuple[HasFiles, ...] = (search_data, seen_data, atom_feed, llms_txt)


def site_map(base: KnowledgeBase, given: SiteFacts | None = None, made: Mapping[str, str] | None = None) -> SiteMap:
    """Where everything of `base` that is public is on the site. `made` is what the last site's `kept` was."""
    return SiteMap(base, given or SiteFacts(), _generated, made=made or {})


def _generated(site: SiteMap) -> Iterator[str]:
    return (path for module in GENERATED for path in module.paths(site))


def all_files(site: SiteMap, today: date) -> Mapping[str, str]:
    """The files of the site that are no pages (feeds, data for its scripts), by path."""
    return {path: text for module in FILES for path, text in module.files(site, today)}


def all_pages(base: KnowledgeBase, today: date, site: SiteMap | None = None) -> Mapping[str, Page]:
    """Every page of the site, generated ones first, by path."""
    site = site or site_map(base)
    found = [page for module in (*GENERATED, note_page) for page in module.pages(site, today)]
    return {page.path: page for page in found}
