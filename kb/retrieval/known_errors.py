"""Matching: which known error a log holds, and how sure that is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from heapq import nlargest, nsmallest
from itertools import pairwise
from math import log, sqrt
from typing import Protocol

from ..logs.fingerprint import LIBRARY, fingerprint, is_frame, messages, signature_of, terms, unwrap
from ..logs.system_errors import SYSTEM_MESSAGES, causes, is_of_any_program
from ..notes.kinds import Hit, Incident, KnownError, Note
from ..notes.knowledge_base import KnowledgeBase
from ..notes.markdown import strip_comments
from .stemming import weighed

# What the index holds of each note: the terms of its known errors, and its words by where they stand.
ERROR, TITLE, ABOUT, BODY = "error", "title", "about", "body"

RULES = "1"  # change it when what the index holds of a note changes
MAX_KNOWN_LINES = 200  # of one note
MAX_LINES = 60  # of one question, which are compared with the known ones
RAREST_TERMS = 10
CANDIDATES, CANDIDATES_OF_MANY = 50, 15  # notes looked at closely for each line; fewer when there are many lines


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
        {
            ERROR: error_terms,
            TITLE: weighed(note.title, 10),
            ABOUT: weighed(about, 40),
            BODY: weighed(strip_comments(note.body), 300),
        },
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
    """(line, signature) of each message that says anything."""
    for message in messages(text):
        signature = signature_of(message)
        if any(token[0] not in "<" for token in signature.split()):
            yield message.line, signature


def _front_words(note: Note) -> str:
    values = (value for key, value in note.front.items() if key not in ("title", "date", "status"))
    return " ".join(v for value in values for v in (value if isinstance(value, list) else [value]) if isinstance(v, str))


# ---- seen: from a log to its known errors ----------------------------------------------------------------------------


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


# What the browser compares by too (kb/pages/seen_data.py): numbers and words that decide stand in tables.
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
UNLIKELY = 5.2


@dataclass(frozen=True)
class Pair:
    """A line of the question and the known line of a note that it fits best."""

    document: int
    asked: Line
    known: Line
    evidence: Evidence
    verdict: str  # a key of VERDICTS

    @property
    def line(self) -> str:
        """The line of the question, as it was written."""
        return self.asked.line

    @property
    def known_line(self) -> str:
        """The line of the note, as it was written."""
        return self.known.line

    @property
    def strength(self) -> str:
        """How sure that is: same, likely or weak."""
        return VERDICTS[self.verdict][0]

    @property
    def why(self) -> str:
        """Why that strength and no other."""
        return VERDICTS[self.verdict][1]

    @property
    def rank(self) -> tuple[int, float]:
        """The lower the better. A line that stands in many errors is worth less than any other that is weak."""
        return _RANK[self.strength] + (self.verdict in EVERYWHERE), -self.evidence.score


def seen(base: KnowledgeBase, index: Index, text: str, limit: int = 10) -> list[Hit]:
    """The notes whose known errors are in `text`, best first."""
    return [_hit(base, *row) for row in _found(base, index, text, limit)]


def _hit(base: KnowledgeBase, pair: Pair, note: Note) -> Hit:
    return hit_of(base, note, pair.evidence.score, pair.strength, pair.line, pair.known_line)


def _found(base: KnowledgeBase, index: Index, text: str, limit: int) -> list[tuple[Pair, Note]]:
    """The notes that may know what is in `text`, each with its best pair of lines; best first."""
    rarity = Rarity(index)
    best: dict[int, list[Pair]] = defaultdict(list)
    lines = _promising(rarity, _query_lines(text))
    width = CANDIDATES if len(lines) < 5 else CANDIDATES_OF_MANY
    for line, signature in lines:
        for pair in _pairs(index, rarity, rarity.weighed(line, signature), width):
            best[pair.document].append(pair)
    places = _places(rarity.weighed(*row) for row in lines)
    found = [_sure_of_all(places, rarity.known_lines(document), pairs) for document, pairs in best.items()]
    surest = nsmallest(3 * limit, found, key=lambda pair: (pair.rank, index.ref(pair.document)))
    named = [(pair, note) for pair in surest if (note := base.by_ref.get(index.ref(pair.document)))]
    named.sort(key=lambda row: _order(*row))
    return _proven_first(base, named)[:limit]


def _order(pair: Pair, note: Note) -> tuple[int, float, bool, float, str]:
    """The surest first; of several alike the ones with a fix, and of those the newest: its fix fits today's versions."""
    rank, score = pair.rank
    return (
        rank,
        round(score, 2),
        not has_fix(note),
        -(note.date.moment.timestamp() if note.date else 0.0),
        note.ref,
    )


