"""What somebody typed is never lost: the draft outlives the editor, signals, a full disk, and is offered again."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import shlex
import signal
import subprocess
import termios
import time
from pathlib import Path

import pytest
from commands import KB, World

TYPED = "sed -i 's/^title:.*/title: Typed at one in the morning/'"


def drafts(lab: World) -> list[Path]:
    return sorted(lab.home.glob(".local/state/kb/*/drafts/*"))


def test_a_draft_that_was_kept_is_offered_and_saved(lab: World) -> None:
    failed = lab.kb("incident", "new", "--edit", env={"EDITOR": f"sh -c {shlex.quote(TYPED + ' $0; exit 1')}"})
    assert (failed.status, len(drafts(lab))) == (4, 1)
    resumed = lab.kb("incident", "new", "--resume", "--edit", env={"EDITOR": "sed -i 's/morning/night/'"})
    assert resumed.status == 0, resumed.err
    assert "title: Typed at one in the night" in resumed.paths[0].read_text()
    assert drafts(lab) == []
    assert lab.git("log", "-1", "--format=%s") == "incident: Typed at one in the night\n"


def test_without_an_editor_the_draft_is_saved_as_it_is(lab: World) -> None:
    lab.kb("decision", "new", "--edit", env={"EDITOR": f"sh -c {shlex.quote(TYPED + ' $0; exit 1')}"})
    assert lab.kb("incident", "new", "--resume", "--no-edit").status == 2
    resumed = lab.kb("decision", "new", "--resume", "--no-edit")
    assert [path.name for path in resumed.paths] == ["0001-typed-at-one-in-the-morning.md"]


def test_of_several_drafts_one_is_chosen(lab: World) -> None:
    for number, title in enumerate(("first", "second"), 1):
        edit = f"sed -i 's/^title:.*/title: The {title}/' $0; exit 1"
        failed = lab.kb("incident", "new", "--edit", env={"EDITOR": f"sh -c {shlex.quote(edit)}"})
        assert ("1 earlier draft kept: kb incident new --resume" in failed.err) is (number == 2)
        os.utime(next(path for path in drafts(lab) if title in path.read_text()), (number, number))
    chosen = lab.typed(["incident", "new", "--resume", "--no-edit"], [("Which incident draft? [1]", "2\n")])
    assert "1  01 Jan 00:00  The second" in chosen.out
    assert [path.read_text().count("The second") for path in drafts(lab)] == [1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGINT], ids=lambda n: n.name)
def test_a_signal_while_the_editor_is_open_leaves_what_was_typed(lab: World, number: signal.Signals) -> None:
    editor = f"sh -c {shlex.quote(TYPED + ' $0; : > typed; exec sleep 20')}"
    process = subprocess.Popen(
        [*KB, "incident", "new", "--edit"], cwd=lab.folder, env=lab.environment({"EDITOR": editor}), start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not (lab.folder / "typed").exists():
        time.sleep(0.02)
    os.killpg(process.pid, number)
    assert process.wait(10) != 0
    (draft,) = drafts(lab)
    assert "Typed at one in the morning" in draft.read_text()
    assert draft.stat().st_mode & 0o777 == 0o600
    assert lab.kb("incident", "new", "--resume", "--no-edit").status == 0


def test_a_secret_in_a_resumed_draft_is_masked(lab: World) -> None:
    lab.kb("incident", "new", "--edit", env={"EDITOR": f"sh -c {shlex.quote(TYPED + ' $0; exit 1')}"})
    with drafts(lab)[0].open("a") as draft:
        draft.write("\npostgres://me:hun" + "ter2@db/x\n")
    resumed = lab.kb("incident", "new", "--resume", "--no-edit")
    assert "hunter2" not in resumed.paths[0].read_text()


# ---- answers to questions --------------------------------------------------------------------------------------------


def answered_and_ended(lab: World, arguments: list[str], answers: list[tuple[str, str]], end: str) -> int:
    """Type answers in a terminal, each when its question shows, and end it at the last question. The exit status."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*KB, *arguments], cwd=lab.folder, env=lab.environment({"TERM": "xterm"}), start_new_session=True,
        stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=lambda: fcntl.ioctl(theirs, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)
    screen = b""
    for question, answer in answers:
        while question.encode() not in screen:
            screen += os.read(ours, 4096)
        screen = b""
        os.write(ours, answer.encode())
    if end == "the terminal closes":
        time.sleep(0.3)
        os.close(ours)
        return process.wait(10)
    if end == "Ctrl-C":
        time.sleep(0.3)
        os.write(ours, b"\x03")
    else:
        time.sleep(0.3)
        process.send_signal(signal.Signals[end])
    with contextlib.suppress(OSError):
        while os.read(ours, 4096):
            pass
    os.close(ours)
    return process.wait(10)


