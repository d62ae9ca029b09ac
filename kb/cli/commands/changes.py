"""`kb changes`: the first question of any debugging, answered from the history of the compose files and from the notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...exceptions import close_to
from ...notes.kinds import When
from ...notes.knowledge_base import KnowledgeBase
from ...storage import folders, git
from .. import options
from ..terminal import screen

if TYPE_CHECKING:
    from ...services.service_changes import Event


NEAR = timedelta(days=2)  # how long before trouble a change is worth a look


@click.command()
@click.option(
    "--since", metavar="WHEN", default="4w", show_default=True, help="A date (2026-03-01) or a time ago (4w, 10d, 6m, 1y)."
)
@options.service_option("Only those of this service.")
@click.option("--for", "capability", metavar="WORD", default="", help="Only those that bear on this: dns, auth, media…")
@options.root_option
@options.json_option
def changes(since: str, service: str, capability: str, as_json: bool) -> int:
    """What changed lately, and how to undo it. By service, each change with its commit.

    Images, ports, volumes and networks are read from the Git history of the compose files that the notes name, or of the
    folders under `compose:` in mkdocs.yml, with tags and ports that stand in an `.env` beside them;
    from notes of kind change; and from decisions. `--for dns` means what provides dns, and all that this needs.

    \b
    Examples:
      kb changes
      kb changes --since 3d --service jellyfin
      kb changes --for dns
    """
    from ...services import service_changes as rules

    base = options.the_base()
    start: When = options.moment(since)
    wanted, also = _wanted(base, service, capability)
    found = rules.chosen(_events(base, start.moment), wanted, start.moment, also)
    if as_json:
        screen.print_json([_document(event) for event in found])
        return 0
    _show(base, rules.by_commit(found))
    screen.remark(
        screen.plural(len(found), "change")
        if found
        else f"nothing changed since {start.moment:%d %b %Y}, as far as Git and the notes say"
    )
    return 0


def _wanted(base: KnowledgeBase, service: str, capability: str) -> tuple[set[str] | None, Any]:
    from ...services import service_changes as rules

    if service:
        name = base.service_name(service)
        if name.lower() not in base.service_names:
            close = close_to(service.lower(), sorted(base.service_names))
            screen.remark(f"no service is called {service!r}" + (f": did you mean {close[0]}?" if close else ""))
        return {name}, lambda _: False
    if capability:
        found, also = rules.bearing_on(base, capability)
        if not found:
            screen.remark(f"no service provides {capability!r} yet: kb edit SERVICE --set provides={capability}")
        return found, also
    return None, lambda _: False


def near_trouble(base: KnowledgeBase, services: Sequence[str], at: datetime, before: timedelta = NEAR) -> list[str]:
    """A line for each change shortly before trouble: of these services and what they need, or of all when none is named.

    For example `jellyfin: image 10.10.3 → 10.10.5 (20 Nov 18:20, 4be1e7)`. Quick where nothing is configured: no Git is run.
    """
    if not _is_anything_known(base):
        return []
    from ...services import service_changes as rules

    start = at - before
    names: set[str] | None = {base.service_name(name) for name in services} or None
    for name in list(names or ()):
        note = base.services.get(name.lower())
        names = (names or set()) | ({base.service_name(need) for need in (*note.depends_on, *note.hosts)} if note else set())
    found = [event for event in rules.chosen(_events(base, start, quiet=True), names, start) if event.at and event.at <= at]
    return [
        f"{event.service + ': ' if event.service else ''}{event.said()} ({_moment(event, at)}{f', {event.commit[:6]}' if event.commit else ''})"
        for event in rules.by_commit(found, 3)
    ]


def _moment(event: Event, now: datetime) -> str:
    local = _local(event, now)
    if not event.has_time:
        return "today" if local.date() == now.date() else f"{local.day} {local:%b}"
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local.day} {local:%b %H:%M}"


def _local(event: Event, now: datetime) -> datetime:
    """When it was, by the clock here; a day without an hour is the same day everywhere."""
    if event.at is None:
        return now
    return event.at.astimezone(now.tzinfo) if event.has_time else event.at


def _is_anything_known(base: KnowledgeBase) -> bool:
    """Whether any note or setting could lead to a change; `kb seen` asks each time, and the rest takes loading."""
    return bool(base.settings.compose) or any(
        note.kind in ("change", "decision") or bool(note.front.get("compose") or note.front.get("retired"))
        for note in base.notes
    )


def _events(base: KnowledgeBase, since: datetime | None, quiet: bool = False) -> list[Event]:
    """The events since then; unless it is to be quiet, with a remark on each history that can't be read."""
    from ...services import compose_history

    progress = screen.Progress("reading the history:")

    def unread(folder: Path, failed: git.GitFailed) -> None:
        if not quiet:
            screen.remark(f"the history of {folder} can't be read: {failed}")

    try:
        return compose_history.events(base, since, folders.cache_folder(base.root), unread, None if quiet else progress)
    finally:
        progress.clear()


# ---- showing ---------------------------------------------------------------------------------------------------------


def _show(base: KnowledgeBase, events: Sequence[Event]) -> None:
    now = options.now()
    rows = sorted(((_local(event, now), event) for event in events), key=lambda row: row[0].date(), reverse=True)
    refs = list(dict.fromkeys(event.ref for _, event in rows if event.ref))
    options.remember(base, refs)
    last = ""
    for local, event in rows:
        day = f"{local:%a} {local.day} {local:%b}" + (f" {local.year}" if local.year != now.year else "")
        if day != last:
            screen.say(("\n" if last else "") + screen.strong(day))
            last = day
        where = event.commit[:6] or (f"@{refs.index(event.ref) + 1}" if event.ref else "")
        words = f"{event.service}  {event.said()}" if event.service else event.said()
        room = max(20, screen.width() - len(where) - 13)
        time = f"{local:%H:%M}" if event.has_time else " " * 5
        screen.say(f"  {time}  {screen.cut(screen.visible(words), room)}  {screen.faint(where)}".rstrip())
        if event.undo:
            screen.say(f"         {screen.faint('undo: ' + screen.visible(' '.join(event.undo.split())))}")


def _document(event: Event) -> dict[str, Any]:
    return {
        "at": event.at.isoformat() if event.at else "",
        "service": event.service,
        "services": list(event.services),
        "what": event.what,
        "before": event.before,
        "after": event.after,
        "text": event.said(),
        "file": event.file,
        "commit": event.commit,
        "subject": event.subject,
        "ref": event.ref,
        "undo": event.undo,
    }
