"""`kb edit`: a note in the editor, or single fields from the command line."""

from __future__ import annotations

import time
from pathlib import Path

import click

from ...capture import field_values, kept_drafts
from ...exceptions import ChangedMeanwhile, WrongUse
from ...notes import front_matter_edit
from ...notes.kinds import Note
from ...notes.knowledge_base import KnowledgeBase
from ...storage import files
from .. import clock, complete, context, input_streams, options
from ..terminal.screen import plural, remark, say_path
from ..views import draft_editor, save_result


@click.command()
@click.argument("ref", nargs=-1, required=True, shell_complete=complete.complete_ref)
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="Set a field of the front matter, without the editor (several times).",
)
@click.option("--resume", is_flag=True, help="Go on with a change that was kept: an editor or a disk failed.")
@options.root_option
@options.commit_option
def edit(ref: tuple[str, ...], settings: tuple[str, ...], resume: bool, no_commit: bool) -> int:
    """Change a note in your editor, or its fields.

    Only the lines that are meant change; comments, quotes, order and line ends stay as they are.

    \b
    Examples:
      kb edit jellyfin 502            words of its name are enough
      kb edit @1
      kb edit jellyfin --resume       go on with a draft that was kept
      kb edit @1 --set status=resolved --set tags=dns,nas
    """
    base = context.the_base()
    note = context.find(base, " ".join(ref))
    path = base.root / note.path
    old = input_streams.read_file(path)
    if settings:
        if resume:
            raise WrongUse("--resume opens a draft in the editor, --set goes without: take one of them")
        changed = front_matter_edit.set_fields(
            old, save_result.remarked(field_values.parse_settings(clock.with_days(settings, note.kind), note.kind)), note.path
        )
    else:
        kept = _kept(base, note, old) if resume else _copy(base, note, old)
        began = time.monotonic()
        changed = draft_editor.edited(kept, f"kb edit {note.ref} --resume")
        at_once = time.monotonic() - began < draft_editor.AT_ONCE
    if changed == old:
        remark("nothing changed")
        if not settings and not at_once:  # an editor that came back at once may be open still, and save later
            kept.unlink(missing_ok=True)
        return 0
    try:
        files.replace(path, old, changed)
    except ChangedMeanwhile as error:
        raise ChangedMeanwhile(error.path, None if settings else kept) from None
    if not settings:
        kept.unlink(missing_ok=True)
    say_path(path)
    return save_result.commit(base, [path], f"{note.kind}: {kept_drafts.title_of(changed) or note.name}, edited", not no_commit)


def _copy(base: KnowledgeBase, note: Note, old: bytes) -> Path:
    """A copy for the editor. The note itself stays as it is until that is saved."""
    if older := kept_drafts.kept_edits(base, note):
        remark(f"{plural(len(older), 'earlier draft')} kept: kb edit {note.ref} --resume")
    return kept_drafts.keep_edit(base, note, old)


def _kept(base: KnowledgeBase, note: Note, old: bytes) -> Path:
    """The draft to go on with. Raises WrongUse when there is none, ChangedMeanwhile when the note is another one by now."""
    kept = kept_drafts.kept_edits(base, note)
    if not kept:
        raise WrongUse(f"no draft of a change to {note.ref} is kept: kb edit {note.ref} begins one")
    draft = draft_editor.chosen(note.kind, kept)
    if not kept_drafts.begun_from(draft, old):
        raise ChangedMeanwhile(base.root / note.path, draft)
    return draft
