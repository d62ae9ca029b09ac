"""Changing several notes in one step: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .. import entries
from ..exceptions import CannotWrite, ChangedMeanwhile, KbError, system_reason
from ..renaming import Moved
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


def move(root: Path, moves: Sequence[Moved], changes: Mapping[str, tuple[bytes, bytes]]) -> list[Path]:
    """Put notes under their new names with all that means them, or change nothing. Returns the paths of all. Raises KbError.

    The new files come first and the old ones go last: killed in between, a note is there twice and never not at all.
    """
    for moved in moves:
        if (root / moved.old_path).read_bytes() != moved.old_data:
            raise ChangedMeanwhile(root / moved.old_path)
    entries.add_all({root / moved.path: moved.data for moved in moves})
    try:
        changed = write_all({root / path: change for path, change in changes.items()})
    except KbError:
        for moved in moves:
            (root / moved.path).unlink(missing_ok=True)
        raise
    for moved in moves:
        try:
            (root / moved.old_path).unlink()
        except OSError as error:
            raise CannotWrite(root / moved.old_path, system_reason(error)) from error
    return [*(root / path for moved in moves for path in (moved.path, moved.old_path)), *changed]
