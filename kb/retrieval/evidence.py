"""How much two error lines have in common, and what differs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from itertools import pairwise
from math import log, sqrt

from ..logs.fingerprint import fingerprint, signature_of, terms
from ..logs.messages import unwrap
from ..logs.system_errors import SYSTEM_MESSAGES, causes
from ..logs.telling import is_generic
from ..notes.knowledge_base import KnowledgeBase
from .index_protocol import ERROR, IndexReader


@dataclass(frozen=True)
class Evidence:
    """How much a line of the question and a known line have in common, each from 0 to 1."""

    of_query: float  # how much of the question's line is in the known line
    of_known: float  # how much of the known line is in the question's line
    order: float  # how many of the shared words stand side by side in both
    numbers: float
    replaced: float  # how much of the plain words stands in the place of others
    same_cause: bool  # both end in the same clause: "…: database is locked"
    other_code: bool  # both name a code, and not the same one
    other_cause: bool  # both say why as a system says it ("connection refused"), and not the same
    other_program: bool  # both name the program, and not the same one
    mass: float  # how much the shared words say at all

    @cached_property
    def score(self) -> float:
        """One number from 0 to 1 to rank by."""
        low, high = sorted((self.of_query, self.of_known))
        counted = (sqrt(low * high), low, high, self.order, self.numbers)
        return sum(value * share for value, share in zip(counted, SCORE, strict=True))

    @property
    def reasons(self) -> tuple[tuple[str, float], ...]:
        """What speaks for and against, each as what it adds to the logarithm of the odds.

        Fitted by logistic regression on 1,500 pairs of log lines, and rounded: words in the same order tell most.
        """
        said = (
            self.order,
            min(self.mass, MOST_MASS),
            self.same_cause,
            self.replaced,
            self.other_code,
            self.other_cause,
            self.other_program,
        )
        return tuple((name, weight * value) for (name, weight), value in zip(REASONS, said, strict=True))

    @property
    def odds(self) -> float:
        """The logarithm of the odds that both lines are the same error; unlikely until something speaks for it."""
        return sum(value for _, value in self.reasons) - UNLIKELY


# What the browser compares by too (site/browser/seen_rules.py): numbers and words that decide stand in tables.
SCORE = (0.45, 0.2, 0.1, 0.2, 0.05)  # of the geometric mean of both shares, the lower, the higher, the order, the numbers
REASONS = (
    ("words in the same order", 7.0),
    ("how much the shared words say", 0.21),
    ("the same cause at the end", 2.0),
    ("words in the place of others", -2.3),
    ("another code", -3.0),
    ("another cause", -3.0),
    ("another program", -4.5),
)
MOST_MASS = 8
WORTH_COMPARING = 0.25  # words in the same order; below that nothing is claimed anyway
UNLIKELY = 5.2


class Rarity:
    """How much a term says: the rarer among the known errors, the more."""

    def __init__(self, index: IndexReader, base: KnowledgeBase) -> None:
        self.index = index
        self.base = base
        self.count = index.count(ERROR)
        self.known: dict[str, int] = {}
        self.lines: dict[str, WeighedLine] = {}
        self.documents: dict[int, Sequence[WeighedLine]] = {}
        self.shared: dict[str, int] = {}

    def frequency(self, term: str) -> int:
        """How many notes with known errors hold the term."""
        found = self.known.get(term)
        if found is None:
            found = self.known[term] = self.index.frequency(ERROR, term)
        return found

    def weight(self, term: str) -> float:
        """From about 0.3 to 1, the rarest."""
        count = self.count + 50
        return log(1 + count / (self.frequency(term) + 1)) / log(1 + count)

    def known_lines(self, document: int) -> Sequence[WeighedLine]:
        """The lines of a document's known errors, ready to be compared."""
        found = self.documents.get(document)
        if found is None:
            rows = self.index.known_lines(document)
            found = self.documents[document] = [
                replace(self.weighed(line, signed), error=error) for line, signed, error in rows
            ]
        return found

    def sharing(self, signature: str) -> int:
        """How many errors hold the line of a signature, the returns of an error counted with it; one at least."""
        found = self.shared.get(signature)
        if found is None:
            mark = fingerprint(signature)
            holders = self.index.postings(ERROR, "#" + mark) if mark and self.frequency("#" + mark) > 1 else ()
            found = self.shared[signature] = max(1, len({self._family(document) for document, _ in holders}))
        return found

    def _family(self, document: int) -> str:
        ref = self.index.ref(document)
        note = self.base.by_ref.get(ref)
        return self.base.family(note)[0].ref if note else ref

    def weighed(self, line: str, signature: str) -> WeighedLine:
        """A line ready to be compared."""
        made = self.lines.get(signature)
        if made is None:
            weights = {term: weight * self.weight(term) for term, weight in terms(signature).items()}
            made = self.lines[signature] = weighed_line(line, signature, weights)
        return made if made.line == line else replace(made, line=line)


