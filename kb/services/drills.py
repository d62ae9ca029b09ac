"""Drills: what one starts from, and which lines of which notes change when it is done."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ..notes import front_matter_edit
from ..notes.dates import length
from ..notes.kinds import Experiment, Note, Service
from ..notes.knowledge_base import KnowledgeBase
from ..notes.templates import add_to_section
from . import readiness

# A link to a file beside the service's note; the drill is in another folder.
_BESIDE = re.compile(r"(?<!!)(\[[^\[\]\n]*\]\()(?![a-z][a-z0-9+.-]*:|#|/|\.\./)", re.IGNORECASE)
_GOALS = {
    "restore": "{title} runs again with its data, from the backup alone, without a look at the real one.",
    "rebuild": "{title} runs again from nothing, by the steps in its note alone.",
}


def title(drill: str, note: Service) -> str:
    """`Restore Immich`."""
    return f"{drill.capitalize()} {note.title}"


def goal(drill: str, note: Service) -> str:
    """What must be true at the end."""
    return _GOALS[drill].format(title=note.title)


def steps(drill: str, note: Service, today: date) -> str:
    """The service's own steps as written today: the drill tests these and no others."""
    wanted = ("restore", "rebuild") if drill == "restore" else ("rebuild", "restore")
    texts = list(dict.fromkeys(text for what in wanted if (text := readiness.steps(note, what))))
    if not texts:
        elsewhere = f" They are said to be in {note.rebuild}." if note.rebuild.lower() not in ("", "this note", "here") else ""
        return f"[[{note.ref}]] has no steps yet.{elsewhere} Write down what you do, and put it there afterwards."
    head = f"From [[{note.ref}]], as it stood on {today.isoformat()}:"
    return "\n\n".join([head, *(_BESIDE.sub(r"\1../services/", text) for text in texts)])


@dataclass(frozen=True)
class Done:
    """What changes when an experiment is done: its fields, a lesson, and fields of services."""

    fields: Mapping[str, str]
    lesson: str = ""
    services: Sequence[Service] = ()
    service_fields: Mapping[str, str] = field(default_factory=dict)


def done(base: KnowledgeBase, note: Experiment, outcome: str, lesson: str, today: date) -> Done:
    """The changes for this outcome: a restore that held is a tested restore of each service that it names."""
    held_restore = note.type == "drill" and note.drill == "restore" and outcome == "held"
    found = {s.ref: s for name in note.services if (s := base.services.get(name.lower()))} if held_restore else {}
    return Done({"outcome": outcome}, lesson.strip(), list(found.values()), {"restore_tested": today.isoformat()})


def apply(change: Done, note: Note, data: bytes, headings: Mapping[str, str]) -> bytes:
    """The bytes of the experiment, or of one of its services, with the change. Raises CannotEdit."""
    if isinstance(note, Service):
        return front_matter_edit.set_fields(data, change.service_fields, note.path)
    changed = front_matter_edit.set_fields(data, change.fields, note.path)
    if not change.lesson or change.lesson in note.section(
        "lesson"
    ):  # it is there already: the command was interrupted and is run again
        return changed
    return add_to_section(changed, "lesson", change.lesson, headings, note.path)


def over_time(note: Experiment, took: timedelta) -> bool | None:
    """Whether it took longer than its time box; None if that can't be known."""
    try:
        return took > length(note.timebox)
    except ValueError:
        return None
