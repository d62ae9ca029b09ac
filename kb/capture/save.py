"""The last steps of a new note: name, write, commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ..cli import clock
from ..cli.terminal.screen import remark
from ..exceptions import CannotEdit, EmptyTitle
from ..notes import front_matter, templates
from ..notes.kinds import KINDS
from ..notes.knowledge_base import KnowledgeBase
from ..secrets import masking
from ..storage import files, git_commit, root_folder
from . import kept_drafts
from .note_draft import bare_template


def commit(base: KnowledgeBase, paths: Sequence[Path], message: str, wanted: bool = True, new: bool = False) -> int:
    """Commit these paths if the knowledge base wants it; 0, or 3 with a remark when Git would not."""
    if not wanted or not base.settings.commit:
        return 0
    commit = git_commit.commit(base.root, paths, masking.mask(message)[0], new)
    if commit.trouble:
        remark(f"saved, but not committed: {commit.trouble}")
        return 3
    return 0


def save_note(base: KnowledgeBase, kind: str, data: bytes) -> Path:
    """Write the note under the name that its title and date give. Raises CannotEdit, EmptyTitle or CannotWrite."""
    read = front_matter.read(data)
    if read.problem:
        raise CannotEdit("the draft", *read.problem)
    title = kept_drafts.title_of(data)
    if not kept_drafts.says_something(title):
        raise EmptyTitle(kind)
    if kind == "decision":
        folder = base.root / base.settings.decisions
        with files.only_writer(folder):
            taken = [entry.stem for entry in folder.glob("*.md")] + [entry.parent.name for entry in folder.glob("*/*.md")]
            in_place = base.settings.decisions != f"{root_folder.ENTRIES}/decisions"
            day = clock.now().date() if in_place else None
            path = folder / f"{templates.numbered_name(taken, bare_template(title) if in_place else title, day)}.md"
            files.add(path, data)
        return path
    folder = base.root / root_folder.ENTRIES / KINDS[kind].folder
    if kind == "service":
        path = folder / f"{templates.slug(title, kind)}.md"
        with files.only_writer(folder):  # a service that is renamed may take this name
            files.add(path, data)
        return path
    note = KINDS[kind]("", "", read.front)
    day = note.date.day if note.date else clock.now().date()
    return files.add_first_free(folder, templates.dated_names(_sane(day), title, kind), data)


def _sane(day: date) -> date:
    return day if day.year >= 1000 else clock.now().date()
