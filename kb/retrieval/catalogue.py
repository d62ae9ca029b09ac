"""What people call programs: who looks for photos means the notes about immich too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
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
def _text() -> str:
    return "\n".join(f"{programs}: {words}" for programs, words in rows()) + "\n"


@lru_cache(500)
def programs_called(phrase: tuple[str, ...]) -> tuple[str, ...]:
    """The terms of the programs that people call so; the words are given as stems, one or several in a row."""
    text = _text()
    found: dict[str, None] = {}
    # Looked for in the text, since making a table of all stems would take longer than the question.
    begun = " " + (phrase[0][:-1] if len(phrase[0]) > 3 else phrase[0])
    place = text.find(begun)
    while place >= 0:
        start, end = text.rfind("\n", 0, place) + 1, text.index("\n", place)
        programs, _, _ = text[start:end].partition(":")
        word = text[place + 1 : end].partition(" ")[0]
        if place > start + len(programs) and tuple(map(stem, word.split("+"))) == phrase:
            found.update(dict.fromkeys(stem(program.replace("-", "")) for program in programs.split()))
        place = text.find(begun, place + 1)
    return tuple(found)
