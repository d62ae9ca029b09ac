"""The terms of the site's search, as the index knows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from unicodedata import category, normalize

from ...logs.word_masks import name_parts
from ...retrieval.stemming import STOPWORD, WORD, stem, words

SPELLING = 20_000  # words
HEAVIEST = 9.0  # what the largest of 64 weights means
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"


def terms_of(text: str) -> list[str]:
    """The terms of a text: stems as kb.words makes them, of letters without their marks, and the parts of CamelCase."""
    return [term for word in WORD.findall(folded(text)) for term in _of_word(word)]


def folded(text: str) -> str:
    """The text without accents, and with letters in their plain form."""
    if text.isascii():
        return text
    return "".join(char for char in normalize("NFKD", text) if category(char) != "Mn")


@lru_cache(200_000)
def _of_word(word: str) -> tuple[str, ...]:
    found = list(words(word))
    if _CAMEL.search(word) and len(word) < 60:
        found += [stem(part) for part in name_parts(word) if part not in STOPWORD]
    return tuple(found)


_CAMEL = re.compile(r"[a-z][A-Z]")


def pairs_of(text: str) -> Iterator[str]:
    """A term for each two words side by side: the first, and a mark of the second. What has digits is passed over."""
    row = [terms[0] for word in WORD.findall(folded(text)) if not _DIGIT.search(word) and (terms := _of_word(word))]
    for first, second in pairwise(row):
        yield f"{first}+{_in_digits(hashed(second) % 46_656)}"


_DIGIT = re.compile(r"[0-9]")


@lru_cache(100_000)
def hashed(text: str) -> int:
    """A number of 32 bits that JavaScript makes too."""
    number = 7
    for char in text:
        number = (number * 31 + ord(char)) & 0xFFFFFFFF
    return number


@lru_cache(100_000)
def _in_digits(number: int) -> str:
    digits = DIGITS[number & 63]
    while number := number >> 6:
        digits += DIGITS[number & 63]
    return digits


def name_key(text: str) -> str:
    """The key of a whole name: who types just that wants just that, `Pi-hole`, `pi hole` or `pihole`."""
    return f"=n:{_in_digits(hashed(stem(''.join(WORD.findall(folded(text))).replace('-', '').lower())))}"
