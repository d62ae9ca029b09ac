"""The knowledge base: a snapshot of all notes, what they are called, what links to what, and what is wrong with them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ..exceptions import AmbiguousRef, NoSuchNote, close_to
from .dates import When
from .kinds import Decision, Incident, Note, Service, newest_first
from .links import COMMIT, DECISION_KEYS, joined
from .markdown import Link
from .note_problems import ended_before_it_began, exposed, misspelled, unmerged
from .problem import Problem
from .references import close_refs, plain_name
from .settings import Settings

if TYPE_CHECKING:
    from ..services.dependency_graph import Graph


@dataclass(frozen=True)
class KnowledgeBase:
    """All notes as they were when they were read; read again to see changes."""

    root: Path
    notes: tuple[Note, ...]  # by ref
    settings: Settings = field(default_factory=Settings)
    problems: tuple[Problem, ...] = ()  # files that could not be read at all
    attachments: tuple[str, ...] = ()  # other files under entries/, relative to the root

    @cached_property
    def by_ref(self) -> Mapping[str, Note]:
        """ref → note."""
        return {note.ref: note for note in self.notes}

    def of(self, kind: str) -> list[Note]:
        """The notes of a kind, newest first (services by name)."""
        found = [note for note in self.notes if note.kind == kind]
        return sorted(found, key=lambda n: n.name) if kind == "service" else newest_first(found)

    @cached_property
    def services(self) -> Mapping[str, Service]:
        """Every name and alias of a service, in lower case → its note."""
        found: dict[str, Service] = {}
        services = [note for note in self.notes if isinstance(note, Service)]
        for service in services:
            found[service.name.lower()] = service
        for service in services:
            for alias in (*service.aliases, service.title):
                found.setdefault(alias.lower(), service)
        return found

    @cached_property
    def service_names(self) -> frozenset[str]:
        """Every name of a service that any note uses, with a note of its own or without."""
        return frozenset(self.services) | {name.lower() for note in self.notes for name in note.services}

    @cached_property
    def graph(self) -> Graph:
        """What needs what: the one graph for impact, start order, check and the site."""
        # Asked for by few commands, and a twentieth of the start of all others.
        from ..services import service_needs

        return service_needs.graph((note for note in self.notes if isinstance(note, Service)), self.services)

    def service_name(self, name: str) -> str:
        """The one name of a service: its note's, when `name` is an alias of it."""
        note = self.services.get(name.lower())
        return note.name if note else name

    def close_service(self, name: str) -> str:
        """The service that is spelled nearly so, or nothing."""
        lower = name.lower()
        if lower not in self._close_services:
            close = close_to(lower, self.services)
            self._close_services[lower] = self.services[close[0]].name if close else ""
        return self._close_services[lower]

    @cached_property
    def _close_services(self) -> dict[str, str]:
        return {}

    def services_in(self, text: str) -> list[Service]:
        """The services that a text names as a whole word (`jellyfin`, `jellyfin-1`), in the order of their first mention."""
        places: dict[str, int] = {}
        lower = text.lower()
        for name, service in self.services.items():
            found = re.search(rf"(?<![\w.]){re.escape(name)}(?![a-z_])", lower)
            if found:
                places[service.name.lower()] = min(found.start(), places.get(service.name.lower(), found.start()))
        return [self.services[name] for name in sorted(places, key=places.__getitem__)]

    # ---- refs --------------------------------------------------------------------------------------------------------

    def find(self, name: str, kind: str = "") -> Note:
        """The one note that `name` means: a ref, its last part, a path, a decision's number, an alias, its title, words of it.

        Raises NoSuchNote with close ones, or AmbiguousRef with all candidates.
        """
        pool, said = self._of_kind(kind), name.strip()
        for candidates in chain(self._readings(said, kind, pool), self._holding(said, pool)):
            if len(candidates) == 1:
                return candidates[0]
            if candidates:
                raise AmbiguousRef(name, [note.ref for note in newest_first(candidates)])
        raise NoSuchNote(name, close_refs(name.lower(), pool), kind or "note")

    def _of_kind(self, kind: str) -> Sequence[Note]:
        return [note for note in self.notes if note.kind == kind] if kind else self.notes

    def _readings(self, name: str, kind: str, pool: Sequence[Note]) -> Iterator[list[Note]]:
        """What `name` can mean, the strictest reading first; the first that isn't empty counts."""
        plain = plain_name(name)
        yield [note for note in pool if note.ref == plain or note.path == name]
        try:
            inside = Path(name).resolve().relative_to(self.root.resolve()).as_posix()
        except (ValueError, OSError):
            inside = ""
        yield [note for note in pool if inside and note.path == inside]
        yield [note for note in pool if note.name.lower() == plain.lower()]
        if number := re.fullmatch(r"(?:adr[- ]?)?0*(\d+)", plain, re.IGNORECASE):
            yield [note for note in pool if isinstance(note, Decision) and note.number == int(number[1])]
        service = self.services.get(plain.lower())
        yield [service] if service and kind in ("", "service") else []
        yield [note for note in pool if name and note.title.lower() == name.lower()]
        words = re.findall(r"\w+", plain.lower())
        yield [note for note in pool if words and all(word in re.split(r"\W+|_", note.ref.lower()) for word in words)]

    def _holding(self, name: str, pool: Sequence[Note]) -> Iterator[list[Note]]:
        """The notes that hold the words anywhere, as parts of others too: enough for who types and sees what comes, not for a link."""
        words = re.findall(r"\w+", plain_name(name).lower())
        yield [note for note in pool if words and all(word in note.ref.lower() or word in note.title.lower() for word in words)]

    # ---- links -------------------------------------------------------------------------------------------------------

    def target(self, note: Note, link: Link) -> Note | None:
        """The note that a link of `note` leads to, if there is one."""
        if link.kind == "file":
            path = joined(note.path, link.target)
            return self._by_path.get(path)
        if link.kind in ("services", "depends_on", "hosts"):
            return self.services.get(link.target.lower())
        return self._target_of_ref(link.target.partition("#")[0], "decision" if link.kind in DECISION_KEYS else "")

    def linked(self, name: str, kind: str = "") -> Note | None:
        """The note that a link of front matter means by that name, if it is just one."""
        return self._target_of_ref(name, kind)

    @cached_property
    def _by_name(self) -> Mapping[str, list[Note]]:
        found: dict[str, list[Note]] = defaultdict(list)
        for note in self.notes:
            found[note.name.lower()].append(note)
        return found

    def _target_of_ref(self, target: str, kind: str) -> Note | None:
        if found := self.by_ref.get(target.removeprefix("entries/").removesuffix(".md")):
            return found
        if target.lower() in self._links_seen:
            return self._links_seen[target.lower()]
        named = [note for note in self._by_name.get(target.lower(), ()) if not kind or note.kind == kind]
        if len(named) == 1:  # what `find` would say too, without a look at every note
            return named[0]
        meant = self._meant(target, kind)
        note = meant[0] if len(meant) == 1 else None
        self._links_seen[target.lower()] = note
        return note

    def _meant(self, target: str, kind: str = "") -> list[Note]:
        """The notes that a link can mean; none, or more than one, is a mistake."""
        return next(filter(None, self._readings(target.strip(), kind, self._of_kind(kind))), [])

    @cached_property
    def _links_seen(self) -> dict[str, Note | None]:
        return {}

    @cached_property
    def _by_path(self) -> Mapping[str, Note]:
        return {note.path: note for note in self.notes}

    @cached_property
    def backlinks(self) -> Mapping[str, tuple[Note, ...]]:
        """ref → the notes that link to it, newest first."""
        found: dict[str, dict[str, Note]] = defaultdict(dict)
        for note in self.notes:
            for link in note.links:
                target = self.target(note, link)
                if target and target.ref != note.ref:
                    found[target.ref][note.ref] = note
        return {ref: tuple(newest_first(list(notes.values()))) for ref, notes in found.items()}

    def recurrences(self, note: Note) -> list[Incident]:
        """The incidents that say they are this one again, newest first."""
        return list(self.returns.get(note.ref, ()))

    @cached_property
    def returns(self) -> Mapping[str, tuple[Incident, ...]]:
        """ref → the incidents that say they are that one again, newest first; only of notes that came back."""
        found: dict[str, list[Incident]] = defaultdict(list)
        for note in self.notes:
            if isinstance(note, Incident) and note.recurrence_of and (first := self.recurred(note)):
                found[first.ref].append(note)
        return {ref: tuple(note for note in newest_first(notes) if isinstance(note, Incident)) for ref, notes in found.items()}

    def recurred(self, note: Incident) -> Note | None:
        """The note that this incident is a return of."""
        return self._target_of_ref(note.recurrence_of, "") if note.recurrence_of else None

    def family(self, note: Note) -> list[Note]:
        """The first incident that this one is a return of, and all of its returns: newest last. At least the note itself."""
        first: Note = note
        seen = {note.ref}
        while isinstance(first, Incident) and first.recurrence_of:
            earlier = self.recurred(first)
            if earlier is None or earlier.ref in seen:
                break
            seen.add(earlier.ref)
            first = earlier
        found, waiting = {first.ref: first}, [first]
        while waiting:
            for other in self.recurrences(waiting.pop()):
                if other.ref not in found:
                    found[other.ref] = other
                    waiting.append(other)
        # The first one stays the first, even of a day on which everything happened and nobody wrote the hour.
        del found[first.ref]
        return [first, *newest_first(list(found.values()))[::-1]]

    def about(self, service: Service, kind: str) -> list[Note]:
        """The notes of a kind that name this service, newest first."""
        return [note for note in self.of(kind) if any(self.services.get(name.lower()) is service for name in note.services)]

    def depend_on(self, service: Service) -> list[Service]:
        """The services that name this one under `depends_on`, by name."""
        return [
            other
            for other in self.of("service")
            if isinstance(other, Service) and any(self.services.get(n.lower()) is service for n in other.depends_on)
        ]

    def select(
        self, kind: str = "", service: str = "", tags: Sequence[str] = (), status: str = "", since: When | None = None
    ) -> list[Note]:
        """The notes that pass all filters, newest first. `service` may be an alias; every tag must be there."""
        wanted = {tag.lower() for tag in tags}
        return [
            note
            for note in newest_first(list(self.notes))
            if (not kind or note.kind == kind)
            and (not service or self.names_service(note, service))
            and wanted <= {tag.lower() for tag in note.tags}
            and (not status or note.state.lower() == status.lower())
            and (not since or (note.date is not None and note.date.day >= since.day))
        ]

    def names_service(self, note: Note, service: str) -> bool:
        """Whether the note is about the service of that name or alias, or is its note."""
        wanted = self.service_name(service).lower()
        return note.ref == f"services/{wanted}" or any(self.service_name(name).lower() == wanted for name in note.services)

    # ---- check -------------------------------------------------------------------------------------------------------

    def check(self) -> list[Problem]:
        """All that is wrong, by file and line: broken notes, bad values, dead links, unknown services, twins."""
        found = [*self.problems, *(Problem("mkdocs.yml", 1, message) for message in self.settings.unknown)]
        for note in self.notes:
            found += note.complaints()
            found += misspelled(note)
            found += ended_before_it_began(note)
            found += self.dead_links(note)
            found += self._unknown_services(note)
            found += unmerged(note)
            found += exposed(note)
        found += self._dangling_needs()
        found += self._circles()
        found += self._twin_numbers()
        found += self._twin_ids()
        found += self._twin_names()
        return sorted(set(found), key=lambda p: (p.path, p.line, p.message))

    def dead_links(self, note: Note) -> Iterator[Problem]:
        """The links of a note that lead to no note and no file. Names of services may be without a note; commits have none."""
        for link in note.links:
            if link.kind in ("services", "depends_on", "hosts") or self.target(note, link):
                continue
            if link.kind == "caused_by" and COMMIT.fullmatch(link.target):
                continue
            if link.kind == "file":
                path = joined(note.path, link.target)
                if self.is_inside(path) and path not in self.attachments:
                    yield Problem(note.path, link.line, f"a dead link to {link.target}: correct it or remove it")
            elif len(self._meant(link.target)) > 1:
                yield Problem(note.path, link.line, f"{link.target!r} means several notes: write the whole ref")
            else:
                yield Problem(note.path, link.line, f"a dead link to {link.target}: `kb list` shows the refs")

    def is_inside(self, path: str) -> bool:
        """Whether a file would stand beside the notes, where a link to it promises that it is there."""
        return path.startswith(("entries/", self.settings.decisions + "/"))

    def _unknown_services(self, note: Note) -> Iterator[Problem]:
        if not self.services:
            return  # nobody has begun to describe services here
        for link in note.links:
            if link.kind in ("services", "depends_on") and not self.target(note, link):
                close = self.close_service(link.target)
                hint = f"did you mean {close}?" if close else f"make its note with `kb service new {link.target}`"
                yield Problem(note.path, link.line, f"no service is called {link.target!r}: {hint}")

    def _dangling_needs(self) -> Iterator[Problem]:
        for note, need in self.graph.dangling:
            line = note.key_lines.get("needs", 1)
            yield Problem(
                note.path,
                line,
                f"needs {need}, which no service that runs provides: write `provides: [{need}]` in the one that does",
            )

    def _circles(self) -> Iterator[Problem]:
        """Circles of `depends_on`, where nobody can start first; those through capabilities are for `kb service order` to name."""
        services = [note for note in self.notes if isinstance(note, Service)]
        from ..services import service_needs

        for circle in service_needs.dependency_circles(services, self.services):
            way = " → ".join(note.name for note in circle)
            line = circle[0].key_lines.get("depends_on", 1)
            yield Problem(circle[0].path, line, f"depends on itself in a circle: {way}: one of them can start without the next")

    def unlinked(self) -> list[Service]:
        """The services that run and that no other note names: a hint, since a leaf of the house may well be one."""
        return [
            note
            for note in self.of("service")
            if isinstance(note, Service)
            and note.state != "retired"
            and not self.backlinks.get(note.ref)
            and not self.graph.users.get(note.ref)
        ]

    def _twin_numbers(self) -> Iterator[Problem]:
        numbers: dict[int, list[Decision]] = defaultdict(list)
        for note in self.notes:
            if isinstance(note, Decision) and note.number is not None:
                numbers[note.number].append(note)
        for number, notes in numbers.items():
            for note in notes[1:]:
                yield Problem(
                    note.path,
                    1,
                    f"decision number {number} is also {notes[0].name}: `kb decision renumber` gives one the next number",
                )

    def _twin_ids(self) -> Iterator[Problem]:
        first: dict[str, Note] = {}
        for note in self.notes:
            written = note.front.get("id")
            if isinstance(written, str) and written:
                if other := first.get(written):
                    yield Problem(
                        note.path, note.key_lines.get("id", 1), f"id {written} is also in {other.path}: change one of the two"
                    )
                first.setdefault(written, note)

    def _twin_names(self) -> Iterator[Problem]:
        """Names that are one and the same file on a Mac or on Windows: by case, or by how an accent is written."""
        first: dict[str, Note] = {}
        for note in self.notes:
            other = first.setdefault(unicodedata.normalize("NFC", note.path).casefold(), note)
            if other is not note:
                yield Problem(note.path, 1, f"is the same file as {other.path} on a Mac or on Windows: rename one of the two")


def open_incidents(base: KnowledgeBase) -> list[Incident]:
    """The incidents that are not resolved, newest first."""
    return [note for note in base.of("incident") if isinstance(note, Incident) and note.status != "resolved"]
