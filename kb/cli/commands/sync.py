"""`kb sync`: this copy of the knowledge base and the others, brought together."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import click

from ...decisions import renumber_plan
from ...exceptions import listed
from ...notes.templates import slug
from ...storage import git, loader, template_files
from ...storage.git_sync import SecretsFound
from ...storage.git_sync import sync as synced
from .. import context, options
from ..terminal import screen


@click.command()
@options.root_option
def sync() -> int:
    """Commit, pull and push, and lose nothing.

    Commits what changed, merges it with what the others wrote, and pushes. A note that both sides changed in one place
    stays as theirs, and yours is put beside it as NAME-by-MACHINE.md, until `kb resolve` makes one of the two. What looks
    like a secret stops it before anything leaves: in notes, in the files beside them, in commits and their messages. A
    conflict in a file that is none of kb's is left to you, and nothing is changed. The rules stand in docs/sync.md.

    \b
    Examples:
      git remote add origin nas:lab.git          once
      kb sync
      git config kb.machine nas                  a name of this machine's own
    """
    base = context.the_base()
    folders = [*template_files.own_folders(base.settings), ".gitignore"]
    try:
        result = synced(base.root, folders, _machine(base.root), screen.remark)
    except SecretsFound as found:
        for place in found.places:
            screen.remark(place)
        raise
    top = git.work_tree(base.root) or base.root
    pairs = [one for one in result.settled if one.beside]
    for one in pairs:
        screen.say_path(top / one.path)
        screen.say_path(top / one.beside)
    for one in result.settled:
        screen.remark(
            one.said
            + (f"; kb resolve {one.beside.rpartition('/')[2].removesuffix('.md')}" if one.beside.endswith(".md") else "")
        )
    for remark in result.remarks:
        screen.remark(remark)
    done = [
        f"{screen.plural(len(result.committed), 'file')} committed" if result.committed else "",
        f"{screen.plural(result.received, 'commit')} received" if result.received else "",
        f"{screen.plural(result.sent, 'commit')} pushed" if result.sent else "",
    ]
    screen.remark(", ".join(filter(None, done)) or "nothing new on either side")
    for notes in renumber_plan.twins(loader.read(base.root)):
        names = listed([note.name for note in notes], "and")
        screen.remark(f"{names} have the same number: kb decision renumber gives the younger a new one")
    return 1 if pairs else 0


def _machine(root: Path) -> str:
    """What this machine is called: `git config kb.machine`, else its host name, else the author of its commits."""
    name = git.setting(root, "kb.machine") or platform.node().partition(".")[0]
    if re.fullmatch(r"[0-9a-f]{12}|localhost|", name):  # a container
        name = git.setting(root, "user.name") or "ours"
    return slug(name, "ours")
