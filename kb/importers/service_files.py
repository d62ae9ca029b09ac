"""Files in, services out: compose files, compose blocks in Markdown, and podman's quadlets.

Values of environment variables are never taken; if the name of a variable sounds like a secret, not even its default is.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from ..notes.markdown import fenced_blocks
from ..notes.problem import Problem
from ..notes.yaml_reader import Broken
from .compose.compose_files import Files, Open
from .compose.compose_merge import plain
from .compose.compose_parts import MARKDOWN, YAML, ComposePart, includes, is_bare, part, services_in
from .compose.compose_project import MAX_CHAIN, Together
from .compose.compose_yaml import ComposeYaml, Tagged, read_compose_yaml
from .quadlet import QUADLETS, UNITS, read_quadlet, units_named, with_ports_of_pods
from .service_record import ServiceImporter, ServiceRecord

# What Ansible, Jinja and others fill in first: not a file that runs.
TEMPLATES = tuple(
    kind + ending
    for kind in (*YAML, *QUADLETS, ".pod")
    for ending in (".j2", ".jinja", ".jinja2", ".template", ".tmpl", ".tpl", ".erb")
)
_TEMPLATE = "a template of another program: import what that makes of it"
EXAMPLE = "a compose block in Markdown may be an example: name the file itself to import it"
OWN: Mapping[str, ServiceImporter] = {"quadlet": ServiceImporter(QUADLETS, read_quadlet)}
_BLANK = re.compile(r"<[^<>]*>|\{\{.*\}\}")  # blanks that a skeleton leaves to be filled in


def _is_compose(block: str) -> bool:
    """Whether a block of Markdown is a compose file, or just its services without the `services:` above them."""
    if re.search(r"^services:", block, re.MULTILINE):
        return True
    if not re.search(r"^[ \t]+(?:image|build):", block, re.MULTILINE):
        return False
    try:
        return any(is_bare(document.value) for document in read_compose_yaml(block))
    except Broken:
        return False


@dataclass(frozen=True)
class Reading:
    """What was read from a set of files."""

    services: tuple[ServiceRecord, ...] = ()
    problems: tuple[Problem, ...] = ()
    passed_over: Mapping[str, str] = field(default_factory=dict)  # path → why it has no services
    read: tuple[str, ...] = ()  # the files that services came from
    machines: frozenset[str] = frozenset()  # the names of hosts in the Ansible files beside them


def read_all(
    paths: Sequence[str],
    opened: Open,
    env: Mapping[str, str] = MappingProxyType({}),
    markdown: Iterable[str] = (),
    progress: Callable[[int, int], None] | None = None,
    partial: bool = False,
    importers: Mapping[str, ServiceImporter] | None = None,
) -> Reading:
    """The services of these files. `markdown` names the Markdown files to read; others are only counted.

    `partial` keeps services whose image is in another file, for comparing two states of one file. `importers` are kb's own
    unless others are given (`registry.IMPORTERS`). `env` fills in `${…}`, as do the `.env` files beside the compose files.
    Never raises, whatever a file contains.
    """
    reader = _Reader(Files(opened, env), set(markdown), OWN if importers is None else importers)
    for done, path in enumerate(paths):
        if progress and done % 50 == 0:
            progress(done, len(paths))
        reader.take(posixpath.normpath(path))
    return reader.result(partial)


class _Reader:
    """Gathers the parts of all files and the services of those that describe them whole."""

    def __init__(self, files: Files, markdown: set[str], importers: Mapping[str, ServiceImporter]) -> None:
        self.files, self.markdown, self.importers = files, markdown, importers
        self.opened, self.problems = files.opened, files.problems
        self.parts: list[ComposePart] = []
        self.quadlets: list[ServiceRecord] = []
        self.passed_over: dict[str, str] = {}
        self.read: list[str] = []
        self.seen: set[str] = set()
        self.templates: set[tuple[str, str]] = set()  # what is included into other projects, and by which file
        self.machines: set[str] = set()

    # ---- files -------------------------------------------------------------------------------------------------------

    def take(self, path: str, depth: int = 0) -> None:
        """One file: its services, and the files that it includes."""
        if path in self.seen:
            return
        self.seen.add(path)
        if machine := re.search(r"(?:^|/)host_vars/([^/]+?)(?:/|\.ya?ml$)", path):
            self.machines.add(machine[1].lower())
        text = self.opened(path)
        if text is None:
            self.problems.append(Problem(path, 1, "can't be read"))
        elif path.endswith(MARKDOWN):
            self._take_markdown(path, text)
        elif name := next((name for name, one in self.importers.items() if path.endswith(one.endings)), ""):
            self._take_whole(path, text, name)
        elif path.endswith(UNITS):
            self.passed_over.setdefault(path, "no *.container file here names it")
        elif path.endswith(TEMPLATES):
            self.passed_over[path] = _TEMPLATE
        else:
            self._take_yaml(path, text, depth)

    def _take_whole(self, path: str, text: str, name: str) -> None:
        """A file that describes its services completely: a quadlet, or one that a plugin reads."""
        try:
            found = self.importers[name].read(path, text, self.opened)
            services = [found] if isinstance(found, ServiceRecord) else list(found)
        except Exception as error:  # the code of a plugin may raise anything
            if name in OWN:
                raise
            self.problems.append(Problem(path, 1, f"can't be read by the plugin {name} ({type(error).__name__}: {error})"))
            return
        self.quadlets += services
        if services:
            self.read.append(path)
        else:
            self.passed_over[path] = "no services in it"
        if path.endswith(QUADLETS):
            self._name_units(path)

    def _name_units(self, path: str) -> None:
        """Note that the pod, networks and volumes named by a quadlet were read with it."""
        for unit in units_named(path, self.opened):
            if unit not in self.read:
                self.read.append(unit)
                self.seen.add(unit)
                self.passed_over.pop(unit, None)

    def _take_markdown(self, path: str, text: str) -> None:
        blocks = [(line, block) for line, block in fenced_blocks(text) if _is_compose(block)]
        if not blocks:
            self.passed_over[path] = "no compose block in it"
        elif path not in self.markdown:
            self.passed_over[path] = EXAMPLE
        for line, block in blocks if path in self.markdown else []:
            try:
                documents = read_compose_yaml(block)
            except Broken as broken:
                self.problems.append(Problem(path, line + broken.line, broken.message))
                continue
            self._take_documents(path, documents, line, 0)

    def _take_yaml(self, path: str, text: str, depth: int) -> None:
        documents = self.files.documents(path, text)
        if documents is not None:
            self._take_documents(path, documents, 0, depth)
        elif re.search(r"\{\{-|\{\{ *\.|\{%", text):
            self.problems[:] = [problem for problem in self.problems if problem.path != path]
            self.passed_over[path] = _TEMPLATE

    def _take_documents(self, path: str, documents: Sequence[ComposeYaml], offset: int, depth: int, into: str = "") -> None:
        before = len(self.parts)
        has_includes = False
        for document in documents:
            top = document.value
            if not isinstance(top, dict):
                continue
            has_includes = has_includes or bool(includes(top))
            self._include(path, top, document, depth, into)
            for name, raw in services_in(path, top).items():
                line = offset + document.lines.get(("services", name), document.lines.get((name,), 1))
                if _BLANK.search(name):
                    self.problems.append(Problem(path, line, f"{name} is a blank to fill in, not the name of a service"))
                elif isinstance(plain(raw), dict):
                    self.parts.append(replace(part(name, plain(raw), path, line, top), into=into))
                elif raw is not None and not isinstance(raw, Tagged):
                    self.problems.append(Problem(path, line, f"the service {name} is no mapping: indent its keys below it"))
        if len(self.parts) > before or has_includes:
            self.read.append(path)
        elif not any(problem.path == path for problem in self.problems):
            manifests = any(isinstance(one.value, dict) and {"apiVersion", "kind"} <= one.value.keys() for one in documents)
            reason = "a Kubernetes manifest that no *.kube file here names" if manifests else "no services in it"
            self.passed_over[path] = reason if documents else "empty"

    def _include(self, path: str, top: Mapping[str, Any], document: ComposeYaml, depth: int, into: str) -> None:
        line = document.lines.get(("include",), 1)
        missing: list[str] = []
        for target, folder in includes(top):
            if re.match(r"[a-z]+://|git@", target):
                self.problems.append(Problem(path, line, f"includes {target}, which isn't on this machine"))
                continue
            other = self._beside(path, target)
            apart = folder is not None and self._beside(path, folder) != posixpath.dirname(other)
            if depth >= MAX_CHAIN:
                self.problems.append(Problem(path, line, f"includes follow each other more than {MAX_CHAIN} times"))
            elif other not in self.seen and self.opened(other) is None:
                missing.append(target)
            elif into or apart:
                self._take_into(other, into or path, depth + 1)
            else:
                self.take(other, depth + 1)
        unknown = [target for target in missing if "$" in target]
        if unknown:
            name = re.search(r"\$\{?\w+\}?", unknown[0])
            said = f"includes {', '.join(unknown)}: {name[0] if name else '$'} has no value here (--env-file says it)"
            self.problems.append(Problem(path, line, said))
        for target in missing:
            if target not in unknown:
                self.problems.append(Problem(path, line, f"includes {target}, which isn't here"))

    def _beside(self, path: str, name: str) -> str:
        """The path that a file means by `name`."""
        found = posixpath.normpath(posixpath.join(posixpath.dirname(path), self.files.filled(name, path)))
        return "" if found == "." else found

    def _take_into(self, path: str, project: str, depth: int) -> None:
        """A file that is a part of another project: its services are that project's, and it is no project itself."""
        if (path, project) not in self.templates:
            self.templates.add((path, project))
            self._take_documents(path, self.files.documents(path) or [], 0, depth, project)

    # ---- putting together --------------------------------------------------------------------------------------------

    def result(self, partial: bool) -> Reading:
        """All services, each from all of its parts."""
        shared = {path for path, _ in self.templates}
        parts = [one for one in self.parts if one.into or one.file not in shared]
        together = Together(parts, self.parts, self.files, partial)
        services = [*self.quadlets, *together.services()]
        self.passed_over |= together.only_parts(services)
        used = dict.fromkeys(path for path in self.read if path not in self.passed_over)
        services = sorted(with_ports_of_pods(services, self.opened), key=lambda s: (s.folder, s.file, s.line))
        problems = sorted(dict.fromkeys(self.problems), key=lambda p: (p.path, p.line))
        return Reading(tuple(services), tuple(problems), self.passed_over, tuple(used), frozenset(self.machines))
