"""Signatures: an error line with its volatile parts masked, so that the same error looks the same the next time.

A signature is one line of tokens. A plain token is a word that the program's author wrote; `~token` is a value that may change
(a host, a path, what stands in quotes); `@sshd` the program that wrote it; `§502` a code that means something; `<ip>`, `<n>`…
are values masked away.
The same function makes it for the index and for the query.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import islice, pairwise

# Longer messages are cut: what tells an error from another stands at its beginning, or in the cause at its end.
MAX_LINE = 2_000
HEAD, TAIL = 1_500, 450
MAX_PARTS = 250


@dataclass(frozen=True)
class Rule:
    """One row of a table: a pattern, and an example of what it takes from a line."""

    name: str
    pattern: str
    example: str
    result: str


_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d\d[:.;]\d\d[:.;]\d\d(?:[.,:]\d{1,9})?"
_ZONE = r"(?:\ ?(?:Z|UTC|GMT|[CEMPW]E?[SD]?T)\b|\ ?[+-]\d\d(?::?\d\d)?\b)?"

# What stands before the message itself, each taken off as often as it comes first. `origin` is kept as a value.
# Every pattern is anchored at the beginning and bounded in length, which makes the whole linear.
HEADERS: Sequence[Rule] = (
    Rule("quote mark", r"(?:>\ ?){1,3}(?=\S)", "> > no route to host", "no route to host"),
    Rule("dash", r"[-|]\ {1,4}(?=\S)", "2015-07-31 19:30:07,452 - INFO  - out", "out"),
    Rule("stream", r"std(?:out|err)(?:\t|\s{1,4}\|)\s{0,4}", "2022-02-08 10:17:26 | stderr | no route", "no route"),
    Rule("compose", r"(?P<origin>[\w.@-]{1,80})\ {1,30}\|\ ", "nginx-1  | no route to host", "~nginx no route to host"),
    Rule(
        "RFC 5424",
        r"<\d{1,3}>1\ \S{20,35}\ \S{1,64}\ (?P<program>\S{1,48})\ \S{1,20}\ \S{1,32}\ (?:-\ )?",
        "<27>1 2024-05-01T10:00:00.003Z nas postfix 123 - - queue full",
        "@postfix queue full",
    ),
    Rule("syslog priority", r"<\d{1,3}>(?:\d\ )?", "<3>out of memory", "out of memory"),
    Rule(
        "ISO time",
        rf"[\[(]?\d{{4}}[-/.]\d\d[-/.]\d\d(?:[T_\ :-]\ ?{_CLOCK}{_ZONE})?[\])]?(?:,|:(?=\s)|\ [-|])?\s{{0,9}}",
        "2024-02-03 11:20:31.112 UTC [78] FATAL:  lock lost",
        "lock lost",
    ),
    Rule(
        "cluster", r"-\ 1\d{9}\ \d{4}\.\d\d\.\d\d\ \S{1,40}\ ", "- 1117838570 2005.06.03 R02-M1 torus failure", "torus failure"
    ),
    Rule(
        "compact time",
        r"\d{8}[-T\ ](?:\d{1,2}:\d{1,2}:\d{1,2}|\d{6})(?:[:.,]\d{1,9})?Z?[|,:]?\s{0,9}",
        "20171223-22:15:29:606|Step|gone",
        "step gone",
    ),
    Rule(
        "spoken time",
        rf"(?:-\ )?\d\d/\d\d/\d{{4}},?\ {_CLOCK}(?:\ [AP]M)?\s{{1,9}}",
        "05/01/2024, 10:00:00 AM   ERROR no database",
        "no database",
    ),
    Rule(
        "short date",
        rf"\[?\d\d[-/.]\d{{1,2}}(?:[-/]\d{{1,2}})?\ {_CLOCK}\]?\s{{0,9}}",
        "17/06/09 20:10:42 INFO job done",
        "job done",
    ),
    Rule("digits date", r"\d{6}\ \d{6}\ (?:\d{1,7}\ )?", "081109 204005 35 INFO block lost", "block lost"),
    Rule(
        "long date",
        rf"[\[(]?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\ {{1,2}}(?:{_MONTH}\ {{1,2}}\d{{1,2}}|\d{{1,2}}\ {_MONTH})[\ ,]{{1,2}}"
        rf"(?:\d{{4}}\ )?{_CLOCK}{_ZONE}(?:\ \d{{4}})?[\])]?:?\s{{0,9}}",
        "[Sun Dec 04 04:51:08 2005] [error] child died",
        "child died",
    ),
    Rule(
        "PHP time",
        rf"\[?\d{{1,2}}-{_MONTH}-\d{{4}}\ {_CLOCK}{_ZONE}\]?:?\s{{0,9}}",
        "[30-Jan-2020 01:08:09 UTC] no route",
        "no route",
    ),
    Rule(
        "common log time",
        rf"\[?\d\d/{_MONTH}/\d{{4}}[:\ ]{_CLOCK}{_ZONE}\]?:?\s{{0,9}}",
        "[10/Oct/2000:13:55:36 -0700] refused",
        "refused",
    ),
    Rule(
        "syslog",
        rf"{_MONTH}\ {{1,2}}\d{{1,2}}\ (?:\d{{4}}\ )?{_CLOCK}\ (?:[\w./-]{{1,64}}\ )?(?P<program>[\w./@()-]{{1,64}})(?:\[\d{{1,9}}\])?[:;]\s{{1,9}}",
        "Jul 27 14:41:58 nas kernel: disk gone",
        "@kernel disk gone",
    ),
    Rule("kernel", r"kernel:\s{1,9}", "kernel: [881231.123] disk gone", "disk gone"),
    Rule("journal time", rf"{_MONTH}\ {{1,2}}\d{{1,2}}\ {_CLOCK}\ ?", "Jul 27 14:41:58 disk gone", "disk gone"),
    Rule("clock", rf"\[?{_CLOCK}\]?(?:\ -)?\s{{0,9}}", "[20:10:42] disk gone", "disk gone"),
    Rule(
        "epoch", r"\[?1[0-9]{9}(?:[0-9]{3})?(?:\.\d{1,9})?\]?:?\s{1,9}", "[1731970001] validation failure", "validation failure"
    ),
    Rule("kernel time", r"\[\ {0,9}\d{1,9}\.\d{1,9}\]\s{0,9}", "[881231.123] disk gone", "disk gone"),
    Rule(
        "klog",
        r"[IWEF]\d{4}\ \d\d:\d\d:\d\d\.\d{6}\ {1,9}\d{1,9}\ (?P<origin>[\w.]{1,64}):\d{1,6}\]\ ",
        "E0520 10:11:12.123456    1 sync.go:12] no pod",
        "~sync.go no pod",
    ),
    Rule(
        "android pids", r"\d{1,6}\ {1,6}\d{1,6}\ (?=[VDIWEF]\ )", "03-17 16:13:38.811  1702  2395 D Window: gone", "window gone"
    ),
    Rule("containerd", r"std(?:out|err)\ [FP]\ ", "2024-05-01T10:00:00.123456789Z stderr F no route", "no route"),
    Rule(
        "arr level",
        r"\|(?:Trace|Debug|Info|Warn|Error|Fatal)\|(?P<origin>[\w.]{1,40})\|",
        "19-2-3 13:34:32.7|Error|CommandExecutor|task gone",
        "~CommandExecutor task gone",
    ),
    Rule(
        "name and level",
        r"(?P<origin>[A-Za-z][\w-]{1,30}):(?:error|warn|info|debug)\s{1,3}(?=\d{4}-)",
        "Zigbee2MQTT:error 2021-06-17 11:42:06: no adapter",
        "~ZigbeeMQTT no adapter",
    ),
    Rule(
        "program before its level",
        r"(?P<program>[a-z][\w-]{1,30}):\ (?=\[(?:emerg|alert|crit|error|warn|notice|info)\])",
        "nginx: [emerg] no host",
        "@nginx no host",
    ),
    Rule(
        "source line",
        r"(?P<origin>[\w./@-]{1,60}\.go):\d{1,6}:\w{1,60}\(\)\s\[[TDIWEF]\]\s",
        "2020/05/31 15:34:58 routers/init.go:72:initDBEngine() [E] no engine",
        "~routers ~init.go no engine",
    ),
    Rule("spring", r"\d{1,7}\ ---\ ", "2024-05-01 10:00:00.123 ERROR 1 --- [main] no route", "~main no route"),
    Rule(
        "padded level", r"(?:Info|Error|Warning|Fatal|Debug)\s{2,30}", "2016-09-28 04:30:30, Info    CBS loaded", "cbs loaded"
    ),
    Rule(
        "braced origin",
        r"\{(?P<origin>[\w.:-]{1,60})\}\s{1,9}",
        "[2024-05-01 10:00:00,123] {job.py:11} ERROR - Task gone",
        "~job.py task gone",
    ),
    Rule("one letter level", r"[VDIWEF]\ (?=\S)", "03-17 16:13:38.811 E gone", "gone"),
    Rule("go level", r"(?:INF|WRN|ERR|FTL|DBG|TRC|PNC)\s{1,9}", "2025-11-11T11:11:11Z ERR no route", "no route"),
    Rule(
        "level",
        r"[\[(<|]?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERR(?:OR)?|FATAL|CRIT(?:ICAL)?|SEVERE|EMERG(?:ENCY)?|ALERT|PANIC|FTL|WRN|INF|DBG)"
        r"(?:[\])>|]{1,2}:?\s{0,9}|\s{0,4}:\s{0,9}|\s{1,9}-?\s{0,9}(?!\d{1,5}\ \())",
        "ERROR: service failed",
        "service failed",
    ),
    Rule(
        "small level",
        r"(?:\[(?:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|emerg|fatal|panic|Error|Warn(?:ing)?|Fatal|Info|Debug)\]:?"
        r"|(?:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|emerg|fatal|Error|Fatal|Warning|Info):)\s{1,9}",
        "[error] child died",
        "child died",
    ),
    Rule("nginx worker", r"\d{1,9}\#\d{1,9}:\ (?:\*\d{1,12}\ )?", "31#31: *102 connect() failed", "connect failed"),
    Rule(
        "program and pid",
        r"(?P<program>[\w./@()-]{1,64})\[\d{1,9}(?:[:.]\d{1,9})?\][:;]?\s{1,9}",
        "systemd[1]: unit failed",
        "@systemd unit failed",
    ),
    Rule(
        "pid",
        r"\[\d{1,9}(?:[:.]\d{1,9})?\]:?\s{0,9}|(?:-\ )?\d{1,7}\ (?=(?:TRACE|DEBUG|INFO|WARN|ERR|FATAL|CRIT))",
        "[78] lock lost",
        "lock lost",
    ),
    Rule(
        "log file",
        r"(?P<origin>[\w-]{1,40})\.log(?:\.\d{1,3})?\.[\w:-]{1,40}\s{1,9}",
        "api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:57.129 out",
        "~api out",
    ),
    Rule(
        "thread",
        r"\((?P<origin>[\w.\ #-]{1,40})\)\s{1,9}",
        "2025-10-10 02:11:09.123 ERROR (MainThread) no module",
        "~MainThread no module",
    ),
    Rule(
        "bracketed origin",
        r"\[(?P<origin>[^\[\]\n]{1,60}(?:\[[^\[\]\n]{0,20}\][^\[\]\n]{0,60})?)\]:?\s{0,9}(?:-\s{1,9})?",
        "2025-10-10 02:11:09 [http.server] gone",
        "~http ~server gone",
    ),
)

# These two are headers only after another one, or at the end of nothing: `(void) x` and `[Errno 2]` are messages.
ONLY_AFTER_A_TIME = frozenset(
    {"thread", "bracketed origin", "one letter level", "android pids", "dash", "padded level", "braced origin"}
)

# The parts of a message, the first that fits at a place counts. `(?>…)` and `*+` never go back, which keeps it linear.
PARTS: Sequence[Rule] = (
    Rule("kept", r"[~§][\w.$@-]++|<[a-z]{1,8}>|^@[\w-]++", "@nginx <ip> ~tv §502", "@nginx <ip> ~tv §502"),
    Rule("url", r"[A-Za-z][A-Za-z0-9+.-]{1,14}://[^\s\"'<>()\[\]{},\\]*+", "GET https://tv.home/a/b?x=1", "get ~tv.home"),
    Rule(
        "uuid",
        r"\b[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\b",
        "instance b9000564-fe1a-409b-b8cc-1e88b294cd1d",
        "instance <id>",
    ),
    Rule("mac", r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b", "from 02:42:ac:11:00:02 lost", "from <mac> lost"),
    Rule(
        "time",
        rf"\b\d{{4}}[-/]\d\d[-/]\d\d(?:[T\ ]{_CLOCK}{_ZONE})?|\b\d\d/{_MONTH}/\d{{4}}(?::{_CLOCK})?"
        rf"|\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\ )?(?:{_MONTH}\ {{1,2}}\d{{1,2}}|\d{{1,2}}\ {_MONTH})(?:\ \d{{4}})?\ {_CLOCK}{_ZONE}(?:\ \d{{4}})?"
        rf"|\b{_CLOCK}\b|\b\d{{1,2}}:\d\d\ ?[AP]M\b",
        "lock made at 2024-02-02 02:00:01 here",
        "lock made at <time> here",
    ),
    Rule(
        "ipv4",
        r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2}\b)?(?::\d{1,5}\b)?(?![\w.]\d)",
        "dial 10.0.0.7:53 refused",
        "dial <ip> refused",
    ),
    Rule(
        "ipv6",
        r"(?<![\w:])(?:(?:[0-9A-Fa-f]{1,4}:){1,7}(?::[0-9A-Fa-f]{1,4}){1,6}|(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,7}:|::[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})"
        r"(?![\w:])(?:/\d{1,3})?(?:\](?::\d{1,5})?)?",
        "dial [fe80::1]:53 or 2001:db8::7",
        "dial <ip> or <ip>",
    ),
    Rule(
        "quoted address",
        r"(?<=[\"'`])[A-Za-z][\w.-]*+:\d{1,5}(?=[\"'`])",
        'host not found in upstream "web:80"',
        "host not found in upstream ~web",
    ),
    Rule("windows path", r"\b[A-Za-z]:\\[^\s\"'<>|:*?]*+", r"open C:\Users\me\tv.db", "open ~users ~me ~tv.db"),
    Rule("path", r"(?<![\w/])(?:~|\.{1,2})?/[\w.@%+~/*:#=-]*+", "open /var/lib/tv.db failed", "open ~var ~lib ~tv.db failed"),
    Rule("hex", r"\b0[xX][0-9A-Fa-f]++\b", "at 0x80070005 and 0x7f3a99d2c001", "at ~0x80070005 <hex> and <hex>"),
    Rule(
        "code after its name",
        r"(?i:\b(?:status|code|errno|exit|signal|http|http/\d\.\d\"|rc|error))(?:[\ =:#(]{1,3}|_code[\ =:]{1,2})-?\d{1,5}\b(?![.:]\d)",
        "exit code 137",
        "exit code §137",
    ),
    Rule("code in brackets", r"(?<=\()-?\d{1,5}(?=:\ )", "connect() failed (113: No route)", "connect failed §113 no route"),
    Rule(
        "database code",
        r"\bSQLSTATE\[\w{5}\](?:\ \[\d{1,5}\])?",
        "SQLSTATE[HY000] [2002] no server, SQLSTATE[42P01]: no table",
        "sqlstate §2002 no server sqlstate §42p01 no table",
    ),
    Rule("message code", r"\b[A-Z]{2,8}-\d{2,6}\b", "ORA-01017: denied", "§ora-01017 denied"),
    Rule(
        "user",
        r"(?:(?<=for\ user\ )|(?<=invalid\ user\ )|(?<=unknown\ user\ )|(?<=by\ user\ ))[\w.$-]++(?=$|\ (?:from|by|at|on|in|with|via)\b|[:,;)\]])",
        "session opened for user ann by root",
        "session opened for user ~ann by root",
    ),
    Rule(
        "disk", r"\b(?!sdk\b|hdd\b)(?:s|v|xv|h)d[a-z]\d{0,3}\b", "I/O error, dev sda, sector 7", "i o error dev ~sda sector <n>"
    ),
    Rule("number", r"(?<![\w])[-+]?\d[\w]*+(?>(?:[.,:%/-][\w]++)*)", "after 5 s, 64172MB", "after <n> s <n>"),
    Rule(
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

# Weights of terms before their rarity counts.
PLAIN, PART_OF_NAME, VALUE, MASKED = 1.0, 0.3, 0.3, 0.1
_COMMON_WORDS_TEXT = (
    "a an the of to in on at by for with from is are was were be been has have had this that it its as and or not no "
    "error errors failed failure fail warning info exception unable cannot could can t did does do due while during"
)
COMMON_WORDS: Mapping[str, float] = dict.fromkeys(_COMMON_WORDS_TEXT.split(), 0.5)

MESSAGE_KEYS = ("msg", "message", "log", "MESSAGE", "event", "short_message", "text", "@m", "textPayload", "exception_message")
CAUSE_KEYS = (
    "error",
    "err",
    "exception",
    "stderr",
    "exc_info",
    "cause",
    "reason",
    "detail",
    "details",
    "stack",
    "stack_trace",
    "traceback",
    "stacktrace",
    "@x",
)
QUIET_KEYS_TEXT = (
    "time ts t timestamp @timestamp level lvl severity pid thread caller file line v stream @t @l hostname logger module"
)
_QUIET_KEYS = frozenset(QUIET_KEYS_TEXT.split())

# Versions the cache of notes and the index. The number changes with the code below the tables: raise it then.
_CODE = 7
_TABLES = (
    HEADERS,
    PARTS,
    HOST_ENDINGS_TEXT,
    UNIT_ENDINGS_TEXT,
    FILE_ENDINGS_TEXT,
    MESSAGE_KEYS,
    CAUSE_KEYS,
    MAX_LINE,
    MAX_PARTS,
)
RULES = hashlib.blake2b(repr((_CODE, _TABLES)).encode(), digest_size=6).hexdigest()

# ---- from a text to its messages -------------------------------------------------------------------------------------

ANSI = r"\x1b(?:\[[0-9;:?<=>]{0,40}[ -/]{0,3}[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)|[@-Z\\^_])"


def without_ansi(text: str) -> str:
    """The text without terminal escape sequences."""
    return re.sub(ANSI, "", text) if "\x1b" in text else text


@dataclass(frozen=True)
class Message:
    """One message of a log: the line it came in, where it came from, and what it says."""

    line: str  # as it was written, without colours and outer blanks
    program: str  # that wrote it, as syslog names it
    origin: str  # container, logger, thread: kept as values
    text: str
    stamped: bool  # whether a header came before it: a line without one may continue the last


def messages(text: str) -> Iterator[Message]:
    """The messages of a log or an error text, unwrapped from compose, docker, syslog, journald, klog, JSON and logfmt.

    A message that a terminal or a phone broke into several lines comes whole, once joined with nothing and once with a blank,
    because the break says not which it was; and its pieces come too, for they may be messages of their own.
    """
    lines = [line for line in without_ansi(text).splitlines() if line and not line.isspace()]
    if "Event ID:" in text:
        lines = [line for line in lines if not WINDOWS_EVENT.match(line)]
    i = 0
    while i < len(lines):
        end = i + 1
        while end < len(lines) and end - i < MAX_PIECES and _is_broken(lines[end - 1], lines[end]):
            end += 1
        pieces = lines[i:end]
        if len(pieces) > 1:
            yield from _unwrapped("".join(pieces).strip())
            yield from _unwrapped(" ".join(piece.strip() for piece in pieces))
        for piece in pieces:
            yield from _unwrapped(piece.strip())
        i = end


# What the event viewer of Windows puts around a message: the same in every event, so that it tells none from another.
WINDOWS_EVENT = re.compile(
    r"\s{0,9}(?:Log Name|Source|Date|Event ID|Task Category|Level|Keywords|User|OpCode|Computer|Description|Event Xml):(?:\s{1,30}\S.{0,80})?$"
)

MAX_PIECES = 12
NARROWEST = 36  # a phone's screen: nobody breaks lines that are shorter than this


def _is_broken(line: str, following: str) -> bool:
    """Whether a terminal broke one message into these two lines: the first is long and ends amid a sentence."""
    first, last = following[0], line[-1]
    return (
        len(line) >= NARROWEST
        and (last.isalnum() or last in " ,-_/)(=")
        and (first.islower() or first.isdecimal() or first in "\"',.;:?!)")
        and not is_frame(line)
        and not is_frame(following)
        and not NEVER_CONTINUES.match(following)
        and not _without_headers(following)[3]
    )


# A line that begins so is one of its own: a frame, a field, or an exception with its qualified name.
NEVER_CONTINUES = re.compile(
    r"(?:at|in|by|from|on|caused|with|created|File|line)[ :]|[\w.-]{1,40}(?:[:=|]|\s*\|)|[\w.$]{1,200}(?:Exception|Error)\b|(?:[a-z]\w*[./]){2,20}\w+:"
)


def unwrap(line: str) -> Message:
    """What one line says, its wrappers taken off; of a record that says several things, the first."""
    return next(_unwrapped(line.rstrip()), Message(line, "", "", "", False))


def _unwrapped(line: str, depth: int = 0) -> Iterator[Message]:
    program, origin, text, stamped = _without_headers(_straight(line))
    for said in _said_in_structure(text):
        if said is text or depth > 1:
            yield Message(line, program, origin, _cut(said), stamped)
            continue
        for part in said.splitlines():
            if part and not part.isspace():
                for inner in _unwrapped(part.strip(), depth + 1):
                    yield replace(
                        inner, program=program or inner.program, origin=f"{origin} {inner.origin}".strip(), stamped=True
                    )


# What phones, chats and web pages make of quotes and brackets; a program writes straight ones.
STRAIGHT: Mapping[str, str] = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'"}
ENTITIES: Mapping[str, str] = {"&quot;": '"', "&#34;": '"', "&#39;": "'", "&apos;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&"}
_STRAIGHT = str.maketrans(dict(STRAIGHT))


def _straight(line: str) -> str:
    """A line with the quotes and brackets that its program wrote."""
    if not line.isascii():
        line = line.translate(_STRAIGHT)
    if "&" in line:
        for entity, sign in ENTITIES.items():
            line = line.replace(entity, sign)
    return line


def _cut(text: str) -> str:
    return text if len(text) <= MAX_LINE else f"{text[:HEAD]} {text[-TAIL:]}"


@cache
def _headers() -> re.Pattern[str]:
    """All header rules in one pattern, those that need another header before them last."""
    rows = sorted(range(len(HEADERS)), key=lambda i: HEADERS[i].name in ONLY_AFTER_A_TIME)
    return re.compile("|".join(header_pattern(i) for i in rows), re.VERBOSE)


def header_pattern(i: int) -> str:
    """One header rule with the names that its groups have among all of them."""
    named = HEADERS[i].pattern.replace("(?P<origin>", f"(?P<o{i}>").replace("(?P<program>", f"(?P<p{i}>")
    return f"(?P<h{i}>{named})"


def _without_headers(line: str) -> tuple[str, str, str, bool]:
    """(program, origin, the message, whether there was a header)."""
    program, origins, start, stamped = "", [], 0, False
    groups = _headers().groupindex
    for _ in range(12):
        match = _headers().match(line, start)
        if not match or match.end() == start or match.end() >= len(line):
            break
        row = str(match.lastgroup)[1:]
        if not stamped and HEADERS[int(row)].name in ONLY_AFTER_A_TIME:
            break
        if f"o{row}" in groups and (origin := match[f"o{row}"]):
            origins.append(origin)
        if f"p{row}" in groups and not program:
            program = match[f"p{row}"]
        start, stamped = match.end(), True
    return program, " ".join(origins), line[start:], stamped


def _said_in_structure(text: str) -> list[str]:
    """What a JSON line, logfmt, or a line with line ends written out says; else the text itself, alone."""
    if "\\n" in text and len(lines := ESCAPED_BREAK.split(text)) > 1:
        return ["\n".join(lines)]
    brace, end = text.find('{"'), text.rfind("}") + 1
    # Behind it may stand what closes a quotation: a backtick, a colour's end, the edge of a table.
    if 0 <= brace < 200 and len(text) - end < 12 and (said := _said_in_json(text[brace:end])):
        return [f"{text[:brace]}{said}"]
    if "=" in text and LOGFMT_SIGN.search(text) and (said := _said_in_logfmt(text)):
        return [said]
    return [text]


# A line's end that a log wrote as two characters, before what begins a line in a stack trace.
ESCAPED_BREAK = re.compile(r"(?:\\r)?\\n(?=\\t|\s{2}|#\d|at |Stack trace|Caused by|Traceback|File \\?\")")


def _said_in_json(text: str) -> str:
    import json

    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return _said_in_record(record) if isinstance(record, dict) else ""


def _said_in_record(record: Mapping[str, object], depth: int = 0) -> str:
    """The message of a record and its causes, those in records within it too; a cause of several lines on lines of its own."""
    said = next((value for key in MESSAGE_KEYS if isinstance(value := record.get(key), str) and value), "")
    for key in (*CAUSE_KEYS, *RECORD_KEYS):
        cause = record.get(key)
        if isinstance(cause, dict):
            cause = _said_in_record(cause, depth + 1) if depth < 3 else ""
        elif key in RECORD_KEYS:
            continue
        if isinstance(cause, str) and cause:
            said += f"\n{cause}" if "\n" in cause else f": {cause}" if said else cause
    return said.strip()


RECORD_KEYS = ("fields", "data", "message", "msg", "log")

LOGFMT = re.compile(r"(?P<key>[\w.@/-]{1,60}+)=(?P<value>\"(?>(?:[^\"\\]|\\.)*)\"|[^\s\"]\S*+)")
LOGFMT_SIGN = re.compile(r"\b(?:msg|message|error|err)=(?=\S)")


def _said_in_logfmt(text: str) -> str:
    pairs = LOGFMT.findall(text)
    found = {key: value[1:-1].replace('\\"', '"').replace("\\n", " ") if value[:1] == '"' else value for key, value in pairs}
    if "level" not in found and "lvl" not in found and "msg" not in found:
        return ""
    said = _said_in_record(found)
    if not said:
        return ""
    rest = " ".join(
        f"{k}={v}" for k, v in found.items() if k not in _QUIET_KEYS and k not in MESSAGE_KEYS and k not in CAUSE_KEYS
    )
    return f"{said} {rest}".strip()


TRACE = re.compile(
    r"(?:\S+ +\| +)?(?:at [\w.$<>/@ ]{1,200}[(:]|at (?:async )?\S{1,200}$|File \"|#\d+ |\d+: 0x|goroutine \d+ |from \S+:\d+:in |\.\.\. \d+ more"
    r"|\S{1,200}\.go:\d+(?: \+0x[0-9a-f]+)?$|[\w./*()-]{1,200}\(\{?0x[0-9a-f]|created by \S+(?: in goroutine \d+)?$|[\w./-]{1,200}\.\w{1,100}\((?:\.\.\.)?\)$)"
)

# Frames of these are nobody's own code.
LIBRARY = re.compile(
    r"site-packages|dist-packages|/usr/(?:local/)?lib|/lib/python3|node_modules|node:|internal/|\(<anonymous>\)|\(index \d|/rustc/|/cargo/registry/"
    r"|/go/pkg/mod/|/usr/local/go/|/gems/|/vendor/|\b(?:runtime|net/http)\.[\w(]"
    r"|\bat (?:java|javax|jakarta|jdk|sun|kotlin|scala|io\.netty|org\.(?:springframework|apache|hibernate|eclipse|postgresql)|System|Microsoft)\."
)


def is_frame(line: str) -> bool:
    """Whether the line is a frame of a stack trace."""
    return TRACE.match(line) is not None


# ---- from a message to its signature ---------------------------------------------------------------------------------


@cache
def _parts() -> re.Pattern[str]:
    # The look ahead passes quickly over what can begin none of them.
    rules = "|".join(f"({rule.pattern})" for rule in PARTS)
    return re.compile(rf"(?={BEGINS_A_PART})(?={_SURELY_BEGINS})(?:({MERE_WORD})|{rules})", re.VERBOSE)


BEGINS_A_PART = r"[\w~§<@/.+-]|::[0-9A-Fa-f]"

# Of these signs most stand in no part, and need not be tried with each rule; it changes nothing but the time.
_SURELY_BEGINS = r"\w|(?<![\w/])/|~[\w.$@/-]|§[\w.$@-]|<[a-z]|@[\w-]|(?<![\w/])\.\.?/|[-+]\d|(?<=\ user\ )[.-]|::[0-9A-Fa-f]"

# Most of a message: a word that no other rule can begin with. Tried first, it saves half the time; it changes nothing.
MERE_WORD = (
    r"\b(?<!\ user\ )(?!(?i:status|code|errno|exit|signal|http|rc|error)\b|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|(?:s|v|xv|h)d[a-z])\b)"
    r"[^\W\d_]++(?=[\ =,;)\]\"'}<>/|]|$)"
)


def signature(line: str) -> str:
    """The signature of one line; of a line that holds several messages (a JSON record), of the first."""
    message = next(messages(line), None)
    return signature_of(message) if message else ""


def signature_of(message: Message) -> str:
    """The signature of a message: its origin as values, then its words, values and masks in their order."""
    found = _tokens(message.text)
    if message.origin or message.program:
        if name := NAME.search(message.program.rpartition("/")[2]):
            found.insert(0, f"@{name.group().lower()}")
        origin = [f"~{token.lstrip('~')}" for token in _tokens(message.origin) if token[0] not in "<§"]
        found = [*dict.fromkeys(origin), *found]
    return " ".join(found)


NAME = re.compile(r"[^\W\d][\w-]*")


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    last = ""
    for match in islice(_parts().finditer(text), MAX_PARTS):
        kind = match.lastindex or 1
        if mask := _MASKS.get(kind):
            if mask != last:
                found.append(mask)
                last = mask
            continue
        part = match.group()
        if kind in (_MERE, _WORD):
            # `key=value`, or one word in quotes
            start, end = match.span()
            before = text[start - 1] if start else " "
            if before in BEFORE_A_VALUE and (
                (before == "=" and text[start - 2 : start - 1].isalnum()) or (before != "=" and text[end : end + 1] in QUOTES)
            ):
                tokens: Sequence[str] = (f"~{part.lower()}",)
            else:
                tokens = _word(part)
        else:
            tokens = _READ[PARTS[kind - _MERE - 1].name](part)
        for token in tokens:
            if token != last or token[0] not in "<~":
                found.append(token)
            last = token
    return found


_MERE, _WORD = 1, len(PARTS) + 1
QUOTES = "\"'`"
BEFORE_A_VALUE = "=\"'`"


def _values(part: str) -> list[str]:
    """The words of a URL or a path as values; those with a digit are too volatile."""
    body = part.partition("://")[2] if "://" in part else part
    words = (word.strip(".-").lower() for word in SEPARATORS.split(body.partition("?")[0])[:12])
    found = [f"~{word}" for word in words if len(word) > 1 and not _DIGIT.search(word)]
    return found[:6] or ["<path>"]


SEPARATORS = re.compile(r"[/\\:@=#*%+~]+")
_DIGIT = re.compile(r"\d")


def _hex(part: str) -> Sequence[str]:
    return (f"~{part.lower()}", "<hex>") if len(part) == 10 else ("<hex>",)


CODE = re.compile(r"^[A-Za-z]+|-?\d{1,5}$")


def _code(part: str) -> list[str]:
    found = CODE.findall(part)
    return [f"§{token}" if token[-1].isdecimal() else token.lower() for token in found]


@lru_cache(20_000)
def _word(part: str) -> tuple[str, ...]:
    """The tokens of one word as it stands in a message."""
    if len(part) > 100:
        return ("<id>",)
    if "." in part or "@" in part:
        return tuple(_dotted(part))
    words = part.split("-")
    if len(words) > 2 and 2 * sum(map(_is_short_code, words)) >= len(words):
        return ("<id>",)
    return tuple(token for word in words for token in _plain(word))


def _is_short_code(word: str) -> bool:
    """Whether a word is a number, or one behind a letter or two: R02-M1-N0 is a place in a rack."""
    return any(map(str.isdecimal, word)) and len(word.rstrip("0123456789")) <= 2


def _dotted(part: str) -> Iterator[str]:
    """A host, unit or file by its ending; else a qualified name, of which the last part counts."""
    head, _, last = part.rpartition(".")
    # Of a host only the first part may have capitals: MSRA-SA-39.corp.example.com
    lower = part == part.lower() or (part.count(".") > 1 and (after := part.partition(".")[2]) == after.lower())
    if "@" in part or (lower and (last in HOST_ENDINGS or (len(last) == 2 and "." in head and last not in FILE_ENDINGS))):
        yield f"~{part.lower()}"
    elif last in UNIT_ENDINGS:
        yield f"~{head.lower()}"
        yield last
    elif last.lower() in FILE_ENDINGS and "." not in head:
        yield f"~{part.lower()}" if _DIGIT.search(part) else part
    elif last.isdecimal():
        yield from (token for word in re.split(r"[.-]", part) for token in _plain(word))
    else:
        yield f"~{head.lower()}"
        yield from (token for word in last.split("-") for token in _plain(word))


NUMBERED = re.compile(r"_*\d+")


def _plain(word: str) -> Iterator[str]:
    """One word without its digits; short names with a digit (sda1) are kept as a value too."""
    if not word:
        return
    if word.isdecimal():
        yield "<n>"
        return
    digits = sum(map(str.isdecimal, word))
    if digits and _is_random(word, digits):
        yield "<id>"
        return
    stem = (NUMBERED.sub("", word) if digits else word).strip("_$")
    if stem:
        yield stem if _is_camel(stem) else stem.lower()
    if digits:
        yield f"~{word.lower()}" if len(word) <= 8 else "<n>"


def _is_camel(word: str) -> bool:
    return word[1:] != word[1:].lower() and word != word.upper()


def _is_random(word: str, digits: int) -> bool:
    """Whether a word with digits looks like an id that a machine made (9f4ef63, 04DN8IQ)."""
    if len(word) >= 6 and re.fullmatch(r"[0-9a-fA-F]+", word):
        return True
    changes = sum(1 for a, b in pairwise(word) if a.isdecimal() != b.isdecimal() and "_" not in (a, b))
    return changes >= 3 and len(word) >= 7 and digits * 5 >= len(word)


_READ: Mapping[str, Callable[[str], Sequence[str]]] = {
    "kept": lambda part: (part,),
    "url": _values,
    "quoted address": lambda part: (f"~{part.partition(':')[0].lower()}",),
    "windows path": _values,
    "path": _values,
    "hex": _hex,
    "code after its name": _code,
    "code in brackets": _code,
    "user": lambda part: (f"~{part.lower()}",),
    "disk": lambda part: (f"~{part}",),
    "database code": lambda part: ("sqlstate", f"§{part.rpartition('[')[2].rstrip(']').lower()}"),
    "message code": lambda part: (f"§{part.lower()}",),
    "word": _word,
}

# Those of which nothing is kept.
_MASKED = {"uuid": "<id>", "mac": "<mac>", "time": "<time>", "ipv4": "<ip>", "ipv6": "<ip>", "number": "<n>"}
_MASKS = {_MERE + 1 + at: _MASKED[rule.name] for at, rule in enumerate(PARTS) if rule.name in _MASKED}


def terms(signature: str) -> dict[str, float]:
    """The terms of a signature with their weights: words, the parts of names written together, values, masks a little."""
    found: dict[str, float] = {}
    for token in signature.split():
        if token[0] == "<":
            weight = MASKED
        elif token[0] in "~@":
            weight = VALUE
        else:
            lower = token.lower()
            if lower != token or "_" in token:
                for part in name_parts(token):
                    found[part] = max(found.get(part, 0.0), PART_OF_NAME)
            token, weight = lower, COMMON_WORDS.get(lower, PLAIN)
        if found.get(token, 0.0) < weight:
            found[token] = weight
    return found


NAME_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W_A-Z]+")


def name_parts(name: str) -> list[str]:
    """`TaskAttemptImpl` → task, attempt, impl."""
    return [part.lower() for part in NAME_PARTS.findall(name) if len(part) > 1]


def fingerprint(signature: str) -> str:
    """A short hash of a signature's words and codes, without its values and masks; empty when hardly anything is left."""
    words = [token.lower() for token in signature.split() if token[0] not in "<~@"]
    if len(words) < 2 and sum(map(len, words)) < 10:
        return ""
    return hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def fingerprints(text: str) -> tuple[str, ...]:
    """The fingerprints of an error text, one for each different message that has one."""
    found = (fingerprint(signature_of(message)) for message in messages(text))
    return tuple(dict.fromkeys(mark for mark in found if mark))
