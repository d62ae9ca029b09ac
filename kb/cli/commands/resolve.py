"""`kb resolve`: two versions of one note side by side, and one of them made of both."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path

import click

from ...capture import kept_drafts
from ...exceptions import ChangedMeanwhile, WrongUse
from ...notes import front_matter
from ...notes.kinds import Note
from ...notes.knowledge_base import KnowledgeBase
from ...notes.versions import Version
from ...storage import files
from .. import complete, context, input_streams, options
from ..terminal import ask, screen
from ..views import draft_editor, save_result

KEEP = ("note", "other", "both")


@click.command()
@click.argument("ref", nargs=-1, shell_complete=complete.complete_ref)
@click.option("--keep", type=click.Choice(KEEP), help="Which to keep, without the question; `both` opens the editor.")
@options.root_option
@options.commit_option
def resolve(ref: tuple[str, ...], keep: str | None, no_commit: bool) -> int:
    """Make one note of two versions.

    `kb sync` puts your version of a note beside theirs when both changed one place, and Syncthing, Nextcloud and the like
    do it in their own way. Shows where the two differ, and keeps the note, the other version, or both in one, which you
    put together in the editor. The one that goes stays in Git. Without a REF: all pairs that there are.

    \b
    Examples:
      kb resolve
      kb resolve jellyfin 502
      kb resolve jellyfin 502 --keep other
    """
    base = context.the_base()
    if not ref:
        return _list(base)
    note, pair = _pair(base, " ".join(ref))
    ours, other = input_streams.read_file(base.root / note.path), input_streams.read_file(base.root / pair.path)
    _show(pair, ours, other)
    wanted = keep or _asked(pair)
    if not wanted:
        return 1
    _settle(base, note, pair, (ours, other), wanted)
    paths = [base.root / note.path, base.root / pair.path]
    status = save_result.commit(base, paths, f"{note.kind}: {note.title}, one of two versions", not no_commit, new=True)
    if more := [one for one in base.pairs if one.of == note.path and one is not pair]:
        screen.remark(f"{screen.plural(len(more), 'version')} more of it: kb resolve {note.ref}")
    return status


def _list(base: KnowledgeBase) -> int:
    notes = {note.path: note for note in base.notes}
    refs = list(dict.fromkeys(notes[pair.of].ref for pair in base.pairs if pair.of in notes))
    context.remember(base, refs)
    for pair in base.pairs:
        if note := notes.get(pair.of):
            number = refs.index(note.ref) + 1
            about = screen.faint(screen.visible(f"and {pair.path}, by {pair.by}"))
            screen.say(f"@{number}  {screen.visible(note.title)}  {about}")
    screen.remark(f"{screen.plural(len(base.pairs), 'pair')}: kb resolve @1" if base.pairs else "no note has two versions")
    return 0


def _pair(base: KnowledgeBase, name: str) -> tuple[Note, Version]:
    """The note and its other version that a REF means, which may be either's. Raises WrongUse when there are no two."""
    found = context.find(base, name)
    pair = next((one for one in base.pairs if found.path in (one.path, one.of)), None)
    if pair is None:
        raise WrongUse(f"{found.ref} has one version only: kb resolve lists the notes that have two")
    return next(note for note in base.notes if note.path == pair.of), pair


def _show(pair: Version, ours: bytes, other: bytes) -> None:
    """The blocks of lines that differ, the note's first."""
    left, right = (data.decode("utf-8", "replace").splitlines() for data in (ours, other))
    screen.remark(f"-  {pair.of}")
    screen.remark(f"+  {pair.path}, by {pair.by}")
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        screen.say(screen.faint(f"line {a1 + 1}"))
        for sign, lines, colour in (("-", left[a1:a2], "red"), ("+", right[b1:b2], "green")):
            for line in lines:
                screen.say(screen.coloured(f"{sign}  {screen.visible(line)}", colour))


def _asked(pair: Version) -> str:
    """What to keep, as the terminal says; empty for neither. Raises WrongUse without one."""
    if not ask.has_terminal():
        raise WrongUse(f"say which to keep: --keep note (-), --keep other (+: {pair.path}) or --keep both")
    answer = ask.line("Keep - (the note), + (the other), or both in the editor? [-/+/b, Enter: later]").lower()
    return {
        "-": "note",
        "n": "note",
        "note": "note",
        "+": "other",
        "o": "other",
        "other": "other",
        "b": "both",
        "both": "both",
    }.get(answer, "")


def _settle(base: KnowledgeBase, note: Note, pair: Version, versions: tuple[bytes, bytes], wanted: str) -> None:
    """Write what is kept into the note, and remove the other file. Raises ChangedMeanwhile when somebody else wrote either."""
    path, beside = base.root / note.path, base.root / pair.path
    ours, other = versions
    kept: Path | None = None
    data = other if wanted == "other" else ours
    if wanted == "both":
        kept = kept_drafts.keep_edit(base, note, ours)
        kept.write_bytes(_joined(ours, other, pair))
        data = draft_editor.edited(kept, f"kb edit {note.ref} --resume")
        if front_matter.has_marks(data):
            raise WrongUse(
                f"the draft still holds both, between <<<<<<< and >>>>>>>; it is kept in {kept}: kb edit {note.ref} --resume"
            )
    if beside.read_bytes() != other:
        raise ChangedMeanwhile(beside, kept)
    if data != ours:
        files.replace(path, ours, data)
    beside.unlink()
    if kept:
        kept.unlink(missing_ok=True)
    screen.say_path(path)


def _joined(ours: bytes, other: bytes, pair: Version) -> bytes:
    """Both versions in one text, as Git marks what differs."""
    left, right = ours.splitlines(keepends=True), other.splitlines(keepends=True)
    parts: list[bytes] = []
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            parts += left[a1:a2]
            continue
        first, second = (b"".join(lines) for lines in (left[a1:a2], right[b1:b2]))
        marks = (b"<<<<<<< the note\n", _ended(first), b"=======\n", _ended(second), f">>>>>>> {pair.by}\n".encode())
        parts += marks
    return b"".join(parts)


def _ended(lines: bytes) -> bytes:
    return lines if not lines or lines.endswith(b"\n") else lines + b"\n"
