"""`kb decision accept`, `supersede`, `link` and the other moves of a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from ...capture.note_draft import masked_text
from ...decisions import lifecycle
from ...decisions.lifecycle import Edit
from ...exceptions import WrongUse, listed
from ...notes.dates import When
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
    return replace(edit, fields=fields)


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
    @options.at_option("When that was decided. [default: today]")
    @options.root_option
    @options.commit_option
    def moved(ref: tuple[str, ...], at: When | None, no_commit: bool) -> int:
        base = the_base()
        record = the_record(base, " ".join(ref))
        day = clock.day_before_now(at)
        edits = lifecycle.accept(base, record, day) if state == "accepted" else [lifecycle.move(record, state, day)]
        return _change(edits, base, f"{record.title}, {state}", not no_commit)

    return moved


@click.command("supersede")
@click.argument("ref", shell_complete=complete.complete_ref)
@click.option(
    "--by", metavar="REF", required=True, help="The record that takes its place.", shell_complete=complete.complete_ref
)
@options.at_option("When that was. [default: today]")
@options.root_option
@options.commit_option
def supersede(ref: str, by: str, at: When | None, no_commit: bool) -> int:
    """Another record takes its place. Both are changed, in one step and one commit.

    One that is only proposed takes it when it is accepted.

    \b
    Examples:
      kb decision supersede 9 --by 12
    """
    base = the_base()
    old, record = the_record(base, ref), the_record(base, by)
    edits = lifecycle.supersede(base, old, record, clock.day_before_now(at))
    say_who_waits([old], record)
    return _change(edits, base, f"{old.title}, superseded by {record.title}", not no_commit)


def say_who_waits(old: Sequence[Decision], new: Decision) -> None:
    """Say that a proposed record takes nobody's place yet."""
    if old and lifecycle.waits(new):
        names = listed([note.name for note in old], "and")
        verb = "stays" if len(old) == 1 else "stay"
        screen.remark(f"{names} {verb} in force until {new.name} is accepted: kb decision accept {new.number or new.name}")


@click.command("review")
@click.argument("ref", nargs=-1, required=True, shell_complete=complete.complete_ref)
@click.option(
    "--next",
    "following",
    metavar="WHEN",
    default="",
    help="When to look again: a date, or in a while (6m, 1y). [default: never]",
)
@click.option("--right", metavar="TEXT", help="It was right: what one sees by now.")
@click.option("--wrong", metavar="TEXT", help="It was wrong: what one sees by now. It stays in force until it is replaced.")
@options.at_option("When that was. [default: today]")
@options.root_option
@options.commit_option
def review(ref: tuple[str, ...], following: str, right: str | None, wrong: str | None, at: When | None, no_commit: bool) -> int:
    """It was looked at again. Was it right?

    \b
    Examples:
      kb decision review 9 --next 1y
      kb decision review 9 --wrong "the disk was full after a month"
    """
    if right is not None and wrong is not None:
        raise WrongUse("it was right or it was wrong: take one of --right and --wrong")
    base = the_base()
    record = the_record(base, " ".join(ref))
    day = clock.day_before_now(at)
    turned_out = "right" if right is not None else "wrong" if wrong is not None else ""
    edit = lifecycle.review(record, day, clock.ahead(following), turned_out)
    words, kinds = masked_text(right or wrong or "")
    if words.strip():
        edit = replace(edit, section="reviews", line=f"- {day.isoformat()} {turned_out}: {' '.join(words.split())}")
    save_result.say_masked(kinds)
    return _change([edit], base, f"{record.title}, looked at again", not no_commit)


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
    edits = lifecycle.link(base, ours, words, theirs, back, clock.now().date())
    return _change(edits, base, f"{ours.title} {words.lower()} {theirs.title}", not no_commit)
