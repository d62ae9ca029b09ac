"""A service under a new name: its file and all that means it, in every note, changed to the byte and proved by reading again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NoteMove:
    """A note under its new path, and its bytes before and after."""

    path: str
    data: bytes
    old_path: str
    old_data: bytes
