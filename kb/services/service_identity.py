"""Which service in the files has which note: services with a note keep it, the others get a name that nothing else has."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from ..importers.service_record import PLACES, ServiceRecord, folders_of
from ..notes import templates
from ..notes.kinds import Service
from ..notes.knowledge_base import KnowledgeBase
from .import_marks import identity, marks

_COMPOSE_WORDS = re.compile(r"[._-]?(?:docker-)?(?:compose|stack)(?=$|[._-])[._-]?", re.IGNORECASE)
_NUMBER = re.compile(r"^\d+[-_. ]+(?=\D)")  # `01-infra`: the order to start in, not part of the name


def slug(name: str) -> str:
    """A name as a note has it."""
    return templates.slug(name, "service")


def project(service: ServiceRecord) -> str:
    """The name of a service's project, as a part of the service's name."""
    return slug(_NUMBER.sub("", service.project or posixpath.basename(service.folder)))


def owners(base: KnowledgeBase, services: Sequence[ServiceRecord], is_there: Callable[[str], bool]) -> list[Service | None]:
    """For each service, the note that it has already. `is_there` says whether a file that a note names still exists."""
    search = _Owners(base, services, is_there)
    found: list[Service | None] = [None] * len(services)
    for way in (search.imported, search.included, search.so_called):
        for number, service in enumerate(services):
            if found[number] is None and (note := way(service)):
                found[number] = note
                search.used.add(note.ref)
    return found


class _Owners:
    """The search for the notes of services: three ways, the surest first. A note belongs to one service only."""

    def __init__(self, base: KnowledgeBase, services: Sequence[ServiceRecord], is_there: Callable[[str], bool]) -> None:
        self.base, self.services, self.is_there = base, services, is_there
        self.used: set[str] = set()
        self.many = _many(slug(service.name) for service in services)
        self.files = {file for service in services for file in service.files}
        self.by_identity: dict[tuple[str, str], list[Service]] = defaultdict(list)
        for note in base.of("service"):
            if isinstance(note, Service) and note.compose:
                self.by_identity[identity(note)].append(note)

    def imported(self, service: ServiceRecord) -> Service | None:
        """The note that came from this service before."""
        own = self.by_identity.get((service.folder, service.name), [])
        mine = next((note for note in own if note.compose in service.files), own[0] if len(own) == 1 else None)
        return mine if mine and mine.ref not in self.used else None

    def included(self, service: ServiceRecord) -> Service | None:
        """The note from when its file was a project of its own, before another began to include it."""
        parts = [note for file in service.files for note in self.by_identity.get((posixpath.dirname(file), service.name), [])]
        part = next((note for note in parts if note.compose in service.files and note.ref not in self.used), None)
        of_one = part and sum(part.compose in other.files for other in self.services if other.name == service.name) == 1
        return part if of_one else None

    def so_called(self, service: ServiceRecord) -> Service | None:
        """The note with that name, written by hand or with a file that was moved, if no other service could be meant."""
        note = self.base.services.get(service.name.lower()) or self.base.services.get(slug(service.name))
        if note is None or note.ref in self.used or slug(service.name) in self.many:
            return None
        return note if not note.compose or self._lost_its_file(note, service) else None

    def _lost_its_file(self, note: Service, service: ServiceRecord) -> bool:
        """Whether the file that a note names is gone, and its folder with it, so that it can be another's now."""
        return (
            note.compose not in self.files
            and not self.is_there(note.compose)
            and marks(note)[0] in ("", service.name)
            and not any(posixpath.dirname(note.compose) == other.folder for other in self.services)
        )


def _many(words: Iterable[str]) -> set[str]:
    return {word for word, times in Counter(words).items() if times > 1}


def names(base: KnowledgeBase, services: Sequence[ServiceRecord], owners: Sequence[Service | None]) -> list[str]:
    """For each service, the name of its note: its own, else one with a word that tells it apart from others of that name."""
    taken = {note.name for note in base.of("service")}
    many = _many(slug(service.name) for service in services)
    cores = [slug(service.name) if slug(service.name) not in many else _core(service, services) for service in services]
    labels = _labels(services, cores)
    alike = Counter(zip(cores, map(project, services), strict=True))
    unique = {core for core, owner in zip(cores, owners, strict=True) if cores.count(core) == 1 and not owner}
    found = []
    for service, owner, core, label in zip(services, owners, cores, labels, strict=True):
        if owner:
            found.append(owner.name)
            continue
        stack = _stack(service, services)
        own = project(service)
        # `pihole` in the project `pihole` gets the plain name, unless two machines or two files of its folder have that project.
        alone = cores.count(core) == 1 or (core == own and (alike[core, own] == 1 or not (label or set(stack) - {core})))
        others = taken | unique - {core}
        choices = itertools.chain([core] if alone else [], _longer_names(service, core, stack, label))
        found.append(next(name for name in choices if name not in others))
        taken.add(found[-1])
    return found


def _longer_names(service: ServiceRecord, core: str, stack: Sequence[str], label: Sequence[str]) -> Iterator[str]:
    """Names that tell a service apart from others called `core`, the best first: with a word, with folders, with a number."""
    own = project(service)
    words = [word for word in (*stack, *label, own) if word != core or not label]
    # `immich-server` in the project `immich` already says where it belongs.
    yield from (core if core.startswith(f"{word}-") else f"{word}-{core}" for word in words)
    places = [place for part in folders_of(service.folder) if (place := slug(part)) != core]
    yield from ("-".join([*places[-deep:], core]) for deep in range(1, len(places) + 1))
    yield from (f"{own}-{core}-{number}" for number in itertools.count(2))


def _core(service: ServiceRecord, services: Sequence[ServiceRecord]) -> str:
    """The name that others may share: the only service of the project `portainer-agent` gets that name, not `portainer`."""
    plain = slug(service.name)
    single = sum(other.folder == service.folder for other in services) == 1
    words = [*_stack(service, services), *([project(service)] if single else [])]
    return next((word for word in words if plain in word.split("-")), plain)


def _stack(service: ServiceRecord, services: Sequence[ServiceRecord]) -> list[str]:
    """The name of a compose file, if another one in its folder has a service of the same name."""
    crowded = sum(other.folder == service.folder and other.name == service.name for other in services) > 1
    said = file_word(service)
    return [slug(said)] if crowded and said else []


def file_word(service: ServiceRecord) -> str:
    """What the name of a compose file says beyond being one: `nas` for `docker-compose.nas.yml`."""
    return _COMPOSE_WORDS.sub("", posixpath.basename(service.file).rpartition(".")[0])


def _labels(services: Sequence[ServiceRecord], cores: Sequence[str]) -> list[list[str]]:
    """The word that tells each service apart from all others of its name: its project, else a folder above, often the machine."""
    found: list[list[str]] = [[] for _ in services]
    for core in _many(cores):
        alike = [number for number, other in enumerate(cores) if other == core]
        above = [[slug(_NUMBER.sub("", part)) for part in reversed(folders_of(services[number].folder))] for number in alike]
        telling = [[part for part in parts if part not in PLACES] for parts in above]
        projects = [project(services[number]) for number in alike]
        # `containers` and `docker` tell two services apart, but mean nothing to a person: only if nothing else does.
        for words in [projects, *itertools.zip_longest(*telling, fillvalue=""), *itertools.zip_longest(*above, fillvalue="")]:
            if "" not in words and len(set(words)) == len(words):
                for number, word in zip(alike, words, strict=True):
                    found[number] = [word]
                break
    return found
