"""The answer to a whole log: the notes that know what is in it, and what in it no note knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..logs.ansi import without_ansi
from ..logs.log_signs import is_log_like
from ..logs.stack_traces import is_frame
from ..logs.telling import is_advice, is_generic
from ..notes.knowledge_base import KnowledgeBase
from .hit import Hit
from .hybrid import seen_in
from .index_protocol import IndexReader
from .known_errors import claimed_by, hits_of, matched
from .question import Question, read_question


@dataclass(frozen=True)
class UnknownLine:
    """A kind of line that says something went wrong, and that no note knows."""

    line: str  # the first of its kind, as it was written
    last: str  # the last
    count: int
    first_at: int  # the number of that line in what was kept of the log, from 1 on
    last_at: int
    trouble: float  # how much it looks like an error, from 1.6 to 5
    background: bool  # it recurs all over this log


@dataclass(frozen=True)
class Answer:
    """All that is to be said of a log."""

    hits: tuple[Hit, ...]  # best first; those of strength "weak" are no claims
    unknown: tuple[UnknownLine, ...]  # the most telling and the rarest first
    messages: int  # that were read
    explained: tuple[str, ...] = ()  # the lines of the log that the best of the hits knows, when it is a claim


def answer(base: KnowledgeBase, index: IndexReader, text: str, limit: int = 10) -> Answer:
    """What the notes know of a log, and what in it they don't. Lines that are ordinary in this knowledge base are passed over."""
    question = read_question(text, base.ordinary)
    found = matched(base, index, question, limit)
    hits = hits_of(base, found)
    if not is_log_like(text) and not any(hit.strength != "weak" for hit in hits):
        hits = seen_in(base, index, text, limit)  # plain words
    best = claimed_by(found[:1])
    explained = tuple(
        line for line, signature in question.lines if signature in best and signature not in question.put_together
    )
    return Answer(tuple(hits), tuple(_unknown(question, claimed_by(found), text)), question.count, explained)


def _unknown(question: Question, explained: frozenset[str], text: str) -> list[UnknownLine]:
    """The telling lines that no claim explains; what recurs all over the log comes last."""
    rows = []
    lines = without_ansi(text).splitlines()
    for line, signature in question.lines:
        if signature in explained or not question.is_telling(signature) or is_frame(line.lstrip()) or is_advice(line):
            continue
        first_at, first = _written(lines, line, range(len(lines)))
        last_at, last = _written(lines, question.lasts[signature], range(len(lines) - 1, -1, -1))
        background = signature in question.background
        row = UnknownLine(
            first, last, len(question.places[signature]), first_at, last_at, question.trouble[signature], background
        )
        sums_up = is_generic(question.words(signature))
        rows.append(((row.background, sums_up, -row.trouble, row.count, row.first_at), row))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _written(lines: Sequence[str], said: str, order: Iterable[int]) -> tuple[int, str]:
    """The number and the text of the line in which a log says this: a record holds its message in quotes, with other escapes."""
    plain = max(_PLAIN.findall(said), key=len, default=said)
    for place in order:
        if said in lines[place] or plain in lines[place]:
            return place + 1, lines[place].rstrip()
    return 0, said


_PLAIN = re.compile(r"[^\"'\\]+")
