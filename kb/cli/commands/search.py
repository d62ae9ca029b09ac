"""`kb search`, `kb list`, `kb show`: finding notes and reading them."""

from __future__ import annotations

import re
from dataclasses import asdict

import click

from ...notes.dates import When
from ...notes.knowledge_base import KnowledgeBase
from ...retrieval import answers
from ...retrieval.hit import Hit
from ...retrieval.query import filter_remarks, query_of
from ...retrieval.word_search import Match, SearchAnswer
from .. import context, options
from ..terminal import screen
from ..views import note_table


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
        answer = answers.find(base, query, kind, service or None, tags, since=since, limit=limit, progress=progress)
    finally:
        progress.clear()
    hits = answer.hits
    context.remember(base, [hit.ref for hit in hits])
    if as_json:
        screen.print_json([asdict(hit) for hit in hits])
    else:
        for number, hit in enumerate(hits, 1):
            _show_hit(base, number, hit, answer.matches.get(hit.ref), base.by_ref[hit.ref].state)
        _say_how_it_went(base, query, answer, bool(kind or service or tags or since))
    return 0 if hits else 1


def _show_hit(base: KnowledgeBase, number: int, hit: Hit, match: Match | None, state: str) -> None:
    unsolved = state if hit.kind == "incident" and state in ("open", "mitigated") else ""
    about = ", ".join(filter(None, [unsolved, _short_date(hit.date), hit.kind, *hit.services]))
    room = screen.width() - len(f"@{number}") - 4
    title = screen.cut(
        screen.visible(note_table.story(base, base.by_ref[hit.ref])), max(room * 2 // 3, room - screen.cells(about))
    )
    about = screen.cut(screen.visible(about), max(1, room - screen.cells(title)))
    screen.say(f"{screen.faint(f'@{number}')}  {screen.strong(title)}  {screen.faint(about)}")
    fix = _what_to_do(hit.fix)
    if fix:
        screen.say(f"    {screen.coloured('FIX', 'green')}  {screen.cut(screen.visible(fix), screen.width() - 9)}")
    excerpt = " ".join(hit.known_line.split())
    if excerpt and fix not in (excerpt, excerpt.lstrip("-*0123456789.) ")):
        words = (*match.words, *(word for _, word in match.related if word)) if match else tuple(hit.line.split())
        screen.say("    " + _highlighted(screen.cut(screen.visible(excerpt), screen.width() - 4), list(words)))
    if match and (said := _in_other_words(match)):
        screen.say("    " + screen.faint(screen.cut(screen.visible(said), screen.width() - 4)))


def _what_to_do(fix: str) -> str:
    """The first line of a fix that says what to do: not `Then run:`, when a command follows."""
    lines = [line.strip() for line in fix.splitlines() if line.strip() and not re.match(r"\s*(```|~~~)", line)]
    told = [line for line in lines if not line.endswith(":")]
    return (told or lines or [""])[0].lstrip("-*").strip()


def _in_other_words(match: Match) -> str:
    """Which words of the question a note has in other words, and which it lacks."""
    by_word: dict[str, list[str]] = {}
    for typed, word in match.related:
        by_word.setdefault(f"“{word}”" if word else "another word", []).append(f"“{typed}”")
    meant = [f"{word} for {' and '.join(typed)}" for word, typed in by_word.items()]
    lacking = ", ".join(f"“{word}”" for word in match.lacking)
    return "; ".join(filter(None, ["has " + ", ".join(meant) if meant else "", f"without {lacking}" if lacking else ""]))


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


def _say_how_it_went(base: KnowledgeBase, query: str, answer: SearchAnswer, narrowed: bool) -> None:
    """Whatever the one who asked can't see from the hits: words that no note has, what was taken for what, what is left out."""
    for remark in filter_remarks(base, query):
        screen.remark(remark)
    for typed, meant in answer.mended:
        screen.remark(f"no note says “{typed}”, so this is for “{meant}”")
    if answer.mended:
        corrected = query
        for typed, meant in answer.mended:
            corrected = re.sub(rf"(?<!\w){re.escape(typed)}(?!\w)", meant, corrected)
        screen.remark(f"did you mean: kb search {corrected}")
    if answer.unknown and answer.hits:
        screen.remark("no note says " + ", ".join(f"“{word}”" for word in answer.unknown))
    shown = len(answer.hits)
    if not shown:
        screen.remark(f"nothing about {query!r} in {screen.plural(len(base.notes), 'note')}")
        if narrowed or query_of(query).is_narrowed:
            screen.remark("a filter narrows it down: without it, or with fewer words, there may be more")
    elif answer.count > shown:
        whole = f"{answer.whole} with all words" if answer.whole else "none with all words"
        screen.remark(
            f"{answer.count} notes have any of this, {whole}: -n {min(answer.count, 50)} shows more, service:NAME or kind:incident fewer"
        )
