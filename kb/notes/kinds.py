"""The words that every part of kb speaks: notes of five kinds, their fields, dates and known errors."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import ClassVar, Generic, TypeVar, overload

from ..exceptions import close_to
from .markdown import HEADINGS, Link, Section, body_links, fenced_blocks, sections, strip_comments

# What front matter holds once it is read: every scalar is the string that was typed.
Value = "str | list[Value] | dict[str, Value]"
Front = Mapping[str, object]

T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """Something wrong in a file: where, what, and what to do about it."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


# ---- moments ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class When:
    """A date or a moment as somebody typed it, with one form to compare by.

    `moment` always has a time zone: one that was not written counts as UTC, and a date begins at midnight.
    """

    text: str
    moment: datetime
    has_time: bool

    @classmethod
    @functools.lru_cache(1 << 16)  # a site asks the same few thousand dates a hundred times each
    def read(cls, text: str) -> When:
        """The moment that `text` names, in ISO 8601 (a space for the `T` is fine). Raises ValueError."""
        tidy = re.sub(r"\s+(?=[+-]\d\d)", "", text.strip())
        if re.fullmatch(r"\d{4}-\d\d-\d\d", tidy):
            return cls(text, datetime.combine(date.fromisoformat(tidy), datetime.min.time(), UTC), False)
        if not re.match(r"\d{4}-\d\d-\d\d[T ]\d", tidy):
            raise ValueError(text)
        moment = datetime.fromisoformat(tidy)
        return cls(text, moment if moment.tzinfo else moment.replace(tzinfo=UTC), True)

    @property
    def day(self) -> date:
        """The date as it was written, in its own time zone."""
        return self.moment.date()

    def short(self) -> str:
        """`24 Apr 2026`."""
        return short_day(self.day)

    def __lt__(self, other: When) -> bool:
        return self.moment < other.moment


@functools.lru_cache(10_000)  # the pages of a site say each day many times
def short_day(day: date) -> str:
    """`24 Apr 2026`."""
    return f"{day.day} {day:%b} {day.year}"


def span(length: timedelta) -> str:
    """`34 minutes`, `2 hours`, `3 days`: as one would say it."""
    minutes = max(0, round(length.total_seconds() / 60))
    unit, size = ("minute", 1) if minutes < 100 else ("hour", 60) if minutes < 48 * 60 else ("day", 24 * 60)
    count = round(minutes / size)
    return f"{count} {unit}{'' if count == 1 else 's'}"


_UNITS = {"h": 1 / 24, "d": 1, "w": 7, "m": 30.44, "y": 365.25}
_LENGTH_WORDS = {"hourly": 1 / 24, "daily": 1, "nightly": 1, "weekly": 7, "monthly": 30.44, "yearly": 365.25}

# A number and the letter of its unit, in lower case: `2w`, `2 weeks`.
LENGTH = re.compile(r"(\d{1,4}(?:\.\d{1,2})?)\s*([hdwmy])(?:ours?|ays?|eeks?|onths?|ears?)?")


def length(text: str) -> timedelta:
    """The length of time that `1d`, `2 weeks`, `6m` or `daily` says. Raises ValueError."""
    lower = text.strip().lower()
    if lower in _LENGTH_WORDS:
        return timedelta(days=_LENGTH_WORDS[lower])
    found = LENGTH.fullmatch(lower)
    if not found:
        raise ValueError(f"should be a length of time like 1d, 2w, 6m or 1y, not {text!r}")
    return timedelta(days=float(found[1]) * _UNITS[found[2]])


# ---- fields ----------------------------------------------------------------------------------------------------------


class Field(Generic[T]):
    """One row of a kind's table of fields: reads its key of the front matter and gives it its type.

    `convert` raises ValueError with what was expected; the attribute is then `default`, and `complaint` says why.
    """

    def __init__(self, convert: Callable[[object], T], default: T, key: str = "") -> None:
        self.convert, self.default, self.key = convert, default, key

    def __set_name__(self, owner: type, name: str) -> None:
        self.key, self.name = self.key or name, name

    @overload
    def __get__(self, note: None, owner: type) -> Field[T]: ...
    @overload
    def __get__(self, note: Note, owner: type) -> T: ...
    def __get__(self, note: Note | None, owner: type) -> Field[T] | T:
        if note is None:
            return self
        value = note.front.get(self.key)
        try:
            found = self.default if _is_blank(value) else self.convert(value)
        except ValueError:
            found = self.default
        vars(note)[self.name] = found  # as a cached_property: a site asks each field a hundred times
        return found

    def complaint(self, front: Front) -> str | None:
        """What is wrong with the value in `front`, if anything."""
        value = front.get(self.key)
        if _is_blank(value):
            return None
        try:
            self.convert(value)
        except ValueError as wrong:
            return str(wrong)
        return None


def _is_blank(value: object) -> bool:
    return value is None or value == "" or value == []


def _one_line(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("should be one text, not a list")
    return " ".join(value.split())


def _flat_list(value: object) -> tuple[str, ...]:
    """Names from a list, or from one string with commas."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError("should be a list of names: [one, two]")
    if nested := [item for item in items if not isinstance(item, str)]:
        raise ValueError(f"should be a list of names, but holds {nested[0]!r}")
    # A list that a program wrote as `null` is an empty one.
    return tuple(dict.fromkeys(name for item in items if (name := " ".join(item.split())) not in ("", "null", "~")))


def _moment(value: object) -> When | None:
    try:
        return When.read(_one_line(value))
    except ValueError:
        raise ValueError(f"should be a date like 2026-04-24 or 2026-04-24T01:07+01:00, not {value!r}") from None


def _yes_or_no(value: object) -> bool:
    word = _one_line(value).lower()
    if word in ("yes", "true", "on", "y", "1"):
        return True
    if word in ("no", "false", "off", "n", "0"):
        return False
    raise ValueError(f"should be true or false, not {value!r}")


def text(key: str = "") -> Field[str]:
    """A field that holds one line of text."""
    return Field(_one_line, "", key)


def names(key: str = "") -> Field[tuple[str, ...]]:
    """A field that holds a list of names."""
    return Field(_flat_list, (), key)


def when(key: str = "") -> Field[When | None]:
    """A field that holds a date or a moment."""
    return Field(_moment, None, key)


def flag(key: str = "") -> Field[bool | None]:
    """A field that holds yes or no; None when nobody said."""
    return Field(_yes_or_no, None, key)


class Choice(Field[str]):
    """A field that holds one of a few words. Free text after the word is kept and ignored ("Accepted (phase A)")."""

    def __init__(self, *options: str, default: str = "", key: str = "") -> None:
        super().__init__(self._word, default, key)
        self.options = options

    def _word(self, value: object) -> str:
        words: list[str] = re.findall(r"\w+", _one_line(value).lower())
        if words and words[0] in self.options:
            return words[0]
        close = close_to(words[0] if words else "", self.options)
        raise ValueError(
            f"should be one of {', '.join(self.options)}, not {value!r}" + (f": did you mean {close[0]}?" if close else "")
        )


# ---- notes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KnownError:
    """An error text in a note: one fenced block under its Error heading."""

    ref: str
    text: str
    line: int


@dataclass(frozen=True)
class Note:
    """One Markdown file under `entries/`. A broken one is a note too: `problem` says what is wrong, `body` has its text."""

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
    secrets: tuple[tuple[str, int], ...] = ()  # what looks like one: its kind and line, never its value

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
        """The one word that lists show: a status, an outcome, a mode."""
        return self.status

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections of the body, in order."""
        return sections(self.body, self.body_line, self.headings)

    def section(self, name: str) -> str:
        """The text of the first section of that known name ("fix"), stripped; empty when there is none."""
        return next((strip_comments(s.text).strip() for s in self.sections if s.name == name), "")

    @cached_property
    def errors(self) -> tuple[KnownError, ...]:
        """The known errors: the fenced blocks under Error; without a fence, the section's text."""
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
        """All links to other notes, from the front matter first."""
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
    """The value of a field of a note, whatever its attribute is called."""
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

    status = Choice(*states, default="open")
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
        """From the beginning to the fix, when both have a time; None when they are one moment, that of the writing down."""
        if self.date and self.resolved and self.date.has_time and self.resolved.has_time:
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
    deprecated = when()

    @property
    def number(self) -> int | None:
        """The number in the file's name: `0007-put-traefik-in-front` is 7, `adr-007-…` too; one that begins with a date has none."""
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
    """Something broken on purpose, or a drill, to learn from it."""

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
    """Something that somebody altered, and how to undo it."""

    kind = "change"
    folder = "changes"
    ref_keys = ("services", "hosts")

    commit = text()
    undo = text()


# The table of kinds: a new kind of note is one dataclass above, one row here, and one template.
KINDS: Mapping[str, type[Note]] = {c.kind: c for c in (Incident, Decision, Service, Experiment, Change)}
FOLDERS: Mapping[str, type[Note]] = {c.folder: c for c in KINDS.values()}


# ---- answers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hit:
    """One answer of `seen` or `search`, best first."""

    ref: str
    kind: str
    title: str
    path: str  # absolute
    date: str  # as it was written, or empty
    services: tuple[str, ...]
    score: float  # 0 to 1
    strength: str | None  # same | likely | weak; None for `search`
    line: str  # the query's line, or the words that were found
    known_line: str  # the note's line, or the excerpt
    fix: str  # the whole Fix section
