"""`kb change`: what you altered, and how to undo it, in one line."""

from __future__ import annotations

import click

from ...capture import field_values, note_draft
from ...notes.front_matter_edit import NewValue
from .. import context, new_command
from ..terminal import ask
from ..views import save_result
from ..views.note_table import list_command


@click.group()
def change() -> None:
    """What you altered, and how to undo it: new, list."""


change.add_command(list_command("change"))


@change.command("new")
@click.argument("title", nargs=-1)
@click.option("--undo", metavar="TEXT", default="", help="How to take it back.")
@click.option("--host", "hosts", metavar="NAME", multiple=True, help="The machine it was on (several times).")
@new_command.new_options
def new_change(
    title: tuple[str, ...],
    undo: str,
    hosts: tuple[str, ...],
    given: new_command.NewOptions,
) -> int:
    """Note a change. One line is enough, and no editor opens unless you ask for it.

    \b
    Examples:
      kb change new "Tidied up pihole-old" --undo "docker start pihole-old"
      kb change new Moved the database --service postgres --date yesterday
    """
    base = context.the_base()
    text = " ".join(title)
    if not text and not given.edit and ask.has_terminal():
        with new_command.answers_kept(
            base, lambda answers: note_draft.NoteDraft("change", answers.get("title", ""), {"date": given.moment()})
        ):
            text = ask.line("What did you change?", name="title")
            undo = undo or ask.line("How is it undone? (Enter: no idea)")
    fields: dict[str, NewValue] = {"undo": undo}
    fields["date"] = given.moment()
    if hosts:
        fields["hosts"] = field_values.split_names(hosts)
    fields |= given.fields("change", save_result.remarked(field_values.known_services(base, given.services)))
    return new_command.create(
        base, note_draft.NoteDraft("change", text, fields), new_command.SaveOptions(bool(given.edit), given.commit)
    )
