"""The line of an error that says most of what happened: a title, a row of a list and a layer speak of that one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .background import TELLING
from .fingerprint import signature_of
from .messages import Message, messages
from .stack_traces import is_frame
from .telling import REQUEST, is_advice, is_quiet, specific_words
from .trouble import CLEAR, trouble_of


def event_of(text: str) -> str:
    """What the most telling line of an error says, without its header: the event itself, not its trace, not what sums it up."""
    said = [message for message in messages(text) if message.text.strip()]
    thrown = _thrown([message.text for message in said])
    return max(enumerate(said), key=lambda row: (row[0] == thrown, _telling(row[1]), -row[0]), default=(0, _NOTHING))[
        1
    ].text.strip()


_NOTHING = Message("", "", "", "", False)


def _thrown(said: Sequence[str]) -> int:
    """The place of the exception that ends the last of Python's tracebacks; -1 without one."""
    begins = max((i for i, text in enumerate(said) if text.startswith("Traceback (")), default=len(said))
    return next((i for i in range(begins + 1, len(said)) if _EXCEPTION.match(said[i]) and not is_frame(said[i])), -1)


_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(?::\s|$)")


def _telling(message: Message) -> tuple[bool, bool, float, bool, bool]:
    """How much a message says of what happened."""
    line, said = message.line, message.text
    trouble = trouble_of(line)
    in_a_trace = (
        is_frame(line.lstrip()) or (line[:1].isspace() and trouble < CLEAR) or _CODE_OF_A_PROGRAM.search(said) is not None
    )
    plain = tuple(token.lower() for token in signature_of(message).split() if token[0] not in "<~@")
    specific = bool(specific_words(plain)) and not is_quiet(line)
    return (
        trouble >= TELLING and not in_a_trace and not is_advice(line),
        specific and not _SUMS_UP.match(said),
        min(trouble, CLEAR),
        REQUEST.search(line) is None,
        said.startswith("Caused by") or trouble > CLEAR,
    )


_CODE_OF_A_PROGRAM = re.compile(r";\s*(?://.*)?$|^\s*[\^~]+\s*$")
_SUMS_UP = re.compile(
    r"(?:npm ERR! )?(?:\w+ )?(?:code|errno|syscall|path)\b\W{0,3}\S+$"
    r"|(?:[\w-]+: )?(?i:error while|failed to|could not|unable to) (?i:start|run|load|initiali[sz]e|launch|boot)\w* \S+$"
)

# ---- the cause, as a title says it -----------------------------------------------------------------------------------

# What stands before a message and is no part of it: a level, a logger, the folder of an exception's class, the position in a file.
_BEFORE = re.compile(
    r"(?:(?i:fatal|error|err|critical|crit|warning|warn|severe|panic|alert|emerg|exception|uncaught|unhandled|caused by)\b(?: error)?\s*[:\]|>!-]+\s*"
    r"|(?:[\w.-]{1,30}\s+)?(?:ERROR|FATAL|CRITICAL|ERR|SEVERE|WARN|WARNING|PANIC)\s+(?!\d)|(?:\d+ )?\[[\w .:/#@-]{1,60}\]:?\s+|(?<!\w)[a-z][\w$-]*(?:\.[\w$-]+){2,}(?::|\s-)\s+"
    r"|npm ERR! |[A-Z]{2,5}!\s+|-+\s+|\*\d+\s+)",
)
_PACKAGE = re.compile(r"\b(?:[a-z_][\w$]*\.){1,9}(?=[A-Z][\w$]*(?:Error|Exception|Fault|NotFound|Exist)?:)")
_BEHIND = re.compile(
    r",? (?:client|peer|remote[_ ]addr|rip|request[_ ]id|trace[_ ]id|req[_ ]id|pid|tid|uid)[=:] ?.*$|\s+\(errno=\d+\)$"
)

# Of one day alone: times, ids, durations, sizes, what counts.
_OF_A_DAY = re.compile(
    r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\b\d\d:\d\d:\d\d(?:[.,]\d+)?"
    r"|\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b|\b0x[0-9a-fA-F]{5,}\b|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{12,}\b"
    r"|\b(?:pid|PID|tid|process|thread|fd|attempt|try|sector|inode|seq|lsn) ?[=:#]? ?\d+\b(?:/\d+)?"
    r"|(?<![\w./:-])(?:\d+\.\d{3,}s?|\d+(?:\.\d+)?(?:ms|µs|us|ns)|\d{6,}(?: bytes)?)(?![\w./-])"
)
_LEFT = re.compile(r"(?<=\s)\(\s*(?:[,;:]\s*)*\)|\[\s*\]|(?<=\s)\w+=(?=\s|$)")


def said_by(message: str) -> str:
    """A message in one row, without the level, the logger and the package of an exception before it, and the client behind it."""
    text = _PACKAGE.sub("", " ".join(message.split()))
    while (found := _BEFORE.match(text)) and found.end() < len(text):
        text = text[found.end() :]
    return _BEHIND.sub("", text)


def cause_in(message: str, columns: int) -> str:
    """What a message says of the cause, in at most so many characters: without the level and the logger before it, the client
    behind it, and what was so on that day alone. Of a long one the end after its last colon is kept, which says why."""
    text = said_by(message)
    text = _LEFT.sub("", _OF_A_DAY.sub("", text))
    text = re.sub(r"\s+([,;:.)\]])", r"\1", re.sub(r"\s{2,}", " ", text))
    return elided(text.strip(" :;,.-|=>"), columns) or elided(message, columns)


def elided(text: str, columns: int) -> str:
    """A text in at most so many characters: its beginning, and the end after the last colon, which says why."""
    if len(text) <= columns:
        return text
    end = _end(text, columns * 2 // 3)
    begin = text[: columns - len(end) - 3]
    if end:
        return f"{begin.rsplit(' ', 1)[0] if ' ' in begin[8:] else begin} … {end}"
    return f"{text[: columns - 2].rsplit(' ', 1)[0]} …"


def _end(text: str, most: int) -> str:
    """The end behind a colon, as much as fits: of `a: b: c` rather `b: c` than `c`, and whole brackets."""
    ends = [found.end() for found in re.finditer(r":\s+", text) if not _NAMES_A_VALUE.search(text[: found.start()])]
    for start in ends:
        opened = text.rfind("(", 0, start)
        start = opened if ")" in text[start:] and text.find(")", opened, start) < 0 <= opened else start
        if SHORTEST_END <= len(text) - start <= most:
            return text[start:]
    return ""


SHORTEST_END = 5
_NAMES_A_VALUE = re.compile(r", \w+$")  # `…, upstream: "http://…"`
