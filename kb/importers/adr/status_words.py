"""Status words: free text elsewhere, five words here. The first word decides; what was written is kept beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from . import vocabulary
from .record_dates import without_days
from .record_headings import plain
from .relations import relations

STATES: Mapping[str, str] = vocabulary.meanings("status")

# Words before the one that counts: "in review", "on hold", "has been accepted", "wurde ersetzt durch".
_FILLER = frozenset(vocabulary.listed("before"))

# Negated: "not accepted", "never accepted", "nicht angenommen".
_NOT = frozenset(vocabulary.listed("not"))
_NOT_AFTER = frozenset(vocabulary.listed("not_after"))  # Turkish says "not" last: kabul edilmedi
LONGEST = 1500  # characters of a status that are read and kept beside the word; the text has it all
_STRUCK = re.compile(r"~~.*?~~|<(?:del|s|strike)>.*?</(?:del|s|strike)>", re.DOTALL | re.IGNORECASE)
_UNTICKED = re.compile(r"\s*(?:[-*+]\s+)?(?:\[ \]|☐)")

# `<Badge type="tip" text="Accepted" />`, `<img alt="Status: accepted" …>`: what it shows; other tags show what is between them.
_TAG = re.compile(
    r"<\w+\b[^<>]*?\b(?:text|alt)=\"([^\"<>]*)\"[^<>]*>|</?(?:p|span|b|i|em|strong|small|mark|div|br|img)\b[^<>]*>",
    re.IGNORECASE,
)
_BADGE = re.compile(r"!\[[^\]]*?status\W+([^\]\n]+)\]", re.IGNORECASE)


@dataclass(frozen=True)
class Status:
    """A status: kb's word (empty if kb knows none of the words), what was written, and how sure kb is."""

    word: str
    raw: str
    sure: bool = True

    @property
    def says_more(self) -> bool:
        """Whether the raw text says more than the word."""
        return bool(self.raw) and self.raw.lower() not in (self.word, f"status: {self.word}", f"status-{self.word}")


def read(text: str) -> Status:
    """The status that a value or a section states. Struck-out text doesn't count; in a list, the ticked or newest item does."""
    text = _TAG.sub(r"\1", text[:LONGEST])
    raw = " ".join(plain(text).split())
    lines = [line for line in _STRUCK.sub("", _BADGE.sub(r"\1", text)).split("\n") if plain(line).strip(" \t-*+>|")]
    said = [relation for line in lines for relation in relations(line) if not _UNTICKED.match(line)]
    if any(one.kind == "superseded-by" and not one.partly and not one.deprecates for one in said):
        return Status("superseded", raw)
    if _is_legend(lines):
        return Status("", raw)
    for line in _chosen(lines):
        if placeholder(line):
            return Status("", raw)
        if _IN_FORCE.match(plain(line)):  # a part of it was replaced: the rest is in force
            return Status("accepted", raw, False)
        if found := _word(line) or _sign(line):
            if found[0] == "superseded" and any(one.kind == "superseded-by" and one.partly for one in said):
                return Status("accepted", raw, False)  # "Superseded by ADR-9, as to the queue"
            return Status(found[0], raw, found[1])
    return Status("", raw)


_PARTLY, _REPLACED = vocabulary.either("partly_replaced"), vocabulary.either("replaced")
_IN_FORCE = re.compile(
    rf"\W*(?:(?:{_PARTLY})\s+(?:{_REPLACED}|{vocabulary.either('replaced_after')})|(?:{_REPLACED})\s+(?:{_PARTLY})"
    rf"|{vocabulary.either('changed')})\b",
    re.IGNORECASE,
)
_SIGNS = {
    "✅": "accepted",
    "☑": "accepted",
    "✔": "accepted",
    "🟢": "accepted",
    "❌": "rejected",
    "🤔": "proposed",
    "🚧": "proposed",
    "🟡": "proposed",
    "📝": "proposed",
}


def _sign(line: str) -> tuple[str, bool] | None:
    """The state of a line with nothing but a symbol."""
    state = _SIGNS.get(plain(line).strip(" \ufe0f"))
    return (state, False) if state else None


