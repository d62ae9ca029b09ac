"""Services that were read from files, put into service notes: what the import wrote it may change, and nothing else.

How it is remembered: the key `imported` of a note lists the service's name in its file, then each key that the import
wrote with a mark of the value (`image 5f3a90c1`), and `block` with a mark of the text between the two comments in the body.
A value whose mark is another one now was changed by a person, and is theirs from then on; so is a key that they emptied and
a block that they edited or took out. All other bytes stay (front_matter.set_fields proves it).
"""

from __future__ import annotations

import posixpath
import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .. import front_matter, scaffold
from ..exceptions import CannotEdit
from ..front_matter import NewValue
from ..knowledge_base import KnowledgeBase
from ..note import Problem, Service
from ..scaffold import Content
from .described import Described
from .reading import Reading

_BEGIN = "<!-- kb-import: only what stands between these two comments is kept up to date; write your own words outside -->"
_END = "<!-- /kb-import -->"
_BLOCK = re.compile(r"<!-- kb-import: [^\n]*-->\r?\n(.*?)<!-- /kb-import -->", re.DOTALL)
SECTION = "from the compose file"
# The words of an `x-kb` block that stand for a field of another name.
_WORDS = {"host": "hosts", "group": "tags", "need": "needs", "provide": "provides", "tag": "tags"}
_COMPOSE_WORDS = re.compile(r"[._-]?(?:docker-)?(?:compose|stack)(?=$|[._-])[._-]?", re.IGNORECASE)
_HOST_FOLDERS = ("hosts", "host", "servers", "machines", "nodes", "vms", "lxc", "lxcs")
_NUMBER = re.compile(r"^\d+[-_. ]+(?=\D)")  # `01-infra`: the order to start in, no part of the name
# So called, a service says only what it is to its project.
_GENERIC = frozenset(
    "app web www api server client frontend backend worker workers scheduler cron main service db database postgres postgresql mariadb "
    "mysql mongo mongodb redis valkey cache broker queue proxy nginx".split()
)


@dataclass(frozen=True)
class Wanted:
    """A service with the note it belongs into: its name there, and what the note should say."""

    described: Described
    name: str
    note: Service | None
    fields: Mapping[str, NewValue]

    @property
    def title(self) -> str:
        """The title of a new note."""
        own, described = self.described.own.get("title"), self.described
        project = _NUMBER.sub("", described.project)
        plain = f"{project} {described.name}" if self.name in _GENERIC and project else self.name
        return own if isinstance(own, str) else described.title or plain


# ---- which service is which note -------------------------------------------------------------------------------------


def wanted(
    base: KnowledgeBase, reading: Reading, hosts: Sequence[str] = (), is_there: Callable[[str], bool] = lambda _: False
) -> tuple[list[Wanted], list[Problem]]:
    """What each service's note should say, and what is wrong. The same name twice becomes `<project>-<name>`.

    `is_there` says whether a file that a note names still is: its service then wasn't moved, but is another one.
    """
    problems: list[Problem] = []
    services = [service for service in reading.services if str(service.own.get("skip", "")).lower() not in ("true", "yes")]
    owners = _owners(base, services, is_there)
    names = _names(base, services, owners)
    containers = _once(service.container for service in services if service.container)
    taken = set(names) | {note.name for note in base.of("service")}
    found = []
    for service, name, owner in zip(services, names, owners, strict=True):
        needs = list(_needed(service, services, names, problems))
        fields = _fields(service, needs, [*hosts], problems)
        if not fields["hosts"]:
            fields["hosts"] = _host_of(service, base, reading.machines)
        aliases = [service.container] if service.container in containers and _slug(service.container) not in taken else []
        fields["aliases"] = aliases
        if not fields["hosts"]:
            del fields["hosts"]  # nothing was said this time: what `--host` said last time stands
        found.append(Wanted(service, name, owner, fields))
    return found, problems


