"""A log as messages: lines that belong together, unwrapped, without colours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from .ansi import without_ansi
from .headers import without_headers
from .stack_traces import is_frame
from .structured_lines import said_in_structure

# Longer messages are cut: what tells an error from another stands at its beginning, or in the cause at its end.
MAX_LINE = 2_000
HEAD, TAIL = 1_500, 450


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
            yield from _said_in("".join(pieces).strip())
            yield from _said_in(" ".join(piece.strip() for piece in pieces))
        for piece in pieces:
            yield from _said_in(piece.strip())
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
        and not without_headers(following)[3]
    )


# A line that begins so is one of its own: a frame, a field, or an exception with its qualified name.
NEVER_CONTINUES = re.compile(
    r"(?:at|in|by|from|on|caused|with|created|File|line)[ :]|[\w.-]{1,40}(?:[:=|]|\s*\|)|[\w.$]{1,200}(?:Exception|Error)\b|(?:[a-z]\w*[./]){2,20}\w+:"
)


def unwrap(line: str) -> Message:
    """What one line says, its wrappers taken off; of a record that says several things, the first."""
    return next(iter(_said_in(line.rstrip())), Message(line, "", "", "", False))


@lru_cache(20_000)
def _said_in(line: str) -> tuple[Message, ...]:
    """What one line says. Kept: the lines of a log are asked for, weighed and picked, and each of these reads them."""
    return tuple(_unwrapped(line))


def _unwrapped(line: str, depth: int = 0) -> Iterator[Message]:
    program, origin, text, stamped = without_headers(_straight(line))
    for said in said_in_structure(text):
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
