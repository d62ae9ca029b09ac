"""`kb fixed`: what fixed the last error."""

from __future__ import annotations

from dataclasses import replace

import click

from ...capture import field_values
from ...capture.incident_draft import IncidentDraft, guess
from ...exceptions import WrongUse
from ...storage import folders, session
from .. import clock, context, new_command, options
from ..complete import complete_service
from ..terminal import ask
from ..views import incident_questions
from ..views.incident_questions import ask_for_details, offer_known, take_guesses
from ..views.picked_blocks import chosen


@click.command()
@click.argument("fix", nargs=-1, required=True)
@click.option("--title", metavar="TEXT", default="", help="The incident's title. [default: from the error]")
@click.option(
    "--service",
    "-s",
    "services",
    metavar="NAME",
    multiple=True,
    help="A service it was about.",
    shell_complete=complete_service,
)
@options.symptom_option
@click.option("--why", metavar="TEXT", default="", help="The cause.")
@options.yes_option
@options.root_option
@options.commit_option
def fixed(fix: tuple[str, ...], title: str, services: tuple[str, ...], symptom: str, why: str, no_commit: bool) -> int:
    """Write down what fixed the last error. It is what `kb seen` read: one sentence, and three questions at most.

    \b
    Examples:
      kb fixed "docker network connect proxy jellyfin"
      kb fixed "restarted unbound" --service unbound --yes
    """
    base = context.the_base()
    folder = folders.state_folder(base.root)
    read = session.last_read(folder, clock.now())
    if read is None or not read.text.strip():
        raise WrongUse(
            'no error was read in the last day: pipe it into `kb seen` first, or kb incident new --error "…" --fix "…"'
        )
    draft = IncidentDraft(
        title,
        tuple(read.text.split("\n\n")),
        symptoms=symptom,
        fix=" ".join(fix),
        why=why,
        services=tuple(field_values.split_names(services)),
    )
    with incident_questions.answers_kept(base, draft, {}):
        if read.hit:
            draft = offer_known(base, draft, read.hit)
            if draft.recurrence_of and read.matched:
                draft = replace(draft, errors=tuple(read.matched.split("\n\n")))
        if len(draft.errors) > 1 and not draft.recurrence_of and ask.has_terminal():
            draft = replace(draft, errors=chosen(base, draft.errors))
        complete = ask_for_details if ask.has_terminal() else take_guesses
        draft = complete(draft, guess(base, draft, clock.now()))
    # The log's own time is better than the time it was read, which is better than now.
    draft = draft if draft.began else replace(draft, began=read.when)
    status = incident_questions.record(base, draft, {}, new_command.SaveOptions(False, not no_commit))
    session.forget_read(folder)
    return status
