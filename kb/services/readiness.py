"""Readiness: four questions about each service, answered from facts, each with its reason and the next step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TypeVar

from ..notes.dates import LENGTH, When, length
from ..notes.kinds import Experiment, Incident, Note, Service
from ..notes.knowledge_base import KnowledgeBase
from ..notes.markdown import strip_comments
from ..notes.settings import Settings
from . import service_needs

N = TypeVar("N", bound=Note)

QUESTIONS: Mapping[str, str] = {
    "restore": "could I get its data back?",
    "notice": "would I notice that something is wrong?",
    "security": "do I know who can reach it, and was that looked at?",
    "rebuild": "could I build it again from these notes?",
}

# What each answer counts. A hope is half: something is there, but no one has proved it.
WORTH = {"yes": 1.0, "hope": 0.5, "no": 0.0}

# Which questions are yours, by how much of the house is yours: someone else's service restarts without you,
# but your data in it and the keys to it are still your business.
YOURS: Mapping[str, tuple[str, ...]] = {
    "0": ("restore", "security"),
    "1": ("restore", "notice", "security"),
    "2": tuple(QUESTIONS),
    "3a": tuple(QUESTIONS),
    "3b": tuple(QUESTIONS),
}
_NOTHING = re.compile(r"(?:none|nothing|no)\b", re.IGNORECASE)
# At most: a backup may be late by a fifth of its time, so that a nightly one is missed in the morning.
_GRACE = timedelta(days=1)


@dataclass(frozen=True)
class Answer:
    """The answer to one question: yes, hope or no, why, and what to do next (a command, or a sentence)."""

    question: str
    state: str
    reason: str
    next: str = ""


@dataclass(frozen=True)
class Readiness:
    """The answers for one service to the questions that are yours."""

    service: Service
    strict: bool
    answers: Sequence[Answer]

    @property
    def score(self) -> int:
        """From 0 to 100: the share of questions answered with yes, a hope counting half. 100 if no question is yours."""
        if not self.answers:
            return 100
        return round(100 * sum(WORTH[answer.state] for answer in self.answers) / len(self.answers))

    def answer(self, question: str) -> Answer | None:
        """The answer to that question; None if it isn't yours or doesn't arise."""
        return next((answer for answer in self.answers if answer.question == question), None)


@dataclass(frozen=True)
class Facts:
    """A knowledge base as these questions see it. `beats` are the backups seen, by the name of the service."""

    base: KnowledgeBase
    now: datetime
    beats: Mapping[str, When] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """The settings, for their lengths of time."""
        return self.base.settings

    @cached_property
    def drills(self) -> Mapping[str, Sequence[Experiment]]:
        """ref of a service → its finished drills, newest first."""
        return self._by_service([n for n in self.base.of("experiment") if isinstance(n, Experiment) and _is_done_drill(n)])

    @cached_property
    def incidents(self) -> Mapping[str, Sequence[Incident]]:
        """ref of a service → its incidents, newest first."""
        return self._by_service([note for note in self.base.of("incident") if isinstance(note, Incident)])

    def _by_service(self, notes: Sequence[N]) -> dict[str, list[N]]:
        found: dict[str, list[N]] = {}
        for note in notes:
            for ref in dict.fromkeys(s.ref for name in note.services if (s := self.base.services.get(name.lower()))):
                found.setdefault(ref, []).append(note)
        return found

    def backup_seen(self, note: Service) -> When | None:
        """When a backup was last seen: as the note says, or a later beat by any of its names: a rename may come by sync."""
        names = [name for name in (note.name, *note.aliases) if self.base.services.get(name.lower()) is note]
        said = [when for when in (note.backup_seen, *map(self.beats.get, names)) if when]
        return max(said, key=lambda when: when.moment, default=None)

    def backup_every(self, note: Service) -> timedelta:
        """How often a backup must be seen: what the note says, else the setting."""
        try:
            return length(note.backup_every or self.settings.backup_every)
        except ValueError:
            return length(self.settings.backup_every)

    def is_backup_late(self, note: Service) -> bool:
        """Whether the last backup is too old; a day without a time counts to its end."""
        seen = self.backup_seen(note)
        if seen is None:
            return True
        every = self.backup_every(note)
        # Subtracted and never added: a note may say the year 9999.
        whole_day = timedelta(0) if seen.has_time else timedelta(days=1)
        return self.now - seen.moment > every + min(every / 5, _GRACE) + whole_day

    @cached_property
    def monitors(self) -> Mapping[str, frozenset[str]]:
        """ref of a service that watches others → the keys of everything that it can't do without."""
        found: dict[str, frozenset[str]] = {}
        graph = service_needs.graph(self.base)
        for note in self.base.notes:
            if isinstance(note, Service) and note.monitored_by:
                for monitor in self.monitors_of(note):
                    if monitor.ref not in found and monitor.ref in graph.nodes:
                        found[monitor.ref] = graph.foundations(graph.nodes[monitor.ref])
        return found

    def monitors_of(self, note: Service) -> list[Service]:
        """The services with a note that `monitored_by` names."""
        parts = (part.strip().lower() for part in re.split(r",|;| and ", note.monitored_by))
        return [monitor for part in parts if (monitor := self.base.services.get(part))]