def _slug(name: str) -> str:
    return scaffold.slug(name, "service")


def _once(names: Iterator[str]) -> set[str]:
    count: dict[str, int] = defaultdict(int)
    for name in names:
        count[name] += 1
    return {name for name, times in count.items() if times == 1}


def marks(note: Service) -> tuple[str, dict[str, str]]:
    """What `imported` remembers: the service's name in its file, and key → mark."""
    listed = note.front.get("imported")
    items = [item for item in listed if isinstance(item, str)] if isinstance(listed, list) else []
    return (items[0] if items else ""), dict(item.rsplit(" ", 1) for item in items[1:] if " " in item)


def identity(note: Service) -> tuple[str, str]:
    """The project folder and the name in it, for a note that names its compose file."""
    return posixpath.dirname(note.compose), marks(note)[0] or note.name


def _owners(base: KnowledgeBase, services: Sequence[Described], is_there: Callable[[str], bool]) -> list[Service | None]:
    """For each service the note that is its own already."""
    notes = [note for note in base.of("service") if isinstance(note, Service)]
    by_identity: dict[tuple[str, str], list[Service]] = defaultdict(list)
    for note in notes:
        if note.compose:
            by_identity[identity(note)].append(note)
    files = {file for service in services for file in service.files}
    found: list[Service | None] = []
    used: set[str] = set()
    for service in services:
        own = by_identity.get((service.folder, service.name), [])
        mine = next((note for note in own if note.compose in service.files), own[0] if len(own) == 1 else None)
        found.append(mine if mine and mine.ref not in used else None)
        used |= {mine.ref} if mine else set()
    many = {slug for slug, count in _count(services).items() if count > 1}
    for number, service in enumerate(services):
        # A note that a person wrote, or whose file was moved: it is the one when nobody else could be.
        candidate = base.services.get(service.name.lower()) or base.services.get(_slug(service.name))
        if found[number] or candidate is None or candidate.ref in used or _slug(service.name) in many:
            continue
        if not candidate.compose or (
            candidate.compose not in files and not is_there(candidate.compose) and marks(candidate)[0] in ("", service.name)
        ):
            if candidate.compose and any(posixpath.dirname(candidate.compose) == other.folder for other in services):
                continue
            found[number] = candidate
            used.add(candidate.ref)
    return found


def _count(services: Sequence[Described]) -> dict[str, int]:
    count: dict[str, int] = defaultdict(int)
    for service in services:
        count[_slug(service.name)] += 1
    return count


def _names(base: KnowledgeBase, services: Sequence[Described], owners: Sequence[Service | None]) -> list[str]:
    taken = {note.name for note in base.of("service")}
    many = {slug for slug, count in _count(services).items() if count > 1}
    labels = _labels([service for service in services if _slug(service.name) in many])
    names = []
    for service, owner in zip(services, owners, strict=True):
        if owner:
            names.append(owner.name)
            continue
        plain, project = _slug(service.name), _project(service)
        alone = plain not in many or plain == project
        folders = [_slug(part) for part in _folders(service)]
        longer = ["-".join([*folders[-deep:], plain]) for deep in range(1, len(folders) + 1)]
        stack = _COMPOSE_WORDS.sub("", posixpath.basename(service.file).rpartition(".")[0])
        crowded = sum(other.folder == service.folder and other.name == service.name for other in services) > 1
        before = [*([_slug(stack)] if crowded and stack else []), *labels.get((service.file, service.name), ()), project]
        # `immich-server` of the project `immich` says where it belongs already.
        told = [plain if plain.startswith(f"{word}-") else f"{word}-{plain}" for word in before]
        choices = [*([plain] if alone else []), *told, *longer]
        name = next((choice for choice in choices if choice not in taken), "")
        number = 2
        while not name or name in taken:
            name, number = f"{project}-{plain}-{number}", number + 1
        taken.add(name)
        names.append(name)
    return names


