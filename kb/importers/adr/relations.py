"""What a record says about others: supersedes, superseded by, amends, amended by, in the languages of records."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from . import vocabulary
from .record_dates import without_days

# Passive forms come before active ones of the same word: "ersetzt durch" isn't "ersetzt".
PHRASE = re.compile(
    "|".join(
        f"(?P<{kind.replace('-', '_')}>(?<![^\\W_])(?:{vocabulary.phrases(kind)})(?![a-zäöüßéè]))"
        for kind in vocabulary.RELATIONS
    ),
    re.IGNORECASE,
)
_PARTLY = re.compile(vocabulary.whole_words("partly"), re.IGNORECASE)
_ADDS_TO = re.compile(r"\b(?:extends|refines|complements|builds on)\b", re.IGNORECASE)  # "Supersedes: Extends ADR-8"
LONGEST = 1500  # characters of a line that are read: what a person says about other records is shorter
_LINK = re.compile(
    r"(?<!!)\[(?P<text>(?:[^\[\]\n]|\[[^\[\]\n]*\])*)\]\(\s*<?(?P<to>[^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+[\"'][^\n]*?[\"'])?\s*\)"
)
_WIKI = re.compile(r"\[\[(?P<to>[^\[\]|\n]+)(?:\|(?P<text>[^\[\]\n]*))?\]\]")
_LABEL = re.compile(r"\[(?P<text>[^\[\]\n]+)\](?:\[(?P<label>[^\[\]\n]*)\])?(?!\()")
_NAME = re.compile(
    r"(?<![\w/.-])(?P<to>(?:[\w./-]*/)?(?:adr[-_ ]?)?(?:\d{1,14}(?:-\d{1,3})?|\d{4}-\d\d-\d\d)[-_](?=[^\W\d_])[\w-]*\w(?:\.md)?|[\w./-]+\.md)(?![\w/])",
    re.I,
)
_NUMBERED = re.compile(
    rf"(?:\b(?:ADRs?|AD|DR|MADR|LADR|DDR|TDR|PDDR|DEC|D(?=-\d)|{vocabulary.either('records')}|n[o°º]\.?|nr\.?)[\s_#:-]*|#|№\s?)0*(?P<n>\d{{1,5}})(?![\d.]*\d)",
    re.I,
)
_AND = vocabulary.either("and")
_MORE = re.compile(
    rf"^\s*(?:,|&|/|\+|;|、|{_AND}|{vocabulary.either('or')})\s*(?:,\s*)?(?:(?:{_AND})\s+)?#?0*(?P<n>\d{{1,5}})(?![\d-]|\.\d)",
    re.I,
)
_BARE = re.compile(r"^[\s:*_\"'(]*(?:the |den |die |la |el |le )?#?0*(?P<n>\d{1,5})(?=[\s.,;:)*_\"'–—-]|$)(?!-\d)")
_ZEROS = re.compile(r"(?<![\w.-])0+(?P<n>\d{1,4})(?![\w-])")

# Prefix and number of another kind of records: "superseded by RFC-0032" means one in a folder of RFCs, elsewhere not ADR 32.
_FAMILY = re.compile(r"(?<![\w-])(?!(?:ADRS?|AD|DR|MADR|LADR|DDR|TDR|PDDR|DEC|NO|NR)[-_ ]?\d)[A-Z]{2,8}[-_]\d{1,6}(?![\w-])")


@dataclass(frozen=True)
class Relation:
    """What one record says about another. `target` is where a link leads, a number, or the other's words."""

    kind: str  # supersedes | superseded-by | amends | amended-by
    target: str
    shape: str  # link | number | words
    text: str = ""  # of the link
    partly: bool = False
    line: int = 0
    deprecates: bool = False  # "Deprecated by 10": it is out of force, and its state is called so


def relations(text: str, definitions: Mapping[str, str] | None = None, line: int = 0) -> list[Relation]:
    """Everything that a line of text says about other records: `Superseded by [12. Use X](0012-use-x.md)`, `Amends ADR-3 and 4`."""
    found = []
    text = text[:LONGEST]
    marks = list(PHRASE.finditer(blanked(text)))
    for number, mark in enumerate(marks):
        kind = (mark.lastgroup or "").replace("_", "-")
        end = marks[number + 1].start() if number + 1 < len(marks) else len(text)
        after = text[mark.end() : end]
        if kind == "superseded-by" and mark[0].lower().startswith("durch"):  # durch ADR-12 ersetzt
            after = text[mark.start() + 5 : mark.end()].rsplit(None, 1)[0]
        before = text[marks[number - 1].end() if number else 0 : mark.start()]
        if mark[0].startswith("に"):  # ADR-12 により置換: what took its place comes first
            before, after = "", before
        found += _of(
            kind,
            after,
            before,
            definitions or {},
            line,
            deprecates=bool(mark["deprecated"]),
            part=bool(_PARTLY.search(mark[0])),
        )
    return found


