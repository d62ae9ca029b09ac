"""Compose files: texts in, services out. What runs, from what image, with what data, and who may reach it.

A service is (project folder, name), never a file: base and override are one. Values of environment variables are never
taken; where the name of a variable sounds like a secret, even its default is left out of what is read.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from .. import secrets
from ..body import fenced_blocks
from ..compose_yaml import ComposeYaml, Tagged, read_compose_yaml
from ..front_matter import Broken
from ..note import Problem
from .described import Described, Volume, exposure, url_of, volume
from .quadlet import UNITS, read_quadlet, units_of, with_ports_of_pods
from .variables import interpolate, is_secret, read_env

# Reads a file by its path relative to the folder that is imported; None when there is none.
Open = Callable[[str], str | None]
YAML = (".yml", ".yaml")
MARKDOWN = (".md", ".markdown")
QUADLETS = (".container",)
# What Ansible, Jinja and others fill in first: no file that runs.
TEMPLATES = tuple(
    kind + ending
    for kind in (*YAML, *QUADLETS, ".pod")
    for ending in (".j2", ".jinja", ".jinja2", ".template", ".tmpl", ".tpl", ".erb")
)
_STANDARD = re.compile(r"(?:docker-)?compose(?=$|[.-])")
_OVERRIDE = re.compile(r"(?:^|[.-])override(?=$|[.-])")
_MAX_CHAIN = 20  # of extends and include
_TEMPLATE = "a template of another program: import what that makes of it"
_BLANK = re.compile(r"<[^<>]*>|\{\{.*\}\}")  # what a skeleton leaves to be filled in
# A comment that says of something by its name what it is, in words.
_REMARK = re.compile(
    r"^[ \t]*#+ {0,3}(\w[\w .()/+-]{0,38}?)(?: [-\u2013\u2014] |: )([A-Z][^\n]{3,200}?)[ #]*\r?$", re.MULTILINE
)
_GIVES_AWAY = re.compile(r"passw|login|credential|secret|token|api.?key|https?://", re.IGNORECASE)
# A service has at least one of these; a mapping called `services` of another program has none.
_SERVICE_KEYS = frozenset(
    "image build extends container_name command entrypoint ports volumes environment env_file labels networks network_mode "
    "depends_on deploy restart devices group_add profiles healthcheck user privileged cap_add secrets configs runtime x-kb".split()
)


@dataclass(frozen=True)
class Reading:
    """What was read of a set of files."""

    services: tuple[Described, ...] = ()
    problems: tuple[Problem, ...] = ()
    passed_over: Mapping[str, str] = field(default_factory=dict)  # path → why it holds no services
    read: tuple[str, ...] = ()  # the files that services came from
    machines: frozenset[str] = frozenset()  # what Ansible beside them calls its hosts


@dataclass(frozen=True)
class _Part:
    """A service as one file has it, everything still as it stands there."""

    name: str
    raw: Mapping[str, Any]
    file: str
    line: int
    project: str = ""  # the file's own `name:`
    shared: Mapping[str, Any] = field(default_factory=dict)  # the file's own `x-kb` block
    networks: Mapping[str, str] = field(
        default_factory=dict
    )  # names of networks that are called otherwise outside of this file
    into: str = ""  # the file that includes it into a project folder of its own

    @property
    def home(self) -> str:
        """The file whose folder is the project's."""
        return self.into or self.file


def read_all(
    paths: Sequence[str],
    opened: Open,
    env: Mapping[str, str] = MappingProxyType({}),
    markdown: Iterable[str] = (),
    progress: Callable[[int, int], None] | None = None,
    partial: bool = False,
) -> Reading:
    """The services of these files. `markdown` names the Markdown files that are meant; others are only counted.

    `partial` keeps what is said of services whose image stands in another file, for comparing two states of one file.
    `env` is for `${…}` beside the `.env` files that stand with the compose files. Never raises for what stands in a file.
    """
    reader = _Reader(opened, env, set(markdown), partial)
    for done, path in enumerate(paths):
        if progress and done % 50 == 0:
            progress(done, len(paths))
        reader.take(posixpath.normpath(path))
    return reader.result()


