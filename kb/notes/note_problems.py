"""What is wrong with the notes of a knowledge base: dead links, duplicates, unknown services, misspelled keys."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from ..exceptions import close_to
from .dates import When, names_no_zone, stamp
from .kinds import KINDS, Decision, Incident, Note, Service, getattr_by_key
from .knowledge_base import KnowledgeBase
from .links import COMMIT, SERVICE_KEYS, joined
from .problem import Problem
from .references import plain_name


def problems_of_notes(base: KnowledgeBase) -> Iterator[Problem]:
    """Everything wrong with the notes themselves: broken ones, bad values, dead links, unknown services, duplicates. In no order."""
    for pair in base.pairs:
        yield Problem(pair.path, 1, f"{pair.said}: kb resolve {plain_name(pair.of)} makes one of the two")
    for note in base.versions:
        yield from note.complaints()
        yield from exposed(note)
    for note in base.notes:
        yield from note.complaints()
        yield from misspelled(note)
        yield from ended_before_it_began(note)
        yield from open_with_an_end(note)
        yield from dead_links(base, note)
        yield from _unknown_services(base, note)
        yield from unmerged(note)
        yield from exposed(note)
    yield from _twin_numbers(base)
    yield from _twin_ids(base)
    yield from _twin_names(base)
    yield from _twin_aliases(base)


# ---- one note by itself ----------------------------------------------------------------------------------------------


def misspelled(note: Note) -> Iterator[Problem]:
    """Keys that kb doesn't know but that are spelled almost like one that it does: nothing reads their values.

    Not for decisions, which many tools write in as many spellings, all read as they are.
    """
    if note.kind == "decision":
        return
    for key in note.front:
        meant = _meant_key(note.kind, key)
        if meant and meant not in note.front:
            yield Problem(note.path, note.key_lines.get(key, 1), f"kb has no field {key!r}: did you mean {meant}?")


@cache
def _meant_key(kind: str, key: str) -> str:
    known = ["title", *KINDS.get(kind, Note).fields()]
    close = [] if key in known else close_to(key.lower(), known, cutoff=0.8)
    return close[0] if close else ""


def ended_before_it_began(note: Note) -> Iterator[Problem]:
    """An incident that was resolved before it began."""
    began, ended = note.date, note.resolved if isinstance(note, Incident) else None
    if began and ended and (ended.moment < began.moment if began.has_time and ended.has_time else ended.day < began.day):
        line = note.key_lines.get("resolved", 1)
        yield Problem(note.path, line, f"resolved on {ended.text}, before it began on {began.text}: correct one of the two")


def without_zone(note: Note) -> dict[str, str]:
    """The fields of a note that hold a time without a zone, each with the moment that it is read as."""
    found = {}
    for key, row in note.fields().items():
        value = (
            getattr_by_key(note, row)
            if isinstance(note.front.get(key), str) and note.key_lines.get(key, 0) < note.body_line
            else None
        )
        if isinstance(value, When) and names_no_zone(value.text):
            found[key] = stamp(value.moment)
    return found


def begins_in_time(note: Note, now: datetime) -> Iterator[Problem]:
    """What a note says of days to come, and of years between two moments of one evening: a slip of the hand."""
    for key in _PAST:
        row = note.fields().get(key)
        when = getattr_by_key(note, row) if row else None
        if isinstance(when, When) and when.day > now.date() + timedelta(days=1):
            message = f"{key} is {when.text}, a day to come: correct it with kb edit {note.name} --set {key}=DATE"
            yield Problem(note.path, note.key_lines.get(key, 1), message)
    if (
        isinstance(note, Incident)
        and note.date
        and note.resolved
        and (days := (note.resolved.day - note.date.day).days) > LONGEST
    ):
        message = f"took {days} days, from {note.date.text} to {note.resolved.text}: correct the year of one of the two"
        yield Problem(note.path, note.key_lines.get("resolved", 1), message)


_PAST = ("date", "resolved", "detected", "mitigated", "retired", "restore_tested", "security_reviewed", "secrets_rotated")
LONGEST = 300  # days; what really takes longer is rare enough to be looked at


def open_with_an_end(note: Note) -> Iterator[Problem]:
    """An incident that says when it was resolved, and that it is not: it came back, was reopened by hand, or never closed."""
    if isinstance(note, Incident) and note.resolved and note.status != "resolved":
        line = note.key_lines.get("status", 1)
        message = f"{note.status}, but resolved on {note.resolved.text}: kb incident resolve {note.name}, or reopen it"
        yield Problem(note.path, line, message)


def exposed(note: Note) -> Iterator[Problem]:
    """What looks like a secret in a note, by its kind; the value is never shown."""
    for kind, line in note.secrets:
        yield Problem(note.path, line, f"looks like a secret ({kind}): delete it and change it, or write kb-allow on its line")


def unmerged(note: Note) -> Iterator[Problem]:
    """Conflict markers that Git left behind."""
    if "<<<<<<< " not in note.body:
        return
    for number, line in enumerate(note.body.splitlines()):
        if line.startswith("<<<<<<< "):
            yield Problem(note.path, note.body_line + number, "an unresolved merge: choose a side and delete the marker lines")


# ---- a note among the others -----------------------------------------------------------------------------------------


def dead_links(base: KnowledgeBase, note: Note) -> Iterator[Problem]:
    """The links of a note that lead to no note and no file. A name of a service may have no note; a commit never has one."""
    for link in note.links:
        if link.kind in SERVICE_KEYS or base.target(note, link):
            continue
        if link.kind == "caused_by" and COMMIT.fullmatch(link.target):
            continue
        if link.kind == "file":
            path = joined(note.path, link.target)
            if base.is_inside(path) and path not in base.attachments:
                yield Problem(note.path, link.line, f"a dead link to {link.target}: correct it or remove it")
        elif len(base.links.meant(link)) > 1:
            yield Problem(note.path, link.line, f"{link.target!r} means several notes: write the whole ref")
        else:
            yield Problem(note.path, link.line, f"a dead link to {link.target}: `kb list` shows the refs")


def _unknown_services(base: KnowledgeBase, note: Note) -> Iterator[Problem]:
    if not base.services:
        return  # no service is described here yet
    for link in note.links:
        if link.kind in ("services", "depends_on") and not base.target(note, link):
            close = base.close_service(link.target)
            hint = f"did you mean {close}?" if close else f"make its note with `kb service new {link.target}`"
            yield Problem(note.path, link.line, f"no service is called {link.target!r}: {hint}")


# ---- twins -----------------------------------------------------------------------------------------------------------


def _twin_numbers(base: KnowledgeBase) -> Iterator[Problem]:
    numbers: dict[int, list[Decision]] = defaultdict(list)
    for note in base.notes:
        if isinstance(note, Decision) and note.number is not None:
            numbers[note.number].append(note)
    for number, (first, *others) in numbers.items():
        for note in others:
            message = f"decision number {number} is also {first.name}: `kb decision renumber` gives one the next number"
            yield Problem(note.path, 1, message)


def _twin_ids(base: KnowledgeBase) -> Iterator[Problem]:
    first: dict[str, Note] = {}
    for note in base.notes:
        written = note.front.get("id")
        if isinstance(written, str) and written:
            if other := first.get(written):
                message = f"id {written} is also in {other.path}: change one of the two"
                yield Problem(note.path, note.key_lines.get("id", 1), message)
            first.setdefault(written, note)


def _twin_aliases(base: KnowledgeBase) -> Iterator[Problem]:
    """Names that two services have, one of them as an alias: what a note means by it is anybody's guess."""
    own = {note.name.lower(): note for note in base.notes if isinstance(note, Service)}
    for note in own.values():
        for alias in note.aliases:
            other = own.get(alias.lower())
            if other and other is not note:
                message = f"{alias} is the name of {other.path} too: take it out of the aliases here"
                yield Problem(note.path, note.key_lines.get("aliases", 1), message)


def _twin_names(base: KnowledgeBase) -> Iterator[Problem]:
    """Names that are one and the same file on a Mac or on Windows: by case, or by how an accent is written."""
    first: dict[str, Note] = {}
    for note in base.notes:
        other = first.setdefault(unicodedata.normalize("NFC", note.path).casefold(), note)
        if other is not note:
            yield Problem(note.path, 1, f"is the same file as {other.path} on a Mac or on Windows: rename one of the two")
