"""`kb seen --follow`: a growing log is read as it grows, and each known error is told once."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ...exceptions import NothingToRead
from ...notes.knowledge_base import KnowledgeBase
from ...retrieval import answers
from .. import clock, context, input_streams
from ..terminal import ask, screen
from ..views import answer

PATIENCE = 0.3  # seconds to wait for the rest of a message
LOOK_AGAIN = 0.5  # seconds between looks at a file
MAX_BATCH = 200  # lines asked about at once


def follow_log(base: KnowledgeBase, given: tuple[str, ...]) -> int:
    """Read on until the log ends or Ctrl-C; 0 when a known error was met, else 1. Raises NothingToRead or CannotRead."""
    told: set[str] = set()
    try:
        for lines in _batches(given):
            for hit in answers.seen(base, b"".join(lines).decode("utf-8", "replace")):
                if hit.strength != "weak" and hit.ref not in told:
                    told.add(hit.ref)
                    context.remember(base, [hit.ref])
                    screen.say(screen.faint(f"— {clock.now():%H:%M:%S} —"))
                    answer.show(base, hit)
                    screen.say()
                break  # the best answer to these lines; the next ones are asked for themselves
    except KeyboardInterrupt:
        pass
    return 0 if told else 1


def _batches(given: tuple[str, ...]) -> Iterator[list[bytes]]:
    """New lines, as many as come together; lines that differ only in digits from earlier ones are passed over."""
    seen: set[int] = set()
    for data in _pieces(given):
        fresh = []
        for line in data.splitlines(keepends=True):
            kind = hash(line.translate(None, b"0123456789"))
            if kind not in seen:
                seen.add(kind)
                fresh.append(line)
        if len(seen) > 200_000:
            seen.clear()
        for start in range(0, len(fresh), MAX_BATCH):
            yield fresh[start : start + MAX_BATCH]


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
