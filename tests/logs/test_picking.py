"""Picking: what went wrong is found in a log of any size, and nothing of it is lost on the way."""

from __future__ import annotations

import hashlib
import re
import resource
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.logs import ordinary
from kb.logs.excerpt import Picked, choose, pick, pick_blocks
from kb.logs.log_formats import CannotUnpack
from kb.logs.log_reader import KEPT_BYTES, PICKED_LINES, Log, read_log

ORDINARY = [
    f"2026-11-20T01:{i // 60 % 60:02}:{i % 60:02}Z app[{i}] INFO request {i} served from 10.0.0.{i % 250} in {i} ms"
    for i in range(300)
]


def lines(text: str) -> list[str]:
    return text.strip("\n").split("\n")


def test_a_small_log_is_kept_whole() -> None:
    log = read_log([b"one\ntwo\n", b"thr", b"ee\n\nfour"])
    assert log == Log(5, 19, "one\ntwo\nthree\n\nfour")


def test_nothing_at_all_is_empty_and_no_binary() -> None:
    assert read_log([]).is_empty
    assert read_log([b"\n \n"]).is_empty
    assert not read_log([b"a"]).is_empty


BINARIES = [
    [b"fine\n", b"\x7fELF\0\0\0"],
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\2\x80\0\0\1\xe0\x08\6\0\0\0\x35\xd1\xdc\xe4"],
    [b"x" * 70_000, bytes(range(256)) * 300],
]


@pytest.mark.parametrize("chunks", BINARIES)
def test_binary_input_is_refused_and_not_read_to_its_end(chunks: list[bytes]) -> None:
    def endless() -> Iterator[bytes]:
        yield from chunks
        yield b"\n"
        pytest.fail("read on after the NUL byte")

    log = read_log(endless())
    assert log.binary
    assert log.text == ""


@pytest.mark.parametrize(
    ("chunks", "text", "nul_bytes"),
    [
        ([b"abc\0def\n"], "abcdef\n", 1),
        # What a program that kept its file open leaves when that is emptied.
        ([b"\0" * 300_000] * 3 + [b"ERROR no route\n"], "ERROR no route\n", 900_000),
        (["E: größe\n".encode("utf-16-le").replace(b"\xf6\0\xdf\0", b"o\0s\0")], "E: grose\n", 9),
        ([b"one\n", b"\0\0\0\0", b"two\n"], "one\ntwo\n", 4),
    ],
)
def test_nul_bytes_amid_text_are_dropped_and_counted(chunks: list[bytes], text: str, nul_bytes: int) -> None:
    log = read_log(chunks)
    assert (log.text, log.nul_bytes, log.binary) == (text.removesuffix("\n"), nul_bytes, False) or log.text == text


def test_of_a_large_log_lines_that_differ_in_a_code_are_all_kept() -> None:
    codes = [
        "worker {i} exited with code {c}",
        "app {i}: status={c}",
        "connect() {i} failed ({c}: x)",
        "ORA-{c}: denied to {i}",
        '{{"exit_code": {c}, "id": {i}}}',
    ]
    rows = [form.format(i=i, c=c) for form in codes for i in range(9_000) for c in ((1, 137, 502) if i == 4_000 else (1,))]
    log = read_log(["\n".join(rows).encode()])
    for form in codes:
        kept = [line for line in log.text.splitlines() if re.sub(r"\d+", "", line) == re.sub(r"\d+", "", form.format(i=0, c=0))]
        found = [next(c for c in (502, 137, 1) if str(c) in line) for line in kept]
        assert sorted(found) == [1, 137, 502]


def test_a_code_that_is_always_another_does_not_keep_the_whole_log() -> None:
    rows = "\n".join(f"job failed, error {i} of the day that was the longest of them all" for i in range(30_000))
    assert len(read_log([rows.encode()]).text.splitlines()) <= 50


