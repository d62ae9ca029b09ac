"""The five kinds of notes: their fields, dates, sections and known errors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import ClassVar

from ..plugins import Table
from .dates import When
from .fields import Choice, Field, Front, days, flag, names, text, when
from .markdown import HEADINGS, Link, Section, body_links, fenced_blocks, sections, strip_comments
from .problem import Problem

# ---- notes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KnownError:
    """An error text in a note: one fenced block under its Error heading."""

    ref: str
    text: str
    line: int


@dataclass(frozen=True)
class Note:
    """One Markdown file under `entries/`. A broken one is still a note: `problem` says what is wrong, `body` has its text."""

    ref: str
    path: str  # relative to the knowledge base, with slashes
    front: Front = field(default_factory=dict)
    key_lines: Mapping[str, int] = field(default_factory=dict)  # key → its line in the file
    body: str = ""
    body_line: int = 1
    problem: Problem | None = None
    digest: str = ""  # of the file's bytes
    fingerprints: tuple[str, ...] = ()  # of its known errors' lines
    headings: Mapping[str, str] = field(default_factory=lambda: HEADINGS, repr=False)
    secrets: tuple[tuple[str, int], ...] = ()  # what looks like a secret: its kind and line, never its value
    zone: str = ""  # of times without one: `Europe/Berlin`; "" is that of this machine

    kind: ClassVar[str] = "page"
    folder: ClassVar[str] = ""
    states: ClassVar[tuple[str, ...]] = ()  # the words `status` may hold
    ref_keys: ClassVar[tuple[str, ...]] = ()  # keys that name other notes

    tags = names()
    date = when()
    services = names()
    hosts = names()
    status = text()
    private = flag()

    @classmethod
    def plural(cls) -> str:
        """The plural: `incidents`."""
        return cls.folder.replace("-", " ")

    @classmethod
    def meaning(cls) -> str:
        """What a note of this kind is, in a sentence: the first one of the class's docstring."""
        return (cls.__doc__ or "").strip().split("\n", 1)[0]

    @classmethod
    def fields(cls) -> dict[str, Field[object]]:
        """The kind's table of fields: key → field."""
        rows: dict[str, Field[object]] = {}
        for owner in reversed(cls.__mro__):
            rows |= {row.key: row for row in vars(owner).values() if isinstance(row, Field)}
        return rows

    @cached_property
    def title(self) -> str:
        """The title: from the front matter, else the first heading, else the file's name."""
        written = self.front.get("title")
        if isinstance(written, str) and written.strip():
            return " ".join(written.split())
        heading = next((s.heading for s in self.sections if s.level == 1), "")
        return heading or re.sub(r"^\d{4}(-\d\d-\d\d)?-", "", self.name).replace("-", " ")

    @property
    def name(self) -> str:
        """The last part of the ref."""
        return self.ref.rpartition("/")[2]

    @property
    def state(self) -> str:
        """The one word that lists show: a status, an outcome or a mode."""
        return self.status

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections of the body, in order."""
        return sections(self.body, self.body_line, self.headings)

    def section(self, name: str) -> str:
        """The text of the first section with that known name ("fix"), stripped; empty if there is none."""
        return next((strip_comments(s.text).strip() for s in self.sections if s.name == name), "")

    @cached_property
    def errors(self) -> tuple[KnownError, ...]:
        """The known errors: the fenced blocks under Error, or the section's whole text if it has none."""
        return tuple(self._errors()) if self.kind in ("incident", "experiment") else ()

    def _errors(self) -> Iterator[KnownError]:
        for section in self.sections:
            if section.name != "error":
                continue
            blocks = list(fenced_blocks(section.text))
            plain = strip_comments(section.text).strip()
            if not blocks and plain:
                blocks = [(section.text[: section.text.find(plain.split("\n", 1)[0])].count("\n"), plain)]
            for offset, block in blocks:
                if block.strip():
                    yield KnownError(self.ref, block.strip("\n"), section.line + 1 + offset)

    @property
    def fix(self) -> str:
        """The whole Fix section."""
        return self.section("fix")

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """All links to other notes, those of the front matter first."""
        rows = self.fields()
        front = [
            Link(target, self.key_lines.get(key, 1), key)
            for key in self.ref_keys
            for target in _targets(getattr_by_key(self, rows[key]))
        ]
        return (*front, *body_links(self.body, self.body_line))

    def complaints(self) -> Iterator[Problem]:
        """What is wrong with the values of known keys, and with the file as a whole."""
        if self.problem:
            yield self.problem
            return
        if not isinstance(self.front.get("title", ""), str):
            yield Problem(self.path, self.key_lines.get("title", 1), "title should be one text, not a list: put it in quotes")
        for key, row in self.fields().items():
            if message := row.complaint(self.front):
                yield Problem(self.path, self.key_lines.get(key, 1), f"{key} {message}")


def getattr_by_key(note: Note, row: Field[object]) -> object:
    """The value of a note's field by its key, whatever its attribute is called."""
    return row.__get__(note, type(note))


def _targets(value: object) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) and value else ()


class Incident(Note):
    """Something broke, and this fixed it."""

    kind = "incident"
    folder = "incidents"
    states = ("open", "mitigated", "resolved")
    ref_keys = ("services", "hosts", "recurrence_of", "caused_by")

    status = Choice(*states, default="open", implied={"resolved": "resolved", "mitigated": "mitigated"})
    resolved = when()
    detected = when()
    mitigated = when()
    layer = text()
    noticed_by = text()
    caused_by = text()
    recurrence_of = text()
    held = flag()
    verified = flag()
    severity = text()

    @property
    def took(self) -> timedelta | None:
        """How long it took from the beginning to the fix, if both have a time and it is over; None if they are the same, the
        moment of writing."""
        if self.status == "resolved" and self.date and self.resolved and self.date.has_time and self.resolved.has_time:
            length = self.resolved.moment - self.date.moment
            return length if length > timedelta(0) else None
        return None


