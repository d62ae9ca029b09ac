"""Words that are spelled nearly as the one that was typed, and whole words in place of stems."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from .index_protocol import SURFACE, WORDS, IndexReader
from .query import query_of
from .stemming import stem
from .terms import tokens

SHORTEST, LONGEST = 5, 48  # letters: a short word has too many neighbours, "play" is no misspelled "place"
CLOSEST = 2  # words that one may mean
MOST_LONGER = 24  # words that one may become that is being typed
LEAST_PREFIX = 3  # letters that are looked for as the beginning of a word
_LETTERS = re.compile(r"[^\W\d_]+")


def close_words(index: IndexReader, word: str) -> list[str]:
    """The words of the notes that one in small letters may be misspelled from, the closest first."""
    if not (SHORTEST <= len(word) <= LONGEST) or not _LETTERS.fullmatch(word):
        return []
    most = 1 if len(word) < 8 else 2
    signs = _signs(word)
    found: list[tuple[float, int, str]] = []
    for known, term in _shown_words(index, word[:2]).items():
        # Each letter that is wrong changes two of the signs at most; a transposition none.
        if abs(len(known) - len(word)) <= most and (_signs(known) ^ signs).bit_count() <= 2 * most:
            wrong = distance(word, known, most)
            if wrong <= most:
                found.append((wrong + (0 if known[0] == word[0] else 0.4), -index.frequency(WORDS, term), known))
    found.sort()
    return [known for wrong, _, known in found if wrong <= found[0][0] + 0.3][:CLOSEST]


def _signs(word: str) -> int:
    signs = 0
    for char in word:
        signs |= 1 << (ord(char) & 31)
    return signs


def _shown_words(index: IndexReader, letters: str) -> Mapping[str, str]:
    """A word to show → its term, of all terms that begin with one of the letters."""
    words: dict[str, list[str]] = defaultdict(list)
    terms: list[str] = []
    for letter in dict.fromkeys(letters):
        for word in index.beginning(WORDS, SURFACE + letter):
            words[stem(word[1:])].append(word[1:])
        terms += index.beginning(WORDS, letter)
    return {shown_word(term, words[term]): term for term in terms if 3 < len(term) < LONGEST and _LETTERS.fullmatch(term)}


def shown_word(term: str, words: Sequence[str]) -> str:
    """What is shown for a term, of all words that have it as their stem: the term itself may be none."""
    return min(words, key=lambda word: (len(word), word)) if words else term


def longer_words(index: IndexReader, typed: str) -> list[str]:
    """The terms that begin with what was typed, the most frequent first."""
    if len(typed) < LEAST_PREFIX:
        return []
    found = [(-index.frequency(WORDS, term), term) for term in index.beginning(WORDS, typed) if "+" not in term]
    return [term for _, term in sorted(found)[:MOST_LONGER]]


def distance(one: str, other: str, most: int) -> int:
    """How many letters are wrong, missing, too many or exchanged with their neighbour; more than `most` is as good as all."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        following = [i]
        for k, known in enumerate(other, 1):
            cost = min(row[k] + 1, following[k - 1] + 1, row[k - 1] + (char != known))
            if i > 1 and k > 1 and char == other[k - 2] and one[i - 2] == known:
                cost = min(cost, before[k - 2] + 1)
            following.append(cost)
        if min(following) > most:
            return most + 1
        before, row = row, following
    return row[-1]


def did_you_mean(index: IndexReader, query: str) -> dict[str, str]:
    """Each word of a query that no note has → one that a note has, when there is one like it."""
    found: dict[str, str] = {}
    for word, terms in tokens(query_of(query).text):
        if terms and not any(index.frequency(WORDS, term) for term in terms):
            typed = word.lower()
            close = close_words(index, typed) if not longer_words(index, typed) else []
            if close:
                found[word] = close[0]
    return found
