"""`kb decision renumber`: two machines made the same number, and the younger record gets the next free one, with all links."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from ...decisions import renumber_plan
from ...decisions.renumber_plan import Renumbered
from ...exceptions import WrongUse
from ...notes.kinds import Decision, Note
from ...notes.knowledge_base import KnowledgeBase
from ...storage import git_history, loader, transaction
from .. import complete, context, input_streams, options
from ..terminal import screen
from ..views import save_result


@click.command("renumber")
@click.argument("ref", nargs=-1, shell_complete=complete.complete_ref)
@click.option("--to", "number", metavar="N", type=click.IntRange(0, 999_999), help="This number, not the next free one.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@options.root_option
@options.commit_option
def renumber(ref: tuple[str, ...], number: int | None, dry_run: bool, no_commit: bool) -> int:
    """Give decisions other numbers. Every link, ref and front matter that meant them is rewritten.

    Without a REF: of all that have the same number, the one that Git knows longest keeps it, and the others get the next
    free ones. All notes change in one step and one commit, or none does; each link is read again before anything is written.

    \b
    Examples:
      kb decision renumber                        after a merge of two branches
      kb decision renumber 7 --to 12 --dry-run
      kb decision renumber 0007-use-caddy
    """
    base = context.the_base()
    if ref:
        note = context.find(base, " ".join(ref), "decision")
        if not isinstance(note, Decision):
            raise WrongUse(f"{note.ref} is a {note.kind}, no decision")
        numbers = renumber_plan.to_number(base, note, number)
    elif number is not None:
        raise WrongUse("--to wants the decision that gets the number: kb decision renumber REF --to N")
    else:
        numbers = _apart(base)
    if not numbers:
        screen.remark("no two decisions have the same number")
        return 0
    return _renumber(base, numbers, not no_commit, dry_run)


def set_apart(base: KnowledgeBase, commit: bool) -> tuple[int, KnowledgeBase]:
    """Renumber the younger of all decisions with one number; the status, and the knowledge base as it is then."""
    numbers = _apart(base)
    if not numbers:
        return 0, base
    status = _renumber(base, numbers, commit, dry_run=False)
    return status, loader.load(base.root)


def _apart(base: KnowledgeBase) -> dict[str, int]:
    paths = [note.path for notes in renumber_plan.twins(base) for note in notes]
    births = git_history.births(base.root, paths) if paths else {}
    return renumber_plan.apart(base, lambda note: births.get(note.path, float("inf")))


def _renumber(base: KnowledgeBase, numbers: Mapping[str, int], commit: bool, dry_run: bool) -> int:
    def again(note: Note, data: bytes) -> Note:
        return loader.reread(note, data, base.settings)

    done = renumber_plan.renumbered(base, numbers, lambda path: input_streams.read_file(base.root / path), again)
    paths = [] if dry_run else transaction.move(base.root, done.moves, done.changes, done.folders)
    for path in base.attachments:  # a record's folder takes its pictures along
        if folder := next((one for one in done.folders if path.startswith(one + "/")), ""):
            paths += [] if dry_run else [base.root / path, base.root / (done.folders[folder] + path[len(folder) :])]
    for move in done.moves:
        screen.say_path(base.root / move.path)
    _report(done, dry_run)
    if dry_run:
        return 0
    names = [
        f"{_named(move.old_path)} is {_named(move.path)}" for move in done.moves if _named(move.path) != _named(move.old_path)
    ]
    said = names[0] if len(names) == 1 else f"{len(names)} records"
    return save_result.commit(base, paths, f"decision: renumber, {said}", commit, new=True)


def _report(done: Renumbered, dry_run: bool) -> None:
    for move in done.moves:
        verb = "would be" if dry_run else "is now"
        if _named(move.path) != _named(move.old_path):
            screen.remark(screen.visible(f"{_named(move.old_path)} {verb} {_named(move.path)}"))
    for path in done.changes:
        screen.remark(screen.visible(f"  {path}: links {'would follow' if dry_run else 'follow'}"))
    for place in done.doubtful:
        screen.remark(screen.visible(f"{place}: names the number alone, which two had: it means the older one from now on"))
    if done.mentions:
        more = f" and {len(done.mentions) - _SHOWN} more" if len(done.mentions) > _SHOWN else ""
        screen.remark("prose names an old number, and is left: look whether it means one that moved")
        screen.remark(screen.visible(f"  {', '.join(done.mentions[:_SHOWN])}{more}"))


_SHOWN = 10  # places of prose that are named


def _named(path: str) -> str:
    """The name of a record by its path: the file's, or its folder's where each record has one."""
    return Path(path).parent.name if Path(path).stem.lower() in ("readme", "index", "adr", "decision") else Path(path).stem
