"""`kb sync`: this copy of the knowledge base and the others, brought together."""

from __future__ import annotations

import click

from ...decisions import renumber_plan
from ...exceptions import WrongUse, listed
from ...notes.note_problems import exposed
from ...storage import loader, template_files
from ...storage.git_sync import CannotSync, changed
from ...storage.git_sync import sync as synced
from .. import context, options
from ..terminal import screen


@click.command()
@options.root_option
def sync() -> int:
    """Commit, pull and push, and lose nothing.

    Commits what changed, takes what the others wrote, and pushes. A note that both sides changed stays as theirs, and yours is put beside it as NAME-ours.md; both are named. A note that
    holds what looks like a secret stops it before anything is committed. What is not a note is never touched.

    \b
    Examples:
      git remote add origin nas:lab.git          once
      kb sync
    """
    base = context.the_base()
    folders = [*template_files.own_folders(base.settings), ".gitignore"]
    secret = [problem for note in base.notes if note.secrets for problem in exposed(note)]
    if secret and (waiting := set(changed(base.root, folders))) and (found := [p for p in secret if p.path in waiting]):
        for problem in found:
            screen.remark(str(problem))
        raise WrongUse("nothing was committed or pushed: a secret that is pushed can't be taken back")
    result = synced(base.root, folders, screen.remark)
    for conflict in result.conflicts:
        screen.say_path(base.root / conflict.path)
        screen.say_path(base.root / conflict.beside)
        screen.remark(f"both sides changed {conflict.path}: theirs is there, yours is {conflict.beside}; make one of the two")
    if result.stashed:
        screen.remark("changes of other files could not be put back, and are safe in Git's stash: git stash pop")
    done = [
        f"{screen.plural(len(result.committed), 'file')} committed" if result.committed else "",
        f"{screen.plural(result.received, 'commit')} received" if result.received else "",
        f"{screen.plural(result.sent, 'commit')} pushed" if result.sent else "",
    ]
    screen.remark(", ".join(filter(None, done)) or "nothing new on either side")
    for notes in renumber_plan.twins(loader.read(base.root)):
        names = listed([note.name for note in notes], "and")
        screen.remark(f"{names} have the same number: kb decision renumber gives the younger a new one")
    if result.stashed:
        raise CannotSync("all notes are synced; other files are in the stash")
    return 1 if result.conflicts else 0
