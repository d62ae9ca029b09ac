"""Putting parts of compose files together: which belong to one service, what they extend, and which make no service."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ...exceptions import listed
from ...notes.problem import Problem
from ..service_record import ServiceRecord
from .compose_comments import remark
from .compose_files import Files
from .compose_merge import merged, plain
from .compose_parts import ComposePart, families, file_order, has_image, is_main, is_override, is_template, part
from .compose_service import describe

MAX_CHAIN = 20  # of extends and include


def grouped(parts: Sequence[ComposePart]) -> Iterator[list[ComposePart]]:
    """The parts of each service, the base first: those with one name in one project folder, unless its files are unrelated."""
    folders: dict[str, set[str]] = defaultdict(set)
    for one in parts:
        folders[one.folder].add(one.home)
    family = {file: name for files in folders.values() for file, name in families(sorted(files)).items()}
    clashing = _in_several((one, family[one.home]) for one in parts if "image" in one.raw or "build" in one.raw)
    named = _in_several((one, one.project) for one in parts if one.project)
    groups: dict[tuple[str, str, str], list[ComposePart]] = defaultdict(list)
    for one in parts:
        key = one.folder, one.name
        apart = family[one.home] if key in clashing else one.project if key in named else ""
        groups[one.folder, apart, one.name].append(one)
    for group in groups.values():
        yield sorted(group, key=lambda part: file_order(part.home))


def _in_several(parts: Iterator[tuple[ComposePart, str]]) -> set[tuple[str, str]]:
    """Folder and name of the services that occur in several unrelated files: `jellyfin.yml` and `immich.yml` with a `db` each."""
    words: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one, word in parts:
        words[one.folder, one.name].add(word)
    return {key for key, found in words.items() if len(found) > 1}


class Together:
    """The services made from parts. What goes wrong is added to `files.problems`.

    `known` are all parts that can be extended; `partial` keeps services whose image is elsewhere.
    """

    def __init__(self, parts: Sequence[ComposePart], known: Sequence[ComposePart], files: Files, partial: bool) -> None:
        self.parts, self.files, self.partial = parts, files, partial
        self._known = {(one.file, one.name): one for one in known}
        bare = {one.file for one in parts if not has_image(one.raw)}
        # These don't leave the image to another file: beside a base, they are another way to run the same thing.
        self._complete = {one.file for one in parts} - bare
        self._extended: set[tuple[str, str]] = set()
        self._without_image: list[ComposePart] = []
        # file → the file that lacks what it extends → service → its part and what it extends
        self._missing: dict[tuple[str, str], dict[str, tuple[ComposePart, str]]] = defaultdict(dict)

    def services(self) -> list[ServiceRecord]:
        """Each service, from all of its parts."""
        found = [service for parts in grouped(self.parts) if (service := self._service(parts))]
        for (file, other), several in self._missing.items():
            one, name = next(iter(several.values()))
            where = "" if file == other else f" of {posixpath.relpath(other, posixpath.dirname(file) or '.')}"
            what = f"extends {name}{where}, which isn't" if len(several) == 1 else f"extend services{where} that aren't"
            self._complain(one, f"{listed(list(several), 'and')} {what} here")
        return found

    def _service(self, parts: Sequence[ComposePart]) -> ServiceRecord | None:
        base = parts[0]
        raw: dict[str, Any] = {}
        for one in parts:
            whole = self._whole(one, ())
            # An override has priority; an alternative (`-gpu`, `.dev`) only adds what the base leaves open.
            if is_override(one.home) or is_override(one.file):
                raw = merged(raw, whole)
            elif not (has_image(raw) and one.file in self._complete):
                raw = merged(whole, raw)
        if not self.partial and is_template(base.name):
            return None
        if not self.partial and not has_image(raw) and "x-kb" not in raw:
            self._without_image.append(base)
            return None
        service = describe(base, parts, raw, self.files.variables(base.home))
        return service if service.description else replace(service, description=self._remark(service))

    def _remark(self, service: ServiceRecord) -> str:
        found = (remark(service.name, self.files.texts.get(file, "")) for file in service.files)
        return next(filter(None, found), "")

    def _whole(self, one: ComposePart, chain: tuple[tuple[str, str], ...]) -> dict[str, Any]:
        """A part merged on top of everything that it extends."""
        own = dict(one.raw)
        extends = plain(own.pop("extends", None))
        if not extends:
            return own
        said = extends.get("service") or one.name if isinstance(extends, dict) else extends
        name = self.files.filled(said, one.home) if isinstance(said, str) else ""
        file = one.file
        if isinstance(extends, dict) and isinstance(extends.get("file"), str):
            file = posixpath.normpath(posixpath.join(posixpath.dirname(one.file), self.files.filled(extends["file"], one.home)))
        if (file, name) in chain or len(chain) >= MAX_CHAIN:
            self._complain(one, f"{one.name} extends itself by way of {name}")
            return own
        self._extended.add((file, name))
        base = self._known.get((file, name)) or self._part_of(file, name)
        if base is None:
            self._missing[one.file, file].setdefault(one.name, (one, name))
            # What it runs isn't known, but that it runs is.
            return {"image": None, "x-kb": None, **own}
        return merged(self._whole(base, (*chain, (one.file, one.name))), own)

    def _part_of(self, file: str, name: str) -> ComposePart | None:
        for document in self.files.documents(file) or []:
            services = plain(document.value.get("services")) if isinstance(document.value, dict) else None
            if isinstance(services, dict) and isinstance(raw := plain(services.get(name)), dict):
                return part(name, raw, file, document.lines.get(("services", name), 1), document.value)
        return None

    def _complain(self, one: ComposePart, said: str) -> None:
        self.files.problems.append(Problem(one.file, one.line, said))

    def only_parts(self, services: Sequence[ServiceRecord]) -> dict[str, str]:
        """The files that only have parts for others, with that reason; any other part without an image becomes a problem."""
        useful = {file for service in services for file in service.files}
        extended = {file for file, _ in self._extended}
        alone: dict[str, list[ComposePart]] = defaultdict(list)
        for one in self._without_image:
            if one.file not in extended:
                alone[one.file].append(one)
        templates = (one.file for one in self.parts if is_template(one.name) and one.file not in useful)
        for_others = dict.fromkeys(templates, "parts for others to extend")
        for file, parts in alone.items():
            if file not in useful and not is_main(file) and not is_override(file) and len(parts) > 1:
                for_others[file] = "no image in it: parts for others to extend"
                continue
            names = listed([one.name for one in parts], "and")
            has = "has" if len(parts) == 1 else "have"
            said = f"{names} {has} neither image nor build, and no file here that it goes on top of: not imported"
            self._complain(parts[0], said)
        return for_others
