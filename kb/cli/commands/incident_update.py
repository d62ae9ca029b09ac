"""`kb incident log` and `resolve`."""

from __future__ import annotations

from collections.abc import Callable

import click

from ...capture import save
from ...capture.incident_changes import moment_of
from ...exceptions import WrongUse
from ...notes import front_matter_edit, templates
from ...notes.kinds import Incident, Note
from ...notes.knowledge_base import KnowledgeBase, open_incidents
from ...secrets import masking
from ...storage import files
from .. import clock, complete, input_streams, options
from ..context import find, remember, the_base
from ..terminal import ask, screen


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
    words = masking.mask(" ".join(" ".join(text).split()))[0]
    return _change(base, note, lambda old: templates.add_to_section(
        old, "timeline", f"- {moment_of(note)} {words}", base.settings.headings, note.path), not no_commit)  # fmt: skip


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

    def resolved(old: bytes) -> bytes:
        fields = {} if over else {"status": "resolved", "resolved": clock.stamp(clock.now())}
        changed = front_matter_edit.set_fields(old, fields, note.path)
        words = masking.mask(fix)[0]
        return templates.add_to_section(changed, "fix", words, base.settings.headings, note.path) if words else changed

    return _change(base, note, resolved, not no_commit)


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


def _change(base: KnowledgeBase, note: Note, change: Callable[[bytes], bytes], commit: bool) -> int:
    """Change a note's bytes, print its path, and commit it."""
    path = base.root / note.path
    old = input_streams.read_file(path)
    files.replace(path, old, change(old))
    screen.say_path(path)
    return save.commit(base, [path], f"incident: {note.title}", commit)
