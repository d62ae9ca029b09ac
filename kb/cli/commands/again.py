"""`kb again`: the known error came back."""

from __future__ import annotations

from dataclasses import replace

import click

from ...capture.known_incident import return_of, that_can_return
from ...exceptions import WrongUse
from ...notes.kinds import Note
from ...notes.knowledge_base import KnowledgeBase
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
@options.root_option
@options.commit_option
def again(ref: tuple[str, ...], held: bool | None, fix: str, symptom: str, no_commit: bool) -> int:
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
    known = that_can_return(context.find(base, name))
    if held is None:
        held = not fix and ask.yes("Did the fix hold?", True)
    if not held and not fix:
        fix = ask.line("What fixed it this time? (Enter: not fixed yet)")
    draft = return_of(base, known, read if read and (not ref or read.hit == known.ref) else None, held, fix)
    draft = replace(draft, symptoms=symptom or draft.symptoms)
    status = incident_questions.record(base, draft, {}, new_command.SaveOptions(False, not no_commit))
    if read and read.hit == known.ref:
        session.forget_read(folder)
    _say_how_often(loader.read(base.root), known)
    return status


# From this time on it is no bad luck any more.
PATTERN = 3


def _say_how_often(base: KnowledgeBase, known: Note) -> None:
    family = base.family(base.by_ref[known.ref])
    screen.remark(answer.how_often(family))
    if len(family) >= PATTERN:
        screen.remark(
            f'a pattern by now: kb experiment new "why does it come back?", or kb decision new "what to do about {family[0].title}"'
        )
