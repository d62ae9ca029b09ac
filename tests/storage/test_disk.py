"""Files are written whole or not at all, and never over another one."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from kb.exceptions import CannotWrite, ChangedMeanwhile, NoteExists
from kb.storage import files


def test_a_note_is_never_written_over_another(tmp_path: Path) -> None:
    files.add(tmp_path / "a.md", b"first")
    with pytest.raises(NoteExists):
        files.add(tmp_path / "a.md", b"second")
    assert (tmp_path / "a.md").read_bytes() == b"first"
    assert [file.name for file in tmp_path.iterdir()] == ["a.md"]


def test_a_note_that_somebody_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_bytes(b"theirs")
    with pytest.raises(ChangedMeanwhile):
        files.replace(file, b"what I read", b"mine")
    assert file.read_bytes() == b"theirs"


def test_replacing_keeps_the_mode_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_bytes(b"old")
    file.chmod(0o640)
    files.replace(file, b"old", b"new")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o640)


def _add_lines(path: Path, writer: str) -> list[str]:
    """The lines that this writer was told are in the file, each added to what stood there."""
    accepted = []
    for number in range(60):
        old = path.read_bytes()
        try:
            files.replace(path, old, old + f"{writer} {number}\n".encode())
        except ChangedMeanwhile:
            continue
        accepted.append(f"{writer} {number}")
    return accepted


@pytest.mark.parametrize("workers", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_of_changes_at_the_same_moment_none_goes_over_another(
    tmp_path: Path, workers: type[ThreadPoolExecutor] | type[ProcessPoolExecutor]
) -> None:
    file = tmp_path / "a.md"
    file.write_bytes(b"")
    with workers(4) as pool:
        accepted = [line for lines in pool.map(_add_lines, [file] * 4, "abcd") for line in lines]
    assert sorted(file.read_text().splitlines()) == sorted(accepted)
    assert len(accepted) >= 60


def _add_one(folder: Path) -> str:
    return files.add_first_free(folder, (f"same-{n}" for n in range(100)), str(os.getpid()).encode()).name


def test_no_note_is_lost_when_many_are_made_at_once_under_one_name(tmp_path: Path) -> None:
    with ProcessPoolExecutor(8) as pool:
        made = list(pool.map(_add_one, [tmp_path] * 40))
    assert sorted(made) == sorted(file.name for file in tmp_path.iterdir())
    assert len(set(made)) == 40


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system as exFAT is: a file has one name."""

    def link(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)


@pytest.mark.usefixtures("no_links")
def test_where_files_can_have_one_name_only_notes_are_written_too_and_never_over_another(tmp_path: Path) -> None:
    files.add(tmp_path / "a.md", b"first")
    with pytest.raises(NoteExists):
        files.add(tmp_path / "a.md", b"second")
    with pytest.raises(NoteExists):
        files.add_all({tmp_path / "b.md": b"third", tmp_path / "a.md": b"second"})
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"a.md": b"first"}


@pytest.mark.usefixtures("no_links")
def test_of_a_file_that_can_not_be_synced_nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []

    def full(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        if len(synced) == 2:  # the temporary file went well, the note itself does not
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match="no space left"):
        files.add(tmp_path / "a.md", b"first")
    assert synced == [5, 5], "what is synced is the whole file"
    assert list(tmp_path.iterdir()) == []
