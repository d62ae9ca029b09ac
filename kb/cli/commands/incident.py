"""`kb incident`: what broke and what fixed it, written down right after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import click

from ... import secrets
from ...exceptions import NothingToRead, WrongUse
from ...notes import front_matter, templates
from ...notes.front_matter import NewValue
from ...notes.kinds import Incident, Note
from ...notes.knowledge_base import KnowledgeBase, open_incidents
from ...notes.templates import fenced
from ...storage import files
from .. import input_streams, new_command, options
from ..terminal import ask, screen
from ..views.incident_questions import Told, asked, guess, say_if_known, with_defaults
from ..views.note_table import list_command


@click.group()
def incident() -> None:
    """What broke, and what fixed it: new, list, log, resolve, again."""


incident.add_command(list_command("incident"))


@incident.command("again", add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def again(ctx: click.Context, arguments: tuple[str, ...]) -> int:
    """The same as `kb again`.

    \b
    Examples:
      kb incident again jellyfin 502
    """
    from .seen import again as known_again

    with known_again.make_context("kb again", list(arguments), parent=ctx.parent) as context:
        status: int = known_again.invoke(context)
    return status


@incident.command("log")
@click.argument("text", nargs=-1, required=True)
@click.option(
    "--to",
    "ref",
    metavar="REF",
    default="",
    help="The incident. [default: the one that is open]",
    shell_complete=options.complete_ref,
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
    base = options.the_base()
    note = _open_one(base, ref)
    words = secrets.mask(" ".join(" ".join(text).split()))[0]
    return _change(base, note, lambda old: templates.add_to_section(
        old, "timeline", f"- {_moment(note)} {words}", base.settings.headings, note.path), not no_commit)  # fmt: skip


@incident.command("resolve")
@click.argument("ref", nargs=-1, shell_complete=options.complete_ref)
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
    base = options.the_base()
    note = _open_one(base, " ".join(ref))
    over = isinstance(note, Incident) and note.status == "resolved"
    if over and not fix:
        screen.remark(f"{note.title} is resolved already; a fix can be added with --fix")
        return 0
    if not fix and not note.fix:
        fix = ask.line("What fixed it? (Enter: nobody knows)")

    def resolved(old: bytes) -> bytes:
        fields = {} if over else {"status": "resolved", "resolved": options.stamp(options.now())}
        changed = front_matter.set_fields(old, fields, note.path)
        words = secrets.mask(fix)[0]
        return templates.add_to_section(changed, "fix", words, base.settings.headings, note.path) if words else changed

    return _change(base, note, resolved, not no_commit)


def _open_one(base: KnowledgeBase, ref: str) -> Note:
    """The incident that is meant: the one of that name, else the only open one. Raises WrongUse or NoSuchNote."""
    if ref:
        return options.find(base, ref, "incident")
    waiting = open_incidents(base)
    if not waiting:
        raise WrongUse("no incident is open: kb incident new begins one, or name it")
    if len(waiting) > 1:
        options.remember(base, [note.ref for note in waiting])
        rows = "\n".join(f"  @{number}  {note.title}" for number, note in enumerate(waiting, 1))
        raise WrongUse(f"{len(waiting)} incidents are open, name one:\n{rows}")
    return waiting[0]


def _moment(note: Note) -> str:
    """The time of day; with the date when the incident began on another day."""
    now = options.now()
    return f"{now:%H:%M}" if note.date and note.date.day == now.date() else f"{now:%Y-%m-%d %H:%M}"


def _change(base: KnowledgeBase, note: Note, change: Callable[[bytes], bytes], commit: bool) -> int:
    """Change a note's bytes, print its path, and commit it."""
    path = base.root / note.path
    old = input_streams.read_file(path)
    files.replace(path, old, change(old))
    screen.say_path(path)
    return new_command.committed(base, [path], f"incident: {note.title}", commit)


@incident.command("new")
@click.argument("title", nargs=-1)
@click.option(
    "--error", metavar="TEXT|@FILE|-", help="The error: a text, a file, or - for stdin; taken whole, nothing is picked."
)
@click.option("--fix", metavar="TEXT", default="", help="What actually fixed it.")
@click.option("--why", metavar="TEXT", default="", help="The cause.")
@click.option("--check", metavar="TEXT", default="", help="How you see that it works.")
@click.option("--host", "hosts", metavar="NAME", multiple=True, help="A machine it happened on (several times).")
@click.option(
    "--layer",
    metavar="WORD",
    default="",
    help="power, hardware, host, storage, network, dns, proxy, tls, runtime, app, auth, backup …",
)
@click.option(
    "--file", "file", metavar="FILE", type=click.Path(path_type=Path), help="Start from a Markdown note, or from a log."
)
@options.yes_option
@new_command.new_options
def new_incident(
    title: tuple[str, ...],
    error: str | None,
    fix: str,
    why: str,
    check: str,
    hosts: tuple[str, ...],
    layer: str,
    file: Path | None,
    given: new_command.Given,
) -> int:
    """Record what broke, and what fixed it.

    A log on stdin is searched for the lines that matter; the questions are asked on the terminal all the same.

    \b
    Examples:
      kb incident new Jellyfin answers 502          in your editor
      docker logs jellyfin 2>&1 | kb incident new   searched, then questions
      kb incident new                               all is asked
      kb incident new "No DNS" --error @dns.log --fix "…" -s pihole --yes
      kb incident new --file draft.md               a note from elsewhere
    """
    told = Told(" ".join(title), fix=fix, why=why, check=check, services=given.services)
    # Other notes matter only for what is known, asked or guessed.
    alone = told.title and given.edit is False and not (given.services or error or file or ask.piped_input())
    base = options.an_unread_base() if alone else options.the_base()
    fields = given.fields("incident")
    if isinstance(verified := fields.get("verified"), bool):
        told = replace(told, verified=verified)
    if hosts:
        fields["hosts"] = new_command.split_names(hosts)
    if layer:
        fields["layer"] = layer
    told, whole_log = _read_inputs(base, told, error, file)
    if told.errors:
        told = say_if_known(base, told)
    asked = given.edit is not True and not told.whole and (whole_log or not told.title)
    if asked and ask.has_terminal():
        with answers_kept(base, told, fields):
            told = _all_asked(base, told)
    elif told.errors and not given.edit and (whole_log or not told.title):
        told = with_defaults(told, guess(base, told))
    enough = bool(told.fix or told.whole or asked)
    if given.day:
        told = replace(told, began=given.moment())
    return record(base, told, fields, given.how(enough))