def _proven_first(base: KnowledgeBase, found: Sequence[tuple[Pair, Note]]) -> list[tuple[Pair, Note]]:
    """The same, but of an error that came back the note whose fix is to be tried stands where the surest of them stood."""
    ordered: list[tuple[Pair, Note]] = []
    placed: set[str] = set()
    for pair, note in found:
        if note.ref in placed:
            continue
        proven = proven_fix(base, note)
        if proven and proven.ref not in placed:
            # Its fix is for the error that was met in any of them, so it comes with the pair of the surest.
            ordered.append((pair, proven))
            placed.add(proven.ref)
        if note.ref not in placed:
            ordered.append((pair, note))
            placed.add(note.ref)
    return ordered


def proven_fix(base: KnowledgeBase, note: Note) -> Note | None:
    """The note whose fix is to be tried for an error that came back; None for one that didn't, or where nobody wrote a fix."""
    came_back = note.ref in base.returns or (isinstance(note, Incident) and note.recurrence_of)
    return _with_the_best_fix(base, note) if came_back else None


def _with_the_best_fix(base: KnowledgeBase, note: Note) -> Note | None:
    """Of all notes of an error that came back the one whose fix is to be tried: it held when it was tried last, or nobody
    tried it yet; and only then one that failed. Of several alike the newest. None when no one wrote down a fix."""
    family = base.family(note)
    held: dict[str, bool] = {}
    for again in family:  # the newest last, whose word counts
        if isinstance(again, Incident) and again.held is not None and (tried := _tried(base, again)):
            held[tried.ref] = again.held
    fixes = [(held.get(member.ref), place, member) for place, member in enumerate(family) if has_fix(member)]
    return max(fixes, key=lambda row: (_TRUST[row[0]], row[1]), default=(None, 0, None))[2]


_TRUST = {True: 2, None: 1, False: 0}


def _tried(base: KnowledgeBase, again: Incident) -> Note | None:
    """The note whose fix a return speaks of: the one it names, or the one before that when it has no fix of its own."""
    passed = {again.ref}
    tried = base.recurred(again)
    while tried and not has_fix(tried) and tried.ref not in passed and isinstance(tried, Incident):
        passed.add(tried.ref)
        tried = base.recurred(tried)
    return tried


def has_fix(note: Note) -> bool:
    """Whether somebody wrote down what to do."""
    return bool(note.fix or note.section("lesson"))


def _sure_of_all(places: Set[tuple[str, ...]], known: Sequence[Line], pairs: Sequence[Pair]) -> Pair:
    """The best pair of a note, made less sure where the lines around it say otherwise.

    `places` in the code are those that the question names, `known` the lines that the note knows.
    """
    best = min(pairs, key=lambda pair: pair.rank)
    if best.strength == "weak":
        return best
    doubt = _doubt(places, known, pairs)
    if doubt and _RANK[VERDICTS[doubt][0]] > _RANK[best.strength]:
        return replace(best, verdict=doubt)
    return best


def _doubt(places: Set[tuple[str, ...]], known: Sequence[Line], pairs: Sequence[Pair]) -> str:
    """Why a claim is doubtful, as a key of VERDICTS; empty when it isn't."""
    met = {pair.known_line for pair in pairs if pair.strength != "weak"}
    if all(is_of_any_program(pair.known.plain) for pair in pairs if pair.strength != "weak"):
        # "nil pointer dereference" is said by all programs: the place in the code tells them apart.
        there = _places(known)
        if not places or not there:
            return "no place"
        if places.isdisjoint(there):
            return "another place"
    contrary = [pair.evidence for pair in pairs if pair.known_line not in met and _contradicts(pair)]
    if contrary:
        return "contradicted" if any(evidence.other_cause for evidence in contrary) else "another code beside"
    # Many errors come wrapped in the same line ("can't connect, retrying:"), and the next line tells them apart.
    sizes = {line.line: line.total for line in known if not _is_frame(line.line) and not BOILERPLATE.match(line.signature)}
    if sum(size for line, size in sizes.items() if line in met) < sum(sizes.values()) / 2:
        return "partial"
    return ""


