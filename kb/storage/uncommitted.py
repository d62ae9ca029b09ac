"""What was saved and could not be committed: remembered with its reason in the user's state folder, until Git has it."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import git
from .files import write_private

ON_ITS_WAY = "kb ended before it was committed"
LONG = 300.0  # seconds: who has not committed after them never will


@dataclass(frozen=True)
class Uncommitted:
    """A file, relative to the knowledge base, and why Git does not have it as it is."""

    path: str
    reason: str


def begin(state: Path, root: Path, paths: Sequence[Path]) -> Path:
    """Remember that these are about to be committed, so that they are named even after a kill. Returns the record."""
    record = state / "uncommitted" / f"{os.getpid()}-{time.monotonic_ns()}.json"
    _write(record, [os.path.relpath(path, root) for path in paths], ON_ITS_WAY)
    return record


def failed(record: Path, reason: str) -> None:
    """Remember why these were not committed."""
    if names := _names(record):
        _write(record, names, reason)


def done(record: Path) -> None:
    """Git has them."""
    with contextlib.suppress(OSError):
        record.unlink()


def waiting(state: Path, root: Path, now: float) -> list[Uncommitted]:
    """The files that kb saved and Git does not have as they are, each with its reason. `now` is in seconds since 1970.

    What Git has by now is forgotten; what another kb is committing at this moment is left out.
    """
    found: dict[str, str] = {}
    for record, names, reason in _records(state, now):
        open_still = _differing(root, names)
        if not open_still:
            done(record)
        found |= dict.fromkeys(open_still, reason)
    return [Uncommitted(path, reason) for path, reason in sorted(found.items())]


def _records(state: Path, now: float) -> Iterator[tuple[Path, list[str], str]]:
    folder = state / "uncommitted"
    with contextlib.suppress(OSError):
        for record in sorted(folder.glob("*.json")):
            try:
                loaded = json.loads(record.read_bytes())
                names, reason = [str(name) for name in loaded["paths"]], str(loaded["reason"])
                fresh = now - record.stat().st_mtime < LONG
            except (OSError, ValueError, TypeError, KeyError):
                continue
            if reason != ON_ITS_WAY or not fresh or not _is_running(record):
                yield record, names, reason


def _is_running(record: Path) -> bool:
    number = record.name.partition("-")[0]
    return number.isdigit() and os.path.exists(f"/proc/{number}") if os.path.isdir("/proc/self") else True


def _differing(root: Path, names: Sequence[str]) -> list[str]:
    """Which of these files are otherwise than in the last commit. When Git can't tell, all of them."""
    if git.work_tree(root) is None:
        return []
    try:
        said = git.run(root, "--literal-pathspecs", "status", "--porcelain", "-z", "--no-renames", "-uall", "--", *names)
        prefix = git.prefix(root)
    except git.GitFailed:
        return list(names)
    return [row[3:].removeprefix(prefix) for row in said.split("\0") if row and not row.startswith("!!")]


def _names(record: Path) -> list[str]:
    try:
        return [str(name) for name in json.loads(record.read_bytes())["paths"]]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _write(record: Path, names: Sequence[str], reason: str) -> None:
    with contextlib.suppress(OSError):  # without a place for it there is only the remark
        write_private(record, json.dumps({"paths": list(names), "reason": reason}).encode())
