"""Files on disk: written whole or not at all, durable, never over another one."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..exceptions import CannotWrite, ChangedMeanwhile, NoteExists, system_reason

# ---- kb's own files --------------------------------------------------------------------------------------------------


def write_private(path: Path, data: bytes | bytearray) -> None:
    """Write a file that only its owner can read, whole or not at all. Not durable: for what can be rebuilt. Raises OSError."""
    private_folder(path.parent)
    with _temporary(path, data, 0o600) as temporary:
        os.replace(temporary, path)


def new_draft(folder: Path, name: str, data: bytes) -> Path:
    """A new file that only its owner can read, whose name begins with `name`. Raises OSError."""
    private_folder(folder)
    for number in itertools.count(1):
        path = folder / f"{name}-{number}.md"
        with contextlib.suppress(FileExistsError):
            _create(path, data, 0o600, durable=False)
            return path
    raise AssertionError


def private_folder(folder: Path) -> Path:
    """Create `folder` for its owner alone. Raises OSError if it can't be created, PermissionError if it is someone else's."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = folder.stat()
    if status.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "belongs to somebody else", str(folder))
    if status.st_mode & 0o077:
        folder.chmod(0o700)
    return folder


# ---- notes -----------------------------------------------------------------------------------------------------------


def add(path: Path, data: bytes) -> None:
    """Write a new file, whole or not at all, durable when this returns. Raises NoteExists or CannotWrite."""
    try:
        made = not path.parent.is_dir()
        path.parent.mkdir(parents=True, exist_ok=True)
        with _temporary(path, data, durable=True) as temporary:
            _link(temporary, path, data)
            ours = os.lstat(path)
        try:
            _sync_folder(path.parent)
            if made:
                _sync_folder(path.parent.parent)
        except OSError:
            # What is reported as unsaved must not be there: trying again would write it twice.
            with contextlib.suppress(OSError):
                if os.path.samestat(ours, os.lstat(path)):
                    path.unlink()
            raise
    except OSError as error:
        raise CannotWrite(path, system_reason(error)) from error


def add_all(files: Mapping[Path, bytes]) -> None:
    """Write many new files, each whole, none over another, durable when this returns; if one can't be written, none is.

    They are prepared in a hidden folder beside their places and linked from there, so that each folder is synced once.
    Raises NoteExists or CannotWrite.
    """
    written: list[Path] = []
    folder = next(iter(files)).parent if files else Path()
    staging = folder / f".kb-{os.getpid()}-{time.monotonic_ns()}.tmp"
    try:
        staging.mkdir(parents=True)
        for number, data in enumerate(files.values()):
            _create(staging / str(number), data)
        for number, (path, data) in enumerate(files.items()):
            path.parent.mkdir(parents=True, exist_ok=True)
            _link(staging / str(number), path, data)
            written.append(path)
        for parent in dict.fromkeys(path.parent for path in files):
            _sync_folder(parent)
    except BaseException as error:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise CannotWrite(Path(error.filename or folder), system_reason(error)) from error
        raise
    finally:
        for file_left in staging.glob("*"):
            file_left.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            staging.rmdir()


def add_first_free(folder: Path, names: Iterable[str], data: bytes) -> Path:
    """Write a new note under the first of `names` that is free. Raises CannotWrite."""
    for name in names:
        path = folder / f"{name}.md"
        if path.exists():
            continue
        with contextlib.suppress(NoteExists):
            add(path, data)
            return path
    raise CannotWrite(folder, "no free name is left")


@contextlib.contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Wait until no other kb is choosing a name in `folder`; for numbers, which `link` can't keep apart."""
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks: `kb check` finds duplicate numbers
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def replace(path: Path, old: bytes, new: bytes) -> None:
    """Write `new` over a file that still holds `old`, whole or not at all. Raises ChangedMeanwhile or CannotWrite."""
    try:
        if path.read_bytes() != old:
            raise ChangedMeanwhile(path)
        with _temporary(path, new, durable=True) as temporary, _only_writer_of(path):
            os.chmod(temporary, path.stat().st_mode & 0o7777)
            if path.read_bytes() != old:
                raise ChangedMeanwhile(path)
            os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise CannotWrite(path, system_reason(error)) from error


@contextlib.contextmanager
def _only_writer_of(path: Path) -> Iterator[None]:
    """Wait until no other kb is between its last look at the file and replacing it. Raises OSError."""
    import fcntl

    while True:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Whoever held the lock may have replaced the file: then the new file's lock counts.
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                yield
                return
        finally:
            os.close(descriptor)


def rename(old: Path, new: Path) -> None:
    """Give a note another name in one step, never over another note of kb. Raises NoteExists or CannotWrite."""
    try:
        with only_writer(new.parent):
            if new.exists():
                raise NoteExists(new, f"{new.parent.name}/{new.stem}")
            os.rename(old, new)
            try:
                for folder in {old.parent, new.parent}:
                    _sync_folder(folder)
            except OSError:
                os.rename(new, old)
                raise
    except OSError as error:
        raise CannotWrite(new, system_reason(error)) from error


@contextlib.contextmanager
def _temporary(path: Path, data: bytes | bytearray, mode: int = 0o666, durable: bool = False) -> Iterator[Path]:
    """A temporary file beside `path` that contains `data`, on the disk if `durable`; it is removed afterwards."""
    if durable:
        _sweep(path.parent)
    temporary = path.parent / f".kb-{os.getpid()}-{time.monotonic_ns()}.tmp"
    _create(temporary, data, mode, durable)
    try:
        yield temporary
    finally:
        with contextlib.suppress(OSError):  # gone, or left for the next writer to clean up
            temporary.unlink()


def _create(path: Path, data: bytes | bytearray, mode: int = 0o666, durable: bool = True) -> None:
    """Write a file that doesn't exist yet, leaving no partial file behind. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def _link(ready: Path, path: Path, data: bytes) -> None:
    """Also give the file `ready`, which contains `data`, the name `path`. Raises NoteExists or OSError."""
    try:
        try:
            os.link(ready, path)
        except OSError as error:
            # Some file systems (exFAT, a few network ones) have no hard links: create exclusively instead.
            if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
                raise
            _create(path, data)
    except FileExistsError:
        raise NoteExists(path, f"{path.parent.name}/{path.stem}") from None


_swept: dict[Path, float] = {}  # when: so that a folder of a thousand notes isn't searched for each of them


def _sweep(folder: Path) -> None:
    """Remove the temporary files of writers that were killed; at most once a minute."""
    now = time.monotonic()
    if now - _swept.get(folder, -60.0) < 60:
        return
    _swept[folder] = now
    for path in folder.glob(".kb-*-*.tmp"):
        number = path.name.split("-")[1]
        with contextlib.suppress(OSError, ValueError):
            if int(number) != os.getpid() and not _is_running(int(number)):
                path.unlink()


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network file systems can't sync a folder
            raise
    finally:
        os.close(descriptor)
