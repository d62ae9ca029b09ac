"""JSON, logfmt and journal records: the message that a structured line holds."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .ansi import without_ansi
from .headers import NAME

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


def said_in_structure(text: str) -> list[str]:
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
    if not isinstance(record, dict):
        return ""
    said = _said_in_record(record)
    program = as_text(record.get("SYSLOG_IDENTIFIER"))
    return f"{program}[1]: {said}" if said and PROGRAM.match(program) else said


# What journald names the program that wrote a record.
PROGRAM = re.compile(r"[\w./@()-]{1,64}$")


def as_text(value: object) -> str:
    """A record's value as text, without colours. journald writes what holds such signs as a list of the numbers of its bytes."""
    if isinstance(value, list) and value and all(type(byte) is int and 0 <= byte < 256 for byte in value):
        value = bytes(value).decode("utf-8", "replace")
    return without_ansi(value) if isinstance(value, str) else ""


def _said_in_record(record: Mapping[str, object], depth: int = 0) -> str:
    """The message of a record and its causes, those in records within it too; a cause of several lines on lines of its own."""
    said = next((value for key in MESSAGE_KEYS if (value := as_text(record.get(key)))), "")
    for key in (*CAUSE_KEYS, *RECORD_KEYS):
        cause = record.get(key)
        if isinstance(cause, dict):
            cause = _said_in_record(cause, depth + 1) if depth < 3 else ""
        elif key in RECORD_KEYS:
            continue
        if cause := as_text(cause):
            said += f"\n{cause}" if "\n" in cause else f": {cause}" if said else cause
    return said.strip()


RECORD_KEYS = ("fields", "data", "message", "msg", "log")

LOGFMT = re.compile(r"(?P<key>[\w.@/-]{1,60}+)=(?P<value>\"(?>(?:[^\"\\]|\\.)*)\"|[^\s\"]\S*+)")
LOGFMT_SIGN = re.compile(r"\b(?:msg|message|error|err|event|reason|level|lvl)=(?=\S)")
FEWEST_PAIRS = 3  # of a line that begins with one, and names neither a level nor a message
MOST_WORDS_BESIDE = 2  # a line that says more beside its pairs is a sentence with values in it


def _said_in_logfmt(text: str) -> str:
    pairs = LOGFMT.findall(text)
    found = {key: value[1:-1].replace('\\"', '"').replace("\\n", " ") if value[:1] == '"' else value for key, value in pairs}
    if not found.keys() & {"level", "lvl", "msg"} and (len(pairs) < FEWEST_PAIRS or not LOGFMT.match(text)):
        return ""
    if sum(1 for word in LOGFMT.sub("", text).split() if NAME.search(word)) > MOST_WORDS_BESIDE:
        return ""
    said = _said_in_record(found)
    if not said:
        return ""
    rest = " ".join(
        f"{k}={v}" for k, v in found.items() if k not in _QUIET_KEYS and k not in MESSAGE_KEYS and k not in CAUSE_KEYS
    )
    return f"{said} {rest}".strip()
