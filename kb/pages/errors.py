"""Known errors and their fixes, by service, A to Z."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ..note import Note
from . import markup
from .page import Page
from .rows import error_rows
from .site_map import SiteMap

HERE = "errors/index.md"
ON_ONE_PAGE = 250  # errors; more of them, and each letter has a page of its own


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    yield HERE
    if _many(site):
        yield from sorted({_letter_path(name) for name in _by_service(site)})


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """Every known error under its services; of many, a page for each letter."""
    del today
    found = _by_service(site)
    title = "# Errors and fixes\n\n"
    if not found:
        head = title + markup.block("kb-none", "No error is known yet. An incident's error and its fix will stand here.")
        yield Page(HERE, "Errors and fixes", head, nav="Errors")
        return
    names = sorted(found, key=str.casefold)
    anchors = {name: f"s{number}" for number, name in enumerate(names)}
    if not _many(site):
        yield Page(
            HERE,
            "Errors and fixes",
            title + _index(names, found, anchors, HERE) + _services(site, names, found, anchors, HERE),
            nav="Errors",
        )
        return
    yield Page(HERE, "Errors and fixes", title + _index(names, found, anchors, ""), nav="Errors")
    letters: dict[str, list[str]] = defaultdict(list)
    for name in names:
        letters[_letter_path(name)].append(name)
    for path, members in letters.items():
        letter = path.removeprefix("errors/").removesuffix(".md").upper()
        yield Page(
            path,
            f"Errors and fixes, {letter}",
            f"# Errors and fixes, {letter}\n\n{_services(site, members, found, anchors, path)}",
        )


def _by_service(site: SiteMap) -> Mapping[str, list[Note]]:
    """The name of a service → its notes with errors; those that name none under an empty name."""
    found: dict[str, list[Note]] = defaultdict(list)
    for note in (*site.of("incident"), *site.of("experiment")):
        if not note.errors:
            continue
        names = {site.base.service_name(name) for name in note.services if name.lower() not in site.hidden_names}
        for name in names or {""}:
            found[name].append(note)
    return found


def _many(site: SiteMap) -> bool:
    return sum(len(note.errors) for note in site.base.notes) > ON_ONE_PAGE


def _letter_path(name: str) -> str:
    first = name[:1].lower()
    return f"errors/{first if 'a' <= first <= 'z' else 'other'}.md"


def _heading(name: str) -> str:
    return markup.escaped(name) or "Without a service"


def _index(names: Sequence[str], found: Mapping[str, list[Note]], anchors: Mapping[str, str], one_page: str) -> str:
    items = []
    for name in names:
        number = sum(len(note.errors) for note in found[name])
        href = markup.path_link(one_page or _letter_path(name), HERE, anchors[name])
        items.append(f"- {markup.link(name or 'Without a service', href)} {markup.span(str(number), 'kb-about')}")
    return markup.block("kb-index", "\n".join(items))


def _services(
    site: SiteMap, names: Sequence[str], found: Mapping[str, list[Note]], anchors: Mapping[str, str], here: str
) -> str:
    return "".join(markup.section(_heading(name), anchors[name], error_rows(site, found[name], here)) for name in names)
