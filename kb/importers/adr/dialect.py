"""What a dialect is: a name, where it was published, how to recognise it, and where its records state their status."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from . import record_dates
from .record_headings import uncommented
from .record_text import RecordText, table_statements, uncommented_lines

# Where a record states something: in its front matter, in a line or cell of its first lines, under a heading of its own.
Place = Callable[[RecordText, str], tuple[str, int]]


def in_front(document: RecordText, about: str) -> tuple[str, int]:
    """The front matter's value, and its line."""
    value = document.front_text(about)
    line = next((line for key, line in document.key_lines.items() if key.lower() == about), 1)
    return value, line if value else 0


def in_statement(document: RecordText, about: str) -> tuple[str, int]:
    """The value of a line `Status: …` or a table's cell in the head."""
    found = document.stated(about)
    return (found.value, found.line) if found else ("", 0)


def in_section(document: RecordText, about: str) -> tuple[str, int]:
    """The text below a heading of that meaning."""
    part = document.section(about)
    if part is None:
        return "", 0
    cell = next((one for one in table_statements(part.text, part.line + 1) if one.about == about), None)
    return (cell.value, cell.line) if cell else (uncommented(part.text).strip(), part.line)


def in_title_of_section(document: RecordText, about: str) -> tuple[str, int]:
    """A heading that is a statement itself: `## Status: Accepted`."""
    from .record_headings import meaning

    for part in document.parts:
        key, colon, value = part.heading.partition(":")
        if colon and value.strip() and meaning(key) == about:
            return value.strip(), part.line
    return "", 0


def in_line(document: RecordText, about: str) -> tuple[str, int]:
    """A date alone on a line below the title."""
    lines = enumerate(uncommented_lines(document.intro.text), document.intro.line) if about == "date" else ()
    return next(((line, number) for number, line in lines if record_dates.alone(line)), ("", 0))


PLACES: tuple[Place, ...] = (in_front, in_statement, in_section, in_title_of_section, in_line)


@dataclass(frozen=True)
class Dialect:
    """One way of writing decision records."""

    name: str
    source: str  # who published it, when
    recognises: Callable[[RecordText], int]  # 0: not this one; the dialect with the highest score is taken
    places: tuple[Place, ...] = PLACES  # where a status or a date is, the place that counts most first


@cache
def dialects() -> tuple[Dialect, ...]:
    """All dialects: those of every file in the folder `dialects`."""
    package = __name__.rpartition(".")[0] + ".dialects"
    folder = import_module(package).__path__
    found = (getattr(import_module(f"{package}.{module.name}"), "DIALECT", None) for module in iter_modules(folder))
    return tuple(dialect for dialect in found if isinstance(dialect, Dialect))


def recognised(document: RecordText) -> Iterator[Dialect]:
    """The dialects that a record can be of, the surest first."""
    scores = [(dialect.recognises(document), dialect) for dialect in dialects()]
    yield from (dialect for score, dialect in sorted(scores, key=lambda row: -row[0]) if score)
