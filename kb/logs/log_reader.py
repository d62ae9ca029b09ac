"""Reads a log of any size: what is kept of it, within bounds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from math import log2

from .log_formats import readable

# A log is kept as it is up to here; of a larger one, one line of each kind, and of those the ones that matter.
KEPT_BYTES = 1_000_000
KEPT_LINES = 6_000
MAX_KINDS = 400_000
MAX_LINE_BYTES = 4_000
PICKED_LINES = 20


@dataclass(frozen=True)
class Log:
    """A log that was read: how much of it there was, and what was kept of it, in its order."""

    lines_read: int
    bytes_read: int
    text: str
    binary: bool = False  # it is no text, and nothing was kept
    cut_short: bool = False  # it was compressed, and ends too early
    nul_bytes: int = 0  # that were dropped: a program wrote on behind the end of a file that was emptied

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing but blanks."""
        return not self.binary and not self.text.strip()


# Lines that differ only in these are of one kind: what counts, times, ids, and the blanks between.
_DIGITS = b"0123456789"
_VOLATILE = _DIGITS + b"abcdefABCDEF.:-+,/[](){}'\"=_#*| \t"


def read_log(stream: Iterable[bytes], known: Callable[[], Iterable[str]] | None = None) -> Log:
    """Read a log from chunks of bytes of any size (lines are fine), in bounded memory.

    A small log is kept whole. Of a large one, lines that differ only in digits are kept once; when that is still much, those
    that look like errors or share words with `known()`, the texts of the known errors, which is called only then.
    What is compressed is unpacked, and records of Docker and journald become lines (kb.log_formats). NULs are dropped. Stops early
    when the input is binary. Raises CannotUnpack.
    """
    reading = _Reading(known)
    for lines in _chunks_of_lines(readable(stream, reading.is_cut_short), reading):
        reading.add(lines)
    if reading.binary:
        return Log(reading.lines_read, reading.bytes_read, "", True)
    return Log(reading.lines_read, reading.bytes_read, reading.text(), False, reading.cut_short, reading.nul_bytes)


def _chunks_of_lines(stream: Iterable[bytes], reading: _Reading) -> Iterator[bytes]:
    """Whole lines, many at a time; of a line that doesn't end, the beginning."""
    rest = b""
    for chunk in stream:
        reading.bytes_read += len(chunk)
        if b"\0" in chunk:
            chunk = reading.without_nul(chunk)
            if reading.binary:
                return
        whole, newline, tail = chunk.rpartition(b"\n")
        if newline:
            yield rest + whole
            rest = tail
        elif len(rest) < 2 * MAX_LINE_BYTES:
            rest += tail
    if rest:
        yield rest


# Signs that no text holds but by accident: all controls but those that move the cursor or begin a colour.
_CONTROLS = bytes([*range(1, 8), *range(14, 27), *range(28, 32), 127])


def is_binary(data: bytes) -> bool:
    """Whether bytes without their NULs are no text: one in twenty is a control, or one in ten no UTF-8."""
    sample = data[:8_192]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls * 20 > len(sample) or sample.decode("utf-8", "replace").count("\ufffd") * 10 > len(sample)


# Codes tell errors apart that differ in nothing else: `exited with code 137` is another matter than `exited with code 1`.
CODES = (
    r"(?:\b(?:[Ee]xit(?:ed)?|EXIT|[Ss]tatus|STATUS|[Cc]ode|CODE|[Ee]rrno|[Ss]ignal|rc|[Ee]rror|ERROR|HTTP/\d\.\d\")[\ =:#(\[]{1,3}"
    r"|_code\"?[\ =:]{1,2}|\((?=\d{1,5}:\ )|\b[A-Z]{2,8}-(?=\d)|SQLSTATE\[)(-?\w{1,6})"
)
MOST_CODES = 50  # of one kind of line


