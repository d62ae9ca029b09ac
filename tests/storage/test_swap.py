"""Exchanging a folder that others read: old or new, never half, also when it is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kb.storage import folder_swap


def folder(path: Path, text: str, files: int = 1) -> Path:
    path.mkdir()
    for number in range(files):
        (path / f"{number}.html").write_text(text)
    return path


def texts(path: Path) -> set[str]:
    return {file.read_text() for file in path.iterdir()}


def test_the_first_site_just_appears(tmp_path: Path) -> None:
    folder_swap.exchange(folder(tmp_path / "new", "new"), tmp_path / "site")
    assert texts(tmp_path / "site") == {"new"}


@pytest.mark.parametrize("way", ["_exchange_at_once", "_exchange_in_two_steps"])
def test_the_old_one_is_gone_afterwards(tmp_path: Path, way: str) -> None:
    new, live = folder(tmp_path / "site-new-1", "new"), folder(tmp_path / "site", "old")
    done = getattr(folder_swap, way)(new, live)
    if done is False:
        pytest.skip("this system can't exchange two names in one step")
    assert texts(live) == {"new"}


def test_a_reader_finds_a_whole_folder_at_every_moment(tmp_path: Path) -> None:
    live = folder(tmp_path / "site", "0", 5)
    if not folder_swap._exchange_at_once(folder(tmp_path / "x", "0", 5), live):
        pytest.skip("this system can't exchange two names in one step")
    stop, missing = threading.Event(), 0

    def read() -> None:
        nonlocal missing
        while not stop.is_set():
            try:
                (live / "3.html").read_text()
            except FileNotFoundError:
                missing += 1

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        with folder_swap.beside(live) as new:
            for name in range(5):
                (new / f"{name}.html").write_text(str(number))
            folder_swap.exchange(new, live)
    stop.set()
    reader.join()
    assert missing == 0
    assert texts(live) == {"59"}


def test_hidden_files_at_the_top_are_kept(tmp_path: Path) -> None:
    live = folder(tmp_path / "site", "old")
    (live / ".git").mkdir()
    (live / ".git/HEAD").write_text("ref")
    (live / ".nojekyll").write_text("")
    folder_swap.exchange(folder(tmp_path / "new", "new"), live)
    assert (live / ".git/HEAD").read_text() == "ref"
    assert (live / ".nojekyll").is_file()


def test_an_exchange_that_was_interrupted_between_its_two_steps_is_mended(tmp_path: Path) -> None:
    folder(tmp_path / f"site-old-{gone()}", "old")
    folder(tmp_path / f"site-new-{gone()}", "half")
    folder_swap.mend(tmp_path / "site")
    assert texts(tmp_path / "site") == {"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_what_belongs_to_a_running_build_or_to_nobody_is_left_alone(tmp_path: Path) -> None:
    folder(tmp_path / "site", "live")
    running = folder(tmp_path / f"site-new-{os.getppid()}", "in the making")
    mine = folder(tmp_path / "site-new-design", "somebody's own")
    folder_swap.mend(tmp_path / "site")
    assert running.is_dir()
    assert mine.is_dir()


def gone() -> int:
    """The number of a process that no longer runs."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_a_build_that_fails_leaves_nothing_beside(tmp_path: Path) -> None:
    live = folder(tmp_path / "site", "old")

    def fail() -> None:
        with folder_swap.beside(live) as new:
            (new / "0.html").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert texts(live) == {"old"}


def test_a_killed_exchange_is_mended_by_the_next_one(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from kb.storage import folder_swap as swap\n"
        "swap._exchange_at_once = lambda new, live: False\n"
        f"live = Path({str(tmp_path / 'site')!r})\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    swap.mend(live)\n"
        "    with swap.beside(live) as new:\n"
        "        for n in range(20): (new / f'{n}.html').write_text('whole')\n"
        "        swap.exchange(new, live)\n"
    )
    for wait in (0.0, 0.003, 0.007, 0.013, 0.02, 0.031):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as builder:
            assert builder.stdout is not None
            builder.stdout.readline()
            threading.Event().wait(wait + 0.05)
            builder.send_signal(signal.SIGKILL)
        folder_swap.mend(tmp_path / "site")
        assert len(list((tmp_path / "site").iterdir())) == 20
        assert texts(tmp_path / "site") == {"whole"}
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
