"""`kb decision new`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from ...capture import field_values, note_draft
from ...decisions import lifecycle
from ...decisions.lifecycle import Edit
from ...exceptions import WrongUse
from ...notes.dates import When
from ...notes.front_matter_edit import NewValue
from ...notes.kinds import Decision, Incident, Note
from ...notes.knowledge_base import KnowledgeBase
from ...storage import loader
from .. import clock, new_command
from .. import context as cli_context
from ..terminal import ask
from ..views import save_result
from .decision_status import say_who_waits, the_record, write_record


@click.command("new")
@click.argument("title", nargs=-1)
@click.option("--context", metavar="TEXT", default="", help="The trouble that made a choice necessary.")
@click.option("--options", "considered", metavar="TEXT", multiple=True, help="An option that was considered (several times).")
@click.option("--outcome", metavar="TEXT", default="", help="What was chosen, and because of what.")
@click.option("--status", type=click.Choice(["proposed", "accepted", "rejected"]), default="proposed", show_default=True)
@click.option("--supersedes", metavar="REF", multiple=True, help="A record that this one takes the place of (several times).")
@click.option("--amends", metavar="REF", multiple=True, help="A record that this one changes a part of (several times).")
@click.option(
    "--link", "links", metavar="REF:WORDS:BACK", multiple=True, help='Another link, as in 9:Clarifies:"Clarified by".'
)
@click.option("--from", "origin", metavar="REF", default="", help="The incident that led to it; its why becomes the context.")
@click.option(
    "--review",
    metavar="WHEN",
    callback=lambda *a: clock.ahead(a[2] or ""),
    help="Look at it again: a date, or in a while (6m, 1y).",
)
@click.option(
    "--template", metavar="NAME", default="", help="full (MADR), nygard, or one of your own: templates/decision-NAME.md."
)
@click.option("--as-adr-tools", is_flag=True, hidden=True)
@new_command.new_options
def new_decision(
    title: tuple[str, ...],
    context: str,
    considered: tuple[str, ...],
    outcome: str,
    status: str,
    supersedes: tuple[str, ...],
    amends: tuple[str, ...],
    links: tuple[str, ...],
    origin: str,
    review: date | None,
    template: str,
    as_adr_tools: bool,
    given: new_command.NewOptions,
) -> int:
    """Record a decision. By MADR 4's minimal template; its number is the next free one.

    What it supersedes, amends or links is changed with it, in one commit.

    \b
    Examples:
      kb decision new Put Traefik in front of everything
      kb decision new "Back up with restic" --supersedes 9 --review 1y
      kb decision new "Two resolvers" --from "every name fails" --no-edit \\
        --outcome "Two Pi-holes: one machine can be down."
    """
    base = cli_context.the_base()
    text = " ".join(title)
    if not text and given.edit is not True and ask.has_terminal():
        text = ask.line("What is decided?")
    fields: dict[str, NewValue] = {"status": status, "date": _day_of(given.day)}
    if review:
        fields["review"] = review.isoformat()
    services = given.services
    if origin:
        context, services = _from_incident(cli_context.find(base, origin), context, services)
    names = save_result.remarked(field_values.known_services(base, field_values.split_names(services)))
    fields |= given.fields("decision", names)
    for name in services:
        if name.isdigit() and name not in base.service_names:
            raise WrongUse(
                f"-s names a service, and none is called {name}: --supersedes {name} takes the place of decision {name}"
            )
    old = [the_record(base, name) for name in supersedes]
    for record in old:  # before anything is written
        lifecycle.superseded_is_legal(record)
    sections = {
        _first_section(template): context,
        "considered options": "\n".join(f"* {option}" for option in considered),
        "decision" if template == "nygard" else "decision outcome": outcome,
    }
    draft = note_draft.NoteDraft("decision", text, fields, sections, template=f"decision-{template}" if template else "")
    if not template and text and not (base.root / "templates" / "decision.md").is_file():
        said = {"context": context, "options": sections["considered options"], "decision": outcome}
        state, day = str(fields["status"]), str(fields["date"])
        if whole := lifecycle.as_the_others(base, text, state, day, said, as_adr_tools):
            others = {key: value for key, value in fields.items() if key not in ("status", "date")}
            draft = note_draft.NoteDraft("decision", text, others, whole=whole, in_own_words=True)
    how = given.how(bool(context and outcome))
    saved = new_command.make(base, draft, how)
    changed = _link_up(base, saved.path, old, amends, links)
    return save_result.commit(base, [saved.path, *changed], f"decision: {saved.title}", how.commit, new=True)


def _first_section(template: str) -> str:
    return "context" if template == "nygard" else "context and problem statement"


def _day_of(day: When | None) -> str:
    return day.text if day and not day.has_time else clock.now().date().isoformat()


def _from_incident(note: Note, context: str, services: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The context that an incident gives a decision: what happened, why, and a link to it."""
    if not isinstance(note, Incident):
        raise WrongUse(f"{note.ref} is a {note.kind}: --from takes the incident that led to the decision")
    told = "\n\n".join(filter(None, [context, note.section("why"), f"What led here: [[{note.ref}|{note.title}]]."]))
    return told, (*services, *note.services)


def _link_up(
    base: KnowledgeBase, path: Path, old: Sequence[Decision], amends: Sequence[str], links: Sequence[str]
) -> list[Path]:
    """Write what links the new record with others, and return the other files that changed."""
    if not (old or amends or links):
        return []
    base = loader.read(base.root)
    ours = base.find(str(path), "decision")
    assert isinstance(ours, Decision)
    edits: list[Edit] = []
    day = ours.date.day if ours.date else clock.now().date()
    for record in old:
        edits += lifecycle.supersede(base, base.by_ref[record.ref], ours, day)  # type: ignore[arg-type]
    say_who_waits(old, ours)
    for name in amends:
        edits += lifecycle.amend(ours, the_record(base, name))
    for spec in links:
        name, words, back = (*spec.split(":", 2), "", "")[:3]
        if not (words and back):
            raise WrongUse(f'--link wants REF:WORDS:BACK, not {spec!r}: for instance 9:Clarifies:"Clarified by"')
        edits += lifecycle.link(base, ours, words, the_record(base, name), back, day)
    return [changed for changed in write_record(base, edits) if changed != path]
