"""What a link in a note means, and which notes link to a note."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from .kinds import Note, newest_first
from .markdown import Link
from .references import References

COMMIT = re.compile(r"[0-9a-f]{6,40}")

DECISION_KEYS = ("supersedes", "superseded-by", "amends", "decisions")
SERVICE_KEYS = ("services", "depends_on", "hosts")


@dataclass(frozen=True, eq=False)
class Links:
    """Where the links of some notes lead."""

    notes: Sequence[Note]
    references: References

    def target(self, note: Note, link: Link) -> Note | None:
        """The note that a link of `note` leads to; None if there is none, or more than one."""
        if link.kind == "file":
            return self.references.by_path.get(joined(note.path, link.target))
        if link.kind in SERVICE_KEYS:
            return self.references.services.get(link.target.lower())
        return self.linked(*_name_and_kind(link))

    def meant(self, link: Link) -> list[Note]:
        """All notes that a link by name can mean; more than one is the writer's mistake."""
        return self.references.meant(*_name_and_kind(link))

    def linked(self, name: str, kind: str = "") -> Note | None:
        """The note that a link means by that name, of one kind or of any, if there is exactly one."""
        key = (name, kind)
        if key not in self._linked:
            meant = self.references.meant(name, kind)
            self._linked[key] = meant[0] if len(meant) == 1 else None
        return self._linked[key]

    @cached_property
    def _linked(self) -> dict[tuple[str, str], Note | None]:
        return {}

    @cached_property
    def backlinks(self) -> Mapping[str, tuple[Note, ...]]:
        """ref → the notes that link to it, newest first."""
        found: dict[str, dict[str, Note]] = defaultdict(dict)
        for note in self.notes:
            for link in note.links:
                target = self.target(note, link)
                if target and target.ref != note.ref:
                    found[target.ref][note.ref] = note
        return {ref: tuple(newest_first(list(notes.values()))) for ref, notes in found.items()}


def _name_and_kind(link: Link) -> tuple[str, str]:
    """The name that a link uses for its note, without the heading, and the kind of note that it can mean; "" is any."""
    return link.target.partition("#")[0], "decision" if link.kind in DECISION_KEYS else ""


def joined(path: str, address: str) -> str:
    """The path in the knowledge base that a relative address in the note at `path` means."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(address.partition("#")[0].partition("?")[0])))
