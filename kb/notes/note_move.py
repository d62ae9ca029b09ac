"""A note that moves to a new path: what a rename or a renumbering writes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NoteMove:
    """A note under its new path, and its bytes before and after."""

    path: str
    data: bytes
    old_path: str
    old_data: bytes
