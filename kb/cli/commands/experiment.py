"""`kb experiment`: things broken on purpose, drills and spikes, to learn from them."""

from __future__ import annotations

from dataclasses import replace

import click

from ...capture import field_values, note_draft
from ...exceptions import WrongUse
from ...notes.dates import When, span
from ...notes.front_matter_edit import NewValue
from ...notes.kinds import Experiment, Service
from ...notes.knowledge_base import KnowledgeBase
from ...notes.templates import fenced
from ...secrets import masking
from ...services import drills, drills_due
from ...storage import transaction
from .. import clock, complete, context, input_streams, new_command, options
from ..terminal import ask, screen
from ..views import save_result
from ..views.note_table import select, show_list, with_words
from .service_readiness import facts


@click.group()
def experiment() -> None:
    """What you broke on purpose, and learned: new, done, list."""


@experiment.command("new")
@click.argument("title", nargs=-1)
@click.option("--goal", metavar="TEXT", default="", help="What you want to know.")
@click.option("--type", "kind", type=click.Choice(["experiment", "drill", "spike"]), default="experiment", show_default=True)
@click.option(
    "--drill",
    type=click.Choice(["restore", "rebuild"]),
    help="Practise it for --service, by the steps in the service's own note.",
)
@click.option("--timebox", metavar="TIME", default="", help="How long it may take, like 2h. [default: asked on a terminal]")
@click.option("--hypothesis", metavar="TEXT", default="", help="What you think will happen.")
@click.option("--error", metavar="TEXT|@FILE|-", help="The error that you met: it is known from now on.")
@click.option("--lesson", metavar="TEXT", default="", help="What you do otherwise from now on.")
@click.option("--outcome", type=click.Choice(["held", "broke", "unknown"]), default="unknown", show_default=True)
@new_command.new_options
def new_experiment(
    title: tuple[str, ...],
    goal: str,
    kind: str,
    drill: str | None,
    timebox: str,
    hypothesis: str,
    error: str | None,
    lesson: str,
    outcome: str,
    given: new_command.NewOptions,
) -> int:
    """Record an experiment, a drill or a spike. Its errors are known errors for `kb seen`.

    \b
    Examples:
      kb experiment new Pull a disk during a write --service nas
      kb experiment new --drill restore --service immich --timebox 2h
      kb experiment list --due               which drill is most overdue
    """
    base = context.the_base()
    text = " ".join(title)
    names = save_result.remarked(field_values.known_services(base, given.services))
    sections = {"goal": goal, "hypothesis": hypothesis, "lesson": lesson}
    if drill:
        kind = "drill"
        practised = _practised(base, names)
        text = text or drills.title(drill, practised)
        sections["goal"] = goal or drills.goal(drill, practised)
        sections["steps"] = drills.steps(drill, practised, clock.now().date())
    if error is not None:
        sections["error"] = fenced(input_streams.given(error, "--error"))
    fields: dict[str, NewValue] = {"type": kind, "drill": drill or "", "timebox": timebox, "outcome": outcome}
    fields["date"] = given.moment()
    fields |= given.fields("experiment", names)
    draft = note_draft.NoteDraft("experiment", text, fields, sections, _template(base, kind))
    if ask.has_terminal():
        draft = _asked(base, draft, given.edit)
    return new_command.create(base, draft, given.how(bool(lesson)))


def _asked(base: KnowledgeBase, draft: note_draft.NoteDraft, edit: bool | None) -> note_draft.NoteDraft:
    """The draft with what is asked: its title, and how long a drill or a spike may take."""
    with new_command.answers_kept(base, lambda told: replace(draft, title=told.get("title", draft.title))):
        if not draft.title and edit is not True:
            draft = replace(draft, title=ask.line("What do you try?", name="title"))
        if not draft.fields["timebox"] and draft.fields["type"] != "experiment" and edit is not False:
            draft = replace(draft, fields={**draft.fields, "timebox": ask.line("How long may it take?", "2h")})
    return draft


def _practised(base: KnowledgeBase, names: list[str]) -> Service:
    """The service that a drill is about. Raises WrongUse."""
    found = base.services.get(names[0].lower()) if names else None
    if found is None:
        raise WrongUse("--drill wants a service that has a note: kb experiment new --drill restore --service immich")
    if found.state == "retired":
        raise WrongUse(f"{found.name} is retired: there is nothing to bring back")
    return found