def answers_kept(base: KnowledgeBase, told: Told, fields: Mapping[str, NewValue]) -> AbstractContextManager[None]:
    """While questions are asked: what was answered is kept as a draft when they end early, with all that was `told` before."""

    def draft(answers: Mapping[str, str]) -> new_command.Draft:
        so_far = replace(told, title=answers.get("title", told.title), fix=answers.get("fix", told.fix))
        if "error" in answers:
            so_far = replace(so_far, errors=(*told.errors, answers["error"]))
        if "services" in answers:
            so_far = replace(so_far, services=ask.split(answers["services"]))
        return drafted(base, so_far, fields)

    return new_command.answers_kept(base, draft)


def record(base: KnowledgeBase, told: Told, fields: dict[str, NewValue], how: new_command.How) -> int:
    """Make the incident's note from what is known."""
    return new_command.create(base, drafted(base, told, fields), how)


def drafted(base: KnowledgeBase, told: Told, fields: Mapping[str, NewValue]) -> new_command.Draft:
    """The incident's note from what is known, not yet made."""
    now = options.stamp(options.now())
    values: dict[str, NewValue] = {"date": told.began or now, "status": "open"}
    whole = _as_note(base, told.whole) if told.whole else None
    if told.fix or told.held or (whole and whole.fix):
        values |= new_command.ended(told.began or (whole.date.text if whole and whole.date else ""))
    if told.services:
        values["services"] = new_command.known_services(base, told.services)
    if told.verified is not None:
        values["verified"] = told.verified
    if told.hosts:
        values["hosts"] = list(told.hosts)
    if told.recurrence_of:
        values["recurrence_of"] = told.recurrence_of
        values["held"] = bool(told.held)
    sections = {
        "symptoms": told.symptoms,
        "error": "\n\n".join(fenced(error) for error in told.errors),
        "fix": told.fix,
        "why": told.why,
        "check": told.check,
    }
    return new_command.Draft("incident", told.title, {**values, **fields}, sections, whole=told.whole)


def _as_note(base: KnowledgeBase, whole: bytes) -> Note:
    read = front_matter.read(whole)
    return Note("", "", read.front, body=read.body, headings=base.settings.headings)


# ---- what comes in ---------------------------------------------------------------------------------------------------


def _read_inputs(base: KnowledgeBase, told: Told, error: str | None, file: Path | None) -> tuple[Told, bool]:
    """What the options and stdin bring; and whether a log was searched. Raises NothingToRead, NotAText or CannotRead."""
    if file is not None:
        data = input_streams.read_file(file)
        if file.suffix.lower() in (".md", ".markdown") or data.startswith(b"---\n"):
            return replace(told, whole=data), False
        with input_streams.opened(file) as log:
            return replace(told, errors=_picked(base, log, str(file))), True
    if error is not None:
        return replace(told, errors=(input_streams.given(error, "--error"),)), False
    stream = ask.piped_input()
    if stream is None:
        return told, False
    try:
        return replace(told, errors=_picked(base, stream, "stdin")), True
    except NothingToRead:
        if not told.title:
            raise
        screen.remark("stdin is empty: no error is recorded")
        return told, False


def _picked(base: KnowledgeBase, stream: Iterable[bytes], source: str) -> tuple[str, ...]:
    """The errors in a log; lines that belong together are one."""
    from ...logs import excerpt

    return tuple("\n".join(block) for block in excerpt.pick_blocks(input_streams.read_log(base, stream, source)))


# ---- questions -------------------------------------------------------------------------------------------------------


def _all_asked(base: KnowledgeBase, told: Told) -> Told:
    """All questions: what broke, the error, what fixed it, and the three of `asked`."""
    if told.errors:
        new_command.say_earlier_drafts(base, "incident")
        screen.remark("picked from the log (--edit changes it, --error says otherwise):")
        for line in secrets.mask(told.error)[0].splitlines()[:8]:
            screen.remark("  " + screen.cut(screen.visible(line), screen.width() - 2))
    elif not told.title:
        new_command.say_earlier_drafts(base, "incident")
        told = replace(told, title=ask.line("What broke?", name="title"))
        pasted = ask.lines("Paste the error, if there is one", name="error")
        told = say_if_known(base, replace(told, errors=(pasted,) if pasted else ()))
    fix = told.fix or ask.line("What fixed it? (Enter: not fixed yet)", name="fix")
    return asked(replace(told, fix=fix), guess(base, told))