def test_text_that_is_not_utf8_is_read_all_the_same() -> None:
    assert read_log(["größe".encode("latin-1")]).text == "gr\ufffd\ufffde" or "gr" in read_log(["größe".encode("latin-1")]).text


@given(st.binary().map(lambda data: data.replace(b"\0", b"")), st.integers(1, 9))
def test_chunks_of_any_size_give_the_same_log(data: bytes, size: int) -> None:
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    assert read_or_refused(chunks) == read_or_refused([data] if data else [])


def read_or_refused(chunks: list[bytes]) -> Log | str:
    """The log; of bytes that have the header of a compressed file and are none, that they are refused."""
    try:
        return read_log(chunks)
    except CannotUnpack:
        return "damaged"


def big_log(needle: str, count: int) -> Iterator[bytes]:
    row = "2026-11-20T01:02:03.{i:06}Z app[{i}] INFO {word} done for {id} from 10.0.{a}.{b}\n"
    words = ["sync", "scan", "login", "upload", "index"]
    for start in range(0, count, 1_000):
        rows = [
            row.format(i=i, word=words[i % 5], id=hashlib.md5(str(i).encode()).hexdigest(), a=i % 250, b=i % 199)
            for i in range(start, start + 1_000)
        ]
        if start <= count // 2 < start + 1_000:
            rows.insert(500, needle + "\n")
        yield "".join(rows).encode()


@pytest.mark.parametrize(
    "needle", ["the quartz lamp is dim tonight, gate 7", "2026-11-20T01:02:03Z app[1] ERROR cannot reach the lamp"]
)
def test_the_one_line_that_matters_is_kept_of_many(needle: str) -> None:
    known = ["the quartz lamp is dim tonight, gate 9"]
    log = read_log(big_log(needle, 120_000), lambda: known)
    assert log.lines_read == 120_001
    assert needle in log.text
    assert len(log.text) < 3 * KEPT_BYTES


