"""Matching: which known error a log holds, how sure that is, and which notes plain words mean."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from heapq import nlargest
from math import log
from typing import Protocol

from .knowledge_base import KnowledgeBase
from .note import Hit, KnownError, Note, When, strip_comments
from .signature import fingerprint, messages, signature_of, terms

# What the index holds of each note: the terms of its known errors, and its words by where they stand.
ERROR, TITLE, ABOUT, BODY = "error", "title", "about", "body"

RULES = "1"  # change it when what the index holds of a note changes
MAX_KNOWN_LINES = 200  # of one note
MAX_LINES = 400  # different messages of one question
RAREST_TERMS = 10
CANDIDATES = 50


class Index(Protocol):
    """What matching asks of an index; a document is a number."""

    def count(self, field: str) -> int:
        """How many notes have anything in that field."""

    def frequency(self, field: str, term: str) -> int:
        """How many notes hold the term in that field."""

    def postings(self, field: str, term: str) -> Sequence[tuple[int, float]]:
        """The documents that hold the term in that field, with its weight there."""

    def known_lines(self, document: int) -> Sequence[tuple[str, str]]:
        """The (line, signature) pairs of a document's known errors."""

    def ref(self, document: int) -> str:
        """The ref of a document's note."""

    def words_like(self, word: str) -> Sequence[str]:
        """Words of the index that begin as `word` does."""


# ---- what the index holds of a note ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A note as the index holds it."""

    ref: str
    digest: str
    fields: Mapping[str, Mapping[str, float]]  # field → term → weight
    lines: tuple[tuple[str, str], ...]  # (line, signature) of its known errors


def entry(note: Note) -> Entry:
    """What the index holds of a note."""
    lines = known_lines(note.errors)
    error_terms = {term: 1.0 for _, signature in lines for term in terms(signature)}
    for _, signature in lines:
        if mark := fingerprint(signature):
            error_terms["#" + mark] = 1.0
    symptoms = note.section("symptoms")
    lead = note.body[: note.sections[0].start] if note.sections else note.body[:500]
    about = " ".join((note.ref, *note.services, *note.hosts, *note.tags, _front_words(note), symptoms, lead[:1_000]))
    return Entry(
        note.ref,
        note.digest,
        {ERROR: error_terms, TITLE: weighed(note.title, 10), ABOUT: weighed(about, 40), BODY: weighed(strip_comments(note.body), 300)},
        lines,
    )


def known_lines(errors: Iterable[KnownError]) -> tuple[tuple[str, str], ...]:
    """The different lines of known errors with their signatures."""
    found: dict[str, str] = {}
    for error in errors:
        for message, signature in _signed(error.text):
            if len(found) < MAX_KNOWN_LINES:
                found.setdefault(signature, message)
    return tuple((line[:500], signature) for signature, line in found.items())


def _signed(text: str) -> Iterator[tuple[str, str]]:
    """(line, signature) of each message that says anything, and of a line with the one that continues it."""
    last: tuple[str, str] | None = None
    for message in messages(text):
        signature = signature_of(message)
        if not any(token[0] not in "<" for token in signature.split()):
            last = None
            continue
        yield message.line, signature
        last = (message.line, signature)
    del last


def _front_words(note: Note) -> str:
    values = (value for key, value in note.front.items() if key not in ("title", "date", "status"))
    return " ".join(v for value in values for v in (value if isinstance(value, list) else [value]) if isinstance(v, str))


def weighed(text: str, usual_length: int) -> dict[str, float]:
    """The stems of a text with BM25's weight of their frequency (k1 1.2, b 0.75), the usual length given."""
    counts: dict[str, int] = defaultdict(int)
    for word in words(text):
        counts[word] += 1
    norm = 1.2 * (0.25 + 0.75 * sum(counts.values()) / usual_length)
    return {word: round(count * 2.2 / (count + norm), 2) for word, count in counts.items()}


# ---- words -----------------------------------------------------------------------------------------------------------

