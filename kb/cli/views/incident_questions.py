"""What is told of an incident: by options, by a log, by answers; and what is guessed, which is always said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...notes.kinds import When
from ...notes.knowledge_base import KnowledgeBase
from .. import new_command, options
from ..terminal import ask, screen


@dataclass(frozen=True)
class Told:
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
class Guess:
    """What the log itself says about where and when, to be shown as a guess."""

    services: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    began: str = ""  # ISO 8601


MOST_SERVICES = 3


def guess(base: KnowledgeBase, told: Told) -> Guess:
    """What the title and the errors say about the services, the hosts and the beginning."""
    from ...logs.entities import hints

    now = options.now()
    said = hints(told.error, now)
    named = [base.service_name(hint.value) for hint in said.services]
    known = [name for name in named if name.lower() in base.services]
    mentioned = [service.name for service in base.services_in(f"{told.title}\n{told.error}")]
    services = _once([*known, *mentioned]) or _once(named)
    began = said.began.value if said.began and new_command.is_recent(When.read(said.began.value), now) else ""
    return Guess(services[:MOST_SERVICES], _once(hint.value for hint in said.hosts)[:1], began)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def asked(told: Told, guessed: Guess) -> Told:
    """The three questions, each with a sensible Enter: the title, the services, and whether the fix was seen to work."""
    told = _with_place_and_time(told, guessed)
    title = told.title or ask.line("Title", new_command.title_from(told.error), name="title")
    services = told.services or ask.names(
        "Services (- for none)" if guessed.services else "Services (Enter: none)", guessed.services, name="services"
    )
    verified = told.verified
    if told.fix and verified is None:
        verified = ask.yes("Did you see that it works?", True)
    return replace(told, title=title, services=tuple(services), verified=verified)


def with_defaults(told: Told, guessed: Guess) -> Told:
    """The same without questions. What was guessed is said, never silent."""
    if guessed.services and not told.services:
        screen.remark(f"services, guessed from the text: {', '.join(guessed.services)}")
    told = _with_place_and_time(told, guessed)
    return replace(told, title=told.title or new_command.title_from(told.error), services=told.services or guessed.services)


def _with_place_and_time(told: Told, guessed: Guess) -> Told:
    hosts, began = told.hosts or guessed.hosts, told.began or guessed.began
    said = [f"host {', '.join(hosts)}"] if hosts and not told.hosts else []
    said += [f"began {began}"] if began and not told.began else []
    if said:
        screen.remark(f"guessed from the log: {'; '.join(said)}")
    return replace(told, hosts=hosts, began=began)


def say_if_known(base: KnowledgeBase, told: Told, seen_as: str = "") -> Told:
    """Say first that this very error has a note, with its fix; the user says whether it is the same trouble again.

    `seen_as` is the ref that `kb seen` answered with; else the fingerprints of the known errors decide.
    """
    from ...retrieval import known_errors

    refs = [seen_as] if seen_as in base.by_ref else [hit.ref for hit in known_errors.known(base, told.error)]
    if not refs:
        return told
    best = base.by_ref[refs[0]]
    options.remember(base, refs)
    screen.remark(f"KNOWN ALREADY  {best.title}   (kb show @1)")
    for line in [line for line in best.fix.splitlines() if line.strip() and not line.startswith("```")][:3]:
        screen.remark(f"  FIX  {line}")
    # Enter means a new incident: look-alikes deceive.
    if ask.has_terminal() and ask.yes("Is it the same trouble again?", False):
        return replace(told, recurrence_of=best.ref, held=ask.yes("Did the old fix hold until now?", False))
    return told
