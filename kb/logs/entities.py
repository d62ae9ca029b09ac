"""Hints: where and when the lines of a log say that it happened, each a guess with its reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from .excerpt import pick
from .fingerprint import program_name
from .log_reader import MAX_LINE_BYTES, Log


@dataclass(frozen=True)
class Hint:
    """A guess, with the rule that made it and the line it was made from, so that it can be shown as one."""

    value: str
    rule: str
    line: str


@dataclass(frozen=True)
class Hints:
    """What the picked lines of a log say about where and when it happened; empty where they don't."""

    services: tuple[Hint, ...] = ()  # containers, units and programs; the one that most lines name first
    hosts: tuple[Hint, ...] = ()
    began: Hint | None = None  # the moment of the first picked line that carries one, to the minute, in the user's time zone


_CLOCK = r"(?P<clock>\d\d:\d\d:\d\d)(?:[.,]\d{1,9})?"
_ZONE = r"(?:\ ?(?P<zone>Z\b|UTC\b|[+-]\d\d:?\d\d\b))?"
_MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"

# Where a line's own time stands: at its beginning, below a compose prefix or a priority; or under its key in a record.
_FIRST = r"^(?:[\w.@-]{1,80}\ {1,30}\|\ )?(?:<\d{1,3}>(?:1\ )?)?[\[(]?"
_KEY = r"\b(?:time|ts|timestamp|asctime)\"?[=:]\ ?\"?"

# (rule, pattern, an example, what it finds). Groups: service, host.
NAMES: Sequence[tuple[str, str, str, str]] = (
    ("compose prefix", r"^(?P<service>[a-z0-9][\w.-]{0,80})\ {1,30}\|\ ", "nginx-1  | no route", "nginx"),
    (
        "syslog",
        rf"^(?:<\d{{1,3}}>)?{_MONTH}\ {{1,2}}\d{{1,2}}\ {_CLOCK}\ (?P<host>[\w.-]{{1,64}})\ (?P<service>[\w./-]{{1,64}})(?:\([\w-]{{1,20}}\))?(?:\[\d{{1,9}}\])?:\ ",
        "Jul 27 14:41:58 nas smbd[7]: no share",
        "smbd @nas",
    ),
    (
        "journal",
        r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S{0,20}\ (?P<host>[\w.-]{1,64})\ (?P<service>[\w./-]{1,64})(?:\[\d{1,9}\]|(?<=\ kernel)):\ ",
        "2026-11-20T01:02:03.448268+01:00 nas postfix/smtpd[7]: no share",
        "postfix @nas",
    ),
    (
        "RFC 5424",
        r"^<\d{1,3}>1\ \S{20,35}\ (?P<host>[\w.-]{1,64})\ (?P<service>[\w./-]{1,48})\ \S{1,20}\ \S{1,32}\ ",
        "<27>1 2024-05-01T10:00:00.003Z nas postfix 123 - - queue full",
        "postfix @nas",
    ),
    ("unit", r"(?<![\w/.-])(?P<service>[A-Za-z][\w.-]{0,60}?)(?:@[\w.-]{0,60})?\.service\b", "caddy.service: exited", "caddy"),
    (
        "container",
        r"\b[Cc]ontainer\ \"?/?(?P<service>[a-z0-9][\w.-]{1,80}?)\"?\ {1,3}(?:is|has|was|exited|failed|Error|Exited|Starting|Restarting)\b",
        "dependency failed to start: container lab-db-1 is unhealthy",
        "lab-db",
    ),
    (
        "container",
        r"\bcontainer(?:_name|Name)?\"?[=:]\ ?\"?/?(?P<service>[a-z][\w.-]{1,80})",
        'container="gitea" gone',
        "gitea",
    ),
    ("container", r"^(?P<service>[a-z0-9][\w.-]{1,80})\ exited\ with\ code\ ", "tv-1 exited with code 1", "tv"),
    (
        "endpoint",
        r"\bon\ endpoint\ (?P<service>[a-z0-9][\w.-]{1,80})\ \(",
        "connectivity on endpoint pihole (4f1c): bind",
        "pihole",
    ),
    (
        "pod",
        r"\bpods?[/=\ :]{1,2}\"?(?:[a-z0-9-]{1,60}/)?(?P<service>[a-z][a-z0-9-]{0,60}?)(?:-[a-f0-9]{6,10}-[a-z0-9]{5}|-\d{1,3})(?![\w-])",
        'pod="media/jellyfin-7d9f8b6c5d-x2x4z" failed',
        "jellyfin",
    ),
    ("record", r"\"(?:service|app|app_name)\":\ ?\"(?P<service>[A-Za-z][\w.-]{0,60})\"", '{"service":"immich"}', "immich"),
    ("record", r"\"host(?:name)?\":\ ?\"(?P<host>[A-Za-z][\w.-]{0,60})\"", '{"hostname":"nas"}', "@nas"),
    # Weaker than all above: asked only when they found no service.
    (
        "path",
        r"(?<![\w.])/(?:etc|opt|srv|var/(?:log|lib|lib/docker/volumes)|config)/(?P<service>[a-z][a-z0-9-]{2,40})(?=[/_.]|\.log)",
        "open /var/lib/grafana/grafana.db: denied",
        "grafana",
    ),
)

