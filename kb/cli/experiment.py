"""`kb experiment`: things broken on purpose, drills and spikes, to learn from them."""

from __future__ import annotations

import click

from ..front_matter import NewValue
from ..note import When
from ..scaffold import fenced
from . import ask, inputs, new, options
from .listing import list_command


@click.group()
def experiment() -> None:
    """What you broke on purpose, and learned: new, list."""


experiment.add_command(list_command("experiment"))


@experiment.command("new")
@click.argument("title", nargs=-1)
@click.option("--goal", metavar="TEXT", default="", help="What you want to know.")
@click.option("--type", "kind", type=click.Choice(["experiment", "drill", "spike"]), default="experiment", show_default=True)
@click.option("--timebox", metavar="TIME", default="", help="How long it may take, like 2h.")
@click.option("--hypothesis", metavar="TEXT", default="", help="What you think will happen.")
@click.option("--error", metavar="TEXT|@FILE|-", help="The error that you met: it is known from now on.")
@click.option("--lesson", metavar="TEXT", default="", help="What you do otherwise from now on.")
@click.option("--outcome", type=click.Choice(["held", "broke", "unknown"]), default="unknown", show_default=True)
@new.new_options
def new_experiment(
    title: tuple[str, ...],
    goal: str,
    kind: str,
    timebox: str,
    hypothesis: str,
    error: str | None,
    lesson: str,
    outcome: str,
    services: tuple[str, ...],
    tags: tuple[str, ...],
    day: When | None,
    settings: tuple[str, ...],
    edit: bool | None,
    no_commit: bool,
) -> int:
    """Record an experiment, a drill or a spike. Its errors are known errors for `kb seen`.

    \b
    Examples:
      kb experiment new Pull a disk during a write --service nas
      kb experiment new "Restore immich from nothing" --type drill --timebox 2h
    """
    base = options.the_base()
    text = " ".join(title)
    if not text and edit is not True and ask.has_terminal():
        text = ask.line("What do you try?")
    fields: dict[str, NewValue] = {"type": kind, "timebox": timebox, "outcome": outcome}
    fields["date"] = day.text if day and not day.has_time else options.stamp(day.moment if day else options.now())
    fields |= new.chosen_fields(tags, new.known_services(base, new.split_names(services)), settings, "experiment")
    sections = {"goal": goal, "hypothesis": hypothesis, "lesson": lesson}
    if error is not None:
        sections["error"] = fenced(inputs.given(error, "--error"))
    draft = new.Draft("experiment", text, fields, sections)
    return new.create(base, draft, new.How(new.wants_editor(edit, bool(lesson)), not no_commit))
