"""The pages of the site: pure functions from a knowledge base to Markdown. No builder, no clock, no files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ..knowledge_base import KnowledgeBase
from . import changes, decisions, errors, experiments, home, incidents, notes, services, tags
from .page import Page
from .plain import plain
from .site_map import SiteMap

__all__ = ["Page", "SiteMap", "all_pages", "plain", "site_map"]

# The generated pages in the order of the navigation. A new page of the site is one module with `paths` and `pages`.
GENERATED = (home, incidents, errors, decisions, services, experiments, changes, tags)


def site_map(base: KnowledgeBase) -> SiteMap:
    """Where everything of `base` that is public stands on the site."""
    site = SiteMap(base)
    return SiteMap(base, frozenset(path for module in GENERATED for path in module.paths(site)))


def all_pages(base: KnowledgeBase, today: date, site: SiteMap | None = None) -> Mapping[str, Page]:
    """Every page of the site, generated ones first, by path."""
    site = site or site_map(base)
    found = [page for module in (*GENERATED, notes) for page in module.pages(site, today)]
    return {page.path: page for page in found}
