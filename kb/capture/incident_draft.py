"""An incident before it is a note: what is known, what can be guessed, and the note it becomes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..cli import clock
from ..notes import front_matter
from ..notes.dates import When
from ..notes.front_matter_edit import NewValue
from ..notes.kinds import Note
from ..notes.knowledge_base import KnowledgeBase
from ..notes.templates import fenced
from ..secrets import masking
from . import field_values, note_draft


def as_note(base: KnowledgeBase, told: IncidentDraft, fields: Mapping[str, NewValue]) -> note_draft.NoteDraft:
    """The incident's note from what is known, not yet made."""
    now = clock.stamp(clock.now())
    values: dict[str, NewValue] = {"date": told.began or now, "status": "open"}
    whole = _as_note(base, told.whole) if told.whole else None
    if told.fix or told.held or (whole and whole.fix):
        values |= ended(told.began or (whole.date.text if whole and whole.date else ""))
    if told.services:
        values["services"] = field_values.known_services(base, told.services)
    if told.verified is not None:
        values["verified"] = told.verified
    if told.hosts:
        values["hosts"] = list(told.hosts)
    if told.recurrence_of:
        values["recurrence_of"] = told.recurrence_of
        values["held"] = bool(told.held)
    sections = {
        "symptoms": told.symptoms,
        "error": "\n\n".join(fenced(error) for error in told.errors),
        "fix": told.fix,
        "why": told.why,
        "check": told.check,
    }
    return note_draft.NoteDraft("incident", told.title, {**values, **fields}, sections, whole=told.whole)


def _as_note(base: KnowledgeBase, whole: bytes) -> Note:
    read = front_matter.read(whole)
    return Note("", "", read.front, body=read.body, headings=base.settings.headings)


def ended(began: str) -> dict[str, NewValue]:
    """The fields of an incident that is over. Of what began days ago and is written down now, nobody said when it ended."""
    now = clock.now()
    if began and not is_recent(When.read(began), now):
        return {"status": "resolved"}
    return {"status": "resolved", "resolved": clock.stamp(now)}


# An incident is written down right after it: what is older tells of another day.
RECENT = timedelta(days=2)


def is_recent(began: When, now: datetime) -> bool:
    """Whether what began then is likely to be what was just fixed."""
    since = now - began.moment if began.has_time else now.date() - began.day
    return timedelta(0) <= since <= RECENT


def title_from(error: str) -> str:
    """A first title for an error, to be changed by the user: its most telling line without the header."""
    from ..logs.messages import messages

    line = next((message.text for message in messages(error) if message.text.strip()), "")
    line = re.sub(r"\s+", " ", masking.mask(line)[0]).strip(" :;,-")
    return line if len(line) <= 72 else line[:72].rsplit(" ", 1)[0] + " …"


@dataclass(frozen=True)
class IncidentDraft:
    """What is known of an incident so far."""

    title: str = ""
    errors: tuple[str, ...] = ()  # each becomes a known error
    symptoms: str = ""
    fix: str = ""
    why: str = ""
    check: str = ""
    services: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    verified: bool | None = None
    recurrence_of: str = ""
    held: bool | None = None
    began: str = ""  # ISO 8601
    whole: bytes | None = None  # a finished note

    @property
    def error(self) -> str:
        """All errors as one text."""
        return "\n".join(self.errors)


@dataclass(frozen=True)
class Guesses:
    """What the log itself says about where and when, to be shown as a guess."""

    services: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    began: str = ""  # ISO 8601


MOST_SERVICES = 3


def guess(base: KnowledgeBase, told: IncidentDraft) -> Guesses:
    """What the title and the errors say about the services, the hosts and the beginning."""
    from ..logs.entities import hints

    now = clock.now()
    said = hints(told.error, now)
    named = [base.service_name(hint.value) for hint in said.services]
    known = [name for name in named if name.lower() in base.services]
    mentioned = [service.name for service in base.services_in(f"{told.title}\n{told.error}")]
    services = _once([*known, *mentioned]) or _once(named)
    began = said.began.value if said.began and is_recent(When.read(said.began.value), now) else ""
    return Guesses(services[:MOST_SERVICES], _once(hint.value for hint in said.hosts)[:1], began)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
