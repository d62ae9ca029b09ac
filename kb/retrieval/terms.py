"""The terms that a text is looked for by: the one tokenizer of notes and questions. theme/assets/search.js makes the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from unicodedata import category, normalize

from ..logs.word_masks import name_parts
from .stemming import CODE_WORDS, STOPWORD, stem

# A word, with what joins it to the next one: don't, pi-hole, max_children, php.ini.
WORD = re.compile(r"[^\W_]+(?:['’][a-z]{1,2}\b|(?:[-_.][^\W_]+)+)?")
LONGEST_WORD = 60
HEAVIEST, LEVELS = 9.0, 63  # the weight of a term is kept as a whole number up to LEVELS, which means HEAVIEST
FIXED = "=f:"  # the key of notes with a fix or a lesson
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
# Chinese, Japanese and Korean have no blanks between words.
CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003134f"

_JOINT = re.compile(r"[-_.]")
_CAMEL = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]{2}")
_DIGIT = re.compile(r"[0-9]")

Token = tuple[str, tuple[str, ...]]  # a word as it was typed, and its terms: the whole first, then its parts


@cache
def _cjk(rule: str) -> re.Pattern[str]:
    return re.compile(rule.replace("CJK", CJK))  # only when it is needed: such large sets take long to compile


def folded(text: str) -> str:
    """The text without accents, and with letters in their plain form."""
    if text.isascii():
        return text
    return normalize("NFC", "".join(char for char in normalize("NFKD", text) if category(char) != "Mn"))


def tokens(text: str) -> list[Token]:
    """The words of a text with their terms; those that say nothing have none."""
    return [token for word in WORD.findall(folded(text)) for token in _tokens_of(word)]


def terms_of(text: str) -> list[str]:
    """The terms of a text: stems, wholes and parts of what is joined (pi-hole, max_children, CamelCase), codes in words, pairs of CJK."""
    return [term for _, terms in tokens(text) for term in terms]


@lru_cache(200_000)
def _tokens_of(word: str) -> Sequence[Token]:
    if not word.isascii() and _cjk("[CJK]").search(word):
        return [token for run in _cjk("[CJK]+|[^CJK]+").findall(word) for token in _of_run(run)]
    parts = _JOINT.split(word)
    if len(parts) > 1 and all(part.isdecimal() for part in parts):
        return [(part, _of_word(part)) for part in parts]  # of a version or an address, the numbers
    return [(word, _of_word(word))]


def _of_run(run: str) -> Iterator[Token]:
    if not _cjk("[CJK]").match(run):
        yield from ((word, _of_word(word)) for word in WORD.findall(run))
    elif len(run) == 1:
        yield run, (run,)
    else:
        yield from ((one + other, (one + other,)) for one, other in pairwise(run))


def _of_word(word: str) -> tuple[str, ...]:
    parts = _JOINT.split(word)
    found: list[str] = []
    if len(parts) > 1:
        whole = "".join(parts).lower()
        found += [whole] if len(whole) < LONGEST_WORD else []
        found += _in_words(whole)
    for part in parts:
        lower = part.lower()
        if lower not in STOPWORD and len(lower) < LONGEST_WORD:
            found.append(stem(lower))
        if _CAMEL.search(part) and len(part) < LONGEST_WORD:
            found += [stem(name) for name in name_parts(part) if name not in STOPWORD]
        found += _in_words(lower)
    return tuple(dict.fromkeys(found))


def _in_words(code: str) -> Sequence[str]:
    return [stem(word) for word in CODE_WORDS.get(code, "").split()]


def pairs_of(text: str) -> Iterator[str]:
    """A term for each two words side by side: the first, and a mark of the second. What has digits is passed over."""
    row = [terms[0] for word, terms in tokens(text) if terms and not _DIGIT.search(word)]
    for first, second in pairwise(row):
        yield f"{first}+{_in_digits(hashed(second) % 46_656)}"


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
    plain = _JOINT.sub("", "".join(WORD.findall(folded(text)))).lower()
    return f"=n:{_in_digits(hashed(stem(plain)))}"
