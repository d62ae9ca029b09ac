"""What became of a command that writes: the remarks, the path, whether it was committed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from ...capture import save
from ...capture.save import Saved
from ...exceptions import listed
from ...notes.knowledge_base import KnowledgeBase
from ..terminal.screen import plural, remark, say_path

T = TypeVar("T")


def remarked(found: tuple[T, Sequence[str]]) -> T:
    """The value, once the remarks beside it are shown."""
    value, remarks = found
    for text in remarks:
        remark(text)
    return value


def say_masked(kinds: Sequence[str]) -> None:
    """Say what kinds of secrets were masked, if any were."""
    if kinds:
        remark(f"masked before it was written: {listed(kinds, 'and')}")


def say_saved(saved: Saved) -> int:
    """Say what was masked, print the path, and say why Git would not commit; the exit status."""
    for text in saved.remarks:
        remark(text)
    say_masked(saved.masked)
    say_path(saved.path)
    return say_uncommitted(saved.uncommitted)


def say_uncommitted(reason: str) -> int:
    """Say why Git would not commit, if it would not; the exit status, 0 or 3."""
    if not reason:
        return 0
    remark(f"saved, but not committed: {reason}")
    return 3


def commit(base: KnowledgeBase, paths: Sequence[Path], message: str, wanted: bool = True, new: bool = False) -> int:
    """Commit these paths when it is wanted, here and by the knowledge base; the exit status, 0 or 3 with a remark."""
    if not wanted:
        return 0
    status = say_uncommitted(save.commit_changes(base, paths, message, new))
    if not status and (count := save.commit_waiting(base)):
        remark(f"{plural(count, 'file')} that could not be committed before: committed now")
    return status
