"""`kb change`: what you altered, and how to undo it, in one line."""

from __future__ import annotations

import click

from ..front_matter import NewValue
from ..note import When
from . import ask, new, options
from .listing import list_command


@click.group()
def change() -> None:
    """What you altered, and how to undo it: new, list."""


change.add_command(list_command("change"))


@change.command("new")
@click.argument("title", nargs=-1)
@click.option("--undo", metavar="TEXT", default="", help="How to take it back.")
@click.option("--host", "hosts", metavar="NAME", multiple=True, help="The machine it was on (several times).")
@new.new_options
def new_change(
    title: tuple[str, ...],
    undo: str,
    hosts: tuple[str, ...],
    services: tuple[str, ...],
    tags: tuple[str, ...],
    day: When | None,
    settings: tuple[str, ...],
    edit: bool | None,
    no_commit: bool,
) -> int:
    """Note a change: one line is enough, and no editor opens unless you ask for it.

    \b
    Examples:
      kb change new "Tidied up pihole-old" --undo "docker start pihole-old"
      kb change new Moved the database to the new disk --service postgres --date yesterday
    """
    base = options.the_base()
    text = " ".join(title)
    if not text and not edit and ask.has_terminal():
        text = ask.line("What did you change?")
        undo = undo or ask.line("How is it undone? (Enter: no idea)")
    fields: dict[str, NewValue] = {"undo": undo}
    fields["date"] = day.text if day and not day.has_time else options.stamp(day.moment if day else options.now())
    if hosts:
        fields["hosts"] = new.split_names(hosts)
    fields |= new.chosen_fields(tags, new.known_services(base, new.split_names(services)), settings, "change")
    return new.create(base, new.Draft("change", text, fields), new.How(bool(edit), not no_commit))