def _is_done_drill(note: Experiment) -> bool:
    return note.type == "drill" and note.outcome != "unknown" and note.date is not None


def readiness(facts: Facts, note: Service) -> Readiness:
    """The four questions about a service, answered."""
    strict = note.mode == "production" or (note.mode == "" and note.responsibility != "3a")
    asked = YOURS.get(note.responsibility, tuple(QUESTIONS))
    ways = {"restore": _restore, "notice": _notice, "security": _security, "rebuild": _rebuild}
    answers = [answer for question in asked if (answer := ways[question](facts, note, strict))]
    return Readiness(note, strict, answers)


def all_services(facts: Facts) -> list[Readiness]:
    """The readiness of all services in use, the least ready first."""
    alive = [note for note in facts.base.notes if isinstance(note, Service) and note.state != "retired"]
    return sorted((readiness(facts, note) for note in alive), key=lambda r: (r.score, not r.strict, r.service.name))


# ---- the four questions ----------------------------------------------------------------------------------------------


def named_backup(note: Service) -> str:
    """What the note says about its backup; `none` means that there is none."""
    return "" if _NOTHING.match(note.backup) else note.backup


def _restore(facts: Facts, note: Service, strict: bool) -> Answer | None:
    has_data = bool(note.data) and not _NOTHING.match(note.data[0])
    if note.data and not has_data:
        return Answer("restore", "yes", "there is nothing to lose")
    backup = named_backup(note)
    if not backup and not has_data and not (strict and note.type == "app"):
        return None
    if not backup:
        reason = f"no backup is named for {note.data[0]}" if has_data else "neither data nor a backup is named"
        return Answer(
            "restore",
            "no",
            reason,
            _edit(note, "backup='how, and where to'" if has_data else "data=none  (or name what must not be lost)"),
        )
    seen = facts.backup_seen(note)
    if seen is None:
        return Answer(
            "restore",
            "hope",
            "a backup is named, none was ever seen",
            f"kb service beat {note.name} --backup  (at the end of the backup)",
        )
    if facts.is_backup_late(note):
        often = note.backup_every or facts.settings.backup_every
        reason = f"the last backup was seen {time_since(facts, seen)}, one is due {every(often)}"
        return Answer("restore", "hope", reason, f"look at its log, then: kb service beat {note.name} --backup")
    drill = f"kb experiment new --drill restore --service {note.name}"
    if note.restore_tested is None:
        return Answer("restore", "hope", f"backup seen {seen.short()}, but no restore was ever tested", drill)
    if strict and not within(facts, note.restore_tested, length(facts.settings.restore_within)):
        return Answer("restore", "hope", f"a restore was tested {time_since(facts, note.restore_tested)}: a hope again", drill)
    return Answer("restore", "yes", f"backup seen {seen.short()}, restored {note.restore_tested.short()}")


def _notice(facts: Facts, note: Service, strict: bool) -> Answer | None:
    if not note.monitored_by or _NOTHING.match(note.monitored_by):
        return Answer("notice", "no", "nothing watches it", _edit(note, "monitored_by='what watches it'")) if strict else None
    if not strict:
        return Answer("notice", "yes", note.monitored_by)
    monitors = facts.monitors_of(note)
    if monitors and all(monitor.state == "retired" for monitor in monitors):
        return Answer(
            "notice", "no", f"{monitors[0].name} watches it, and is retired", _edit(note, "monitored_by='what watches it'")
        )
    others = len(re.split(r",|;| and ", note.monitored_by)) > len(monitors)
    if monitors and not others and all(note.ref in facts.monitors.get(monitor.ref, ()) for monitor in monitors):
        reason = f"{monitors[0].name} watches it, but stops with it"
        return Answer("notice", "hope", reason, "let something outside watch it too, or watch that the alerts come")
    told = next((incident for incident in facts.incidents.get(note.ref, ()) if incident.noticed_by and incident.date), None)
    if told and told.date and told.noticed_by != "alert" and within(facts, told.date, timedelta(days=365)):
        who = "you" if told.noticed_by == "me" else told.noticed_by
        reason = f"{who} noticed the last incident ({told.date.short()}), no alert did"
        return Answer("notice", "hope", reason, f"kb show {told.ref}")
    proof = f", it told on {told.date.short()}" if told and told.date and told.noticed_by == "alert" else ""
    return Answer("notice", "yes", note.monitored_by + proof)


