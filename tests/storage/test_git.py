"""Git: exactly the note is committed, and whatever state the repository is in, the note stays on the disk."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from commands import World

from kb.storage import git, git_commit


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "me")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "me@example.org")
    git.init(tmp_path)
    (tmp_path / "readme").write_text("x")
    run(tmp_path, "add", "readme")
    run(tmp_path, "commit", "-qm", "first")
    return tmp_path


def run(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def make(folder: Path, name: str = "note.md", text: str = "x") -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_only_the_note_is_committed_and_what_others_staged_stays_staged(repository: Path) -> None:
    make(repository, "theirs")
    run(repository, "add", "theirs")
    make(repository, "unrelated")
    assert git_commit.commit(repository, [make(repository)], "incident: x", new=True) == git_commit.Commit(True)
    assert run(repository, "show", "--name-only", "--format=%s") == "incident: x\n\nnote.md\n"
    assert run(repository, "status", "--porcelain") == "A  theirs\n?? unrelated\n"


def test_a_note_name_that_looks_like_an_option_is_a_name(repository: Path) -> None:
    assert git_commit.commit(repository, [make(repository, "--amend.md")], "x", new=True).made


def test_outside_a_repository_there_is_nothing_to_do(tmp_path: Path) -> None:
    assert git_commit.commit(tmp_path, [make(tmp_path)], "x", new=True) == git_commit.Commit(False)


def test_a_failing_hook_says_its_last_word_and_leaves_nothing_staged(repository: Path) -> None:
    hook = make(repository / ".git" / "hooks", "pre-commit", "#!/bin/sh\necho 'no notes on Friday'\nexit 1\n")
    hook.chmod(0o755)
    commit = git_commit.commit(repository, [make(repository)], "x", new=True)
    assert commit == git_commit.Commit(False, "no notes on Friday")
    assert run(repository, "status", "--porcelain") == "?? note.md\n"


def test_a_locked_index_is_waited_for_and_never_removed(repository: Path) -> None:
    lock = make(repository / ".git", "index.lock", "")
    commit = git_commit.commit(repository, [make(repository)], "x", new=True)
    assert "another Git holds index.lock" in commit.trouble
    assert lock.exists()


def test_during_a_merge_nothing_is_committed(repository: Path) -> None:
    make(repository / ".git", "MERGE_HEAD", run(repository, "rev-parse", "HEAD"))
    assert "a merge is under way" in git_commit.commit(repository, [make(repository)], "x", new=True).trouble


def test_without_an_identity_git_is_told_how_to_get_one(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "")
    run(repository, "config", "user.useConfigOnly", "true")
    assert "git config --global user.name" in git_commit.commit(repository, [make(repository)], "x", new=True).trouble


def test_without_git_the_note_is_saved_all_the_same(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert git_commit.commit(repository, [make(repository)], "x", new=True) == git_commit.Commit(False, "git isn't installed")


def test_an_ignored_note_says_so(repository: Path) -> None:
    make(repository, ".gitignore", "note.md\n")
    assert git_commit.commit(repository, [make(repository)], "x", new=True).trouble == "the file is ignored by .gitignore"


def test_a_detached_head_is_committed_to(repository: Path) -> None:
    run(repository, "checkout", "-q", "--detach")
    assert git_commit.commit(repository, [make(repository)], "x", new=True).made


def test_inside_a_hook_the_knowledge_base_is_meant_and_not_the_hooks_repository(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere/.git")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert git_commit.commit(repository, [make(repository)], "x", new=True).made


def test_a_knowledge_base_beside_this_repository_gets_one_of_its_own(lab: World) -> None:
    assert lab.kb("init", "../other").status == 0
    assert lab.kb("--root", "../other", "incident", "new", "Elsewhere", "--no-edit").status == 0
    assert World(lab.home, lab.home / "other").git("status", "--porcelain") == ""
    assert lab.git("status", "--porcelain") == ""
