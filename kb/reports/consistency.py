"""What is wrong with a knowledge base as a whole: its notes' own problems, and services that can't be started."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ..notes.kinds import Service
from ..notes.knowledge_base import KnowledgeBase
from ..notes.note_problems import begins_in_time, problems_of_notes
from ..notes.problem import Problem
from ..services import service_needs


def check(base: KnowledgeBase, now: datetime | None = None) -> list[Problem]:
    """Everything that is wrong, by file and line: what `kb check` prints. With `now`, days to come too."""
    found = {
        *base.problems,
        *(Problem("mkdocs.yml", 1, message) for message in base.settings.unknown),
        *problems_of_notes(base),
        *(problem for note in base.notes if now for problem in begins_in_time(note, now)),
        *_dangling_needs(base),
        *_circles(base),
    }
    return sorted(found, key=lambda p: (p.path, p.line, p.message))


def _dangling_needs(base: KnowledgeBase) -> Iterator[Problem]:
    for note, need in service_needs.graph(base).dangling:
        message = f"needs {need}, which no service that runs provides: write `provides: [{need}]` in the one that does"
        yield Problem(note.path, note.key_lines.get("needs", 1), message)


def _circles(base: KnowledgeBase) -> Iterator[Problem]:
    """Circles of `depends_on`, in which nothing can start first; `kb service order` names circles through capabilities."""
    for circle in service_needs.dependency_circles(base):
        way = " → ".join(note.name for note in circle)
        message = f"depends on itself in a circle: {way}: one of them can start without the next"
        yield Problem(circle[0].path, circle[0].key_lines.get("depends_on", 1), message)


def unlinked(base: KnowledgeBase) -> list[Service]:
    """The services in use that no other note names: only a hint, since such a service may be fine."""
    users = service_needs.graph(base).users
    return [
        note
        for note in base.of("service")
        if isinstance(note, Service)
        and note.state != "retired"
        and not base.backlinks.get(note.ref)
        and not users.get(note.ref)
    ]