def _template(base: KnowledgeBase, kind: str) -> str:
    """The kind's own template; but a house that has its own template for experiments means it for all of them."""
    own = base.root / "templates"
    if kind == "experiment" or ((own / "experiment.md").is_file() and not (own / f"experiment-{kind}.md").is_file()):
        return ""
    return f"experiment-{kind}"


# ---- done ------------------------------------------------------------------------------------------------------------


@experiment.command("done")
@click.argument("ref", nargs=-1, required=True, shell_complete=complete.complete_ref)
@click.option("--outcome", type=click.Choice(["held", "broke"]), required=True, help="Did it hold, or did it break?")
@click.option("--lesson", metavar="TEXT", default="", help="What you do otherwise from now on.")
@options.root_option
@options.commit_option
def done(ref: tuple[str, ...], outcome: str, lesson: str, no_commit: bool) -> int:
    """It is over. How it came out, and what you learned: a restore drill that held is a tested restore of its service.

    Both notes change in one commit, and nothing of them but these lines.

    \b
    Examples:
      kb experiment done restore immich --outcome held
      kb experiment done @1 --outcome broke --lesson "The dump needs its image."
    """
    base = context.the_base()
    note = context.find(base, " ".join(ref), "experiment")
    assert isinstance(note, Experiment)
    if not lesson and not note.section("lesson"):
        lesson = ask.line("What do you do otherwise from now on? (Enter: nothing)")
    change = drills.done(base, note, outcome, masking.mask(lesson)[0], clock.now().date())
    before = {
        base.root / each.path: (each, input_streams.read_file(base.root / each.path)) for each in (note, *change.services)
    }
    after = {path: (data, drills.apply(change, each, data, base.settings.headings)) for path, (each, data) in before.items()}
    changed = transaction.write_all(after)
    for path in changed:
        screen.say_path(path)
    _tell(note, change, outcome)
    if not changed:
        screen.remark("nothing changed")
        return 0
    return save_result.commit(base, changed, f"experiment: {note.title}, {outcome}", not no_commit)


def _tell(note: Experiment, change: drills.Done, outcome: str) -> None:
    if note.date and note.date.has_time and note.timebox:
        took = clock.now() - note.date.moment
        if drills.over_time(note, took) is not None:
            over = "over" if drills.over_time(note, took) else "within"
            screen.remark(f"{span(took)} since it began, {over} its time box of {note.timebox}")
    for service in change.services:
        screen.remark(f"{service.name}: its restore is tested as of today")
    if note.drill == "restore" and outcome == "broke":
        screen.remark("a restore that broke is no tested restore: the service's note stays as it is")


# ---- list ------------------------------------------------------------------------------------------------------------


@experiment.command("list")
@click.argument("words", nargs=-1)
@options.root_option
@options.service_option("Only those about this service.")
@options.tag_option
@click.option("--status", metavar="WORD", default="", help="Only those that are held, broke or unknown.")
@options.since_option
@click.option("--due", is_flag=True, help="Not what was done, but which drills to do: the most overdue first, and why.")
@options.most_option
@options.json_option
def list_experiments(
    words: tuple[str, ...],
    service: str,
    tags: tuple[str, ...],
    status: str,
    since: When | None,
    due: bool,
    most: int | None,
    as_json: bool,
) -> int:
    """List the experiments, newest first. Then `@1` means the first of them. Or the drills that are due.

    \b
    Examples:
      kb experiment list --since 1y
      kb experiment list --due
    """
    base = context.the_base()
    if not due:
        show_list(
            base, with_words(select(base, "experiment", service, tags, status, since), words), as_json, "experiment", most
        )
        return 0
    found = [row for row in drills_due.drills_due(facts(base)) if not service or base.names_service(row.service, service)]
    if as_json:
        rows = [{"service": r.service.name, "drill": r.drill, "reason": r.reason, "command": command_of(r)} for r in found]
        screen.print_json(rows)
        return 0
    screen.table([[row.service.name, row.drill, row.reason] for row in found], [screen.strong, None, screen.faint], 2)
    screen.remark(
        f"begin with: {command_of(found[0])}"
        if found
        else "no drill is due: what the notes say of backups and of rebuilding was practised"
    )
    return 0


def command_of(row: drills_due.Overdue) -> str:
    """The command that begins that drill."""
    return f"kb experiment new --drill {row.drill} --service {row.service.name}"
