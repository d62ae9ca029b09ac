"""Drafts: what a user types is kept in the state folder until it is saved, and passes the editor there."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ...capture.kept_drafts import title_of, trouble_in
from ...exceptions import CannotEdit, EditorFailed, EditorStillOpen, NoEditor, NothingToRead, WrongUse
from ...secrets import masking
from ..terminal import ask, editor
from ..terminal.screen import remark


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


# ---- the editor ------------------------------------------------------------------------------------------------------


AT_ONCE = 1.0  # seconds: nobody opens an editor, reads and leaves it within them


def edited(draft: Path, go_on: str) -> bytes:
    """What the user made of the draft; the command `go_on` goes on with it.

    Raises NoEditor, EditorFailed, EditorStillOpen or CannotEdit; the draft is kept.
    """
    before = draft.read_bytes()
    while True:
        began = time.monotonic()
        try:
            command = editor.editor(os.environ)
            editor.edit(draft, command)
        except NoEditor:
            raise NoEditor(draft) from None
        if editor.opens_a_window(command) and time.monotonic() - began < AT_ONCE and _holds(draft, before):
            ask.enter("The editor came back at once. When you have saved and closed it, press Enter.")
            if _holds(draft, before):
                raise EditorStillOpen(draft, go_on)
        try:
            data = draft.read_bytes()
        except OSError:
            raise EditorFailed("the editor deleted the draft", 1, draft) from None
        if not data.strip():
            draft.write_bytes(before)
            raise NothingToRead("the draft", f"nothing was saved; what it held before is kept in {draft}")
        trouble = trouble_in(data, draft)
        if not trouble:
            return checked_for_secrets(data, draft)
        remark(f"kb: {trouble}")
        if not (ask.has_terminal() and ask.yes("Edit it again?", True)):
            raise CannotEdit(str(draft), 1, "nothing was saved; the draft is kept there")


def _holds(draft: Path, data: bytes) -> bool:
    try:
        return draft.read_bytes() == data
    except OSError:
        return False


def checked(draft: Path) -> bytes:
    """What a draft holds now, if it can be saved. Raises CannotEdit or WrongUse; the draft is kept."""
    data = draft.read_bytes()
    if trouble := trouble_in(data, draft):
        raise CannotEdit(str(draft), 1, f"{trouble}; the draft is kept there")
    return checked_for_secrets(data, draft)


def checked_for_secrets(data: bytes, draft: Path) -> bytes:
    """The bytes with found secrets masked, if the user agrees. Raises WrongUse with the draft kept when not."""
    text = data.decode("utf-8")
    clean, found = masking.mask(text)
    if not found:
        return data
    for hit in found:
        remark(f"line {hit.line}: looks like a secret ({hit.kind})")
    if ask.yes("Mask it in the note?", True):
        return clean.encode("utf-8")
    raise WrongUse(f"nothing was saved; the draft is kept in {draft}: write kb-allow on the line of a false alarm")
