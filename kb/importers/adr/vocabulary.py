"""The words of decision records in many languages: `languages/*.toml`, one file per language.

A file contains, all of it optional: lists of words, which may be parts of patterns (`remplacée?`); `months`, in order;
`[status]`, the words for each of kb's five states; `[headings]`, the words for each meaning of a heading or a key; and for
each relation the patterns that state it, each with an example.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

LISTS = {
    "before": "stands before the word of a status that counts: `has been` accepted",
    "articles": "stands before a noun: `the` current tool is no state",
    "not": "stands before a word of a status and turns it round",
    "not_after": "does so behind it",
    "nothing": "says that there is no other record",
    "see": "refers to another record and says no more of it",
    "record": "is what one record is called before its number",
    "records": "the same, of one or more",
    "and": "joins records or people",
    "or": "does so, too, where numbers are listed",
    "of": "stands between a piece and its whole: the storage layout `of` ADR-7",
    "as_to": "begins what a relation is limited to: ADR-7, `as to` the queue",
    "for": "does so where one of `the` follows: `for` the queue",
    "the": "stands behind `for`",
    "partly": "says near a relation that a part is meant",
    "partly_after": "says so right behind the other record",
    "partly_replaced": "says so of a status, beside one of `replaced`",
    "replaced": "says, before or behind one of `partly_replaced`, that the rest is in force",
    "replaced_after": "does so only behind one of them: partly `deprecated`",
    "changed": "says of a record that it was changed, and is in force",
    "in_force": "says of a record that it is in force, before what is said of a piece of it",
    "note": "begins a remark on the record itself",
    "this": "stands before the word for the record: `this` decision",
    "was": "stands between that and the relation: `was` superseded",
    "template": "is in the name of a template",
    "y_statement": "three lists: how the parts of a Y-statement begin",
    "months": "twelve times a month's names",
}
RELATIONS = ("superseded-by", "amended-by", "supersedes", "amends")


@cache
def languages() -> Mapping[str, Mapping[str, Any]]:
    """Each language with the contents of its file; English first, since the first pattern that matches is taken."""
    paths = sorted(Path(__file__).with_name("languages").glob("*.toml"), key=lambda path: (path.stem != "english", path.stem))
    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in paths}


def listed(key: str) -> list[str]:
    """The words of one of LISTS in all languages, without duplicates."""
    return list(dict.fromkeys(word for language in languages().values() for word in language.get(key, ())))


def either(key: str) -> str:
    """The same words as a part of a pattern."""
    return "|".join(listed(key))


def whole_words(key: str) -> str:
    """The same words, matched only as whole words; those in a script without spaces, anywhere."""
    glued = [word for word in listed(key) if is_glued(word)]
    apart = "|".join(word for word in listed(key) if word not in glued)
    return "|".join([rf"\b(?:{apart})\b", *glued])


def is_glued(word: str) -> bool:
    """Whether a word is in a script without spaces between words: Chinese, Japanese, Korean."""
    return "\u3040" <= word[:1] <= "\ud7a3"


def meanings(table: str, separator: str | None = None) -> dict[str, str]:
    """Each word of the tables `status` or `headings` → its meaning. A word has one meaning in all languages."""
    return {
        word: meaning
        for language in languages().values()
        for meaning, words in language.get(table, {}).items()
        for word in " ".join(words.split()).split(separator)
    }


def phrases(kind: str) -> str:
    """The patterns that state one of RELATIONS, as one pattern."""
    return "|".join(dict.fromkeys(pattern for language in languages().values() for pattern in language.get(kind, ())))


def months() -> dict[str, int]:
    """Each name of a month → its number. The Turkish ı is also listed as i, as case-insensitive patterns match it."""
    return {
        spelled: number
        for language in languages().values()
        for number, names in enumerate(language.get("months", ()), 1)
        for name in names.split()
        for spelled in (name, name.replace("ı", "i"))
    }


def y_statements() -> Iterator[str]:
    """How the three parts of a Y-statement begin, each as a part of a pattern."""
    each = [language["y_statement"] for language in languages().values() if "y_statement" in language]
    yield from ("|".join(word for words in parts for word in words) for parts in zip(*each, strict=True))
