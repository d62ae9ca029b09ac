"""`kb today`: what wants attention, each thing with the command that handles it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import click

from ...reports import reminders
from ...reports.reminders import Reminder
from ...storage import folders, uncommitted
from .. import context, options
from ..terminal import screen
from .service_readiness import facts

MOST = 6  # of one group on the screen; --all shows the rest


@click.command()
@click.option("--all", "everything", is_flag=True, help="Everything, not the first few of each group.")
@options.root_option
@options.json_option
def today(everything: bool, as_json: bool) -> int:
    """What wants attention today. Each thing with the command that handles it.

    What was saved but not committed, open incidents, backups that were not seen, certificates and secrets, what was to be done "next time", decisions
    to look at again, the drill that is most overdue, services without a note, and what happened on this day in other
    years.

    \b
    Examples:
      kb today
      kb today --json | jq -r '.[].command'
    """
    base = context.the_base()
    known = facts(base)
    waiting = uncommitted.waiting(folders.state_folder(base.root), base.root, time.time())
    found = [*reminders.not_committed([(one.path, one.reason) for one in waiting]), *reminders.today(known)]
    if as_json:
        screen.print_json(
            [
                {"group": line.group, "text": line.said, "command": line.command_with(line.ref), "ref": line.ref or None}
                for line in found
            ]
        )
        return 0
    shown = [line for group in reminders.GROUPS for line in _some(found, group, everything)]
    refs = list(dict.fromkeys(line.ref for line in shown if line.ref))
    context.remember(base, refs)
    _show(found, shown, {ref: f"@{number}" for number, ref in enumerate(refs, 1)})
    count = reminders.without_backup(known)
    if not found:
        screen.say(
            "Nothing is due today." if count else "Nothing is waiting for you today: all is fixed, seen, and in its time."
        )
    if count:
        screen.remark(f"{screen.plural(count, 'service')} with no backup written down: kb service readiness")
    return 0


def _some(found: Sequence[Reminder], group: str, everything: bool) -> list[Reminder]:
    lines = [line for line in found if line.group == group]
    return lines if everything or len(lines) <= MOST else lines[: MOST - 1]


def _show(found: Sequence[Reminder], shown: Sequence[Reminder], names: dict[str, str]) -> None:
    for group, heading in reminders.GROUPS.items():
        lines = [line for line in shown if line.group == group]
        if not lines:
            continue
        screen.say(screen.strong(heading))
        for line in lines:
            _say(screen.visible(line.said), screen.visible(line.command_with(names.get(line.ref, ""))))
        if rest := sum(line.group == group for line in found) - len(lines):
            screen.say(screen.faint(f"  and {rest} more: kb today --all"))
        screen.say()


def _say(text: str, command: str) -> None:
    """The thing on the left and its command on the right, on one row where both have room, else on two."""
    width = screen.reading_width()
    if screen.cells(text) + screen.cells(command) + 6 <= width:
        screen.say(f"  {screen.pad(text, width - 4 - screen.cells(command))}  {screen.faint(command)}")
    else:
        screen.say(f"  {screen.cut(text, width - 2)}")
        screen.say(f"{' ' * max(4, width - screen.cells(command))}{screen.faint(command)}")
