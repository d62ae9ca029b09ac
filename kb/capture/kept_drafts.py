"""Texts that were begun in an editor and not saved, kept until they are resumed or dropped."""

from __future__ import annotations

import glob
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from ..exceptions import CannotWrite, system_reason
from ..notes import front_matter, templates
from ..notes.kinds import Note
from ..notes.knowledge_base import KnowledgeBase
from ..storage import files, folders


def kept(base: KnowledgeBase, kind: str) -> list[Path]:
    """The unsaved drafts of a kind, the newest first."""
    found = (folders.state_folder(base.root) / "drafts").glob(f"{kind}-*.md")
    return _newest_first(path for path in found if path.is_file())


def kept_edits(base: KnowledgeBase, note: Note) -> list[Path]:
    """The unsaved drafts of changes to a note, the newest first, without those in which nothing was changed."""
    found = (folders.state_folder(base.root) / "drafts").glob(f"{glob.escape(_edit_name(note))}-*.md")
    return _newest_first(path for path in found if _BEGUN.search(path.stem) and not begun_from(path, path.read_bytes()))


def keep_edit(base: KnowledgeBase, note: Note, old: bytes) -> Path:
    """A copy of a note for editing; its name says which bytes it was made from. Raises CannotWrite."""
    return keep(base, f"{_edit_name(note)}-{_digest(old)}", old)


def begun_from(draft: Path, data: bytes) -> bool:
    """Whether the draft of a change was begun from exactly these bytes."""
    found = _BEGUN.search(draft.stem)
    return found is not None and found[1] == _digest(data)


def _newest_first(found: Iterable[Path]) -> list[Path]:
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


_BEGUN = re.compile(r"-([0-9a-f]{16})-\d+$")


def _edit_name(note: Note) -> str:
    return f"edit-{note.kind}-{note.name[:60]}"


def keep(base: KnowledgeBase, name: str, data: bytes) -> Path:
    """`data` in a draft of its own. Raises CannotWrite."""
    folder = folders.state_folder(base.root) / "drafts"
    try:
        return files.new_draft(folder, name, data)
    except OSError as error:
        raise CannotWrite(folder, system_reason(error)) from error


def trouble_in(data: bytes, draft: Path) -> str:
    """Why a draft can't become a note yet, with its file and line; empty if it can."""
    read = front_matter.read(data)
    if read.problem:
        return f"{draft}:{read.problem[0]}: {read.problem[1]}"
    return (
        ""
        if says_something(title_of(templates.without_hints(data)))
        else f"{draft}:2: the title is empty: write one after `title:`"
    )


def title_of(data: bytes) -> str:
    """The title of a note's bytes, on one line; empty if there is none."""
    read = front_matter.read(data)
    return Note("", "", read.front, body=read.body).title.strip()


def says_something(title: str) -> bool:
    """Whether a title has anything visible in it (zero-width letters don't count)."""
    return bool(re.search(r"[^\s\u200b-\u200f\u2060-\u2064\ufeff\u00ad\x00-\x1f]", title))