def _places(lines: Iterable[Line]) -> Set[tuple[str, ...]]:
    """The names in the frames of one's own code: `goroutine 7 [running]`, `at async /srv/app.js:7` and `/srv/app.go:7` hold none."""
    frames = (line for line in lines if line.plain and _is_frame(line.line) and not LIBRARY.search(line.line))
    named = (tuple(word for word in line.plain if word not in IN_ANY_FRAME) for line in frames if line.plain[0] != "goroutine")
    return {names for names in named if names}


IN_ANY_FRAME = ("at", "async", "file", "line", "in", "by", "from")


@lru_cache(20_000)
def _is_frame(line: str) -> bool:
    """Whether a line as it was written is a frame of a stack trace, whatever stands around it."""
    return is_frame(line) or is_frame(unwrap(line).text.lstrip())


def _contradicts(pair: Pair) -> bool:
    """Whether two lines begin alike and give another code or cause: what stands beside them may be alike, but it is another error."""
    evidence = pair.evidence
    return (
        (evidence.other_code or evidence.other_cause)
        and not _is_frame(pair.line)
        and pair.asked.plain[:2] == pair.known.plain[:2]
    )


_RANK = {"same": 0, "likely": 1, "weak": 2}


def _query_lines(text: str) -> list[tuple[str, str]]:
    """The different messages of a text, as (line, signature)."""
    found: dict[str, str] = {}
    for line, signature in _signed(text):
        found.setdefault(signature, line)
    return [(line, signature) for signature, line in found.items()]