def stated(kind: str, value: str, definitions: Mapping[str, str], line: int = 0) -> list[Relation]:
    """The records that the value of a key names: `Superseded by: ADR-12`, `supersedes: [3, 4]`."""
    value = value[:LONGEST]
    if says_nothing(value):
        return []
    # "ADR-7 for the queue; ADR-8 for the rest" are two things said.
    return [found for piece in _PIECES.split(value) for found in _of(kind, piece, "", definitions, line, whole=True)]


_PIECES = re.compile(r";\s+(?=\[|ADR)", re.IGNORECASE)
_NOTHING = re.compile(rf"(?:{vocabulary.either('nothing')})\b(?!-)|no\Z|\Z", re.IGNORECASE)


def says_nothing(value: str) -> bool:
    """Whether a value is just a way to say "none": `-`, `N/A`, `None (current).`."""
    return bool(_NOTHING.match(value.strip(" \t-–—.*_[](){}~'\"")))


def _of(
    kind: str,
    after: str,
    before: str,
    definitions: Mapping[str, str],
    line: int,
    whole: bool = False,
    deprecates: bool = False,
    part: bool = False,
) -> list[Relation]:
    after = _until_another_thought(after)
    targets = list(_targets(after, definitions, whole))
    if not targets:
        return []
    first = after.find(targets[0][2] or targets[0][0])
    partly = part or bool(
        _PARTLY.search(before[-40:])
        or _PARTLY.search(after[: max(first, 0)])
        or _ADDS_TO.search(after[: max(first, 0)])
        or _something_else(kind, before)
        or _piece_of(kind, after[: max(first, 0)])
    )
    return [
        Relation(kind, target, shape, text, partly or _only_a_part(kind, target, shape, after), line, deprecates)
        for target, shape, text in targets
    ]


_MENTION = re.compile(
    rf"{_LINK.pattern.replace('?P<text>', '?:').replace('?P<to>', '?:')}|\[\[[^\[\]\n]+\]\]|\b(?:ADR|AD|DR)[\s_#-]*\d+", re.I
)


def _until_another_thought(text: str) -> str:
    """A text up to where its sentence turns to something else: `[3](3.md): now per week; hardening was added by [4](4.md)`."""
    mentions = list(_MENTION.finditer(text))
    for one, other in itertools.pairwise(mentions):
        between = re.sub(r"\([^()]*\)", " ", text[one.end() : other.start()])
        if len(re.findall(r"[^\W\d_]{2,}", between)) > 5:
            return text[: one.end()]
    return text


_WHOLE = frozenset(
    "this that it the a an adr adrs decision record document status proposal approach solution choice design text and but which architecture "
    "above decisions records previous earlier former initial first draft version original whole entire entirely accepted approved deprecated later now then also since has have been".split()
)
_ABOUT = re.compile(
    r"(?:^|[.;:!?\u2013\u2014(|])([^.;:!?\u2013\u2014(|]*)\b(?:is|was|are|were|been|be)\s+(?:\w+ly\s+|now\s+|later\s+)*$", re.I
)


def _something_else(kind: str, before: str) -> bool:
    """Whether what was superseded isn't the record itself: `Accepted. Ruling out bitmap skins is superseded by …`."""
    found = (_ABOUT.search(before[-200:]) or _BESIDE.match(before[-200:])) if kind == "superseded-by" else None
    return bool(found and [word for word in re.findall(r"[^\W\d_]{4,}", found[1].lower()) if word not in _WHOLE])


_PIECE = re.compile(
    rf"(.+?)\s(?:{vocabulary.either('of')})\s+(?:the\s+)?[\[(*_`]*(?:ADRs?[\s#_-]*)?0*\Z",
    re.IGNORECASE,
)


def _piece_of(kind: str, words: str) -> bool:
    """Whether a part of another record is meant, not all of it: `Supersedes the storage layout of ADR-7`."""
    found = _PIECE.match(words) if kind in ("supersedes", "amends") else None
    return bool(found and [word for word in re.findall(r"[^\W\d_]{4,}", found[1].lower()) if word not in _WHOLE])


# "Accepted (the consumer model superseded by …": in force, but for what is named.
_BESIDE = re.compile(
    rf"\W*(?:{vocabulary.either('in_force')})\b[^\n]*[.;:!?\u2013\u2014(|]([^.;:!?\u2013\u2014(|]*)$",
    re.IGNORECASE,
)
_SEE = re.compile(rf"\b(?:{vocabulary.either('see')})\W*$", re.IGNORECASE)

_PART = vocabulary.either("partly_after")
_PART_GLUED = "|".join(filter(vocabulary.is_glued, vocabulary.listed("partly")))
_PART_AFTER = re.compile(
    rf"[^\n，。；、]{{0,40}}(?:{_PART_GLUED})|\s+[^.;,()\[\]]{{1,120}}\bonly\W*$|[\s*_]*[,:(\u2013\u2014-]*[\s*_(]*(?:{_PART})\b|[^,()\[\]]{{0,20}}\([^()]{{0,160}}(?<![\w-])(?:{_PART})\b|"
    r"[\s*_,]+(?:on|in)\s+(?:[\w-]+\s+){1,3}of its\b|[^.;]{1,120}\bnothing else\b|"
    rf"[\s*_,]*(?:\(\d{{4}}-\d\d-\d\d\))?[\s*_,(\u2013\u2014-]+(?:{vocabulary.either('as_to')})\b|"
    rf"[\s*_,(]+(?:{vocabulary.either('for')})\s+"
    rf"(?:(?:{vocabulary.either('the')})\s+(?!(?:reasons?|sake|following reasons?)\b)|[^.;]{{1,120}}\bonly\b)",
    re.IGNORECASE,
)
_SOME_OF_IT = re.compile(
    r"['\u2019]s\b|\s*§|\s+R\d|\s+(?:section|item|point|clause|rule|decision|option)s?\s+[#\d]", re.IGNORECASE
)

