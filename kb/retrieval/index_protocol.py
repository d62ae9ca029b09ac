"""What an index must offer, and what it holds of a note."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from ..logs.fingerprint import MOST_MESSAGES, fingerprint, signature_of, terms
from ..logs.messages import messages
from ..notes.kinds import KnownError, Note

# What the index holds of each note: the terms of its known errors, and those of all its words.
ERROR, WORDS = "error", "words"
SURFACE = "~"  # before a word whose stem is another
MAX_KNOWN_LINES = 200  # of one note


class IndexReader(Protocol):
    """What matching asks of an index; a document is a number."""

    def count(self, field: str) -> int:
        """How many notes have anything in that field."""

    def frequency(self, field: str, term: str) -> int:
        """How many notes hold the term in that field."""

    def postings(self, field: str, term: str) -> Sequence[tuple[int, float]]:
        """The documents that hold the term in that field, with its weight there."""

    def known_lines(self, document: int) -> Sequence[tuple[str, str, int]]:
        """(line, signature, which of its known errors it stands in) of each line of a document's known errors."""

    def ref(self, document: int) -> str:
        """The ref of a document's note."""

    def beginning(self, field: str, prefix: str) -> Sequence[str]:
        """The terms of that field that begin so."""


@dataclass(frozen=True)
class Entry:
    """A note as the index holds it."""

    ref: str
    digest: str
    fields: Mapping[str, Mapping[str, float]]  # field → term → weight
    lines: tuple[tuple[str, str, int], ...]  # (line, signature, which known error it stands in)


def entry(note: Note) -> Entry:
    """What the index holds of a note."""
    from .note_terms import note_terms  # what reads Markdown is not loaded for a question

    lines = known_lines(note.errors)
    error_terms = {term: 1.0 for _, signature, _ in lines for term in terms(signature)}
    for _, signature, _ in lines:
        if mark := fingerprint(signature):
            error_terms["#" + mark] = 1.0
    found = note_terms(note, note.services, note.hosts)
    words: dict[str, float] = {**found.weights, **dict.fromkeys(found.keys, 1.0)}
    words |= dict.fromkeys((SURFACE + word for word in found.words), 1.0)
    return Entry(note.ref, note.digest, {ERROR: error_terms, WORDS: words}, lines)


def known_lines(errors: Iterable[KnownError]) -> tuple[tuple[str, str, int], ...]:
    """The different lines of known errors with their signatures, and which of the errors each stands in."""
    found: dict[str, tuple[str, int]] = {}
    for number, error in enumerate(errors):
        for message, signature in islice(signed(error.text), MOST_MESSAGES):
            if len(found) < MAX_KNOWN_LINES:
                found.setdefault(signature, (message, number))
    return tuple((line[:500], signature, number) for signature, (line, number) in found.items())


def signed(text: str) -> Iterator[tuple[str, str]]:
    """(line, signature) of each message that says anything."""
    for message in messages(text):
        signature = signature_of(message)
        if any(token[0] not in "<" for token in signature.split()):
            yield message.line, signature
