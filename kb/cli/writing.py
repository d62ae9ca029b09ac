"""Changing several notes in one step: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .. import entries
from ..exceptions import ChangedMeanwhile, KbError
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
