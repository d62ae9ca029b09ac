"""The watcher: tells what changed, once, and survives what Git does to a folder."""

from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kb.storage.file_watch import snapshot, watch

Next = Callable[..., frozenset[str]]


@pytest.fixture(params=[False, True], ids=["events", "polling"])
def changes(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Next]:
    """What the watcher of `tmp_path` tells next."""
    (tmp_path / "entries/incidents").mkdir(parents=True)
    (tmp_path / "mkdocs.yml").write_text("site_name: x\n")
    (tmp_path / "entries/incidents/old.md").write_text("old")
    told: queue.Queue[frozenset[str]] = queue.Queue()
    stop = threading.Event()
    thread = threading.Thread(
        target=watch, args=(tmp_path, told.put), kwargs={"stop": stop, "polling": request.param, "before": snapshot(tmp_path)}
    )
    thread.start()
    threading.Event().wait(0.2)
    yield lambda seconds=10.0: told.get(timeout=seconds)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_note_that_is_made_changed_or_removed_is_told(tmp_path: Path, changes: Next) -> None:
    note = tmp_path / "entries/incidents/new.md"
    note.write_text("one")
    assert changes() == {"entries/incidents/new.md"}
    note.write_text("two lines\n")
    assert changes() == {"entries/incidents/new.md"}
    note.unlink()
    assert changes() == {"entries/incidents/new.md"}


def test_a_new_folder_is_watched_and_so_is_mkdocs_yml(tmp_path: Path, changes: Next) -> None:
    (tmp_path / "entries/experiments").mkdir()
    (tmp_path / "entries/experiments/x.md").write_text("x")
    assert "entries/experiments/x.md" in changes()
    (tmp_path / "mkdocs.yml").write_text("site_name: another\n")
    assert changes() == {"mkdocs.yml"}


def test_many_files_at_once_are_told_in_few_calls(tmp_path: Path, changes: Next) -> None:
    wanted = {f"entries/incidents/{number}.md" for number in range(300)}
    for name in wanted:
        (tmp_path / name).write_text("x")
    calls = 0
    while wanted:
        wanted -= changes()
        calls += 1
    assert calls <= 4


def test_reading_a_note_is_no_change(tmp_path: Path, changes: Next) -> None:
    for _ in range(5):
        (tmp_path / "entries/incidents/old.md").read_text()
    with pytest.raises(queue.Empty):
        changes(1.5)


@pytest.mark.parametrize("folder", ["entries", "."])
def test_a_folder_that_is_deleted_and_made_anew_is_watched_again(tmp_path: Path, changes: Next, folder: str) -> None:
    for path in list((tmp_path / folder).iterdir()):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (tmp_path / folder).rmdir()
    assert "entries/incidents/old.md" in changes()
    (tmp_path / "entries/incidents").mkdir(parents=True)
    (tmp_path / "entries/incidents/again.md").write_text("x")
    seen: frozenset[str] = frozenset()
    while "entries/incidents/again.md" not in seen:
        seen = changes()
    threading.Event().wait(1.2)
    (tmp_path / "entries/incidents/later.md").write_text("x")
    while "entries/incidents/later.md" not in seen:
        seen = changes()


def test_the_watcher_stops_when_it_is_told_to(tmp_path: Path) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=watch, args=(tmp_path / "nowhere", print), kwargs={"stop": stop})
    thread.start()
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_what_changed_before_the_watcher_was_ready_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "entries").mkdir()
    before = snapshot(tmp_path)
    (tmp_path / "entries/x.md").write_text("x")
    told: list[frozenset[str]] = []
    stop = threading.Event()

    def tell(changed: frozenset[str]) -> None:
        told.append(changed)
        stop.set()

    watch(tmp_path, tell, stop=stop, before=before)
    assert told == [{"entries/x.md"}]
