"""An incident before it is a note: what is known, what can be guessed, and the note that it becomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..exceptions import WrongUse
from ..notes import dates, front_matter
from ..notes.dates import When
from ..notes.front_matter_edit import NewValue
from ..notes.kinds import Note
from ..notes.knowledge_base import KnowledgeBase
from ..notes.templates import fenced
from ..secrets import masking
from . import field_values, note_draft


@dataclass(frozen=True)
class IncidentDraft:
    """What is known about an incident so far. With a fix, it is resolved."""

    title: str = ""
    errors: tuple[str, ...] = ()  # each becomes a known error
    symptoms: str = ""
    fix: str = ""
    why: str = ""
    check: str = ""  # how to see that it works
    services: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    layer: str = ""
    noticed_by: str = ""
    verified: bool | None = None  # whether someone saw that the fix works
    recurrence_of: str = ""  # the ref of the note whose error came back
    held: bool | None = None  # whether that note's fix worked this time
    began: str = ""  # ISO 8601
    whole: bytes | None = None  # a finished note

    def __post_init__(self) -> None:
        """A single name or error may be given as a string: then it counts as one, not as its letters."""
        for key in ("errors", "services", "hosts"):
            value = getattr(self, key)
            object.__setattr__(self, key, (value,) if isinstance(value, str) else tuple(value))

    @property
    def error(self) -> str:
        """All errors as one text."""
        return "\n".join(self.errors)


# ---- guesses ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Guesses:
    """What the log itself says about where and when, to be shown as a guess."""

    services: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    began: str = ""  # ISO 8601


MOST_SERVICES = 3


def guess(base: KnowledgeBase, draft: IncidentDraft, now: datetime) -> Guesses:
    """What the title and the errors say about the services, the hosts and the beginning. The caller must show it."""
    from ..logs.entities import hints

    found = hints(draft.error, now)
    named = [base.service_name(hint.value) for hint in found.services]
    known = [name for name in named if name.lower() in base.services]
    mentioned = [service.name for service in base.services_in(f"{draft.title}\n{draft.error}")]
    services = _once([*known, *mentioned]) or _once(named)
    began = found.began.value if found.began and is_recent(When.read(found.began.value), now) else ""
    return Guesses(services[:MOST_SERVICES], _once(hint.value for hint in found.hosts)[:1], began)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def with_guesses(draft: IncidentDraft, guesses: Guesses) -> IncidentDraft:
    """The draft with the guesses filled in where it says nothing, and with a title from its error."""
    draft = with_place_and_time(draft, guesses)
    return replace(draft, title=draft.title or title_from(draft.error), services=draft.services or guesses.services)


def with_place_and_time(draft: IncidentDraft, guesses: Guesses) -> IncidentDraft:
    """The draft with the guessed host and beginning if it names none."""
    return replace(draft, hosts=draft.hosts or guesses.hosts, began=draft.began or guesses.began)


def title_from(error: str) -> str:
    """A first title for an error, to be changed by the user: the cause, without the header, the logger and that day's numbers."""
    from ..logs.event_line import cause_in, event_of

    return cause_in(masking.mask(event_of(error))[0], LONGEST_TITLE)


LONGEST_TITLE = 72  # characters of a guessed one


# ---- the note --------------------------------------------------------------------------------------------------------


def as_note(base: KnowledgeBase, draft: IncidentDraft, fields: Mapping[str, NewValue], now: datetime) -> note_draft.NoteDraft:
    """The incident as a note that isn't written yet. Raises WrongUse if `began` isn't a date."""
    values: dict[str, NewValue] = {"date": draft.began or dates.stamp(now), "status": "open"}
    whole = _read(base, draft.whole) if draft.whole else None
    if draft.fix or draft.held or (whole and whole.fix):
        values |= ended(draft.began or (whole.date.text if whole and whole.date else ""), now)
    services, remarks = field_values.known_services(base, draft.services)
    if services:
        values["services"] = services
    if draft.verified is not None:
        values["verified"] = draft.verified
    if draft.hosts:
        values["hosts"] = list(draft.hosts)
    if draft.tags:
        values["tags"] = list(draft.tags)
    values |= {key: said for key, said in (("layer", draft.layer), ("noticed_by", draft.noticed_by)) if said}
    if draft.recurrence_of:
        values["recurrence_of"] = draft.recurrence_of
        values["held"] = bool(draft.held)
    sections = {
        "symptoms": draft.symptoms,
        "error": "\n\n".join(fenced(error) for error in draft.errors if error.strip()),
        "fix": draft.fix,
        "why": draft.why,
        "check": draft.check,
    }
    return note_draft.NoteDraft("incident", draft.title, {**values, **fields}, sections, whole=draft.whole, remarks=remarks)


def _read(base: KnowledgeBase, whole: bytes) -> Note:
    read = front_matter.read(whole)
    return Note("", "", read.front, body=read.body, headings=base.settings.headings, zone=base.settings.timezone)


def ended(began: str, now: datetime) -> dict[str, NewValue]:
    """The fields of an incident that is over. If it began days ago, writing it down now doesn't say when it ended.

    Raises WrongUse if `began` isn't a date.
    """
    if began and not is_recent(_moment(began), now):
        return {"status": "resolved"}
    return {"status": "resolved", "resolved": dates.stamp(now)}


def _moment(began: str) -> When:
    try:
        return When.read(began)
    except ValueError:
        raise WrongUse(f"{began!r} is no date like 2026-04-24 or 2026-04-24T01:07+01:00") from None


# An incident is written down right afterwards: anything older belongs to another day.
RECENT = timedelta(days=2)


def is_recent(began: When, now: datetime) -> bool:
    """Whether something that began then is likely to be what was just fixed."""
    since = now - began.moment if began.has_time else now.date() - began.day
    return timedelta(0) <= since <= RECENT
