"""What people call programs: who looks for photos means the notes about immich too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from .stemming import stem

FILE = Path(__file__).parent / "catalogue.txt"
CALLED = 0.6  # the weight of a program that wasn't named


def rows() -> Iterator[tuple[str, str]]:
    """(programs, what people call them) of each row of the catalogue."""
    for line in FILE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            programs, _, words = line.partition(":")
            yield programs, words.strip()


@cache
def programs_called() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """The stems of one word, or of several in a row → the terms of the programs that people call so."""
    found: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for programs, words in rows():
        for word in words.split():
            key = tuple(stem(part) for part in word.split("+"))
            found[key].update(dict.fromkeys(stem(program.replace("-", "")) for program in programs.split()))
    return {key: tuple(terms) for key, terms in found.items()}
