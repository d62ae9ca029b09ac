"""Errors and plain words answered together."""

from __future__ import annotations

from dataclasses import replace

from ..logs.log_signs import is_log_like
from ..notes.knowledge_base import KnowledgeBase
from . import explanation, known_errors
from .explanation import Explanation
from .hit import Hit
from .index_protocol import IndexReader
from .word_search import search


def seen_in(base: KnowledgeBase, index: IndexReader, text: str, limit: int = 10) -> list[Hit]:
    """The notes whose known errors are in `text`, best first; of plain words that are none, the notes they mean, all weak."""
    hits = known_errors.seen(base, index, text, limit)
    if is_log_like(text) or any(hit.strength != "weak" for hit in hits):
        return hits
    meant = [
        replace(hit, strength="weak", score=min(hit.score, 0.69))
        for hit in search(base, index, text, limit=limit)
        if hit.kind in ("incident", "experiment")
    ]
    named = {hit.ref for hit in meant}
    return [*meant, *(hit for hit in hits if hit.ref not in named)][:limit]


def explain_in(base: KnowledgeBase, index: IndexReader, text: str, limit: int = 5) -> list[Explanation]:
    """How the best answers of `seen` came about, in the same order."""
    compared = {row.ref: row for row in explanation.explain(base, index, text, 4 * limit)}
    return [
        row if (row := compared.get(hit.ref)) and row.known_line == hit.known_line else _by_words(hit)
        for hit in seen_in(base, index, text, limit)
    ]


def _by_words(hit: Hit) -> Explanation:
    words_met = f"found by its words ({hit.line}), which alone claim nothing"
    return Explanation(hit.ref, hit.title, hit.strength or "weak", words_met, hit.score)
