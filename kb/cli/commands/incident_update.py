"""`kb incident log`, `resolve` and `reopen`."""

from __future__ import annotations

import click

from ...capture import incident_changes
from ...exceptions import AmbiguousRef, WrongUse
from ...notes.dates import When
from ...notes.kinds import Incident, Note
from ...notes.knowledge_base import KnowledgeBase, open_incidents
from ...notes.recurrence import is_open
from ...notes.references import plain_name
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
@options.at_option("When that was. [default: now]")
@options.root_option
@options.commit_option
def log_line(text: tuple[str, ...], ref: str, at: When | None, no_commit: bool) -> int:
    """Add a line to the open incident's Timeline. With the time: what was seen, tried, ruled out.

    \b
    Examples:
      kb incident log "the switch is fine, the cable is not"
      kb incident log rebooted the mini, no change --to "no dns"
      kb incident log "the lights went out" --at 2026-11-20T23:10
    """
    base = the_base()
    note = _open_one(base, ref)
    moment = at.moment if at else clock.now()
    return save_result.say_saved(incident_changes.write_to_timeline(base, note, " ".join(text), moment, not no_commit))


@click.command("resolve")
@click.argument("ref", nargs=-1, shell_complete=complete.complete_ref)
@click.option("--fix", metavar="TEXT", default="", help="What fixed it; added to its Fix section.")
@options.at_option("When it was over, if that is long ago; corrects an end that is written down. [default: now]")
@options.root_option
@options.commit_option
def resolve(ref: tuple[str, ...], fix: str, at: When | None, no_commit: bool) -> int:
    """The open incident is over. Sets its status and the time, and adds the fix.

    Of an incident that came back, the one that is open is meant.

    \b
    Examples:
      kb incident resolve --fix "a new cable"
      kb incident resolve jellyfin 502
      kb incident resolve --at 2026-11-20T23:40     it was over by then
    """
    base = the_base()
    note = _open_one(base, " ".join(ref))
    over = isinstance(note, Incident) and note.status == "resolved"
    if over and not fix and not at:
        screen.remark(f"{note.title} is resolved already; a fix can be added with --fix")
        return 0
    if not fix and not note.fix:
        fix = ask.line("What fixed it? (Enter: nobody knows)")
    now = clock.now()
    status = save_result.say_saved(incident_changes.resolve(base, note, fix, now, not no_commit, at))
    if not over and not at and note.date and (days := (now.date() - note.date.day).days) >= LONG_OPEN:
        screen.remark(f"it was open for {days} days; if it was over before: kb incident resolve {note.name} --at WHEN")
    return status


LONG_OPEN = 14  # days; most are over in hours, and what is open for longer was rather forgotten


@click.command("reopen")
@click.argument("ref", nargs=-1, required=True, shell_complete=complete.complete_ref)
@click.option("--why", metavar="TEXT", default="", help="How one saw it; goes into its Timeline.")
@options.root_option
@options.commit_option
def reopen(ref: tuple[str, ...], why: str, no_commit: bool) -> int:
    """It was not over. The incident is open again; its Timeline keeps when it was thought to be over.

    What is over and came back later is a return: kb again.

    \b
    Examples:
      kb incident reopen jellyfin 502 --why "the same error ten minutes later"
    """
    base = the_base()
    note = find(base, " ".join(ref), "incident")
    if isinstance(note, Incident) and note.status != "resolved" and not note.resolved:
        screen.remark(f"{note.title} is {note.status}")
        return 0
    return save_result.say_saved(incident_changes.reopen(base, note, why, clock.now(), not no_commit))


def _open_one(base: KnowledgeBase, ref: str) -> Note:
    """The incident that is meant: the one of that name, of it and its returns the open one; without a name the only one
    that is open. Raises WrongUse, AmbiguousRef or NoSuchNote."""
    waiting = open_incidents(base)
    if ref:
        return _open_of(base, ref)
    if not waiting:
        raise WrongUse("no incident is open: kb incident new begins one, or name it")
    if len(waiting) > 1:
        remember(base, [note.ref for note in waiting])
        rows = "\n".join(f"  @{number}  {note.title}" for number, note in enumerate(waiting, 1))
        raise WrongUse(f"{len(waiting)} incidents are open, name one:\n{rows}")
    return waiting[0]


def _open_of(base: KnowledgeBase, ref: str) -> Note:
    try:
        note = find(base, ref, "incident")
    except AmbiguousRef as several:
        meant = [other for name in several.candidates if is_open(other := base.by_ref[name])]
        if len(meant) != 1:
            raise
        note = meant[0]
    if is_open(note):
        return note
    waiting = base.families.waiting(note)
    if not waiting:
        return note
    if plain_name(ref).lower() in (note.ref.lower(), note.name.lower()):  # nobody types a whole name by chance
        screen.remark(f"{waiting[0].title} is still {waiting[0].status}: {waiting[0].name}")
        return note
    if len(waiting) > 1:
        raise AmbiguousRef(ref, [other.ref for other in waiting])
    screen.remark(f"{waiting[0].title}, the one that is {waiting[0].status}")
    return waiting[0]
