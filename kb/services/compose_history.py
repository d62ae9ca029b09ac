"""The history of the compose files: what each commit changed in the services, read once and cached by commit."""

from __future__ import annotations

import os
import posixpath
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ..importers.quadlet import QUADLETS, UNITS
from ..notes.kinds import Service
from ..notes.knowledge_base import KnowledgeBase
from ..storage import cache as store
from ..storage import git, git_history
from ..storage.note_paths import NotePaths
from . import service_changes as rules
from .import_marks import marks
from .service_changes import Event

PATTERNS = ("*.yml", "*.yaml", "*.container", "*.kube", "*.pod", "*.network", "*.volume")
ENVS = ("*.env",)
_KEYS = ("service", "what", "before", "after", "file", "by")


def events(
    base: KnowledgeBase,
    since: datetime | None,
    cache: Path,
    unread: Callable[[Path, git.GitFailed], None],
    progress: Callable[[int, int], None] | None = None,
) -> list[Event]:
    """The events of the notes and of every history that the settings or the notes point to, in no order.

    `cache` is the folder for what can be rebuilt. `unread(folder, why)` is called for a history that can't be read, and
    `progress(done, all)` now and then while many commits are read for the first time.
    """
    retired = {note.name for note in base.of("service") if isinstance(note, Service) and note.retired}
    found = list(rules.noted(base))
    for folder in _histories(base):
        try:
            found += [
                replace(event, what="retired") if event.what == "removed" and event.service in retired else event
                for event in _history(base, folder, since, cache, progress)
            ]
        except git.GitFailed as failed:
            unread(folder, failed)
    return found


def _histories(base: KnowledgeBase) -> list[Path]:
    """The folders whose history is read: those of the setting `compose`, else for each repository the common folder of the notes' files."""
    places = NotePaths(base.root)
    if base.settings.compose:
        return [path for path in map(places.path, base.settings.compose) if path.is_dir() and git.work_tree(path)]
    trees: dict[Path, list[Path]] = {}
    for note in base.of("service"):
        if isinstance(note, Service) and note.compose:
            folder = places.path(note.compose).parent
            tree = git.work_tree(folder)
            if tree:
                trees.setdefault(tree, []).append(folder)
    found = [Path(os.path.commonpath(folders)) for folders in trees.values()]
    # The last service of a folder may be gone, and the folder too.
    return [next(path for path in (folder, *folder.parents) if path.is_dir()) for folder in found]


def _history(
    base: KnowledgeBase, folder: Path, since: datetime | None, caches: Path, progress: Callable[[int, int], None] | None
) -> list[Event]:
    revisions = git_history.revisions(folder, (*PATTERNS, *ENVS), since.timestamp() if since else None)
    cache = caches / f"changes-{zlib.crc32(os.fsencode(folder)):08x}.json"
    made_by = store.stamp("changes", os.fspath(folder))
    known = _load(cache, made_by)
    fresh = [revision for revision in revisions if revision.commit not in known]
    texts = git_history.blobs(
        folder, list(dict.fromkeys(b for r in fresh for f in r.files for b in (f.old_blob, f.new_blob) if b))
    )
    beside = _FilesAtCommit(folder, fresh)
    for done, revision in enumerate(fresh):
        if progress and done % 50 == 0:
            progress(done, len(fresh))
        before = {f.old_path: texts[f.old_blob] for f in revision.files if f.old_blob in texts}
        after = {f.new_path: texts[f.new_blob] for f in revision.files if f.new_blob in texts}
        beside.add(revision, before, after)
        known[revision.commit] = [[getattr(event, key) for key in _KEYS] for event in rules.with_causes(before, after)]
    if fresh:
        with suppress(OSError):  # if it can't be kept, the next command reads the history again
            store.save_json(cache, made_by, known)
    names = _names(base, folder)
    return [
        _placed(_event(row, revision), folder, names, revision.seconds)
        for revision in revisions
        for row in known[revision.commit]
    ]


