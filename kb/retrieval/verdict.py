"""Same, likely or weak: what the evidence of two lines allows to say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

from ..logs.messages import unwrap
from ..logs.stack_traces import IN_ANY_FRAME, LIBRARY, is_frame
from ..logs.system_errors import causes
from ..logs.telling import are_opposite, is_advice, is_generic, specific_words
from .evidence import Evidence, WeighedLine

FEWEST_WORDS, MOST_VALUES = 2, 0.8  # of a line for `same`: plain words, and how much of both lines is shared


@dataclass(frozen=True)
class Pair:
    """A line of the question and the known line of a note that it fits best."""

    document: int
    asked: WeighedLine
    known: WeighedLine
    evidence: Evidence
    verdict: str  # a key of VERDICTS
    cover: float = 0.0  # how much of the known error is there, and of the question is known by it: from 0 to 2
    explains: frozenset[str] = frozenset()  # the signatures of all lines of the question that its note knows

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
        return RANK[self.strength] + (self.verdict in EVERYWHERE), -self.evidence.score - self.cover


def code_places(lines: Iterable[WeighedLine]) -> Set[tuple[str, ...]]:
    """The names in the frames of one's own code: `goroutine 7 [running]`, `at async /srv/app.js:7` and `/srv/app.go:7` hold none."""
    frames = (line for line in lines if line.plain and is_code_frame(line.line) and not LIBRARY.search(line.line))
    named = (tuple(word for word in line.plain if word not in IN_ANY_FRAME) for line in frames if line.plain[0] != "goroutine")
    return {names for names in named if names}


@lru_cache(20_000)
def is_code_frame(line: str) -> bool:
    """Whether a line as it was written is a frame of a stack trace, whatever stands around it."""
    return is_frame(line) or is_frame(unwrap(line).text.lstrip())


def contradicts(pair: Pair) -> bool:
    """Whether two lines begin alike and give another code or cause: what stands beside them may be alike, but it is another error."""
    evidence = pair.evidence
    return (
        (evidence.other_code or evidence.other_cause)
        and not is_code_frame(pair.line)
        and pair.asked.plain[:2] == pair.known.plain[:2]
    )


RANK = {"same": 0, "likely": 1, "weak": 2}


def verdict(evidence: Evidence, asked: WeighedLine, known: WeighedLine) -> str:
    """How sure two lines are the same error, as a key of VERDICTS."""
    if is_code_frame(asked.line):
        return "frame"
    if BOILERPLATE.match(asked.signature) or is_advice(asked.line):
        return "boilerplate"
    if evidence.odds < 0:
        return "unlikely"
    if asked.plain != known.plain:
        return _of_other_words(evidence, asked, known)
    if evidence.other_program:
        return "other program"
    if is_generic(asked.plain) and not asked.signs("@") & known.signs("@"):
        return "generic"
    if len(asked.plain) < FEWEST_WORDS or min(evidence.of_query, evidence.of_known) < MOST_VALUES:
        return "few words"
    if asked.signs("~") & STATES != known.signs("~") & STATES:
        return "contrary"
    if NAMED.findall(asked.signature) != NAMED.findall(known.signature):
        return "another name"
    return "same"


def _of_other_words(evidence: Evidence, asked: WeighedLine, known: WeighedLine) -> str:
    """How sure that is of two lines whose words aren't all the same."""
    if are_opposite(asked.plain, known.plain):
        return "opposite"
    if is_cut_off(asked, known):
        return "cut off"
    specific = specific_words(asked.plain) & specific_words(known.plain)
    if not specific and not evidence.same_cause and not asked.signs("§") & known.signs("§"):
        return "anybody"
    return "other program" if evidence.other_program else "other words"


def is_cut_off(asked: WeighedLine, known: WeighedLine) -> bool:
    """Whether a line ends, perhaps amid a word, where the known one goes on and says why: another cause may have stood there."""
    *words, last = asked.plain or ("",)
    here = len(words)
    if not words or known.plain[:here] != tuple(words) or len(known.plain) <= here or not known.plain[here].startswith(last):
        return False
    codes, known_codes = asked.signs("§"), known.signs("§")
    return not codes & known_codes and not (causes(known.plain) <= causes(asked.plain) and known_codes <= codes)


def goes_otherwise(pair: Pair) -> bool:
    """Whether two lines begin alike, and then say one thing and another."""
    return (
        pair.evidence.replaced > 0
        and not is_code_frame(pair.line)
        and len(pair.asked.plain) > ALIKE
        and pair.asked.plain[:ALIKE] == pair.known.plain[:ALIKE]
    )


ALIKE = 4  # plain words at the beginning of two lines, from which on they are of one kind

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
    "another line beside": ("likely", "the same line, but the one beside it says something else"),
    "another place": ("weak", "any program may say so, and it comes from another place in the code"),
    "no place": ("likely", "any program may say so, and nothing tells the place in the code"),
    "partial": ("likely", "the same line, but not nearly all of the error that the note knows"),
    "together": ("same", "all lines of the known error are there word for word, though each of them says little"),
    "little": ("weak", "the same line, but little of the error that the note knows"),
    "ordinary": ("weak", "only what says nothing of the error that the note knows"),
    "beside": ("weak", "only what stands beside many errors, and not the line that says what went wrong"),
    "sums up": ("likely", "the same line, but it says only that something failed, and not why"),
    "cut off": ("weak", "it is cut off before it says why"),
    "generic": ("likely", "the same words, but any program may say so"),
    "anybody": ("weak", "what both say is said by any program"),
    "opposite": ("weak", "a word says the contrary"),
    "crowd": ("weak", "too little alike for one of so many lines"),
    "background": ("weak", "it recurs all over this log, and something rarer in it is as bad or worse"),
    "same": ("same", "all words are the same; only times, addresses, numbers and names differ"),
}

EVERYWHERE = ("frame", "boilerplate")

# Values that are no mere place or number: the other one of a pair is another matter.
STATES = frozenset(
    f"~{word}" for word in ("true", "false", "on", "off", "yes", "no", "up", "down", "null", "none", "enabled", "disabled")
)

# What belongs to a program and not to whoever runs it: another column or module is another matter, another host or user isn't. And
# the port of an error that is about its port.
NAMED = re.compile(
    r"(?: (?=~port\d)|(?:^| )(?:column|constraint|relation|table|index|sequence|schema|function|procedure|trigger|type|role|database|module|package|plugin|"
    r"extension|library|class|method|attribute|field|property|option|directive|parameter|variable)(?: named?)? (?=~))(~[^ ]+)"
)

# Signatures of lines that stand in so many different errors that they say nothing, and of advice, which tells what to do.
BOILERPLATE = re.compile(
    r"(?:[~@][^ ]+ )*(?:(?:please|refer to|see|for more|hint) |thrown in (?:[~<][^ ]+ )+on line|(?:"
    r"traceback most recent call last|during handling of the above exception another exception occurred|stack trace|call trace|"
    r"stack backtrace|note run with rust_backtrace <n> environment variable to display a backtrace|"
    r"the above exception was the direct cause of the following exception|last few GCs|and the repository exists)$)"
)
