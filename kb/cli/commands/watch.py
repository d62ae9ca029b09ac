"""`kb watch`: the index fresh while files change."""

from __future__ import annotations

import click

from ...reports import consistency
from ...retrieval import answers
from ...storage import loader, root_folder
from .. import clock, context, options
from ..terminal import screen


@click.command()
@click.option("--polling", is_flag=True, help="Look at the files every second, for network folders.")
@options.root_option
def watch(polling: bool) -> int:
    """Keep the index fresh while notes change. The next `kb seen` has nothing to do then. Ctrl-C ends it.

    \b
    Examples:
      kb watch
      kb watch --polling          for a folder on the network
    """
    from ...storage import file_watch as watching

    root = context.the_root()

    def refresh(changed: frozenset[str] = frozenset()) -> None:
        base = loader.read(root)
        answers.refresh(base)
        problems = consistency.check(base)
        moment = clock.now().strftime("%H:%M:%S")
        wrong = f", {screen.plural(len(problems), 'problem')} (kb check)" if problems else ""
        what = f"{screen.plural(len(changed), 'file')} changed, " if changed else ""
        screen.remark(f"{moment}  {what}{screen.plural(len(base.notes), 'note')} indexed{wrong}")

    folders = tuple({root_folder.ENTRIES, loader.read(root).settings.decisions, "templates"})
    # Taken before the notes are read, so that no change falls between the two.
    before = watching.snapshot(root, folders)
    refresh()
    watching.watch(root, refresh, folders, polling=polling, before=before)
    return 0
