"""`kb decision accept`, `supersede`, `link` and the other moves of a decision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ...decisions import lifecycle
from ...decisions.lifecycle import Edit
from ...exceptions import WrongUse
from ...notes.front_matter_edit import NewValue
from ...notes.kinds import Decision
from ...notes.knowledge_base import KnowledgeBase
from ...storage import transaction
from .. import clock, complete, input_streams, options
from ..context import find, the_base
from ..terminal import screen
from ..views import save_result


def the_record(base: KnowledgeBase, name: str) -> Decision:
    """The decision of that number or name. Raises NoSuchNote, AmbiguousRef or WrongUse."""
    note = find(base, name, "decision")
    if not isinstance(note, Decision):
        raise WrongUse(f"{note.ref} is a {note.kind}, no decision")
    return note


def write_record(base: KnowledgeBase, edits: Sequence[Edit]) -> list[Path]:
    """Change the records in one step: all of them, or none. Returns the files that changed. Raises KbError."""
    before: dict[Path, bytes] = {}
    after: dict[Path, bytes] = {}
    for edit in edits:
        path = base.root / edit.note.path
        if path not in after:
            before[path] = after[path] = input_streams.read_file(path)
        after[path] = lifecycle.apply(_together(edit, edits), after[path], base.settings.headings)
    return transaction.write_all({path: (before[path], after[path]) for path in after})


def _together(edit: Edit, edits: Sequence[Edit]) -> Edit:
    """An edit whose lists hold also what the other edits of the same record add to them."""
    fields: dict[str, NewValue] = {}
    for key, value in edit.fields.items():
        if isinstance(value, list):
            others = [other.fields[key] for other in edits if other.note.ref == edit.note.ref and key in other.fields]
            fields[key] = list(dict.fromkeys(name for names in others if isinstance(names, list) for name in names))
        else:
            fields[key] = value
    return Edit(edit.note, fields, edit.link, edit.said)


def _change(edits: Sequence[Edit], base: KnowledgeBase, message: str, commit: bool) -> int:
    changed = write_record(base, edits)
    for path in changed:
        screen.say_path(path)
    if not changed:
        screen.remark("nothing changed")
        return 0
    return save_result.commit(base, changed, f"decision: {message}", commit)


def move_command(state: str, verb: str, help_text: str) -> click.Command:
    """`kb decision accept|reject|deprecate`."""

    @click.command(verb, help=f"{help_text}\n\n\b\nExamples:\n  kb decision {verb} 7\n  kb decision {verb} traefik in front")
    @click.argument("ref", nargs=-1, required=True, shell_complete=complete.complete_ref)
    @options.root_option
    @options.commit_option
    def moved(ref: tuple[str, ...], no_commit: bool) -> int:
        base = the_base()
        record = the_record(base, " ".join(ref))
        edit = lifecycle.move(record, state, clock.now().date())
        return _change([edit], base, f"{record.title}, {state}", not no_commit)

    return moved


@click.command("supersede")
@click.argument("ref", shell_complete=complete.complete_ref)
@click.option(
    "--by", metavar="REF", required=True, help="The record that takes its place.", shell_complete=complete.complete_ref
)
@options.root_option
@options.commit_option
def supersede(ref: str, by: str, no_commit: bool) -> int:
    """Another record takes its place. Both are changed, in one step and one commit.

    \b
    Examples:
      kb decision supersede 9 --by 12
    """
    base = the_base()
    old, record = the_record(base, ref), the_record(base, by)
    edits = lifecycle.supersede(base, old, record)
    return _change(edits, base, f"{old.title}, superseded by {record.title}", not no_commit)


@click.command("link")
@click.argument("source", shell_complete=complete.complete_ref)
@click.argument("words")
@click.argument("target", shell_complete=complete.complete_ref)
@click.argument("back")
@options.root_option
@options.commit_option
def link(source: str, words: str, target: str, back: str, no_commit: bool) -> int:
    """Link two records, in adr-tools' own words. SOURCE WORDS TARGET, and BACK for the link from there.

    \b
    Examples:
      kb decision link 12 Amends 10 "Amended by"
      kb decision link 12 Clarifies 10 "Clarified by"
    """
    base = the_base()
    ours, theirs = the_record(base, source), the_record(base, target)
    edits = lifecycle.link(base, ours, words, theirs, back)
    return _change(edits, base, f"{ours.title} {words.lower()} {theirs.title}", not no_commit)
