"""`kb edit`: a note in the editor, or single fields from the command line."""

from __future__ import annotations

from pathlib import Path

import click

from .. import entries, front_matter
from ..exceptions import ChangedMeanwhile
from ..knowledge_base import KnowledgeBase
from ..note import Note
from . import inputs, new, options
from .screen import remark, say_path


@click.command()
@click.argument("ref", shell_complete=options.complete_ref)
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="Set a field of the front matter, without the editor (several times).",
)
@options.root_option
@options.commit_option
def edit(ref: str, settings: tuple[str, ...], no_commit: bool) -> int:
    """Change a note in your editor, or some of its fields.

    Only the lines that are meant change; comments, quotes, order and line ends stay as they are.

    \b
    Examples:
      kb edit jellyfin 502            words of its name are enough (in quotes when there are several)
      kb edit @1
      kb edit @1 --set status=resolved --set tags=dns,nas
    """
    base = options.the_base()
    note = options.find(base, ref)
    path = base.root / note.path
    old = inputs.read_file(path)
    if settings:
        changed = front_matter.set_fields(old, new.parse_settings(settings, note.kind), note.path)
    else:
        changed, kept = _in_editor(base, note, old)
    if changed == old:
        remark("nothing changed")
        if not settings:
            kept.unlink(missing_ok=True)
        return 0
    try:
        entries.replace(path, old, changed)
    except ChangedMeanwhile as error:
        raise ChangedMeanwhile(error.path, None if settings else kept) from None
    if not settings:
        kept.unlink(missing_ok=True)
    say_path(path)
    return new.committed(base, [path], f"{note.kind}: {new.title_of(changed) or note.name}, edited", not no_commit)


def _in_editor(base: KnowledgeBase, note: Note, old: bytes) -> tuple[bytes, Path]:
    """What the user makes of a copy, and the copy. The note itself stays as it is until that is saved."""
    copy = new.keep(base, f"edit-{note.name[:60]}", old)
    return new.edited(copy), copy