def _folders(service: Described) -> list[str]:
    return [part for part in service.folder.split("/") if part not in ("", ".", "..", "~")]


def _project(service: Described) -> str:
    return _slug(_NUMBER.sub("", service.project) or "service")


def _labels(services: Sequence[Described]) -> dict[tuple[str, str], list[str]]:
    """The word that tells each service from all others of its name: its project, else a folder above, often the machine."""
    alike: dict[str, list[Described]] = defaultdict(list)
    for service in services:
        alike[_slug(service.name)].append(service)
    found: dict[tuple[str, str], list[str]] = {}
    for group in alike.values():
        depth = max(len(_folders(service)) for service in group)
        above = [[_slug(_NUMBER.sub("", part)) for part in reversed(_folders(service))] for service in group]
        levels = [[_project(service) for service in group]] + [
            [parts[level] if level < len(parts) else "" for parts in above] for level in range(depth)
        ]
        words = next((words for words in levels if "" not in words and len(set(words)) == len(words)), [])
        for service, word in zip(group, words, strict=False):
            found[service.file, service.name] = [word]
    return found


def _needed(service: Described, services: Sequence[Described], names: Sequence[str], problems: list[Problem]) -> Iterator[str]:
    """The notes' names of what it depends on: in its own project, else the only one that is called so."""
    for need in service.depends_on:
        here = [
            (other, name)
            for other, name in zip(services, names, strict=True)
            if other.name == need and other.folder == service.folder
        ]
        # Two stacks of one folder have a `db` each: its own file's is meant.
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


