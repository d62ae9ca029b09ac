"""Headers of log lines (time, level, host, program), as a table: what comes before the message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ..plugins import Table


@dataclass(frozen=True)
class MaskRule:
    """One row of a table: a pattern, and an example of what it takes from a line."""

    name: str
    pattern: str
    example: str
    result: str


MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
CLOCK = r"\d\d[:.;]\d\d[:.;]\d\d(?:[.,:]\d{1,9})?"

# The short names of time zones are no rule but a list; in capitals they are no words behind a clock.
_ZONES = r"Z|UTC|GMT|[CEMPW]E?[SD]?T|[BHIJKN]ST|[HN]DT|A[CEKW]?[SD]T|NZ[SD]T|MSK|[CEW]AT|WITA|WI[BT]|HKT|SGT|PKT|SAST|BRT|ART|ICT|PHT"
ZONE = rf"(?:\ ?(?:{_ZONES})\b|\ ?[+-]\d\d(?::?\d\d)?\b)?"
_LEVELS = r"TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERR(?:OR)?|FATAL|CRIT(?:ICAL)?|SEVERE|EMERG(?:ENCY)?|ALERT|PANIC"

# What stands before the message itself, each taken off as often as it comes first. `origin` is kept as a value.
# Every pattern is anchored at the beginning and bounded in length, which makes the whole linear.
HEADERS: Sequence[MaskRule] = (
    MaskRule("quote mark", r"(?:>\ ?){1,3}(?=\S)", "> > no route to host", "no route to host"),
    MaskRule("dash", r"[-|]\ {1,4}(?=\S)", "2015-07-31 19:30:07,452 - INFO  - out", "out"),
    MaskRule("stream", r"std(?:out|err)(?:\t|\s{1,4}\|)\s{0,4}", "2022-02-08 10:17:26 | stderr | no route", "no route"),
    MaskRule("compose", r"(?P<origin>[\w.@-]{1,80})\ {1,30}\|\ ", "nginx-1  | no route to host", "~nginx no route to host"),
    MaskRule(
        "RFC 5424",
        r"<\d{1,3}>1\ \S{20,35}\ \S{1,64}\ (?P<program>\S{1,48})\ \S{1,20}\ \S{1,32}\ (?:-\ |(?:\[[^\[\]\n]{1,300}\]){1,4}\ ?)?",
        '<27>1 2024-05-01T10:00:00.003Z nas postfix 123 ID47 [origin@32473 ip="10.0.0.7"] queue full',
        "@postfix queue full",
    ),
    MaskRule(
        "ISO syslog",
        # What has no process id in brackets is a program's name only where rsyslog wrote the time, or for those that never have one.
        r"\d{4}-\d\d-\d\d[T\ ](?=\S{8,22}+\ (?:[A-Z]{2,5}\ )?[\w.-]{1,64}+\ (?:[\w./@()-]{1,64}+\[\d{1,9}\]|(?:kernel|sudo|su|zed)):\ "
        rf"|\d\d:\d\d:\d\d\.\d{{6}}[+-]\d\d:\d\d\ (?!(?i:{_LEVELS})\b)[\w.-]{{1,64}}+\ [\w./@()-]{{1,64}}+:\ )"
        rf"{CLOCK}{ZONE}\ (?!(?i:{_LEVELS})\b)[\w.-]{{1,64}}+\ (?P<program>[\w./@()-]{{1,64}}+)(?:\[\d{{1,9}}\])?:\ {{1,9}}",
        "2026-03-01T00:00:10.448268+00:00 pve1 postfix/smtpd[312]: queue full",
        "@postfix queue full",
    ),
    MaskRule("syslog priority", r"<\d{1,3}>(?:\d\ )?", "<3>out of memory", "out of memory"),
    MaskRule(
        "ISO time",
        rf"[\[(]?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\ )?\d{{4}}[-/.]\d\d[-/.]\d\d(?:[T_\ :-]\ ?{CLOCK}{ZONE})?[\])]?(?:,|:(?=\s)|\ [-|])?\s{{0,9}}",
        "2024-02-03 11:20:31.112 UTC [78] FATAL:  lock lost",
        "lock lost",
    ),
    MaskRule(
        "cluster", r"-\ 1\d{9}\ \d{4}\.\d\d\.\d\d\ \S{1,40}\ ", "- 1117838570 2005.06.03 R02-M1 torus failure", "torus failure"
    ),
    MaskRule(
        "compact time",
        r"\d{8}[-T\ ](?:\d{1,2}:\d{1,2}:\d{1,2}|\d{6})(?:[:.,]\d{1,9})?Z?[|,:]?\s{0,9}",
        "20171223-22:15:29:606|Step|gone",
        "step gone",
    ),
    MaskRule(
        "spoken time",
        r"(?:-\ )?\d{1,2}/\d{1,2}/\d{4},?\ \d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?:\s[AP]M)?\s{1,9}",
        "05/01/2024, 9:00:00 AM   ERROR no database",
        "no database",
    ),
    MaskRule(
        "kitchen time",
        r"\d{1,2}:\d\d[AP]M\s{1,9}(?=(?:TRC|DBG|INF|WRN|ERR|FTL|PNC)\ )",
        "2:24AM ERR no database",
        "no database",
    ),
    MaskRule(
        "program, pid and dash",
        r"\[[A-Z][\w-]{1,30}\]\ {1,4}\d{1,9}\ {1,4}-\ {1,4}(?=\d)",
        "[Nest] 7  - 05/01/2024, 10:00:00 AM     ERROR [Api] no database",
        "~api no database",
    ),
    MaskRule("device", r"\[[A-Z0-9]{5}\]\ (?=\d)", "[U77BS] 19:17:45 WARNING: no peer", "no peer"),
    MaskRule(
        "redis",
        rf"\d{{1,9}}:[A-Z]\ \d{{1,2}}\ {MONTH}\ \d{{4}}\ {CLOCK}\ [.*\#-]\ {{1,4}}",
        "712:M 29 Nov 2026 19:13:41.906 # no socket",
        "no socket",
    ),
    MaskRule("build step", r"\#\d{1,4}\ (?:\d{1,6}\.\d{1,3}\s{1,9}|(?=ERROR))", "#12 7.451   Error: no module", "no module"),
    MaskRule("event number", r"eid=\d{1,9}\ ", "eid=42 class=checksum pool='tank'", "class checksum pool ~tank"),
    MaskRule("guest", r"\d{1,9}:\ (?=\d{4}-\d\d-\d\d\ )", "100: 2026-03-01 02:00:05 ERROR: no snapshot", "no snapshot"),
    MaskRule(
        "name and padded level",
        rf"(?P<origin>[A-Za-z][\w.-]{{1,60}}+)\ {{1,40}}(?:{_LEVELS})\ {{0,9}}:\ {{1,9}}",
        "[2023-06-14 22:22:05] watchdog.garage      ERROR   : no frames for garage",
        "~watchdog ~garage no frames for ~garage",
    ),
    MaskRule(
        "name before its level",
        rf"(?P<origin>[A-Za-z][\w.-]{{1,60}}+)\ -\ (?=(?:{_LEVELS})\ -\ )",
        "2024-05-01 10:00:00,123 - app.db - ERROR - no route",
        "~app ~db no route",
    ),
    MaskRule(
        "short date",
        rf"\[?\d\d[-/.]\d{{1,2}}(?:[-/]\d{{1,2}})?\ {CLOCK}\]?\s{{0,9}}",
        "17/06/09 20:10:42 INFO job done",
        "job done",
    ),
    MaskRule("digits date", r"\d{6}\ \d{6}\ (?:\d{1,7}\ )?", "081109 204005 35 INFO block lost", "block lost"),
    MaskRule(
        "long date",
        rf"[\[(]?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\ {{1,2}}(?:{MONTH}\ {{1,2}}\d{{1,2}}|\d{{1,2}}\ {MONTH})[\ ,]{{1,2}}"
        rf"(?:\d{{4}}\ )?{CLOCK}{ZONE}(?:\ \d{{4}})?[\])]?:?\s{{0,9}}",
        "[Sun Dec 04 04:51:08 2005] [error] child died",
        "child died",
    ),
    MaskRule(
        "PHP time",
        rf"\[?\d{{1,2}}-{MONTH}-\d{{4}}\ {CLOCK}{ZONE}\]?:?\s{{0,9}}",
        "[30-Jan-2020 01:08:09 UTC] no route",
        "no route",
    ),
    MaskRule(
        "common log time",
        rf"\[?\d\d/{MONTH}/\d{{4}}[:\ ]{CLOCK}{ZONE}\]?:?\s{{0,9}}",
        "[10/Oct/2000:13:55:36 -0700] refused",
        "refused",
    ),
    MaskRule(
        "syslog",
        rf"{MONTH}\ {{1,2}}\d{{1,2}}\ (?:\d{{4}}\ )?{CLOCK}\ (?:[\w./-]{{1,64}}\ )?(?P<program>[\w./@()-]{{1,64}})(?:\[\d{{1,9}}\])?[:;]\s{{1,9}}",
        "Jul 27 14:41:58 nas kernel: disk gone",
        "@kernel disk gone",
    ),
    MaskRule("kernel", r"kernel:\s{1,9}", "kernel: [881231.123] disk gone", "disk gone"),
    MaskRule("journal time", rf"{MONTH}\ {{1,2}}\d{{1,2}}\ {CLOCK}\ ?", "Jul 27 14:41:58 disk gone", "disk gone"),
    MaskRule("clock", rf"\[?{CLOCK}\]?(?:\ -)?\s{{0,9}}", "[20:10:42] disk gone", "disk gone"),
    MaskRule(
        "epoch", r"\[?1[0-9]{9}(?:[0-9]{3})?(?:\.\d{1,9})?\]?:?\s{1,9}", "[1731970001] validation failure", "validation failure"
    ),
    MaskRule("kernel time", r"\[\ {0,9}\d{1,9}\.\d{1,9}\]\s{0,9}", "[881231.123] disk gone", "disk gone"),
    MaskRule(
        "klog",
        r"[IWEF]\d{4}\ \d\d:\d\d:\d\d\.\d{6}\ {1,9}\d{1,9}\ (?P<origin>[\w.]{1,64}):\d{1,6}\]\ ",
        "E0520 10:11:12.123456    1 sync.go:12] no pod",
        "~sync.go no pod",
    ),
    MaskRule(
        "android pids", r"\d{1,6}\ {1,6}\d{1,6}\ (?=[VDIWEF]\ )", "03-17 16:13:38.811  1702  2395 D Window: gone", "window gone"
    ),
    MaskRule("containerd", r"std(?:out|err)\ [FP]\ ", "2024-05-01T10:00:00.123456789Z stderr F no route", "no route"),
    MaskRule(
        "arr level",
        r"\|(?:Trace|Debug|Info|Warn|Error|Fatal)\|(?P<origin>[\w.]{1,40})\|",
        "19-2-3 13:34:32.7|Error|CommandExecutor|task gone",
        "~CommandExecutor task gone",
    ),
    MaskRule(
        "name and level",
        r"(?P<origin>[A-Za-z][\w-]{1,30}):(?:error|warn|info|debug)\s{1,3}(?=\d{4}-)",
        "Zigbee2MQTT:error 2021-06-17 11:42:06: no adapter",
        "~ZigbeeMQTT no adapter",
    ),
    MaskRule(
        "program before its level",
        r"(?P<program>[a-z][\w-]{1,30}):\ (?=\[(?:emerg|alert|crit|error|warn|notice|info)\])",
        "nginx: [emerg] no host",
        "@nginx no host",
    ),
    MaskRule(
        "source line",
        r"(?P<origin>[\w./@-]{1,60}\.go):\d{1,6}:\w{1,60}\(\)\s\[[TDIWEF]\]\s",
        "2020/05/31 15:34:58 routers/init.go:72:initDBEngine() [E] no engine",
        "~routers ~init.go no engine",
    ),
    MaskRule("spring", r"\d{1,7}\ ---\ ", "2024-05-01 10:00:00.123 ERROR 1 --- [main] no route", "~main no route"),
    MaskRule(
        "padded level", r"(?:Info|Error|Warning|Fatal|Debug)\s{2,30}", "2016-09-28 04:30:30, Info    CBS loaded", "cbs loaded"
    ),
    MaskRule(
        "braced origin",
        r"\{(?P<origin>[\w.:-]{1,60})\}\s{1,9}",
        "[2024-05-01 10:00:00,123] {job.py:11} ERROR - Task gone",
        "~job.py task gone",
    ),
    MaskRule("one letter level", r"[VDIWEF]\ (?=\S)", "03-17 16:13:38.811 E gone", "gone"),
    MaskRule("go level", r"(?:INF|WRN|ERR|FTL|DBG|TRC|PNC)\s{1,9}", "2025-11-11T11:11:11Z ERR no route", "no route"),
    MaskRule(
        "level",
        rf"[\[(<|]?(?:{_LEVELS}|FTL|WRN|INF|DBG|LOG(?=:\ |\ {{1,9}}\[))"
        r"(?:[\])>|]{1,2}:?\s{0,9}|\s{0,4}:\s{0,9}|\s{1,9}-?\s{0,9}(?!\d{1,5}\ \())",
        "ERROR: service failed",
        "service failed",
    ),
    MaskRule(
        "small level",
        r"(?:\[(?:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|emerg|fatal|panic|Error|Warn(?:ing)?|Fatal|Info|Debug)\]:?"
        r"|(?:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|emerg|fatal|Error|Fatal|Warning|Info):)\s{1,9}",
        "[error] child died",
        "child died",
    ),
    MaskRule("nginx worker", r"\d{1,9}\#\d{1,9}:\ (?:\*\d{1,12}\ )?", "31#31: *102 connect() failed", "connect failed"),
    MaskRule(
        "program and pid",
        r"(?P<program>[\w./@()-]{1,64})\[\d{1,9}(?:[:.]\d{1,9})?\][:;]?\s{1,9}",
        "systemd[1]: unit failed",
        "@systemd unit failed",
    ),
    MaskRule(
        "program, blanks and pid",
        rf"(?P<program>[a-z][\w.-]{{1,40}}+)\ {{1,20}}\[\d{{1,9}}\]:\ {{1,9}}(?=(?:{_LEVELS})\b)",
        "2026-03-01 02:00:05,123 fail2ban.actions        [312]: NOTICE  [sshd] Ban lost",
        "~sshd @fail2ban ban lost",
    ),
    MaskRule(
        "pid",
        r"\[\d{1,9}(?:[:.]\d{1,9})?\]:?\s{0,9}|(?:-\ )?\d{1,7}\ (?=(?:TRACE|DEBUG|INFO|WARN|ERR|FATAL|CRIT))",
        "[78] lock lost",
        "lock lost",
    ),
    MaskRule(
        "log file",
        r"(?P<origin>[\w-]{1,40})\.log(?:\.\d{1,3})?\.[\w:-]{1,40}\s{1,9}",
        "api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:57.129 out",
        "~api out",
    ),
    MaskRule(
        "thread",
        r"\((?P<origin>[\w.\ #-]{1,40})\)\s{1,9}",
        "2025-10-10 02:11:09.123 ERROR (MainThread) no module",
        "~MainThread no module",
    ),
    MaskRule(
        "bracketed origin",
        r"\[(?P<origin>[^\[\]\n]{1,60}(?:\[[^\[\]\n]{0,20}\][^\[\]\n]{0,60})?)\]:?\s{0,9}(?:-\s{1,9})?",
        "2025-10-10 02:11:09 [http.server] gone",
        "~http ~server gone",
    ),
)

# These two are headers only after another one, or at the end of nothing: `(void) x` and `[Errno 2]` are messages.
ONLY_AFTER_A_TIME = frozenset(
    {
        "thread",
        "bracketed origin",
        "one letter level",
        "android pids",
        "dash",
        "padded level",
        "braced origin",
        "name and padded level",
        "name before its level",
    }
)


def _added(name: str, loaded: object) -> Sequence[MaskRule]:
    """The headers that a plugin adds. Raises ValueError."""
    del name
    rules = [loaded] if isinstance(loaded, MaskRule) else loaded
    if not isinstance(rules, list | tuple) or not all(isinstance(rule, MaskRule) for rule in rules):
        raise ValueError("is no MaskRule of kb.logs.headers, and no list of them")
    for rule in rules:
        try:
            found = re.compile(rule.pattern, re.VERBOSE).match(rule.example)
        except re.error as error:
            raise ValueError(f"the pattern of {rule.name} is wrong: {error}") from None
        if not found or not 0 < found.end() < len(rule.example):
            raise ValueError(
                f"the header {rule.name} should take something from the beginning of its example, and leave the message"
            )
        if found.re.groups != len(found.re.groupindex) or not found.re.groupindex.keys() <= {"origin", "program"}:
            raise ValueError(f"the header {rule.name} may have the groups origin and program, and no others")
        if not _stands_among_others(rule, found.end()):
            raise ValueError(
                f"the header {rule.name} has flags, or refers to a group: it should mean the same among other patterns"
            )
    return rules


def _stands_among_others(rule: MaskRule, end: int) -> bool:
    """Whether the pattern takes the same from its example when it is one of many."""
    try:
        many = re.compile(f"(?P<h0>(?P<o0>\\0)\\0)|{_named(rule.pattern, 1)}|(?P<h2>\\0)", re.VERBOSE)
    except re.error:
        return False
    match = many.match(rule.example)
    return match is not None and match.end() == end


TABLES: Table[Sequence[MaskRule]] = Table("kb.log_headers", {"kb": HEADERS}, _added)


@cache
def all_headers() -> tuple[MaskRule, ...]:
    """kb's own headers, and then those of plugins."""
    return tuple(rule for rules in TABLES.values() for rule in rules)