class _Reading:
    """What was read so far: at first every line, then one of each kind, then the best of those."""

    def __init__(self, known: Callable[[], Iterable[str]] | None) -> None:
        self.known = known
        self.interest: _Interest | None = None
        self.lines_read = self.bytes_read = self.size = 0
        self.nul_bytes = 0
        self.binary = self.cut_short = False
        self.kept: list[tuple[int, bytes]] = []
        self.kinds: set[int] = set()
        self.coded: dict[int, int] = {}  # kinds of lines that hold a code, and how many of them were met
        self.folding = False

    def is_cut_short(self) -> None:
        """What was read was compressed, and its end is missing."""
        self.cut_short = True

    def without_nul(self, chunk: bytes) -> bytes:
        """A chunk without its NULs, which are counted; marks as binary what is no text without them."""
        text = chunk.translate(None, b"\0")
        self.nul_bytes += len(chunk) - len(text)
        self.binary = is_binary(text)
        return text

    def add(self, lines: bytes) -> None:
        """Take in whole lines, joined by newlines."""
        rows = lines.split(b"\n")
        first = self.lines_read
        self.lines_read += len(rows)
        if not self.folding:
            self._keep((first + i, row) for i, row in enumerate(rows))
            if self.size > KEPT_BYTES:
                self._fold()
            return
        kinds = lines.translate(None, _DIGITS if self.interest is None else _VOLATILE).split(b"\n")
        new = []
        seen, coded = self.kinds, self.coded
        for i, kind in enumerate(kinds):
            mark = hash(kind)
            if (mark not in seen or mark in coded) and self._is_new(mark, rows[i]):
                new.append((first + i, rows[i]))
        if len(seen) > MAX_KINDS:
            self.kinds, self.coded = set(), {}
        self._keep(new)
        if self.size > 2 * KEPT_BYTES:
            self._choose()

    def _is_new(self, mark: int, row: bytes) -> bool:
        """Whether a line is the first of its kind, or of its kind the first with its codes."""
        seen, coded = self.kinds, self.coded
        first = mark not in seen
        seen.add(mark)
        if not first and mark not in coded:
            return False
        codes = _codes().findall(row[:MAX_LINE_BYTES])
        if not codes:
            return first
        exact = hash((mark, *codes))
        if exact in seen or coded.get(mark, 0) >= MOST_CODES:
            return False
        seen.add(exact)
        coded[mark] = coded.get(mark, 0) + 1
        return True

    def _keep(self, rows: Iterable[tuple[int, bytes]]) -> None:
        before = len(self.kept)
        self.kept.extend((number, row[:MAX_LINE_BYTES]) for number, row in rows)
        self.size += sum(len(row) + 1 for _, row in self.kept[before:])

    def _fold(self) -> None:
        """From now on one line of each kind, the ones kept so far included."""
        self.folding = True
        rows, self.kept, self.size = self.kept, [], 0
        for number, row in rows:
            if self._is_new(hash(row.translate(None, _DIGITS)), row):
                self._keep([(number, row)])

    def _choose(self) -> None:
        """Of all kinds, the lines that matter."""
        if self.interest is None:
            self.interest = _Interest(self.known() if self.known else ())
            self.kinds, self.coded = set(), {}
            for _, row in self.kept:
                self._is_new(hash(row.translate(None, _VOLATILE)), row)
        scores = self.interest.scores([row for _, row in self.kept])
        best = nlargest(KEPT_LINES // 2, range(len(self.kept)), key=lambda i: (scores[i], -i))
        self.kept = [self.kept[i] for i in sorted(best)]
        self.size = 0
        self._keep(())
        self.size = sum(len(row) + 1 for _, row in self.kept)

    def text(self) -> str:
        if self.interest is not None and len(self.kept) > KEPT_LINES:
            self._choose()
        return b"\n".join(row for _, row in self.kept).decode("utf-8", "replace")


@cache
def _codes() -> re.Pattern[bytes]:
    return re.compile(CODES.encode())


_WORDS = re.compile(rb"[a-z]{3,40}")
_TROUBLE = re.compile(
    rb"\b(?:error|err|fatal|panic|crit|critical|emerg|alert|severe|exception|traceback|caused|fail|failed|failure|cannot|unable|refused|denied|"
    rb"timeout|timed|killed|oom|corrupt|corrupted|segfault|abort|aborted|exited|unhealthy|rejected|invalid|missing|lost|unreachable|ftl)\b"
)


class _Interest:
    """How much a line matters: it looks like trouble, or its words are those of a known error."""

    def __init__(self, known: Iterable[str]) -> None:
        counts: Counter[bytes] = Counter()
        total = 1
        for text in known:
            total += 1
            counts.update(set(_WORDS.findall(text.lower().encode("utf-8", "replace"))))
        self.weights = {word: log2(1 + total / count) for word, count in counts.items()}
        self.unknown = log2(1 + total)

    def scores(self, rows: Sequence[bytes]) -> list[float]:
        """The interest of each line; what is indented below a line shares in it."""
        found: list[float] = []
        weights, unknown = self.weights, self.unknown
        for row in rows:
            lower = row.lower()
            if row[:1] in (b" ", b"\t") and found:
                found.append(found[-1] * 0.9)
                continue
            words = set(_WORDS.findall(lower))
            met = sum(weights.get(word, 0.0) for word in words)
            whole = met + sum(unknown for word in words if word not in weights)
            found.append((met / whole if whole and weights else 0.0) + (0.6 if _TROUBLE.search(lower) else 0.0))
        return found
