"""`kb seen --follow` and `--clipboard`: errors that come by themselves."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import KB, World

ERROR = "nginx-1  | 2026/11/20 22:40:0{} [error] 29#29: *1 connect() failed (113: No route to host) while connecting to upstream, client: 10.0.0.{}\n"
ORDINARY = 'nginx-1  | 10.0.0.7 - - "GET /web/{} HTTP/2.0" 200\n'


@pytest.fixture
def known(lab: World) -> World:
    made = lab.kb("incident", "new", "No route", "--error", ERROR.format(1, 1), "--fix", "connect the network", "--no-edit")
    assert made.status == 0, made.err
    assert lab.kb("seen", "x").status == 1  # the index is there
    return lab


class Following:
    """A running `kb seen --follow`, and what it has said so far."""

    def __init__(self, world: World, *arguments: str) -> None:
        self.said = world.folder / "said"
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [*KB, "seen", "--follow", *arguments], cwd=world.folder, env=world.environment({"PYTHONUNBUFFERED": "1"}),
                stdin=subprocess.PIPE, stdout=said, start_new_session=True,
            )  # fmt: skip

    def wait_for(self, count: int) -> str:
        """What was said once so many answers are there."""
        deadline = time.monotonic() + 30
        while self.said.read_text().count("SAME ERROR") < count:
            assert time.monotonic() < deadline, self.said.read_text()
            time.sleep(0.05)
        return self.said.read_text()


@pytest.fixture
def following(known: World) -> Iterator[Following]:
    process = Following(known)
    yield process
    process.process.kill()
    process.process.communicate()


def test_each_known_error_is_told_once_while_the_log_grows(following: Following) -> None:
    pipe = following.process.stdin
    assert pipe is not None
    for number in range(5):
        pipe.write(ORDINARY.format(number).encode())
    pipe.write(ERROR.format(2, 9).encode())
    pipe.flush()
    assert "FIX    connect the network" in following.wait_for(1)
    pipe.write((ORDINARY.format("new") + ERROR.format(3, 200)).encode())
    pipe.close()
    assert following.process.wait(20) == 0
    assert following.said.read_text().count("SAME ERROR") == 1


TOLD_WEAKLY = (
    "2026/11/20 22:40:01 [error] 29#29: *1 connect() failed (113: No route to host) while connecting to the upstream of tv\n"
)


def test_a_stronger_match_of_the_same_note_is_told_again(following: Following) -> None:
    pipe = following.process.stdin
    assert pipe is not None
    pipe.write(TOLD_WEAKLY.encode())
    pipe.flush()
    deadline = time.monotonic() + 30
    while "LIKELY THE SAME" not in following.said.read_text():
        assert time.monotonic() < deadline, following.said.read_text()
        time.sleep(0.05)
    pipe.write(ERROR.format(2, 9).encode())
    pipe.close()
    assert following.process.wait(20) == 0
    assert "surer now" in following.said.read_text()
    assert following.said.read_text().count("SAME ERROR") == 1


def test_another_known_error_is_told_too(known: World) -> None:
    pump = "2026-11-20T01:00:00Z ERROR pump: the impeller of the basement is stuck\n"
    known.kb("incident", "new", "Pump", "--error", pump, "--fix", "free the impeller", "--no-edit")
    said = known.kb("seen", "--follow", stdin=ERROR.format(2, 2) + ORDINARY.format(1) + pump)
    assert said.status == 0
    assert [fix in said.out for fix in ("connect the network", "free the impeller")] == [True, True]


def test_an_unknown_event_is_told_once_a_shape_and_counted(known: World) -> None:
    lost = "2026-11-20T01:00:{:02}Z ERROR mailer: cannot find the template welcome.html for user {}\n"
    said = known.kb("seen", "--follow", stdin="".join(lost.format(i, i) for i in range(12)) + ORDINARY.format(1))
    assert said.status == 1
    told = [line for line in said.out.splitlines() if "mailer: cannot find" in line]
    assert len(told) == 3  # when it came first, at the tenth time, and at the end
    assert "not known: mailer" in told[0]
    assert "not known, 10 times: mailer" in told[1]
    assert told[2].endswith("(12 times)")


def test_one_log_is_followed_at_a_time(known: World) -> None:
    asked = known.kb("seen", "--follow", "a.log", "b.log")
    assert (asked.status, "tail -f a.log b.log | kb seen --follow" in asked.err) == (2, True)


def test_a_file_is_followed_from_now_on_also_after_it_was_rotated(known: World) -> None:
    log = known.folder / "nginx.log"
    log.write_text(ERROR.format(2, 2))  # what was there before is not news
    process = Following(known, str(log))
    try:
        time.sleep(1.5)
        log.rename(known.folder / "nginx.log.1")
        log.write_text(ORDINARY.format(1) + ERROR.format(3, 3))
        process.wait_for(1)
        process.process.send_signal(signal.SIGINT)
        assert process.process.wait(20) == 0
        assert process.said.read_text().count("SAME ERROR") == 1
    finally:
        process.process.kill()
        process.process.communicate()


def test_what_was_copied_is_read_by_the_program_that_is_there(known: World, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    clipboard = tools / "xclip"
    clipboard.write_text(f"#!/bin/sh\ncat <<'END'\n{ERROR.format(4, 4)}END\n")
    clipboard.chmod(0o755)
    path = f"{tools}:{known.environment()['PATH']}"
    seen = known.kb("seen", "--clipboard", env={"DISPLAY": ":0", "WAYLAND_DISPLAY": "", "PATH": path})
    assert (seen.status, "SAME ERROR  No route" in seen.out) == (0, True)


def test_without_such_a_program_the_next_step_is_said(lab: World) -> None:
    asked = lab.kb("seen", "--clipboard", env={"PATH": "/nowhere"})
    assert asked.status == 2
    assert "install wl-clipboard, xclip or xsel" in asked.err
