"""Drafts: what a user types is kept in the state folder until it is saved, and passes the editor there."""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from ... import secrets
from ...exceptions import CannotEdit, CannotWrite, EditorFailed, NoEditor, NothingToRead, WrongUse, system_reason
from ...notes import front_matter, templates
from ...notes.kinds import Note
from ...notes.knowledge_base import KnowledgeBase
from ...storage import files, folders
from ..terminal import ask, editor
from ..terminal.screen import remark

# ---- kept ------------------------------------------------------------------------------------------------------------


def kept(base: KnowledgeBase, kind: str) -> list[Path]:
    """The drafts of a kind that were never saved, the newest first."""
    found = (folders.state_folder(base.root) / "drafts").glob(f"{kind}-*.md")
    return _newest_first(path for path in found if path.is_file())


def chosen(kind: str, drafts: Sequence[Path]) -> Path:
    """The only draft, or the one of several that the user names; the newest without a terminal."""
    if len(drafts) == 1:
        return drafts[0]
    for number, draft in enumerate(drafts, 1):
        when = datetime.fromtimestamp(draft.stat().st_mtime).astimezone().strftime("%d %b %H:%M")
        remark(f"{number}  {when}  {title_of(draft.read_bytes()) or 'no title yet'}")
    answer = ask.line(f"Which {kind} draft?", "1")
    if not (answer.isdigit() and 1 <= int(answer) <= len(drafts)):
        raise WrongUse(f"there is no draft {answer}: 1 is the newest, {len(drafts)} the oldest")
    return drafts[int(answer) - 1]


def kept_edits(base: KnowledgeBase, note: Note) -> list[Path]:
    """The drafts of a note's changes that were never saved, the newest first."""
    found = (folders.state_folder(base.root) / "drafts").glob(f"{glob.escape(_edit_name(note))}-*.md")
    return _newest_first(path for path in found if _BEGUN.search(path.stem))


def keep_edit(base: KnowledgeBase, note: Note, old: bytes) -> Path:
    """A copy of a note, to be changed; its name says from which bytes it was made. Raises CannotWrite."""
    return keep(base, f"{_edit_name(note)}-{_digest(old)}", old)


def begun_from(draft: Path, data: bytes) -> bool:
    """Whether the draft of a change was begun from these very bytes."""
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


# ---- the editor ------------------------------------------------------------------------------------------------------


def edited(draft: Path) -> bytes:
    """What the user made of the draft. Raises NoEditor, EditorFailed or CannotEdit; the draft is kept."""
    before = draft.read_bytes()
    while True:
        try:
            editor.edit(draft, editor.editor(os.environ))
        except NoEditor:
            raise NoEditor(draft) from None
        try:
            data = draft.read_bytes()
        except OSError:
            raise EditorFailed("the editor deleted the draft", 1, draft) from None
        if not data.strip():
            draft.write_bytes(before)
            raise NothingToRead("the draft", f"nothing was saved; what it held before is kept in {draft}")
        trouble = _trouble(data, draft)
        if not trouble:
            return checked_for_secrets(data, draft)
        remark(f"kb: {trouble}")
        if not (ask.has_terminal() and ask.yes("Edit it again?", True)):
            raise CannotEdit(str(draft), 1, "nothing was saved; the draft is kept there")


def _trouble(data: bytes, draft: Path) -> str:
    read = front_matter.read(data)
    if read.problem:
        return f"{draft}:{read.problem[0]}: {read.problem[1]}"
    return (
        ""
        if says_something(title_of(templates.without_hints(data)))
        else f"{draft}:2: the title is empty: write one after `title:`"
    )


def checked_for_secrets(data: bytes, draft: Path) -> bytes:
    """The bytes with found secrets masked, if the user agrees. Raises WrongUse with the draft kept when not."""
    text = data.decode("utf-8")
    clean, found = secrets.mask(text)
    if not found:
        return data
    for hit in found:
        remark(f"line {hit.line}: looks like a secret ({hit.kind})")
    if ask.yes("Mask it in the note?", True):
        return clean.encode("utf-8")
    raise WrongUse(f"nothing was saved; the draft is kept in {draft}: write kb-allow on the line of a false alarm")


def title_of(data: bytes) -> str:
    """The title of a note's bytes, in one line; empty when there is none."""
    read = front_matter.read(data)
    return Note("", "", read.front, body=read.body).title.strip()


def says_something(title: str) -> bool:
    """Whether a title has anything to see in it (zero-width letters are nothing)."""
    return bool(re.search(r"[^\s\u200b-\u200f\u2060-\u2064\ufeff\u00ad\x00-\x1f]", title))