ENDS = ["Ctrl-C", "SIGQUIT", "SIGTERM", "SIGHUP", "the terminal closes"]


@pytest.mark.parametrize("end", ENDS)
def test_answers_that_were_typed_outlive_the_end_of_the_questions(lab: World, end: str) -> None:
    told = [("What broke?", "No names at all\n"), ("ends it)", "dial udp: i/o timeout\n\n")]
    told += [("What fixed it?", "restarted unbound\n"), ("Services", "")]
    status = answered_and_ended(lab, ["incident", "new", "--tag", "dns"], told, end)
    assert status == {"Ctrl-C": 130, "SIGTERM": -15, "SIGQUIT": -3}.get(end, -1)
    (draft,) = drafts(lab)
    text = draft.read_text()
    assert ("dial udp: i/o timeout" in text, "restarted unbound" in text, "dns" in text) == (True, True, True)
    assert draft.stat().st_mode & 0o777 == 0o600
    resumed = lab.kb("incident", "new", "--resume", "--no-edit")
    assert [path.name for path in resumed.paths] == ["2026-11-21-no-names-at-all.md"]
    assert drafts(lab) == []


def test_the_title_of_an_experiment_outlives_the_question_after_it(lab: World) -> None:
    told = [("What do you try?", "Pull a disk during a write\n"), ("How long may it take?", "")]
    answered_and_ended(lab, ["experiment", "new", "--type", "spike"], told, "Ctrl-C")
    resumed = lab.kb("experiment", "new", "--resume", "--no-edit")
    assert "type: spike\n" in resumed.paths[0].read_text()
    assert "title: Pull a disk during a write\n" in resumed.paths[0].read_text()


def test_a_paste_that_was_not_ended_is_kept_line_by_line_and_its_secrets_are_not(lab: World) -> None:
    told = [("What broke?", "No database\n"), ("ends it)", "it broke here\npassword=hun" + "ter2xyz\n")]
    answered_and_ended(lab, ["incident", "new"], told, "the terminal closes")
    (draft,) = drafts(lab)
    assert "it broke here" in draft.read_text()
    assert "hunter2xyz" not in draft.read_text()


def test_nothing_is_kept_when_nothing_was_answered(lab: World) -> None:
    assert answered_and_ended(lab, ["incident", "new"], [("What broke?", "")], "Ctrl-C") == 130
    assert drafts(lab) == []


@pytest.mark.parametrize("end", ENDS)
def test_the_answers_of_fixed_and_of_a_change_are_kept_too(lab: World, end: str) -> None:
    lab.kb("seen", "E77: the pump broke")
    answered_and_ended(lab, ["fixed", "a new pump"], [("Title", "\x15The pump\n"), ("Services", "")], end)
    answered_and_ended(lab, ["change", "new"], [("What did you change?", "A longer cable\n"), ("undone?", "")], end)
    change, incident = drafts(lab)
    assert "title: A longer cable" in change.read_text()
    assert [word in incident.read_text() for word in ("E77: the pump broke", "a new pump", "title: The pump")] == [True] * 3


# ---- a change of a note ----------------------------------------------------------------------------------------------


def failed_edit(lab: World) -> Path:
    lab.kb("incident", "new", "No DNS", "--no-edit")
    failed = lab.kb("edit", "no-dns", env={"EDITOR": f"sh -c {shlex.quote(TYPED + ' $0; exit 1')}"})
    assert failed.status == 4
    (draft,) = drafts(lab)
    return draft


def test_a_change_that_was_kept_is_gone_on_with(lab: World) -> None:
    failed_edit(lab)
    resumed = lab.kb("edit", "no-dns", "--resume", env={"EDITOR": "sed -i 's/morning/night/'"})
    assert resumed.status == 0, resumed.err
    assert "title: Typed at one in the night" in resumed.paths[0].read_text()
    assert drafts(lab) == []
    assert lab.kb("edit", "no-dns", "--resume").status == 2