class _Reader:
    """Gathers the parts of all files, then puts together what belongs together."""

    def __init__(self, opened: Open, env: Mapping[str, str], markdown: set[str], partial: bool = False) -> None:
        self.opened, self.env, self.markdown, self.partial = opened, env, markdown, partial
        self.parts: list[_Part] = []
        self.services: list[Described] = []
        self.problems: list[Problem] = []
        self.passed_over: dict[str, str] = {}
        self.read: list[str] = []
        self.documents: dict[str, list[ComposeYaml]] = {}
        self.env_of: dict[str, Mapping[str, str]] = {}
        self.seen: set[str] = set()
        self.templates: set[tuple[str, str]] = set()  # what is included into the projects of others, and by which file
        self.extended: set[tuple[str, str]] = set()
        self.without_image: list[_Part] = []
        self.machines: set[str] = set()
        self.remarks: dict[str, list[tuple[str, str]]] = {}  # of the comments: a name, and what is said of it
        self._complete: set[str] | None = None

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
        elif path.endswith(QUADLETS):
            self.services.append(read_quadlet(path, text, self.opened))
            self.read.append(path)
            self._name_units(path, text)
        elif path.endswith(UNITS):
            kube = path.endswith(".kube")
            self.passed_over.setdefault(
                path, "runs a Kubernetes manifest, which kb doesn't read" if kube else "no *.container file here names it"
            )
        elif path.endswith(TEMPLATES):
            self.passed_over[path] = _TEMPLATE
        else:
            self._take_yaml(path, text, depth)

    def _name_units(self, path: str, text: str) -> None:
        """The pod, networks and volumes that a quadlet names have been read with it."""
        folder = posixpath.dirname(path)
        for unit in units_of(text):
            other = posixpath.normpath(posixpath.join(folder, unit))
            if other not in self.read and (inside := self.opened(other)) is not None:
                self.read.append(other)
                self.seen.add(other)
                self.passed_over.pop(other, None)
                if other.endswith(".pod"):
                    self._name_units(other, inside)

    def _take_markdown(self, path: str, text: str) -> None:
        blocks = [(line, block) for line, block in fenced_blocks(text) if re.search(r"^services:", block, re.MULTILINE)]
        if not blocks:
            self.passed_over[path] = "no compose block in it"
        elif path not in self.markdown:
            self.passed_over[path] = "a compose block in Markdown may be an example: name the file itself to import it"
        for line, block in blocks if path in self.markdown else []:
            try:
                documents = read_compose_yaml(block)
            except Broken as broken:
                self.problems.append(Problem(path, line + broken.line, broken.message))
                continue
            self._take_documents(path, documents, line, 0)

    def _take_yaml(self, path: str, text: str, depth: int) -> None:
        documents = self._parsed(path, text)
        if documents is not None:
            self._take_documents(path, documents, 0, depth)
        elif re.search(r"\{\{-|\{\{ *\.|\{%", text):
            self.problems = [problem for problem in self.problems if problem.path != path]
            self.passed_over[path] = _TEMPLATE

    def _parsed(self, path: str, text: str | None = None) -> list[ComposeYaml] | None:
        """The documents of a YAML file, parsed once; None after a problem was noted."""
        if path not in self.documents:
            text = self.opened(path) if text is None else text
            if text is None:
                return None
            self.remarks[path] = [(found[1], found[2]) for found in _REMARK.finditer(text)]
            try:
                self.documents[path] = read_compose_yaml(text)
            except Broken as broken:
                self.documents[path] = []
                self.problems.append(Problem(path, broken.line, broken.message))
                return None
        return self.documents[path]

    def _take_documents(self, path: str, documents: Sequence[ComposeYaml], offset: int, depth: int, into: str = "") -> None:
        before = len(self.parts)
        includes = False
        for document in documents:
            top = document.value
            if not isinstance(top, dict):
                continue
            includes = includes or bool(_compose_includes(top))
            self._include(path, top, document, depth, into)
            services = _plain(top.get("services", top if _is_first_version(path, top) else None))
            if not isinstance(services, dict) or not _looks_like_services(services):
                continue
            for name, raw in services.items():
                line = offset + document.lines.get(("services", name), document.lines.get((name,), 1))
                if _BLANK.search(name):
                    self.problems.append(Problem(path, line, f"{name} is a blank to fill in, not the name of a service"))
                elif isinstance(_plain(raw), dict):
                    self.parts.append(replace(_part(name, _plain(raw), path, line, top), into=into))
                elif raw is not None and not isinstance(raw, Tagged):
                    self.problems.append(Problem(path, line, f"the service {name} is no mapping: indent its keys below it"))
        if len(self.parts) > before or includes:
            self.read.append(path)
        elif not any(problem.path == path for problem in self.problems):
            manifests = any(isinstance(one.value, dict) and {"apiVersion", "kind"} <= one.value.keys() for one in documents)
            reason = "a Kubernetes manifest, which kb doesn't read" if manifests else "no services in it"
            self.passed_over[path] = reason if documents else "empty"

    def _include(self, path: str, top: Mapping[str, Any], document: ComposeYaml, depth: int, into: str) -> None:
        line = document.lines.get(("include",), 1)
        missing: list[str] = []
        for target, apart in _compose_includes(top):
            if re.match(r"[a-z]+://|git@", target):
                self.problems.append(Problem(path, line, f"includes {target}, which isn't on this machine"))
                continue
            other = posixpath.normpath(posixpath.join(posixpath.dirname(path), self._filled(target, path)))
            if depth >= _MAX_CHAIN:
                self.problems.append(Problem(path, line, f"includes follow each other more than {_MAX_CHAIN} times"))
            elif other not in self.seen and self.opened(other) is None:
                missing.append(target)
            elif into or (apart and posixpath.dirname(other) != posixpath.dirname(path)):
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

    def _take_into(self, path: str, project: str, depth: int) -> None:
        """A file that is a part of another project: its services are that project's, and it is no project itself."""
        if (path, project) not in self.templates:
            self.templates.add((path, project))
            self.passed_over.pop(path, None)
            self._take_documents(path, self._parsed(path) or [], 0, depth, project)

    # ---- variables ---------------------------------------------------------------------------------------------------

    def variables(self, path: str) -> Mapping[str, str]:
        """What `${…}` stands for in a file: the nearest `.env` of its folder or above, and what was given."""
        folder = posixpath.dirname(path)
        if folder not in self.env_of:
            text = self.opened(posixpath.join(folder, ".env"))
            if text is None:
                text = self.opened(posixpath.join(folder, "stack.env"))  # what Portainer makes
            if text is not None:
                found: Mapping[str, str] = read_env(text)
            elif folder and not folder.endswith("..") and folder != "/":
                found = self.variables(folder)
            else:
                found = {}
            self.env_of[folder] = {**found, **self.env}
        return self.env_of[folder]

    def _filled(self, text: str, path: str) -> str:
        return interpolate(text, self.variables(path))

    # ---- putting together --------------------------------------------------------------------------------------------

    def result(self) -> Reading:
        """All services, each from all its parts."""
        known = {(part.file, part.name): part for part in self.parts}
        shared = {path for path, _ in self.templates}
        self.parts = [part for part in self.parts if part.into or part.file not in shared]
        for parts in self._grouped():
            described = self._described(parts, known)
            if described:
                self.services.append(described)
        self._complain_of_parts()
        used = dict.fromkeys(path for path in self.read if path not in self.passed_over)
        self.services = with_ports_of_pods(self.services, self.opened)
        services = sorted(self.services, key=lambda s: (s.folder, s.file, s.line))
        problems = sorted(dict.fromkeys(self.problems), key=lambda p: (p.path, p.line))
        return Reading(tuple(services), tuple(problems), self.passed_over, tuple(used), frozenset(self.machines))

    def _complain_of_parts(self) -> None:
        """What is no service for want of an image: said, unless it is there to be extended."""
        useful = {file for service in self.services for file in service.files}
        of_parts = {file for file, _ in self.extended}
        alone: dict[str, list[_Part]] = defaultdict(list)
        for part in self.without_image:
            if part.file not in of_parts:
                alone[part.file].append(part)
        for file, parts in alone.items():
            main = _STANDARD.fullmatch(_stem(file)) or _OVERRIDE.search(_stem(file))
            if file not in useful and not main and len(parts) > 1:
                self.passed_over[file] = "no image in it: parts for others to extend"
                continue
            names = " and ".join(filter(None, (", ".join(part.name for part in parts[:-1]), parts[-1].name)))
            has = "has" if len(parts) == 1 else "have"
            said = f"{names} {has} neither image nor build, and no file here that it goes on top of: not imported"
            self.problems.append(Problem(file, parts[0].line, said))

    def _grouped(self) -> Iterator[list[_Part]]:
        groups: dict[tuple[str, str, str], list[_Part]] = defaultdict(list)
        folders: dict[str, set[str]] = defaultdict(set)
        for part in self.parts:
            folders[posixpath.dirname(part.home)].add(part.home)
        family = {file: name for files in folders.values() for file, name in _families(sorted(files)).items()}
        clashing = self._clashing(family)
        for part in self.parts:
            folder = posixpath.dirname(part.home)
            apart = part.project if part.project else ""
            apart = (
                family[part.home] if (folder, part.name) in clashing else apart if (folder, part.name) in self._named else ""
            )
            groups[folder, apart, part.name].append(part)
        for parts in groups.values():
            yield sorted(parts, key=lambda part: _file_order(part.home))

    @property
    def _named(self) -> set[tuple[str, str]]:
        """The services of folders whose files name different projects."""
        names: dict[tuple[str, str], set[str]] = defaultdict(set)
        for part in self.parts:
            if part.project:
                names[posixpath.dirname(part.home), part.name].add(part.project)
        return {key for key, projects in names.items() if len(projects) > 1}

    def _clashing(self, family: Mapping[str, str]) -> set[tuple[str, str]]:
        """Services that two unrelated files of one folder both define whole: `jellyfin.yml` and `immich.yml` with a `db` each."""
        whole: dict[tuple[str, str], set[str]] = defaultdict(set)
        for part in self.parts:
            if "image" in part.raw or "build" in part.raw:
                whole[posixpath.dirname(part.home), part.name].add(family[part.home])
        return {key for key, families in whole.items() if len(families) > 1}

    def _described(self, parts: Sequence[_Part], known: Mapping[tuple[str, str], _Part]) -> Described | None:
        base = parts[0]
        raw: dict[str, Any] = {}
        for part in parts:
            whole = self._extended(part, known, ())
            # An override goes on top; an alternative (`-gpu`, `.dev`) only adds what the base leaves open.
            if any(_OVERRIDE.search(_stem(file)) for file in (part.home, part.file)):
                raw = merged(raw, whole)
            elif not (_has_image(raw) and part.file in self.complete):
                raw = merged(whole, raw)
        if not self.partial and not _has_image(raw) and "x-kb" not in raw:
            self.without_image.append(base)
            return None
        described = _describe(base, parts, raw, self.variables(base.home))
        return described if described.description else replace(described, description=self._remark(described))

    @property
    def complete(self) -> set[str]:
        """The files that leave no image to another file: beside a base they are another way to run the same."""
        if self._complete is None:
            bare = {part.file for part in self.parts if not _has_image(part.raw)}
            self._complete = {part.file for part in self.parts} - bare
        return self._complete

    def _remark(self, described: Described) -> str:
        """What a comment says of a service by its name: `# Plex - Media Server`."""
        own = _letters(described.name)
        for file in described.files:
            for name, said in self.remarks.get(file, ()):
                if own and _letters(name).startswith(own) and not _GIVES_AWAY.search(said):
                    return secrets.mask(said)[0]
        return ""

    def _extended(
        self, part: _Part, known: Mapping[tuple[str, str], _Part], chain: tuple[tuple[str, str], ...]
    ) -> dict[str, Any]:
        own = dict(part.raw)
        extends = _plain(own.pop("extends", None))
        if not extends:
            return own
        said = extends.get("service") or part.name if isinstance(extends, dict) else extends
        name = self._filled(said, part.home) if isinstance(said, str) else ""
        file = part.file
        if isinstance(extends, dict) and isinstance(extends.get("file"), str):
            file = posixpath.normpath(posixpath.join(posixpath.dirname(part.file), self._filled(extends["file"], part.home)))
        if (file, name) in chain or len(chain) >= _MAX_CHAIN:
            self.problems.append(Problem(part.file, part.line, f"{part.name} extends itself by way of {name}"))
            return own
        base = known.get((file, name)) or self._part_of(file, name)
        self.extended.add((file, name))
        if base is None:
            where = "" if file == part.file else f" of {posixpath.basename(file)}"
            self.problems.append(Problem(part.file, part.line, f"{part.name} extends {name}{where}, which isn't here"))
            # Nothing is known of what it runs, but that it runs is.
            return {"image": None, "x-kb": None, **own}
        return merged(self._extended(base, known, (*chain, (part.file, part.name))), own)

    def _part_of(self, file: str, name: str) -> _Part | None:
        for document in self._parsed(file) or []:
            services = _plain(document.value.get("services")) if isinstance(document.value, dict) else None
            if isinstance(services, dict) and isinstance(raw := _plain(services.get(name)), dict):
                return _part(name, raw, file, document.lines.get(("services", name), 1), document.value)
        return None


