"""Replacing a folder that others read: at every moment it is the whole old one or the whole new one."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2


@contextlib.contextmanager
def beside(live: Path) -> Iterator[Path]:
    """A new, empty folder next to `live` to build in; removed afterwards, whatever happens."""
    live.parent.mkdir(parents=True, exist_ok=True)
    new = _sibling(live, "new", os.getpid())
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    try:
        yield new
    finally:
        shutil.rmtree(new, ignore_errors=True)


def exchange(new: Path, live: Path) -> None:
    """Put `new` in the place of `live`, and remove the old one. Hidden files at its top (`.git`) are kept."""
    if not live.exists():
        new.rename(live)
        return
    _carry_hidden(live, new)
    if not _exchange_at_once(new, live):
        _exchange_in_two_steps(new, live)
    shutil.rmtree(new, ignore_errors=True)


def mend(live: Path) -> None:
    """Finish an interrupted exchange: if there is no live folder, the old one comes back; leftovers are removed."""
    if not live.parent.is_dir():
        return
    for old in sorted(live.parent.glob(f"{live.name}-old-*")):
        if not live.exists():
            old.rename(live)
        elif not _is_running(old):
            shutil.rmtree(old, ignore_errors=True)
    for new in live.parent.glob(f"{live.name}-new-*"):
        if not _is_running(new):
            shutil.rmtree(new, ignore_errors=True)


def _sibling(live: Path, word: str, process: int) -> Path:
    return live.with_name(f"{live.name}-{word}-{process}")


def _is_running(folder: Path) -> bool:
    """Whether the process that made the folder is still running and so still owns it."""
    number = folder.name.rpartition("-")[2]
    if not number.isdigit():
        return True  # not ours
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return int(number) != os.getpid()


def _carry_hidden(live: Path, new: Path) -> None:
    for child in live.iterdir():
        target = new / child.name
        if not child.name.startswith(".") or target.exists():
            continue
        if child.is_dir() and not child.is_symlink():
            shutil.copytree(child, target, symlinks=True)
        else:
            shutil.copy2(child, target, follow_symlinks=False)


def _exchange_at_once(new: Path, live: Path) -> bool:
    """Exchange two names in one step, as Linux can; False if the system or the file system can't."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    if renameat2(AT_FDCWD, os.fsencode(new), AT_FDCWD, os.fsencode(live), RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM):
        return False
    raise OSError(number, os.strerror(number), str(live))


def _exchange_in_two_steps(new: Path, live: Path) -> None:
    """Between the two renames there is no live folder; `mend` then brings the old one back."""
    old = _sibling(live, "old", os.getpid())
    shutil.rmtree(old, ignore_errors=True)
    live.rename(old)
    try:
        new.rename(live)
    except OSError:
        old.rename(live)
        raise
    shutil.rmtree(old, ignore_errors=True)
