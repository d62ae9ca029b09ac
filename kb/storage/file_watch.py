"""Watching the notes of a knowledge base and reporting which files changed. The only module that imports watchdog."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

# An overflow of the system's queue doesn't matter: the files are compared anyway.
logging.getLogger("watchdog").addHandler(logging.NullHandler())

# A file's path → values that change when the file does.
Snapshot = Mapping[str, tuple[int, int, int]]

QUIET = 0.1  # seconds without an event until a burst counts as over
LONGEST_BURST = 2.0
RESCAN = 20.0  # seconds after which the files are compared, in case an event was lost
MISSING = 0.5  # the same, while a folder is missing
FOLDERS = ("entries", "templates")


def watch(
    root: Path,
    on_change: Callable[[frozenset[str]], None],
    folders: Sequence[str] = FOLDERS,
    stop: threading.Event | None = None,
    polling: bool = False,
    before: Snapshot | None = None,
) -> None:
    """Call `on_change` with the paths (relative to `root`) of files that were created, changed or removed, until `stop` is set.

    A burst of events is gathered into one call. Folders that are deleted and re-created are watched again. `polling` is for
    network folders, which send no events; it is also used when the system runs out of watches. What changed since the
    snapshot `before`, which a slow start would miss, is reported at once.
    """
    stop = stop or threading.Event()
    wake = threading.Event()
    if before is None:
        before = snapshot(root, folders)
    watched = _Watched(root, folders, wake, polling)
    try:
        while not stop.is_set():
            whole = watched.renew()
            now = snapshot(root, folders)
            changed = frozenset(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
            before = now
            if changed:
                on_change(changed)
            _wait(wake, stop, RESCAN if whole else MISSING)
            if wake.is_set():
                _gather(wake, stop)
    finally:
        watched.close()


def snapshot(root: Path, folders: Sequence[str] = FOLDERS) -> Snapshot:
    """The state of `mkdocs.yml` and of every file below `folders`, leaving out what can't be read."""
    found = {}
    for path, stat in _files(root, folders):
        found[path] = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
    return found


def _files(root: Path, folders: Sequence[str]) -> Iterator[tuple[str, os.stat_result]]:
    with contextlib.suppress(OSError):
        yield "mkdocs.yml", (root / "mkdocs.yml").stat()
    waiting = list(folders)
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}"
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(path)
                    else:
                        yield path, entry.stat(follow_symlinks=False)
        except OSError:
            continue


def _wait(wake: threading.Event, stop: threading.Event, longest: float) -> None:
    until = time.monotonic() + longest
    while not stop.is_set() and (left := until - time.monotonic()) > 0:
        if wake.wait(min(left, 0.25)):
            return


def _gather(wake: threading.Event, stop: threading.Event) -> None:
    """Wait until a burst of events is over."""
    until = time.monotonic() + LONGEST_BURST
    while not stop.is_set() and time.monotonic() < until:
        wake.clear()
        if not wake.wait(QUIET):
            return
    wake.clear()


class _Handler(FileSystemEventHandler):
    def __init__(self, wake: threading.Event) -> None:
        self.wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in ("opened", "closed_no_write"):
            self.wake.set()


class _Watched:
    """The folders being watched, each with its inode: another inode means that the folder was re-created."""

    def __init__(self, root: Path, folders: Sequence[str], wake: threading.Event, polling: bool) -> None:
        self.root, self.handler = root, _Handler(wake)
        self.wanted = [(root, False), *((root / folder, True) for folder in folders)]
        self.watches: dict[Path, tuple[ObservedWatch, tuple[int, int]]] = {}
        self.observer = self._start(polling)

    @staticmethod
    def _start(polling: bool) -> BaseObserver:
        observer = PollingObserver(timeout=0.5) if polling else Observer()
        observer.start()
        return observer

    def renew(self) -> bool:
        """Watch the folders that exist and aren't watched yet; False while the root or its first folder is missing."""
        for path, recursive in self.wanted:
            inode = _inode(path)
            if path in self.watches:
                watch, then = self.watches[path]
                if inode == then and self._is_alive(watch):
                    continue
                self._forget(path)
            if inode:
                self._watch(path, recursive, inode)
        return all(path in self.watches for path, _ in self.wanted[:2])

    def close(self) -> None:
        """End all threads."""
        self.observer.stop()
        self.observer.join(5)

    def _watch(self, path: Path, recursive: bool, inode: tuple[int, int]) -> None:
        try:
            self.watches[path] = (self.observer.schedule(self.handler, str(path), recursive=recursive), inode)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EMFILE) or isinstance(self.observer, PollingObserver):
                return  # gone again: the next round will see
            self.close()
            self.watches.clear()
            self.observer = self._start(polling=True)

    def _forget(self, path: Path) -> None:
        watch, _ = self.watches.pop(path)
        with contextlib.suppress(KeyError, OSError):  # its emitter may be dead already
            self.observer.unschedule(watch)

    def _is_alive(self, watch: ObservedWatch) -> bool:
        return any(emitter.watch == watch and emitter.is_alive() for emitter in self.observer.emitters)


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino
