"""Words of this field in other languages than English: one file for each, as rows `english words: their words`.

A question in another language is asked in English too, and a note in another language is found by English words. Rows may
hold several words joined by `+`. `stop:` names the words that say nothing; `also:` those of them that are English words too,
which count only beside others of their language; `compounds: yes` says that words are written together (Datenbankfehler).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from .terms import folded

FOLDER = Path(__file__).parent / "languages"
ENDINGS = ("en", "er", "em", "es", "e", "n", "s", "t", "a", "o", "r")
LEAST_LEFT = 4  # letters of a word without its endings
LEAST_COMPOUND = 8
ENOUGH = 3  # words of a language that make a note one of that language


@dataclass(frozen=True)
class Language:
    """The words of a language."""

    name: str
    stop: frozenset[str]
    also: frozenset[str]
    compounds: bool
    text: str = field(repr=False)  # its file
    words: Mapping[str, tuple[str, ...]]  # a word without its endings, or several joined by `+` → English words

    def meaning(self, word: str) -> tuple[str, ...]:
        """The English words for a word in small letters; none when the language's file doesn't have it."""
        short = without_endings(word)
        found = self.words.get(short, ())
        if not found and self.compounds and len(word) >= LEAST_COMPOUND:
            return self._of_compound(short)
        return found

    def _of_compound(self, word: str) -> tuple[str, ...]:
        for cut in range(len(word) - 3, 3, -1):
            if first := self.words.get(without_endings(word[:cut])):
                rest = word[cut:]
                second = self.words.get(without_endings(rest)) or self.words.get(without_endings(rest.removeprefix("s")))
                return (*first, *(second or ()))
        return ()


@lru_cache(20_000)
def without_endings(word: str) -> str:
    """A word without what it ends with in the languages that are known, near enough that its forms meet."""
    while ending := next((end for end in ENDINGS if word.endswith(end) and len(word) - len(end) >= LEAST_LEFT), ""):
        word = word[: -len(ending)]
    return word


@cache
def languages() -> Sequence[Language]:
    """All languages that there is a file for, by name."""
    return [_read(path.stem, path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.txt"))]


def rows(text: str) -> Iterator[tuple[str, str]]:
    """(what stands before the colon, what stands after it) of each row of a language's file."""
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, words = line.partition(":")
            yield name.strip(), folded(words.strip()).lower()


def rows_of(language: Language) -> str:
    """The rows of a language's file as the browser reads them."""
    return "\n".join(f"{english}:{words}" for english, words in rows(language.text))


def _read(name: str, text: str) -> Language:
    settings = {"stop": "", "also": "", "compounds": ""}
    found: dict[str, tuple[str, ...]] = {}
    for english, words in rows(text):
        if english in settings:
            settings[english] += f" {words}"
            continue
        for word in words.split():
            key = "+".join(map(without_endings, word.split("+")))
            found[key] = tuple(dict.fromkeys((*found.get(key, ()), *english.split())))
    stop, also = frozenset(settings["stop"].split()), frozenset(settings["also"].split())
    return Language(name, stop, also, bool(settings["compounds"]), text, found)


def language_of(words: Iterable[str], least: int = 1) -> Language | None:
    """The language, other than English, that most of the words (in small letters) are of; at least so many must be."""
    best, most = None, least - 1
    given = set(words)
    for language in languages():
        count = sum(1 for word in given if word in language.stop or (word not in language.also and language.meaning(word)))
        if count > most:
            best, most = language, count
    return best


def english_words(text: str) -> Callable[[str], Sequence[str]] | None:
    """What gives the English words for each word of a text, when it is in another language that is known; else None."""
    words = set(re.findall(r"[^\W\d_]+", folded(text).lower()))
    stops = [language for language in languages() if len(words & language.stop) >= ENOUGH]
    if not stops:
        return None
    language = max(stops, key=lambda one: len(words & one.stop))
    return lambda word: () if word.lower() in language.stop | language.also else language.meaning(word.lower())
