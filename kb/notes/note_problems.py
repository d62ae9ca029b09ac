"""What is wrong with the notes of a knowledge base: dead links, twins, unknown services, misspelled keys."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ..exceptions import close_to
from .kinds import KINDS, Incident, Note
from .problem import Problem


def misspelled(note: Note) -> Iterator[Problem]:
    """Keys that kb doesn't know but that are spelled nearly like one it does: what stands there is read by nobody.

    Decisions are written by many tools, in as many spellings, which are read as they are.
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


def exposed(note: Note) -> Iterator[Problem]:
    """What looks like a secret in a note, by its kind; the value is said nowhere."""
    for kind, line in note.secrets:
        yield Problem(note.path, line, f"looks like a secret ({kind}): delete it and change it, or write kb-allow on its line")


def unmerged(note: Note) -> Iterator[Problem]:
    """Marks that Git left in a conflict."""
    if "<<<<<<< " not in note.body:
        return
    for number, line in enumerate(note.body.splitlines()):
        if line.startswith("<<<<<<< "):
            yield Problem(note.path, note.body_line + number, "an unresolved merge: choose a side and delete the marker lines")
