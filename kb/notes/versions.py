"""Versions of one note from two machines: `kb sync` and clouds put one beside the other, under a name that says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .kinds import Note

# What another version adds to a file's name, and who put it there.
_CLOUDS = (
    (re.compile(r"(.+)\.sync-conflict-\d{8}-\d{6}(?:-[A-Z0-9]+)?"), "Syncthing"),
    (re.compile(r"(.+?) \((?:.*['\u2019]s )?conflicted copy[^)]*\)"), "a cloud"),
    (re.compile(r"(.+)_conflict-\d{8}-\d{6}"), "Nextcloud"),
)
_NUMBER = re.compile(r"-\d+$")
_OURS = re.compile(r"(.+)-ours(?:-\d+)?")


@dataclass(frozen=True)
class Version:
    """Another version of the note `of` (its path), in the file `path`; `by` is who put it there."""

    path: str
    of: str
    by: str

    @property
    def said(self) -> str:
        """A description, as the beginning of a sentence."""
        return f"another version of {self.of}, by {self.by}"


def copies(paths: Sequence[str], notes: Mapping[str, Note]) -> Iterator[Version]:
    """The versions that clouds put beside notes (by path), among files that aren't notes."""
    for path in paths:
        folder, slash, name = path.rpartition("/")
        stem, dot, suffix = name.rpartition(".")
        for pattern, who in _CLOUDS:
            found = pattern.fullmatch(stem)
            of = f"{folder}{slash}{found[1]}{dot}{suffix}" if found else ""
            if of in notes:
                yield Version(path, of, who)
                break


def put_beside(notes: Mapping[str, Note]) -> list[Version]:
    """The notes (by path) that `kb sync` put beside another one that still exists and says much the same."""
    found = []
    for path, note in notes.items():
        if "-by-" not in path and "-ours" not in path:
            continue
        folder, slash, name = path.rpartition("/")
        stem, dot, suffix = name.rpartition(".")
        for original, who in _readings(stem):
            of = notes.get(f"{folder}{slash}{original}{dot}{suffix}")
            if of is not None and of is not note and _are_alike(note, of):
                found.append(Version(path, of.path, who))
                break
    return found


def _readings(stem: str) -> Iterator[tuple[str, str]]:
    """What a file's name can mean: the name of the note, and the machine, the shortest machine name first."""
    if ours := _OURS.fullmatch(stem):
        yield ours[1], "another machine"
    if "-by-" not in stem:
        return
    parts = stem.split("-by-")
    for at in range(len(parts) - 1, 0, -1):
        yield "-by-".join(parts[:at]), _NUMBER.sub("", "-by-".join(parts[at:]))


def _are_alike(one: Note, other: Note) -> bool:
    """Whether two notes may be versions of one: the same title, or half of the shorter one's lines are in the other."""
    if one.title and one.title == other.title:
        return True
    left, right = _lines(one), _lines(other)
    return 2 * len(left & right) >= min(len(left), len(right)) > 0


def _lines(note: Note) -> set[str]:
    return {line.strip() for line in note.body.splitlines() if len(line.strip()) > 3}


def knows_more(version: Note, note: Note) -> bool:
    """Whether a version has a known error that the note doesn't: then it must be found by itself."""
    return not set(version.fingerprints) <= set(note.fingerprints)
