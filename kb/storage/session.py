"""What the last command listed (`@1`) and what `seen` read last: small files in the user's state folder, for a day."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from . import cache

KEPT = timedelta(days=1)


@dataclass(frozen=True)
class SeenLog:
    """What `seen` read last, secrets masked: the lines that matter, and when they were read."""

    text: str
    lines: int
    when: str  # ISO 8601 with time zone
    hit: str = ""  # the ref of the note that it found, if kb was sure enough
    matched: str = ""  # the part of the text that this note knows
    shown: list[str] = field(
        default_factory=list
    )  # the lines that the answers are based on, then the unknown ones: `kb ordinary @1`


def remember_listed(folder: Path, refs: Sequence[str]) -> None:
    """Keep the refs of a list, for `@1`, `@2` …"""
    _write(folder / "listed.json", list(refs))


def listed(folder: Path) -> list[str]:
    """The refs of the last list, search or `seen`."""
    loaded = _load(folder / "listed.json")
    return [ref for ref in loaded if isinstance(ref, str)] if isinstance(loaded, list) else []


def remember_read(folder: Path, read: SeenLog) -> None:
    """Keep what `seen` read, for `kb fixed`."""
    _write(folder / "read.json", asdict(read))


def last_read(folder: Path, now: datetime) -> SeenLog | None:
    """What `seen` read last, unless that was over a day ago."""
    loaded = _load(folder / "read.json")
    try:
        read = SeenLog(**loaded)  # type: ignore[arg-type]
        fresh = now - datetime.fromisoformat(read.when) <= KEPT
    except (TypeError, ValueError):
        return None
    return read if fresh else None


def forget_read(folder: Path) -> None:
    """Forget it, once it is recorded."""
    with contextlib.suppress(OSError):
        (folder / "read.json").unlink()


def is_allowed(folder: Path, command: str) -> bool:
    """Whether the user said once that this command from a note may run on this machine."""
    loaded = _load(folder / "allowed.json")
    return isinstance(loaded, list) and command in loaded


def allow(folder: Path, command: str) -> None:
    """Keep that it may."""
    loaded = _load(folder / "allowed.json")
    _write(folder / "allowed.json", [*(loaded if isinstance(loaded, list) else []), command])


# Not stamped with the program: this can't be rebuilt, and an update between `seen` and `fixed` must not lose it.
_FORMAT = "session"


def _load(path: Path) -> object:
    return cache.load_json(path, _FORMAT)


def _write(path: Path, value: object) -> None:
    """Write the file; if that fails, `@1` and `fixed` simply have nothing to go by."""
    with contextlib.suppress(OSError):
        cache.save_json(path, _FORMAT, value)
