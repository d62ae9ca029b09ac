"""`kb check --secrets` finds what Git keeps of a secret, or says what it could not look at: never a wrong all-clear."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from commands import World

SECRET = "DB_PASSWORD=Tr0ub4dor-3xK9" + "qLmZ"


@pytest.fixture
def leaky(lab: World) -> World:
    """A knowledge base of which an earlier commit holds a secret."""
    note = lab.folder / "entries/incidents/l.md"
    note.write_text(f"---\ntitle: L\n---\n```\n{SECRET}\n```\n")
    lab.git("add", "entries")
    lab.git("commit", "-qm", "one")
    lab.git("rm", "-q", "entries/incidents/l.md")
    lab.git("commit", "-qm", "two")
    return lab


def committed_and_deleted(lab: World, name: str, data: bytes) -> None:
    path = lab.folder / name
    path.write_bytes(data)
    lab.git("add", name)
    lab.git("commit", "-qm", "there")
    lab.git("rm", "-q", name)
    lab.git("commit", "-qm", "gone")


def test_a_secret_that_was_deleted_is_named_with_its_commit(leaky: World) -> None:
    commit = leaky.git("rev-parse", "--short", "HEAD~1").strip()
    checked = leaky.kb("check", "--secrets")
    assert checked.status == 1
    assert checked.out == (
        f"entries/incidents/l.md:5: looks like a secret (password), in Git since commit {commit}: change it where it is used\n"
    )


def test_attributes_hide_nothing(leaky: World) -> None:
    (leaky.folder / ".git/info/attributes").write_text("*.md -diff\n*.md binary\n")
    assert leaky.kb("check", "--secrets").status == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_texts_of_windows_are_read(lab: World, encoding: str) -> None:
    committed_and_deleted(lab, "entries/incidents/u.md", f"{SECRET}\n".encode(encoding))
    assert "entries/incidents/u.md:1: looks like a secret" in lab.kb("check", "--secrets").out


def test_files_that_are_no_notes_and_messages_are_looked_through(lab: World) -> None:
    committed_and_deleted(lab, "compose.yml", f"environment:\n  {SECRET.replace('=', ': ')}\n".encode())
    lab.git("commit", "-q", "--allow-empty", "-m", f"fixed\n\nwith {SECRET}")
    out = lab.kb("check", "--secrets").out
    assert "compose.yml:2: looks like a secret" in out
    assert f"commit {lab.git('rev-parse', '--short', 'HEAD').strip()}:3: looks like a secret" in out
    assert "Tr0ub4" not in out


def test_a_whole_history_without_secrets_is_said_to_be_looked_through(lab: World) -> None:
    (lab.folder / "entries/incidents/p.png").write_bytes(b"\x89PNG\0\0")
    lab.git("add", "-A")
    lab.git("commit", "-qm", "a picture")
    checked = lab.kb("check", "--secrets")
    assert checked.status == 0
    assert (
        " versions of all files in Git, without 1 picture or other binary file, and in 2 messages of commits\n" in checked.err
    )


def shallow(lab: World) -> World:
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{lab.folder}", str(lab.home / "shallow")], check=True)
    return World(lab.home, lab.home / "shallow")


def without_an_object(lab: World) -> World:
    blob = lab.git("rev-parse", "HEAD~1:entries/incidents/l.md").strip()
    (lab.folder / f".git/objects/{blob[:2]}/{blob[2:]}").unlink()
    return lab


def without_a_commit(lab: World) -> World:
    commit = lab.git("rev-parse", "HEAD~1").strip()
    (lab.folder / f".git/objects/{commit[:2]}/{commit[2:]}").unlink()
    return lab


def in_lfs(lab: World) -> World:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    committed_and_deleted(lab, "entries/incidents/log.txt", pointer.encode())
    return lab


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (shallow, "not looked at: this is a shallow clone, its history ends at"),
        (without_an_object, "not looked at: 1 object of the history is missing"),
        (without_a_commit, "its history was not looked at"),
        (in_lfs, "not looked at: entries/incidents/log.txt is kept by Git LFS"),
    ],
)
def test_what_could_not_be_looked_at_is_said_with_exit_4(leaky: World, made: Callable[[World], World], said: str) -> None:
    checked = made(leaky).kb("check", "--secrets")
    assert checked.status == 4
    assert said in checked.err
    assert "no secrets found in" not in checked.err


def test_a_repository_of_somebody_else_is_not_called_clean(leaky: World) -> None:
    checked = leaky.kb("check", "--secrets", env={"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    assert checked.status == 4
    assert "safe.directory" in checked.err
