"""`kb decision`: why on earth did I do that? MADR records."""

from __future__ import annotations

import click

from ..front_matter import NewValue
from ..note import When
from . import ask, new, options
from .listing import list_command


@click.group()
def decision() -> None:
    """What you decided, and why: new, list."""


decision.add_command(list_command("decision"))


@decision.command("new")
@click.argument("title", nargs=-1)
@click.option("--context", metavar="TEXT", default="", help="The trouble that made a choice necessary.")
@click.option("--options", "considered", metavar="TEXT", multiple=True, help="An option that was considered (several times).")
@click.option("--outcome", metavar="TEXT", default="", help="What was chosen, and because of what.")
@click.option("--status", type=click.Choice(["proposed", "accepted", "rejected"]), default="proposed", show_default=True)
@new.new_options
def new_decision(
    title: tuple[str, ...],
    context: str,
    considered: tuple[str, ...],
    outcome: str,
    status: str,
    services: tuple[str, ...],
    tags: tuple[str, ...],
    day: When | None,
    settings: tuple[str, ...],
    edit: bool | None,
    no_commit: bool,
) -> int:
    """Record a decision (MADR 4, the minimal template). Its number is the next free one.

    \b
    Examples:
      kb decision new Put Traefik in front of everything
      kb decision new "Back up with restic" --status accepted --service restic --no-edit \\
        --context "Borg needs its own program on the far side." --outcome "restic: it writes to any S3."
    """
    base = options.the_base()
    text = " ".join(title)
    if not text and edit is not True and ask.has_terminal():
        text = ask.line("What is decided?")
    fields: dict[str, NewValue] = {
        "status": status,
        "date": (day.text if day and not day.has_time else options.now().date().isoformat()),
    }
    fields |= new.chosen_fields(tags, new.known_services(base, new.split_names(services)), settings, "decision")
    sections = {
        "context and problem statement": context,
        "considered options": "\n".join(f"* {option}" for option in considered),
        "decision outcome": outcome,
    }
    enough = bool(context and outcome)
    return new.create(
        base, new.Draft("decision", text, fields, sections), new.How(new.wants_editor(edit, enough), not no_commit)
    )
