"""Changing several notes in one step: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .. import entries
from ..exceptions import CannotWrite, ChangedMeanwhile, KbError, system_reason
from ..renaming import Renamed
from . import screen


def write_all(changes: Mapping[Path, tuple[bytes, bytes]]) -> list[Path]:
    """Write (old bytes, new bytes) of each file, or nothing at all. Returns the files that changed. Raises KbError."""
    done: list[Path] = []
    for path, (old, new) in changes.items():
        if old == new:
            continue
        try:
            entries.replace(path, old, new)
        except KbError:
            for written in done:
                _put_back(written, *changes[written])
            raise
        done.append(path)
    return done


def _put_back(path: Path, before: bytes, ours: bytes) -> None:
    try:
        entries.replace(path, ours, before)
    except ChangedMeanwhile:
        screen.remark(f"{path} was changed by somebody else meanwhile and keeps what kb wrote: git diff shows it")


def rename(root: Path, done: Renamed) -> list[Path]:
    """Put a note under its new name with all that means it, or change nothing. Returns the paths of all. Raises KbError.

    The new file comes first and the old one goes last: killed in between, the note is there twice and never not at all.
    """
    new, old = root / done.path, root / done.old_path
    if old.read_bytes() != done.old_data:
        raise ChangedMeanwhile(old)
    entries.add(new, done.data)
    try:
        changed = write_all({root / path: change for path, change in done.changes.items()})
    except KbError:
        new.unlink(missing_ok=True)
        raise
    try:
        old.unlink()
    except OSError as error:
        raise CannotWrite(old, system_reason(error)) from error
    return [new, old, *changed]
