"""Saving a note: name, write, commit; and all steps at once, for callers without an editor."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ..exceptions import CannotEdit, CannotWrite, EmptyTitle, KbError
from ..notes import front_matter, templates
from ..notes.kinds import KINDS
from ..notes.knowledge_base import KnowledgeBase
from ..storage import files, folders, git, git_commit, loader, root_folder, uncommitted
from . import kept_drafts
from .note_draft import NoteDraft, filled, masked, masked_text


@dataclass(frozen=True)
class Saved:
    """A note that is on the disk now."""

    path: Path
    title: str
    masked: tuple[str, ...] = ()  # the kinds of secrets that were masked before it was written
    remarks: tuple[str, ...] = ()  # what the user should know, such as a service that has no note
    uncommitted: str = ""  # why Git would not commit it; empty if it did, or if no commit was wanted


def record(base: KnowledgeBase, draft: NoteDraft, now: datetime, commit: bool = True) -> Saved:
    """Make the note: mask its secrets, fill in the template, choose a free name, write it to the disk, and commit it.

    Never writes over another note. Raises EmptyTitle, CannotEdit for a broken template, and CannotWrite, whose `draft` is
    the file that keeps what was to be written.
    """
    clean, kinds = masked(draft)
    if not clean.whole and not kept_drafts.says_something(clean.title):
        raise EmptyTitle(clean.kind)
    data = filled(base, clean)
    path, title = save(base, clean.kind, data, now)
    trouble = commit_changes(base, [path], f"{clean.kind}: {title}", new=True) if commit else ""
    if commit and not trouble:
        commit_waiting(base)
    return Saved(path, title, kinds, draft.remarks, trouble)


def save(base: KnowledgeBase, kind: str, data: bytes, now: datetime, draft: Path | None = None) -> tuple[Path, str]:
    """Write a finished note under the name that its title and date give. Returns its path and title.

    `draft` is the file in which it was written, which is deleted once the note is there. Raises CannotEdit, EmptyTitle or
    CannotWrite, whose `draft` says where the text is kept, if it is.
    """
    finished = templates.without_hints(data)
    try:
        path = _write(base, kind, finished, now.date())
    except KbError as error:
        if draft is None and isinstance(error, CannotWrite):
            with suppress(CannotWrite):  # the first error is the one to report
                draft = keep(base, kind, data)
        error.draft = error.draft or draft
        raise
    if draft:
        with suppress(OSError):  # the note is there: at worst the leftover draft is offered again
            draft.unlink(missing_ok=True)
    return path, kept_drafts.title_of(finished)


def keep(base: KnowledgeBase, kind: str, data: bytes) -> Path:
    """Keep a note in a draft that only its owner can read, until the note is saved. Raises CannotWrite."""
    return kept_drafts.keep(base, f"{kind}-{templates.slug(kept_drafts.title_of(data) or kind, kind)}", data)


def commit_changes(base: KnowledgeBase, paths: Sequence[Path], message: str, new: bool = False) -> str:
    """Commit these paths if the settings say so; returns "", or why Git would not. Never raises.

    `new` means that Git doesn't know these files yet.
    """
    if not base.settings.commit or git.work_tree(base.root) is None:
        return ""
    # Written down before, so that what a kill leaves uncommitted is named as well.
    waiting = uncommitted.begin(folders.state_folder(base.root), base.root, paths)
    trouble = git_commit.commit(base.root, paths, masked_text(message)[0], new).trouble
    if trouble:
        uncommitted.failed(waiting, trouble)
    else:
        uncommitted.done(waiting)
    return trouble


def commit_waiting(base: KnowledgeBase) -> int:
    """Commit what earlier commands saved and could not commit; the number of files. Never raises."""
    if not base.settings.commit or git.work_tree(base.root) is None:
        return 0
    state = folders.state_folder(base.root)
    waiting = uncommitted.waiting(state, base.root, time.time())
    if not waiting:
        return 0
    files_of = "1 file" if len(waiting) == 1 else f"{len(waiting)} files"
    paths = [base.root / one.path for one in waiting]
    if not git_commit.commit(base.root, paths, f"notes: {files_of} saved before", new=True).made:
        return 0
    uncommitted.waiting(state, base.root, time.time())  # which forgets them
    return len(waiting)


def _write(base: KnowledgeBase, kind: str, data: bytes, today: date) -> Path:
    read = front_matter.read(data)
    if read.problem:
        raise CannotEdit("the draft", *read.problem)
    title = kept_drafts.title_of(data)
    if not kept_drafts.says_something(title):
        raise EmptyTitle(kind)
    if kind == "decision":
        return _write_decision(base, title, data, today)
    folder = loader.folder_to_write(base.root, f"{root_folder.ENTRIES}/{KINDS[kind].folder}")
    if kind == "service":
        path = folder / f"{templates.slug(title, kind)}.md"
        with files.only_writer(folder):  # a service being renamed may take this name
            files.add(path, data)
        return path
    note = KINDS[kind]("", "", read.front)
    day = note.date.day if note.date and note.date.day.year >= 1000 else today
    return files.add_first_free(folder, templates.dated_names(day, title, kind), data)


def _write_decision(base: KnowledgeBase, title: str, data: bytes, today: date) -> Path:
    folder = loader.folder_to_write(base.root, base.settings.decisions)
    in_place = base.settings.decisions != f"{root_folder.ENTRIES}/decisions"
    if in_place:
        from ..importers.adr.record_head import bare_title

        title = bare_title(title)  # records that state everything in their text have their number in the heading
    with files.only_writer(folder):
        taken = [entry.stem for entry in folder.glob("*.md")] + [entry.parent.name for entry in folder.glob("*/*.md")]
        path = folder / f"{templates.numbered_name(taken, title, today if in_place else None)}.md"
        files.add(path, data)
    return path
