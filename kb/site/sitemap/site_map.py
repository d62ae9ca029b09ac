"""Where each note is on the site, where its links lead, and what must never be published."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import cached_property
from typing import TypeVar
from urllib.parse import quote

from ...decisions.chains import Chains, chains
from ...notes.kinds import KINDS, Note, Service
from ...notes.knowledge_base import KnowledgeBase, once
from ...notes.links import COMMIT, joined
from ...notes.markdown import Link
from ...notes.note_problems import dead_links, exposed
from ...notes.problem import Problem
from ...services import service_needs
from ...services.dependency_graph import Graph
from ...services.readiness import Facts
from . import markup, note_text
from .page_paths import addresses_of, dead, fitting_name, folded, slug
from .privacy import PUBLISHED, is_private
from .site_facts import SiteFacts

T = TypeVar("T")


@dataclass(frozen=True)
class Target:
    """What a link in a note leads to: a page or a file of the site, or the reason why neither."""

    path: str = ""  # of the page (`.md`) or the file
    anchor: str = ""
    title: str = ""
    private: bool = False
    dead: bool = False
    elsewhere: bool = False  # a file that exists, but not on the site


@dataclass(frozen=True, eq=False)
class SiteMap:
    """The public part of a knowledge base and the paths of its pages."""

    whole: KnowledgeBase
    given: SiteFacts = field(default_factory=SiteFacts)
    generated: Callable[[SiteMap], Iterable[str]] = lambda _: ()  # lists the paths of the generated pages
    withheld: frozenset[str] = frozenset()  # files that must not be published, whatever links to them
    made: Mapping[str, str] = field(default_factory=dict, repr=False)  # what `reused` made for the last site
    kept: dict[str, str] = field(default_factory=dict, repr=False)  # what it made for this one

    @cached_property
    def base(self) -> KnowledgeBase:
        """The knowledge base without its private notes."""
        return replace(self.whole, notes=tuple(note for note in self.whole.notes if not is_private(note)))

    @cached_property
    def taken(self) -> frozenset[str]:
        """The paths of the generated pages, which no page of a note may have."""
        return frozenset(self.generated(self))

    @cached_property
    def hidden_names(self) -> frozenset[str]:
        """Names that only private service notes have, in lower case."""
        private = [note for note in self.whole.notes if isinstance(note, Service) and is_private(note)]
        names = {name.lower() for note in private for name in (note.name, note.title, *note.aliases)}
        return frozenset(names - set(self.base.services))

    def public(self, names: Iterable[str]) -> list[str]:
        """These names, without those that only private notes have."""
        return [name for name in names if name.lower() not in self.hidden_names]

    def reused(self, what: str, note: Note, make: Callable[[], T], *depends: str) -> T:
        """What `make` returns, which may depend only on this note and these texts, as JSON; taken from the last site if possible."""
        key = f"{what} {note.path} {note.digest}"
        row = self.kept.get(key) or self.made.get(key, "[null,null]")
        before: tuple[object, T] = json.loads(row)
        on, found = before
        if on != list(depends):
            found = make()
            row = json.dumps((depends, found), separators=(",", ":"))
        self.kept[key] = row
        return found

    def text(self, note: Note) -> str:
        """The text of a note for its page."""
        return self.reused("text", note, lambda: note_text.shown(note))

    # ---- what many pages need, computed once -------------------------------------------------------------------------

    def of(self, kind: str) -> list[Note]:
        """The public notes of a kind, newest first (services by name)."""
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_kind(self) -> Mapping[str, list[Note]]:
        return {kind: self.base.of(kind) for kind in KINDS}

    @cached_property
    def services(self) -> list[Service]:
        """The public service notes, by name."""
        return [note for note in self.of("service") if isinstance(note, Service)]

    def about(self, service: Service, kind: str) -> list[Note]:
        """The notes of a kind that name this service, newest first."""
        return self.base.about(service, kind)

    def facts(self, today: date) -> Facts:
        """The public knowledge base as the readiness questions see it on that day."""
        return _facts(self, today)

    @property
    def graph(self) -> Graph:
        """Which public service needs which."""
        return service_needs.graph(self.base)

    @cached_property
    def chains(self) -> Chains:
        """Which public decision replaced or amended which."""
        return chains(self.base)

    # ---- paths -------------------------------------------------------------------------------------------------------

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """ref → the path of the note's page. No two pages collide, on any file system, not even a note's and a generated one."""
        used = {folded(path) for path in self.taken}
        found = {}
        for note in self.base.notes:
            stem = fitting_name(note.ref)
            while folded(f"{stem}.md") in used:
                stem += "_"
            used.add(folded(f"{stem}.md"))
            found[note.ref] = f"{stem}.md"
        return found

    @cached_property
    def attachments(self) -> Mapping[str, str]:
        """The path on the site → the file in the knowledge base, of the files that a public note links to."""
        sources = set(self.base.attachments) - self.withheld
        found = {}
        for note in self.base.notes:
            for href in addresses_of(note.body):
                source = joined(note.path, href)
                if source in sources and source.rpartition(".")[2].lower() in PUBLISHED:
                    found[self._attachment_path(source)] = source
        return found

    def _attachment_path(self, source: str) -> str:
        decisions = self.base.settings.decisions
        inside = source.removeprefix("entries/")
        if source.startswith(decisions + "/"):
            inside = "decisions/" + source.removeprefix(decisions + "/")
        return inside if inside.split("/")[0] not in ("assets", "search") else f"files/{inside}"

    # ---- links -------------------------------------------------------------------------------------------------------

    def link(self, note: Note, here: str, label: str = "") -> str:
        """A Markdown link from the page `here` to a note's page."""
        return markup.link(label or note.title, self.href(note, here))

    def href(self, note: Note, here: str) -> str:
        """The relative address of a note's page from the page `here`."""
        return markup.path_link(self.paths[note.ref], here)

    def web(self, path: str) -> str:
        """Where a browser finds a page: absolute if the site's address is known, else relative to the site's first page."""
        folder, _, name = path.removesuffix(".md").rpartition("/")
        folder += "/" if folder else ""
        if name in ("index", "README"):
            found = folder if self.base.settings.directory_urls else f"{folder}index.html"
        else:
            found = f"{folder}{name}/" if self.base.settings.directory_urls else f"{folder}{name}.html"
        url = self.base.settings.site_url
        return (url.rstrip("/") + "/" if url else "") + quote(found, safe="/")

    def named(self, names: Iterable[str], here: str) -> list[str]:
        """Names of services as Markdown: links for those with a page, text for the others."""
        found = []
        for name in names:
            if note := self.base.services.get(name.lower()):
                found.append(self.link(note, here, note.name))
            elif name.lower() not in self.hidden_names:
                found.append(markup.escaped(name))
        return list(dict.fromkeys(found))

    def refs(self, note: Note, key: str, names: Iterable[str], here: str) -> list[str]:
        """Refs of a front matter key as Markdown links; those without a note as text, those of private notes left out."""
        found = []
        for name in names:
            target = self.target(note, name, key)
            if target.private:
                continue
            if target.dead:
                found.append(dead(name) if not (key == "caused_by" and COMMIT.fullmatch(name)) else markup.code(name))
            else:
                found.append(markup.link(target.title, markup.path_link(target.path, here)))
        return found

    def titles(self, note: Note, key: str, names: Iterable[str]) -> list[str]:
        """The titles of the public notes that refs of a front matter key lead to."""
        return [target.title for name in names if (target := self.target(note, name, key)).path]

    def target(self, note: Note, address: str, kind: str) -> Target:
        """What a link of `note` leads to. `kind` is that of note.Link."""
        key = (note.path if kind == "file" else "", address, kind)
        if key not in self._targets:
            self._targets[key] = self._target(note, address, kind)
        return self._targets[key]

    @cached_property
    def _targets(self) -> dict[tuple[str, str, str], Target]:
        return {}

    def _target(self, note: Note, address: str, kind: str) -> Target:
        found = self.whole.target(note, Link(address, 1, kind))
        anchor = address.partition("#")[2]
        if kind == "wiki":
            anchor = slug(anchor)
        if found and is_private(found):
            return Target(private=True)
        if found:
            return Target(self.paths[found.ref], anchor, found.title)
        if kind == "file":
            source = joined(note.path, address)
            published = self._attachment_path(source)
            if self.attachments.get(published) == source:
                return Target(published)
            return Target(dead=True) if self.whole.is_inside(source) else Target(elsewhere=True)
        return Target(dead=True)

    # ---- what is wrong -----------------------------------------------------------------------------------------------

    def problems(self) -> list[Problem]:
        """What is missing from pages: files and notes that can't be read, and links that lead nowhere."""
        found = list(self.base.problems)
        for note in self.base.notes:
            if note.problem:
                found.append(note.problem)
            found += dead_links(self.whole, note)
            found += self._unpublished(note)
        for note in self.whole.notes:
            for problem in exposed(note):
                found.append(replace(problem, message=f"isn't on the site: {problem.message}"))
        return sorted(set(found), key=lambda p: (p.path, p.line, p.message))

    def _unpublished(self, note: Note) -> Iterator[Problem]:
        """Links to files beside the notes that aren't published."""
        for link in note.links:
            if link.kind != "file" or joined(note.path, link.target) not in self.base.attachments:
                continue
            if self.target(note, link.target, "file").dead:
                message = f"{link.target} is a kind of file that isn't published (a browser might run it): zip it"
                yield Problem(note.path, link.line, message)


@once
def _facts(site: SiteMap, today: date) -> Facts:
    given = site.given.now
    now = given if given.date() == today else datetime.combine(today, time(), given.tzinfo)
    return Facts(site.base, now, site.given.beats)
