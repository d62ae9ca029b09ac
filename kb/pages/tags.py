"""Tags, A to Z, with their notes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from ..knowledge_base import newest_first
from ..note import Note
from . import markup
from .page import Page
from .rows import rows
from .site_map import SiteMap

HERE = "tags/index.md"
ON_A_TAG = 40  # notes that are listed; of the others, how many


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    del site
    yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All tags on one page."""
    del today
    found = by_tag(site)
    marks = anchors(found)
    index = "\n".join(
        f"- {markup.link(tag, '#' + marks[tag])} {markup.span(str(len(notes)), 'kb-about')}" for tag, notes in found.items()
    )
    parts = []
    for tag, notes in found.items():
        more = f"\nand {markup.count(len(notes) - ON_A_TAG, 'older note')}\n" if len(notes) > ON_A_TAG else ""
        parts.append(markup.section(markup.escaped(tag), marks[tag], rows(site, notes[:ON_A_TAG], HERE) + more))
    none = markup.block("kb-none", "No note has a tag yet.")
    yield Page(
        HERE, "Tags", "# Tags\n\n" + (markup.block("kb-index", index) + "\n" + "".join(parts) if found else none), nav="Tags"
    )


def by_tag(site: SiteMap) -> Mapping[str, list[Note]]:
    """The tags in their order, as first written, whatever their case → their notes, newest first."""
    written: dict[str, str] = {}
    found: dict[str, list[Note]] = defaultdict(list)
    for note in newest_first(site.base.notes):
        for tag in note.tags:
            found[written.setdefault(tag.lower(), tag)].append(note)
    return dict(sorted(found.items(), key=lambda item: item[0].casefold()))


def anchors(tags: Mapping[str, object]) -> Mapping[str, str]:
    """tag → the anchor of its heading."""
    return {tag: f"t{number}" for number, tag in enumerate(tags)}


def anchor_of(site: SiteMap) -> Mapping[str, str]:
    """tag in lower case → the anchor of its heading."""
    return {tag.lower(): mark for tag, mark in anchors(by_tag(site)).items()}
