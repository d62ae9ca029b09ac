"""Tags, A to Z, with their notes; if there are many, a page for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ...notes.kinds import Note, newest_first
from ...notes.knowledge_base import once
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from .note_rows import rows

HERE = "tags/index.md"
ON_ONE_PAGE = 300  # rows; with more, each tag has a page of its own
ON_A_TAG = 600  # notes that are listed; the others are only counted


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    yield HERE
    if _many(site):
        yield from (_path(tag) for tag in by_tag(site))


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """All tags on one page, or the index and a page for each."""
    del today
    found = by_tag(site)
    index = markup.block(
        "kb-index",
        "\n".join(
            f"- {markup.link(tag, _address(site, tag, HERE))} {markup.span(str(len(notes)), 'kb-about')}"
            for tag, notes in found.items()
        ),
    )
    none = markup.block("kb-none", "No note has a tag yet.")
    many = _many(site)
    listed = (
        ""
        if many
        else "".join(
            markup.section(markup.escaped(tag), _anchor(tag), _listed(site, notes, HERE)) for tag, notes in found.items()
        )
    )
    yield Page(
        HERE, "Tags", "# Tags\n\n" + ((markup.filtered("", index) if many else index) + "\n" + listed if found else none)
    )
    for tag, notes in found.items() if many else ():
        path = _path(tag)
        listed = markup.filtered("kind service status year", _listed(site, notes, path, told=True))
        ways = markup.block("kb-index", f"- {markup.link('All tags', 'index.md')}") + "\n"
        yield Page(path, f"Tag {tag}", f"# {markup.escaped(tag)}\n\n{ways}{listed}")


def _listed(site: SiteMap, notes: Sequence[Note], here: str, told: bool = False) -> str:
    more = f"\nand {markup.count(len(notes) - ON_A_TAG, 'older note')}\n" if len(notes) > ON_A_TAG else ""
    return rows(site, notes[:ON_A_TAG], here, told=told) + more


@once
def _many(site: SiteMap) -> bool:
    return sum(map(len, by_tag(site).values())) > ON_ONE_PAGE


@once
def by_tag(site: SiteMap) -> Mapping[str, list[Note]]:
    """The tags in order, spelled as first written, upper and lower case merged → their notes, newest first."""
    written: dict[str, str] = {}
    found: dict[str, list[Note]] = defaultdict(list)
    for note in newest_first(site.base.notes):
        for tag in note.tags:
            found[written.setdefault(tag.lower(), tag)].append(note)
    return dict(sorted(found.items(), key=lambda item: item[0].casefold()))


def _anchor(tag: str) -> str:
    return f"t-{markup.anchor(tag.lower())}"


def _path(tag: str) -> str:
    return f"tags/{_anchor(tag)}.md"


def _address(site: SiteMap, tag: str, here: str) -> str:
    if _many(site):
        return markup.path_link(_path(tag), here)
    return f"#{_anchor(tag)}" if here == HERE else markup.path_link(HERE, here, _anchor(tag))


def links(site: SiteMap, note: Note, here: str) -> list[str]:
    """The tags of a note as links to the notes that share them."""
    return [markup.link(tag, _address(site, tag, here)) for tag in dict.fromkeys(note.tags)]
