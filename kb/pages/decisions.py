"""Decisions: what waits, what holds, what was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from . import markup
from .page import Page
from .rows import rows
from .site_map import SiteMap

HERE = "decisions/index.md"
GROUPS = (
    ("Waiting for a decision", "waiting", ("proposed",)),
    ("In force", "in-force", ("accepted",)),
    ("History", "history", ("superseded", "deprecated", "rejected")),
)


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    del site
    yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All decisions by what they are now."""
    del today
    found = site.of("decision")
    groups = "".join(
        markup.section(heading, anchor, rows(site, [note for note in found if note.state in states], HERE))
        for heading, anchor, states in GROUPS
    )
    none = markup.block("kb-none", f"Why is it as it is? Write the first one down: {markup.code('kb decision new')}")
    yield Page(HERE, "Decisions", "# Decisions\n\n" + (groups or none), nav="Decisions")
