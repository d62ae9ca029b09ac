"""Changing several notes at once: all of them, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..exceptions import ChangedMeanwhile, KbError, NoteExists, system_reason
from ..notes.note_move import NoteMove
from . import files

Change = tuple[bytes | None, bytes]  # old bytes, None for a new file, and new ones


def write_all(
    changes: Mapping[Path, Change],
    leave_out: tuple[type[KbError], ...] = (),
    left_out: Callable[[KbError], None] = lambda _: None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Path]:
    """Write the new bytes of each file, or nothing at all; a file whose error is one of `leave_out` stays as it is.

    `left_out` is called with each such error. Returns the files that changed. Raises KbError; where a file could not be put
    back as it was, a note of that error says so.
    """
    done: list[Path] = []
    for number, (path, (old, new)) in enumerate(changes.items()):
        progress(number, len(changes))
        if old == new:
            continue
        try:
            if old is None:
                files.add(path, new)
            else:
                files.replace(path, old, new)
        except leave_out as error:
            left_out(error)
            continue
        except KbError as error:
            # Its bytes may be there even though its folder could not be synced.
            for written in (*done, path) if _holds(path, new) else done:
                _put_back(written, *changes[written], error)
            raise
        done.append(path)
    return done


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def _put_back(path: Path, before: bytes | None, ours: bytes, failed: KbError) -> None:
    """Restore the file as it was before `failed`; if that fails too, add a note to that error."""
    try:
        if before is not None:
            files.replace(path, ours, before)
        elif _holds(path, ours):
            path.unlink()
    except OSError as error:
        failed.add_note(f"{path} stays, since it could not be removed ({system_reason(error)})")
    except ChangedMeanwhile:
        failed.add_note(f"{path} was changed by somebody else meanwhile and keeps what kb wrote: git diff shows it")
    except KbError as error:
        failed.add_note(f"{path} keeps what kb wrote, since it could not be put back ({error}): git diff shows it")


def move(
    root: Path, moves: Sequence[NoteMove], changes: Mapping[str, tuple[bytes, bytes]], folders: Mapping[str, str] | None = None
) -> list[Path]:
    """Rename notes and change every mention of them, or change nothing. Returns the paths of all of them. Raises KbError.

    `folders` are renamed as a whole, with the notes and everything else in them: old path → new path.

    The contents are written first and the names change last, each in one step. If this is killed halfway, every note is there
    once, under its old or its new name; `kb check` names the links that wait for it, and running the command again finishes.
    """
    for moved in moves:
        if (root / moved.path).exists():
            raise NoteExists(root / moved.path, moved.path.rpartition(".")[0])
    own: dict[Path, Change] = {root / moved.old_path: (moved.old_data, moved.data) for moved in moves}
    every: dict[Path, Change] = {**{root / path: change for path, change in changes.items()}, **own}
    changed = write_all(every)
    whole = dict(folders or {})
    names = whole | {
        moved.old_path: moved.path for moved in moves if not any(moved.old_path.startswith(f"{one}/") for one in whole)
    }
    renamed: list[tuple[str, str]] = []
    try:
        for old, new in names.items():
            files.rename(root / old, root / new)
            renamed.append((old, new))
    except KbError as error:
        for old, new in renamed:
            files.rename(root / new, root / old)
        for path in changed:
            _put_back(path, *every[path], error)
        raise
    others = [path for path in changed if path not in own]
    return [*(root / path for moved in moves for path in (moved.path, moved.old_path)), *others]
