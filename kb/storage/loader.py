"""Finding note files, and reading them through a cache that can be deleted."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..exceptions import CannotWrite, system_reason
from ..logs.fingerprint import fingerprints
from ..notes import front_matter, versions
from ..notes.kinds import Decision, KnownError, Note, kind_of_folder
from ..notes.knowledge_base import KnowledgeBase
from ..notes.problem import Problem
from ..notes.settings import Settings, settings_of
from . import cache as store
from . import folders
from .decision_reader import decision_name, in_its_dialect, is_decision
from .leftovers import left_by
from .root_folder import ENTRIES, read_mkdocs_yml

# Read and indexed up to this size; the rest stays in the file, and `kb check` says so.
MAX_NOTE_BYTES = 4 * 1024 * 1024
WORTH_SAVING = 20
WORTH_SAVING_BYTES = 256 * 1024


# ---- reading ---------------------------------------------------------------------------------------------------------


def read(
    root: str | Path,
    progress: Callable[[int, int], None] | None = None,
    mkdocs_yml: Mapping[str, Any] | None = None,
) -> KnowledgeBase:
    """The knowledge base in the folder `root`, as `load` reads it, with the cache of this user and machine."""
    folder = Path(root).absolute()
    return load(folder, folders.cache_folder(folder) / "notes.json", progress, mkdocs_yml)


def load(
    root: Path,
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    mkdocs_yml: Mapping[str, Any] | None = None,
) -> KnowledgeBase:
    """All notes of the knowledge base in `root`. `cache` is a file that may be deleted at any moment.

    `progress(done, all)` is called while many notes are parsed; `mkdocs_yml` is the content of that file, if it was read
    already. Raises UnreadableSettings or CannotRead for `mkdocs.yml` or `entries/`; what is wrong with a single note is in
    the result.
    """
    settings = settings_of(read_mkdocs_yml(root / "mkdocs.yml") if mkdocs_yml is None else mkdocs_yml)
    made_by = store.stamp("notes", settings)
    known = _load_cache(cache, made_by) if cache else {}
    fresh: dict[str, list[Any]] = {}
    problems: list[Problem] = []
    attachments: list[str] = []
    left: list[str] = []
    found = list(_files(root, settings, problems, attachments, left))
    now = time.time_ns()
    changed = read_anew = 0
    for done, (path, stat) in enumerate(found):
        stamp = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        old = known.get(path)
        # A file that changed in the last two seconds may change again within the clock's resolution: compare its bytes.
        if old and old[0] == stamp and now - max(stat.st_mtime_ns, stat.st_ctime_ns) > store.GRAIN:
            fresh[path] = old
            continue
        try:
            data = _read_file(root / path)
        except OSError as error:
            problems.append(Problem(path, 1, f"can't be read: {system_reason(error)}"))
            continue
        digest = store.digest_of(data)
        if old and old[1] == digest:
            fresh[path] = [stamp, *old[1:]]
        else:
            fresh[path] = [stamp, digest, *_parse(path, data, settings)]
            changed += 1
            read_anew += len(data)
            if progress and changed % 100 == 0:
                progress(done, len(found))
    # Parsing a few changed notes again is quicker than writing the whole cache.
    if cache and (
        changed > WORTH_SAVING
        or read_anew > WORTH_SAVING_BYTES
        or (changed and not known)
        or len(known) > len(fresh) + WORTH_SAVING
    ):
        _save_cache(cache, made_by, fresh)
    notes = tuple(_note(path, row, settings) for path, row in fresh.items())
    said = _ordinary(root, problems)
    return _set_versions_apart(KnowledgeBase(root, notes, settings, tuple(problems), tuple(attachments), said), left)


def _ordinary(root: Path, problems: list[Problem]) -> frozenset[str]:
    """The keys of the lines that are ordinary here; none if there is no file."""
    from ..logs import ordinary

    try:
        data = _read_file(root / ordinary.FILE)
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        problems.append(Problem(ordinary.FILE, 1, f"can't be read: {system_reason(error)}"))
        return frozenset()
    return ordinary.keys_in(data.decode("utf-8-sig", "replace"))


def _set_versions_apart(base: KnowledgeBase, left: Sequence[str]) -> KnowledgeBase:
    """The knowledge base in which another version of a note is no note of its own, unless it knows an error that the note
    doesn't: that must be found. `left` are the files that editors and clouds left behind."""
    by_path = {note.path: note for note in base.notes}
    pairs = versions.put_beside(by_path)
    aside = {pair.path for pair in pairs if not versions.knows_more(by_path[pair.path], by_path[pair.of])}
    return dataclasses.replace(
        base,
        notes=tuple(sorted((note for note in base.notes if note.path not in aside), key=lambda note: note.ref)),
        pairs=(*pairs, *versions.copies(left, by_path)),
        versions=tuple(note for note in base.notes if note.path in aside),
    )