@dataclass(frozen=True)
class WeighedLine:
    """A line ready to be compared: its weighed terms, and its plain words in their order."""

    line: str
    signature: str
    weights: Mapping[str, float]
    total: float
    plain: tuple[str, ...]
    pairs: frozenset[tuple[str, str]]  # of plain words side by side
    error: int = 0  # which known error of its note it stands in

    def signs(self, sign: str) -> set[str]:
        """Its tokens of one kind: `§` for codes, `@` for the program."""
        return {token for token in self.signature.split() if token[0] == sign} if sign in self.signature else set()


def weighed_line(line: str, signature: str, weights: Mapping[str, float]) -> WeighedLine:
    """A line ready to be compared, from its signature and the weights of its terms."""
    plain = plain_words(signature)
    return WeighedLine(line, signature, weights, sum(weights.values()), plain, frozenset(pairwise(plain)))


def plain_words(signature: str) -> tuple[str, ...]:
    """The words of a signature, in small letters, without its values, marks of a program and masks."""
    return tuple(token.lower() for token in signature.split() if token[0] not in "<~@")


def compare(asked: WeighedLine, known: WeighedLine) -> Evidence:
    """What a line of the question and a known line have in common."""
    shared = sum(weight for term, weight in asked.weights.items() if term in known.weights)
    shared_known = sum(weight for term, weight in known.weights.items() if term in asked.weights)
    other_cause = _differ(causes(asked.plain), causes(known.plain))
    by_code = not other_cause and not _named_codes(asked.signature).isdisjoint(_named_codes(known.signature))
    if asked.plain == known.plain:
        order = 1.0 if asked.plain else 0.0
    else:
        order = len(asked.pairs & known.pairs) / (min(len(asked.pairs), len(known.pairs)) + 0.5)
        order = max(order, ORDER_BY_CODE) if by_code else order
    return Evidence(
        shared / asked.total,
        shared_known / (known.total or 1.0),
        order,
        _share(_numbers(asked.line), _numbers(known.line)),
        # Below that nothing is claimed anyway, and comparing is dear.
        _replaced(asked, known) if order > WORTH_COMPARING else 1.0,
        0 < order < 1 and (by_code or _has_same_cause(asked.line, known.line)),
        _differ(asked.signs("§"), known.signs("§")),
        order > 0 and other_cause,
        _differ(asked.signs("@"), known.signs("@")),
        shared,
    )


# A code that its program gave one error alone (AH01618, SQLSTATE 42P01, ERROR 1049) tells as much as words in their order.
NAMED_CODE = re.compile(r"(?<=sqlstate )§(?!hy000|42000)[^ ]+|§[^ ]*[a-z][^ ]*")
ORDER_BY_CODE = 0.8


@lru_cache(20_000)
def _named_codes(signature: str) -> frozenset[str]:
    return frozenset(NAMED_CODE.findall(signature)) if "§" in signature else frozenset()


def _has_same_cause(line: str, known_line: str) -> bool:
    """Whether one's cause is the other's, or ends in it: another program may say more before it."""
    shorter, longer = sorted((_cause(line), _cause(known_line)), key=len)
    return bool(shorter) and longer[-len(shorter) :] == shorter


@lru_cache(20_000)
def _cause(line: str) -> tuple[str, ...]:
    """The words of a line's last clause, or of the whole when it has but one; empty when they tell nothing.

    What the system says ("no such file or directory") tells only together with the clause before it, and with the value there: of
    which file. One or two words ("not authorized") tell only together with the words before them.
    """
    clauses = CLAUSE_END.split(REMARK.sub("", unwrap(line).text))
    words = plain_words(signature_of(unwrap(clauses[-1])))
    is_of_system = words in SYSTEM_MESSAGES or is_generic(words)
    if len(words) >= 3 and not is_of_system:
        return words
    before = signature_of(unwrap(clauses[-2])) if len(clauses) > 1 else ""
    if is_of_system:
        return (*before.split(), *words) if " " in before and "~" in before else ()
    both = (*plain_words(before), *words)
    return both if len(both) >= 3 else ()


CLAUSE_END = re.compile(r": | - ")

# What stands behind a cause and is none: the statement that failed, a remark, where to read more, what Docker puts behind all errors.
REMARK = re.compile(r"\ ?\[SQL: .*$|(?:\ ?\([^()]{0,200}\)|\ ?(?:\([^()]{0,60})?https?://[^\s()]{1,300}\)?|: unknown)\.?$")


def _differ(one: Set[object], other: Set[object]) -> bool:
    return bool(one and other) and not one & other


def _share(one: Set[str], other: Set[str]) -> float:
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def _replaced(asked: WeighedLine, known: WeighedLine) -> float:
    """The share of plain words that stand where the other line has other plain words."""
    a, b = asked.plain, known.plain
    if a == b or not a or not b:
        return 0.0
    lost = 0.0
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "replace":
            lost += min(_weight(asked, a[a0:a1]), _weight(known, b[b0:b1]))
    return lost / (min(_weight(asked, a), _weight(known, b)) or 1.0)


def _weight(line: WeighedLine, words: Iterable[str]) -> float:
    return sum(line.weights.get(word, 0.0) for word in words)


@lru_cache(20_000)
def _numbers(line: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+", line[-300:]))
