"""The index: always as the notes are, whatever happened to its files, and whoever else is at it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.notes.kinds import Decision, Incident, Note
from kb.notes.knowledge_base import KnowledgeBase
from kb.retrieval import index_files, known_errors, whoosh_index, word_search
from kb.storage import cache

BROKEN_TUNNEL = "handshake for peer 3 (203.0.113.50:51820) did not complete after 5 seconds"
FULL_DISK = "write /srv/media/a.mkv: no space left on device"
LOCKED = "sqlite3.OperationalError: database is locked"


def incident(name: str, error: str, fix: str = "turn it off and on", title: str = "") -> Note:
    body = f"## Error\n```\n{error}\n```\n## Fix\n{fix}\n"
    digest = hashlib.blake2b((title + body).encode()).hexdigest()
    return Incident(f"incidents/{name}", f"entries/incidents/{name}.md", {"title": title or name}, body=body, digest=digest)


def base(*notes: Note) -> KnowledgeBase:
    return KnowledgeBase(Path("/lab"), tuple(sorted(notes, key=lambda n: n.ref)))


def seen(folder: Path, notes: KnowledgeBase, text: str) -> list[str]:
    return [hit.ref for hit in known_errors.seen(notes, whoosh_index.of(notes, folder), text) if hit.strength != "weak"]


TUNNEL, DISK = incident("tunnel", BROKEN_TUNNEL), incident("disk", FULL_DISK)


def test_a_known_error_is_found_and_found_again_from_the_disk(tmp_path: Path) -> None:
    for _ in range(2):
        assert seen(tmp_path / "i", base(TUNNEL, DISK), BROKEN_TUNNEL.replace("3", "9")) == ["incidents/tunnel"]
    assert (tmp_path / "i" / "manifest.json").is_file()


def test_what_was_added_changed_or_deleted_is_so_in_the_next_answer(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    assert seen(folder, base(TUNNEL), FULL_DISK) == []
    assert seen(folder, base(TUNNEL, DISK), FULL_DISK) == ["incidents/disk"]
    assert seen(folder, base(TUNNEL, incident("disk", LOCKED)), FULL_DISK) == []
    assert seen(folder, base(TUNNEL, incident("disk", LOCKED)), LOCKED) == ["incidents/disk"]
    assert seen(folder, base(TUNNEL), LOCKED) == []
    assert seen(folder, base(), BROKEN_TUNNEL) == []


def test_only_what_changed_is_indexed_again(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    many = [incident(f"n{i}", f"thing number{i} broke in module{i}") for i in range(60)]
    whoosh_index.of(base(*many), tmp_path / "i", lambda done, all: calls.append((done, all)))
    assert calls == [(50, 60)]
    whoosh_index.of(base(*many, TUNNEL), tmp_path / "i", lambda done, all: calls.append((done, all)))
    assert calls == [(50, 60)]


def test_one_snapshot_opens_the_index_once(tmp_path: Path) -> None:
    notes = base(TUNNEL)
    assert whoosh_index.of(notes, tmp_path / "i") is whoosh_index.of(notes, tmp_path / "i")


STEPS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([None, BROKEN_TUNNEL, FULL_DISK, LOCKED])), max_size=6)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_after_any_changes_the_index_answers_as_a_fresh_one(tmp_path: Path, steps: list[tuple[str, str | None]]) -> None:
    shutil.rmtree(tmp_path / "i", ignore_errors=True)
    notes: dict[str, Note] = {}
    for name, error in steps:
        notes.pop(name, None)
        if error:
            notes[name] = incident(name, error)
        whoosh_index.of(base(*notes.values()), tmp_path / "i")
    kept, fresh = (base(*notes.values()), base(*notes.values()))
    for text in (BROKEN_TUNNEL, FULL_DISK, LOCKED, "database"):
        one = known_errors.seen(kept, whoosh_index.of(kept, tmp_path / "i"), text)
        other = known_errors.seen(fresh, whoosh_index.of(fresh, tmp_path / "none" / "\0"), text)
        assert [(h.ref, h.strength) for h in one] == [(h.ref, h.strength) for h in other]


def damaged(path: Path, how: str) -> None:
    data = path.read_bytes()
    if how == "deleted":
        path.unlink()
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        middle = len(data) // 2
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :] if data else b"x")


@pytest.mark.parametrize("how", ["deleted", "empty", "cut", "flipped"])
@pytest.mark.parametrize("which", ["toc", "seg", "json"])
def test_a_damaged_index_is_made_anew_without_a_word(tmp_path: Path, which: str, how: str) -> None:
    folder = tmp_path / "i"
    seen(folder, base(TUNNEL, DISK), FULL_DISK)
    damaged(next(folder.glob(f"*.{which}")), how)
    assert seen(folder, base(TUNNEL, DISK), FULL_DISK) == ["incidents/disk"]
    assert seen(folder, base(TUNNEL, DISK), FULL_DISK) == ["incidents/disk"]
    assert len(list(folder.glob("*.seg"))) == 1


# Whoosh leaves a file open when what it opens is damaged.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_damage_that_keeps_size_and_time_is_mended_too(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    for part in range(8):
        seen(folder, base(TUNNEL, DISK), FULL_DISK)
        segment = next(folder.glob("*.seg"))
        stat, data = segment.stat(), segment.read_bytes()
        place = part * len(data) // 8
        segment.write_bytes(data[:place] + bytes(byte ^ 0xFF for byte in data[place : place + 40]) + data[place + 40 :])
        os.utime(segment, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert seen(folder, base(TUNNEL, DISK), FULL_DISK) == ["incidents/disk"]


def test_a_question_that_fails_is_asked_once_more_of_an_index_made_anew(tmp_path: Path) -> None:
    notes, asked = base(TUNNEL, DISK), list[whoosh_index.WhooshReader]()

    def question(opened: whoosh_index.WhooshReader) -> list[str]:
        asked.append(opened)
        if len(asked) == 1:
            raise KeyError("damage that shows only while it is read")
        return [hit.ref for hit in known_errors.seen(notes, opened, FULL_DISK)]

    assert whoosh_index.ask(notes, tmp_path / "i", question) == ["incidents/disk"]
    assert asked[0] is not asked[1]
    with pytest.raises(ZeroDivisionError):
        whoosh_index.ask(notes, tmp_path / "i", lambda _: 1 / 0)


def test_what_else_lies_in_the_folder_goes_when_the_index_is_made_anew(tmp_path: Path) -> None:
    seen(tmp_path / "i", base(TUNNEL), FULL_DISK)
    (tmp_path / "i" / "kb_old.seg").write_text("of another version")
    (tmp_path / "i" / "folder").mkdir()
    seen(tmp_path / "i", base(TUNNEL), FULL_DISK)
    left = {path.name for path in (tmp_path / "i").iterdir()}
    assert {"lock", "manifest.json"} < left
    assert not left & {"kb_old.seg", "folder"}


def test_other_rules_make_the_index_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(tmp_path / "i", base(TUNNEL), FULL_DISK)
    before = (tmp_path / "i" / "manifest.json").read_text()
    monkeypatch.setattr(cache, "program", lambda: "others")
    assert seen(tmp_path / "i", base(TUNNEL), BROKEN_TUNNEL) == ["incidents/tunnel"]
    assert (tmp_path / "i" / "manifest.json").read_text() != before


@pytest.mark.parametrize("place", ["a file", "below a file", "no name"])
def test_without_a_folder_to_write_the_index_is_in_memory_and_nowhere_else(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))  # whoever writes a temporary file fails
    folder = {"a file": tmp_path / "file", "below a file": tmp_path / "file" / "i" / "i", "no name": tmp_path / "\0"}[place]
    assert seen(folder, base(TUNNEL, DISK), FULL_DISK) == ["incidents/disk"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_never_opened(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    seen(folder, base(TUNNEL), FULL_DISK)
    planted = next(folder.glob("*.toc"))
    planted.write_bytes(b"planted")
    os.chown(folder, 12345, 12345)
    assert seen(folder, base(TUNNEL, DISK), FULL_DISK) == ["incidents/disk"]
    assert planted.read_bytes() == b"planted"


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "i").mkdir(mode=0o777)
    (tmp_path / "i").chmod(0o777)
    seen(tmp_path / "i", base(TUNNEL), FULL_DISK)
    assert (tmp_path / "i").stat().st_mode & 0o777 == 0o700


def test_several_at_once_all_get_their_answer(tmp_path: Path) -> None:
    answers: list[list[str]] = []

    def ask(number: int) -> None:
        notes = base(TUNNEL, DISK, *(incident(f"n{number}-{i}", f"module{i} of {number} broke") for i in range(5)))
        answers.append(seen(tmp_path / "i", notes, FULL_DISK))

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [["incidents/disk"]] * 6


def test_while_another_process_writes_the_answer_comes_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_files, "PATIENCE", 0.1)
    folder = tmp_path / "i"
    seen(folder, base(TUNNEL), FULL_DISK)
    holding = "import fcntl, os, sys; d = os.open(sys.argv[1], os.O_RDWR); fcntl.flock(d, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(folder / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        other.stdout.readline()
        assert seen(folder, base(TUNNEL, DISK), BROKEN_TUNNEL) == ["incidents/tunnel"]
        assert seen(tmp_path / "other", base(TUNNEL, DISK), FULL_DISK) == ["incidents/disk"]
        other.communicate(b"")
    assert seen(folder, base(TUNNEL, DISK), FULL_DISK) == ["incidents/disk"]


def test_importing_the_index_leaves_the_modules_of_others_alone() -> None:
    """Another thread may import urllib.request at the same moment: a stand-in for it would be what it gets."""
    code = "import kb.retrieval.whoosh_index, urllib.request, cached_property; assert hasattr(urllib.request, 'urlopen'); assert cached_property.threaded_cached_property"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_notes_of_all_kinds_and_broken_ones_are_found_by_their_words(tmp_path: Path) -> None:
    decision = Decision(
        "decisions/0001-x",
        "entries/decisions/0001-x.md",
        {"title": "Put traefik in front"},
        body="Because of wildcards.",
        digest="1",
    )
    broken = Note("loose", "entries/loose.md", body="title: [unclosed\nThe gramophone hums.", digest="2")
    notes = base(decision, broken, TUNNEL)
    for words, ref in (("wildcard", "decisions/0001-x"), ("gramophone", "loose"), ("turning it off", "incidents/tunnel")):
        assert [hit.ref for hit in word_search.search(notes, whoosh_index.of(notes, tmp_path / "i"), words)] == [ref]
