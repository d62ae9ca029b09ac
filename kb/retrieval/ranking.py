"""The order of the notes that a search found. theme/assets/search.js ranks by the same rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from .concepts import Concept
from .index_protocol import WORDS, IndexReader
from .terms import HEAVIEST, LEVELS

OTHERS = 0.15  # how much the lesser terms of one concept count beside the best
PARTS = 0.7  # the same for the parts of one word: who has connection and refused has ECONNREFUSED
PAIR = 0.5  # how much two words side by side count
OTHER_LINES = 0.25  # how much the other lines of a log count beside the best
WHOLE = 2.0  # how much more a note counts that has all that was asked for
ALL = 0.999


@dataclass(frozen=True)
class Ranked:
    """How well a note fits: its score, and how much of what was asked for it has, 0 to 1."""

    score: float
    met: float


def of_words(met: float) -> float:
    """How much of what was asked is there decides first among plain words."""
    return 0.3 + 0.7 * float(met**1.5)


def of_lines(met: float) -> float:
    """A log line is never there as a whole."""
    return 0.4 + 0.6 * met


def rarity(index: IndexReader, count: int) -> float:
    """How much it says that a note has what `count` notes have."""
    return log(1 + (index.count(WORDS) + 1) / (count + 0.5))


def documents_of(index: IndexReader, concept: Concept) -> tuple[dict[int, float], dict[int, float]]:
    """Of each document with any of the terms: a score, in which the best counts and the others a little; and how surely it is meant."""
    scores: dict[int, float] = {}
    sure: dict[int, float] = {}
    for term, weight in sorted(concept.weights.items(), key=lambda row: (-row[1], row[0])):
        postings = index.postings(WORDS, term)
        rare = weight * rarity(index, len(postings)) * HEAVIEST / LEVELS
        others = PARTS if term in concept.own else OTHERS
        for document, level in postings:
            score = rare * level
            before = scores.get(document)
            if before is None:
                scores[document], sure[document] = score, concept.sureness(weight)
            else:
                scores[document] = max(before, score) + others * min(before, score)
    return scores, sure


def rank(
    index: IndexReader, concepts: Sequence[Concept], pairs: Iterable[str], spread: Callable[[float], float]
) -> dict[int, Ranked]:
    """document → how well it fits, of all that have any of what was asked for."""
    scores: dict[int, float] = defaultdict(float)
    met: dict[int, float] = defaultdict(float)
    whole = 0.0
    for concept in concepts:
        found, sure = documents_of(index, concept)
        weight = concept.factor * rarity(index, len(found))
        if found:
            whole += weight
        for document, score in found.items():
            scores[document] += concept.factor * score
            met[document] += weight * sure[document]
    for pair in pairs:
        postings = index.postings(WORDS, pair)
        rare = PAIR * rarity(index, len(postings)) * HEAVIEST / LEVELS
        for document, level in postings:
            if document in scores:
                scores[document] += rare * level
    return {
        document: Ranked(score * spread(part := met[document] / (whole or 1.0)) * (WHOLE if part > ALL else 1.0), part)
        for document, score in scores.items()
    }


def together(groups: Sequence[Mapping[int, Ranked]]) -> dict[int, Ranked]:
    """Of several lines: the one that fits best tells which note it is, the others a little."""
    if len(groups) == 1:
        return dict(groups[0])
    found: dict[int, Ranked] = {}
    for group in groups:
        for document, here in group.items():
            before = found.get(document, Ranked(0.0, 0.0))
            score = max(before.score, here.score) + OTHER_LINES * min(before.score, here.score)
            found[document] = Ranked(score, max(before.met, here.met))
    return found
