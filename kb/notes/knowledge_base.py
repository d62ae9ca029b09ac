"""The knowledge base: a snapshot of all notes, and how they relate to one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from threading import RLock
from typing import TypeVar, TypeVarTuple
from weakref import WeakKeyDictionary

from ..exceptions import AmbiguousRef
from .dates import When
from .kinds import KINDS, Incident, Note, Service, newest_first
from .links import Links
from .markdown import Link
from .problem import Problem
from .recurrence import Families
from .references import References
from .settings import Settings
from .versions import Version

S = TypeVar("S")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


def once(make: Callable[[S, *Ts], T]) -> Callable[[S, *Ts], T]:
    """Makes a function run only once for each snapshot and set of arguments; the result is kept as long as the snapshot.

    Threads that call it at the same time wait for the first. The result must not hold the snapshot, which would then live for ever.
    """
    known: WeakKeyDictionary[S, dict[tuple[object, ...], T]] = WeakKeyDictionary()
    at_work = RLock()

    @wraps(make)
    def remembered(snapshot: S, *others: *Ts) -> T:
        with at_work:
            made = known.setdefault(snapshot, {})
            if others not in made:
                made[others] = make(snapshot, *others)
            return made[others]

    return remembered


@dataclass(frozen=True)
class Filter:
    """Conditions that notes must meet; an empty one lets every note pass."""

    kind: str = ""
    services: Sequence[str] = ()  # names or aliases, all of which a note must be about
    host: str = ""
    tags: Sequence[str] = ()  # all of which a note must have
    status: str = ""
    since: When | None = None  # the whole day counts


@dataclass(frozen=True, eq=False)
class KnowledgeBase:
    """All notes as they were when read; read again to see changes."""

    root: Path
    notes: tuple[Note, ...]  # by ref
    settings: Settings = field(default_factory=Settings)
    problems: tuple[Problem, ...] = ()  # files that could not be read at all
    attachments: tuple[str, ...] = ()  # other files under entries/, relative to the root
    ordinary: frozenset[str] = frozenset()  # the keys of the lines that are ordinary here (logs/ordinary.py)
    pairs: tuple[Version, ...] = ()  # other versions of notes, which wait for someone to make one of the two
    versions: tuple[Note, ...] = ()  # those of them that are notes, and don't count as notes of their own until then

    # ---- names: see References ---------------------------------------------------------------------------------------

    @cached_property
    def references(self) -> References:
        """What the notes are called."""
        return References(self.notes, self.root, self.versions)

    @cached_property
    def by_ref(self) -> Mapping[str, Note]:
        """ref → note."""
        return self.references.by_ref

    @cached_property
    def services(self) -> Mapping[str, Service]:
        """Every name and alias of a service, in lower case → its note."""
        return self.references.services

    @property
    def service_names(self) -> frozenset[str]:
        """Every name of a service that any note uses, with a note of its own or without."""
        return self.references.service_names

    def service_name(self, name: str) -> str:
        """The one name of a service: its note's, when `name` is an alias of it."""
        return self.references.service_name(name)

    def close_service(self, name: str) -> str:
        """The service whose name is spelled almost the same, or nothing."""
        return self.references.close_service(name)

    def services_in(self, text: str) -> list[Service]:
        """The services that a text names as a whole word, in the order of their first mention."""
        return self.references.services_in(text)

    def find(self, name: str, kind: str = "") -> Note:
        """The one note that `name` means. Of one incident and its returns it is the open one, else the newest.

        Raises NoSuchNote with close ones, or AmbiguousRef with all candidates.
        """
        try:
            return self.references.find(name, kind)
        except AmbiguousRef as several:
            meant = self.families.one_of([self.by_ref[ref] for ref in several.candidates])
            if meant is None:
                raise
            return meant

    # ---- links: see Links --------------------------------------------------------------------------------------------

    @cached_property
    def links(self) -> Links:
        """What links to what."""
        return Links(self.notes, self.references)

    def target(self, note: Note, link: Link) -> Note | None:
        """The note that a link of `note` leads to, if there is one."""
        return self.links.target(note, link)

    def linked(self, name: str, kind: str = "") -> Note | None:
        """The note that a link in front matter means by that name, if there is exactly one."""
        return self.links.linked(name, kind)

    @property
    def backlinks(self) -> Mapping[str, tuple[Note, ...]]:
        """ref → the notes that link to it, newest first."""
        return self.links.backlinks

    def is_inside(self, path: str) -> bool:
        """Whether the file would be among the notes, where a link to it must lead somewhere."""
        return path.startswith(("entries/", self.settings.decisions + "/"))

    # ---- incidents that came back: see Families ----------------------------------------------------------------------

    @cached_property
    def families(self) -> Families:
        """Which incident is a return of which."""
        return Families(self.notes, self.links)

    @property
    def returns(self) -> Mapping[str, tuple[Incident, ...]]:
        """ref → the incidents that say they are a return of it, newest first; only for notes that came back."""
        return self.families.returns

    def recurrences(self, note: Note) -> list[Incident]:
        """The incidents that say they are a return of this one, newest first."""
        return list(self.returns.get(note.ref, ()))

    def recurred(self, note: Incident) -> Note | None:
        """The note that this incident is a return of."""
        return self.families.recurred(note)

    def family(self, note: Note) -> list[Note]:
        """The first incident of which this one is a return, and all its returns, newest last. At least the note itself."""
        return self.families.family(note)

    # ---- which notes -------------------------------------------------------------------------------------------------

    def of(self, kind: str) -> list[Note]:
        """The notes of a kind, newest first (services by name)."""
        found = [note for note in self.notes if note.kind == kind]
        return sorted(found, key=lambda n: n.name) if kind == "service" else newest_first(found)

    def about(self, service: Service, kind: str) -> list[Note]:
        """The notes of a kind that name this service, newest first."""
        return self._about.get((service.ref, kind), [])

    @cached_property
    def _about(self) -> Mapping[tuple[str, str], list[Note]]:
        found: dict[tuple[str, str], list[Note]] = {}
        for kind in KINDS:
            for note in self.of(kind):
                for ref in {service.ref for name in note.services if (service := self.services.get(name.lower()))}:
                    found.setdefault((ref, kind), []).append(note)
        return found

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
        """The notes that pass all filters, newest first. `service` may be an alias; a note must have every tag."""
        wanted = Filter(kind, [service] if service else [], "", tags, status, since)
        return newest_first([note for note in self.notes if self.passes(note, wanted)])

    def passes(self, note: Note, wanted: Filter) -> bool:
        """Whether a note passes a filter; case never matters."""
        return (
            wanted.kind in ("", note.kind)
            and all(self.names_service(note, name) for name in wanted.services)
            and {tag.lower() for tag in wanted.tags} <= {tag.lower() for tag in note.tags}
            and (not wanted.host or wanted.host.lower() in {host.lower() for host in note.hosts})
            and (not wanted.status or note.state.lower() == wanted.status.lower())
            and (not wanted.since or (note.date is not None and note.date.day >= wanted.since.day))
        )

    def names_service(self, note: Note, service: str) -> bool:
        """Whether the note is about the service with that name or alias, or is its note."""
        wanted = self.service_name(service).lower()
        return note.ref == f"services/{wanted}" or any(self.service_name(name).lower() == wanted for name in note.services)


def open_incidents(base: KnowledgeBase) -> list[Incident]:
    """The incidents that are not resolved, newest first."""
    return [note for note in base.of("incident") if isinstance(note, Incident) and note.status != "resolved"]
