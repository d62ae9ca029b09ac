"""What somebody typed is never lost: the draft outlives the editor, signals, a full disk, and is offered again."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
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
