"""Drift: where the notes and the files say different things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..notes.kinds import Service
from ..notes.knowledge_base import KnowledgeBase
from .import_marks import mark, marks
from .note_sync import ServiceUpdate, mounts, one_line


@dataclass(frozen=True)
class Drift:
    """Where a note and the files say different things."""

    service: str
    what: str  # new | gone | image | ports | networks | depends_on | hosts | url | exposed | volumes
    files: str  # what the files say
    note: str  # what the note says
    path: str = ""

    def __str__(self) -> str:
        if self.what == "new":
            return f"{self.service}: new in {self.path}, no note yet"
        if self.what == "gone":
            return f"{self.service}: gone from {self.path}, its note isn't retired"
        return f"{self.service}: {self.what}: files say {self.files or 'nothing'}, the note {self.note or 'nothing'}"


def drift(services: Sequence[ServiceUpdate], base: KnowledgeBase, looked_at: Sequence[str]) -> list[Drift]:
    """What the files say and the notes don't, and vice versa. `looked_at` are the folders and files that were read."""
    found: list[Drift] = []
    for want in services:
        if want.note is None:
            found.append(Drift(want.name, "new", want.described.image, "", want.described.file))
        elif not want.note.retired:
            found += _differences(want, want.note)
    here = {want.note.ref for want in services if want.note}
    for note in base.of("service"):
        if (
            isinstance(note, Service)
            and note.compose
            and not note.retired
            and note.ref not in here
            and _inside(note.compose, looked_at)
        ):
            found.append(Drift(note.name, "gone", "", note.image, note.compose))
    return found


def _inside(file: str, places: Sequence[str]) -> bool:
    return any(place in ("", ".") or file == place or file.startswith(place.rstrip("/") + "/") for place in places)


def _differences(want: ServiceUpdate, note: Service) -> Iterator[Drift]:
    described, known = want.described, marks(note)[1]
    if described.image != note.image and (note.image or "image" in known):
        yield Drift(want.name, "image", described.image, note.image, described.file)
    for key in ("url", "exposed"):
        # What a person wrote is theirs: the files say where a service answers, but rarely who can reach it.
        said, noted = str(want.fields.get(key) or ""), str(note.front.get(key) or "")
        if said != noted and known and known.get(key, mark("")) == mark(noted):
            yield Drift(want.name, key, said, noted, described.file)
    yield from _differing_lists(want, note, known)
    there = mounts(note.body)
    here = {one_line(str(one)) for one in described.volumes}
    if there is not None and here != there:
        yield Drift(want.name, "volumes", ", ".join(sorted(here - there)), ", ".join(sorted(there - here)), described.file)


def _differing_lists(want: ServiceUpdate, note: Service, known: Mapping[str, str]) -> Iterator[Drift]:
    """What is new in a list, and what is gone from one that no one added to."""
    lists = {
        "ports": want.described.ports,
        "networks": want.described.networks,
        "depends_on": _listed(want.fields.get("depends_on")),
    }
    if "hosts" in want.fields and "hosts" in known:
        lists["hosts"] = _listed(want.fields["hosts"])
    for key, now in lists.items():
        then = _listed(note.front.get(key))
        new = [item for item in now if item not in then]
        # What a person added to a list is knowledge that isn't in any file.
        old = [item for item in then if item not in now] if known.get(key) == mark(then or "") else []
        # A note written by hand needn't list ports, but should list what the service can't start without.
        if old or (new and (then or known or key == "depends_on")):
            yield Drift(want.name, key, ", ".join(new), ", ".join(old), want.described.file)


def _listed(value: object) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) and value else value
    return tuple(item for item in items if isinstance(item, str)) if isinstance(items, (list, tuple)) else ()