@cache
def _headers() -> re.Pattern[str]:
    """All header rules in one pattern, those that need another header before them last."""
    headers = all_headers()
    rows = sorted(range(len(headers)), key=lambda i: headers[i].name in ONLY_AFTER_A_TIME)
    return re.compile("|".join(header_pattern(i) for i in rows), re.VERBOSE)


def header_pattern(i: int) -> str:
    """One header rule with the names that its groups have among all of them."""
    return _named(all_headers()[i].pattern, i)


def _named(pattern: str, i: int) -> str:
    named = pattern.replace("(?P<origin>", f"(?P<o{i}>").replace("(?P<program>", f"(?P<p{i}>")
    return f"(?P<h{i}>{named})"


def without_headers(line: str) -> tuple[str, str, str, bool]:
    """(program, origin, the message, whether there was a header)."""
    program, origins, start, stamped = "", [], 0, False
    groups = _headers().groupindex
    for _ in range(12):
        match = _headers().match(line, start)
        if not match or match.end() == start or match.end() >= len(line):
            break
        row = str(match.lastgroup)[1:]
        if not stamped and all_headers()[int(row)].name in ONLY_AFTER_A_TIME:
            break
        if f"o{row}" in groups and (origin := match[f"o{row}"]):
            origins.append(origin)
        if f"p{row}" in groups and not program:
            program = match[f"p{row}"]
        start, stamped = match.end(), True
    return program, " ".join(origins), line[start:], stamped


NAME = re.compile(r"[^\W\d][\w-]*")
