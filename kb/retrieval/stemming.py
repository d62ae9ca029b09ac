"""Words: what plain language is made of, and which words of the field mean the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:['’][a-z]{1,2}\b|(?:-[^\W_]+)+)?")
_STOPWORD_TEXT = (
    "a an the and or of to in on at by for with from as is are was were be been being it its this that these those there "
    "then than i my me we our you your he she do does did done so if when while what which who how why where can cannot "
    "could will would should may might must has have had not no nor but about into over after again all any some very "
    "just now only also too up out off s t ll re ve don won isn doesn didn wasn nothing something anything everything "
    "anymore more wont cant dont doesnt didnt isnt wasnt couldnt wouldnt"
)
STOPWORD = frozenset(_STOPWORD_TEXT.split())


def words(text: str) -> Iterator[str]:
    """The stems of a text's words, without those that say nothing; `pi-hole` also as `pihole`."""
    for match in WORD.finditer(text):
        word = match.group().lower()
        if "-" in word:
            if len(word) < 60:
                yield word.replace("-", "")
            for part in word.split("-"):
                if part not in STOPWORD and len(part) < 60:
                    yield stem(part)
        elif word not in STOPWORD and len(word) < 60:
            yield stem(word)


@lru_cache(50_000)
def stem(word: str) -> str:
    """A word without its English ending, near enough that forms of one word meet."""
    word = re.sub(r"['’].*", "", word)
    for ending, instead in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= (2 if ending.endswith("es") else 3):
            word = word[: -len(ending)] + instead
            if ending in ("ing", "ed") and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


# What English words end with, and what stands there instead; the first that fits counts.
ENDINGS = (
    ("ies", "y"),
    ("sses", "ss"),
    ("xes", "x"),
    ("ches", "ch"),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
    ("s", ""),
    ("ing", ""),
    ("ed", ""),
    ("ly", ""),
)


def weighed(text: str, usual_length: int) -> dict[str, float]:
    """The stems of a text with BM25's weight of their frequency (k1 1.2, b 0.75), the usual length given."""
    counts: dict[str, int] = defaultdict(int)
    for word in words(text):
        counts[word] += 1
    norm = 1.2 * (0.25 + 0.75 * sum(counts.values()) / usual_length)
    return {word: round(count * 2.2 / (count + norm), 2) for word, count in counts.items()}