_WORDS = re.compile(r"[^\W_]+(?:['’][a-z]{1,2}\b)?")
STOP_WORDS = frozenset(
    "a an the and or of to in on at by for with from as is are was were be been being it its this that these those there then than i my me we our you your he she "
    "do does did done so if when while what which who how why where can could will would should may might must has have had not no nor but about into over after "
    "again all any some very just now only also too up out off s t ll re ve don won".split()
)


def words(text: str) -> Iterator[str]:
    """The stems of a text's words, without those that say nothing."""
    for match in _WORDS.finditer(text):
        word = match.group().lower()
        if word not in STOP_WORDS and len(word) < 60:
            yield stem(word)


@lru_cache(50_000)
def stem(word: str) -> str:
    """A word without its English ending, near enough that forms of one word meet."""
    word = re.sub(r"['’].*", "", word)
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + instead
            if ending in ("ing", "ed") and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


_ENDINGS = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("ss", "ss"), ("us", "us"), ("is", "is"), ("s", ""), ("ing", ""), ("ed", ""), ("ly", ""))

# Words of the field that mean the same, or nearly: the words of a row find each other.
SYNONYMS: Sequence[str] = ()


# ---- seen: from a log to its known errors ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """How much a line of the question and a known line have in common, each from 0 to 1."""

    of_query: float  # how much of the question's line is in the known line
    of_known: float  # how much of the known line is in the question's line
    order: float  # how many of the shared words stand side by side in both
    numbers: float
    mass: float  # how much the shared words say at all

    @property
    def score(self) -> float:
        """One number to rank by."""
        both = self.of_query * self.of_known
        low, high = sorted((self.of_query, self.of_known))
        return 0.45 * both**0.5 + 0.2 * low + 0.1 * high + 0.2 * self.order + 0.05 * self.numbers


@dataclass(frozen=True)
class Pair:
    """A line of the question and the known line of a note that it fits best."""

    document: int
    line: str
    known_line: str
    evidence: Evidence
    score: float
    strength: str


def seen(base: KnowledgeBase, index: Index, text: str, limit: int = 10) -> list[Hit]:
    """The notes whose known errors are in `text`, best first."""
    lines = _query_lines(text)
    rarity = Rarity(index)
    best: dict[int, Pair] = {}
    for line, signature in lines:
        for pair in _pairs(index, rarity, line, signature):
            if pair.document not in best or pair.score > best[pair.document].score:
                best[pair.document] = pair
    ranked = sorted(best.values(), key=lambda p: (_RANK[p.strength], -p.score, index.ref(p.document)))
    hits = []
    for pair in ranked[: limit * 2]:
        note = base.by_ref.get(index.ref(pair.document))
        if note and len(hits) < limit:
            hits.append(_hit(base, note, pair.score, pair.strength, pair.line, pair.known_line))
    return hits


_RANK = {"same": 0, "likely": 1, "weak": 2}


def _query_lines(text: str) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for line, signature in _signed(text):
        found.setdefault(signature, line)
        if len(found) >= MAX_LINES:
            break
    return [(line, signature) for signature, line in found.items()]