class _FilesAtCommit:
    """The files that a commit's files depend on: an `.env`, if Git has it, and a quadlet's pod, networks and volumes.

    So a tag or a port that changes only there counts as a change of its service.
    """

    def __init__(self, folder: Path, fresh: Sequence[git_history.Revision]) -> None:
        touched = [path for revision in fresh for file in revision.files for path in (file.old_path, file.new_path) if path]
        paths = {*touched, *(git_history.tracked(folder, (*PATTERNS, *ENVS)) if fresh else ())}
        self.envs = {path for path in paths if rules.is_env(path)}
        self.others: dict[str, list[str]] = {}  # the folder of an `.env` → the files that it is for
        for path in sorted(paths - self.envs) if self.envs else ():
            for env in self._above(path):
                self.others.setdefault(env, []).append(path)
        self.folders: dict[str, list[str]] = {}  # for each folder with quadlets, its files
        quadlets = {posixpath.dirname(path) for path in paths if path.endswith((*QUADLETS, *UNITS))}
        for path in sorted(paths - self.envs):
            if posixpath.dirname(path) in quadlets:
                self.folders.setdefault(posixpath.dirname(path), []).append(path)
        self.texts = git_history.blobs(
            folder, list(dict.fromkeys(spec for revision in fresh for spec in self._specs(revision)))
        )

    def _above(self, path: str) -> list[str]:
        """The `.env` files whose variables a file may use, the nearest first."""
        folders = [posixpath.dirname(path)]
        while folders[-1]:
            folders.append(posixpath.dirname(folders[-1]))
        return [env for folder in folders for env in sorted(self.envs) if posixpath.dirname(env) == folder]

    def _specs(self, revision: git_history.Revision) -> Iterator[str]:
        """The files beside those of a commit that did not change in it."""
        touched = {file.new_path for file in revision.files} | {file.old_path for file in revision.files}
        near = (other for path in sorted(touched - {""}) for other in self._near(path))
        yield from (f"{revision.commit}:./{path}" for path in near if path not in touched)

    def _near(self, path: str) -> Iterator[str]:
        if path in self.envs:
            for other in self.others.get(path, ()):
                yield from (other, *self._above(other))
            return
        # A quadlet says nothing about other files, but a pod, a network or a manifest affects those that name it.
        others = self.folders.get(posixpath.dirname(path), ())
        yield from (other for other in others if not (path.endswith(".container") and other.endswith(QUADLETS)))
        yield from self._above(path)

    def add(self, revision: git_history.Revision, before: dict[str, str], after: dict[str, str]) -> None:
        """Add to a commit's files what belongs to them; of an `.env`, only the variables of images and ports are kept."""
        for spec in dict.fromkeys(self._specs(revision)):
            if spec in self.texts:
                path = spec.partition(":./")[2]
                before.setdefault(path, self.texts[spec])
                after.setdefault(path, self.texts[spec])
        for state in (before, after):
            described = [text for path, text in state.items() if not rules.is_env(path)]
            for path in [path for path in state if path.endswith(".env")]:
                state[path] = rules.shown_variables(state[path], described) if rules.is_env(path) else ""


def _event(row: Sequence[str], revision: git_history.Revision) -> Event:
    service, what, before, after, file, by = row
    return Event(service, what, before, after, file, revision.commit, revision.subject, by=by)


def _load(cache: Path, made_by: str) -> dict[str, list[list[str]]]:
    loaded = store.load_json(cache, made_by)
    return loaded if isinstance(loaded, dict) else {}


def _names(base: KnowledgeBase, folder: Path) -> dict[tuple[str, str], str]:
    """The folder and the name in a compose file → the name of the note."""
    places = NotePaths(base.root)
    notes = [note for note in base.of("service") if isinstance(note, Service) and note.compose]
    return {
        (os.path.relpath(places.path(note.compose).parent, folder), marks(note)[0] or note.name): note.name for note in notes
    }


def _placed(event: Event, folder: Path, names: dict[tuple[str, str], str], seconds: int) -> Event:
    own = names.get((os.path.dirname(event.file) or ".", event.service))
    home = Path.home()
    shown = f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) and folder != home else str(folder)
    undo = rules.undo(event, shown)
    return replace(event, service=own or event.service, at=datetime.fromtimestamp(seconds, UTC), undo=undo)
