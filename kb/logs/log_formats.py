"""Log formats: what is compressed is unpacked, and records of Docker and journald become the lines that their own tools print.

Formats are known by how they begin, never by a file's name: a pipe has none. What fits no format passes as it is.
"""

from __future__ import annotations

import bz2
import json
import lzma
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import ModuleType
from typing import Protocol

from ..exceptions import KbError
from .structured_lines import as_text

_AT_ONCE = 1 << 18  # bytes that are unpacked at a time: a small file may hold very much
_MOST_BEFORE_A_LINE = 1 << 16  # bytes of a first line that are read to know the format
_MOST_OF_A_FIELD = 1 << 24


class CannotUnpack(KbError):
    """A compressed log that is damaged, or of a kind that can't be read here; `str()` is the end of a sentence."""


def readable(chunks: Iterable[bytes], cut_short: Callable[[], None]) -> Iterator[bytes]:
    """The chunks of a log as plain lines, whatever it was packed in. Raises CannotUnpack.

    Calls `cut_short` when what is compressed ends too early, as a file does that is still being written.
    """
    return _as_lines(_unpacked(chunks, cut_short))


# ---- compressed ------------------------------------------------------------------------------------------------------


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """zlib's object with the methods that those of the other formats have."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _zstandard_library() -> ModuleType:
    try:
        from compression import zstd  # Python 3.14
    except ImportError:
        try:
            from backports import zstd
        except ImportError:
            raise CannotUnpack(
                "it is compressed with Zstandard, for which this Python needs a library: "
                "pip install 'labkb[zstd]', or pipe it: zstdcat FILE | kb seen"
            ) from None
    library: ModuleType = zstd
    return library


def _zstandard() -> _Unpacker:
    made: _Unpacker = _zstandard_library().ZstdDecompressor()
    return made


def _damages(name: str) -> tuple[type[Exception], ...]:
    """What the library of a format raises for what is damaged."""
    known = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)
    return (*known, _zstandard_library().ZstdError) if name == "Zstandard" else known


_FORMATS: Mapping[bytes, tuple[str, Callable[[], _Unpacker]]] = {
    b"\x1f\x8b": ("gzip", _Gzip),
    b"\xfd7zXZ\0": ("xz", lzma.LZMADecompressor),
    b"BZh": ("bzip2", bz2.BZ2Decompressor),
    b"\x28\xb5\x2f\xfd": ("Zstandard", _zstandard),
}


# What follows the first bytes in every file of the format: a text that merely begins with `BZh` is a text. Zstandard's four
# bytes are in no text, as are gzip's and xz's first.
_HEADERS: Mapping[bytes, re.Pattern[bytes]] = {
    b"\x1f\x8b": re.compile(rb"\x1f\x8b\x08[\x00-\x1f]", re.DOTALL),  # deflate is the only method, three flags are reserved
    b"\xfd7zXZ\0": re.compile(rb"\xfd7zXZ\0\0[\x00\x01\x04\x0a]"),
    b"BZh": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    b"\x28\xb5\x2f\xfd": re.compile(rb"\x28\xb5\x2f\xfd"),
}
_LONGEST_HEADER = 10


def _unpacked(chunks: Iterable[bytes], cut_short: Callable[[], None]) -> Iterator[bytes]:
    rest = iter(chunks)
    first = b""
    for chunk in rest:
        first += chunk
        if len(first) >= _LONGEST_HEADER:
            break
    whole = _one_after_another(first, rest)
    magic = next((magic for magic in _FORMATS if _HEADERS[magic].match(first)), None)
    return whole if magic is None else _of_a_format(magic, whole, cut_short)


def _one_after_another(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _of_a_format(magic: bytes, chunks: Iterable[bytes], cut_short: Callable[[], None]) -> Iterator[bytes]:
    """What is in all its parts, which stand one behind another as `cat a.gz b.gz` puts them; other bytes behind them end it."""
    name, unpacker = _FORMATS[magic]
    part: _Unpacker | None = None
    data = b""
    try:
        for chunk in chunks:
            data += chunk
            while True:
                if part is None:
                    data = data.lstrip(b"\0")
                    if not data.startswith(magic):
                        if magic.startswith(data):
                            break  # more of it may come
                        return
                    part = unpacker()
                found, data = part.decompress(data, _AT_ONCE), b""
                if found:
                    yield found
                if part.eof:
                    data, part = part.unused_data, None
                elif part.needs_input:
                    break
        while part and (found := part.decompress(b"", _AT_ONCE)):
            yield found
    except _damages(name) as error:
        raise CannotUnpack(f"it is damaged {name}: {error}") from error
    if part and not part.eof:
        cut_short()


# ---- records ---------------------------------------------------------------------------------------------------------


def _as_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = b""
    for chunk in chunks:
        first += chunk
        if b"\n" in first.lstrip() or len(first) > _MOST_BEFORE_A_LINE:
            break
    whole = _one_after_another(first, chunks)
    line = first.lstrip().partition(b"\n")[0]
    if line.startswith(b"__CURSOR="):
        return _of_export(_Bytes(whole))
    if line.startswith(b"{") and (b'"MESSAGE"' in line or b'"__CURSOR"' in line) and b'"__REALTIME_TIMESTAMP"' in line:
        return _of_records(whole, _Journal())
    if line.startswith(b'{"log":') and b'"stream":' in line:
        return _of_records(whole, _Docker())
    return whole


class _Format(Protocol):
    def lines(self, record: Mapping[str, object]) -> str: ...


def _of_records(chunks: Iterable[bytes], form: _Format) -> Iterator[bytes]:
    """The lines that the records of a stream say; a line that is no record as it is."""
    rest = b""
    for chunk in chunks:
        whole, newline, rest = (rest + chunk).rpartition(b"\n")
        if newline:
            yield b"".join(_of_record(line, form) for line in whole.split(b"\n"))
    if rest:
        yield _of_record(rest, form)


def _of_record(line: bytes, form: _Format) -> bytes:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        record = None
    return form.lines(record).encode("utf-8", "replace") if isinstance(record, dict) else line + b"\n"


class _Docker:
    """Docker's json-file: what a container printed, long lines in several records."""

    def __init__(self) -> None:
        self._begun: dict[object, str] = {}

    def lines(self, record: Mapping[str, object]) -> str:
        """What `docker logs` prints, with the time before lines that have none of their own and stand at the margin."""
        stream, said = str(record.get("stream")), as_text(record.get("log"))
        said = self._begun.pop(stream, "") + said
        if not said.endswith("\n") and len(said) < _MOST_BEFORE_A_LINE:
            self._begun[stream] = said
            return ""
        said = said.rstrip("\r\n")
        time = as_text(record.get("time"))
        return f"{said}\n" if not time or said[:1].isspace() or not said or _HAS_A_TIME.match(said) else f"{time} {said}\n"


