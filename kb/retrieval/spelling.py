"""Words that are spelled nearly as the one that was typed."""

from __future__ import annotations

from difflib import get_close_matches

from .index_protocol import BOOSTS, IndexReader
from .query import query_of
from .stemming import WORD, words


def close_words(index: IndexReader, word: str) -> list[str]:
    """Words of the notes that are spelled nearly so, or begin so."""
    if len(word) < 4:
        return []
    there = index.words_like(word)
    longer = [other for other in there if other.startswith(word)]
    return longer[:3] or get_close_matches(word, there, n=2, cutoff=0.78)


def did_you_mean(index: IndexReader, query: str) -> dict[str, str]:
    """Each word of a query that stands in no note → one that does, when there is one like it."""
    found: dict[str, str] = {}
    for match in WORD.finditer(query_of(query).text):
        stems = list(words(match.group()))
        if stems and not any(index.frequency(field, stem) for field in BOOSTS for stem in stems):
            found |= {match.group(): close for close in close_words(index, stems[0])[:1]}
    return found
