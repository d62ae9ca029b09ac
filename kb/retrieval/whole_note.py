"""How sure it is that an error is the known one, when all that the note says of it is weighed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from math import log

from ..logs.background import TELLING
from ..logs.excerpt import POINTS_BACK
from ..logs.system_errors import causes, is_of_any_program
from ..logs.telling import is_generic, says_nothing
from ..logs.trouble import trouble_of
from .evidence import WeighedLine
from .question import Question, joined
from .verdict import BOILERPLATE, RANK, VERDICTS, Pair, code_places, contradicts, is_code_frame


@dataclass(frozen=True)
class Whole:
    """What is known of the whole question when a note is weighed."""

    places: Set[tuple[str, ...]]  # in the code, that it names
    question: Question
    sharing: Callable[[str], int]  # how many errors hold the line of a signature


def sure_of_all(whole: Whole, known: Sequence[WeighedLine], pairs: Sequence[Pair]) -> Pair:
    """The best pair of a note, made less sure where the lines around it say otherwise. `known` are the lines that the note knows.

    Each known error of a note is weighed for itself: its other errors need not have come with it.
    """
    errors: dict[int, list[WeighedLine]] = defaultdict(list)
    for line in known:
        errors[line.error].append(line)
    met: dict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        met[pair.known.error].append(pair)
    surest = [
        min(found, key=lambda pair: pair.rank)
        if all(pair.strength == "weak" for pair in found)  # most notes; nothing below would make them surer
        else _sure_of_error(whole, errors[number], found, any(is_telling(line) for line in known))
        for number, found in met.items()
    ]
    return min(surest, key=lambda pair: pair.rank)


def _sure_of_error(whole: Whole, known: Sequence[WeighedLine], pairs: Sequence[Pair], told: bool) -> Pair:
    """The best pair of one known error, some of whose pairs are claims; `told`: whether any line of its note says that something
    went wrong."""
    put_together = joined([line.signature for line in known])
    sizes = {line.signature: _size(whole, line) for line in known if _says(line) and line.signature not in put_together}
    core = {line.signature for line in known if line.signature in sizes and _says_what(whole, line)}
    claimed = [pair for pair in pairs if pair.strength != "weak"]
    best = min(claimed, key=lambda pair: _telling_first(pair, core, sizes))
    met: dict[str, float] = {}  # by signature
    for pair in claimed:
        for signature in put_together.get(pair.known.signature, (pair.known.signature,)):
            met[signature] = max(1.0 if pair.verdict in WORD_FOR_WORD else MET[pair.strength], met.get(signature, 0.0))
    whole_size = sum(sizes.values()) or 1.0
    of_known = sum(sizes.get(signature, 0.0) * share for signature, share in met.items()) / whole_size
    of_asked = whole.question.share(pair.asked.signature for pair in claimed)
    best = replace(best, explains=whole.question.with_pieces(pair.asked.signature for pair in claimed))
    doubts = [_doubt(whole, known, pairs), _partial(best, of_known, of_asked)]
    if told and not any(is_telling(pair.known) and _fits_in_trouble(pair, whole.question) for pair in claimed):
        doubts.append("ordinary")
    if core and core.isdisjoint(met):
        doubts.append("beside")
    if not core and told and all(_sums_up(pair.known) for pair in claimed):
        doubts.append("sums up")
    if _is_lost_in_the_crowd(best, whole.question):
        doubts.append("crowd")
    if whole.question.is_background(best.asked.signature, {pair.asked.signature for pair in claimed}):
        doubts.append("background")
    if not any(doubts) and best.verdict in WORD_FOR_WORD and len(met) > 1 and of_known > ALL:
        return replace(best, verdict="together", cover=min(1.0, of_known) + of_asked)
    doubt = max(doubts, key=lambda doubt: RANK[VERDICTS[doubt][0]] if doubt else -1)
    cover = min(1.0, of_known) + of_asked
    if doubt and RANK[VERDICTS[doubt][0]] > RANK[best.strength]:
        return replace(best, verdict=doubt, cover=0.0 if VERDICTS[doubt][0] == "weak" else cover)
    return replace(best, cover=cover)


def _telling_first(pair: Pair, core: Set[str], sizes: Mapping[str, float]) -> tuple[bool, bool, int, float, tuple[int, float]]:
    """The order in which the pairs of an error speak for it. What says what went wrong decides how sure it is, and is shown: that the
    line of advice beside it is word for word the same proves nothing."""
    signature = pair.known.signature
    return signature not in core, not is_telling(pair.known), RANK[pair.strength], -sizes.get(signature, 0.0), pair.rank


MET = {"same": 1.0, "likely": 0.7}  # how much of a known line is there by the strength of its pair
ALL, NEARLY_ALL, ENOUGH = 0.9, 0.75, 0.4  # of a known error, for `same` of small lines together, for `same`, and for `likely`
WORD_FOR_WORD = ("few words", "generic")  # verdicts of pairs whose words are the same, though they are few
FEW = 3  # messages of a question that somebody chose one by one
CROWD, CROWDED = 12, 0.7  # lines of a question that tell as much; from there on each must show more


def _says(line: WeighedLine) -> bool:
    return not is_code_frame(line.line) and not BOILERPLATE.match(line.signature)


def _size(whole: Whole, line: WeighedLine) -> float:
    """How much a line is of the known error that it stands in: little when it tells nothing, or when other errors hold it too."""
    size = line.total / whole.sharing(line.signature)
    if not is_telling(line):
        size *= LITTLE
    announces = line.line.endswith(":")  # and what it announces says more
    return size * LITTLE if announces or _sums_up(line) or says_nothing(line.line, 0.0) else size


def _says_what(whole: Whole, line: WeighedLine) -> bool:
    """Whether a line says what went wrong, and is none of those that end many errors: "exited with 2", "see previous errors"."""
    return is_telling(line) and not _sums_up(line) and whole.sharing(line.signature) < WRAPS


def _sums_up(line: WeighedLine) -> bool:
    """Whether a line says only that something failed: in general words, or as the end of what stands above it."""
    return is_generic(line.plain) or (POINTS_BACK.search(line.line.lower()) is not None and not causes(line.plain))


LITTLE = 0.4  # how much a line counts that tells nothing, or says only that something failed
WRAPS = 3  # errors that hold a line, from which on it is a wrapper of them all


def is_telling(line: WeighedLine) -> bool:
    """Whether a line says that something went wrong."""
    return trouble_of(line.line) >= TELLING


def _fits_in_trouble(pair: Pair, question: Question) -> bool:
    """Whether a line of a log whose words are others than the known error's says as well that something went wrong."""
    return pair.asked.plain == pair.known.plain or is_telling(pair.asked) or question.count <= FEW


