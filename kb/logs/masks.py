"""Values that change from one time to the next (ids, addresses, paths, numbers), as a table of masks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from .headers import CLOCK, MONTH, ZONE, MaskRule

MAX_PARTS = 250

# The parts of a message, the first that fits at a place counts. `(?>…)` and `*+` never go back, which keeps it linear.
PARTS: Sequence[MaskRule] = (
    MaskRule("kept", r"[~§][\w.$@-]++|<[a-z]{1,8}>|^@[\w-]++", "@nginx <ip> ~tv §502", "@nginx <ip> ~tv §502"),
    MaskRule("url", r"[A-Za-z][A-Za-z0-9+.-]{1,14}://[^\s\"'<>()\[\]{},\\]*+", "GET https://tv.home/a/b?x=1", "get ~tv.home"),
    MaskRule(
        "uuid",
        r"\b[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\b",
        "instance b9000564-fe1a-409b-b8cc-1e88b294cd1d",
        "instance <id>",
    ),
    MaskRule("mac", r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b", "from 02:42:ac:11:00:02 lost", "from <mac> lost"),
    MaskRule(
        "time",
        rf"\b\d{{4}}[-/]\d\d[-/]\d\d(?:[T\ ]{CLOCK}{ZONE})?|\b\d\d/{MONTH}/\d{{4}}(?::{CLOCK})?"
        rf"|\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\ )?(?:{MONTH}\ {{1,2}}\d{{1,2}}|\d{{1,2}}\ {MONTH})(?:\ \d{{4}})?\ {CLOCK}{ZONE}(?:\ \d{{4}})?"
        rf"|\b{CLOCK}\b|\b\d{{1,2}}:\d\d\ ?[AP]M\b",
        "lock made at 2024-02-02 02:00:01 here",
        "lock made at <time> here",
    ),
    MaskRule(
        "ipv4",
        r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2}\b)?(?::\d{1,5}\b)?(?![\w.]\d)",
        "dial 10.0.0.7:53 refused",
        "dial <ip> refused",
    ),
    MaskRule(
        "ipv6",
        r"(?<![\w:])(?:(?:[0-9A-Fa-f]{1,4}:){1,7}(?::[0-9A-Fa-f]{1,4}){1,6}|(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,7}:|::[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})"
        r"(?![\w:])(?:/\d{1,3})?(?:\](?::\d{1,5})?)?",
        "dial [fe80::1]:53 or 2001:db8::7",
        "dial <ip> or <ip>",
    ),
    MaskRule(
        "quoted address",
        r"(?<=[\"'`])[A-Za-z][\w.-]*+:\d{1,5}(?=[\"'`])",
        'host not found in upstream "web:80"',
        "host not found in upstream ~web",
    ),
    MaskRule("windows path", r"\b[A-Za-z]:\\[^\s\"'<>|:*?]*+", r"open C:\Users\me\tv.db", "open ~users ~me ~tv.db"),
    MaskRule(
        "path", r"(?<![\w/])(?:~|\.{1,2})?/[\w.@%+~/*:#=-]*+", "open /var/lib/tv.db failed", "open ~var ~lib ~tv.db failed"
    ),
    MaskRule("hex", r"\b0[xX][0-9A-Fa-f]++\b", "at 0x80070005 and 0x7f3a99d2c001", "at ~0x80070005 <hex> and <hex>"),
    MaskRule("SQL error", r"\bERROR\ \d{4}\ \(\w{5}\)", "ERROR 1049 (42000): no base", "sqlstate §1049 no base"),
    MaskRule(
        "code after its name",
        r"(?i:\b(?:status|code|errno|exit|signal|http|http/\d\.\d\"|rc|error))(?:[\ =:#(]{1,3}|_code[\ =:]{1,2})-?\d{1,5}\b(?![.:]\d)",
        "exit code 137",
        "exit code §137",
    ),
    MaskRule(
        "code in brackets", r"(?<=\()-?\d{1,5}(?=:\ )", "connect() failed (113: No route)", "connect failed §113 no route"
    ),
    MaskRule(
        "database code",
        r"\bSQLSTATE\[\w{5}\](?:\ \[\d{1,5}\])?",
        "SQLSTATE[HY000] [2002] no server, SQLSTATE[42P01]: no table",
        "sqlstate §2002 no server sqlstate §42p01 no table",
    ),
    MaskRule(
        "library code", r"(?<=error:)[0-9A-F]{8}(?=:)", "error:0308010C:digital envelope", "error §0308010c digital envelope"
    ),
    MaskRule(
        "message code",
        r"\b(?:[A-Z]{2,8}-\d{2,6}\b|AH\d{5}\b|[A-Z]{1,8}\d{4,5}(?=\]?:\ ))",
        "ORA-01017: denied, AH01618: gone",
        "§ora-01017 denied §ah01618 gone",
    ),
    MaskRule(
        "image",
        r"(?:(?<=\ for\ )|(?<=image\ ))[a-z0-9][\w.-]*+(?:/[\w-]++)+(?:@sha256)?:[0-9a-z][\w.-]*+",
        "manifest for acme/tv-server:10.10 not found",
        "manifest for ~acme ~tv-server not found",
    ),
    MaskRule(
        "disk", r"\b(?!sdk\b|hdd\b)(?:s|v|xv|h)d[a-z]\d{0,3}\b", "I/O error, dev sda, sector 7", "i o error dev ~sda sector <n>"
    ),
    MaskRule("number", r"(?<![\w])[-+]?\d[\w]*+(?>(?:[.,:%/-][\w]++)*)", "after 5 s, 64172MB", "after <n> s <n>"),
    MaskRule(
        "word",
        r"[^\W\d][\w$]*+(?>(?:(?!-[0-9A-Fa-f]{8}-)[.@-][\w$]++)*)",
        "java.lang.NullPointerException in TaskImpl",
        "~java.lang NullPointerException in TaskImpl",
    ),
)

# A rare few words in a line say where, not what; names that end so are hosts, units or files.
HOST_ENDINGS_TEXT = (
    "com net org lan local home io dev arpa internal localdomain edu de fr uk eu us ch nl it es se no pl cz at be ca au "
    "app cloud me tv xyz info intern box"
)
HOST_ENDINGS = frozenset(HOST_ENDINGS_TEXT.split())
UNIT_ENDINGS_TEXT = "service mount timer socket target scope slice device path automount"
UNIT_ENDINGS = frozenset(UNIT_ENDINGS_TEXT.split())
FILE_ENDINGS_TEXT = (
    "exe dll bin conf cfg ini toml yml yaml json xml c cc cpp h hpp cs go java js jsx mjs ts tsx kt py pyc rb rs php pl "
    "lua scala swift so ko sh vue ex exs erl"
)
FILE_ENDINGS = frozenset(FILE_ENDINGS_TEXT.split())
_COMMON_WORDS_TEXT = (
    "a an the of to in on at by for with from is are was were be been has have had this that it its as and or not no "
    "error errors failed failure fail warning info exception unable cannot could can t did does do due while during"
)
COMMON_WORDS: Mapping[str, float] = dict.fromkeys(_COMMON_WORDS_TEXT.split(), 0.5)


@cache
def mask_parts() -> re.Pattern[str]:
    """The pattern of all masks of parts of a word, compiled once."""
    # The look ahead passes quickly over what can begin none of them.
    rules = "|".join(f"({rule.pattern})" for rule in PARTS)
    return re.compile(rf"(?={BEGINS_A_PART})(?={_SURELY_BEGINS})(?:({MERE_WORD})|{rules})", re.VERBOSE)


BEGINS_A_PART = r"[\w~§<@/.+-]|::[0-9A-Fa-f]"

# Of these signs most stand in no part, and need not be tried with each rule; it changes nothing but the time.
_SURELY_BEGINS = r"\w|(?<![\w/])/|~[\w.$@/-]|§[\w.$@-]|<[a-z]|@[\w-]|(?<![\w/])\.\.?/|[-+]\d|::[0-9A-Fa-f]"

# Most of a message: a word that no other rule can begin with. Tried first, it saves half the time; it changes nothing.
MERE_WORD = (
    r"\b(?!(?i:status|code|errno|exit|signal|http|rc|error)\b|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|(?:s|v|xv|h)d[a-z])\b)"
    r"[^\W\d_]++(?=[\ =,;)\]\"'}<>|]|$)"
)