def _files(
    root: Path, settings: Settings, problems: list[Problem], attachments: list[str], left: list[str]
) -> Iterator[tuple[str, os.stat_result]]:
    """The note files: every `.md` below `entries/` and the decisions' folder; links out of it are not followed."""
    waiting = [*_folders(root, settings, problems)]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(root / folder) as found:
                children = sorted(found, key=lambda child: child.name)
        except OSError as error:
            problems.append(Problem(folder, 1, f"can't be read: {system_reason(error)}"))
            continue
        for child in children:
            path = f"{folder}/{child.name}"
            if child.name.startswith("."):
                continue
            try:
                path.encode()
                if left_by(child.name):
                    left.append(path)
                    continue
                if oddity := _oddity(child):
                    problems.append(Problem(path, 1, oddity))
                elif child.is_dir(follow_symlinks=False):
                    waiting.append(path)
                elif child.name.lower().endswith((".md", ".markdown")):
                    yield path, child.stat(follow_symlinks=False)
                else:
                    attachments.append(path)
            except UnicodeEncodeError:
                shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                problems.append(Problem(shown, 1, "the file's name isn't UTF-8, and it is passed over: rename it"))
            except OSError as error:
                problems.append(Problem(path, 1, f"can't be read: {system_reason(error)}"))


def _folders(root: Path, settings: Settings, problems: list[Problem]) -> Iterator[str]:
    """The decisions' folder if it is elsewhere, and `entries/`."""
    elsewhere = settings.decisions
    if elsewhere != ENTRIES and not elsewhere.startswith(ENTRIES + "/"):
        if leads_out(root, elsewhere):
            problems.append(Problem("mkdocs.yml", 1, f"decisions: {elsewhere} {_LEADS_OUT}"))
        elif (root / elsewhere).is_dir():
            yield elsewhere
        else:
            problems.append(Problem("mkdocs.yml", 1, f"decisions: {elsewhere} is no folder"))
    if leads_out(root, ENTRIES):
        problems.append(Problem(ENTRIES, 1, _LEADS_OUT))
    elif (root / ENTRIES).is_dir():
        yield ENTRIES


_LEADS_OUT = "leads out of the knowledge base by a symbolic link, and kb follows none: put the folder itself there"


def leads_out(root: Path, path: str) -> bool:
    """Whether a path below the knowledge base is really somewhere else, by a symbolic link on the way."""
    real = os.path.realpath(root)
    return not os.path.realpath(root / path).startswith(real.rstrip("/") + "/")


def folder_to_write(root: Path, folder: str) -> Path:
    """A folder below the knowledge base, to put a note in. Raises CannotWrite when a symbolic link leads out of it: who
    pushes to a repository could let kb write anywhere else.
    """
    if leads_out(root, folder):
        raise CannotWrite(root / folder, f"it {_LEADS_OUT}")
    return root / folder


