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
