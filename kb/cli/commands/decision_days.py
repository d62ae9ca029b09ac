"""`kb check --fix` for decisions: the days of their moves, as far as Git's history knows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from ...decisions.status_history import State, missing_days
from ...notes import front_matter, front_matter_edit
from ...notes.kinds import Decision, Note
from ...notes.knowledge_base import KnowledgeBase
from ...storage import git, git_history, transaction
from .. import input_streams
from ..terminal import screen
from ..views import save_result


def write_days(base: KnowledgeBase, wanted: bool) -> int:
    """Write the days that records lack and Git knows, in one commit; the exit status of that. Raises KbError."""
    records = [note for note in base.of("decision") if isinstance(note, Decision) and _says_its_status(note)]
    if not records or git.work_tree(base.root) is None:
        return 0
    try:
        history = _states(base, [note.path for note in records])
    except git.GitFailed as failed:
        screen.remark(f"Git's history was not read: {failed}")
        return 0
    changes = {}
    for note in records:
        if fields := missing_days(note, history.get(note.path, ())):
            old = input_streams.read_file(base.root / note.path)
            changes[base.root / note.path] = (old, front_matter_edit.set_fields(old, fields, note.path))
    for path in (changed := transaction.write_all(changes)):
        screen.say_path(path)
    return save_result.commit(base, changed, "decisions: the days of their moves", wanted) if changed else 0


def _says_its_status(note: Note) -> bool:
    """Whether the status stands in the front matter: a record in another dialect has no keys of kb's."""
    return 1 < note.key_lines.get("status", 0) < note.body_line


def _states(base: KnowledgeBase, paths: Sequence[str]) -> Mapping[str, list[State]]:
    """The path of a record → its states in all commits, the earliest first. Raises GitFailed."""
    names = {path: path for path in paths}  # what a file was called at that time → what it is called now
    rows: list[tuple[str, str, int]] = []
    for revision in git_history.revisions(base.root, [f"{base.settings.decisions}/*.md"]):
        for file in revision.files:
            now = names.get(file.new_path)
            if now and file.new_blob:
                rows.append((now, file.new_blob, revision.seconds))
                names[file.old_path or file.new_path] = now
    texts = git_history.blobs(base.root, [blob for _, blob, _ in rows])
    found: dict[str, list[State]] = defaultdict(list)
    for path, blob, seconds in reversed(rows):
        note = Decision("", path, front_matter.read(texts.get(blob, "").encode()).front)
        if note.front:
            found[path].append(State(note.status, note.date.text if note.date else "", date.fromtimestamp(seconds)))
    return found