def _oddity(entry: os.DirEntry[str]) -> str:
    """Why kb skips a file; empty for an ordinary file or a folder."""
    if entry.is_symlink():
        return "is a symbolic link, and kb follows none: put the file itself here"
    if not entry.is_dir(follow_symlinks=False) and not entry.is_file(follow_symlinks=False):
        return "is no ordinary file, and is passed over: remove it"
    return ""


def _read_file(path: Path) -> bytes:
    """The bytes of a note, at most a little over MAX_NOTE_BYTES."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(MAX_NOTE_BYTES + 1)


def _parse(path: str, data: bytes, settings: Settings) -> list[Any]:
    """What the cache keeps of a note, as values for JSON."""
    parsed = in_its_dialect(path, front_matter.read(data[:MAX_NOTE_BYTES]), settings)
    problem = parsed.problem
    if len(data) > MAX_NOTE_BYTES and not problem:
        problem = (
            1,
            f"larger than {MAX_NOTE_BYTES >> 20} MB: only its beginning is read; put the long log into a file beside it",
        )
    note = _note(path, [None, "", parsed.front, parsed.key_lines, parsed.body, parsed.body_line, problem, [], []], settings)
    found = secrets_in(data)
    return [parsed.front, parsed.key_lines, parsed.body, parsed.body_line, problem, _fingerprints(note.errors), found]


def secrets_in(data: bytes) -> list[tuple[str, int]]:
    """Kind and line of what looks like a secret in a file's bytes; nothing if they aren't text."""
    from ..secrets import masking

    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
    elif b"\0" in data[:8192]:
        return []
    else:
        text = data.decode("utf-8", errors="replace")
    return [(found.kind, found.line) for found in masking.find(text.replace("\r\n", "\n").replace("\r", "\n"))]


def reread(note: Note, data: bytes, settings: Settings) -> Note:
    """A note as it would be with these bytes; what is known about its secrets and errors stays."""
    parsed = in_its_dialect(note.path, front_matter.read(data), settings)
    trouble = Problem(note.path, *parsed.problem) if parsed.problem else None
    return dataclasses.replace(
        note, front=parsed.front, key_lines=parsed.key_lines, body=parsed.body, body_line=parsed.body_line, problem=trouble
    )


def _fingerprints(errors: Sequence[KnownError]) -> list[str]:
    return [mark for error in errors for mark in fingerprints(error.text)]


def _note(path: str, row: Sequence[Any], settings: Settings) -> Note:
    _, digest, front, key_lines, body, body_line, problem, marks, found = row
    ref = path.rpartition(".")[0].removeprefix(ENTRIES + "/")
    if path.startswith(settings.decisions + "/"):
        name = decision_name(path)
        if settings.decisions != ENTRIES + "/decisions" or name != ref.rpartition("/")[2]:
            ref = f"decisions/{name}"
    cls = kind_of_folder(ref.partition("/")[0])
    if cls is Decision and not is_decision(ref, body):
        cls = Note
    trouble = Problem(path, problem[0], problem[1]) if problem else None
    exposed = tuple((kind, line) for kind, line in found)
    return cls(
        ref,
        path,
        front,
        key_lines,
        body,
        body_line,
        trouble,
        digest,
        tuple(marks),
        settings.headings,
        exposed,
        settings.timezone,
    )


# ---- the cache of parsed notes ---------------------------------------------------------------------------------------


def _load_cache(cache: Path, made_by: str) -> dict[str, list[Any]]:
    """The rows of the cache by path; empty if there is no valid cache."""
    loaded = store.load_json(cache, made_by)
    return loaded if isinstance(loaded, dict) else {}


def _save_cache(cache: Path, made_by: str, rows: Mapping[str, list[Any]]) -> None:
    """Write the cache; if there is nowhere to write it, the next command parses again."""
    with contextlib.suppress(OSError):
        store.save_json(cache, made_by, rows)