def _part(name: str, raw: Mapping[str, Any], file: str, line: int, top: Mapping[str, Any]) -> _Part:
    networks = {}
    for network, said in (_plain(top.get("networks")) or {}).items() if isinstance(_plain(top.get("networks")), dict) else []:
        said = _plain(said)
        if isinstance(said, dict):
            external = said.get("external")
            called = said.get("name") or (external.get("name") if isinstance(external, dict) else None)
            if isinstance(called, str):
                networks[network] = called
    project, shared = top.get("name"), _plain(top.get("x-kb"))
    return _Part(
        name, raw, file, line, project if isinstance(project, str) else "", shared if isinstance(shared, dict) else {}, networks
    )


def _has_image(raw: Mapping[str, Any]) -> bool:
    return any(raw.get(key) for key in ("image", "build", "provider"))


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Tagged) else value


def _is_first_version(path: str, top: Mapping[str, Any]) -> bool:
    """Whether a file is of the time before `services:`, when each top-level key was one."""
    bodies = [body for body in top.values() if isinstance(body, dict)]
    return bool(_STANDARD.match(_stem(path)) and bodies) and all({"image", "build"} & body.keys() for body in bodies)


def _looks_like_services(services: Mapping[str, Any]) -> bool:
    bodies = [_plain(body) for body in services.values()]
    return any(isinstance(body, dict) and _SERVICE_KEYS & body.keys() for body in bodies)


