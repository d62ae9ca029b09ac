"""What pages say that is in no note. It is gathered elsewhere: pages read no clock, no Git and no files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from ...notes.dates import When
from ...services.service_changes import Event


@dataclass(frozen=True)
class SiteFacts:
    """The moment of the build, and what Git and the files beside the notes know."""

    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    beats: Mapping[str, When] = field(default_factory=dict)  # the name of a service → when its last backup was seen
    events: Sequence[Event] = ()  # what changed, newest first, as `kb changes` reports it
    edited: Mapping[str, date] = field(default_factory=dict)  # the path of a note → the day of its last commit
    edit_url: str = ""  # where a note is edited in a browser, with {path}
    unread: Sequence[str] = ()  # what could not be read, as sentences
