"""`kb show`."""

from __future__ import annotations

import click

from .. import complete, context, options
from ..terminal import screen
from ..views.note_view import as_document, print_note


@click.command()
@click.argument("ref", nargs=-1, required=True, shell_complete=complete.complete_ref)
@options.root_option
@options.json_option
def show(ref: tuple[str, ...], as_json: bool) -> int:
    """Show a note, and what links to it. Into a pipe goes the file as it is.

    A REF is a path, a ref, words of its name, a decision's number, a service's alias, or @1 of the last list.

    \b
    Examples:
      kb show jellyfin 502
      kb show ADR-7
      kb show @1
    """
    base = context.the_base()
    note = context.find(base, " ".join(ref))
    if as_json:
        screen.print_json(as_document(base, note))
    else:
        print_note(base, note)
    return 0
