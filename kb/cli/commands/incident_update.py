"""`kb incident log` and `resolve`."""

from __future__ import annotations

import click

from ...capture import incident_changes
from ...exceptions import WrongUse
from ...notes.kinds import Incident, Note
from ...notes.knowledge_base import KnowledgeBase, open_incidents
from .. import clock, complete, options
from ..context import find, remember, the_base
from ..terminal import ask, screen
from ..views import save_result


@click.command("log")
@click.argument("text", nargs=-1, required=True)
@click.option(
    "--to",
    "ref",
    metavar="REF",
    default="",
    help="The incident. [default: the one that is open]",
    shell_complete=complete.complete_ref,
)
@options.root_option
@options.commit_option
def log_line(text: tuple[str, ...], ref: str, no_commit: bool) -> int:
    """Add a line to the open incident's Timeline. With the time: what was seen, tried, ruled out.

    \b
    Examples:
      kb incident log "the switch is fine, the cable is not"
      kb incident log rebooted the mini, no change --to "no dns"
    """
    base = the_base()
    note = _open_one(base, ref)
    return save_result.say_saved(incident_changes.write_to_timeline(base, note, " ".join(text), clock.now(), not no_commit))


@click.command("resolve")
@click.argument("ref", nargs=-1, shell_complete=complete.complete_ref)
@click.option("--fix", metavar="TEXT", default="", help="What fixed it; added to its Fix section.")
@options.root_option
@options.commit_option
def resolve(ref: tuple[str, ...], fix: str, no_commit: bool) -> int:
    """The open incident is over. Sets its status and the time, and adds the fix.

    \b
    Examples:
      kb incident resolve --fix "a new cable"
      kb incident resolve jellyfin 502
    """
    base = the_base()
    note = _open_one(base, " ".join(ref))
    over = isinstance(note, Incident) and note.status == "resolved"
    if over and not fix:
        screen.remark(f"{note.title} is resolved already; a fix can be added with --fix")
        return 0
    if not fix and not note.fix:
        fix = ask.line("What fixed it? (Enter: nobody knows)")
    return save_result.say_saved(incident_changes.resolve(base, note, fix, clock.now(), not no_commit))


def _open_one(base: KnowledgeBase, ref: str) -> Note:
    """The incident that is meant: the one of that name, else the only open one. Raises WrongUse or NoSuchNote."""
    if ref:
        return find(base, ref, "incident")
    waiting = open_incidents(base)
    if not waiting:
        raise WrongUse("no incident is open: kb incident new begins one, or name it")
    if len(waiting) > 1:
        remember(base, [note.ref for note in waiting])
        rows = "\n".join(f"  @{number}  {note.title}" for number, note in enumerate(waiting, 1))
        raise WrongUse(f"{len(waiting)} incidents are open, name one:\n{rows}")
    return waiting[0]