# Rules that find the name of a program as syslog has it.
OF_A_PROGRAM = frozenset({"syslog", "journal", "RFC 5424"})

# They write of what others do, or are folders of everybody.
_NO_SERVICES_TEXT = (
    "kernel systemd init dockerd docker containerd docker-compose podman cron crond sudo su login audit auditd systemd-logind "
    "systemd-journald journal ssl ssh certs log lib data media config app apps stacks compose volumes systemd-networkd overlay2 "
    "pam default local user id the a with python3 python node java"
)
NO_SERVICES = frozenset(_NO_SERVICES_TEXT.split())

# (rule, pattern, an example, what it finds, asked in 2026 in UTC).
TIMES: Sequence[tuple[str, str, str, str]] = (
    (
        "ISO time",
        rf"(?:{_FIRST}|{_KEY}|^\ *[\w.:-]{{0,60}}\ )(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)[T\ _]{_CLOCK}{_ZONE}",
        "app-1  | 2026-11-20T01:09:44.5+01:00 ERROR no lamp",
        "2026-11-20T00:09+00:00",
    ),
    (
        "nginx time",
        rf"{_FIRST}(?P<year>\d{{4}})/(?P<month>\d\d)/(?P<day>\d\d)\ {_CLOCK}{_ZONE}",
        "2026/04/24 01:07:44 [error] 9#9: no route",
        "2026-04-24T01:07+00:00",
    ),
    (
        "common log time",
        rf"\[(?P<day>\d\d)/{_MONTH}/(?P<year>\d{{4}}):{_CLOCK}{_ZONE}\]",
        '10.0.0.9 - - [20/Nov/2026:01:09:00 +0100] "GET / HTTP/1.1" 502',
        "2026-11-20T00:09+00:00",
    ),
    (
        "long date",
        rf"{_FIRST}(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\ {_MONTH}\ {{1,2}}(?P<day>\d{{1,2}})\ {_CLOCK}\ (?P<year>\d{{4}})",
        "[Sun Dec 04 04:51:08 2005] [error] child died",
        "2005-12-04T04:51+00:00",
    ),
    (
        "syslog time, its year guessed",
        rf"{_FIRST}{_MONTH}\ {{1,2}}(?P<day>\d{{1,2}})\ {_CLOCK}\ ",
        "Dec 31 23:59:01 nas kernel: disk gone",
        "2025-12-31T23:59+00:00",
    ),
    (
        "klog time, its year guessed",
        rf"{_FIRST}[EWF](?P<month>\d\d)(?P<day>\d\d)\ {_CLOCK}\ ",
        "E0520 10:11:12.123456    1 sync.go:12] no pod",
        "2026-05-20T10:11+00:00",
    ),
    (
        "epoch",
        rf"(?:{_FIRST}|{_KEY})(?P<epoch>1\d{{9}})(?:\d{{3}}|\.\d{{1,9}})?(?![\w.])",
        "[1731970001] gone",
        "2024-11-18T22:46+00:00",
    ),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.VERBOSE)