def _fields(service: Described, needs: Sequence[str], hosts: Sequence[str], problems: list[Problem]) -> dict[str, NewValue]:
    fields: dict[str, NewValue] = {
        "hosts": list(hosts) or list(service.hosts),
        "url": service.url,
        "image": service.image,
        "depends_on": list(needs),
        "tags": [scaffold.slug(service.group)] if service.group else [],
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


def _host_of(service: Described, base: KnowledgeBase, machines: Collection[str]) -> list[str]:
    """The machine, from the folder: `hosts/nas/…`, or a folder that is called like a host that a note or Ansible knows."""
    parts = _folders(service)
    for number, part in enumerate(parts[:-1]):
        if part.lower() in _HOST_FOLDERS:
            return [parts[number + 1]]
    known = {note.name for note in base.of("service") if isinstance(note, Service) and note.type == "host"} | {*machines}
    return [next(part for part in parts if part.lower() in known)] if known & {part.lower() for part in parts} else []


# ---- what a note holds -----------------------------------------------------------------------------------------------


def mark(value: object) -> str:
    """A few letters that are others when the value is."""
    flat = "\n".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return f"{zlib.crc32(flat.encode()):08x}"


def block(service: Described) -> str:
    """The lines of the body that say what no field does."""
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
    return f"`{_one_line(text)}`"


def _one_line(text: str) -> str:
    """A text that can stand in a code span of the block without ending it or the block."""
    return re.sub(r"<!--|-->|[`\s\x00-\x1f\x7f-\x9f]+", " ", text).strip()


def mounts(body: str) -> set[str] | None:
    """The volumes that a note's block names; None without a block."""
    found = _BLOCK.search(body)
    if not found:
        return None
    rows = re.findall(rf"^- (?:{'|'.join(KINDS_OF_VOLUME)}): (.*?)\r?$", found[1], re.MULTILINE)
    return {item for row in rows for item in re.findall(r"`([^`]*)`", row)}


def new_note(template: bytes, want: Wanted, headings: Mapping[str, str], path: str) -> bytes:
    """The note of a service that has none yet. Raises CannotEdit when the template is broken."""
    own = want.described.own.get("description")
    about = own if isinstance(own, str) else want.described.description
    sections = {"what it is and why": " ".join(about.split()).lstrip("#> ")} if about else {}
    data = scaffold.without_hints(scaffold.fill(template, Content({"title": want.title}, sections), headings, path))
    return updated(data, replace(want, note=Service("", path, front_matter.read(data).front)), headings)


def updated(data: bytes, want: Wanted, headings: Mapping[str, str]) -> bytes:
    """The note with what the import may change changed. Raises CannotEdit when the note is broken."""
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
        # What was renamed for the import, or typed as the files have it, is as good as written by it.
        agrees = key in known and not blank and present == front_matter.as_read(value)
        if not ours and not agrees and (key in known or not blank or not value):
            continue
        if (value or not blank) and present != front_matter.as_read(value):
            changes[key] = value
        kept[key] = mark(value or "")
    data, block_mark = _with_block(data, read.body, block(want.described), known.get("block", ""), headings, path)
    # Keys that a person took over stay in the list: else an emptied one would be filled again.
    signs = {**known, **kept, "block": block_mark}
    listed = [want.described.name, *(f"{key} {sign}" for key, sign in sorted(signs.items()) if sign)]
    if read.front.get("imported") != listed:
        changes["imported"] = listed
    return front_matter.set_fields(data, changes, path) if changes else data


def _with_block(data: bytes, body: str, text: str, known: str, headings: Mapping[str, str], path: str) -> tuple[bytes, str]:
    """The note with this text in its block, and the mark of the block; unchanged where the block is a person's."""
    found = _BLOCK.search(body)
    if not found:
        if known:
            return data, known
        return scaffold.add_to_section(data, SECTION, f"{_BEGIN}\n{text}{_END}", headings, path), mark(text)
    if mark(found[1]) != known:
        return data, known
    raw = data.decode("utf-8")
    newline = "\r\n" if "\r\n" in raw else "\n"
    place = _BLOCK.search(raw)
    assert place
    return (raw[: place.start(1)] + text.replace("\n", newline) + raw[place.end(1) :]).encode("utf-8"), mark(text)


# ---- drift -----------------------------------------------------------------------------------------------------------


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


def drift(services: Sequence[Wanted], base: KnowledgeBase, looked_at: Sequence[str]) -> list[Drift]:
    """What the files say and the notes don't, and the reverse. `looked_at` are the folders and files that were read."""
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


def _differences(want: Wanted, note: Service) -> Iterator[Drift]:
    described, known = want.described, marks(note)[1]
    if described.image != note.image and (note.image or "image" in known):
        yield Drift(want.name, "image", described.image, note.image, described.file)
    for key in ("url", "exposed"):
        # What a person wrote is theirs: the files say where a service answers, seldom how far that reaches.
        said, noted = str(want.fields.get(key) or ""), str(note.front.get(key) or "")
        if said != noted and known and known.get(key, mark("")) == mark(noted):
            yield Drift(want.name, key, said, noted, described.file)
    for key, now in (
        ("ports", described.ports),
        ("networks", described.networks),
        ("depends_on", _listed(want.fields.get("depends_on"))),
        *([("hosts", _listed(want.fields["hosts"]))] if "hosts" in want.fields and "hosts" in known else []),
    ):
        then = _listed(note.front.get(key))
        new = [item for item in now if item not in then]
        # What a person added to a list is knowledge that no file has.
        old = [item for item in then if item not in now] if known.get(key) == mark(then or "") else []
        # A note written by hand needn't list ports; what it can't start without, it should.
        if old or (new and (then or known or key == "depends_on")):
            yield Drift(want.name, key, ", ".join(new), ", ".join(old), described.file)
    there = mounts(note.body)
    here = {_one_line(str(one)) for one in described.volumes}
    if there is not None and here != there:
        yield Drift(want.name, "volumes", ", ".join(sorted(here - there)), ", ".join(sorted(there - here)), described.file)


def _listed(value: object) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) and value else value
    return tuple(item for item in items if isinstance(item, str)) if isinstance(items, (list, tuple)) else ()
