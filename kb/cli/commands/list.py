"""`kb list`."""

from __future__ import annotations

import click

from ...notes.dates import When
from .. import complete, context, options
from ..views.note_table import Rows, select, show_list, with_words


@click.command("list")
@click.argument("words", nargs=-1)
@options.kind_option
@options.service_option("Only notes about this service.")
@options.tag_option
@click.option(
    "--status",
    metavar="WORD",
    default="",
    help="Only notes with this status: open, resolved, accepted …",
    shell_complete=complete.complete_state(),
)
@options.since_option
@options.most_option
@options.root_option
@options.json_option
def list_(
    words: tuple[str, ...],
    kind: str | None,
    service: str,
    tags: tuple[str, ...],
    status: str,
    since: When | None,
    most: int | None,
    as_json: bool,
    everything: bool = False,
) -> int:
    """List notes, newest first. Then `@1` means the first of them, in any command.

    WORDS must stand in their title or text; `kb search` finds more, the best first.

    \b
    Examples:
      kb list certificate
      kb list --since 4w
      kb list --kind incident --service jellyfin --status open
      kb list --tag dns --json
    """
    base = context.the_base()
    show_list(
        base,
        with_words(select(base, kind or "", service, tags, status, since), words),
        as_json,
        most=most,
        how=Rows.EACH if everything else Rows.STORIES,
    )
    return 0


options.all_option(list_)
