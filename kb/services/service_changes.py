"""What changed: two states of the services' files compared, and the notes that say what someone did."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ..importers.compose import env_variables
from ..importers.compose.compose_files import ENV_FILES
from ..importers.quadlet import QUADLETS, units_named
from ..importers.service_files import read_all
from ..importers.service_record import ServiceRecord
from ..notes.kinds import Decision, Service
from ..notes.knowledge_base import KnowledgeBase

_MAY_DESCRIBE = re.compile(r"^(?:services|include):", re.MULTILINE)


@dataclass(frozen=True)
class Event:
    """Something that changed. `what` is added, removed, retired, moved, image, ports, volumes, networks, change or decision."""

    service: str
    what: str
    before: str = ""
    after: str = ""
    file: str = ""
    commit: str = ""
    subject: str = ""
    at: datetime | None = None
    ref: str = ""  # of the note that says it
    undo: str = ""
    services: tuple[str, ...] = ()  # every service that a note names
    by: str = ""  # the `.env`, pod, network or volume that changed, if the file itself did not
    has_time: bool = True  # False if a note says only the day

    def said(self) -> str:
        """`image 10.10.3 → 10.10.5`."""
        if self.what in ("change", "decision"):
            return self.after
        if self.what == "image":
            before, after = _shorter(self.before, self.after)
            return f"image {before or 'none'} → {after or 'none'}"
        if self.what in ("added", "removed", "retired", "moved"):
            return f"{self.what} {f'({self.after or self.before})' if self.after or self.before else ''}".strip()
        parts = [f"+{item}" for item in filter(None, self.after.split(", "))]
        parts += [f"-{item}" for item in filter(None, self.before.split(", "))]
        return f"{self.what} {' '.join(parts)}"


def _shorter(before: str, after: str) -> tuple[str, str]:
    """Two images without what they share: just the tags, if only those differ."""
    old, new = (re.fullmatch(r"(.*?)([:@][^/]*)", image) for image in (before, after))
    return (old[2][1:], new[2][1:]) if old and new and old[1] == new[1] else (before, after)


# ---- from the files of a commit --------------------------------------------------------------------------------------


def between(before: Mapping[str, str], after: Mapping[str, str]) -> list[Event]:
    """What differs between two states of the same files. Files without services don't count."""
    old, new = _services(before), _services(after)
    # A moved file is in another folder, but its services are the same.
    moved = {
        key: next((other for other in new if other not in old and other[1] == key[1] and _same(old[key], new[other])), None)
        for key in old
        if key not in new
    }
    events: list[Event] = []
    for key, service in old.items():
        if goal := moved.get(key):
            events += _compared(service, new[goal])
        elif key in new:
            events += _compared(service, new[key])
        elif service.image or service.built:
            events.append(Event(service.name, "removed", before=service.image, file=service.file))
        else:
            events += _compared(service, replace(service, image="", ports=(), volumes=(), networks=()))
    arrived = set(filter(None, moved.values()))
    for key, service in new.items():
        if key not in old and key not in arrived:
            if service.image or service.built:
                events.append(Event(service.name, "added", after=service.image, file=service.file))
            else:
                events += _compared(replace(service, ports=(), volumes=(), networks=()), service)
    return events


def _same(one: ServiceRecord, other: ServiceRecord) -> bool:
    return one.image.partition(":")[0] == other.image.partition(":")[0]


# Where a variable matters: in an image or a port. Of all others, not even the names are kept.
_SHOWN = re.compile(
    r"^\s*(?:-\s+)?[\"']?(?:image|published|target)[\"']?\s*:(?P<value>.*)$|^\s*-\s+(?P<port>[^#\n]*:\s*[\"']?(?:\d[\d-]*|\$\{?\w+[^}\s]*\}?)(?:/\w+)?[\"']?)\s*$"
    r"|\bports\s*:\s*(?P<flow>\[.*)$|\{[^}\n]*\bimage\s*:(?P<inline>[^,\n]*)",
    re.MULTILINE,
)


