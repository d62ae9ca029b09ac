"""Words of this field in other languages than English: one file for each, as rows `english words: their words`.

A question in another language is asked in English too, and a note in another language is found by English words. Rows may
hold several words joined by `+`. `stop:` names the words that say nothing; `also:` those of them that are English words too,
which count only beside others of their language; `compounds: yes` says that words are written together (Datenbankfehler).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from .stemming import STOPWORD
from .terms import folded

FOLDER = Path(__file__).parent / "languages"
ENDINGS = ("en", "er", "em", "es", "e", "n", "s", "t", "a", "o", "r")
LEAST_LEFT = 4  # letters of a word without its endings
LEAST_COMPOUND = 8
ENOUGH = 3  # words of a language that make a note one of that language


@dataclass(frozen=True, eq=False)
class Language:
    """The words of a language."""

    name: str
    stop: frozenset[str]
    also: frozenset[str]
    compounds: bool
    text: str  # the rows `english words: their words`

    def meaning(self, word: str) -> tuple[str, ...]:
        """The English words for a word in small letters; none when the language's file doesn't have it."""
        short = without_endings(word)
        found = self._row((short,))
        if not found and self.compounds and len(word) >= LEAST_COMPOUND:
            return self._of_compound(short)
        return found

    def meaning_of_pair(self, first: str, second: str) -> tuple[str, ...]:
        """The English words for two words side by side."""
        return self._row((without_endings(first), without_endings(second)))

    def _of_compound(self, word: str) -> tuple[str, ...]:
        for cut in range(len(word) - 3, 3, -1):
            if first := self._row((without_endings(word[:cut]),)):
                rest = word[cut:]
                second = self._row((without_endings(rest),)) or self._row((without_endings(rest.removeprefix("s")),))
                return (*first, *second)
        return ()

    def _row(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The English words of the rows that have these words, which are given without their endings."""
        # Looked for in the text, since making a table of all words would take longer than the question.
        begun = f" {words[0]}"
        found: dict[str, None] = {}
        place = self.text.find(begun)
        while place >= 0:
            start, end = self.text.rfind("\n", 0, place) + 1, self.text.index("\n", place)
            english, _, _ = self.text[start:end].partition(":")
            word = self.text[place + 1 : end].partition(" ")[0]
            if place > start + len(english) and tuple(map(without_endings, word.split("+"))) == words:
                found.update(dict.fromkeys(english.split()))
            place = self.text.find(begun, place + 1)
        return tuple(found)


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


def _read(name: str, text: str) -> Language:
    settings = {"stop": "", "also": "", "compounds": ""}
    kept = []
    for line in map(str.lower, map(folded, text.splitlines())):
        english, _, words = line.partition(":")
        if english in settings:
            settings[english] += words
        elif words and not line.startswith("#"):
            kept.append(f"{english.strip()}: {' '.join(words.split())}\n")
    stop, also = frozenset(settings["stop"].split()), frozenset(settings["also"].split())
    return Language(name, stop, also, bool(settings["compounds"]), "".join(kept))


def table(language: Language) -> tuple[str, str, bool, str]:
    """A language as the browser reads it: the words that say nothing, those that are English too, compounds, and the rows."""
    return " ".join(sorted(language.stop)), " ".join(sorted(language.also)), language.compounds, language.text


def language_of(words: Iterable[str]) -> Language | None:
    """The language, other than English, that most of the words (in small letters) are of: of more than are English."""
    best, most = None, 0
    given = set(words)
    for language in languages():
        english = len(given & STOPWORD - language.stop - language.also)
        theirs = sum(1 for word in given if word in language.stop or (word not in language.also and language.meaning(word)))
        if theirs - english > most:
            best, most = language, theirs - english
    return best


def english_words(text: str) -> Callable[[str], Sequence[str]] | None:
    """What gives the English words for each word of a text, when it is in another language that is known; else None."""
    words = set(re.findall(r"[^\W\d_]+", folded(text).lower()))
    stops = [language for language in languages() if len(words & language.stop) >= ENOUGH]
    if not stops:
        return None
    language = max(stops, key=lambda one: len(words & one.stop))
    return lambda word: () if word.lower() in language.stop | language.also else language.meaning(word.lower())
