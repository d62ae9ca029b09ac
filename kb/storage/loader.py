"""Note files: found, and read through a cache that can be deleted."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..exceptions import system_reason
from ..logs.fingerprint import RULES, fingerprints
from ..notes import front_matter
from ..notes.kinds import FOLDERS, Decision, KnownError, Note
from ..notes.knowledge_base import KnowledgeBase
from ..notes.problem import Problem
from ..notes.settings import Settings, settings_of
from . import folders
from .decision_reader import DIALECTS, decision_name, in_its_dialect, is_decision
from .files import write_private
from .root_folder import ENTRIES, read_mkdocs_yml

# Read as text and indexed up to here; what lies beyond stays in the file, and `kb check` says so.
MAX_NOTE_BYTES = 4 * 1024 * 1024
WORTH_SAVING = 20
WORTH_SAVING_BYTES = 256 * 1024


# ---- reading ---------------------------------------------------------------------------------------------------------


def read(root: str | Path, progress: Callable[[int, int], None] | None = None) -> KnowledgeBase:
    """The knowledge base in the folder `root`, as `load` reads it, with the cache of this user and machine."""
    folder = Path(root).absolute()
    return load(folder, folders.cache_folder(folder) / "notes.json", progress)


def load(root: Path, cache: Path | None = None, progress: Callable[[int, int], None] | None = None) -> KnowledgeBase:
    """All notes of the knowledge base in `root`. `cache` is a file that may be deleted at any moment.

    `progress(done, all)` is called while many notes are parsed. Raises UnreadableSettings or CannotRead for `mkdocs.yml`
    or `entries/`; what is wrong with a single note is in the result.
    """
    mkdocs_yml = root / "mkdocs.yml"
    settings = settings_of(read_mkdocs_yml(mkdocs_yml))
    version = _version(settings)
    known = _load_cache(cache, version) if cache else {}
    fresh: dict[str, list[Any]] = {}
    problems: list[Problem] = []
    attachments: list[str] = []
    found = list(_files(root, settings, problems, attachments))
    now = time.time_ns()
    changed = read_anew = 0
    for done, (path, stat) in enumerate(found):
        stamp = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        old = known.get(path)
        # A file that changed in the last two seconds may change again within the clock's grain: its bytes decide.
        if old and old[0] == stamp and now - max(stat.st_mtime_ns, stat.st_ctime_ns) > 2_000_000_000:
            fresh[path] = old
            continue
        try:
            data = _read_file(root / path)
        except OSError as error:
            problems.append(Problem(path, 1, f"can't be read: {system_reason(error)}"))
            continue
        digest = hashlib.blake2b(data, digest_size=12).hexdigest()
        if old and old[1] == digest:
            fresh[path] = [stamp, *old[1:]]
        else:
            fresh[path] = [stamp, digest, *_parse(path, data, settings)]
            changed += 1
            read_anew += len(data)
            if progress and changed % 100 == 0:
                progress(done, len(found))
    # A few changed notes are parsed again sooner than the whole cache is written.
    if cache and (
        changed > WORTH_SAVING
        or read_anew > WORTH_SAVING_BYTES
        or (changed and not known)
        or len(known) > len(fresh) + WORTH_SAVING
    ):
        _save_cache(cache, version, fresh)
    notes = tuple(_note(path, row, settings) for path, row in fresh.items())
    return KnowledgeBase(root, tuple(sorted(notes, key=lambda n: n.ref)), settings, tuple(problems), tuple(attachments))


def _files(
    root: Path, settings: Settings, problems: list[Problem], attachments: list[str]
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
    """The decisions' folder when it stands elsewhere, and `entries/`."""
    elsewhere = settings.decisions
    if elsewhere != ENTRIES and not elsewhere.startswith(ENTRIES + "/"):
        if (root / elsewhere).is_dir():
            yield elsewhere
        else:
            problems.append(Problem("mkdocs.yml", 1, f"decisions: {elsewhere} is no folder"))
    if (root / ENTRIES).is_dir():
        yield ENTRIES


def _oddity(entry: os.DirEntry[str]) -> str:
    """Why kb passes over a file; empty for an ordinary one, and for a folder."""
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
    """What the cache keeps of a note, as JSON can hold it."""
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
    """Kind and line of what looks like a secret in a file's bytes; nothing when they are no text."""
    from ..secrets import masking

    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
    elif b"\0" in data[:8192]:
        return []
    else:
        text = data.decode("utf-8", errors="replace")
    return [(found.kind, found.line) for found in masking.find(text.replace("\r\n", "\n").replace("\r", "\n"))]


def reread(note: Note, data: bytes, settings: Settings) -> Note:
    """A note as it would read with these bytes; what is known of its secrets and errors stays."""
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
    cls = FOLDERS.get(ref.partition("/")[0], Note)
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


def _version(settings: Settings) -> str:
    """Changes when notes would be read otherwise: another format, other headings, other rules of signatures or secrets."""
    with os.scandir(folders.PACKAGE / "secrets") as files:
        rules = sorted((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.name.endswith(".py"))
    told_by = [rules, DIALECTS, settings.decisions, sorted(settings.headings.items())]
    return f"3 {RULES} {zlib.crc32(json.dumps(told_by).encode())}"


def _load_cache(cache: Path, version: str) -> dict[str, list[Any]]:
    """The rows of the cache by path; empty when it is missing, damaged, or of another version."""
    try:
        data = cache.read_bytes()
        head, _, body = data.partition(b"\n")
        if head != f"{version} {zlib.crc32(body)}".encode():
            return {}
        loaded: dict[str, list[Any]] = json.loads(body)
    except (OSError, ValueError, RecursionError):
        return {}
    return loaded


def _save_cache(cache: Path, version: str, rows: Mapping[str, list[Any]]) -> None:
    """Write the cache; without a place for it the next command just parses again."""
    body = json.dumps(rows, ensure_ascii=True, separators=(",", ":")).encode()
    with contextlib.suppress(OSError):
        write_private(cache, f"{version} {zlib.crc32(body)}".encode() + b"\n" + body)
