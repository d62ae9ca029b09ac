"""What a pasted error or log asks for: the words of its lines, without what changes from one time to the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..logs.log_signs import LOG_SIGNS
from .concepts import Concept
from .terms import WORD, folded, tokens

MOST_TERMS, MOST_LINES, MOST_PAIRS, MOST_OF_A_LINE = 90, 8, 60, 2_000
LINE_END = "\u23ce"  # how the site's box, which holds one line, shows the end of one
DIGITS_ONLY = r"\d{2}"  # the sign that plain words have too: "port 53", "jellyfin 502"

# What changes says nothing; what names a place says a little. The same in Python and JavaScript, for ASCII letters.
VOLATILE = "|".join(
    (
        r"\x1b\[[0-9;]*[A-Za-z]",
        r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
        r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b",
        r"\b\d{4}[-/.]\d\d[-/.]\d\d(?:[T_ ]\d\d[:.]\d\d[:.]\d\d(?:[.,:]\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?\b",
        r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)?,? ?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2}"
        r"(?: \d{4})? \d\d:\d\d:\d\d(?: \d{4})?",
        r"\b\d\d[/.](?:\d\d|[A-Z][a-z][a-z])[/.]\d{4}(?:[: ]\d\d:\d\d:\d\d)?",
        r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b",
        r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b",
        r"\b0x[0-9a-f]{9,}\b",
        r"\b(?=[a-f]*\d)[0-9a-f]{12,}\b",
    )
)
PLACE = (
    r"[a-z][a-z0-9+.-]{1,14}:\/\/[^\s\"'<>]+|(?<![\w/])~?(?:\/[\w.@%+~:-]+)+\/?|\b[\w-]+(?:\.[\w-]+)+\b|=[^\s\"',;]+|"
    r"\"[^\"\s]*\"|'[^'\s]*'|`[^`\s]*`"
)
CODE = r"\b(?:status|code|errno|exit|signal|http|error|rc)\b\D{0,3}(\d{1,5})\b|\((-?\d{1,5}):|\b([A-Z]{2,8}-\d{2,6})\b"
TROUBLE = (
    r"\b(?:error|err|fail|failed|failure|fatal|exception|panic|critical|crit|emerg|refused|denied|timed? ?out|unable|cannot|"
    r"can't|not found|no such|invalid|killed|abort)"
)
COMMON = frozenset("error fail failur warn info exception unabl cannot could due dur server client user".split())

_FLAGS = re.ASCII | re.IGNORECASE
_SIGNS = [re.compile(sign, re.ASCII) for sign in LOG_SIGNS if sign != DIGITS_ONLY]
_DIGITS = re.compile(DIGITS_ONLY, re.ASCII)
_DIGIT = re.compile("[0-9]")
_LINE_ENDS = re.compile(f"[\n\r{LINE_END}]+")
WHITE = " \t\n\r\f\v"  # what is cut from the ends of a line


def looks_pasted(text: str) -> bool:
    """Whether a text looks like it came from a program: several lines, or brackets, `=`, codes, camelCase."""
    text = text.strip(WHITE)
    if _LINE_ENDS.search(text):
        return True
    signs = sum(1 for sign in _SIGNS if sign.search(text))
    if signs and _DIGITS.search(text):
        signs += 1
    return signs >= 2 or (signs == 1 and len(re.findall(r"[^ \t]+", text)) > 5)


@cache
def _pattern(rule: str, flags: int = _FLAGS) -> re.Pattern[str]:
    return re.compile(rule, flags)  # only when something was pasted: these are long


def lines_of(text: str) -> list[str]:
    """The different lines of a log that tell most: those of trouble, and of these the last."""
    found = dict.fromkeys(line.strip(WHITE)[:MOST_OF_A_LINE] for line in _LINE_ENDS.split(folded(text)))
    lines = [line for line in found if line]
    places = sorted(range(len(lines)), key=lambda place: (not _pattern(TROUBLE).search(lines[place]), -place))
    return [lines[place] for place in places[:MOST_LINES]]


def concepts_of_line(line: str) -> list[Concept]:
    """The words of a log line, each with how much it tells, the most telling first."""
    found: dict[str, float] = {}
    for code in _pattern(CODE, re.ASCII).finditer(line):
        for _, terms in tokens(code[1] or code[2] or code[3]):
            found |= dict.fromkeys(terms, 0.9)
    still = _pattern(VOLATILE).sub(" ", line)
    for word, weight in _words_of(still):
        for _, terms in tokens(word):
            for term in terms:
                telling = weight / 2 if term in COMMON else weight
                found[term] = max(found.get(term, 0.0), telling)
    rows = sorted(found.items(), key=lambda row: -row[1])[:MOST_TERMS]
    return [Concept(term, (term,), {term: 1.0}, factor) for term, factor in rows]


def _words_of(line: str) -> Iterator[tuple[str, float]]:
    for text, weight in ((_pattern(PLACE).sub(" ", line), 1.0), *((place, 0.35) for place in _pattern(PLACE).findall(line))):
        for word in WORD.findall(text):
            yield word, weight * 0.25 if _DIGIT.search(word) else weight
