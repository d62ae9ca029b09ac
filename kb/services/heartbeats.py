"""Beats: when a backup of a service was last seen. Small files beside the notes, ignored by Git, so that a beat makes no commit."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping
from pathlib import Path

from ..exceptions import CannotWrite, system_reason
from ..notes.dates import When
from ..notes.kinds import Service

# In the knowledge base and not in a user's own folder: cron runs as root, and someone else asks for the readiness.
FOLDER = ".kb/beats"


def read(root: Path) -> Mapping[str, When]:
    """The name of each service → when its last backup was seen. A file without a time is skipped."""
    found = {}
    with contextlib.suppress(OSError):
        for path in (root / FOLDER).iterdir():
            with contextlib.suppress(OSError, ValueError):
                if not path.name.startswith("."):
                    found[path.name] = When.read(path.read_text("utf-8").strip())
    return found


def write(root: Path, service: Service, stamp: str) -> Path:
    """Record that a backup was seen; one file per service, so that simultaneous beats can't collide. Raises CannotWrite."""
    folder = root / FOLDER
    path = folder / service.name
    temporary = folder / f".{service.name}-{os.getpid()}-{time.monotonic_ns()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder.parent / ".gitignore"
        if not ignore.exists() or not ignore.stat().st_size:  # a killed writer left it empty
            ignore.write_text("*\n", "utf-8")
        temporary.write_text(stamp + "\n", "utf-8")
        os.replace(temporary, path)
        _as_the_root_is_owned(root, folder.parent, ignore, folder, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise CannotWrite(path, system_reason(error)) from error
    return path


def rename(root: Path, old: str, new: str) -> None:
    """Move the beats of a service to its new name."""
    with contextlib.suppress(OSError):
        os.replace(root / FOLDER / old, root / FOLDER / new)


def end(root: Path, service: Service) -> None:
    """Forget the beats of a service that retires, by all of its names: one that is called so later is another one."""
    for name in (service.name, *service.aliases):
        with contextlib.suppress(OSError, ValueError):
            if "/" not in name:
                (root / FOLDER / name).unlink()


def _as_the_root_is_owned(root: Path, *paths: Path) -> None:
    """Give a file to the owner of the notes, who could not change it if root's cron job kept it."""
    if os.geteuid() == 0:
        owner = root.stat()
        for path in paths:
            os.chown(path, owner.st_uid, owner.st_gid)