def test_memory_stays_bounded_and_reading_is_fast() -> None:
    chunk = b"".join(big_log("", 20_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    log = read_log(chunk for _ in range(25))
    speed = log.bytes_read / 1e6 / (time.process_time() - start)
    assert log.bytes_read > 40_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000
    assert speed > 10  # MB a second; 30 and more on a quiet machine


def test_a_line_without_an_end_takes_no_memory() -> None:
    log = read_log([b"x" * 100_000] * 50)
    assert len(log.text) <= 4_000


# ---- picking ---------------------------------------------------------------------------------------------------------


def test_the_error_line_is_picked_out_of_a_log_as_it_was_written() -> None:
    error = '2026-11-20T01:09:00Z app[7] ERROR  connect() failed (113: No route to host), upstream: "http://172.20.0.7:8096/"'
    assert pick("\n".join([*ORDINARY[:150], f"\x1b[31m{error}\x1b[0m", *ORDINARY[150:]])) == (error,)


def test_a_short_paste_is_taken_as_it_is() -> None:
    assert pick("no luck\ntoday") == ("no luck", "today")


def test_a_log_in_which_nothing_looks_wrong_gives_one_line_and_says_so() -> None:
    picked = choose("\n".join(ORDINARY))
    assert (picked.blocks, picked.stands_out) == (((ORDINARY[-1],),), False)


def test_an_error_that_comes_once_wins_over_one_that_comes_always() -> None:
    rows = [f"2026-11-20T01:00:00Z app ERROR metrics push {i} failed: timeout" for i in range(80)]
    picked = pick("\n".join([*ORDINARY, *rows, "2026-11-20T01:00:00Z app ERROR database is locked"]))
    assert picked[-1].endswith("database is locked")
    assert len(picked) <= 2


def test_a_python_traceback_is_picked_whole_with_its_exception() -> None:
    trace = """
2026-11-20 01:02:03 ERROR (MainThread) [setup] Error during setup
Traceback (most recent call last):
  File "/app/setup.py", line 421, in load
    await task
ModuleNotFoundError: No module named 'paho.mqtt.client'"""
    assert pick("\n".join([*ORDINARY, *lines(trace), *ORDINARY])) == tuple(lines(trace))


def test_of_a_java_trace_the_ends_and_the_causes_are_picked() -> None:
    frames = [f"\tat org.example.deep.Frame{i}.call(Frame{i}.java:{i})" for i in range(60)]
    trace = ["java.lang.IllegalStateException: cannot start", *frames, "Caused by: java.net.ConnectException: refused", *frames]
    picked = pick("\n".join([*ORDINARY, *trace, *ORDINARY]))
    assert picked[:2] == (trace[0], frames[0])
    assert "Caused by: java.net.ConnectException: refused" in picked
    assert len(picked) <= PICKED_LINES


CHAIN = """
Traceback (most recent call last):
  File "/app/main.py", line 12, in <module>
    run()
  File "/usr/lib/python3/dist-packages/sql/engine.py", line 900, in execute
    raise exc
sql.exc.OperationalError: connection to server at "db" failed: Connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/main.py", line 15, in start
RuntimeError: cannot start without the database"""


def test_of_chained_exceptions_both_are_picked_with_the_frame_of_the_users_own_code() -> None:
    [picked] = pick_blocks("\n".join([*ORDINARY, *lines(CHAIN)]))
    assert {'  File "/app/main.py", line 12, in <module>', '  File "/app/main.py", line 15, in start'} < set(picked)
    assert [line for line in picked if "Error:" in line] == [line for line in lines(CHAIN) if "Error:" in line]


def test_different_tracebacks_are_different_errors() -> None:
    trace = 'Traceback (most recent call last):\n  File "/app/a.py", line 1, in go\n{}: lamp'
    log = "\n".join([*ORDINARY, trace.format("KeyError"), *ORDINARY, trace.format("ValueError"), *ORDINARY])
    assert [block[-1] for block in pick_blocks(log)] == ["KeyError: lamp", "ValueError: lamp"]


def test_a_php_error_and_an_event_of_windows_are_picked_whole() -> None:
    php = ["PHP Fatal error:  Uncaught PDOException: refused in /a.php:3", "Stack trace:", "#0 /a.php(3): go()", "#1 {main}"]
    event = ["Log Name:      System", "Event ID:      7031", "Level:         Error", "Description:", "The lamp service ended."]
    assert pick_blocks("\n".join([*ORDINARY, *php, *ORDINARY])) == (tuple(php),)
    assert pick_blocks("\n".join([*ORDINARY, *event, *ORDINARY])) == (tuple(event),)


def test_a_go_panic_is_picked_with_its_first_frames() -> None:
    panic = [
        "panic: index out of range [3]",
        "goroutine 1 [running]:",
        "main.(*Shelf).load(0xc000)",
        "\t/app/load.go:33 +0x1d",
        "exit status 2",
    ]
    assert pick("\n".join([*ORDINARY, *panic])) == tuple(panic)


def test_what_a_line_announces_comes_with_it() -> None:
    panic = ["thread 'main' panicked at src/main.rs:10:5:", "called `Result::unwrap()` on an `Err` value: PermissionDenied"]
    assert pick("\n".join([*ORDINARY, *panic, "note: run with RUST_BACKTRACE=1"])) == tuple(panic)


@pytest.mark.parametrize(
    "error",
    [
        "Nov 20 01:02:03 nas mount[12]: mount.nfs: Zugriff verweigert durch Server beim Einhängen von 10.0.0.5:/export",
        "2026-11-20 01:02:03 connexion à la base impossible",
        "2026-11-20 01:02:03 データベース接続エラー",
        "2026-11-20 01:02:03 не удалось открыть файл",
    ],
)
def test_an_error_in_another_language_is_one(error: str) -> None:
    assert pick("\n".join([*ORDINARY, error, *ORDINARY])) == (error,)


def test_good_news_is_no_error() -> None:
    assert not choose("\n".join(["0 failed", "no errors found", "errors=0", *ORDINARY])).stands_out


def test_a_container_that_exits_says_why() -> None:
    rows = [
        *ORDINARY,
        "app-1  | node:internal/errors:496",
        "app-1  | Error: listen EADDRINUSE: address already in use :::3000",
        "app-1 exited with code 1",
    ]
    picked = pick("\n".join(rows))
    assert "app-1  | Error: listen EADDRINUSE: address already in use :::3000" in picked
    assert len(picked) <= 5


SERVED = '10.0.0.9 - - [20/Nov/2026:01:09:00 +0000] "GET /web/ HTTP/1.1" 200 512'


@pytest.mark.parametrize(
    ("paste", "kept"),
    [
        pytest.param([SERVED, "nginx: bind() failed (98: Address already in use)", SERVED], [1], id="requests between"),
        pytest.param([ORDINARY[0], ORDINARY[1], "2026-11-20T01:09:00Z app ERROR no lamp"], [2], id="what went well before"),
        pytest.param(["repository is already locked by PID 9", "lock was created at 02:00:01"], [0, 1], id="a second sentence"),
        pytest.param(
            ["Traceback (most recent call last):", '  File "a.py", line 1', "KeyError: 'lamp'"], [0, 1, 2], id="a trace"
        ),
        pytest.param([ORDINARY[0], "the lamp is dim", ORDINARY[1]], [0, 1, 2], id="nothing that is clearly an error"),
    ],
)
def test_of_a_short_paste_stays_what_belongs_together(paste: list[str], kept: list[int]) -> None:
    assert pick("\n".join(paste)) == tuple(paste[i] for i in kept)


def test_unrelated_errors_are_blocks_of_their_own_and_a_trace_is_one() -> None:
    trace = ["Traceback (most recent call last):", '  File "/app/a.py", line 3, in go', "KeyError: 'lamp'"]
    disk = "2026-11-20T01:09:00Z app ERROR write /srv/a: no space left on device"
    assert pick_blocks("\n".join([*ORDINARY[:9], disk, *ORDINARY[9:50], *trace, *ORDINARY[:9]])) == ((disk,), tuple(trace))


def test_neighbours_are_one_block_unless_they_come_from_different_containers() -> None:
    error, end = "app-1  | Error: listen EADDRINUSE: address already in use :::3000", "app-1 exited with code 1"
    other = "db-1   | 2026-11-20 01:02:03 UTC [9] FATAL:  lock file is empty"
    assert pick_blocks("\n".join([*ORDINARY, error, end])) == ((error, end),)
    assert pick_blocks("\n".join([*ORDINARY, error, other])) == ((error,), (other,))


def test_what_went_wrong_first_is_picked_though_much_went_wrong_after_it() -> None:
    first = "[2550.17] Buffer I/O error on device sda1, logical block 454"
    after = [f"[26{i}.05] EXT4-fs error (device sda1): {word} of the shelf is gone" for i, word in enumerate("abcdefgh")]
    picked = pick("\n".join([*ORDINARY[:4], first, *after]))
    assert picked[0] == first
    assert set(picked[1:]) <= set(after)


@pytest.mark.parametrize(
    "error",
    [
        "EXT4-fs (sda1): Remounting filesystem read-only",
        "systemd[1]: Failed to start Docker Application Container Engine.",
        "RTNETLINK answers: Operation not supported",
        "1740828286: Client 0G5C7d8oOcB1srDi7oQop9 disconnected, not authorised.",
    ],
)
def test_what_a_system_says_of_its_trouble_is_clear_and_comes_alone(error: str) -> None:
    assert pick("\n".join([*ORDINARY[:9], error, *ORDINARY[9:16]])) == (error,)


def test_lines_without_a_word_are_not_picked_from_an_excerpt() -> None:
    banner = ["/--------\\", "|--------|", "         | |"]
    odd = "2026-11-20T01:09:00Z app[9] INFO the lamp went dim"
    assert pick("\n".join([*banner, *ORDINARY[:8], odd])) == (odd,)


def test_where_nothing_says_error_the_rarest_line_is_picked_and_never_a_tail_of_ordinary_ones() -> None:
    rare = "2026-11-20T01:09:00Z app[9] INFO the lamp went dim"
    excerpt = [*ORDINARY[:8], rare, *ORDINARY[8:16]]
    assert choose("\n".join(excerpt)) == Picked(((rare,),), (), stands_out=False)


def test_in_a_long_log_that_says_ever_the_same_what_comes_once_is_picked() -> None:
    rare = "2026-11-20T01:09:00Z app[9] INFO the lamp went dim"
    assert pick("\n".join([*ORDINARY[:50], rare, *ORDINARY[50:]])) == (rare,)


# ---- background ------------------------------------------------------------------------------------------------------

NOISE = [f"2026-11-20T01:{i:02}:30Z app ERROR health check {i} failed: timeout" for i in range(1, 13)]


def among(rows: list[str], others: list[str]) -> str:
    """The others spread evenly over the rows."""
    step = len(rows) // len(others)
    return "\n".join(row for i, row in enumerate(rows) for row in (row, *others[i // step : i // step + 1][: i % step == 0]))


def test_what_recurs_all_over_a_log_is_background_and_is_said_to_be_left_out() -> None:
    event = "2026-11-20T01:04:10Z app ERROR database is locked"
    picked = choose(among([*ORDINARY[:200], event, *ORDINARY[200:]], NOISE))
    assert picked.blocks == ((event,),)
    assert [(left.count, left.why) for left in picked.left_out] == [(12, "background")]


def test_what_recurs_is_picked_where_it_is_all_that_is_wrong() -> None:
    assert choose(among(ORDINARY, NOISE)).blocks == ((NOISE[0],),)


def test_a_burst_that_began_late_is_the_event_and_no_background() -> None:
    burst = [f"2026-11-20T02:{i:02}:00Z app ERROR write {i} failed: disk is full" for i in range(1, 31)]
    assert choose("\n".join([among(ORDINARY, NOISE), *burst])).blocks == ((burst[0],),)


def test_a_warning_beside_an_error_is_no_block() -> None:
    rows = ["app WARN no certificate is configured", "app ERROR cannot open the shelf"]
    assert choose("\n".join([*ORDINARY[:30], *rows, *ORDINARY[30:60]])).blocks == ((rows[1],),)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            ["LOG: unrecognized configuration parameter 'lamps'", "FATAL: configuration file contains errors"], id="above"
        ),
        pytest.param(["*** FATAL CONFIG FILE ERROR ***", ">>> 'dir /srv/lamps'", "No such file or directory"], id="below"),
        pytest.param(
            [
                "mkstemp /srv/a failed: Permission denied",
                "sent 19 bytes",
                "error: some files were not sent (see previous errors)",
            ],
            id="far above",
        ),
    ],
)
def test_why_it_failed_is_picked_with_that_it_failed(rows: list[str]) -> None:
    [block] = choose("\n".join([*ORDINARY[:30], *rows])).blocks
    assert block in (tuple(rows), (rows[0], rows[-1]))


def test_what_is_ordinary_here_is_never_picked() -> None:
    event = "2026-11-20T01:04:10Z app FATAL lamp store is gone"
    log = "\n".join([*ORDINARY[:30], event, NOISE[0], *ORDINARY[30:]])
    assert choose(log, ordinary=ordinary.keys_in(event)).blocks == ((NOISE[0],),)


@given(st.text())
def test_blocks_are_what_is_picked(text: str) -> None:
    assert tuple(line for block in pick_blocks(text) for line in block) == pick(text)


@given(st.text())
def test_any_text_can_be_picked_from_and_only_its_own_lines_come(text: str) -> None:
    picked = pick(text)
    assert len(picked) <= PICKED_LINES
    if "\x1b" not in text:
        assert {line.rstrip() for line in text.splitlines()} >= set(picked)
