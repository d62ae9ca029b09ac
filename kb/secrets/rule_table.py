"""The table of rules, and searching a text with it: a rule is tried where its heads are found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from ..plugins import Table
from . import cloud_token_rules, command_rules, config_rules, output_rules, prose_rules, token_rules
from .lazy_patterns import lazy
from .rule import SecretRule, Span, sample
from .value_heuristics import MADE_UP, PROSE, is_placeholder

# The first rule that finds a value decides its kind.
RULES = (
    *token_rules.RULES,
    *cloud_token_rules.RULES,
    *command_rules.RULES,
    *output_rules.RULES,
    *config_rules.RULES,
    *prose_rules.RULES,
)


def _added(name: str, loaded: object) -> Sequence[SecretRule]:
    """The rules that a plugin adds. Raises ValueError."""
    del name
    rules = [loaded] if isinstance(loaded, SecretRule) else loaded
    if not isinstance(rules, list | tuple) or not all(isinstance(rule, SecretRule) for rule in rules):
        raise ValueError("is no SecretRule of kb.secrets.rule, and no list of them")
    for rule in rules:
        text = sample(rule.example).lower() if rule.fold else sample(rule.example)
        try:
            found = re.search(rule.pattern, text, re.ASCII)
        except re.error as error:
            raise ValueError(f"the pattern of {rule.kind} is wrong: {error}") from None
        if not found or not any(head and head in text for head in rule.heads):
            raise ValueError(f"the rule {rule.kind} doesn't find its own example")
    return rules


TABLES: Table[Sequence[SecretRule]] = Table("kb.secret_rules", {"kb": RULES}, _added)


def by_rules(text: str, low: str) -> Iterator[Span]:
    """What the rules of the table find; `low` is the text in lower case."""
    listed = text.replace('", "', "    ").replace('","', "   ") if '", "-' in text or '","-' in text else text
    words = _words(low)
    seen: dict[tuple[bool, str], list[int] | None] = {}  # the places of a head, by whether the text is in lower case
    for rule, conditions in _wanted():
        if not all(any(word in words for word in condition) for condition in conditions):
            continue
        where = low if rule.fold else listed if rule.command else text
        if not (_has_one(rule.needs, where) and _has_one(rule.command, text)):
            continue
        for match in _matches(rule, where, seen):
            start, end = match.span(match.lastindex or 0)
            if _is_value(rule, text, start, end):
                yield rule.kind, start, end


def _has_one(signs: tuple[str, ...], text: str) -> bool:
    """Whether one of these is in a text, if there are any."""
    return not signs or any(sign in text for sign in signs)


def _is_value(rule: SecretRule, text: str, start: int, end: int) -> bool:
    """Whether what a rule's pattern found is a secret and not a placeholder."""
    value = text[start:end]
    if rule.kind in _CHOSEN or rule.command:
        return _says_one(rule.kind, rule.command, text[max(0, start - _SIGHT) if rule.command else start : start], value)
    if "\0" in value or MADE_UP().search(value):
        return False
    return not (rule.fold and value[0] not in "[/" and is_placeholder(value))


def _matches(rule: SecretRule, where: str, seen: dict[tuple[bool, str], list[int] | None]) -> Iterator[re.Match[str]]:
    """Where the pattern of a rule is found: it is tried at its heads, which is quicker than at every character."""
    pattern = re.compile(rule.pattern, re.ASCII)
    places: list[int] = []
    for head in rule.heads:
        key = (rule.fold, head) if not rule.command else (rule.fold, "\0" + head)
        if key not in seen:
            seen[key] = _places(where, head, 1 if rule.inside else 10 + len(where) // 50)
        found = seen[key]
        if found is None:
            yield from pattern.finditer(where)
            return
        places += found
    end = 0
    for place in sorted(places) if len(rule.heads) > 1 else places:
        if place >= end and (match := pattern.match(where, place)):
            end = match.end()
            yield match


def _places(where: str, head: str, most: int) -> list[int] | None:
    """Where `head` is; None if in so many places that trying the pattern everywhere is as quick."""
    places: list[int] = []
    place = where.find(head)
    while place >= 0:
        places.append(place)
        if len(places) >= most:
            return None
        place = where.find(head, place + 1)
    return places


@cache
def _wanted() -> list[tuple[SecretRule, list[list[bytes]]]]:
    """The table, with the words of which a text must contain some: those of heads, of commands, and of needs."""
    return [
        (rule, [[_longest(sign) for sign in signs] for signs in (rule.heads, rule.command, rule.needs) if signs])
        for rules in TABLES.values()
        for rule in rules
    ]


_NO_LETTERS = bytes(sign if chr(sign) in "abcdefghijklmnopqrstuvwxyz" else 32 for sign in range(256))


def _longest(sign: str) -> bytes:
    """The longest word of a head; if it is too short to mean much, the empty one, which is in every text."""
    return max(_words(sign.lower()).split(), key=len, default=b"")


def _words(low: str) -> bytes:
    """All words of a text, once each: logs repeat the same few, so these aren't many. Of long ones, both ends."""
    words = set(low.encode("utf-8", "replace").translate(_NO_LETTERS).split())
    return b" ".join([word if len(word) < 60 else word[:30] + b" " + word[-30:] for word in words if len(word) > 2])


_SIGHT = 500  # how far before a value to look for its command
_SOME = lazy(r"[A-Za-z0-9]|[!-/]{4}")

# What people choose, and what documents replace with other words.
_CHOSEN = frozenset(("password", "psk", "secret", "token", "credential"))
_CONTINUED = lazy(r"\\\r?\n")


@lru_cache(1_000)
def _says_one(kind: str, commands: tuple[str, ...], before: str, value: str) -> bool:
    """Whether what a rule found is a value, and one of `commands` comes before it on its line."""
    if "\0" in value or (kind in _CHOSEN and (value.lower() in PROSE or is_placeholder(value) or not _SOME().search(value))):
        return False
    if not commands:
        return True
    before = _CONTINUED().sub("  ", before) if "\\" in before else before
    cut = max(before.rfind(end) for end in ("\n", "; ", "| ", "&& "))
    return any(before.find(command, cut + 1) >= 0 for command in commands)
