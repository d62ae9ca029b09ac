"""A note that is saved and not committed is named until it is; one whose path can't be printed is saved all the same."""

from __future__ import annotations

import subprocess
import sys

import pytest
from commands import KB, World


def refuse(lab: World) -> None:
    hook = lab.folder / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
    hook.chmod(0o755)


def allow(lab: World) -> None:
    (lab.folder / ".git/hooks/pre-commit").unlink()


def test_what_could_not_be_committed_is_named_with_its_reason_until_it_is(lab: World) -> None:
    refuse(lab)
    assert lab.kb("incident", "new", "No DNS", "--no-edit").status == 3
    checked = lab.kb("check")
    assert checked.status == 1
    path = "entries/incidents/2026-11-21-no-dns.md"
    assert checked.out == f"{path}:1: saved, but not committed (not today): kb sync commits it\n"
    assert f"{path}: not today" in lab.kb("today").out
    allow(lab)
    lab.git("add", "entries")
    lab.git("commit", "-qm", "by hand")
    assert lab.kb("check").status == 0
    assert "not today" not in lab.kb("today").out


def test_it_goes_with_the_next_command_that_commits(lab: World) -> None:
    refuse(lab)
    lab.kb("incident", "new", "No DNS", "--no-edit")
    lab.kb("edit", "no-dns", "--set", "layer=dns")
    allow(lab)
    made = lab.kb("incident", "new", "Later", "--no-edit")
    assert made.err == "1 file that could not be committed before: committed now\n"
    assert lab.git("status", "--porcelain") == ""
    assert lab.kb("check").status == 0
    assert lab.kb("incident", "new", "Last", "--no-edit").err == ""


def test_what_somebody_wants_uncommitted_is_not_named(lab: World) -> None:
    lab.kb("incident", "new", "No DNS", "--no-edit", "--no-commit")
    assert lab.kb("check").status == 0
    lab.kb("incident", "new", "Later", "--no-edit")
    assert "no-dns" in lab.git("status", "--porcelain")


def test_a_kb_that_is_killed_before_its_commit_leaves_a_note_that_is_named(lab: World) -> None:
    hook = lab.folder / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\n: > ../ready\nsleep 20\n")
    hook.chmod(0o755)
    process = subprocess.Popen(
        [*KB, "incident", "new", "No DNS", "--no-edit"], cwd=lab.folder, env=lab.environment(), start_new_session=True
    )
    while not (lab.home / "ready").exists():
        pass
    subprocess.run(["kill", "-KILL", "--", f"-{process.pid}"], check=True)
    process.wait()
    hook.unlink()
    (lab.folder / ".git/index.lock").unlink(missing_ok=True)
    assert "2026-11-21-no-dns.md:1: saved, but not committed" in lab.kb("check").out
    lab.kb("incident", "new", "Later", "--no-edit")
    assert lab.kb("check").status == 0


@pytest.mark.parametrize("stdout", [">&-", ">/dev/full"])
@pytest.mark.parametrize(
    "command", ["incident new 'No DNS' --no-edit", "edit old --set layer=dns", "incident log 'still' --to old"]
)
def test_a_note_is_committed_and_named_on_stderr_when_stdout_is_closed_or_full(lab: World, stdout: str, command: str) -> None:
    lab.kb("incident", "new", "Old", "--no-edit")
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m kb {command} {stdout}"], cwd=lab.folder, env=lab.environment(),
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"saved: {lab.folder}/entries/incidents/2026-11-21-")
    assert len(done.stderr.splitlines()) == 1
    assert lab.git("status", "--porcelain") == ""


def test_many_at_once_are_all_committed(lab: World) -> None:
    crowd = [
        subprocess.Popen(
            ["sh", "-c", f"for n in 1 2 3; do {sys.executable} -m kb incident new 'Note {number}' --no-edit; done"],
            cwd=lab.folder, env=lab.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        for number in range(6)
    ]  # fmt: skip
    said = [process.communicate(timeout=100)[1] for process in crowd]
    assert said == [""] * 6
    assert lab.git("status", "--porcelain") == ""
    assert lab.git("rev-list", "--count", "HEAD") == "19\n"
