"""The words and filters of a search."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..notes.dates import When
from ..notes.kinds import KINDS, Note
from ..notes.knowledge_base import Filter, KnowledgeBase


@dataclass(frozen=True)
class Query:
    """What somebody searches for: words, and what narrows them down."""

    text: str  # without the prefixes
    kind: str = ""
    service: str = ""
    host: str = ""
    tags: tuple[str, ...] = ()
    status: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the words decides."""
        return bool(self.kind or self.service or self.host or self.tags or self.status)


_PREFIX = re.compile(
    r"(?:^|(?<=\s))(kind|type|service|host|tag|status):(\"[^\"\n]{1,80}\"|[^\s\"]{1,80})(?=\s|$)", re.IGNORECASE
)


def is_kind(word: str) -> bool:
    """Whether a word names a kind of note, also in the plural."""
    return word.lower().rstrip("s") in (*KINDS, "page")


def query_of(text: str) -> Query:
    """What a query means: `service:jellyfin slow` narrows down. Anything else that has a colon is text; nothing can fail."""
    found: dict[str, str] = {}
    tags: list[str] = []

    def take(match: re.Match[str]) -> str:
        name, value = match[1].lower(), match[2].strip('"')
        name = "kind" if name == "type" else name
        if name == "kind" and not is_kind(value):
            return match.group()
        if name == "tag":
            tags.append(value)
        else:
            found[name] = value.lower().rstrip("s") if name == "kind" else value
        return " "

    rest = _PREFIX.sub(take, text)
    return Query(" ".join(rest.split()) if found or tags else text, tags=tuple(tags), **found)


FILTERS = ("kind", "type", "service", "host", "tag", "status")
_ANY_PREFIX = re.compile(r"(?:^|(?<=\s))([a-z]{2,10}):(\"[^\"\n]{1,80}\"|[^\s\"]{1,80})(?=\s|$)", re.IGNORECASE)


def filter_remarks(base: KnowledgeBase, text: str) -> list[str]:
    """What is wrong with the filters in a query: a kind that there isn't, a name nearly that of a filter, a value that no note has."""
    from difflib import get_close_matches

    found = []
    for match in _ANY_PREFIX.finditer(text):
        name, value = match[1].lower(), match[2].strip('"')
        if name in ("kind", "type"):
            if not is_kind(value):
                kinds = ", ".join((*KINDS, "page"))
                found.append(f"{name}:{value} is no kind of note ({kinds}): looked for as words")
        elif name in FILTERS:
            found += _value_remarks(base, name, value)
        elif meant := get_close_matches(name, FILTERS, n=1, cutoff=0.7):
            found.append(f"{name}: is no filter, looked for as words; {meant[0]}:{match[2]} narrows down")
    return found


def _value_remarks(base: KnowledgeBase, name: str, value: str) -> list[str]:
    """That no note has a value, and which is spelled nearly so."""
    if any(filter_of(base, query_of(f'{name}:"{value}"'), None, None, (), None)(note) for note in base.notes):
        return []
    from difflib import get_close_matches

    there = {other for note in base.notes for other in _values(note, name) if other}
    close = get_close_matches(value.lower(), sorted(other.lower() for other in there), n=1, cutoff=0.6)
    return [f"no note has {name}:{value}" + (f"; there is {name}:{close[0]}" if close else "")]


def _values(note: Note, name: str) -> Sequence[str]:
    values = {"service": note.services, "host": note.hosts, "tag": note.tags, "status": (note.state,)}[name]
    return (*values, note.name) if name == "service" and note.kind == "service" else values


def filter_of(
    base: KnowledgeBase, asked: Query, kind: str | None, service: str | None, tags: Sequence[str], since: When | None
) -> Callable[[Note], bool]:
    """Whether a note is within the filters of a search: the options, and those that stand in the query."""
    if kind and asked.kind and kind != asked.kind:
        return lambda _: False  # no note is of two kinds
    services = [name for name in (service, asked.service) if name]
    wanted = Filter(kind or asked.kind, services, asked.host, [*tags, *asked.tags], asked.status, since)
    return lambda note: base.passes(note, wanted)
