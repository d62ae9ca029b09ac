"""Changes to an incident: a line for its timeline, its end."""

from __future__ import annotations

from ..cli import clock
from ..notes.kinds import Note


def moment_of(note: Note) -> str:
    """The time of day; with the date when the incident began on another day."""
    now = clock.now()
    return f"{now:%H:%M}" if note.date and note.date.day == now.date() else f"{now:%Y-%m-%d %H:%M}"
