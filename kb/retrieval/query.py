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


def filter_of(
    base: KnowledgeBase, asked: Query, kind: str | None, service: str | None, tags: Sequence[str], since: When | None
) -> Callable[[Note], bool]:
    """Whether a note is within the filters of a search: the options, and those that stand in the query."""
    if kind and asked.kind and kind != asked.kind:
        return lambda _: False  # no note is of two kinds
    services = [name for name in (service, asked.service) if name]
    wanted = Filter(kind or asked.kind, services, asked.host, [*tags, *asked.tags], asked.status, since)
    return lambda note: base.passes(note, wanted)