def _security(facts: Facts, note: Service, strict: bool) -> Answer | None:
    today = facts.now.date()
    if note.cert_expires and note.cert_expires.day <= today:
        return Answer(
            "security",
            "no",
            f"its certificate ended {note.cert_expires.short()}",
            "renew it, then: " + _edit(note, "cert_expires=DATE"),
        )
    if not note.exposed and not (note.type in ("disk", "device") or (not strict and not note.url)):
        return Answer("security", "no", "nobody wrote down who can reach it", _edit(note, "exposed=lan  (or vpn, or internet)"))
    if not note.exposed:
        return None
    if not strict and note.exposed != "internet":
        return Answer("security", "yes", f"reached from {_place(note)}")
    limit = length(facts.settings.review_within) / (2 if note.exposed == "internet" else 1)
    reviewed = _edit(note, f"security_reviewed={today.isoformat()}")
    if note.security_reviewed is None:
        return Answer(
            "security",
            "no" if note.exposed == "internet" else "hope",
            f"reached from {_place(note)}, never reviewed",
            f"look through it, then: {reviewed}",
        )
    if not within(facts, note.security_reviewed, limit):
        return Answer(
            "security",
            "hope",
            f"reached from {_place(note)}, reviewed {time_since(facts, note.security_reviewed)}",
            f"look through it, then: {reviewed}",
        )
    if note.secrets_rotated and not within(facts, note.secrets_rotated, length(facts.settings.rotate_within)):
        return Answer(
            "security",
            "hope",
            f"its secrets are the same since {note.secrets_rotated.short()}",
            "change them, then: " + _edit(note, f"secrets_rotated={today.isoformat()}"),
        )
    if note.cert_expires and note.cert_expires.day - today <= length(facts.settings.cert_warning):
        return Answer(
            "security",
            "hope",
            f"its certificate ends {note.cert_expires.short()}",
            "renew it, then: " + _edit(note, "cert_expires=DATE"),
        )
    return Answer("security", "yes", f"reached from {_place(note)}, reviewed {note.security_reviewed.short()}")


def _rebuild(facts: Facts, note: Service, strict: bool) -> Answer | None:
    elsewhere = note.rebuild if note.rebuild.lower() not in ("", "this note", "here") else ""
    if not elsewhere and not steps(note, "rebuild"):
        if not strict:
            return None
        reason = "the note says it has the steps, and has none" if note.rebuild else "no steps are written down"
        return Answer("rebuild", "no", reason, f"kb edit {note.name}  (## How to rebuild it)")
    drill = next((drill for drill in facts.drills.get(note.ref, ()) if drill.drill != "restore"), None)
    if not strict:
        return Answer("rebuild", "yes", f"steps in {elsewhere or 'the note'}")
    wanted = f"kb experiment new --drill rebuild --service {note.name}"
    if drill is None or drill.date is None:
        return Answer("rebuild", "hope", "the steps are written, and nobody followed them in a drill", wanted)
    if not within(facts, drill.date, length(facts.settings.rebuild_within)):
        return Answer("rebuild", "hope", f"the steps were followed {time_since(facts, drill.date)}", wanted)
    return Answer("rebuild", "yes", f"the steps were followed on {drill.date.short()}")


def steps(note: Service, what: str) -> str:
    """The text of the service's own section about restoring or rebuilding it."""
    words = {"rebuild": r"rebuild|reinstall|wiederaufbau|neu aufsetzen", "restore": r"restore|wiederherstell"}[what]
    found = (section for section in note.sections if re.search(words, section.heading, re.IGNORECASE))
    return next((text for section in found if (text := strip_comments(section.text).strip())), "")


# ---- words -----------------------------------------------------------------------------------------------------------


def _edit(note: Service, setting: str) -> str:
    return f"kb edit {note.name} --set {setting}"


def _place(note: Service) -> str:
    return {"lan": "the house", "vpn": "the VPN", "internet": "the internet"}[note.exposed]


def within(facts: Facts, when: When, limit: timedelta) -> bool:
    """Whether a moment was no longer ago than `limit`."""
    return facts.now - when.moment <= limit


def years(facts: Facts, when: When) -> float:
    """How many years ago a moment was, never below zero."""
    return max(0.0, (facts.now - when.moment).days / 365)


def time_since(facts: Facts, when: When) -> str:
    """How long ago a moment was, in words."""
    return ago(when.day, facts.now.date())


def every(often: str) -> str:
    """`every day`, `every 2 weeks`: how often, in words; anything that isn't a length of time stays as it was written."""
    found = LENGTH.fullmatch(often.strip().lower())
    if not found or not found[1].isdecimal():
        return f"every {often}" if often[:1].isdigit() else often
    number, unit = int(found[1]), {"h": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}[found[2]]
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"


def ago(day: date, today: date) -> str:
    """`today`, `yesterday`, `18 days ago`, `14 months ago`, `3 years ago`."""
    days = (today - day).days
    if days < 2:
        return ("today", "yesterday")[max(0, days)]
    if days < 60:
        return f"{days} days ago"
    return f"{int(days / 30.44)} months ago" if days < 730 else f"{int(days / 365.25)} years ago"
