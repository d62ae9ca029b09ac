"""What an index must offer, and what it holds of a note."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from ..logs.fingerprint import MOST_MESSAGES, fingerprint, signature_of, terms
from ..logs.messages import messages
from ..notes.kinds import KnownError, Note
from ..notes.markdown import strip_comments
from .stemming import weighed

# What the index holds of each note: the terms of its known errors, and its words by where they stand.
ERROR, TITLE, ABOUT, BODY = "error", "title", "about", "body"
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

    def words_like(self, word: str) -> Sequence[str]:
        """Words of the index that begin as `word` does."""


@dataclass(frozen=True)
class Entry:
    """A note as the index holds it."""

    ref: str
    digest: str
    fields: Mapping[str, Mapping[str, float]]  # field → term → weight
    lines: tuple[tuple[str, str, int], ...]  # (line, signature, which known error it stands in)


def entry(note: Note) -> Entry:
    """What the index holds of a note."""
    lines = known_lines(note.errors)
    error_terms = {term: 1.0 for _, signature, _ in lines for term in terms(signature)}
    for _, signature, _ in lines:
        if mark := fingerprint(signature):
            error_terms["#" + mark] = 1.0
    symptoms = note.section("symptoms")
    lead = note.body[: note.sections[0].start] if note.sections else note.body[:500]
    about = " ".join((note.ref, *note.services, *note.hosts, *note.tags, _front_words(note), symptoms, lead[:1_000]))
    return Entry(
        note.ref,
        note.digest,
        {
            ERROR: error_terms,
            TITLE: weighed(note.title, 10),
            ABOUT: weighed(about, 40),
            BODY: weighed(strip_comments(_body(note)), 300),
        },
        lines,
    )


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


def _body(note: Note) -> str:
    """The text of a note; of a whole log in it the beginning, for each of its numbers would be a word of the index."""
    body = note.body
    for error in note.errors if len(body) > MOST_OF_A_LOG else ():
        body = body.replace(error.text, error.text[:MOST_OF_A_LOG])
    return body


MOST_OF_A_LOG = 250_000  # characters


def _front_words(note: Note) -> str:
    values = (value for key, value in note.front.items() if key not in ("title", "date", "status"))
    return " ".join(v for value in values for v in (value if isinstance(value, list) else [value]) if isinstance(v, str))


# How much a word counts by where it stands in a note.
BOOSTS: Mapping[str, float] = {TITLE: 2.2, ABOUT: 1.4, BODY: 1.0}
