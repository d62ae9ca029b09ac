"""The part of an error that tells most, in one row."""

from __future__ import annotations

from ...logs.event_line import elided, event_of, said_by
from ...secrets import masking
from ..terminal import screen

NARROWEST = 20  # columns


def telling_part(error: str, columns: int) -> str:
    """The line of an error that says most, without its header, in so many columns: its beginning, and the end behind the last
    colon. Ready for the terminal, secrets masked."""
    room = max(NARROWEST, columns)
    return screen.cut(elided(screen.visible(said_by(masking.mask(event_of(error))[0])), room), room)
