"""The index and the cache of notes, damaged: the answers stay right, and nothing that was planted runs."""

from __future__ import annotations

import contextlib
import os
import pickle
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from commands import World

import kb

from . import Tally
from .worlds import world

NOTES = 40
QUESTIONS = ("E7: part 7 broke", "E23: part 23 broke", "E39: part 39 broke", "nothing like it at all")


class _Planted:
    """A pickle that runs a command when it is opened."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def _fill(at: World) -> None:
    for n in range(NOTES):
        text = f"---\ntitle: Note {n}\nservices: [s{n % 5}]\n---\n## Error\n```\nE{n}: part {n} broke\n```\n## Fix\nPart {n}, anew.\n"
        at.folder.joinpath(f"entries/incidents/n{n}.md").write_text(text)
        os.utime(at.folder / f"entries/incidents/n{n}.md", (1_700_000_000, 1_700_000_000))


def _answers(at: World) -> list[object]:
    base = kb.read(at.folder)
    found: list[object] = [[(hit.ref, hit.strength, hit.fix) for hit in kb.seen(base, question)] for question in QUESTIONS]
    words = [(hit.ref, hit.known_line) for hit in kb.search(base, "part 12 anew")]
    return [*found, words, [(note.ref, note.title, note.body, note.services) for note in base.notes]]


def _damage(files: list[Path], chance: random.Random, mark: Path) -> str:
    """Damage one file; what was done to it. Half of the damages leave the file's size and times as they were: a bad disk."""
    path = chance.choice(files)
    before, data = path.stat(), bytearray(path.read_bytes())
    how = chance.choice(
        ("truncated", "bit", "bit", "bytes", "zeros", "deleted", "garbage", "empty", "planted", "other version")
    )
    if how == "truncated":
        del data[chance.randrange(len(data) or 1) :]
    elif how == "bit" and data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif how == "bytes" and data:
        for _ in range(8):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif how == "zeros" and data:
        start = chance.randrange(len(data))
        data[start : start + 512] = bytes(len(data[start : start + 512]))
    elif how == "garbage":
        data = bytearray(chance.randbytes(len(data)))
    elif how == "empty":
        data = bytearray()
    elif how == "planted":
        data = bytearray(pickle.dumps(_Planted(mark)).ljust(len(data), b"\0"))
    elif how == "other version":
        data = bytearray(bytes(data).replace(b"1", b"2"))
    if how == "deleted":
        path.unlink()
    else:
        path.write_bytes(data)
        if chance.random() < 0.5:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
            how += ", times kept"
    return f"{path.name} {how}"


def damages(count: int, seed: int = 5) -> Iterator[Tally]:
    """`count` damages to files of the cache: right answers each time, no planted code, nothing on stderr."""
    tally = Tally(5, "damages to the index and the cache of notes")
    chance = random.Random(seed)
    with world() as at, _home(at):
        _fill(at)
        right = _answers(at)
        cache = kb.cache_folder(at.folder)
        good, mark = at.home / "good", at.home / "planted"
        shutil.copytree(cache, good)
        for _ in range(count):
            shutil.rmtree(cache)
            shutil.copytree(good, cache)
            done = _damage([path for path in sorted(cache.rglob("*")) if path.is_file()], chance, mark)
            try:
                answers = _answers(at)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
                tally.count([f"{done}: {type(error).__name__}: {error}"])
                continue
            lost = [f"{done}: code ran"] if mark.exists() else []
            mark.unlink(missing_ok=True)
            tally.count(lost or ([] if answers == right else [f"{done}: another answer"]))
    yield tally


@contextlib.contextmanager
def _home(at: World) -> Iterator[None]:
    """This very process in the world's home, so that five hundred damages need no five hundred processes."""
    names = ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    before = {name: os.environ.get(name) for name in names}
    os.environ["HOME"] = str(at.home)
    for name in names[1:]:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
