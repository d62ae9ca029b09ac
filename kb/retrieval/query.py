"""The words and filters of a search."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..notes.dates import When
from ..notes.kinds import KINDS, Note
from ..notes.knowledge_base import KnowledgeBase


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
KIND_NAMES = frozenset([*KINDS, "page"])


def query_of(text: str) -> Query:
    """What a query means: `service:jellyfin slow` narrows down. Anything else that has a colon is text; nothing can fail."""
    found: dict[str, str] = {}
    tags: list[str] = []

    def take(match: re.Match[str]) -> str:
        name, value = match[1].lower(), match[2].strip('"')
        name = "kind" if name == "type" else name
        if name == "kind" and value.lower().rstrip("s") not in KIND_NAMES:
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
    """Whether a note is within the filters of a search."""
    kinds = {name for name in (kind, asked.kind) if name}
    services = [name for name in (service, asked.service) if name]
    wanted = {tag.lower() for tag in (*tags, *asked.tags)}

    def fits(note: Note) -> bool:
        return (
            kinds <= {note.kind}
            and all(base.names_service(note, name) for name in services)
            and wanted <= {tag.lower() for tag in note.tags}
            and (not asked.host or asked.host.lower() in {host.lower() for host in note.hosts})
            and (not asked.status or note.state.lower() == asked.status.lower())
            and (not since or (note.date is not None and note.date.day >= since.day))
        )

    return fits