_HAS_A_TIME = re.compile(r".{0,60}?\d\d:\d\d")

_NO_PROGRAM_SIGNS = re.compile(r"[^\w./@()-]+")


class _Journal:
    """journald's records, from `journalctl -o json` and `-o export`."""

    def lines(self, record: Mapping[str, object]) -> str:
        """What `journalctl -o short-iso-precise` prints, in UTC."""
        said = as_text(record.get("MESSAGE"))
        if not said:
            return ""
        host = as_text(record.get("_HOSTNAME")) or "localhost"
        program = as_text(record.get("SYSLOG_IDENTIFIER")) or as_text(record.get("_COMM")) or "unknown"
        pid = as_text(record.get("_PID")) or as_text(record.get("SYSLOG_PID"))
        process = f"[{pid}]" if pid.isdecimal() else ""
        head = f"{host} {_NO_PROGRAM_SIGNS.sub('-', program)}{process}: "
        try:
            moment = datetime.fromtimestamp(int(as_text(record.get("__REALTIME_TIMESTAMP"))) / 1e6, UTC)
        except (ValueError, OverflowError, OSError):
            return f"{head}{said}\n"
        first, *more = said.splitlines()
        return "".join(
            [
                f"{moment.isoformat(timespec='microseconds')} {head}{first}\n",
                *(f"    {line}\n" for line in more if line.strip()),
            ]
        )


class _Bytes:
    """Bytes that come in chunks, taken line by line or by their number."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._ahead, self._place = chunks, b"", 0

    def _more(self) -> bool:
        chunk = next(self._chunks, b"")
        self._ahead, self._place = self._ahead[self._place :] + chunk, 0
        return bool(chunk)

    def line(self) -> bytes | None:
        """The next line without its end; None behind the last."""
        while (end := self._ahead.find(b"\n", self._place)) < 0 and len(self._ahead) - self._place < _MOST_OF_A_FIELD:
            if not self._more():
                end = len(self._ahead)
                if end == self._place:
                    return None
                break
        end = end if end >= 0 else len(self._ahead)
        found = self._ahead[self._place : end]
        self._place = min(end + 1, len(self._ahead))
        return found

    def take(self, count: int) -> bytes:
        """The next so many bytes; fewer at the end."""
        while len(self._ahead) - self._place < count and self._more():
            pass
        found = self._ahead[self._place : self._place + count]
        self._place += len(found)
        return found


def _of_export(data: _Bytes) -> Iterator[bytes]:
    """The lines of journald's export format: fields line by line, a blank line behind each record; https://systemd.io/JOURNAL_EXPORT_FORMATS."""
    form = _Journal()
    record: dict[str, object] = {}
    while (line := data.line()) is not None:
        if not line:
            yield form.lines(record).encode("utf-8", "replace")
            record = {}
            continue
        name, sign, value = line.partition(b"=")
        if not sign:  # a field that holds any bytes: their number in eight bytes, and a newline behind them
            value = data.take(min(int.from_bytes(data.take(8), "little"), _MOST_OF_A_FIELD))
            data.take(1)
        record.setdefault(name.decode("ascii", "replace"), value.decode("utf-8", "replace"))
    if record:
        yield form.lines(record).encode("utf-8", "replace")
