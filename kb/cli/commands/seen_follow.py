"""`kb seen --follow`: a growing log is read as it grows; what is known in it is told, and what isn't."""

from __future__ import annotations

import os
import select
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from ...exceptions import NothingToRead, WrongUse
from ...logs.fingerprint import signature
from ...notes.knowledge_base import KnowledgeBase
from ...retrieval import answers
from ...retrieval.hit import Hit
from .. import clock, context, input_streams
from ..terminal import ask, screen
from ..views import answer
from ..views.picked_blocks import telling_part

PATIENCE = 0.3  # seconds to wait for the rest of a message
LOOK_AGAIN = 0.5  # seconds between looks at a file
MAX_BATCH = 200  # lines asked about at once
MOST_SHAPES = 200_000  # of lines that are told apart


def follow_log(base: KnowledgeBase, given: tuple[str, ...]) -> int:
    """Read on until the log ends or Ctrl-C; 0 when a known error was met, else 1. Raises WrongUse, NothingToRead or CannotRead."""
    if len(given) > 1:
        raise WrongUse(f"one log can be followed at a time: tail -f {' '.join(given)} | kb seen --follow")
    following = _Following(base)
    try:
        for data in _pieces(given):
            following.take(data)
    except KeyboardInterrupt:
        screen.say()
    following.sum_up()
    return 0 if following.known else 1


STRENGTHS = ("likely", "same")
MILESTONES = (10, 100, 1_000, 10_000, 100_000)  # of an unknown line that comes again and again, said once each


class _Following:
    """What a growing log has held so far, and what was told of it: a known error again when a stronger match comes, an unknown
    one once for each shape."""

    def __init__(self, base: KnowledgeBase) -> None:
        self.base = base
        self.known: dict[str, int] = {}  # the ref of each note that was told → how strong the match was
        self.shapes: dict[int, str] = {}  # a line without its digits → the shape of the unknown event that it is, or nothing
        self.unknown: dict[str, str] = {}  # the shape of an unknown event → its first line
        self.often: Counter[str] = Counter()

    def take(self, data: bytes) -> None:
        """New lines of the log. Those that differ only in digits from earlier ones are counted, and not asked about again."""
        fresh: dict[int, str] = {}
        repeated: list[int] = []
        for line in data.splitlines(keepends=True):
            mark = hash(line.translate(None, b"0123456789"))
            if mark not in self.shapes:
                self.shapes[mark] = ""
                fresh[mark] = line.decode("utf-8", "replace")
            else:
                repeated.append(mark)
        rows = list(fresh.items())
        for start in range(0, len(rows), MAX_BATCH):
            self._ask(rows[start : start + MAX_BATCH])
        for mark in repeated:
            if shape := self.shapes[mark]:
                self._count(shape)
        if len(self.shapes) > MOST_SHAPES:
            self.shapes.clear()

    def _ask(self, lines: Sequence[tuple[int, str]]) -> None:
        found = answers.answer(self.base, "".join(line for _, line in lines))
        for hit in found.hits:
            if hit.strength in STRENGTHS:
                self._tell(hit)
        if not found.unknown:
            return
        shapes = {signature(row.line): row.line for row in found.unknown}
        for mark, line in lines:
            if (shape := signature(line)) in shapes:
                self.shapes[mark] = shape
                if shape not in self.unknown:
                    self.unknown[shape] = line
                    screen.say(f"{_now()}  not known: {telling_part(line, screen.width() - 25)}")
                self._count(shape)

    def _tell(self, hit: Hit) -> None:
        """A known error, the first time and when it is surer than it was."""
        strength = STRENGTHS.index(hit.strength or "likely")
        if strength <= self.known.get(hit.ref, -1):
            return
        again = hit.ref in self.known
        self.known[hit.ref] = strength
        context.remember(self.base, [hit.ref])
        screen.say(f"{_now()}{screen.faint('  surer now') if again else ''}")
        answer.show(self.base, hit)
        screen.say()

    def _count(self, shape: str) -> None:
        self.often[shape] += 1
        if self.often[shape] in MILESTONES:
            said = telling_part(self.unknown[shape], screen.width() - 35)
            screen.say(f"{_now()}  not known, {self.often[shape]:,} times: {said}")

    def sum_up(self) -> None:
        """At the end: what was not known, and how often it came, the most frequent last, where the eye is."""
        if not self.unknown:
            return
        screen.say(screen.faint(f"{screen.plural(len(self.unknown), 'unknown event')}, not in any note:"))
        for shape, count in reversed(self.often.most_common()):
            often = "once" if count == 1 else f"{count:,} times"
            screen.say(f"  {telling_part(self.unknown[shape], screen.width() - len(often) - 6)}  {screen.faint(f'({often})')}")


def _now() -> str:
    return screen.faint(f"— {clock.now():%H:%M:%S} —")


def _pieces(given: tuple[str, ...]) -> Iterator[bytes]:
    """Whole lines of stdin or of a file, as they come."""
    if given and given != ("-",):
        yield from _growing(Path(os.path.expanduser(given[0])))
        return
    stream = ask.piped_input()
    if stream is None:
        raise NothingToRead("the command", "name a file to follow, or pipe a log into it (docker logs -f …)")
    yield from _piped(stream.fileno())


def _piped(descriptor: int) -> Iterator[bytes]:
    rest = b""
    while True:
        ready, _, _ = select.select([descriptor], [], [], PATIENCE if rest else None)
        if ready:
            data = os.read(descriptor, 1 << 16)
            if not data:
                if rest:
                    yield rest
                return
            rest += data
            if len(rest) < 1 << 20 and select.select([descriptor], [], [], PATIENCE / 3)[0]:
                continue
        whole, newline, tail = rest.rpartition(b"\n")
        if newline or not ready:
            yield whole + newline or rest
            rest = tail if newline else b""


def _growing(path: Path) -> Iterator[bytes]:
    """What is added to a file from now on, also after it was made anew or cut off, as log rotation does."""
    file = input_streams.opened(path)
    file.seek(0, os.SEEK_END)
    rest = b""
    while True:
        data = file.read(1 << 20)
        if data:
            whole, newline, rest = (rest + data).rpartition(b"\n")
            if newline:
                yield whole + newline
            continue
        time.sleep(LOOK_AGAIN)
        file = _current(path, file)


def _current(path: Path, file: BinaryIO) -> BinaryIO:
    """The file under that name now: the same one, from its beginning when it was cut off, or the new one."""
    try:
        there, ours = os.stat(path), os.fstat(file.fileno())
    except OSError:
        return file  # between the old one and the new one
    if (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino):
        file.close()
        return input_streams.opened(path)
    if there.st_size < file.tell():
        file.seek(0)
    return file
