"""Log formats: whatever a log is packed in, the lines that its own tools print come out; and what is damaged is said in one line."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands import World
from hypothesis import given
from hypothesis import strategies as st

from kb.logs.log_formats import CannotUnpack, readable
from kb.logs.log_reader import read_log

LINES = b"2026-03-01 01:02:03 INFO started\n2026-03-01 01:02:04 ERROR no route to the lamp\n"


def read(*chunks: bytes) -> str:
    """What is read, and a mark behind what was cut short."""
    short: list[str] = []
    text = b"".join(readable(chunks, lambda: short.append(" (cut short)"))).decode()
    return text + "".join(short)


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[i : i + size] for i in range(0, len(data), size))


def zstd(data: bytes) -> bytes:
    zstandard = pytest.importorskip("backports.zstd")
    packed: bytes = zstandard.compress(data)
    return packed


PACKERS = pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress, zstd])


@PACKERS
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_what_is_compressed_is_unpacked_whatever_the_size_of_the_chunks(pack: Callable[[bytes], bytes], size: int) -> None:
    assert read(*pieces(pack(LINES * 300), size)) == (LINES * 300).decode()


@PACKERS
def test_parts_one_behind_another_are_all_read(pack: Callable[[bytes], bytes]) -> None:
    assert read(pack(b"one\n") + pack(b"two\n")) == "one\ntwo\n"
    assert read(*pieces(pack(b"one\n") + b"\0" * 512 + pack(b"two\n") + b"signature of somebody", 5)) == "one\ntwo\n"


@PACKERS
def test_of_what_ends_too_early_is_read_what_there_is(pack: Callable[[bytes], bytes]) -> None:
    lines = b"".join(b"line %d of %d\n" % (i, i * i * 7919) for i in range(60_000))
    data = pack(lines)
    found = read(*pieces(data[: len(data) * 2 // 3], 1 << 16))
    assert found.endswith(" (cut short)")
    assert found.startswith("line 0 of 0\nline 1 of 7919\n") or pack is bz2.compress


BEGIN_SO = [
    b"BZh is what the user typed\nerror: no lamp\n",
    b"BZh9 and more of it\n",
    b"BZh",
    b"\x1f\x8b",
    b"\x1f\x8b\x07 it\n",
]


@pytest.mark.parametrize("text", BEGIN_SO)
def test_a_text_that_merely_begins_as_a_format_does_is_a_text(text: bytes) -> None:
    assert b"".join(readable([text], pytest.fail)) == text


@PACKERS
def test_what_is_damaged_is_said(pack: Callable[[bytes], bytes]) -> None:
    data = bytearray(pack(b"".join(b"line %d\n" % (i * 7919) for i in range(9_000))))
    data[len(data) // 2 : len(data) // 2 + 40] = b"\xff" * 40
    with pytest.raises(CannotUnpack, match="it is damaged"):
        read(bytes(data))


def test_a_small_file_that_holds_very_much_is_unpacked_a_little_at_a_time() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert max(len(chunk) for chunk in readable([bomb], lambda: None)) <= 1 << 18


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_what_is_no_known_format_passes_as_it_is(chunks: list[bytes]) -> None:
    whole = b"".join(chunks)
    if not whole.startswith((b"\x1f\x8b", b"\xfd7zXZ\0", b"BZh", b"\x28\xb5\x2f\xfd")):
        assert b"".join(readable(chunks, lambda: None)) == whole


# ---- records ---------------------------------------------------------------------------------------------------------


def docker(said: str, stream: str = "stdout") -> bytes:
    return json.dumps({"log": said, "stream": stream, "time": "2026-03-01T01:02:03.456789Z"}).encode() + b"\n"


@pytest.mark.parametrize(
    ("records", "printed"),
    [
        (docker("no route to the lamp\n"), "2026-03-01T01:02:03.456789Z no route to the lamp\n"),
        (docker("2026/03/01 01:02:03 [error] no route\n"), "2026/03/01 01:02:03 [error] no route\n"),
        (docker("Traceback:\n") + docker("    at lamp.go:7\n"), "2026-03-01T01:02:03.456789Z Traceback:\n    at lamp.go:7\n"),
        (docker("\x1b[31mred\x1b[0m\r\n"), "2026-03-01T01:02:03.456789Z red\n"),
        # A line of more than 16 KB comes in several records, and another stream may speak between them.
        (docker("one ") + docker("err\n", "stderr") + docker("line\n"), "2026-03-01T01:02:03.456789Z err\n2026-03-01T01:02:03.456789Z one line\n"),
        (docker("a\n") + b'{"log":"broken\n' + docker("b\n"), '2026-03-01T01:02:03.456789Z a\n{"log":"broken\n2026-03-01T01:02:03.456789Z b\n'),
    ],
)  # fmt: skip
def test_records_of_docker_are_the_lines_that_docker_logs_prints(records: bytes, printed: str) -> None:
    assert read(*pieces(records, 33)) == printed


FIELDS = {
    "__CURSOR": "s=7a",
    "__REALTIME_TIMESTAMP": "1767323048123456",
    "_HOSTNAME": "nas",
    "SYSLOG_IDENTIFIER": "smbd",
    "_PID": "42",
    "MESSAGE": "no route",
}
PRINTED = "2026-01-02T03:04:08.123456+00:00 nas smbd[42]: "


@pytest.mark.parametrize(
    ("changed", "printed"),
    [
        ({}, f"{PRINTED}no route\n"),
        ({"MESSAGE": list(b"\x1b[31mred: \xc3\xa9\x1b[0m")}, f"{PRINTED}red: é\n"),
        ({"MESSAGE": "one\ntwo\n\nthree"}, f"{PRINTED}one\n    two\n    three\n"),
        ({"MESSAGE": None}, ""),
        ({"SYSLOG_IDENTIFIER": "my app", "_PID": None}, "2026-01-02T03:04:08.123456+00:00 nas my-app: no route\n"),
        ({"__REALTIME_TIMESTAMP": "soon"}, "nas smbd[42]: no route\n"),
        ({"SYSLOG_IDENTIFIER": None, "_COMM": "lamp"}, "2026-01-02T03:04:08.123456+00:00 nas lamp[42]: no route\n"),
    ],
)
def test_records_of_journald_are_the_lines_that_journalctl_prints(changed: dict[str, object], printed: str) -> None:
    record = json.dumps(FIELDS | changed).encode() + b"\n"
    assert read(*pieces(record * 2, 50)) == printed * 2


def exported(message: bytes) -> bytes:
    fields = b"".join(f"{name}={value}\n".encode() for name, value in FIELDS.items() if name != "MESSAGE")
    return fields + b"MESSAGE\n" + struct.pack("<Q", len(message)) + message + b"\n\n"


@pytest.mark.parametrize("size", [1, 9, 1 << 16])
def test_the_export_format_of_journald_is_read(size: int) -> None:
    plain = b"".join(f"{name}={value}\n".encode() for name, value in FIELDS.items()) + b"\n"
    data = plain + exported(b"one\n\ntwo") + plain
    assert read(*pieces(data, size)) == f"{PRINTED}no route\n{PRINTED}one\n    two\n{PRINTED}no route\n"


@given(st.binary(max_size=200))
def test_a_damaged_export_ends_and_raises_nothing(data: bytes) -> None:
    read(b"__CURSOR=s=7a\nMESSAGE=x\n" + data)


def test_records_in_a_compressed_file_are_read_too() -> None:
    assert read_log([gzip.compress(docker("no route\n"))]).text.strip() == "2026-03-01T01:02:03.456789Z no route"


# ---- at the command line ---------------------------------------------------------------------------------------------


def test_kb_seen_reads_a_rotated_log(lab: World) -> None:
    lab.kb("incident", "new", "The lamp", "--error", "ERROR no route to the lamp", "--fix", "dust it", "--yes")
    (lab.folder / "lamp.log.2.gz").write_bytes(gzip.compress(LINES))
    assert "dust it" in lab.kb("seen", "lamp.log.2.gz").out
    assert lab.kb("seen", "-", stdin=gzip.compress(LINES)).status == 0


def test_without_a_library_for_zstandard_the_next_step_is_said(lab: World) -> None:
    (lab.folder / "lamp.log.zst").write_bytes(b"\x28\xb5\x2f\xfd\0\0\0")
    (lab.folder / "without/compression").mkdir(parents=True)
    (lab.folder / "without/backports").mkdir()
    for name in ("compression", "backports"):
        (lab.folder / f"without/{name}/__init__.py").touch()
    code = "import sys; sys.path.insert(0, 'without'); from kb.cli import main; sys.argv = ['kb', 'seen', 'lamp.log.zst']; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=lab.folder, env=lab.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    assert done.stderr == (
        "kb: can't read lamp.log.zst: it is compressed with Zstandard, for which this Python needs a library: "
        "pip install 'labkb[zstd]', or pipe it: zstdcat FILE | kb seen\n"
    )


def test_what_cant_be_unpacked_is_one_clear_line(lab: World, tmp_path: Path) -> None:
    path = tmp_path / "lamp.log.gz"
    path.write_bytes(gzip.compress(LINES)[:10] + b"\xff" * 40)
    done = lab.kb("seen", str(path))
    assert (done.status, done.out) == (4, "")
    assert done.err.startswith(f"kb: can't read {path}: it is damaged gzip: ")
    path.write_bytes(gzip.compress(LINES * 999)[:-30])
    done = lab.kb("seen", str(path))
    assert f"{path} is compressed and ends too early: what there is of it was read" in done.err
    assert done.status == 1
