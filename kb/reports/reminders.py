"""What needs attention today: each thing on one line, with the command that takes care of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ..decisions import chains
from ..notes.dates import length
from ..notes.kinds import Decision, Experiment, Note, Service, newest_first
from ..notes.knowledge_base import KnowledgeBase, open_incidents
from ..notes.markdown import strip_comments
from ..services import drills_due, readiness
from ..services.readiness import Facts, ago

# The groups in order of urgency, and the name of each.
GROUPS = {
    "uncommitted": "Saved, not committed",
    "version": "Two versions of one note",
    "incident": "Not fixed yet",
    "backup": "Backups not seen",
    "certificate": "Certificates",
    "secret": "Secrets",
    "next": "Next time, and not done yet",
    "begun": "Begun, and not finished",
    "decision": "Decisions to look at again",
    "drill": "Drills",
    "service": "Named, without a note",
    "memory": "On this day",
}
_BOX = re.compile(r"^[ \t]*[-*+] \[ \][ \t]+(\S.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Reminder:
    """One thing, and the command that takes care of it, in which `{ref}` is the note's name. `ref` is empty for a name without a note.

    `rest` says how many more there are, and the command that lists them.
    """

    group: str
    text: str
    command: str
    ref: str = ""
    rest: str = ""

    @property
    def said(self) -> str:
        """The whole line."""
        return f"{self.text}; {self.rest}" if self.rest else self.text

    def command_with(self, name: str) -> str:
        """The command, with this name for the note: its ref, or `@3`."""
        return self.command.replace("{ref}", name)


def today(facts: Facts) -> list[Reminder]:
    """Everything that needs attention, the most urgent group first."""
    day = facts.now.date()
    return [
        *_versions(facts.base),
        *_incidents(facts.base),
        *_backups(facts),
        *_certificates(facts),
        *_secrets(facts),
        *_next_items(facts.base),
        *_begun(facts),
        *_decisions(facts.base, day),
        *_drills(facts),
        *_without_notes(facts.base),
        *_memories(facts.base, day),
    ]


def not_committed(waiting: Sequence[tuple[str, str]]) -> list[Reminder]:
    """What was saved and could not be committed, by reason: path and reason of each."""
    paths: dict[str, list[str]] = {}
    for path, reason in waiting:
        paths.setdefault(reason, []).append(path)
    return [
        Reminder("uncommitted", f"{files[0]}{f' and {len(files) - 1} more' if len(files) > 1 else ''}: {reason}", "kb sync")
        for reason, files in paths.items()
    ]


def _running(base: KnowledgeBase) -> list[Service]:
    return [note for note in base.of("service") if isinstance(note, Service) and note.state != "retired"]


def _versions(base: KnowledgeBase) -> Iterator[Reminder]:
    by_path = {note.path: note for note in base.notes}
    for pair in base.pairs:
        if note := by_path.get(pair.of):
            yield Reminder("version", f"{note.title}, and another one by {pair.by}", "kb resolve {ref}", note.ref)


def _incidents(base: KnowledgeBase) -> Iterator[Reminder]:
    for note in reversed(open_incidents(base)):
        since = f", since {note.date.short()}" if note.date else ""
        word = "mitigated" if note.status == "mitigated" else "open"
        yield Reminder("incident", f"{note.title} ({word}{since})", "kb incident resolve {ref}", note.ref)


def _backups(facts: Facts) -> Iterator[Reminder]:
    for note in _running(facts.base):
        answer = readiness.readiness(facts, note).answer("restore")
        if answer and readiness.named_backup(note) and facts.is_backup_late(note):
            seen = facts.backup_seen(note)
            often = note.backup_every or facts.settings.backup_every
            said = (
                f"last seen {ago(seen.day, facts.now.date())}, due {readiness.every(often)}"
                if seen
                else "never seen on this machine"
            )
            yield Reminder("backup", f"{note.name}: {said}", "kb service readiness {ref}", note.ref)


def without_backup(facts: Facts) -> int:
    """How many services have something to lose and no backup in their note: nothing new today, but no reason to relax."""
    answers = (readiness.readiness(facts, note).answer("restore") for note in _running(facts.base))
    return sum(answer is not None and answer.state == "no" for answer in answers)


def _certificates(facts: Facts) -> Iterator[Reminder]:
    warning = length(facts.settings.cert_warning)
    for note in _running(facts.base):
        if note.cert_expires and note.cert_expires.day - facts.now.date() <= warning:
            verb = "ended" if note.cert_expires.day <= facts.now.date() else "ends"
            yield Reminder(
                "certificate",
                f"{note.name}: {verb} {note.cert_expires.short()}",
                "kb edit {ref} --set cert_expires=DATE",
                note.ref,
            )


def _secrets(facts: Facts) -> Iterator[Reminder]:
    day = facts.now.date()
    for note in _running(facts.base):
        if note.secrets_rotated and day - note.secrets_rotated.day > length(facts.settings.rotate_within):
            command = f"kb edit {{ref}} --set secrets_rotated={day.isoformat()}"
            yield Reminder("secret", f"{note.name}: the same since {note.secrets_rotated.short()}", command, note.ref)


def _next_items(base: KnowledgeBase) -> Iterator[Reminder]:
    """The open boxes under Next time, those of the oldest notes first, which have waited longest."""
    for note in reversed(newest_first([*base.of("incident"), *base.of("experiment")])):
        for text in () if _is_of_the_past(base, note) else open_boxes(note):
            yield Reminder("next", text, "kb edit {ref}", note.ref)


def open_boxes(note: Note) -> list[str]:
    """The items under Next time that aren't ticked off."""
    if "[ ]" not in note.body:
        return []
    said = (strip_comments(section.text) for section in note.sections if section.name == "next")
    return [found[1].strip() for text in said for found in _BOX.finditer(text)]


