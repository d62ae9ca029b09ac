"""Known errors and their fixes, by service, A to Z."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ...notes.kinds import Note
from ...notes.knowledge_base import once
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from .note_rows import error_rows

HERE = "errors/index.md"
ON_ONE_PAGE = 250  # errors; more of them get pages of their own
ON_A_LETTER = 300  # errors; a letter with more has a page for each of its services
ON_A_SERVICE = 500  # notes; a service with more has several


@dataclass(frozen=True)
class ErrorGroup:
    """A page of errors: the services on it, each with the notes listed there."""

    path: str
    title: str
    services: Sequence[tuple[str, Sequence[Note]]]


def paths(site: SiteMap) -> Iterator[str]:
    """The paths of these pages."""
    yield HERE
    yield from (part.path for part in _parts(site))


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """Every known error under its services; if there are many, a page for each letter, and for each service of a full letter."""
    del today
    found = _by_service(site)
    title = "# Errors and fixes\n\n"
    if not found:
        head = title + markup.block("kb-none", "No error is known yet. An incident's error and its fix will stand here.")
        yield Page(HERE, "Errors and fixes", head, nav="Errors")
        return
    parts = _parts(site)
    if not parts:
        listed = markup.filtered("", _services(site, list(found.items()), HERE))
        index = _index(found, dict.fromkeys(found, HERE))
        yield Page(HERE, "Errors and fixes", title + index + "\n" + listed, nav="Errors")
        return
    where: dict[str, str] = {}
    for part in parts:
        for name, _ in part.services:
            where.setdefault(name, part.path)
    yield Page(HERE, "Errors and fixes", title + markup.filtered("", _index(found, where)), nav="Errors")
    for part in parts:
        ways = [f"- {markup.link('All services', 'index.md')}"]
        ways += [
            f"- {markup.link(other.title, markup.path_link(other.path, part.path))}"
            for other in parts
            if other is not part and {name for name, _ in other.services} & {name for name, _ in part.services}
        ]
        name = f"Errors and fixes, {part.title}"
        listed = markup.filtered("", _services(site, part.services, part.path))
        yield Page(part.path, name, f"# {markup.escaped(name)}\n\n{markup.block('kb-index', chr(10).join(ways))}\n{listed}")


@once
def _by_service(site: SiteMap) -> Mapping[str, list[Note]]:
    """The names of services, A to Z → their notes with errors; notes that name none under an empty name."""
    found: dict[str, list[Note]] = defaultdict(list)
    for note in (*site.of("incident"), *site.of("experiment")):
        if not note.errors:
            continue
        names = {site.base.service_name(name) for name in site.public(note.services)}
        for name in names or {""}:
            found[name].append(note)
    return {name: found[name] for name in sorted(found, key=lambda name: (name.casefold(), name))}


@once
def _parts(site: SiteMap) -> Sequence[ErrorGroup]:
    """The pages besides the first; none if all errors are on that one."""
    return list(_divided(site))


def place(site: SiteMap, name: str) -> tuple[str, str]:
    """The page on which the errors of a service begin, and their anchor."""
    path = next((part.path for part in _parts(site) if any(name == other for other, _ in part.services)), HERE)
    return path, _anchor(name)


def _divided(site: SiteMap) -> Iterator[ErrorGroup]:
    found = _by_service(site)
    if sum(len(note.errors) for note in site.base.notes) <= ON_ONE_PAGE:
        return
    letters: dict[str, list[str]] = defaultdict(list)
    for name in found:
        first = name[:1].lower()
        letters[first if "a" <= first <= "z" else "other"].append(name)
    for letter, names in letters.items():
        if sum(len(found[name]) for name in names) <= ON_A_LETTER:
            yield ErrorGroup(f"errors/{letter}.md", letter.upper(), [(name, found[name]) for name in names])
            continue
        for name in names:
            pieces = range(0, len(found[name]), ON_A_SERVICE)
            for number, start in enumerate(pieces):
                path = f"errors/of-{markup.anchor(name)}{f'-{number + 1}' if number else ''}.md"
                title = _named(name) + (f" ({number + 1} of {len(pieces)})" if len(pieces) > 1 else "")
                yield ErrorGroup(path, title, [(name, found[name][start : start + ON_A_SERVICE])])


def _named(name: str) -> str:
    return name or "Without a service"


def _anchor(name: str) -> str:
    return f"s-{markup.anchor(name)}"


def _index(found: Mapping[str, Sequence[Note]], where: Mapping[str, str]) -> str:
    items = []
    for name, notes in found.items():
        number = sum(len(note.errors) for note in notes)
        href = markup.path_link(where[name], HERE, _anchor(name)) if where[name] != HERE else f"#{_anchor(name)}"
        items.append(f"- {markup.link(_named(name), href)} {markup.span(str(number), 'kb-about')}")
    return markup.block("kb-index kb-unfiltered" if set(where.values()) == {HERE} else "kb-index", "\n".join(items))


def _services(site: SiteMap, services: Sequence[tuple[str, Sequence[Note]]], here: str) -> str:
    return "".join(
        markup.section(markup.escaped(_named(name)), _anchor(name), error_rows(site, notes, here)) for name, notes in services
    )
