"""Which note a name means: a ref, a path, a number, an alias, a title, or words from it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

from ..exceptions import AmbiguousRef, NoSuchNote, close_to
from .kinds import Decision, Note, Service, newest_first


@dataclass(frozen=True, eq=False)
class References:
    """The names of some notes. `root` is the folder that absolute paths are taken relative to; nothing is read from it."""

    notes: Sequence[Note]
    root: Path
    versions: Sequence[Note] = ()  # other versions of notes, which have a name of their own and no other reading

    @cached_property
    def by_ref(self) -> Mapping[str, Note]:
        """ref → note."""
        return {note.ref: note for note in self.notes}

    @cached_property
    def by_path(self) -> Mapping[str, Note]:
        """path → note."""
        return {note.path: note for note in self.notes}

    @cached_property
    def by_name(self) -> Mapping[str, list[Note]]:
        """The last part of a ref, in lower case → the notes whose ref ends with it."""
        found: dict[str, list[Note]] = defaultdict(list)
        for note in self.notes:
            found[note.name.lower()].append(note)
        return found

    # ---- services ----------------------------------------------------------------------------------------------------

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

    def service_name(self, name: str) -> str:
        """The one name of a service: its note's, when `name` is an alias of it."""
        note = self.services.get(name.lower())
        return note.name if note else name

    def close_service(self, name: str) -> str:
        """The service whose name is spelled almost the same, or nothing."""
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
        """The one note that `name` means: a ref, its last part, a path, a decision's number, an alias, its title, or words from it.

        Raises NoSuchNote with close ones, or AmbiguousRef with all candidates.
        """
        pool, typed = self._of_kind(kind), name.strip()
        for candidates in chain(self._readings(typed, kind, pool), self._with_parts(typed, pool), [self._version(typed, kind)]):
            if len(candidates) == 1:
                return candidates[0]
            if candidates:
                raise AmbiguousRef(name, [note.ref for note in newest_first(candidates)])
        raise NoSuchNote(name, close_refs(name.lower(), pool), kind or "note")

    def meant(self, name: str, kind: str = "") -> list[Note]:
        """The notes that a link can mean by that name, of one kind or of any; none, or more than one, is the writer's mistake."""
        if found := self.by_ref.get(name.removeprefix("entries/").removesuffix(".md")):
            return [found]
        named = [note for note in self.by_name.get(name.lower(), ()) if not kind or note.kind == kind]
        if len(named) == 1:  # the readings below would say the same, but look at every note
            return named
        return next(filter(None, self._readings(name.strip(), kind, self._of_kind(kind))), [])

    def _version(self, name: str, kind: str) -> list[Note]:
        """The other version of a note that is called so."""
        plain = plain_name(name)
        return [n for n in self.versions if kind in ("", n.kind) and (plain in (n.ref, n.name) or name == n.path)]

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

    def _with_parts(self, name: str, pool: Sequence[Note]) -> Iterator[list[Note]]:
        """The notes with these words anywhere, even inside other words: good enough for someone typing, not for a link."""
        words = re.findall(r"\w+", plain_name(name).lower())
        yield [note for note in pool if words and all(word in note.ref.lower() or word in note.title.lower() for word in words)]


def plain_name(name: str) -> str:
    """A path or ref without the folder and ending that all of them have."""
    return name.removeprefix("./").removeprefix("entries/").removesuffix(".md").strip("/")


def close_refs(name: str, pool: Sequence[Note]) -> list[str]:
    """The refs of notes whose name or title is spelled almost the same, leaving out the date or number that no one types."""
    known: dict[str, str] = {}
    for note in pool:
        for written in (note.name, re.sub(r"^(?:\d{4}-\d\d-\d\d|\d{4})-", "", note.name), note.title.lower()):
            known.setdefault(written, note.ref)
    return list(
        dict.fromkeys(known[found] for found in close_to(name.replace(" ", "-"), known, 6, 0.6 if len(name) > 4 else 0.7))
    )[:3]