# "Superseded by: ADR-54 supersedes only the deadline": it says which part.
_DOES = re.compile(r"\s+(?:supersedes|replaces|narrows|retires|amends)\s+(?!(?:it|this)\b)", re.IGNORECASE)
_RUN = re.compile(rf"(?:\s*(?:,|&|/|{_AND})\s*(?:(?:{_AND})\s+)?(?:{_MENTION.pattern}|#?\d{{1,5}}\b))+", re.IGNORECASE)


def _only_a_part(kind: str, target: str, shape: str, text: str) -> bool:
    """Whether what follows the mention says that only a part is meant: `ADR-7, in part`, `ADR-30's mechanism`, `ADR-2 §4`."""
    if shape == "words":
        return False
    found = re.search(rf"{re.escape(target)}[^()\s]*\)?" if shape == "link" else rf"(?<!\d)0*{target}(?!\d)", text)
    after = text[found.end() :] if found and not _SEE.search(text[: found.start()]) else ""
    if run := _RUN.match(after):  # "ADR-7 and ADR-8 for the queue only" says so of both
        after = after[run.end() :]
    if kind == "superseded-by" and _DOES.match(after):
        return True
    return bool(_PART_AFTER.match(after) or (kind in ("supersedes", "amends") and _SOME_OF_IT.match(after)))


def _targets(text: str, definitions: Mapping[str, str], whole: bool) -> Iterator[tuple[str, str, str]]:
    """The records that a piece of text names, as (target, shape, text): links first, then names, then numbers, then words."""
    some = False
    rest = text
    for pattern in (_LINK, _WIKI):
        for link in pattern.finditer(rest):
            some = True
            yield link["to"].strip(), "link", (link["text"] or "").strip()
        rest = pattern.sub(lambda hit: " " * len(hit[0]), rest)
    for label in _LABEL.finditer(rest):
        target = definitions.get((label["label"] or label["text"]).lower())
        if target:
            some = True
            yield target, "link", label["text"]
            rest = rest[: label.start()] + " " * len(label[0]) + rest[label.end() :]
    for name in _NAME.finditer(rest):
        some = True
        yield name["to"], "link", ""
    rest = _NAME.sub(lambda hit: " " * len(hit[0]), rest)
    for family in _FAMILY.finditer(rest):
        some = True
        yield family[0], "link", ""
    rest = without_days(_FAMILY.sub(lambda hit: " " * len(hit[0]), rest))
    numbers = list(_numbers(rest, whole and not some, some))
    for number in numbers:
        yield number, "number", ""
    if re.match(r"\W*(?:ADR[-_ #]?)?(?:X{2,}|N{2,}|Z{2,}|Y{2,})\b", text):  # a template's
        return
    words = re.split(r"(?<=[\w\"”»)])[.;](?:\s|$)| \(| – | — |\n", text.strip(" \t\"'“”«»:*_-"), maxsplit=1)[0]
    if not some and not numbers and re.search(r"[^\W\d_]{3}", words):
        yield words.strip(" \t\"'“”«».:*_`[]"), "words", ""


def _numbers(text: str, whole: bool, linked: bool) -> Iterator[str]:
    seen = []
    for first in _NUMBERED.finditer(text):
        if linked and not re.match(r"ADR|AD|DR|MADR|LADR", first[0], re.I):  # beside a link, "decision #3" is a part of it
            continue
        seen.append(first["n"])
        at = first.end()
        while more := _MORE.match(text[at:]):
            seen.append(more["n"])
            at += more.end()
    if not seen and not linked:
        bare = _BARE.match(text)
        if bare:
            seen.append(bare["n"])
            at = bare.end()
            while more := _MORE.match(text[at:]):
                seen.append(more["n"])
                at += more.end()
        elif whole:
            seen += [found["n"] for found in re.finditer(r"(?<![\w.])0*(?P<n>\d{1,5})(?![\w])", text)]
        else:
            seen += [found["n"] for found in _ZEROS.finditer(text)]
    yield from dict.fromkeys(number or "0" for number in seen)


def blanked(text: str) -> str:
    """The text with links and struck-out text blanked, so that a title such as "Redis replaces Memcached" doesn't count."""
    for pattern in (_LINK, _WIKI, re.compile(r"~~[^\n]*?~~"), re.compile(r"`[^`\n]*`"), _LABEL):
        text = pattern.sub(lambda hit: " " * len(hit[0]), text)
    return text
