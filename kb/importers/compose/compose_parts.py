"""What one compose file says about each service in it, and which of these parts make up one service."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .compose_merge import plain

YAML = (".yml", ".yaml")
MARKDOWN = (".md", ".markdown")
_STANDARD = re.compile(r"(?:docker-)?compose(?=$|[.-])")
_OVERRIDE = re.compile(r"(?:^|[.-])override(?=$|[.-])")

# A service has at least one of these; another program's mapping called `services` has none.
_SERVICE_KEYS = frozenset(
    "image build extends container_name command entrypoint ports volumes environment env_file labels networks network_mode "
    "depends_on deploy restart devices group_add profiles healthcheck user privileged cap_add secrets configs runtime x-kb".split()
)

# Besides the image, these say how it runs: the jobs of a CI have images too, but none of these.
_HOW = frozenset("container_name ports volumes restart network_mode networks depends_on".split())


@dataclass(frozen=True)
class ComposePart:
    """A service as one file has it, with everything as written there."""

    name: str
    raw: Mapping[str, Any]
    file: str
    line: int
    project: str = ""  # the file's own `name:`
    shared: Mapping[str, Any] = field(default_factory=dict)  # the file's own `x-kb` block
    networks: Mapping[str, str] = field(default_factory=dict)  # name in this file → name outside it
    into: str = ""  # the file that includes it into a project folder of its own

    @property
    def home(self) -> str:
        """The file whose folder is the project's."""
        return self.into or self.file

    @property
    def folder(self) -> str:
        """The project's folder."""
        return posixpath.dirname(self.home)


def part(name: str, raw: Mapping[str, Any], file: str, line: int, top: Mapping[str, Any]) -> ComposePart:
    """What a file says about one service, and at its top level about all services."""
    project, shared, networks = top.get("name"), plain(top.get("x-kb")), plain(top.get("networks"))
    return ComposePart(
        name,
        raw,
        file,
        line,
        project if isinstance(project, str) else "",
        shared if isinstance(shared, dict) else {},
        _called(networks) if isinstance(networks, dict) else {},
    )


def _called(networks: Mapping[str, Any]) -> dict[str, str]:
    """The networks that have another name outside their file."""
    found = {}
    for network, value in networks.items():
        said = plain(value)
        if isinstance(said, dict):
            external = said.get("external")
            called = said.get("name") or (external.get("name") if isinstance(external, dict) else None)
            if isinstance(called, str):
                found[network] = called
    return found


def has_image(raw: Mapping[str, Any]) -> bool:
    """Whether it says what runs."""
    return any(raw.get(key) for key in ("image", "build", "provider"))


def is_template(name: str) -> bool:
    """Whether a service is only there for others to extend: `.web`, as in CI files."""
    return bool(re.match(r"\.\w", name))


def services_in(path: str, top: Mapping[str, Any]) -> Mapping[str, Any]:
    """The services of a document; none if `services` belongs to another program."""
    bare = _is_first_version(path, top) or (path.endswith(MARKDOWN) and is_bare(top))
    services = plain(top.get("services", top if bare else None))
    bodies = [plain(body) for body in services.values()] if isinstance(services, dict) else []
    return services if any(isinstance(body, dict) and _SERVICE_KEYS & body.keys() for body in bodies) else {}


def is_bare(top: Any) -> bool:
    """Whether a document is just services, as people paste them into notes without the `services:` above."""
    bodies = list(top.values()) if isinstance(top, dict) else []
    return bool(bodies) and all(isinstance(body, dict) and has_image(body) and _HOW & body.keys() for body in bodies)


def _is_first_version(path: str, top: Mapping[str, Any]) -> bool:
    """Whether a file is from before `services:`, when each top-level key was a service."""
    bodies = [body for body in top.values() if isinstance(body, dict)]
    return bool(_STANDARD.match(_stem(path)) and bodies) and all({"image", "build"} & body.keys() for body in bodies)


def includes(top: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """The files of `include:`, each with the project folder named for it.

    Other programs have that key too: only names of YAML files count.
    """
    found: list[tuple[str, str | None]] = []
    entries = plain(top.get("include"))
    for entry in entries if isinstance(entries, list) else []:
        path = entry.get("path") if isinstance(entry, dict) else entry
        folder = entry.get("project_directory") if isinstance(entry, dict) else None
        named = folder if isinstance(folder, str) else None
        found += [(one, named) for one in (path if isinstance(path, list) else [path]) if isinstance(one, str)]
    return [(path, folder) for path, folder in found if path.endswith(YAML) or re.match(r"(git@|[a-z]+://)", path)]


def is_main(file: str) -> bool:
    """`compose.yaml` and `docker-compose.yml`: what compose uses by default."""
    return bool(_STANDARD.fullmatch(_stem(file)))


def is_override(file: str) -> bool:
    """Whether a file is merged on top of another: `compose.override.yaml`."""
    return bool(_OVERRIDE.search(_stem(file)))


def _stem(file: str) -> str:
    return posixpath.splitext(posixpath.basename(file))[0]


def file_order(file: str) -> tuple[bool, bool, int, str]:
    """The base first, overrides last, as compose takes them."""
    stem = _stem(file)
    return is_override(file), not _STANDARD.match(stem), len(stem), stem


def families(files: Sequence[str]) -> dict[str, str]:
    """The files of a folder → the name of the one that they are merged on top of: `ollama-gpu` on `ollama`, all else on `compose`."""
    bases: list[str] = []
    found = {}
    for file in sorted(files, key=file_order):
        stem = _stem(file)
        base = next(
            (base for base in bases if stem.startswith(base) and stem[len(base) : len(base) + 1] in ("-", ".", "_")), ""
        )
        if not base and (is_main(file) or is_override(file)) and bases:
            base = bases[0]
        if not base:
            base = stem
            bases.append(stem)
        found[file] = base
    return found
