"""Words that mean the same to those who look for help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from .stemming import stem

SYNONYM = 0.55  # the weight of a word that wasn't typed
CLOSE = 0.6  # the weight of one that is spelled nearly so


@cache
def synonym_rows() -> Sequence[str]:
    """Words of the field that mean the same, or nearly, a row each: `synonyms.txt`, which is read in no time."""
    lines = Path(__file__).with_name("synonyms.txt").read_text("utf-8").splitlines()
    return tuple(line for line in lines if not line.startswith("#"))


@cache
def synonyms() -> tuple[Mapping[str, frozenset[str]], Mapping[tuple[str, ...], frozenset[str]]]:
    """The table by its members: (stem → stems that mean the same, stems in a row → stems that mean the same)."""
    single: dict[str, set[str]] = defaultdict(set)
    several: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in synonym_rows():
        members = row.split()
        meant = {stem(word) for word in members if "+" not in word}
        for member in members:
            if "+" in member:
                several[tuple(stem(word) for word in member.split("+"))] |= meant
            else:
                single[stem(member)] |= meant - {stem(member)}
    return {k: frozenset(v) for k, v in single.items()}, {k: frozenset(v) for k, v in several.items()}
