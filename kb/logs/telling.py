"""Telling lines from others: what a line is when words of trouble stand in it, and yet it says nothing of what went wrong."""

from __future__ import annotations

import re
from functools import lru_cache

from .messages import unwrap
from .system_errors import SYSTEM_MESSAGES

# A level below a warning, as programs write it before their message.
QUIET_LEVEL = re.compile(
    r"\b(?:INFO|DEBUG|TRACE|NOTICE|VERBOSE|INF|DBG|TRC)\b|\[(?:info|debug|trace|notice)\]|\b(?:level|lvl|severity)=\"?(?:info|debug|trace|notice)"
    r"|\"(?:level|lvl|severity)\":\s?\"(?:info|debug|trace|notice)|^(?:info|debug|trace|notice)\b"
)

# In lower case, as the next two: "0 failed" and "errors=0" are good news, and what speaks of a log, an option or a default by that name is none at all.
NO_TROUBLE = re.compile(
    r"\b(?:0|no|without|any) (?:errors?|fail\w*|warnings?|problems?)\b|\b(?:errors?|fail\w*|warnings?)[:=] ?\"?0\b|\bfail_timeout\b|\berrors? fixed\b"
)

# A program that was told to end, or that starts, says how.
LIFECYCLE = re.compile(
    r"\b(?:received|got|caught|signal|on) (?:signal )?\(?(?:sig)?(?:term|int|hup|quit|15|2|1)\b|\bgraceful(?:ly)?\b|\bshutting down\b|\bshutdown (?:requested|complete)"
    r"|\bterminated by signal\b|\bexited: 0\b|\bclosing connection\b"
)

# Advice, and where to read more: it stands below a hundred different errors.
ADVICE = re.compile(
    r"\b(?:ask for help|for (?:more )?(?:help|information|details)|more information|see also|see (?:the )?(?:log|documentation|docs|manual|man page|https?:)"
    r"|please (?:see|report|check|visit|consult|refer)|complete log of this run|saving debug log|logs? (?:can|may) be found|read more|consider (?:upgrading|using|running)"
    r"|try ['\"`]?\S+ (?:--?h(?:elp)?\b)|usage:|report (?:this|it|bugs)|run with .{1,40} to (?:display|see)|permanently added|^\W*note:|\bnote: --|may have more information|is deprecated|deprecat(?:ed|ion) (?:warning|reading|option))"
)
ENDS_AT_MOST = 3  # the trouble of a line that can be the end that somebody asked for
ADVICE_BEGINS = 60  # of the message: further on it stands behind an error

# A row of settings as a program lists them when it starts.
SETTING = re.compile(r"^\s*[A-Z][\w ]{2,40}?\s+= \S")

# A web server's request with the status of its answer.
REQUEST = re.compile(r"\"[A-Z]{3,10} \S+(?: HTTP/[\d.]+)?\" (?P<status>[1-5]\d\d)\b")


def says_nothing(text: str, trouble: float) -> bool:
    """Whether a line with words of trouble speaks of none: good news, advice, a setting, the end that somebody asked for."""
    lower = text.lower()
    if NO_TROUBLE.search(lower) or SETTING.match(text) or is_advice(text):
        return True
    return trouble <= ENDS_AT_MOST and LIFECYCLE.search(lower) is not None


@lru_cache(20_000)
def is_advice(text: str) -> bool:
    """Whether a line tells what to do, or where to read more."""
    return ADVICE.search(text.lower()) is not None and ADVICE.search(unwrap(text).text[:ADVICE_BEGINS].lower()) is not None


def is_quiet(text: str) -> bool:
    """Whether a line says of itself that it is no warning: INFO, [notice], level=debug."""
    return QUIET_LEVEL.search(text[:LEVEL_BEFORE]) is not None


LEVEL_BEFORE = 160  # characters of a line, in which its level stands

# ---- what anybody says -----------------------------------------------------------------------------------------------

