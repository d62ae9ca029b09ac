"""What a heading of a decision record means, in any language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from . import vocabulary

# What a line, a cell, a heading or a front matter key is about, in the words that people use for it.
WORDS: Mapping[str, str] = vocabulary.meanings("headings", ", ")

# The sections that make a text a decision record, whatever else it holds.
DECISION_SECTIONS = frozenset(["context", "decision", "consequences", "options", "rationale"])


@lru_cache(4096)
def meaning(words: str) -> str:
    """What a heading, a key or the first cell of a row is about; empty if it is nothing that matters here."""
    if len(words) > 120:  # no heading, key or cell that matters is that long
        return ""
    tidy = plain(words).lower()
    tidy = re.sub(r"^(?:\d+[.)]?\d*[.)]?|[ivx]+[.)])\s+", "", tidy)
    tidy = re.sub(r"^[^\w(]+|[^\w)]+$", "", tidy)
    return next(filter(None, map(word_meaning, (tidy, re.sub(r"\s*\([^)]*\)$", "", tidy)))), "") or _in_two_languages(tidy)


def word_meaning(tidy: str) -> str:
    """What a heading in one language means; empty if it isn't one that records have."""
    return WORDS.get(tidy) or WORDS.get(spaced := re.sub(r"[_-]", " ", tidy)) or _PLAIN_WORDS.get(spaced, "")


def _in_two_languages(tidy: str) -> str:
    """What `状态 · Status` means: the meaning of the half that is known, or of both if they agree."""
    halves = re.split(r"\s+[·/|]\s+", tidy)
    known = {found for half in halves if (found := word_meaning(half))}
    return known.pop() if len(halves) == 2 and len(known) == 1 else ""


def _without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


# Keys are often typed without accents: `remplace_par`, `titulo`, `situacao`.
_PLAIN_WORDS = {_without_accents(word): meaning for word, meaning in WORDS.items() if not word.isascii() and word[0] < "\u0250"}


def plain(text: str) -> str:
    """The words of a heading or a value: without comments, emphasis, code marks and the addresses of links."""
    text = uncommented(text)
    text = re.sub(r"!?\[([^\[\]\n]*)\](?:\([^()\n]*\)|\[[^\[\]\n]*\])", r"\1", text)
    text = re.sub(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=[\w.])[*_](?!\w)", "", text)
    return " ".join(text.split())


def uncommented(text: str) -> str:
    """The text without HTML comments, which in records tell the writer what to write."""
    return re.sub(r"<!--.*?(?:-->|\Z)", "", text, flags=re.DOTALL) if "<!--" in text else text