def hints(log: Log | str, now: datetime) -> Hints:
    """Where and when the picked lines of a log say it happened. Guesses, each with its reason: show them as such.

    `now` has the user's time zone, which also serves for times that are written without one; a year that is not written is
    the last in which that day was no future.
    """
    picked = [line[:MAX_LINE_BYTES] for line in pick(log)]
    services = _named(picked, "service", [row for row in NAMES if row[0] != "path"])
    return Hints(
        services or _named(picked, "service", NAMES),
        _named(picked, "host", NAMES),
        next((moment for line in picked if (moment := _moment(line, now))), None),
    )


def _named(lines: Sequence[str], group: str, rules: Sequence[tuple[str, str, str, str]]) -> tuple[Hint, ...]:
    """What the rules find in the lines, the most often named first."""
    found: dict[str, Hint] = {}
    often: Counter[str] = Counter()
    for line in lines:
        for rule, pattern, _, _ in rules:
            if f"(?P<{group}>" not in pattern:
                continue
            for match in _compiled(pattern).finditer(line):
                name = match[group]
                if group == "service":
                    name = _tidy(program_name(name) if rule in OF_A_PROGRAM else name)
                if name and name not in NO_SERVICES:
                    found.setdefault(name, Hint(name, rule, line))
                    often[name] += 1
    return tuple(sorted(found.values(), key=lambda hint: -often[hint.value]))


def _tidy(name: str) -> str:
    """`/usr/sbin/smbd` → smbd, `lab-db-1` → lab-db: the name without its folder and the number of its container."""
    return re.sub(r"[-_]\d{1,3}$", "", name.rpartition("/")[2]).strip("-_.").lower()


def _moment(line: str, now: datetime) -> Hint | None:
    for rule, pattern, _, _ in TIMES:
        if match := _compiled(pattern).search(line):
            try:
                moment = _read_moment(match.groupdict(), now).astimezone(now.tzinfo)
            except (ValueError, OverflowError):  # the 31st of June
                continue
            return Hint(moment.isoformat(timespec="minutes"), rule, line)
    return None


def clock_in(line: str) -> str:
    """The time of day that a line carries, as it was written, to the minute; empty without one."""
    for _, pattern, _, _ in TIMES:
        if (match := _compiled(pattern).search(line)) and (clock := match.groupdict().get("clock")):
            return clock[:5]
    return ""


def _read_moment(parts: Mapping[str, str | None], now: datetime) -> datetime:
    """The moment that the groups of a row of TIMES name. Raises ValueError when there is no such day."""
    if epoch := parts.get("epoch"):
        return datetime.fromtimestamp(int(epoch), UTC)
    zone = parts.get("zone") or ""
    written = parts["month"] or ""
    month = _MONTHS.index(written) + 1 if written in _MONTHS else int(written)
    day, clock = int(parts["day"] or 0), time.fromisoformat(parts["clock"] or "")
    tz = UTC if zone in ("Z", "UTC") else datetime.strptime(zone.replace(":", ""), "%z").tzinfo if zone else now.tzinfo
    year = int(parts.get("year") or now.year)
    moment = datetime.combine(date(year, month, day), clock, tz)
    if not parts.get("year") and moment > now + timedelta(days=1):
        moment = datetime.combine(date(year - 1, month, day), clock, tz)
    return moment