# Words of which a line can consist that says only *that* something failed.
_GENERIC_TEXT = """
a an the this that of in on at to for from by with due and or as is was are were be been has have had it its some see above below previous
error errors err fatal warning warn failed fail fails failing failure failures fault exception critical panic emergency alert severe
exit exits exited exiting quit quitting abort aborted aborting terminate terminated terminating stop stopped stopping died
status code codes result signal main process child worker thread daemon service server program command operation request task job unit application app
start starting started startup init initialize initializing initialization load loading loaded run running open opening read reading parse parsing setup set up create creating
could not cannot can't couldn't unable did didn't does doesn't will won't no more now
config configuration configure file files contains found occurred occurs happened encountered detected unexpected unknown general internal
exist exists missing invalid unknown bad wrong denied refused rejected lost closed reset timeout timed
giving retry retrying try trying again later fix reason because unspecified
"""
GENERIC = frozenset(_GENERIC_TEXT.split())
_OF_SYSTEMS = sorted(SYSTEM_MESSAGES, key=len, reverse=True)


@lru_cache(20_000)
def is_generic(plain: tuple[str, ...]) -> bool:
    """Whether the plain words of a line say only that something failed, or as any system says it: "Address already in use"."""
    return not specific_words(plain)


@lru_cache(20_000)
def specific_words(plain: tuple[str, ...]) -> frozenset[str]:
    """The words that are neither a system's own sentence nor of those that say only that something failed; codes are none."""
    return frozenset(word for word in _without_systems(plain) if word not in GENERIC and word[0] != "§" and len(word) > 1)


def _without_systems(plain: tuple[str, ...]) -> list[str]:
    kept: list[str] = []
    at = 0
    while at < len(plain):
        said = next((len(words) for words in _STARTS.get(plain[at], ()) if plain[at : at + len(words)] == words), 0)
        if not said:
            kept.append(plain[at])
        at += said or 1
    return kept


_STARTS: dict[str, list[tuple[str, ...]]] = {}
for _words in _OF_SYSTEMS:
    _STARTS.setdefault(_words[0], []).append(_words)

# ---- opposites -------------------------------------------------------------------------------------------------------

# Of two lines that differ in one of these, one is no sign of the other.
_OPPOSITES_TEXT = """
accepted failed, accepted rejected, accepted refused, accepted denied, started stopped, starting stopping, start stop, up down, online offline, opened closed, open close, opening closing,
connected disconnected, connect disconnect, succeeded failed, success failure, successful failed, successfully failed, passed failed, enabled disabled, enable disable, allowed denied,
available unavailable, healthy unhealthy, valid invalid, found missing, mounted unmounted, mount unmount, locked unlocked, granted denied, active inactive, loaded unloaded,
known unknown, reachable unreachable, supported unsupported, authorized unauthorized, login logout, attached detached, added removed, acquired released, resolved unresolved, complete incomplete, input output,
read write, reading writing, sent received, send receive, upload download, client server, source destination, sender receiver, too_large too_small, before after, min max, minimum maximum, first last, ipv4 ipv6
""".replace("\n", " ")
OPPOSITES: frozenset[frozenset[str]] = frozenset(frozenset(pair.split()) for pair in _OPPOSITES_TEXT.split(",") if pair.strip())
NEGATIONS = frozenset(("not", "no", "cannot", "never", "without", "isn't", "doesn't", "didn't", "can't", "couldn't", "won't"))


@lru_cache(20_000)
def are_opposite(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether the plain words of two lines are alike but for one that says the contrary: accepted and failed, found and not found."""
    here, there = frozenset(one) - frozenset(other), frozenset(other) - frozenset(one)
    if not here and not there:
        return False
    if any(frozenset((a, b)) in OPPOSITES for a in here for b in there):
        return True
    return bool(here & NEGATIONS) != bool(there & NEGATIONS) and len(here | there) <= 2
