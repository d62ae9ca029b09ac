"""`kb incident`: what broke and what fixed it, written down right after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from ...capture import field_values
from ...capture.incident_draft import IncidentDraft, guess
from ...exceptions import NothingToRead
from ...logs.excerpt import Picked
from ...notes.knowledge_base import KnowledgeBase
from .. import clock, input_streams, new_command, options
from ..context import an_unread_base, the_base
from ..terminal import ask, screen
from ..views.incident_questions import answers_kept, ask_for_all, offer_known, record, take_guesses
from ..views.note_table import list_command
from ..views.picked_blocks import choose
from .incident_update import log_line, reopen, resolve


@click.group()
def incident() -> None:
    """What broke, and what fixed it: new, list, log, resolve, reopen, again."""


for _command in (list_command("incident"), log_line, resolve, reopen):
    incident.add_command(_command)


@incident.command("again", add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def again(ctx: click.Context, arguments: tuple[str, ...]) -> int:
    """The same as `kb again`.

    \b
    Examples:
      kb incident again jellyfin 502
    """
    from .again import again as known_again

    with known_again.make_context("kb again", list(arguments), parent=ctx.parent) as context:
        status: int = known_again.invoke(context)
    return status


@incident.command("new")
@click.argument("title", nargs=-1)
@click.option(
    "--error", metavar="TEXT|@FILE|-", help="The error: a text, a file, or - for stdin; taken whole, nothing is picked."
)
@options.symptom_option
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
    symptom: str,
    fix: str,
    why: str,
    check: str,
    hosts: tuple[str, ...],
    layer: str,
    file: Path | None,
    given: new_command.NewOptions,
) -> int:
    """Record what broke, and what fixed it.

    A log on stdin is searched for the lines that matter; the questions are asked on the terminal all the same.

    \b
    Examples:
      kb incident new Jellyfin answers 502          in your editor
      docker logs jellyfin 2>&1 | kb incident new   searched, then questions
      kb incident new                               all is asked
      kb incident new "No DNS" --error @dns.log --fix "…" -s pihole --yes
      kb incident new "Pool suspended" --saw "all shares hang" --fix "…" --yes
      kb incident new --file draft.md               a note from elsewhere
    """
    draft = IncidentDraft(" ".join(title), symptoms=symptom, fix=fix, why=why, check=check, services=given.services)
    # Other notes matter only for what is known, asked or guessed.
    alone = draft.title and given.edit is False and not (given.services or error or file or ask.piped_input())
    base = an_unread_base() if alone else the_base()
    fields = given.fields("incident")
    if isinstance(verified := fields.get("verified"), bool):
        draft = replace(draft, verified=verified)
    if hosts:
        fields["hosts"] = field_values.split_names(hosts)
    if layer:
        fields["layer"] = layer
    draft, whole_log = _read_inputs(base, draft, error, file)
    if draft.errors:
        draft = offer_known(base, draft)
    asked = given.edit is not True and not draft.whole and (whole_log or not draft.title)
    if asked and ask.has_terminal():
        with answers_kept(base, draft, fields):
            draft = ask_for_all(base, draft)
    elif draft.errors and not given.edit and (whole_log or not draft.title):
        draft = take_guesses(draft, guess(base, draft, clock.now()))
    enough = bool(draft.fix or draft.whole or asked)
    if given.day:
        draft = replace(draft, began=given.moment())
    return record(base, draft, fields, given.how(enough))


# ---- what comes in ---------------------------------------------------------------------------------------------------


def _read_inputs(base: KnowledgeBase, draft: IncidentDraft, error: str | None, file: Path | None) -> tuple[IncidentDraft, bool]:
    """What the options and stdin bring; and whether a log was searched. Raises NothingToRead, NotAText or CannotRead."""
    if file is not None:
        data = input_streams.read_file(file)
        if file.suffix.lower() in (".md", ".markdown") or data.startswith(b"---\n"):
            return replace(draft, whole=data), False
        with input_streams.opened(file) as log:
            return _with_picked(base, draft, input_streams.read_picked(base, log, str(file))), True
    if error is not None:
        return replace(draft, errors=(input_streams.given(error, "--error"),)), False
    stream = ask.piped_input()
    if stream is None:
        return draft, False
    try:
        return _with_picked(base, draft, input_streams.read_picked(base, stream, "stdin")), True
    except NothingToRead:
        if not draft.title:
            raise
        screen.remark("stdin is empty: no error is recorded")
        return draft, False


def _with_picked(base: KnowledgeBase, draft: IncidentDraft, picked: Picked) -> IncidentDraft:
    return replace(draft, errors=choose(base, picked))
