"""The order of the notes that a search found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import log

from .index_protocol import ABOUT, BODY, BOOSTS, TITLE, IndexReader
from .spelling import close_words
from .stemming import WORD, words
from .synonyms import CLOSE, SYNONYM, synonyms


@dataclass(frozen=True)
class QueryTerm:
    """One thing that was asked for: a word, what it may also be called, and where it was found."""

    typed: str
    stems: Mapping[str, float]  # with their weights
    weight: float  # how much it says
    documents: Mapping[int, float]


def concepts_of(index: IndexReader, text: str) -> list[QueryTerm]:
    """The words of a search, each with its stems and synonyms."""
    typed = [(match.group(), list(words(match.group()))) for match in WORD.finditer(text)]
    typed = [(word, stems) for word, stems in typed if stems]
    if not typed:
        # "not up again": words that say nothing are better than none
        typed = [(match.group(), [match.group().lower()]) for match in WORD.finditer(text)]
    row = [stems[0] for _, stems in typed]
    single, several = synonyms()
    found: dict[str, QueryTerm] = {}
    for i, (word, stems) in enumerate(typed[:40]):
        weights = dict.fromkeys(stems[1:], 0.8) | {stems[0]: 1.0}
        for other in stems:
            for meant in single.get(other, ()):
                weights.setdefault(meant, SYNONYM)
        for length in (2, 3):
            for start in range(max(0, i - length + 1), i + 1):
                phrase = tuple(row[start : start + length])
                for meant in several.get(phrase, ()):
                    weights.setdefault(meant, SYNONYM)
                if len(phrase) == 2 == length:
                    weights.setdefault("".join(phrase), 0.8)
        if not any(index.frequency(BODY, s) or index.frequency(ABOUT, s) or index.frequency(TITLE, s) for s in stems):
            for close in close_words(index, stems[0]):
                weights.setdefault(close, CLOSE)
        documents = _documents(index, weights)
        if documents and stems[0] not in found:
            found[stems[0]] = QueryTerm(word, weights, log(1 + index.count(BODY) / (len(documents) + 0.5)), documents)
    return list(found.values())


def _documents(index: IndexReader, stems: Mapping[str, float]) -> dict[int, float]:
    """The documents that hold any of the stems: the best counts, and the others a little."""
    found: dict[int, float] = {}
    count = index.count(BODY) + 1
    for word, weight in sorted(stems.items(), key=lambda row: -row[1]):
        here: dict[int, float] = defaultdict(float)
        for field, boost in BOOSTS.items():
            postings = index.postings(field, word)
            rarity = log(1 + count / (len(postings) + 0.5))
            for document, frequency in postings:
                here[document] += boost * frequency * rarity
        for document, score in here.items():
            score *= weight
            before = found.get(document, 0.0)
            found[document] = max(before, score) + 0.15 * min(before, score)
    return found


def rank(concepts: Sequence[QueryTerm]) -> dict[int, float]:
    """document → score: the sum over all that was asked for, more when more of it is there."""
    whole = sum(concept.weight for concept in concepts) or 1.0
    scores: dict[int, float] = defaultdict(float)
    met: dict[int, float] = defaultdict(float)
    for concept in concepts:
        for document, score in concept.documents.items():
            scores[document] += score
            met[document] += concept.weight
    best = nlargest(200, scores, key=lambda d: (scores[d] * (0.4 + 0.6 * met[d] / whole), -d))
    return {document: scores[document] * (0.4 + 0.6 * met[document] / whole) for document in best}
