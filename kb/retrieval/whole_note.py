"""How sure it is that an error is the known one, when all that the note says of it is weighed."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from ..logs.system_errors import is_of_any_program
from .evidence import WeighedLine
from .verdict import BOILERPLATE, RANK, VERDICTS, Pair, code_places, contradicts, is_code_frame


def sure_of_all(places: Set[tuple[str, ...]], known: Sequence[WeighedLine], pairs: Sequence[Pair]) -> Pair:
    """The best pair of a note, made less sure where the lines around it say otherwise.

    `places` in the code are those that the question names, `known` the lines that the note knows.
    """
    best = min(pairs, key=lambda pair: pair.rank)
    if best.strength == "weak":
        return best
    doubt = doubt_about(places, known, pairs)
    if doubt and RANK[VERDICTS[doubt][0]] > RANK[best.strength]:
        return replace(best, verdict=doubt)
    return best


def doubt_about(places: Set[tuple[str, ...]], known: Sequence[WeighedLine], pairs: Sequence[Pair]) -> str:
    """Why a claim is doubtful, as a key of VERDICTS; empty when it isn't."""
    met = {pair.known_line for pair in pairs if pair.strength != "weak"}
    if all(is_of_any_program(pair.known.plain) for pair in pairs if pair.strength != "weak"):
        # "nil pointer dereference" is said by all programs: the place in the code tells them apart.
        there = code_places(known)
        if not places or not there:
            return "no place"
        if places.isdisjoint(there):
            return "another place"
    contrary = [pair.evidence for pair in pairs if pair.known_line not in met and contradicts(pair)]
    if contrary:
        return "contradicted" if any(evidence.other_cause for evidence in contrary) else "another code beside"
    # Many errors come wrapped in the same line ("can't connect, retrying:"), and the next line tells them apart.
    sizes = {line.line: line.total for line in known if not is_code_frame(line.line) and not BOILERPLATE.match(line.signature)}
    if sum(size for line, size in sizes.items() if line in met) < sum(sizes.values()) / 2:
        return "partial"
    return ""
