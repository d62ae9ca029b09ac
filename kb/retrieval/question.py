"""What was pasted, as lines that can be compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from ..logs.background import TELLING, recurring
from ..logs.ordinary import key
from ..logs.trouble import trouble_of
from .evidence import plain_words
from .index_protocol import signed


def joined(signatures: Sequence[str]) -> dict[str, Sequence[str]]:
    """Those of an error's signatures that are of messages put together of the lines after them, with the signatures of these.

    `messages` gives a message that a terminal may have broken as one, with and without blanks where it was broken, and the
    lines alone as well: the same words must not count twice.
    """
    plains = [plain_words(signature) for signature in signatures]
    found: dict[str, Sequence[str]] = {}
    for at, plain in enumerate(plains):
        pieces: list[str] = []
        words: tuple[str, ...] = ()
        put_together = 0  # lines
        for after in range(at + 1, len(plains)):
            piece, before = plains[after], put_together
            # A line that came several times stands in the list once.
            while piece and plain[len(words) : len(words) + len(piece)] == piece:
                words += piece
                put_together += 1
            if piece and put_together == before:
                break
            pieces.append(signatures[after])
        if put_together > 1 and words == plain:
            found[signatures[at]] = pieces
            if at and plains[at - 1][:1] == plain[:1] and 0 <= len(plain) - len(plains[at - 1]) < put_together:
                found[signatures[at - 1]] = pieces
    return found


@dataclass(frozen=True)
class Question:
    """A text in which known errors are looked for: its different messages, and where each of them stands."""

    lines: Sequence[tuple[str, str]]  # (line, signature) of each different message
    places: Mapping[str, Sequence[int]]  # of each signature, counted in messages
    count: int  # of all messages
    lasts: Mapping[str, str]  # the last line of each signature

    @cached_property
    def trouble(self) -> Mapping[str, float]:
        """How much the line of each signature looks like an error."""
        return {signature: trouble_of(line) for line, signature in self.lines}

    @cached_property
    def background(self) -> frozenset[str]:
        """The signatures of what recurs all over the text."""
        kinds = [""] * self.count
        for signature, places in self.places.items():
            for place in places:
                kinds[place] = signature
        return recurring([(kind, self.trouble.get(kind, 0.0)) for kind in kinds])

    def is_background(self, signature: str, explained: Set[str]) -> bool:
        """Whether a line recurs all over the text, and something rarer that is not explained looks as bad or worse."""
        if signature not in self.background:
            return False
        own = max(TELLING, self.trouble.get(signature, 0.0))
        return any(self.trouble[other] >= own for other in self.telling - explained)

    def as_telling_as(self, trouble: float) -> int:
        """How many different lines look as much like an error."""
        return sum(other >= trouble for other in self.trouble.values())

    def share(self, signatures: Iterable[str]) -> float:
        """How much of what looks like an error these signatures are, from 0 to 1."""
        explained = self.with_pieces(signatures)
        told = self.telling or self.trouble.keys() - self.put_together.keys()
        return len(told & explained) / len(told) if told else 0.0

    def with_pieces(self, signatures: Iterable[str]) -> frozenset[str]:
        """These signatures; of a message that was put together, those of its pieces as well."""
        return frozenset(piece for signature in signatures for piece in (signature, *self.put_together.get(signature, ())))

    def is_telling(self, signature: str) -> bool:
        """Whether its line says that something went wrong, in a message of its own."""
        return self.trouble[signature] >= TELLING and signature not in self.put_together

    def words(self, signature: str) -> tuple[str, ...]:
        """The plain words of a line."""
        return plain_words(signature)

    @cached_property
    def put_together(self) -> Mapping[str, Sequence[str]]:
        """The signatures of messages that a terminal broke, with those of their pieces."""
        return joined(list(self.trouble))

    @cached_property
    def telling(self) -> Set[str]:
        """The signatures of the lines that say that something went wrong, and are no background."""
        none = self.background | self.put_together.keys()
        return {signature for signature, trouble in self.trouble.items() if trouble >= TELLING and signature not in none}


def read_question(text: str, ordinary: Container[str] = ()) -> Question:
    """A text as a question, without the lines whose keys (kb.ordinary) are `ordinary`. Of what stands in it several times the
    first line counts."""
    lines: dict[str, str] = {}
    lasts: dict[str, str] = {}
    places: dict[str, list[int]] = defaultdict(list)
    count = 0
    for line, signature in signed(text):
        lines.setdefault(signature, line)
        lasts[signature] = line
        places[signature].append(count)
        count += 1
    if ordinary:
        put_together = joined(list(lines))
        passed_over = {signature for signature in lines if key(signature) in ordinary}
        passed_over |= {signature for signature, pieces in put_together.items() if not passed_over.isdisjoint(pieces)}
        for signature in passed_over:
            del lines[signature], places[signature]
    return Question([(line, signature) for signature, line in lines.items()], places, count, lasts)


def _query_lines(text: str) -> list[tuple[str, str]]:
    """The different messages of a text, as (line, signature)."""
    return list(read_question(text).lines)
