"""`kb sync` between two machines: nothing is lost, whatever both did; twin decision numbers are told and mended."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from commands import World

NOTE = "incidents/2026-11-20-no-dns"


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def machines(empty_world: World) -> tuple[World, World]:
    """Two machines with a clone of one repository, which both have the note NOTE."""
    home = empty_world.home
    git(home, "init", "-q", "--bare", "-b", "main", "hub.git")
    (home / "nas").mkdir()
    nas, mini = World(home, home / "nas"), World(home, home / "mini")
    nas.git("init", "-q", "-b", "main")
    nas.git("remote", "add", "origin", str(home / "hub.git"))
    assert nas.kb("init").status == 0
    assert nas.kb("incident", "new", "No DNS", "--date", "2026-11-20", "--error", "SERVFAIL", "--no-edit").status == 0
    synced = nas.kb("sync")
    assert (synced.status, synced.err) == (0, "asking origin\n2 commits pushed\n")
    git(home, "clone", "-q", "hub.git", "mini")
    return nas, mini


def note(world: World, ref: str = NOTE) -> Path:
    return world.folder / "entries" / f"{ref}.md"


def test_notes_of_both_machines_are_on_both(machines: tuple[World, World]) -> None:
    nas, mini = machines
    note(nas, "incidents/by-hand").write_text("---\ntitle: By hand\n---\n")
    nas.kb("incident", "new", "On the NAS", "--no-edit")
    mini.kb("incident", "new", "On the mini", "--no-edit")
    assert nas.kb("sync").err == "asking origin\n1 file committed, 2 commits pushed\n"
    assert mini.kb("sync").err == "asking origin\n2 commits received, 1 commit pushed\n"
    assert nas.kb("sync").err == "asking origin\n1 commit received\n"
    assert nas.kb("sync").err == "asking origin\nnothing new on either side\n"
    assert nas.kb("list").out == mini.kb("list").out
    assert nas.git("status", "--porcelain") == ""


def test_a_note_that_both_changed_is_there_in_both_versions(machines: tuple[World, World]) -> None:
    nas, mini = machines
    assert nas.kb("edit", NOTE, "--set", "status=resolved").status == 0
    for status in ("mitigated", "open", "mitigated"):  # three commits that all meet the other one
        mini.kb("edit", NOTE, "--set", f"status={status}", "--set", f"layer={status}")
    mine, theirs = note(mini).read_bytes(), note(nas).read_bytes()
    nas.kb("sync")
    synced = mini.kb("sync")
    assert synced.status == 1
    assert synced.paths == [note(mini), note(mini, f"{NOTE}-ours")]
    assert (note(mini).read_bytes(), note(mini, f"{NOTE}-ours").read_bytes()) == (theirs, mine)
    assert f"both sides changed entries/{NOTE}.md" in synced.err
    assert mini.kb("sync").status == 0
    nas.kb("sync")
    assert note(nas, f"{NOTE}-ours").read_bytes() == mine


def test_what_one_deleted_and_the_other_changed_stays(machines: tuple[World, World]) -> None:
    nas, mini = machines
    note(nas).unlink()
    mini.kb("edit", NOTE, "--set", "layer=dns")
    mine = note(mini).read_bytes()
    assert nas.kb("sync").status == 0
    assert mini.kb("sync").status == 0
    assert note(mini).read_bytes() == mine
    assert nas.kb("sync").status == 0
    assert note(nas).read_bytes() == mine


def test_other_files_are_neither_committed_nor_lost(machines: tuple[World, World]) -> None:
    nas, mini = machines
    (mini.folder / "compose.yml").write_text("services: {}\n")
    mini.git("add", "compose.yml")
    nas.kb("incident", "new", "On the NAS", "--no-edit")
    nas.kb("sync")
    mini.kb("incident", "new", "On the mini", "--no-edit")
    assert mini.kb("sync").status == 0
    assert (mini.folder / "compose.yml").read_text() == "services: {}\n"
    assert "compose.yml" not in git(mini.home / "hub.git", "ls-tree", "-r", "--name-only", "main")
    assert note(mini, "incidents/2026-11-21-on-the-nas").is_file()


def test_a_note_with_a_secret_stops_it_before_anything_leaves(machines: tuple[World, World]) -> None:
    nas, _ = machines
    note(nas, "incidents/secret").write_text("---\ntitle: x\n---\npostgres://me:hun" + "ter2@db/x\n")
    synced = nas.kb("sync")
    assert synced.status == 2
    assert "entries/incidents/secret.md:4: looks like a secret (password)" in synced.err
    assert "hunter2" not in synced.err
    assert "secret.md" not in git(nas.home / "hub.git", "ls-tree", "-r", "--name-only", "main")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("remote remove origin", "git remote add origin"),
        (
            "remote set-url origin /nowhere",
            "not synced, all is still here and committed: fatal: '/nowhere' does not appear to be a git repository",
        ),
        ("checkout -q --detach", "HEAD is detached"),
    ],
)
def test_what_stands_in_the_way_is_one_line_and_all_is_still_here(machines: tuple[World, World], state: str, said: str) -> None:
    nas, _ = machines
    nas.kb("incident", "new", "Kept", "--no-edit")
    nas.git(*state.split())
    synced = nas.kb("sync")
    assert synced.status in (2, 3)
    assert said in synced.err.splitlines()[-1]
    assert note(nas, "incidents/2026-11-21-kept").is_file()


def test_twin_decision_numbers_are_told_and_mended_with_every_link(machines: tuple[World, World]) -> None:
    nas, mini = machines
    nas.kb("decision", "new", "Use borg", "--no-edit")
    nas.kb("sync")
    mini.kb("decision", "new", "Use restic", "--no-edit", env={"GIT_AUTHOR_DATE": "2026-11-22T00:00+00:00"})
    twin = note(mini, "decisions/0001-use-restic")
    twin.write_bytes(twin.read_bytes() + b"\r\n# 1. Use restic\r\n[[decisions/0001-use-restic]]\r\n")
    other = note(mini, "incidents/links")
    other.write_bytes(
        b"---\ntitle: 0001-use-restic # kept\n# as in 0001-use-restic\nrecurrence_of: 'decisions/0001-use-restic'\n---\r\n"
        b"[[0001-use-restic|it]] and [this](../decisions/0001-use-restic.md#x), `0001-use-restic`, 0001-use-restic-2\r\n"
        b"```\n0001-use-restic\n```\n[[decisions/0001-use-borg]] [[ADR-1]]\n"
    )
    synced = mini.kb("sync")
    assert "0001-use-borg and 0001-use-restic have the same number: kb decision renumber" in synced.err
    fixed = mini.kb("check", "--fix")
    new = note(mini, "decisions/0002-use-restic")
    assert fixed.out.splitlines()[0] == str(new)
    assert "entries/incidents/links.md:10: names the number alone" in fixed.err
    assert not twin.exists()
    assert new.read_bytes().endswith(b"\r\n# 2. Use restic\r\n[[decisions/0002-use-restic]]\r\n")
    assert other.read_bytes() == (
        b"---\ntitle: 0001-use-restic # kept\n# as in 0002-use-restic\nrecurrence_of: 'decisions/0002-use-restic'\n---\r\n"
        b"[[0002-use-restic|it]] and [this](../decisions/0002-use-restic.md#x), `0001-use-restic`, 0001-use-restic-2\r\n"
        b"```\n0001-use-restic\n```\n[[decisions/0001-use-borg]] [[ADR-1]]\n"
    )
    assert mini.git("status", "--porcelain") == ""
    assert "have the same number" not in mini.kb("sync").err
