"""Finding: which notes plain words mean, and what a pasted error or log says in its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import nlargest

from ..notes.dates import When
from ..notes.kinds import Note, newest_first
from ..notes.knowledge_base import KnowledgeBase
from ..notes.markdown import strip_comments
from . import family_index, known_errors
from .concepts import Concept, concepts_of_words
from .hit import Hit, hit_of
from .index_protocol import WORDS, IndexReader
from .pasted import MOST_PAIRS, concepts_of_line, lines_of, looks_pasted
from .preference import OTHER, WANTED, asks_for_reasons, preference
from .query import Query, filter_of, query_of
from .ranking import ALL, Ranked, of_lines, of_words, rank, together
from .terms import FIXED, name_key, pairs_of, tokens

Filter = Callable[[Note], bool] | None
MOST_TEXT = 20_000  # characters of a question
SURE = 0.69  # as sure as a known error is (0.7 and more) no words alone can be
LEAST_OF_WORDS, LEAST_OF_LINES = 0.02, 0.1  # of the best score: less is chance
MOST_LINES = 2_000  # of a note, of which one is shown


@dataclass(frozen=True)
class Match:
    """Why a note was found: the words of the question that it has, has in other words, and lacks."""

    words: tuple[str, ...] = ()
    related: tuple[tuple[str, str], ...] = ()  # (what was typed, the word that the note has in its place)
    lacking: tuple[str, ...] = ()  # the words that it has in no way


@dataclass(frozen=True)
class SearchAnswer:
    """All that a search says."""

    hits: Sequence[Hit]
    matches: Mapping[str, Match] = field(default_factory=dict)  # by ref
    count: int = 0  # how many notes have any of the words
    whole: int = 0  # how many of them have all
    unknown: tuple[str, ...] = ()  # the words that no note has
    mended: tuple[tuple[str, str], ...] = ()  # (what was typed, what it was taken for)


def search(
    base: KnowledgeBase,
    index: IndexReader,
    query: str,
    kind: str | None = None,
    service: str | None = None,
    tags: Sequence[str] = (),
    since: When | None = None,
    limit: int = 20,
) -> list[Hit]:
    """The notes that words mean, best first; a pasted error is looked for as one too."""
    asked = query_of(query[:MOST_TEXT])
    return list(find(base, index, asked, filter_of(base, asked, kind, service, tags, since), limit).hits)


def find(base: KnowledgeBase, index: IndexReader, asked: Query, fits: Filter = None, limit: int = 20) -> SearchAnswer:
    """The notes within a filter that a question means, best first, and how they were found. Without a filter it is faster.

    An incident and its returns are one of them, found by the words of all.
    """
    pasted = looks_pasted(asked.text)
    fits = family_index.any_of_family(base, fits) if fits else None
    known = _known(base, index, asked.text, fits, limit) if pasted else []
    index = family_index.folded(base, index)
    if not any(True for _ in tokens(asked.text)):
        nothing_asked = not asked.text.strip() or (asked.is_narrowed and not known)
        hits = known or (_all(base, fits, limit) if nothing_asked else [])
        return SearchAnswer(hits, count=len(hits), whole=len(hits))
    groups = _groups(index, asked.text, pasted)
    ranked = together([rank(index, row, pairs, of_lines if pasted else of_words) for row, pairs in groups])
    rows = _in_order(base, index, asked.text, ranked, fits, limit)
    least = (LEAST_OF_LINES if pasted else LEAST_OF_WORDS) * (rows[0].score if rows else 0.0)
    rows = [row for row in rows if row.score >= least]
    found = [row.met for row in rows] if fits else [here.met for here in ranked.values()]
    concepts = [concept for row, _ in groups for concept in row]
    if not rows and not known and asked.is_narrowed and not any(terms for _, terms in tokens(asked.text)):
        rows_left = _all(base, fits, limit)  # words that say nothing, and a filter
        return SearchAnswer(rows_left, count=len(rows_left), whole=len(rows_left))
    holders = _Holders(index)
    return SearchAnswer(
        *_shown(known, rows, concepts, holders, base, limit),
        count=max(len(known), len(found)),
        whole=sum(met > ALL for met in found),
        unknown=() if pasted else holders.unknown(concepts),
        mended=() if pasted else tuple((c.typed, c.mended) for c in concepts if c.mended),
    )


def _known(base: KnowledgeBase, index: IndexReader, text: str, fits: Filter, limit: int) -> list[Hit]:
    """The notes whose known errors are surely in a text."""
    found = {hit.ref: hit for hit in known_errors.seen(base, index, text, limit * 2) if hit.strength != "weak"}
    notes = base.families.first_of_each(note for ref in found if not fits or fits(note := base.by_ref[ref]))
    return [replace(found[note.ref], strength=None) for note in notes[:limit]]


def _groups(index: IndexReader, text: str, pasted: bool) -> list[tuple[list[Concept], list[str]]]:
    """What is asked for, and its pairs of words: of all words together, or of each line of a log."""
    if not pasted:
        return [(concepts_of_words(index, text), list(pairs_of(text)))]
    return [(concepts_of_line(line), list(pairs_of(line))[:MOST_PAIRS]) for line in lines_of(text)]


def _all(base: KnowledgeBase, fits: Filter, limit: int) -> list[Hit]:
    """What the filters alone leave, newest first."""
    found = newest_first([note for note in base.notes if not fits or fits(note)])
    return [hit_of(base, note, 0.0, None, "", "") for note in base.families.first_of_each(found)[:limit]]


# ---- the order -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    note: Note
    document: int
    score: float
    met: float


def _in_order(
    base: KnowledgeBase, index: IndexReader, text: str, ranked: Mapping[int, Ranked], fits: Filter, limit: int
) -> list[_Row]:
    """The notes, best first; of those that fit alike the newest. Without a filter only as many as can be shown."""
    reasons = asks_for_reasons(text)
    named = {document for document, _ in index.postings(WORDS, name_key(text))}
    fixed = {document for document, _ in index.postings(WORDS, FIXED)}
    least = 0.0
    if not fits and len(ranked) > 2 * limit:
        # What is preferred least can't come after what is preferred most and fits so much less.
        least = nlargest(2 * limit, (here.score for here in ranked.values()))[-1] * OTHER / WANTED
    rows = []
    for document in {*(document for document, here in ranked.items() if here.score >= least), *named}:
        note = base.by_ref.get(index.ref(document))
        if note and (not fits or fits(note)):
            here = ranked.get(document, Ranked(0.0, 0.0))
            rows.append(_Row(note, document, here.score * preference(note, reasons, document in fixed), here.met))
    top = max((row.score for row in rows), default=0.0) or 1.0
    # Who types just a name wants just that.
    rows = [replace(row, score=row.score + top, met=1.0) if row.document in named else row for row in rows]
    rows.sort(
        key=lambda row: (row.score, row.note.date.moment.timestamp() if row.note.date else 0.0, row.note.ref), reverse=True
    )
    return rows


# ---- what is shown -------------------------------------------------------------------------------------------------------


class _Holders:
    """Which documents have a term."""

    def __init__(self, index: IndexReader) -> None:
        self._index = index
        self._found: dict[str, frozenset[int]] = {}

    def has(self, document: int, term: str) -> bool:
        """Whether the document has the term."""
        if term not in self._found:
            self._found[term] = frozenset(found for found, _ in self._index.postings(WORDS, term))
        return document in self._found[term]

    def unknown(self, concepts: Sequence[Concept]) -> tuple[str, ...]:
        """The words that no note has, in no way."""
        return tuple(c.typed for c in concepts if not any(self._index.frequency(WORDS, term) for term in c.weights))


def _shown(
    known: Sequence[Hit], rows: Sequence[_Row], concepts: Sequence[Concept], holders: _Holders, base: KnowledgeBase, limit: int
) -> tuple[list[Hit], dict[str, Match]]:
    """The hits, and why each was found."""
    hits = {hit.ref: hit for hit in known}
    matches: dict[str, Match] = {}
    unknown = holders.unknown(concepts)
    # A row that has only some of what was asked, or only in other words, is never as sure as one that has it.
    sureness = (SURE if known else 1.0) * of_words(rows[0].met) / rows[0].score if rows else 0.0
    told = {member.ref for hit in known for member in base.family(base.by_ref[hit.ref])}
    for row in rows:
        if len(hits) >= limit:
            break
        if row.note.ref not in told:
            met = [(c, [term for term in _by_weight(c) if holders.has(row.document, term)]) for c in concepts]
            excerpt, words = _excerpt(row.note, {term for _, terms in met for term in terms})
            match = _match(met, words, unknown)
            matches[row.note.ref] = match
            line = " ".join(dict.fromkeys((*match.words, *(typed for typed, _ in match.related))))
            hits[row.note.ref] = hit_of(base, row.note, row.score * sureness, None, line, excerpt)
    return list(hits.values()), matches


def _by_weight(concept: Concept) -> list[str]:
    return sorted(concept.weights, key=lambda term: (-concept.weights[term], term))


def _match(met: Sequence[tuple[Concept, list[str]]], words: Mapping[str, str], unknown: Collection[str]) -> Match:
    """What was typed by whether the note has it, or a word that means it, or neither; a stem is never shown."""
    own: dict[str, None] = {}
    related: dict[tuple[str, str], None] = {}
    for concept, terms in met:
        if not terms:
            continue
        word = _part(words.get(terms[0], ""), terms[0])
        if terms[0] in concept.own or word.lower() == concept.typed.lower():
            own[concept.typed] = None
        else:
            related[concept.typed, word] = None
    return Match(
        tuple(own), tuple(related), tuple(concept.typed for concept, terms in met if not terms and concept.typed not in unknown)
    )


def _part(word: str, term: str) -> str:
    """The part of a joined word that a term stands for."""
    return next((part for part in re.split("[-_.]", word) if term in dict(tokens(part)).get(part, ())), word)


def _excerpt(note: Note, wanted: set[str]) -> tuple[str, dict[str, str]]:
    """The line of a note's text that has most of the terms, and for each term the word that it stands for."""
    best, most = "", 0
    words: dict[str, str] = {}
    for number, line in enumerate(
        [
            " ".join((note.title, note.name, *note.services, *note.hosts, *note.tags)),
            *strip_comments(note.body).splitlines()[:MOST_LINES],
        ]
    ):
        if not line.strip() or (number and line.lstrip().startswith(("#", "```", "~~~"))):
            continue
        met: dict[str, str] = {}
        for word, terms in tokens(line[:500]):
            for term in wanted.intersection(terms):
                met.setdefault(term, word)
        words = met | words
        if number and len(met) > most:
            best, most = line.strip(), len(met)
    return (best if len(best) <= 200 else best[:199] + "…"), words
