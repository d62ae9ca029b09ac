"""What changed shortly before something broke."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ..notes.knowledge_base import KnowledgeBase
from ..storage import folders

if TYPE_CHECKING:
    from ..storage.git import GitFailed
    from .service_changes import Event


NEAR = timedelta(days=2)  # how long before trouble a change is worth looking at


def near_trouble(base: KnowledgeBase, services: Sequence[str], at: datetime, before: timedelta = NEAR) -> list[str]:
    """A line for each change shortly before trouble: of these services and what they need, or of all if none is named.

    For example `jellyfin: image 10.10.3 → 10.10.5 (20 Nov 18:20, 4be1e7)`. Quick if nothing is configured, as Git isn't run then.
    """
    if not _is_anything_known(base):
        return []
    from . import service_changes as rules

    start = at - before
    names: set[str] | None = {base.service_name(name) for name in services} or None
    for name in list(names or ()):
        note = base.services.get(name.lower())
        names = (names or set()) | ({base.service_name(need) for need in (*note.depends_on, *note.hosts)} if note else set())
    found = [event for event in rules.chosen(all_events(base, start), names, start) if event.at and event.at <= at]
    return [
        f"{event.service + ': ' if event.service else ''}{event.said()} ({_moment(event, at)}{f', {event.commit[:6]}' if event.commit else ''})"
        for event in rules.by_commit(found, 3)
    ]


def _moment(event: Event, now: datetime) -> str:
    local = local_time(event, now)
    if not event.has_time:
        return "today" if local.date() == now.date() else f"{local.day} {local:%b}"
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local.day} {local:%b %H:%M}"


def local_time(event: Event, now: datetime) -> datetime:
    """When it was, in local time; a day without a time is the same day everywhere."""
    if event.at is None:
        return now
    return event.at.astimezone(now.tzinfo) if event.has_time else event.at


def _is_anything_known(base: KnowledgeBase) -> bool:
    """Whether any note or setting could lead to a change; `kb seen` needs to know each time, and loading the rest is slow."""
    return bool(base.settings.compose) or any(
        note.kind in ("change", "decision") or bool(note.front.get("compose") or note.front.get("retired"))
        for note in base.notes
    )


def all_events(
    base: KnowledgeBase,
    since: datetime | None,
    unread: Callable[[Path, GitFailed], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Event]:
    """The events since then, in no order. `unread` and `progress` are called as `compose_history.events` says."""
    from . import compose_history

    return compose_history.events(base, since, folders.cache_folder(base.root), unread or _ignore, progress)


def _ignore(_folder: Path, _failed: GitFailed) -> None:
    """Ignores a history that can't be read, as a change is only one of the suspects."""