class Rarity:
    """How much a term says: the rarer among the known errors, the more."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.count = index.count(ERROR)
        self.known: dict[str, int] = {}

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

    def weights(self, signature: str) -> dict[str, float]:
        """The terms of a signature with their weights."""
        return {term: weight * self.weight(term) for term, weight in terms(signature).items()}


def _pairs(index: Index, rarity: Rarity, line: str, signature: str) -> Iterator[Pair]:
    """The known lines that a line may be, each with its evidence."""
    query = rarity.weights(signature)
    total = sum(query.values())
    if not total:
        return
    for document in _candidates(index, rarity, signature, query):
        best: tuple[float, str, Evidence] | None = None
        for known_line, known_signature in index.known_lines(document):
            evidence = compare(signature, query, total, known_signature, rarity.weights(known_signature), line, known_line)
            if best is None or evidence.score > best[0]:
                best = (evidence.score, known_line, evidence)
        if best:
            yield Pair(document, line, best[1], best[2], best[0], strength(best[2]))


def _candidates(index: Index, rarity: Rarity, signature: str, query: Mapping[str, float]) -> list[int]:
    scores: dict[int, float] = defaultdict(float)
    mark = fingerprint(signature)
    if mark:
        for document, _ in index.postings(ERROR, "#" + mark):
            scores[document] += 10
    there = [term for term in query if rarity.frequency(term)]
    for term in nlargest(RAREST_TERMS, there, key=lambda t: query[t]):
        for document, _ in index.postings(ERROR, term):
            scores[document] += query[term]
    return nlargest(CANDIDATES, scores, key=lambda d: (scores[d], -d))


def compare(
    signature: str, query: Mapping[str, float], total: float, known_signature: str, known: Mapping[str, float], line: str, known_line: str
) -> Evidence:
    """What a line of the question and a known line have in common; `query` and `known` are their weighed terms."""
    shared = sum(weight for term, weight in query.items() if term in known)
    shared_known = sum(weight for term, weight in known.items() if term in query)
    a, b = _bigrams(signature), _bigrams(known_signature)
    order = len(a & b) / max(1, min(len(a), len(b))) if a and b else float(signature == known_signature)
    p, q = _numbers(line), _numbers(known_line)
    return Evidence(
        shared / total, shared_known / (sum(known.values()) or 1), order, len(p & q) / max(1, min(len(p), len(q))) if p and q else 0.0, shared
    )


@lru_cache(20_000)
def _bigrams(signature: str) -> frozenset[tuple[str, str]]:
    tokens = [token.lower() for token in signature.split() if token[0] not in "<~"]
    return frozenset(zip(tokens, tokens[1:], strict=False))


@lru_cache(20_000)
def _numbers(line: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+", line[-300:]))


def strength(evidence: Evidence) -> str:
    """same, likely or weak."""
    if evidence.of_query > 0.93 and evidence.of_known > 0.93 and evidence.order > 0.9:
        return "same"
    if evidence.score > 0.75:
        return "likely"
    return "weak"


def _hit(base: KnowledgeBase, note: Note, score: float, strength: str | None, line: str, known_line: str) -> Hit:
    return Hit(
        note.ref,
        note.kind,
        note.title,
        str(base.root / note.path),
        note.date.text if note.date else "",
        note.services,
        round(min(1.0, score), 4),
        strength,
        line,
        known_line,
        note.fix or note.section("lesson"),
    )


def known(base: KnowledgeBase, error_text: str) -> list[Hit]:
    """The notes that know this error, by their fingerprints alone, without an index; the lines are compared too."""
    return []


def search(
    base: KnowledgeBase, index: Index, query: str, kind: str | None = None, service: str | None = None, tags: Sequence[str] = (), limit: int = 20
) -> list[Hit]:
    """The notes that words mean, best first."""
    scores: dict[int, float] = defaultdict(float)
    for word in dict.fromkeys(words(query)):
        best: dict[int, float] = defaultdict(float)
        for field, boost in ((TITLE, 2.0), (ABOUT, 1.5), (BODY, 1.0)):
            rarity = log(1 + (index.count(BODY) + 1) / (index.frequency(field, word) + 0.5))
            for document, weight in index.postings(field, word):
                best[document] += boost * weight * rarity
        for document, score in best.items():
            scores[document] += score
    top = max(scores.values(), default=1.0)
    hits = []
    for document in sorted(scores, key=lambda d: (-scores[d], index.ref(d))):
        note = base.by_ref.get(index.ref(document))
        if note and (not kind or note.kind == kind) and (not service or base.names_service(note, service)):
            hits.append(_hit(base, note, scores[document] / top, None, query, ""))
        if len(hits) >= limit:
            break
    return hits