def _partial(best: Pair, of_known: float, of_asked: float) -> str:
    if of_known < ENOUGH and of_asked < NEARLY_ALL:
        return "little"
    return "partial" if of_known < NEARLY_ALL and best.strength == "same" else ""


def _is_lost_in_the_crowd(pair: Pair, question: Question) -> bool:
    """Whether a line is one of so many of the question that one of them had to resemble something."""
    if pair.strength != "likely" or pair.asked.plain == pair.known.plain:
        return False
    crowd = question.as_telling_as(trouble_of(pair.line))
    return crowd > CROWD and pair.evidence.odds < CROWDED * log(crowd)


def _doubt(whole: Whole, known: Sequence[WeighedLine], pairs: Sequence[Pair]) -> str:
    """Why a claim is doubtful, as a key of VERDICTS; empty when it isn't."""
    met = {pair.known_line for pair in pairs if pair.strength != "weak"}
    if all(is_of_any_program(pair.known.plain) for pair in pairs if pair.strength != "weak"):
        # "nil pointer dereference" is said by all programs: the place in the code tells them apart.
        there = code_places(known)
        if not whole.places or not there:
            return "no place"
        if whole.places.isdisjoint(there):
            return "another place"
    contrary = [pair.evidence for pair in pairs if pair.known_line not in met and contradicts(pair)]
    if contrary:
        return "contradicted" if any(evidence.other_cause for evidence in contrary) else "another code beside"
    return ""
