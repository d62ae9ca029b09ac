"""`kb search`, `kb list`, `kb show`: finding notes and reading them."""

from __future__ import annotations

import re
from dataclasses import asdict

import click

from ...notes.dates import When
from ...notes.knowledge_base import KnowledgeBase
from ...retrieval import answers
from ...retrieval.hit import Hit
from .. import context, options
from ..terminal import screen
from ..views import note_table
from ..views.note_view import first_line


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
    base = context.the_base()
    query = " ".join(words)
    progress = screen.Progress("indexing notes:")
    try:
        hits = answers.search(base, query, kind, service or None, tags, since=since, limit=limit, progress=progress)
    finally:
        progress.clear()
    context.remember(base, [hit.ref for hit in hits])
    if as_json:
        screen.print_json([asdict(hit) for hit in hits])
    else:
        for number, hit in enumerate(hits, 1):
            _show_hit(base, number, hit)
        _say_how_it_went(base, query, len(hits))
    return 0 if hits else 1


def _show_hit(base: KnowledgeBase, number: int, hit: Hit) -> None:
    about = ", ".join(filter(None, [_short_date(hit.date), hit.kind, *hit.services]))
    room = screen.width() - len(f"@{number}") - 4
    title = screen.cut(
        screen.visible(note_table.story(base, base.by_ref[hit.ref])), max(room * 2 // 3, room - screen.cells(about))
    )
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
