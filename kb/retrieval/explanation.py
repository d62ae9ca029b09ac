"""Why an answer is what it is, for people who ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..logs.fingerprint import fingerprint
from ..notes.kinds import Note
from ..notes.knowledge_base import KnowledgeBase
from .evidence import UNLIKELY, WeighedLine
from .index_protocol import IndexReader
from .known_errors import found_notes
from .verdict import Pair


@dataclass(frozen=True)
class Explanation:
    """How the score of one answer came about; as text, a line for each thing that counted."""

    ref: str
    title: str
    strength: str
    why: str  # that strength
    score: float
    line: str = ""
    known_line: str = ""
    shared: tuple[str, ...] = ()  # terms of both lines, what says most first
    of_query: float = 0.0  # how much of the question's line, and of the known one, that is
    of_known: float = 0.0
    yours_only: tuple[str, ...] = ()
    known_only: tuple[str, ...] = ()
    same_fingerprint: bool = False
    reasons: tuple[tuple[str, float], ...] = ()  # what speaks for and against, in logarithms of the odds
    odds: float = 0.0

    def rows(self) -> tuple[tuple[str, str], ...]:
        """(name, what it says) of each line."""
        head = ("note", f"{self.title} ({self.ref})"), ("sure", f"{self.strength}, score {self.score:.2f}: {self.why}")
        if not self.known_line:
            return head
        differs = [f"{who} {_some(terms)}" for who, terms in (("yours", self.yours_only), ("known", self.known_only)) if terms]
        spoken = [f"{name} {value:+.1f}" for name, value in self.reasons if value]
        return (
            *head,
            ("yours", self.line),
            ("known", self.known_line),
            (
                "shared",
                f"{self.of_query:.0%} of yours, {self.of_known:.0%} of the known line: {_some(self.shared) or 'nothing'}",
            ),
            ("differs", "; ".join(differs) or "nothing but what is masked"),
            ("marks", "the fingerprints are equal" if self.same_fingerprint else "the fingerprints differ"),
            ("odds", f"{', '.join(spoken) or 'nothing speaks for it'}, unlikely before {-UNLIKELY:+.1f} = {self.odds:+.1f}"),
        )

    def __str__(self) -> str:
        return "\n".join(f"{name:<8}{said}" for name, said in self.rows())


def _some(terms: Sequence[str], count: int = 12) -> str:
    rest = f" and {len(terms) - count} more" if len(terms) > count else ""
    return " ".join(terms[:count]) + rest


def explain(base: KnowledgeBase, index: IndexReader, text: str, limit: int = 5) -> list[Explanation]:
    """How the best answers of `seen` came about, in the same order."""
    return [_explained(*row) for row in found_notes(base, index, text, limit)]


def _explained(pair: Pair, note: Note) -> Explanation:
    asked, known, evidence = pair.asked, pair.known, pair.evidence
    mark = fingerprint(asked.signature)
    return Explanation(
        note.ref,
        note.title,
        pair.strength,
        pair.why,
        round(min(1.0, evidence.score), 4),
        pair.line,
        pair.known_line,
        _heaviest(asked, [term for term in asked.weights if term in known.weights]),
        evidence.of_query,
        evidence.of_known,
        _heaviest(asked, [term for term in asked.weights if term not in known.weights]),
        _heaviest(known, [term for term in known.weights if term not in asked.weights]),
        bool(mark) and mark == fingerprint(known.signature),
        evidence.reasons,
        evidence.odds,
    )


def _heaviest(line: WeighedLine, terms: Iterable[str]) -> tuple[str, ...]:
    """Terms without the signs that only signatures need, what says most first."""
    return tuple(term.lstrip("~@§") for term in sorted(terms, key=lambda term: (-line.weights[term], term)))
