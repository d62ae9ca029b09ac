"""`kb KIND`, for a kind of note that a plugin adds: new and list."""

from __future__ import annotations

import click

from ...capture import field_values, note_draft
from ...notes.kinds import Note
from .. import context, new_command
from ..terminal import ask
from ..views import save_result
from ..views.note_table import list_command


def command(kind: type[Note]) -> click.Group:
    """The command of a kind."""
    group = click.Group(kind.kind, help=f"{kind.meaning()} new, list.")
    group.add_command(_new(kind))
    group.add_command(list_command(kind.kind))
    return group


def _new(kind: type[Note]) -> click.Command:
    fields = ", ".join(key for key in kind.fields() if key not in Note.fields())

    @click.command(
        "new",
        help=f"{kind.meaning()}\n\n--set takes {fields or 'any field'}. Without --no-edit the editor opens on the template."
        f'\n\n\b\nExamples:\n  kb {kind.kind} new "A title" --service NAME\n  kb {kind.kind} list',
    )
    @click.argument("title", nargs=-1)
    @new_command.new_options
    def new(title: tuple[str, ...], given: new_command.NewOptions) -> int:
        base = context.the_base()
        text = " ".join(title)
        if not text and not given.edit and ask.has_terminal():
            text = ask.line("Title?", name="title")
        values = {"date": given.moment()} | given.fields(
            kind.kind, save_result.remarked(field_values.known_services(base, given.services))
        )
        return new_command.create(base, note_draft.NoteDraft(kind.kind, text, values), given.how(False))

    return new
