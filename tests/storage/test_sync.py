"""`kb sync` between two machines: nothing is lost or leaked, whatever both did; twin decision numbers are told and mended."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
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
    nas.git("config", "kb.machine", "nas")
    assert nas.kb("init").status == 0
    assert nas.kb("incident", "new", "No DNS", "--date", "2026-11-20", "--error", "SERVFAIL", "--no-edit").status == 0
    synced = nas.kb("sync")
    assert (synced.status, synced.err) == (0, "asking origin\n2 commits pushed\n")
    git(home, "clone", "-q", "hub.git", "mini")
    mini.git("config", "kb.machine", "mini")
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
    assert synced.paths == [note(mini), note(mini, f"{NOTE}-by-mini")]
    assert (note(mini).read_bytes(), note(mini, f"{NOTE}-by-mini").read_bytes()) == (theirs, mine)
    assert (
        f"both sides changed entries/{NOTE}.md: theirs is there, yours is entries/{NOTE}-by-mini.md; kb resolve" in synced.err
    )
    assert mini.kb("sync").status == 0
    nas.kb("sync")
    assert note(nas, f"{NOTE}-by-mini").read_bytes() == mine


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
    (mini.folder / "entries/incidents/.one.md.swp").write_text("of Vim")
    (mini.folder / "entries/incidents/one.md~").write_text("of an editor")
    mini.git("add", "compose.yml")
    nas.kb("incident", "new", "On the NAS", "--no-edit")
    nas.kb("sync")
    mini.kb("incident", "new", "On the mini", "--no-edit")
    assert mini.kb("sync").status == 0
    assert (mini.folder / "compose.yml").read_text() == "services: {}\n"
    pushed = git(mini.home / "hub.git", "ls-tree", "-r", "--name-only", "main")
    assert [name for name in ("compose.yml", ".one.md.swp", "one.md~") if name in pushed] == []
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


SECRET = "DB_PASSWORD=Tr0ub4dor-3xK9" + "qLmZ"
LEAK = f"---\ntitle: L\n---\n```\n{SECRET}\n```\n"


def in_the_hub(world: World) -> bool:
    return SECRET in git(world.home / "hub.git", "log", "-p", "--format=%B", "--all")


def committed_by_hand(at: World) -> None:
    note(at, "incidents/l").write_text(LEAK)
    at.git("add", "entries")
    at.git("commit", "-qm", "by hand")


def in_an_earlier_commit(at: World) -> None:
    committed_by_hand(at)
    note(at, "incidents/l").write_text("---\ntitle: L\n---\nclean\n")


def in_a_message(at: World) -> None:
    at.git("commit", "-q", "--allow-empty", "-m", f"fixed\n\nwith {SECRET}")


def beside_the_notes(at: World) -> None:
    (at.folder / "entries/incidents/db.env").write_text(f"{SECRET}\n")


def in_utf_16(at: World) -> None:
    (at.folder / "entries/incidents/db.txt").write_text(f"{SECRET}\n", encoding="utf-16")
    at.git("add", "entries")
    at.git("commit", "-qm", "a text of Windows")


def in_a_file_that_is_not_diffed(at: World) -> None:
    (at.folder / ".git/info/attributes").write_text("*.md -diff\n")
    committed_by_hand(at)


@pytest.mark.parametrize(
    "leak",
    [committed_by_hand, in_an_earlier_commit, in_a_message, beside_the_notes, in_utf_16, in_a_file_that_is_not_diffed],
)
def test_a_secret_leaves_by_no_way(machines: tuple[World, World], leak: Callable[[World], None]) -> None:
    nas, mini = machines
    leak(nas)
    mini.kb("incident", "new", "On the mini", "--no-edit")
    mini.kb("sync")
    for _ in range(2):  # the second try leaks no more than the first
        synced = nas.kb("sync")
        assert (synced.status, in_the_hub(nas)) == (2, False), synced.err
        assert ": looks like a secret (password)" in synced.err or "looks like a secret" in synced.err
        assert "Tr0ub4" not in synced.err
        assert "nothing was pushed" in synced.err


def test_the_way_out_that_is_told_lets_the_notes_go_and_not_the_secret(machines: tuple[World, World]) -> None:
    nas, _ = machines
    in_an_earlier_commit(nas)
    told = nas.kb("sync").err
    command = re.search(r"git (reset --soft \w+)", told)
    assert command, told
    nas.git(*command[1].split())
    assert nas.kb("sync").status == 0
    assert "l.md" in git(nas.home / "hub.git", "ls-tree", "-r", "--name-only", "main")
    assert not in_the_hub(nas)


def test_a_false_alarm_in_an_earlier_commit_goes_once_its_line_says_so(machines: tuple[World, World]) -> None:
    nas, _ = machines
    committed_by_hand(nas)
    assert nas.kb("sync").status == 2
    note(nas, "incidents/l").write_text(LEAK.replace(SECRET, f"{SECRET} # kb-allow"))
    assert nas.kb("sync").status == 0


def test_what_was_purged_is_brought_back_by_no_other_machine(machines: tuple[World, World]) -> None:
    nas, mini = machines
    committed_by_hand(nas)
    nas.git("push", "-q", "origin", "main")
    mini.git("pull", "-q")
    note(nas, "incidents/l").write_text("---\ntitle: L\n---\nclean\n")
    nas.git("commit", "-q", "-a", "--amend", "-m", "purged")
    nas.git("push", "-q", "--force", "origin", "main")
    note(mini, "incidents/o").write_text("---\ntitle: O\n---\n")
    for _ in range(2):
        synced = mini.kb("sync")
        assert (synced.status, in_the_hub(nas)) == (3, False), synced.err
        assert "the history of origin/main was rewritten, and a commit that it had once" in synced.err
    command = re.search(r"git (rebase --onto \S+ \w+)", synced.err)
    assert command
    mini.git(*command[1].split())
    assert mini.kb("sync").status == 0
    assert not in_the_hub(nas)
    assert note(mini, "incidents/o").is_file()


def test_a_history_that_has_nothing_to_do_with_ours_is_not_buried_under_it(machines: tuple[World, World]) -> None:
    nas, mini = machines
    mini.git("checkout", "-q", "--orphan", "other")
    mini.git("commit", "-qm", "another one")
    mini.git("push", "-q", "--force", "origin", "other:main")
    nas.kb("incident", "new", "On the NAS", "--no-edit")
    before = nas.git("rev-parse", "HEAD")
    synced = nas.kb("sync")
    assert (synced.status, "was rewritten" in synced.err) == (3, True)
    assert nas.git("rev-parse", "HEAD") == before


def test_two_that_began_apart_become_one(machines: tuple[World, World]) -> None:
    nas, _ = machines
    apart = World(nas.home, nas.home / "apart")
    apart.folder.mkdir()
    apart.git("init", "-q", "-b", "main")
    apart.kb("init")
    apart.kb("incident", "new", "On its own", "--no-edit")
    apart.git("remote", "add", "origin", str(nas.home / "hub.git"))
    apart.git("config", "kb.machine", "apart")
    synced = apart.kb("sync")
    assert synced.paths == [apart.folder / "mkdocs.yml", apart.folder / "mkdocs-by-apart.yml"]  # which name their folder
    assert note(apart).is_file()
    assert nas.kb("sync").status == 0
    assert nas.kb("list").out == apart.kb("list").out


def test_a_merge_that_was_made_by_hand_survives(machines: tuple[World, World]) -> None:
    nas, mini = machines
    note(mini).write_text("---\ntitle: No DNS\n---\nby the mini\n")
    mini.kb("sync")
    note(nas).write_text("---\ntitle: No DNS\n---\nby the nas\n")
    nas.git("commit", "-qam", "mine")
    subprocess.run(
        ["git", "pull", "-q", "--no-rebase"], cwd=nas.folder, env=nas.environment(), capture_output=True, check=False
    )
    note(nas).write_text("---\ntitle: No DNS\n---\nMERGED BY HAND\n")
    nas.git("commit", "-qam", "merged by hand")
    mini.kb("incident", "new", "Later", "--no-edit")
    mini.kb("sync")
    assert nas.kb("sync").status == 0
    assert "MERGED BY HAND" in note(nas).read_text()
    mini.kb("sync")
    assert "MERGED BY HAND" in note(mini).read_text()


def test_a_file_that_was_committed_by_mistake_and_ignored_since_is_no_trouble(machines: tuple[World, World]) -> None:
    nas, mini = machines
    mini.kb("incident", "new", "Later", "--no-edit")
    mini.kb("sync")
    (nas.folder / ".env").write_text("old")
    nas.git("add", ".env")
    nas.git("commit", "-qm", "by mistake")
    nas.git("rm", "-q", "--cached", ".env")
    with (nas.folder / ".gitignore").open("a") as ignored:
        ignored.write(".env\n")
    nas.git("commit", "-qam", "not kept")
    assert nas.kb("sync").status == 0
    assert (nas.folder / ".env").read_text() == "old"


def test_what_is_ignored_here_is_not_written_over_by_what_comes(machines: tuple[World, World]) -> None:
    nas, mini = machines
    (nas.folder / ".git/info/exclude").write_text("entries/notes.log\n")
    (nas.folder / "entries/notes.log").write_text("mine alone")
    (mini.folder / "entries/notes.log").write_text("theirs")
    mini.kb("sync")
    before = nas.git("rev-parse", "HEAD")
    synced = nas.kb("sync")
    assert (synced.status, nas.git("rev-parse", "HEAD")) == (3, before)
    assert "in the way" in synced.err
    assert (nas.folder / "entries/notes.log").read_text() == "mine alone"


def test_hooks_in_a_mkdocs_yml_that_came_are_named(machines: tuple[World, World]) -> None:
    nas, mini = machines
    with (mini.folder / "mkdocs.yml").open("a") as settings:
        settings.write("hooks: [evil.py]\n")
    (mini.folder / "evil.py").write_text("x = 1\n")
    mini.git("add", "-A")
    mini.git("commit", "-qm", "hooks")
    mini.kb("sync")
    assert "others changed what kb site runs (hooks: evil.py): git diff" in nas.kb("sync").err
    (mini.folder / "evil.py").write_text("x = 2\n")
    mini.git("commit", "-qam", "otherwise")
    mini.kb("sync")
    assert "(hooks: evil.py, changed)" in nas.kb("sync").err
    assert nas.kb("sync").err.count("others changed") == 0