def _is_of_the_past(base: KnowledgeBase, note: Note) -> bool:
    """Whether all services that a note is about are retired."""
    found = [base.services.get(name.lower()) for name in note.services]
    return bool(found) and all(service is not None and service.state == "retired" for service in found)


WAITS = timedelta(weeks=4)  # a proposal or an experiment, until somebody asks after it


def _begun(facts: Facts) -> Iterator[Reminder]:
    """Drills over their time box, experiments and proposals that were begun and forgotten, the oldest first."""
    day = facts.now.date()
    for note in reversed(newest_first([*facts.base.of("experiment"), *facts.base.of("decision")])):
        if note.date is None or _is_of_the_past(facts.base, note):
            continue
        since = f"since {note.date.short()}"
        if isinstance(note, Experiment) and note.outcome == "unknown" and drills_due.is_over(note, facts.now, WAITS):
            box = f", over its time box of {note.timebox}" if note.timebox else ""
            yield Reminder("begun", f"{note.title}: {since}{box}", "kb experiment done {ref}", note.ref)
        if isinstance(note, Decision) and note.status == "proposed" and not note.review and day - note.date.day >= WAITS:
            yield Reminder("begun", f"{note.title}: proposed {since}", "kb decision accept {ref}", note.ref)


def _decisions(base: KnowledgeBase, day: date) -> Iterator[Reminder]:
    for note in chains.due(base, day):
        if _is_of_the_past(base, note):
            continue
        due = f", due {note.review.short()}" if note.review else ""
        yield Reminder("decision", f"{note.title}{due}", "kb decision show {ref}", note.ref)


def _drills(facts: Facts) -> Iterator[Reminder]:
    due = [row for row in drills_due.drills_due(facts) if not drills_due.is_begun(facts, row)]
    for row in due[:1]:
        rest = f"{len(due) - 1} more: kb experiment list --due" if len(due) > 1 else ""
        command = f"kb experiment new --drill {row.drill} --service {row.service.name}"
        yield Reminder("drill", f"{row.drill} {row.service.name}: {row.reason}", command, row.service.ref, rest)


def _without_notes(base: KnowledgeBase) -> Iterator[Reminder]:
    named: dict[str, int] = {}
    for note in base.notes:
        if note.kind != "service":
            for name in note.services:
                if name.lower() not in base.services:
                    named[name] = named.get(name, 0) + 1
    for name in sorted(named, key=lambda name: (-named[name], name)):
        notes = "a note" if named[name] == 1 else f"{named[name]} notes"
        yield Reminder("service", f"{name}, in {notes}", f"kb service new {name}")


def _memories(base: KnowledgeBase, day: date) -> Iterator[Reminder]:
    for note in newest_first(list(base.notes)):
        then = note.date.day if note.date and note.kind in ("incident", "decision") else None
        if then and (then.month, then.day) == (day.month, day.day) and then.year < day.year:
            years = day.year - then.year
            yield Reminder("memory", f"{years} year{'s' if years > 1 else ''} ago: {note.title}", "kb show {ref}", note.ref)
