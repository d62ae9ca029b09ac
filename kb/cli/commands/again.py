"""`kb again`: the known error came back."""

from __future__ import annotations

from dataclasses import replace

import click

from ...capture.known_incident import return_of, that_can_return
from ...exceptions import WrongUse
from ...notes import dates
from ...notes.dates import When
from ...notes.kinds import Incident, Note
from ...notes.knowledge_base import KnowledgeBase
from ...notes.references import plain_name
from ...storage import folders, loader, session
from .. import clock, context, new_command, options
from ..complete import complete_ref
from ..terminal import ask, screen
from ..views import answer, incident_questions


@click.command()
@click.argument("ref", nargs=-1, shell_complete=complete_ref)
@click.option("--held/--failed", "held", default=None, help="Whether the old fix worked this time. [default: asked; held]")
@click.option("--fix", metavar="TEXT", default="", help="What fixed it this time, when the old fix did not.")
@options.symptom_option
@click.option(
    "--noticed-by", metavar="WHO", default="", help="Who noticed it this time: alert, me, family … [default: unknown]"
)
@options.at_option("When it came back. [default: when it was seen, or now]")
@options.root_option
@options.commit_option
def again(
    ref: tuple[str, ...], held: bool | None, fix: str, symptom: str, noticed_by: str, at: When | None, no_commit: bool
) -> int:
    """The known error came back: count it. Say whether the old fix held.

    Without a REF it is what `kb seen` found last. A fix that failed sinks below a newer one.

    \b
    Examples:
      kb again                                the same, and the old fix worked
      kb again --failed --fix "a new cable"   the old fix failed, this worked
      kb again jellyfin 502
    """
    base = context.the_base()
    folder = folders.state_folder(base.root)
    read = session.last_read(folder, clock.now())
    name = " ".join(ref) or (read.hit if read else "")
    if not name:
        raise WrongUse("nothing known was seen in the last day: name the incident, kb again REF, or ask `kb seen` first")
    known = that_can_return(_tried(base, name))
    about_it = read is not None and (not ref or read.hit in {member.ref for member in base.family(known)})
    return_of(base, known, None, True, "")  # before anything is asked
    if held is None:
        held = not fix and ask.yes("Did the fix hold?", True)
    if not held and not fix:
        fix = ask.line("What fixed it this time? (Enter: not fixed yet)")
    draft = return_of(base, known, read if about_it else None, held, fix)
    draft = replace(draft, symptoms=symptom or draft.symptoms, noticed_by=noticed_by)
    if at:
        draft = replace(draft, began=dates.written(at))
    status = incident_questions.record(base, draft, {}, new_command.SaveOptions(False, not no_commit))
    if about_it:
        session.forget_read(folder)
    _say_how_often(loader.read(base.root), known, noticed_by)
    return status


# From this time on it is no bad luck any more.
PATTERN = 3


def _tried(base: KnowledgeBase, name: str) -> Note:
    """The note whose fix was tried: the one of that very name; of an incident and its returns, named by any words, the one
    that `kb seen` would answer with."""
    found = context.find(base, name)
    if plain_name(name).lower() in (found.ref.lower(), found.name.lower()):
        return found
    return base.families.proven_fix(found) or found


def _say_how_often(base: KnowledgeBase, known: Note, noticed_by: str) -> None:
    family = base.family(base.by_ref[known.ref])
    screen.remark(answer.how_often(base, known))
    if not noticed_by and any(isinstance(note, Incident) and note.noticed_by for note in family):
        screen.remark(f"who noticed it this time is unknown: kb edit {family[-1].name} --set noticed_by=alert")
    if len(family) >= PATTERN:
        screen.remark(
            f'a pattern by now: kb experiment new "why does it come back?", or kb decision new "what to do about {family[0].title}"'
        )