class Decision(Note):
    """A choice, why it was made, and what follows from it (MADR 4)."""

    kind = "decision"
    folder = "decisions"
    states = ("proposed", "accepted", "rejected", "deprecated", "superseded")
    ref_keys = ("supersedes", "superseded-by", "amends", "services")

    status = Choice(*states, default="proposed")
    decision_makers = names("decision-makers")
    consulted = names()
    informed = names()
    supersedes = names()
    superseded_by = names("superseded-by")
    amends = names()
    review = when()
    accepted = days()
    rejected = days()
    deprecated = days()
    superseded = days()
    reviewed = days()
    turned_out = Choice("right", "wrong")

    @property
    def number(self) -> int | None:
        """The number in the file's name: `0007-put-traefik-in-front` is 7, `adr-007-…` too; a name that begins with a date has none."""
        found = re.match(r"(?:adr[-_ ]?)?(\d{1,6})(?!\d|-\d\d-\d\d)", self.name, re.IGNORECASE)
        return int(found[1]) if found else None


class Service(Note):
    """Something that runs: an app, or the machine, disk or network below it."""

    kind = "service"
    folder = "services"
    ref_keys = ("depends_on", "hosts")

    aliases = names()
    type = Choice("app", "host", "disk", "network", "device", default="app")
    url = text()
    image = text()
    compose = text()
    log = text()
    depends_on = names()
    needs = names()
    provides = names()
    mode = Choice("production", "sandbox")
    responsibility = Choice("0", "1", "2", "3a", "3b")
    data = names()
    backup = text()
    backup_every = text()
    backup_seen = when()
    restore_tested = when()
    monitored_by = text()
    exposed = Choice("lan", "vpn", "internet")
    security_reviewed = when()
    secrets_rotated = when()
    cert_expires = when()
    rebuild = text()
    watts = text()
    ram = text()
    cost = text()
    retired = when()

    @property
    def state(self) -> str:
        """`retired`, else the mode."""
        return "retired" if self.front.get("retired") else self.mode


class Experiment(Note):
    """Something broken on purpose, or a drill, to learn from."""

    kind = "experiment"
    folder = "experiments"
    states = ("held", "broke", "unknown")
    ref_keys = ("services", "hosts", "decisions")

    goal = text()
    type = Choice("experiment", "drill", "spike", default="experiment")
    drill = Choice("restore", "rebuild")
    timebox = text()
    outcome = Choice(*states, default="unknown")
    decisions = names()

    @property
    def state(self) -> str:
        """How it came out."""
        return self.outcome


class Change(Note):
    """Something that was changed on purpose, and how to undo it."""

    kind = "change"
    folder = "changes"
    ref_keys = ("services", "hosts")

    commit = text()
    undo = text()


def _kind(name: str, loaded: object) -> type[Note]:
    """The kind of that name that a plugin adds. Raises ValueError."""
    if not (isinstance(loaded, type) and issubclass(loaded, Note)):
        raise ValueError("is no subclass of kb.notes.kinds.Note")
    if loaded.kind != name:
        raise ValueError(f"its kind is {loaded.kind!r}, and should be {name!r}, the name of its entry point")
    if not re.fullmatch(r"[a-z][a-z-]*", loaded.kind) or not re.fullmatch(r"[a-z][a-z-]*", loaded.folder):
        raise ValueError("its kind and its folder should be small letters and hyphens")
    if loaded.folder in {own.folder for own in KINDS.own.values()} | {"templates", "assets"}:
        raise ValueError(f"the folder {loaded.folder} belongs to kb")
    unknown = [key for key in loaded.ref_keys if key not in loaded.fields()]
    if unknown:
        raise ValueError(f"ref_keys names {unknown[0]}, which is none of its fields")
    return loaded


# The table of kinds: a new kind of note is one class above, one row here, and one template.
KINDS: Table[type[Note]] = Table("kb.kinds", {c.kind: c for c in (Incident, Decision, Service, Experiment, Change)}, _kind)


def added_kinds() -> list[type[Note]]:
    """The kinds that plugins add."""
    return [cls for name, cls in KINDS.items() if name not in KINDS.own]


@lru_cache(1000)
def kind_of_folder(folder: str) -> type[Note]:
    """The kind of the notes in a folder of `entries/`; a plain page if no kind has that folder."""
    return next((cls for cls in KINDS.values() if cls.folder == folder), Note)


def newest_first(notes: Sequence[Note]) -> list[Note]:
    """By the day as it was written, then by the moment, the newest first; decisions of the same day by number, the highest
    first; notes without a date last.

    The time of a decision doesn't count, since most have none: the number says which one of a day came last.
    """
    by_name = sorted(notes, key=lambda note: (-_number(note), note.ref))
    dated = [((note.date.day, _moment(note, note.date)), note) for note in by_name if note.date]
    dated.sort(key=lambda row: row[0], reverse=True)
    return [note for _, note in dated] + [note for note in by_name if not note.date]


def _number(note: Note) -> int:
    return (note.number or 0) if isinstance(note, Decision) else 0


def _moment(note: Note, when: When) -> datetime:
    return datetime.combine(when.day, time(), UTC) if isinstance(note, Decision) and when.has_time else when.moment
