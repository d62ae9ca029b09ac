"""Puts services that were read from files into their notes: an import may change what an import wrote, and nothing else.

What a person changed is theirs from then on (`import_marks` says how kb knows); so is a key that they emptied and a block
that they edited or removed. All other bytes stay (front_matter_edit.set_fields proves it).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..exceptions import CannotEdit
from ..importers.service_files import Reading
from ..importers.service_record import ServiceRecord, folders_of
from ..notes import front_matter, front_matter_edit, templates
from ..notes.front_matter_edit import NewValue
from ..notes.kinds import Service
from ..notes.knowledge_base import KnowledgeBase
from ..notes.problem import Problem
from ..notes.templates import Content
from . import service_identity
from .import_marks import mark, marks

_BEGIN = "<!-- kb-import: only what stands between these two comments is kept up to date; write your own words outside -->"
_END = "<!-- /kb-import -->"
_BLOCK = re.compile(r"<!-- kb-import: [^\n]*-->\r?\n(.*?)<!-- /kb-import -->", re.DOTALL)
SECTION = "from the compose file"

# The words of an `x-kb` block that mean a field with another name.
_WORDS = {"host": "hosts", "group": "tags", "need": "needs", "provide": "provides", "tag": "tags"}
_HOST_FOLDERS = ("hosts", "host", "servers", "machines", "nodes", "vms", "lxc", "lxcs")

# Such a name says only what a service is to its project.
_GENERIC = frozenset(
    "app web www api server client frontend backend worker workers scheduler cron main service db database postgres postgresql mariadb "
    "mysql mongo mongodb redis valkey cache broker queue proxy nginx".split()
)


@dataclass(frozen=True)
class ServiceUpdate:
    """A service with the note that it belongs in: its name there, and what the note should say."""

    described: ServiceRecord
    name: str
    note: Service | None
    fields: Mapping[str, NewValue]

    @property
    def title(self) -> str:
        """The title of a new note."""
        own, described = self.described.own.get("title"), self.described
        project = service_identity.project(described) if described.project else ""
        plain = f"{project} {self.name}" if self.name in _GENERIC and project not in ("", self.name) else self.name
        return own if isinstance(own, str) else described.title or plain


# ---- which service is which note -------------------------------------------------------------------------------------


def wanted(
    base: KnowledgeBase, reading: Reading, hosts: Sequence[str] = (), is_there: Callable[[str], bool] = lambda _: False
) -> tuple[list[ServiceUpdate], list[Problem]]:
    """What each service's note should say, and what is wrong. The same name twice becomes `<project>-<name>`.

    `is_there` says whether a file that a note names still exists: then the service wasn't moved, but is a different one.
    """
    problems: list[Problem] = []
    services = [service for service in reading.services if str(service.own.get("skip", "")).lower() not in ("true", "yes")]
    owners = service_identity.owners(base, services, is_there)
    names = service_identity.names(base, services, owners)
    containers = Counter(service.container for service in services if not re.search(r"[${}]", service.container))
    taken = set(names) | {note.name for note in base.of("service")}
    found = []
    for service, name, owner in zip(services, names, owners, strict=True):
        needs = list(_needed(service, services, names, problems))
        fields = _fields(service, needs, [*hosts], problems)
        if not fields["hosts"]:
            fields["hosts"] = _host_of(service, base, reading.machines)
        single = containers[service.container] == 1 and service.container
        fields["aliases"] = [service.container] if single and service_identity.slug(service.container) not in taken else []
        if not fields["hosts"]:
            del fields["hosts"]  # not given this time: what `--host` said last time still holds
        found.append(ServiceUpdate(service, name, owner, fields))
    return found, problems


def _needed(
    service: ServiceRecord, services: Sequence[ServiceRecord], names: Sequence[str], problems: list[Problem]
) -> Iterator[str]:
    """The notes' names of what it depends on: in its own project, else the only service with that name."""
    for need in service.depends_on:
        here = [
            (other, name)
            for other, name in zip(services, names, strict=True)
            if other.name == need and other.folder == service.folder
        ]
        # Two stacks in one folder have a `db` each: the one in its own file is meant.
        near = [name for other, name in here if set(other.files) & set(service.files)] or [name for _, name in here]
        far = [name for other, name in zip(services, names, strict=True) if need in (other.name, other.container)]
        if near:
            yield near[0]
        elif len(far) == 1:
            yield far[0]
        else:
            problems.append(
                Problem(service.file, service.line, f"{service.name} depends on {need}, which isn't in these files")
            )


def _fields(service: ServiceRecord, needs: Sequence[str], hosts: Sequence[str], problems: list[Problem]) -> dict[str, NewValue]:
    fields: dict[str, NewValue] = {
        "hosts": list(hosts) or list(service.hosts),
        "url": service.url,
        "image": service.image,
        "depends_on": list(needs),
        "tags": [templates.slug(service.group)] if service.group else [],
        "compose": service.file,
        "ports": list(service.ports),
        "networks": list(service.networks),
        "data": list(service.data),
        "exposed": service.exposed,
    }
    rows = Service.fields()
    for word, value in service.own.items():
        key = _WORDS.get(word, word)
        if key in ("title", "description", "skip"):
            continue
        if key not in rows or key in ("compose", "image"):
            problems.append(Problem(service.file, service.line, f"x-kb of {service.name}: kb has no field {word!r}"))
            continue
        given: NewValue = value if isinstance(value, str) else [str(item) for item in value if item]
        if isinstance(rows[key].default, tuple) and isinstance(given, str):
            given = [item.strip() for item in given.split(",") if item.strip()]
        if complaint := rows[key].complaint({key: given}):
            problems.append(Problem(service.file, service.line, f"x-kb of {service.name}: {key} {complaint}"))
        elif not (key == "hosts" and hosts):
            fields[key] = (
                list(dict.fromkeys([*needs, *given])) if key == "depends_on" and not isinstance(given, (str, bool)) else given
            )
    if service.exposed not in ("", "lan", "vpn", "internet"):
        fields["exposed"] = ""
        problems.append(Problem(service.file, service.line, f"x-kb of {service.name}: exposed is lan, vpn or internet"))
    return fields


