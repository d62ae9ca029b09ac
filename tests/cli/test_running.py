"""`kb run`: the command is as it would be alone, and a failure brings what is known about it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import KB, World, run_in_terminal, without_colours

FAILING = ("sh", "-c", "echo 'connect() failed (113: No route to host) while connecting to upstream' >&2; exit 7")


@pytest.fixture
def known(lab: World) -> World:
    made = lab.kb("incident", "new", "No route", "--error", "connect() failed (113: No route to host) while connecting to upstream",
                  "--fix", "connect the network", "--no-edit")  # fmt: skip
    assert made.status == 0, made.err
    return lab


def test_a_command_that_works_is_left_alone(lab: World) -> None:
    done = lab.kb("run", "--", "sh", "-c", "cat; echo err >&2", stdin="piped\n")
    assert (done.status, done.out, done.err) == (0, "piped\n", "err\n")


def test_options_of_the_command_are_its_own(lab: World) -> None:
    assert lab.kb("run", "printf", "%s-", "--record", "--root").out == "--record---root-"


def test_a_failure_keeps_its_exit_status_and_shows_what_is_known(known: World) -> None:
    done = known.kb("run", "--", *FAILING)
    assert (done.status, done.out) == (7, "")
    assert "SAME ERROR  No route" in done.err
    assert "FIX    connect the network" in done.err


def test_what_a_failed_command_printed_can_be_recorded_afterwards(lab: World) -> None:
    assert lab.kb("run", "--", *FAILING).status == 7
    assert "No route to host" in lab.kb("fixed", "connected it").paths[0].read_text()


def test_record_starts_an_incident_with_the_command_and_its_output(lab: World) -> None:
    done = lab.kb("run", "--record", "--", *FAILING)
    assert done.status == 7
    (path,) = (lab.folder / "entries/incidents").glob("2026*.md")
    text = path.read_text()
    assert str(path) in done.err
    assert "```\nconnect() failed (113: No route to host) while connecting to upstream\n```" in text
    assert "ended with exit status 7." in text
    assert "status: open" in text
    assert "once it is fixed: kb incident resolve" in done.err


def test_a_signal_counts_as_in_a_shell(lab: World) -> None:
    assert lab.kb("run", "--", "sh", "-c", "kill -9 $$").status == 137


def test_a_program_that_is_not_there_is_named(lab: World) -> None:
    done = lab.kb("run", "--", "nosuchprogram")
    assert (done.status, done.err) == (127, "kb: no program is called 'nosuchprogram'\n")  # as in a shell


def test_outside_of_any_knowledge_base_the_command_runs_all_the_same(tmp_path: Path) -> None:
    world = World(tmp_path, tmp_path)
    assert world.kb("run", "--", "echo", "hello").out == "hello\n"
    failed = world.kb("run", "--", "false")
    assert failed.status == 1
    assert "no knowledge base" in failed.err


def test_on_a_terminal_the_command_has_one_with_our_size(lab: World) -> None:
    seen = lab.typed(
        ["run", "--", "sh", "-c", "test -t 0 && test -t 1 && test -t 2 && stty size && printf '\\033[31mred\\033[0m\\n'"]
    )
    assert seen.status == 0, seen.out
    assert "\x1b[31mred\x1b[0m" in seen.out


def test_what_is_typed_reaches_the_command(lab: World) -> None:
    seen = lab.typed(["run", "--", "sh", "-c", 'printf "name? "; read name; echo "hello $name"'], [("name?", "bob\n")])
    assert "hello bob" in seen.out


def test_ctrl_c_reaches_the_command_and_not_us(lab: World) -> None:
    script = "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.1; done"
    seen = lab.typed(["run", "--", "sh", "-c", script], [("ready", "\x03")])
    assert seen.status == 5
    assert "caught" in seen.out


def test_the_terminal_is_put_back_as_it_was(lab: World) -> None:
    shell = f"stty -a > before; {' '.join(KB)} run -- sh -c 'exit 3'; stty -a > after; cmp before after && echo same"
    seen = run_in_terminal(["bash", "-c", shell], lab.folder, lab.environment({"TERM": "xterm"}), [], None)
    assert "same" in without_colours(seen.out)


def test_being_told_to_stop_stops_the_command(lab: World) -> None:
    process = subprocess.Popen(
        [*KB, "run", "--", sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"],
        cwd=lab.folder, env=lab.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 143
    assert time.monotonic() - started < 15