def _compose_includes(top: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """The files of `include:`, and whether each becomes a part of a project folder that is named with it.

    Other programs have that key too: only names of YAML files count.
    """
    found: list[tuple[str, bool]] = []
    entries = _plain(top.get("include"))
    for entry in entries if isinstance(entries, list) else []:
        path = entry.get("path") if isinstance(entry, dict) else entry
        apart = isinstance(entry, dict) and isinstance(entry.get("project_directory"), str)
        found += [(one, apart) for one in (path if isinstance(path, list) else [path]) if isinstance(one, str)]
    return [(path, apart) for path, apart in found if path.endswith(YAML) or re.match(r"(git@|[a-z]+://)", path)]


# ---- which files belong together -------------------------------------------------------------------------------------


def _stem(file: str) -> str:
    return posixpath.splitext(posixpath.basename(file))[0]


def _file_order(file: str) -> tuple[bool, bool, int, str]:
    """The base first, overrides last, as compose takes them."""
    stem = _stem(file)
    return bool(_OVERRIDE.search(stem)), not _STANDARD.match(stem), len(stem), stem


def _families(files: Sequence[str]) -> dict[str, str]:
    """The files of a folder → the name of the one they go on top of: `ollama-gpu` on `ollama`, all else on `compose`."""
    bases: list[str] = []
    found = {}
    for file in sorted(files, key=_file_order):
        stem = _stem(file)
        base = next(
            (base for base in bases if stem.startswith(base) and stem[len(base) : len(base) + 1] in ("-", ".", "_")), ""
        )
        if not base and (_STANDARD.fullmatch(stem) or _OVERRIDE.search(stem)) and bases:
            base = bases[0]
        if not base:
            base = stem
            bases.append(stem)
        found[file] = base
    return found


# ---- merging ---------------------------------------------------------------------------------------------------------

# Lists that are one thing as a whole: the later file's counts.
_WHOLE = ("command", "entrypoint", "test")
# Written as a list or as a map, and merged by key.
_EITHER = ("environment", "labels", "depends_on", "networks", "extra_hosts", "sysctls", "annotations", "args")


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two mappings of compose files put together, `above` on top: maps by key, lists one after the other."""
    result = dict(below)
    for key, value in above.items():
        old = _plain(result.get(key))
        if isinstance(value, Tagged):
            result[key] = None if value.tag == "reset" else value.value
        elif key in _EITHER and old and value:
            result[key] = merged(as_map(old), as_map(value))
        elif isinstance(value, dict) and isinstance(old, dict):
            result[key] = merged(old, value)
        elif key in ("volumes", "devices") and isinstance(value, list) and isinstance(old, list):
            result[key] = [one for one in old if _target(one) not in {_target(new) for new in value}] + value
        elif isinstance(value, list) and isinstance(old, list) and key not in _WHOLE:
            result[key] = old + [one for one in value if one not in old]
        elif value is not None or key not in result:
            result[key] = value
    return result


def _target(mount: Any) -> str:
    """Where a volume is mounted: a later file's mount on the same place replaces the earlier one."""
    if isinstance(mount, dict):
        return str(mount.get("target"))
    parts = _colon_parts(str(mount))
    return parts[1] if len(parts) > 1 else parts[0]


def as_map(value: Any) -> dict[str, Any]:
    """A map, from a map or from a list of `name=value` or plain names."""
    value = _plain(value)
    if isinstance(value, dict):
        return dict(value)
    found: dict[str, Any] = {}
    for item in value if isinstance(value, list) else []:
        if isinstance(item, str):
            name, equals, said = item.partition("=")
            found[name.strip()] = said if equals else None
        elif isinstance(item, dict):
            found |= item
    return found


# ---- one service -----------------------------------------------------------------------------------------------------


def _describe(base: _Part, parts: Sequence[_Part], raw: Mapping[str, Any], variables: Mapping[str, str]) -> Described:
    def filled(value: Any) -> str:
        value = _plain(value)
        return interpolate(value, variables).strip() if isinstance(value, str) else ""

    labels = {key: filled(value) for key, value in as_map(raw.get("labels")).items()}
    deploy = _plain(raw.get("deploy"))
    if isinstance(deploy, dict):
        labels = {key: filled(value) for key, value in as_map(deploy.get("labels")).items()} | labels
    own = _own_words(parts, raw, labels)
    ports = tuple(
        dict.fromkeys(
            port
            for port in map(
                _port,
                _items(raw.get("ports")),
            )
            if port
        )
    )
    ports = tuple(interpolate(port, variables) for port in ports)
    volumes = tuple(
        dict.fromkeys(
            volume(interpolate(source, variables), interpolate(target, variables), mode, kind)
            for source, target, mode, kind in map(_mount, _items(raw.get("volumes")))
            if target
        )
    )
    network_mode = filled(raw.get("network_mode"))
    url = filled(own.get("url")) or url_of(labels)
    folder = posixpath.dirname(base.home)
    project = next((filled(part.project) for part in parts if part.project), "")
    described = Described(
        name=base.name,
        project=project or posixpath.basename(folder) or "",
        folder=folder,
        file=base.home,
        line=base.line if base.home == base.file else 1,
        files=tuple(dict.fromkeys(file for part in parts for file in (part.home, part.file))),
        image=filled(raw.get("image")),
        built=bool(raw.get("build")),
        container=filled(raw.get("container_name")),
        title=labels.get("homepage.name", ""),
        description=labels.get("homepage.description", ""),
        group=labels.get("homepage.group", ""),
        url=url,
        ports=ports,
        volumes=volumes,
        networks=_networks(base, raw, network_mode),
        depends_on=tuple(dict.fromkeys(_needs(raw, network_mode))),
        restart=filled(raw.get("restart")),
        profiles=tuple(filled(item) for item in _items(raw.get("profiles"))),
        check=_check(raw.get("healthcheck")),
        exposed=filled(own.get("exposed")) or exposure(ports, network_mode, bool(url)),
        environment=tuple(sorted(as_map(raw.get("environment")))),
        secrets=tuple(dict.fromkeys(_names(raw.get("secrets")))),
        own={key: value for key, value in own.items() if key not in ("url", "exposed")},
        off=_is_off(deploy, raw),
        hosts=_machines_of(deploy),
    )
    return _without_values(described, raw, variables)


def _items(value: Any) -> list[Any]:
    value = _plain(value)
    return list(value) if isinstance(value, list) else [value] if isinstance(value, str) else []


def _names(value: Any) -> Iterator[str]:
    for item in _items(value):
        name = item.get("source") if isinstance(item, dict) else item
        if isinstance(name, str):
            yield name


def _own_words(parts: Sequence[_Part], raw: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    """What the person says to kb: `x-kb` of the files, `x-kb` of the service, labels `kb.…`; the nearest counts."""
    own: dict[str, Any] = {}
    for part in parts:
        own |= part.shared
    block = _plain(raw.get("x-kb"))
    own |= block if isinstance(block, dict) else {}
    own |= {key.removeprefix("kb."): value for key, value in labels.items() if key.startswith("kb.")}
    return {key: value for key, value in own.items() if isinstance(value, (str, list)) and value}


def _port(port: Any) -> str:
    """A published port as compose's short form: `127.0.0.1:8096:8096/udp`; empty when it is published nowhere fixed."""
    if isinstance(port, dict):
        target, published = str(port.get("target") or ""), str(port.get("published") or "")
        host = f"{port['host_ip']}:" if port.get("host_ip") else ""
        protocol = f"/{port['protocol']}" if port.get("protocol") not in (None, "tcp") else ""
        return f"{host}{published}:{target}{protocol}" if published else f"{target}{protocol}"
    return port.strip() if isinstance(port, str) else ""


def _colon_parts(mount: str) -> list[str]:
    """A short volume at its colons, but not at those inside `${…:-…}` or after a drive letter."""
    parts, start, at, level = [], 0, 0, 0
    while at < len(mount):
        if mount.startswith("${", at):
            level += 1
        elif mount[at] == "}" and level:
            level -= 1
        elif mount[at] == ":" and not level and not (at == 1 and mount[0].isalpha() and mount[2:3] in ("\\", "/")):
            parts.append(mount[start:at])
            start = at + 1
        at += 1
    return [*parts, mount[start:]]


def _mount(mount: Any) -> tuple[str, str, str, str]:
    """Source, target, mode and type of a volume in either form."""
    if isinstance(mount, dict):
        mode = "ro" if str(mount.get("read_only", "")).lower() == "true" else ""
        return str(mount.get("source") or ""), str(mount.get("target") or ""), mode, str(mount.get("type") or "volume")
    if not isinstance(mount, str):
        return "", "", "", ""
    parts = _colon_parts(mount.strip())
    if len(parts) == 1:
        return "", parts[0], "", "volume"
    return parts[0], parts[1], parts[2] if len(parts) > 2 else "", ""


def _networks(base: _Part, raw: Mapping[str, Any], network_mode: str) -> tuple[str, ...]:
    if network_mode in ("host", "none"):
        return (network_mode,)
    return tuple(base.networks.get(name, name) for name in as_map(raw.get("networks")))


def _needs(raw: Mapping[str, Any], network_mode: str) -> Iterator[str]:
    """The services it can't start without: `depends_on` in both forms, links, and those whose network or volumes it uses."""
    yield from as_map(raw.get("depends_on"))
    for link in [*_items(raw.get("links")), *_items(raw.get("external_links")), *_items(raw.get("volumes_from"))]:
        if isinstance(link, str):
            yield link.removeprefix("container:").partition(":")[0]
    for key in (network_mode, raw.get("pid"), raw.get("ipc")):
        if isinstance(key, str) and key.startswith(("service:", "container:")):
            yield key.partition(":")[2]


def _machines_of(deploy: Any) -> tuple[str, ...]:
    """The machines that a swarm may run it on, where they are named."""
    placement = _plain(deploy.get("placement")) if isinstance(deploy, dict) else None
    said = _items(placement.get("constraints")) if isinstance(placement, dict) else []
    found = (re.fullmatch(r"node\.hostname\s*==\s*([\w.-]+)", word.strip()) for word in said if isinstance(word, str))
    return tuple(match[1] for match in found if match)


def _is_off(deploy: Any, raw: Mapping[str, Any]) -> bool:
    replicas = deploy.get("replicas") if isinstance(deploy, dict) else None
    return "0" in (str(replicas), str(raw.get("scale")))


def _check(healthcheck: Any) -> str:
    """What the healthcheck runs: the program and the addresses it asks, without arguments, which may hold passwords."""
    healthcheck = _plain(healthcheck)
    if not isinstance(healthcheck, dict) or str(healthcheck.get("disable", "")).lower() == "true":
        return ""
    test = _plain(healthcheck.get("test"))
    words = [word for word in (test if isinstance(test, list) else str(test or "").split()) if isinstance(word, str)]
    if words and words[0] in ("CMD", "CMD-SHELL", "NONE"):
        words = words[1:] if words[0] != "NONE" else []
    flat = " ".join(words).split()
    if not flat:
        return ""
    addresses = [re.sub(r"//[^/@\s]*@", "//", found) for found in re.findall(r"https?://[^\s'\"?;|&)$]+", " ".join(words))]
    return " ".join([flat[0].strip("'\"[]"), *dict.fromkeys(addresses)])


# ---- values stay where they are --------------------------------------------------------------------------------------


def _without_values(described: Described, raw: Mapping[str, Any], variables: Mapping[str, str]) -> Described:
    """Every text with known secrets masked, and with the values of secret variables left out wherever they stand."""
    # WORDPRESS_DB_PASSWORD=wordpress hides nothing, and taking it out would leave the image without its name.
    public = f"{described.name} {described.project} {described.folder} {described.image} {described.container}"
    values = {
        value
        for name, value in [*as_map(raw.get("environment")).items(), *variables.items()]
        if isinstance(value, str) and len(value) >= 6 and is_secret(name) and "$" not in value and value not in public
    }

    def clean(text: str) -> str:
        for value in values:
            text = text.replace(value, "…")
        # The short ones are most texts: no rule of a secret is met in so few letters.
        return secrets.mask(text)[0] if len(text) > 12 else text

    def each(value: Any) -> Any:
        if isinstance(value, str):
            return clean(value)
        if isinstance(value, Volume):
            return replace(value, source=clean(value.source))
        if isinstance(value, (tuple, list)):
            return type(value)(each(item) for item in value)
        return value

    words = ("image", "title", "description", "group", "url", "ports", "volumes", "check")
    own = {key: each(value) for key, value in described.own.items()}
    return replace(described, own=own, **{word: each(getattr(described, word)) for word in words})
