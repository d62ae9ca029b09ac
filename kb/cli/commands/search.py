"""`kb search`, `kb list`, `kb show`: finding notes and reading them."""

from __future__ import annotations

import re
import sys
from dataclasses import asdict

import click

from ...exceptions import CannotRead, system_reason
from ...notes.kinds import Hit, Note, When
from ...notes.knowledge_base import KnowledgeBase
from ...notes.markdown import without_empty_sections
from ...retrieval import answers
from .. import options
from ..terminal import screen
from ..views.note_table import select, show_list, with_words

# A longer note (a log that was pasted whole) is printed as it is: rendering it takes seconds.
MOST_RENDERED = 200_000


@click.command("list")
@click.argument("words", nargs=-1)
@options.kind_option
@options.service_option("Only notes about this service.")
@options.tag_option
@click.option(
    "--status",
    metavar="WORD",
    default="",
    help="Only notes with this status: open, resolved, accepted …",
    shell_complete=options.complete_state(),
)
@options.since_option
@options.most_option
@options.root_option
@options.json_option
def list_(
    words: tuple[str, ...],
    kind: str | None,
    service: str,
    tags: tuple[str, ...],
    status: str,
    since: When | None,
    most: int | None,
    as_json: bool,
) -> int:
    """List notes, newest first. Then `@1` means the first of them, in any command.

    WORDS must stand in their title or text; `kb search` finds more, the best first.

    \b
    Examples:
      kb list certificate
      kb list --since 4w
      kb list --kind incident --service jellyfin --status open
      kb list --tag dns --json
    """
    base = options.the_base()
    show_list(base, with_words(select(base, kind or "", service, tags, status, since), words), as_json, most=most)
    return 0


@click.command()
@click.argument("words", nargs=-1, required=True)
@options.kind_option
@options.service_option("Only notes about this service.")
@options.tag_option
@options.since_option
@click.option("--limit", "-n", type=click.IntRange(1), default=10, show_default=True, help="At most so many.")
@options.root_option
@options.json_option
def search(
    words: tuple[str, ...], kind: str | None, service: str, tags: tuple[str, ...], since: When | None, limit: int, as_json: bool
) -> int:
    """Find notes by plain words. For an error on the screen, `kb seen` is better.

    A word may name a field: service:jellyfin, kind:decision, tag:dns. No text can be wrong.

    \b
    Examples:
      kb search videos wont play
      kb search certificate service:traefik --since 1y
      kb search "why postgres" --kind decision
    """
    base = options.the_base()
    query = " ".join(words)
    progress = screen.Progress("indexing notes:")
    try:
        hits = answers.search(base, query, kind, service or None, tags, since=since, limit=limit, progress=progress)
    finally:
        progress.clear()
    options.remember(base, [hit.ref for hit in hits])
    if as_json:
        screen.print_json([asdict(hit) for hit in hits])
    else:
        for number, hit in enumerate(hits, 1):
            _show_hit(number, hit)
        _say_how_it_went(base, query, len(hits))
    return 0 if hits else 1


def _show_hit(number: int, hit: Hit) -> None:
    about = ", ".join(filter(None, [_short_date(hit.date), hit.kind, *hit.services]))
    room = screen.width() - len(f"@{number}") - 4
    title = screen.cut(screen.visible(hit.title), max(room * 2 // 3, room - screen.cells(about)))
    about = screen.cut(screen.visible(about), max(1, room - screen.cells(title)))
    screen.say(f"{screen.faint(f'@{number}')}  {screen.strong(title)}  {screen.faint(about)}")
    if hit.fix:
        screen.say(
            f"    {screen.coloured('FIX', 'green')}  {screen.cut(screen.visible(first_line(hit.fix)), screen.width() - 9)}"
        )
    if hit.known_line:
        screen.say(
            "    "
            + _highlighted(screen.cut(screen.visible(" ".join(hit.known_line.split())), screen.width() - 4), hit.line.split())
        )


def first_line(markdown: str) -> str:
    """The first line of a Markdown text that says something (not a fence)."""
    return next((line.strip() for line in markdown.splitlines() if line.strip() and not re.match(r"\s*(```|~~~)", line)), "")


def _short_date(text: str) -> str:
    try:
        return When.read(text).short()
    except ValueError:
        return text


def _highlighted(text: str, words: list[str]) -> str:
    """The excerpt with the found words in bold."""
    if not words:
        return text
    pattern = "|".join(sorted((re.escape(word) for word in words), key=len, reverse=True))
    return re.sub(rf"(?<!\w)({pattern})", lambda found: screen.strong(found[0]), text, flags=re.IGNORECASE)


def _say_how_it_went(base: KnowledgeBase, query: str, count: int) -> None:
    better = answers.did_you_mean(base, query)
    if better:
        corrected = " ".join(better.get(word, word) for word in query.split())
        screen.remark(f"did you mean: kb search {corrected}")
    if not count:
        screen.remark(f"nothing about {query!r} in {screen.plural(len(base.notes), 'note')}")


@click.command()
@click.argument("ref", nargs=-1, required=True, shell_complete=options.complete_ref)
@options.root_option
@options.json_option
def show(ref: tuple[str, ...], as_json: bool) -> int:
    """Show a note, and what links to it. Into a pipe goes the file as it is.

    A REF is a path, a ref, words of its name, a decision's number, a service's alias, or @1 of the last list.

    \b
    Examples:
      kb show jellyfin 502
      kb show ADR-7
      kb show @1
    """
    base = options.the_base()
    note = options.find(base, " ".join(ref))
    if as_json:
        screen.print_json(_document(base, note))
    else:
        print_note(base, note)
    return 0


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


def _document(base: KnowledgeBase, note: Note) -> dict[str, object]:
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
        console.print(NoteMarkdown(without_empty_sections(note.body)))
    backlinks = base.backlinks.get(note.ref, ())
    if backlinks:
        screen.say("\n" + screen.faint("linked from"))
        for other in backlinks:
            screen.say(f"  {screen.visible(other.title)}  {screen.faint(screen.visible(other.ref))}")
