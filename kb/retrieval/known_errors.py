"""Matching: which known error a log holds, and how sure that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from heapq import nlargest, nsmallest

from ..logs.fingerprint import fingerprint, terms
from ..notes.kinds import Note
from ..notes.knowledge_base import KnowledgeBase
from ..notes.recurrence import has_fix
from .evidence import Rarity, WeighedLine, compare, weighed_line
from .hit import Hit, hit_of
from .index_protocol import ERROR, IndexReader, known_lines
from .proven_fix import proven_first
from .question import Question, read_question
from .verdict import Pair, code_places, verdict
from .whole_note import Whole, sure_of_all

MAX_LINES = 60  # of one question, which are compared with the known ones
RAREST_TERMS = 10
CANDIDATES, CANDIDATES_OF_MANY = 50, 15  # notes looked at closely for each line; fewer when there are many lines


def seen(base: KnowledgeBase, index: IndexReader, text: str, limit: int = 10) -> list[Hit]:
    """The notes whose known errors are in `text`, best first."""
    return hits_of(base, found_notes(base, index, text, limit))


def hits_of(base: KnowledgeBase, found: Iterable[tuple[Pair, Note]]) -> list[Hit]:
    """What every door shows of the notes that were found."""
    return [_hit(base, *row) for row in found]


def claimed_by(found: Iterable[tuple[Pair, Note]]) -> frozenset[str]:
    """The signatures of all lines of the question that the claimed notes explain."""
    return frozenset(signature for pair, _ in found if pair.strength != "weak" for signature in pair.explains)


def _hit(base: KnowledgeBase, pair: Pair, note: Note) -> Hit:
    return hit_of(base, note, pair.evidence.score, pair.strength, pair.line, pair.known_line)


def found_notes(base: KnowledgeBase, index: IndexReader, text: str, limit: int) -> list[tuple[Pair, Note]]:
    """The notes that may know what is in `text`, each with its best pair of lines; best first."""
    return matched(base, index, read_question(text, base.ordinary), limit)


def matched(base: KnowledgeBase, index: IndexReader, question: Question, limit: int) -> list[tuple[Pair, Note]]:
    """The same for a text that was read as a question."""
    rarity = Rarity(index, base)
    best: dict[int, list[Pair]] = defaultdict(list)
    lines = _promising(rarity, question.lines)
    width = CANDIDATES if len(lines) < 5 else CANDIDATES_OF_MANY
    for line, signature in lines:
        for pair in _pairs(index, rarity, rarity.weighed(line, signature), width):
            best[pair.document].append(pair)
    places = code_places(rarity.weighed(*row) for row in lines)
    whole = Whole(places, question, rarity.sharing)
    found = [sure_of_all(whole, rarity.known_lines(document), pairs) for document, pairs in best.items()]
    surest = nsmallest(3 * limit, found, key=lambda pair: (pair.rank, index.ref(pair.document)))
    named = [(pair, note) for pair in surest if (note := base.by_ref.get(index.ref(pair.document)))]
    named.sort(key=lambda row: _order(*row))
    return proven_first(base, named)[:limit]


def _order(pair: Pair, note: Note) -> tuple[int, float, bool, float, str]:
    """The surest first; of several alike the ones with a fix, and of those the newest: its fix fits today's versions."""
    rank, score = pair.rank
    return (
        rank,
        round(score, 2),
        not has_fix(note),
        -(note.date.moment.timestamp() if note.date else 0.0),
        note.ref,
    )


def _promising(rarity: Rarity, lines: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """Of many lines those that may be known: by fingerprint, else by how much of their words is known at all."""
    if len(lines) <= MAX_LINES:
        return lines

    def promise(row: tuple[str, str]) -> float:
        mark = fingerprint(row[1])
        if mark and rarity.frequency("#" + mark):
            return 100.0
        line = rarity.weighed(*row)
        met = sum(weight for term, weight in line.weights.items() if rarity.frequency(term))
        return met * met / (line.total or 1.0)

    scores = [promise(row) for row in lines]
    return [lines[i] for i in sorted(nlargest(MAX_LINES, range(len(lines)), key=lambda i: (scores[i], -i)))]


def _pairs(index: IndexReader, rarity: Rarity, asked: WeighedLine, width: int) -> Iterator[Pair]:
    """The known lines that a line may be, each with its evidence: the best one of at most `width` notes."""
    if not asked.total:
        return
    for document in _candidates(index, rarity, asked)[:width]:
        best: Pair | None = None
        for known in rarity.known_lines(document):
            pair = _pair(document, asked, known)
            if best is None or pair.rank < best.rank:
                best = pair
        if best:
            yield best


def _pair(document: int, asked: WeighedLine, known: WeighedLine) -> Pair:
    evidence = compare(asked, known)
    return Pair(document, asked, known, evidence, verdict(evidence, asked, known))


def _candidates(index: IndexReader, rarity: Rarity, asked: WeighedLine) -> list[int]:
    """The documents worth a closer look: with the same fingerprint, else with the most of the rarest terms."""
    scores: dict[int, float] = defaultdict(float)
    if mark := fingerprint(asked.signature):
        for document, _ in index.postings(ERROR, "#" + mark):
            scores[document] += 10
    there = [term for term in asked.weights if rarity.frequency(term)]
    for term in nlargest(RAREST_TERMS, there, key=asked.weights.__getitem__):
        weight = asked.weights[term]
        for document, _ in index.postings(ERROR, term):
            scores[document] += weight
    return nlargest(CANDIDATES, scores, key=lambda d: (scores[d], -d))


def _plainly(line: str, signature: str) -> WeighedLine:
    """A line ready to be compared where no index says how rare its words are."""
    return weighed_line(line, signature, terms(signature))


def known(base: KnowledgeBase, error_text: str, limit: int = 5) -> list[Hit]:
    """The notes that know this error, found by their fingerprints alone, without an index; best first, no weak ones.

    A fingerprint is no proof, so the lines themselves are compared.
    """
    question = read_question(error_text)
    asked = {fingerprint(row[1]): _plainly(*row) for row in question.lines}
    whole = Whole(code_places(asked.values()), question, lambda _: 1)
    asked.pop("", None)
    found: list[tuple[Pair, Note]] = []
    for note in base.notes if asked else ():
        if asked.keys().isdisjoint(note.fingerprints):
            continue
        lines = [replace(_plainly(line, signature), error=error) for line, signature, error in known_lines(note.errors)]
        pairs = [_pair(0, line, other) for other in lines if (line := asked.get(fingerprint(other.signature)))]
        if pairs and (surest := sure_of_all(whole, lines, pairs)).strength != "weak":
            found.append((surest, note))
    found.sort(key=lambda row: _order(*row))
    return [_hit(base, *row) for row in proven_first(base, found)[:limit]]