def is_env(path: str) -> bool:
    """Whether a file defines the variables of the compose files beside it and below."""
    return posixpath.basename(path) in ENV_FILES


def shown_variables(env: str, texts: Iterable[str]) -> str:
    """An `.env` reduced to the variables that appear in images and ports of these compose files."""
    names = {
        name
        for text in texts
        for found in _SHOWN.finditer(text)
        for part in found.groups()
        if part
        for name in re.findall(r"\$\{?(\w+)", part)
    }
    return "".join(f"{name}={value}\n" for name, value in env_variables.read_env(env).items() if name in names)


def with_causes(before: Mapping[str, str], after: Mapping[str, str]) -> list[Event]:
    """`between`, with each event naming the other file that it came from, if the service's own didn't change."""
    return [
        event if before.get(event.file) != after.get(event.file) else replace(event, by=_cause(event.file, before, after))
        for event in between(before, after)
    ]


def _cause(file: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    either = {**before, **after}
    changed = [path for path in either if before.get(path) != after.get(path)]
    if file.endswith(QUADLETS):
        return next((unit for unit in units_named(file, either.get) if unit in changed), "")
    return _env_of(file, changed)


def _env_of(file: str, changed: Sequence[str]) -> str:
    folder = posixpath.dirname(file)
    while True:
        for name in ENV_FILES:
            if (path := posixpath.join(folder, name)) in changed:
                return path
        if not folder:
            return ""
        folder = posixpath.dirname(folder)


def _services(files: Mapping[str, str]) -> dict[tuple[str, str], ServiceRecord]:
    named = [
        path for path, text in files.items() if path.endswith(QUADLETS) or (not is_env(path) and _MAY_DESCRIBE.search(text))
    ]
    found = read_all(named, files.get, partial=True).services
    return {(service.folder, service.name): service for service in found}


def _compared(old: ServiceRecord, new: ServiceRecord) -> Iterator[Event]:
    if old.image != new.image:
        yield Event(new.name, "image", old.image, new.image, new.file)
    if not old.off and new.off:
        yield Event(new.name, "retired", after="no replicas", file=new.file)
    for what in ("ports", "volumes", "networks"):
        then = [str(item) for item in getattr(old, what)]
        now = [str(item) for item in getattr(new, what)]
        if set(then) != set(now):
            gone, fresh = [x for x in then if x not in now], [x for x in now if x not in then]
            yield Event(new.name, what, ", ".join(gone), ", ".join(fresh), new.file)


def undo(event: Event, folder: str) -> str:
    """How to undo a change to a file, in words and commands to copy. `folder` is what its paths are relative to."""
    file, quadlet = shlex.quote(event.file), event.file.endswith(QUADLETS)
    there = f"cd {_quoted(folder)} && "
    again = _restarted(event, folder) if quadlet else f"docker compose -f {file} up -d {shlex.quote(event.service)}"
    if event.by:
        return f"take back what {event.commit[:7]} did to {event.by}, then {there}{again}"
    if event.what == "image" and event.before:
        return f"{'Image=' if quadlet else 'image: '}{event.before} in {event.file}, then {there}{again}"
    if event.what == "removed":
        return f"{there}git checkout {event.commit[:7]}^ -- {file} && {again}"
    if event.what == "added" and quadlet:
        systemctl = _systemctl(event, folder)
        return f"{systemctl} stop {shlex.quote(event.service)}, take {event.file} away, then {systemctl} daemon-reload"
    if event.what == "added":
        return f"take it out of {event.file}, then {there}docker compose -f {file} up -d --remove-orphans"
    return f"{there}git revert --no-edit {event.commit[:7]} && {again}"


def _restarted(event: Event, folder: str) -> str:
    """The commands that make podman run a quadlet as its files are now; a changed pod restarts all its containers."""
    unit = posixpath.basename(event.by).replace(".pod", "-pod") if event.by.endswith(".pod") else event.service
    systemctl = _systemctl(event, folder)
    return f"{systemctl} daemon-reload && {systemctl} restart {shlex.quote(unit)}"


def _systemctl(event: Event, folder: str) -> str:
    """`systemctl` for the unit that changed: one below a home directory belongs to that user."""
    return "systemctl --user" if ".config/containers/" in posixpath.join(folder, event.file) else "systemctl"


def _quoted(folder: str) -> str:
    # In quotes the shell would not expand ~.
    return "~/" + shlex.quote(folder[2:]) if folder.startswith("~/") else shlex.quote(folder)


# ---- from notes ------------------------------------------------------------------------------------------------------


def noted(base: KnowledgeBase) -> Iterator[Event]:
    """The changes that notes record: changes, decisions, and services that were retired."""
    for note in base.notes:
        if note.kind in ("change", "decision") and note.date:
            if isinstance(note, Decision) and note.status not in ("accepted", "superseded", "deprecated"):
                continue
            back, commit = note.front.get("undo"), note.front.get("commit")
            services = tuple(base.service_name(name) for name in note.services)
            yield Event(
                services[0] if services else "",
                note.kind,
                after=note.title,
                commit=commit if isinstance(commit, str) else "",
                at=note.date.moment,
                ref=note.ref,
                undo=back if isinstance(back, str) else "",
                services=services,
                has_time=note.date.has_time,
            )
        elif isinstance(note, Service) and note.retired:
            undo, timed = f"kb edit {note.name} --set retired=", note.retired.has_time
            yield Event(note.name, "retired", at=note.retired.moment, ref=note.ref, undo=undo, has_time=timed)


def bearing_on(base: KnowledgeBase, word: str) -> tuple[set[str], Callable[[Event], bool]]:
    """The services that have to do with a capability (`dns`): those that provide it or have it as a tag, and what they need.

    Also returns a test for events that name no service but the word itself.
    """
    lower = word.lower()
    found: set[str] = set()
    for service in base.of("service"):
        if isinstance(service, Service):
            words = {item.lower() for item in (*service.provides, *service.tags, service.name, service.type)}
            if lower in words:
                found.add(service.name)
    waiting = list(found)
    while waiting:
        note = base.services.get(waiting.pop().lower())
        for need in (*note.depends_on, *note.hosts) if note else ():
            name = base.service_name(need)
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found, lambda event: bool(re.search(rf"\b{re.escape(lower)}\b", f"{event.after} {event.subject}".lower()))


def chosen(
    events: Iterable[Event], services: set[str] | None, since: datetime | None, also: Callable[[Event], bool] = lambda _: False
) -> list[Event]:
    """The events about these services (None: all) since a moment, the newest first."""
    lower = {name.lower() for name in services} if services is not None else None
    kept = [
        event
        for event in events
        if (since is None or (event.at is not None and event.at >= since))
        and (lower is None or bool(lower & {name.lower() for name in (event.service, *event.services)}) or also(event))
    ]
    return sorted(kept, key=lambda event: event.at.timestamp() if event.at else 0, reverse=True)


def by_commit(events: Sequence[Event], most: int = 6) -> list[Event]:
    """The events with many of the same commit and kind merged into one line: the first import adds everything at once."""
    groups: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        groups.setdefault((event.commit or event.ref or str(id(event)), event.what), []).append(event)
    shown = []
    for (_, what), crowd in groups.items():
        if len(crowd) <= most:
            shown += crowd
            continue
        names = list(dict.fromkeys(event.service for event in crowd))
        few = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        revert = f"git revert --no-edit {crowd[0].commit[:7]}" if crowd[0].commit else ""
        shown.append(replace(crowd[0], service=f"{len(names)} services", what="change", after=f"{what}: {few}", undo=revert))
    return shown
