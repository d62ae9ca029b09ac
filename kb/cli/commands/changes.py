"""`kb changes`: the first question of any debugging, answered from the history of the compose files and from the notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...exceptions import close_to
from ...notes.dates import When
from ...notes.knowledge_base import KnowledgeBase
from ...services.recent_changes import all_events, local_time
from .. import clock, context, options
from ..terminal import screen

if TYPE_CHECKING:
    from ...services.service_changes import Event
    from ...storage.git import GitFailed


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

    base = context.the_base()
    start: When = context.moment(since)
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


def _events(base: KnowledgeBase, since: datetime) -> list[Event]:
    """The events since then, with a remark on each history that can't be read."""

    def unread(folder: Path, failed: GitFailed) -> None:
        screen.remark(f"the history of {folder} can't be read: {failed}")

    with screen.Progress("reading the history:") as progress:
        return all_events(base, since, unread, progress)


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


# ---- showing ---------------------------------------------------------------------------------------------------------


def _show(base: KnowledgeBase, events: Sequence[Event]) -> None:
    now = clock.now()
    rows = sorted(((local_time(event, now), event) for event in events), key=lambda row: row[0].date(), reverse=True)
    refs = list(dict.fromkeys(event.ref for _, event in rows if event.ref))
    context.remember(base, refs)
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