def _promising(rarity: Rarity, lines: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """Of many lines those that may be known: by fingerprint, else by how much of their words is known at all."""
    if len(lines) <= MAX_LINES:
        return lines

    def promise(row: tuple[str, str]) -> float:
        mark = fingerprint(row[1])
        if mark and rarity.frequency("#" + mark):
            return 100.0
        line = rarity.weighed(*row)
        met = sum(weight for term, weight in line.weights.items() if rarity.frequency(term))
        return met * met / (line.total or 1.0)

    scores = [promise(row) for row in lines]
    return [lines[i] for i in sorted(nlargest(MAX_LINES, range(len(lines)), key=lambda i: (scores[i], -i)))]


class Rarity:
    """How much a term says: the rarer among the known errors, the more."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.count = index.count(ERROR)
        self.known: dict[str, int] = {}
        self.lines: dict[str, Line] = {}

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

    def known_lines(self, document: int) -> Sequence[Line]:
        """The lines of a document's known errors, ready to be compared."""
        return [self.weighed(*row) for row in self.index.known_lines(document)]

    def weighed(self, line: str, signature: str) -> Line:
        """A line ready to be compared."""
        made = self.lines.get(signature)
        if made is None:
            weights = {term: weight * self.weight(term) for term, weight in terms(signature).items()}
            made = self.lines[signature] = _line(line, signature, weights)
        return made if made.line == line else replace(made, line=line)


@dataclass(frozen=True)
class Line:
    """A line ready to be compared: its weighed terms, and its plain words in their order."""

    line: str
    signature: str
    weights: Mapping[str, float]
    total: float
    plain: tuple[str, ...]
    pairs: frozenset[tuple[str, str]]  # of plain words side by side

    def signs(self, sign: str) -> set[str]:
        """Its tokens of one kind: `§` for codes, `@` for the program."""
        return {token for token in self.signature.split() if token[0] == sign} if sign in self.signature else set()


def _line(line: str, signature: str, weights: Mapping[str, float]) -> Line:
    plain = _plain(signature)
    return Line(line, signature, weights, sum(weights.values()), plain, frozenset(pairwise(plain)))


def _plain(signature: str) -> tuple[str, ...]:
    return tuple(token.lower() for token in signature.split() if token[0] not in "<~@")


def _pairs(index: Index, rarity: Rarity, asked: Line, width: int) -> Iterator[Pair]:
    """The known lines that a line may be, each with its evidence: the best one of at most `width` notes."""
    if not asked.total:
        return
    for document in _candidates(index, rarity, asked)[:width]:
        best: Pair | None = None
        for known in rarity.known_lines(document):
            pair = _pair(document, asked, known)
            if best is None or pair.rank < best.rank:
                best = pair
        if best:
            yield best


def _pair(document: int, asked: Line, known: Line) -> Pair:
    evidence = compare(asked, known)
    return Pair(document, asked, known, evidence, verdict(evidence, asked, known))


def _candidates(index: Index, rarity: Rarity, asked: Line) -> list[int]:
    """The documents worth a closer look: with the same fingerprint, else with the most of the rarest terms."""
    scores: dict[int, float] = defaultdict(float)
    if mark := fingerprint(asked.signature):
        for document, _ in index.postings(ERROR, "#" + mark):
            scores[document] += 10
    there = [term for term in asked.weights if rarity.frequency(term)]
    for term in nlargest(RAREST_TERMS, there, key=asked.weights.__getitem__):
        weight = asked.weights[term]
        for document, _ in index.postings(ERROR, term):
            scores[document] += weight
    return nlargest(CANDIDATES, scores, key=lambda d: (scores[d], -d))


def compare(asked: Line, known: Line) -> Evidence:
    """What a line of the question and a known line have in common."""
    shared = sum(weight for term, weight in asked.weights.items() if term in known.weights)
    shared_known = sum(weight for term, weight in known.weights.items() if term in asked.weights)
    if asked.plain == known.plain:
        order = 1.0 if asked.plain else 0.0
    else:
        order = len(asked.pairs & known.pairs) / (min(len(asked.pairs), len(known.pairs)) + 0.5)
    return Evidence(
        shared / asked.total,
        shared_known / (known.total or 1.0),
        order,
        _share(_numbers(asked.line), _numbers(known.line)),
        # Below that nothing is claimed anyway, and comparing is dear.
        _replaced(asked, known) if order > 0.25 else 1.0,
        0 < order < 1 and _has_same_cause(asked.line, known.line),
        _differ(asked.signs("§"), known.signs("§")),
        order > 0 and _differ(causes(asked.plain), causes(known.plain)),
        _differ(asked.signs("@"), known.signs("@")),
        shared,
    )


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
    words = _plain(signature_of(unwrap(clauses[-1])))
    is_of_system = words in SYSTEM_MESSAGES
    if len(words) >= 3 and not is_of_system:
        return words
    before = signature_of(unwrap(clauses[-2])) if len(clauses) > 1 else ""
    if is_of_system:
        return (*before.split(), *words) if " " in before and "~" in before else ()
    both = (*_plain(before), *words)
    return both if len(both) >= 3 else ()


CLAUSE_END = re.compile(r": | - ")

# What stands behind a cause and is none: the statement that failed, a remark, where to read more, what Docker puts behind all errors.
REMARK = re.compile(r"\ ?\[SQL: .*$|(?:\ ?\([^()]{0,200}\)|\ ?(?:\([^()]{0,60})?https?://[^\s()]{1,300}\)?|: unknown)\.?$")


def _differ(one: Set[object], other: Set[object]) -> bool:
    return bool(one and other) and not one & other


def _share(one: Set[str], other: Set[str]) -> float:
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def _replaced(asked: Line, known: Line) -> float:
    """The share of plain words that stand where the other line has other plain words."""
    a, b = asked.plain, known.plain
    if a == b or not a or not b:
        return 0.0
    lost = 0.0
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "replace":
            lost += min(_weight(asked, a[a0:a1]), _weight(known, b[b0:b1]))
    return lost / (min(_weight(asked, a), _weight(known, b)) or 1.0)


def _weight(line: Line, words: Iterable[str]) -> float:
    return sum(line.weights.get(word, 0.0) for word in words)


@lru_cache(20_000)
def _numbers(line: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+", line[-300:]))


def verdict(evidence: Evidence, asked: Line, known: Line) -> str:
    """How sure two lines are the same error, as a key of VERDICTS."""
    if _is_frame(asked.line):
        return "frame"
    if BOILERPLATE.match(asked.signature):
        return "boilerplate"
    if evidence.odds < 0:
        return "unlikely"
    if evidence.other_program:
        return "other program"
    if asked.plain != known.plain:
        return "other words"
    if len(asked.plain) < 2 or min(evidence.of_query, evidence.of_known) < 0.8:
        return "few words"
    if asked.signs("~") & STATES != known.signs("~") & STATES:
        return "contrary"
    if NAMED.findall(asked.signature) != NAMED.findall(known.signature):
        return "another name"
    return "same"


VERDICTS: Mapping[str, tuple[str, str]] = {
    "frame": ("weak", "a frame of a stack trace alone claims nothing: different errors pass the same code"),
    "boilerplate": ("weak", "this line stands in many different errors"),
    "unlikely": ("weak", "more speaks against it than for it"),
    "other program": ("likely", "nearly the same words, of another program"),
    "other words": ("likely", "more speaks for it than against it, but not all words are the same"),
    "few words": ("likely", "the same words, but they are few, or too much of the values differs"),
    "contrary": ("likely", "the same words, but a value says the contrary"),
    "another name": ("likely", "the same words, but of another thing of its kind"),
    "contradicted": ("weak", "the same line, but the one beside it gives another cause"),
    "another code beside": ("likely", "the same line, but the one beside it gives another code"),
    "another place": ("weak", "any program may say so, and it comes from another place in the code"),
    "no place": ("likely", "any program may say so, and nothing tells the place in the code"),
    "partial": ("likely", "the same line, but less than half of the error that the note knows"),
    "same": ("same", "all words are the same; only times, addresses, numbers and names differ"),
}

EVERYWHERE = ("frame", "boilerplate")

# Values that are no mere place or number: the other one of a pair is another matter.
STATES = frozenset(
    f"~{word}" for word in ("true", "false", "on", "off", "yes", "no", "up", "down", "null", "none", "enabled", "disabled")
)

# What belongs to a program and not to whoever runs it: another column or module is another matter, another host or user isn't.
NAMED = re.compile(
    r"(?:^| )(?:column|constraint|relation|table|index|sequence|schema|function|procedure|trigger|type|role|database|module|package|plugin|"
    r"extension|library|class|method|attribute|field|property|option|directive|parameter|variable)(?: named?)? (~[^ ]+)"
)

# Signatures of lines that stand in so many different errors that they say nothing, and of advice, which tells what to do.
BOILERPLATE = re.compile(
    r"(?:please|refer to|see|for more|hint) |(?:"
    r"traceback most recent call last|during handling of the above exception another exception occurred|stack trace|call trace|"
    r"stack backtrace|note run with rust_backtrace <n> environment variable to display a backtrace|"
    r"the above exception was the direct cause of the following exception|last few GCs|and the repository exists)$"
)


def hit_of(base: KnowledgeBase, note: Note, score: float, strength: str | None, line: str, known_line: str) -> Hit:
    """An answer, with what every door shows of the note."""
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


def _plainly(line: str, signature: str) -> Line:
    """A line ready to be compared where no index says how rare its words are."""
    return _line(line, signature, terms(signature))


def known(base: KnowledgeBase, error_text: str, limit: int = 5) -> list[Hit]:
    """The notes that know this error, found by their fingerprints alone, without an index; best first, no weak ones.

    A fingerprint is no proof, so the lines themselves are compared.
    """
    asked = {fingerprint(row[1]): _plainly(*row) for row in _query_lines(error_text)}
    places = _places(asked.values())
    asked.pop("", None)
    found: list[tuple[Pair, Note]] = []
    for note in base.notes if asked else ():
        if asked.keys().isdisjoint(note.fingerprints):
            continue
        lines = [_plainly(*row) for row in known_lines(note.errors)]
        pairs = [_pair(0, line, other) for other in lines if (line := asked.get(fingerprint(other.signature)))]
        if pairs and (surest := _sure_of_all(places, lines, pairs)).strength != "weak":
            found.append((surest, note))
    found.sort(key=lambda row: _order(*row))
    return [_hit(base, *row) for row in _proven_first(base, found)[:limit]]


# ---- how an answer came about ----------------------------------------------------------------------------------------


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


def explain(base: KnowledgeBase, index: Index, text: str, limit: int = 5) -> list[Explanation]:
    """How the best answers of `seen` came about, in the same order."""
    return [_explained(*row) for row in _found(base, index, text, limit)]


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


def _heaviest(line: Line, terms: Iterable[str]) -> tuple[str, ...]:
    """Terms without the signs that only signatures need, what says most first."""
    return tuple(term.lstrip("~@§") for term in sorted(terms, key=lambda term: (-line.weights[term], term)))


# ---- routing ---------------------------------------------------------------------------------------------------------


def is_log_like(text: str) -> bool:
    """Whether a text looks like it came from a program: several lines, a header, brackets, `=`, codes, camelCase."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1:
        return True
    message = unwrap(text.strip())
    signs = sum(bool(re.search(sign, text)) for sign in LOG_SIGNS)
    return message.stamped or signs >= 2 or (signs == 1 and len(text.split()) > 5)


LOG_SIGNS = (
    r"[\[\](){}<>]",
    r"\w=\S",
    r"\d{2}",
    r"[a-z][A-Z]",
    r"\w: \w",
    r"[\\/]\w+[\\/]",
    r"[a-z]_[a-z]",
    r"::|\w\.\w+\.\w",
)