def _host_of(service: ServiceRecord, base: KnowledgeBase, machines: Collection[str]) -> list[str]:
    """The machine: `hosts/nas/…`, or a folder or file (`compose.nas.yml`) named like a host that a note or Ansible knows."""
    parts = folders_of(service.folder)
    for number, part in enumerate(parts[:-1]):
        if part.lower() in _HOST_FOLDERS:
            return [parts[number + 1]]
    known = {note.name for note in base.of("service") if isinstance(note, Service) and note.type == "host"} | {*machines}
    return [part for part in (*parts, service_identity.file_word(service)) if part.lower() in known][:1]


# ---- what a note holds -----------------------------------------------------------------------------------------------


def block(service: ServiceRecord) -> str:
    """The lines of the body for what has no field."""
    kinds = {kind: [str(one) for one in service.volumes if one.kind == kind] for kind in KINDS_OF_VOLUME}
    rows = [
        ("file", list(service.files)),
        *kinds.items(),
        ("restart", [service.restart] if service.restart else []),
        ("profiles", list(service.profiles)),
        ("pod", [service.pod] if service.pod else []),
        ("healthcheck", [service.check] if service.check else []),
        ("variables", list(service.environment)),
        ("secrets", list(service.secrets)),
    ]
    lines = [f"- {name}: {', '.join(_code(value) for value in values)}" for name, values in rows if values]
    return "\n".join([*(["- built here, from its own Dockerfile"] if service.built else []), *lines]) + "\n"


KINDS_OF_VOLUME = ("data", "config", "reads", "scratch", "system")


def _code(text: str) -> str:
    return f"`{one_line(text)}`"


def one_line(text: str) -> str:
    """A text that can be in a code span of the block without ending it or the block."""
    return re.sub(r"<!--|-->|[`\s\x00-\x1f\x7f-\x9f]+", " ", text).strip()


def mounts(body: str) -> set[str] | None:
    """The volumes that a note's block names; None if it has no block."""
    found = _BLOCK.search(body)
    if not found:
        return None
    rows = re.findall(rf"^- (?:{'|'.join(KINDS_OF_VOLUME)}): (.*?)\r?$", found[1], re.MULTILINE)
    return {item for row in rows for item in re.findall(r"`([^`]*)`", row)}


def new_note(template: bytes, want: ServiceUpdate, headings: Mapping[str, str], path: str) -> bytes:
    """The note of a service that has none yet. Raises CannotEdit if the template is broken."""
    own = want.described.own.get("description")
    about = own if isinstance(own, str) else want.described.description
    sections = {"what it is and why": " ".join(about.split()).lstrip("#> ")} if about else {}
    data = templates.without_hints(templates.fill(template, Content({"title": want.title}, sections), headings, path))
    return updated(data, replace(want, note=Service("", path, front_matter.read(data).front)), headings)


def updated(data: bytes, want: ServiceUpdate, headings: Mapping[str, str]) -> bytes:
    """The note, updated in whatever the import may change. Raises CannotEdit if the note is broken."""
    path = want.note.path if want.note else "note"
    read = front_matter.read(data)
    if read.problem:
        raise CannotEdit(path, *read.problem)
    known = marks(Service("", path, read.front))[1]
    kept: dict[str, str] = {}
    changes: dict[str, NewValue] = {}
    for key, value in want.fields.items():
        present = read.front.get(key)
        blank = present in (None, "", [])
        ours = known.get(key) == mark("" if blank else present)
        # What was renamed for the import, or typed just as the files have it, counts as written by the import.
        agrees = key in known and not blank and present == front_matter_edit.as_read(value)
        if not ours and not agrees and (key in known or not blank or not value):
            continue
        if (value or not blank) and present != front_matter_edit.as_read(value):
            changes[key] = value
        kept[key] = mark(value or "")
    data, block_mark = _with_block(data, read.body, block(want.described), known.get("block", ""), headings, path)
    # Keys that a person took over stay in the list; otherwise an emptied one would be filled again.
    signs = {**known, **kept, "block": block_mark}
    listed = [want.described.name, *(f"{key} {sign}" for key, sign in sorted(signs.items()) if sign)]
    if read.front.get("imported") != listed:
        changes["imported"] = listed
    return front_matter_edit.set_fields(data, changes, path) if changes else data


def _with_block(data: bytes, body: str, text: str, known: str, headings: Mapping[str, str], path: str) -> tuple[bytes, str]:
    """The note with this text in its block, and the mark of the block; unchanged if the block is a person's."""
    found = _BLOCK.search(body)
    if not found:
        if known:
            return data, known
        return templates.add_to_section(data, SECTION, f"{_BEGIN}\n{text}{_END}", headings, path), mark(text)
    if mark(found[1]) != known:
        return data, known
    raw = data.decode("utf-8")
    newline = "\r\n" if "\r\n" in raw else "\n"
    place = _BLOCK.search(raw)
    assert place
    return (raw[: place.start(1)] + text.replace("\n", newline) + raw[place.end(1) :]).encode("utf-8"), mark(text)