def _is_legend(lines: list[str]) -> bool:
    """Whether these lines explain what each state means, as a page about the records does."""
    explained = [re.match(r"\s*(?:[-*+]|\d+[.)])\s+\W*(\w+)\W{0,3}\s*[^:]{0,20}?:\s*\S", line) for line in lines]
    return len({state for one in explained if one and (state := STATES.get(one[1].lower()))}) > 2


def placeholder(text: str) -> bool:
    """Whether a text comes from a template and not from an author: `{proposed | accepted}`, `[short title]`, `YYYY-MM-DD`."""
    tidy = plain(_TAG.sub(r"\1", text)).strip(" '\"")
    choices = [word for part in tidy.split("|") for word in re.findall(r"\w+", part.lower())[:1] if word in STATES]
    single = re.fullmatch(r"[\[{<]\W*(\w+)\W*[\]}>]", tidy)
    if single and single[1].lower() in STATES:
        return False
    return bool(_PLACEHOLDER.fullmatch(tidy)) or ("|" in tidy and len(choices) > 1 and "**" not in text)


_PLACEHOLDER = re.compile(
    r"(?:(?:ADR[-_ ]?)?\d*[:. ]*)?[\[{<][^\[\]{}<>]*[\]}>]|(?:ADR[-_ ]?)?#?(?:N{3,}|X{3,}|n{3,}|x{3,}|\?{2,})\b.*|YYYY.*|…|\.{3}"
)


def _chosen(lines: list[str]) -> list[str]:
    """The lines that count, in order of priority: ticked ones, the one in bold, the newest of a dated list."""
    if ticked := [line for line in lines if re.match(r"^\s*(?:[-*+]\s+)?(?:\[[xX]\]|[☑☒✔])", line)]:
        return ticked
    if len(lines) == 1 and (bold := re.findall(r"\*\*([^*]+)\*\*", lines[0])) and re.search(r"[|/]", lines[0]):
        return [*filter(_word, bold), *lines]
    dated = [(found[0], line) for line in lines if (found := re.findall(r"\d{4}-\d\d-\d\d", line)) and _word(line)]
    if len(dated) > 1:
        return [max(dated, key=lambda row: row[0])[1]]
    return lines


def _word(line: str) -> tuple[str, bool] | None:
    """The state that a line begins with, and whether it is its very first word that says so."""
    words = re.findall(r"[^\W\d_]+", without_days(plain(re.sub(r"\[[ xX]\]", "", line))).lower())
    words = words[1:] if words[:1] in (["status"], ["state"], ["statut"], ["estado"], ["stato"]) else words
    for number, word in enumerate(words[:4]):
        if number and words[number - 1] in _ARTICLES and word not in _EXACT:
            return None  # "the current tool" is about a tool
        word = _without_ending(word)
        if word in _NOT and number + 1 < len(words):
            after = STATES.get(words[number + 1], "")
            return ("rejected" if after == "accepted" else "proposed", False) if after else None
        if _NOT_AFTER.intersection(words[number + 1 : number + 2]):
            return "rejected", True
        if state := STATES.get(word):
            # "Accepted" is sure; for "on hold" kb takes its nearest word.
            return state, word in _EXACT or state not in ("proposed", "rejected") or (number == 0 and word not in _NEAREST)
        if word not in _FILLER:
            return None
    return None


def _without_ending(word: str) -> str:
    """A word in a script without spaces, cut to the longest one that kb knows: 已采纳并实现 → 已采纳, 승인됨 → 승인."""
    if not vocabulary.is_glued(word):
        return word
    return next((word[:end] for end in range(len(word), 1, -1) if word[:end] in STATES), word)


_ARTICLES = frozenset(vocabulary.listed("articles"))
_EXACT = frozenset("proposed accepted rejected deprecated superseded draft".split())
_NEAREST = frozenset(
    "hold deferred postponed paused waiting progress withdrawn abandoned cancelled canceled experimental trial incomplete unfinished assess call "
    "parked blocked".split()
)