def test_a_change_that_was_kept_is_told_of_when_the_note_is_edited_anew(lab: World) -> None:
    failed_edit(lab)
    again = lab.kb("edit", "no-dns", env={"EDITOR": "true"})
    assert "1 earlier draft kept: kb edit incidents/2026-11-21-no-dns --resume" in again.err


def test_a_draft_of_a_note_that_has_changed_since_is_refused_and_stays(lab: World) -> None:
    draft = failed_edit(lab)
    typed = draft.read_bytes()
    lab.kb("edit", "no-dns", "--set", "tags=dns")
    note = lab.folder / "entries/incidents/2026-11-21-no-dns.md"
    theirs = note.read_bytes()
    refused = lab.kb("edit", "no-dns", "--resume", env={"EDITOR": "true"})
    assert refused.status == 4
    assert refused.err.splitlines() == [
        f"kb: {note} was changed by somebody else meanwhile and is left as it is; your version is kept in {draft}"
    ]
    assert (draft.read_bytes(), note.read_bytes()) == (typed, theirs)


# ---- an editor that opens a window and comes back --------------------------------------------------------------------


def window(lab: World, name: str = "code", waits: bool = False) -> dict[str, str]:
    """An editor that comes back at once, and saves a second later; if it `waits`, only with --wait it does not come back."""
    late = 'sleep 1; if [ -f "$0" ]; then sed -i "s/^title:.*/title: LATE/" "$0"; fi; : > "$1"'
    tools = lab.home / "tools"
    tools.mkdir(exist_ok=True)
    background = f'setsid sh -c {shlex.quote(late)} "$1" {lab.home}/late </dev/null >/dev/null 2>&1'
    in_front = f'case "$*" in *--wait*) {background}; exit;; esac\n' if waits else ""
    (tools / name).write_text(f"#!/bin/sh\n{in_front}{background} &\n")
    (tools / name).chmod(0o755)
    return {"PATH": f"{tools}:{os.environ['PATH']}", "EDITOR": name}


def wait_for_the_window(lab: World) -> None:
    deadline = time.monotonic() + 20
    while not (lab.home / "late").exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_an_editor_with_a_window_is_told_to_wait(lab: World) -> None:
    lab.kb("incident", "new", "No DNS", "--no-edit")
    edited = lab.kb("edit", "no-dns", env=window(lab, waits=True))
    assert edited.status == 0, edited.err
    assert "title: LATE" in edited.paths[0].read_text()
    assert drafts(lab) == []


@pytest.mark.parametrize(
    "command", [["edit", "no-dns"], ["incident", "new", "Late", "--edit"], ["decision", "new", "--edit", "X"]]
)
def test_what_a_window_saves_after_the_editor_came_back_is_not_lost(lab: World, command: list[str]) -> None:
    lab.kb("incident", "new", "No DNS", "--no-edit")
    made = lab.kb(*command, env=window(lab))
    assert made.status == 4
    go_on = re.search(r"when it is closed, kb (.*)$", made.err)
    assert go_on, made.err
    wait_for_the_window(lab)
    resumed = lab.kb(*go_on[1].split(), env={"EDITOR": "true"})
    assert resumed.status == 0, resumed.err
    assert "title: LATE" in resumed.paths[0].read_text()


def test_with_an_unknown_editor_that_came_back_the_copy_stays_for_what_it_saves(lab: World) -> None:
    lab.kb("incident", "new", "No DNS", "--no-edit")
    assert lab.kb("edit", "no-dns", env=window(lab, "my-own-editor")).err == "nothing changed\n"
    assert "earlier draft" not in lab.kb("edit", "no-dns", env={"EDITOR": "true"}).err  # nothing is in it yet
    wait_for_the_window(lab)
    resumed = lab.kb("edit", "no-dns", "--resume", env={"EDITOR": "true"})
    assert "title: LATE" in resumed.paths[0].read_text()


@pytest.mark.parametrize("setting", ["password=Tr0ub4dor-3xK9qLm" + "Z", "api_key=sk_li" + "ve_4eC39HqLyjWDarjtT1zdp7dc"])
def test_a_secret_that_is_set_as_a_field_is_masked(lab: World, setting: str) -> None:
    lab.kb("incident", "new", "No DNS", "--no-edit")
    for command in (["edit", "no-dns", "--set", setting], ["incident", "new", "Other", "--no-edit", "--set", setting]):
        made = lab.kb(*command)
        assert made.status == 0
        assert "masked before it was written" in made.err
        assert setting.partition("=")[2] not in lab.git("log", "-p")
