"""A note on the screen."""

from __future__ import annotations

import re
import sys

import click

from ...exceptions import CannotRead, system_reason
from ...notes.kinds import Note
from ...notes.knowledge_base import KnowledgeBase
from ...notes.markdown import DEAD_ENDS, without_empty_sections
from ..terminal import screen

# A longer note (a log that was pasted whole) is printed as it is: rendering it takes seconds.
MOST_RENDERED = 200_000


def first_line(markdown: str) -> str:
    """The first line of a Markdown text that says something (not a fence)."""
    return next((line.strip() for line in markdown.splitlines() if line.strip() and not re.match(r"\s*(```|~~~)", line)), "")


def print_note(base: KnowledgeBase, note: Note) -> None:
    """A note as a reader wants it on a terminal, and the file as it is into a pipe. Raises CannotRead."""
    if sys.stdout.isatty():
        _render(base, note)
        return
    path = base.root / note.path
    try:
        click.echo(path.read_bytes(), nl=False)
    except OSError as error:
        raise CannotRead(path, system_reason(error)) from error


def as_document(base: KnowledgeBase, note: Note) -> dict[str, object]:
    """A note as data for `--json`."""
    return {
        "ref": note.ref,
        "kind": note.kind,
        "title": note.title,
        "path": str(base.root / note.path),
        "front_matter": note.front,
        "body": note.body,
        "errors": [error.text for error in note.errors],
        "backlinks": [other.ref for other in base.backlinks.get(note.ref, ())],
    }


def with_dead_ends_below_the_fix(note: Note) -> str:
    """The body with what did not work right below the fix, wherever it stands in the file: who reads the fix should see both."""
    body = note.body
    fix, dead = (next((part for part in note.sections if part.name == name), None) for name in ("fix", DEAD_ENDS))
    if fix is None or dead is None or fix.level != dead.level:
        return body
    head = body.rfind("\n", 0, dead.start - 1) + 1
    moved = body[head : dead.end].rstrip("\n") + "\n\n"
    if head < fix.start:
        return f"{body[:head]}{body[dead.end : fix.end]}\n{moved}{body[fix.end :]}"
    return f"{body[: fix.end]}\n{moved}{body[fix.end : head]}{body[dead.end :]}"


def _render(base: KnowledgeBase, note: Note) -> None:
    """The note on a terminal: title, facts, Markdown, backlinks."""
    from rich.console import Console

    from ..terminal.rich_markdown import NoteMarkdown

    if note.problem:
        screen.remark(f"{note.problem}")
    screen.say(screen.strong(screen.visible(note.title)))
    screen.say(screen.faint(screen.visible(note.path)))
    for key, value in note.front.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        if text and key not in ("title", "imported"):  # the marks of an import are for the next import
            screen.say(f"{screen.faint(screen.visible(key) + ':')} {screen.visible(' '.join(text.split()))}")
    screen.say()
    colours = click.get_current_context().color is not False
    if len(note.body) > MOST_RENDERED:
        screen.say(screen.visible(note.body))
    else:
        console = Console(width=min(screen.width(), 100), force_terminal=colours, highlight=False)
        console.print(NoteMarkdown(without_empty_sections(with_dead_ends_below_the_fix(note))))
    backlinks = base.backlinks.get(note.ref, ())
    if backlinks:
        screen.say("\n" + screen.faint("linked from"))
        for other in backlinks:
            screen.say(f"  {screen.visible(other.title)}  {screen.faint(screen.visible(other.ref))}")
