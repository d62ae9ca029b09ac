"""Two histories of one repository brought together in one merge commit, without the work tree: each kind of conflict by a rule.

The rules are those of docs/sync.md. Git merges (`git merge-tree`), here is decided what it leaves open. Nothing that exists is
changed: the result is a commit that no branch names yet.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .git import GitFailed, is_set, run, work_tree

FILES = ("100644", "100755")

# Git gives a file such a name when a folder, or a file of another kind, has its own: the commit is the side that it is from.
_MOVED_ASIDE = re.compile(r"~[0-9a-f]{40,64}(?:_\d+)?$")


class CannotSettle(Exception):
    """A conflict that a person must settle; the message says which, in one line."""


@dataclass(frozen=True)
class Entry:
    """What a commit has at a path."""

    mode: str
    blob: str

    @property
    def is_file(self) -> bool:
        """Whether it is an ordinary file: no link, no folder, no submodule."""
        return self.mode in FILES


@dataclass(frozen=True)
class Settled:
    """A conflict that was settled: `beside` is the file that holds ours when `path` holds theirs, and `said` tells what became of it."""

    path: str
    said: str
    beside: str = ""


@dataclass(frozen=True)
class Merged:
    """A merge commit, and the conflicts that were settled in it."""

    commit: str
    settled: tuple[Settled, ...]


@dataclass
class _Merge:
    """A merge on its way: the index that it is made in, and what was decided."""

    top: Path
    ours: str
    theirs: str
    mine: str
    index: Path
    settled: list[Settled] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def git(self, *arguments: str, given: bytes = b"") -> str:
        return run(self.top, *arguments, given=given, index=self.index)

    def put(self, path: str, entry: Entry | None) -> None:
        """Let the result have this entry at the path, or nothing."""
        line = f"{entry.mode} {entry.blob} 0" if entry else f"0 {'0' * len(self.ours)} 0"
        self.git("update-index", "-z", "--index-info", given=f"{line}\t{path}\0".encode("utf-8", "surrogateescape"))

    def entry(self, commit: str, path: str) -> Entry | None:
        """What a commit has at a path."""
        said = run(self.top, "ls-tree", "-z", "--full-tree", commit, "--", path)
        for row in said.split("\0"):
            head, _, name = row.partition("\t")
            if name == path:
                mode, _, blob = head.split(" ")
                return Entry(mode, blob)
        return None

    def beside(self, path: str, blob: str, who: str) -> str:
        """A name beside `path` for another version of it: one that is free, or that has this very version already."""
        folder, slash, name = path.rpartition("/")
        stem, dot, suffix = name.rpartition(".") if "." in name.lstrip(".") else (name, "", "")
        number = 1
        while True:
            other = f"{folder}{slash}{stem}-by-{who}{'' if number == 1 else f'-{number}'}{dot}{suffix}"
            there = self.git("ls-files", "-s", "-z", "--full-name", "--", f":(top,literal){other}")
            if there.split(" ")[1:2] == [blob] or not (there or other in self.names or os.path.lexists(self.top / other)):
                self.names.add(other)
                return other
            number += 1

    def keep_both(self, path: str, ours: Entry, theirs: Entry) -> None:
        """Theirs at the path, ours beside it."""
        other = self.beside(path, ours.blob, self.mine)
        self.put(path, theirs)
        self.put(other, ours)
        self.settled.append(Settled(path, f"both sides changed {path}: theirs is there, yours is {other}", other))


def merge(root: Path, ours: str, theirs: str, message: str, mine: str, is_own: Callable[[str], bool]) -> Merged:
    """The merge of two commits, by their full ids. `mine` names this machine; `is_own` says whether kb may settle a path,
    as Git names it. Raises CannotSettle, or GitFailed.
    """
    top = work_tree(root) or root
    tree, conflicts, renamed = _merge_tree(top, ours, theirs)
    with tempfile.TemporaryDirectory(prefix="kb-merge-") as folder:
        at = _Merge(top, ours, theirs, mine, Path(folder) / "index")
        if conflicts:
            if foreign := sorted({_plain(path) for path in conflicts if not is_own(_plain(path))}):
                raise CannotSettle(f"both sides changed {foreign[0]}, which is none of kb's files")
            at.git("read-tree", tree)
            _settle(at, conflicts, renamed)
            tree = at.git("write-tree").strip()
        told = "\n".join(one.said for one in at.settled)
        sign = ["-S"] if is_set(top, "commit.gpgSign") else []
        commit = at.git(
            "commit-tree", *sign, tree, "-p", ours, "-p", theirs, given=f"{message}\n\n{told}\n".encode("utf-8", "replace")
        )
    return Merged(commit.strip(), tuple(at.settled))


Stages = Mapping[int, Entry]


def _merge_tree(top: Path, ours: str, theirs: str) -> tuple[str, dict[str, Stages], list[tuple[str, str, str]]]:
    """The tree that Git makes, the stages of each path that it could not merge, and the files that each side renamed otherwise:
    old name, our name, their name."""
    try:
        said = run(
            top, "-c", "merge.directoryRenames=false", "-c", "merge.conflictStyle=merge",
            "merge-tree", "--write-tree", "-z", "--messages", "--allow-unrelated-histories", ours, theirs,
            fine=(0, 1), limit=120,
        )  # fmt: skip
    except GitFailed as failed:
        if "usage: git merge-tree" in failed.said:
            raise GitFailed("this needs Git 2.38 or newer: until then git pull, and git push, by hand", failed.said) from None
        raise
    words = iter(said.split("\0"))
    tree = next(words)
    conflicts: dict[str, dict[int, Entry]] = {}
    for word in words:
        head, tab, path = word.partition("\t")
        if not tab:
            break
        mode, blob, stage = head.split(" ")
        conflicts.setdefault(path, {})[int(stage)] = Entry(mode, blob)
    return tree, dict(conflicts), list(_renames(words)) if conflicts else []


def _renames(words: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    for word in words:
        if not word.strip().isdigit():
            return
        paths = [next(words) for _ in range(int(word))]
        kind, _ = next(words), next(words)
        if kind == "CONFLICT (rename/rename)" and len(paths) == 3:
            yield paths[0], paths[1], paths[2]


def _plain(path: str) -> str:
    return _MOVED_ASIDE.sub("", path)


# ---- the rules -------------------------------------------------------------------------------------------------------


def _settle(at: _Merge, conflicts: dict[str, Stages], renamed: Sequence[tuple[str, str, str]]) -> None:
    for old, ours, theirs in renamed:
        _one_name(at, conflicts, old, ours, theirs)
    groups: dict[str, list[str]] = {}
    for path in conflicts:
        groups.setdefault(_plain(path), []).append(path)
    for path, paths in groups.items():
        if paths == [path]:
            _settle_file(at, path, conflicts[path])
        else:
            _settle_kinds(at, path, paths)


def _one_name(at: _Merge, conflicts: dict[str, Stages], old: str, our_name: str, their_name: str) -> None:
    """Both renamed a file: it has their name. What both changed in it besides is merged, else ours is put beside."""
    base, ours, theirs = conflicts.get(old, {}), conflicts.get(our_name, {}), conflicts.get(their_name, {})
    mine, other = at.entry(at.ours, our_name), at.entry(at.theirs, their_name)
    if set(base) != {1} or set(ours) != {2} or set(theirs) != {3} or not (mine and other and mine.is_file and other.is_file):
        raise CannotSettle(f"{old} was renamed to {our_name} here and to {their_name} there, and more was done to it")
    for path in (old, our_name, their_name):
        del conflicts[path]
    at.put(our_name, None)
    at.settled.append(Settled(their_name, f"{old} was renamed on both sides: it has their name, {their_name}"))
    blob = _merged_text(at, base[1].blob, mine.blob, other.blob)
    if blob:
        at.put(their_name, Entry(other.mode, blob))
    else:
        at.keep_both(their_name, mine, other)


def _settle_file(at: _Merge, path: str, stages: Stages) -> None:
    """A path at which each side has a file, a link or nothing."""
    ours, theirs = stages.get(2), stages.get(3)
    for stage, commit in ((ours, at.ours), (theirs, at.theirs)):
        if stage and stage.is_file and _has_marks(at, path, stage, commit):
            raise CannotSettle(f"{path} was renamed and changed on both sides")
    if not ours or not theirs:
        kept = ours or theirs
        at.put(path, kept)
        if kept:
            at.settled.append(Settled(path, _said_of_deletion(path, by_us=ours is None)))
    elif not (ours.is_file and theirs.is_file):
        raise CannotSettle(f"both sides changed {path}, which is no ordinary file")
    elif ours.blob == theirs.blob:
        at.put(path, Entry(max(ours.mode, theirs.mode), theirs.blob))  # executable, when one of them says so
    elif path.rpartition("/")[2] == ".gitignore":
        both = _merged_text(at, stages[1].blob if 1 in stages else "", ours.blob, theirs.blob, "--union")
        at.put(path, Entry(theirs.mode, both))
        at.settled.append(Settled(path, f"both sides changed {path}: it has the lines of both"))
    else:
        at.keep_both(path, ours, theirs)


def _said_of_deletion(path: str, by_us: bool) -> str:
    if by_us:
        return f"you deleted {path}, and they changed it: it is there again"
    return f"they deleted {path}, and you changed it: it stays"


def _settle_kinds(at: _Merge, path: str, paths: Sequence[str]) -> None:
    """A path that is a file on one side, and a folder, a link or a submodule on the other. The file is kept."""
    ours, theirs = at.entry(at.ours, path), at.entry(at.theirs, path)
    file = ours if ours and ours.is_file else theirs
    other = theirs if file is ours else ours
    if not file or not file.is_file or not other:
        raise CannotSettle(f"{path} is something else on each side")
    for one in paths:
        at.put(one, None)
    if other.mode == "040000":
        beside = at.beside(path, file.blob, at.mine if file is ours else "others")
        at.put(beside, file)
        at.settled.append(Settled(path, f"{path} is a folder on one side and a file on the other: the file is {beside} now"))
    elif other.is_file:
        at.keep_both(path, ours or file, theirs or file)
    else:
        at.put(path, file)
        what = "a symbolic link" if other.mode == "120000" else "another repository"
        who = "they" if other is theirs else "you"
        at.settled.append(Settled(path, f"{who} put {what} in the place of {path}, which was changed too: the file stays"))


def _has_marks(at: _Merge, path: str, entry: Entry, commit: str) -> bool:
    """Whether Git merged a file's content on its way to a new name, and left its marks in it."""
    before = at.entry(commit, path)
    if before and before.blob == entry.blob:
        return False
    return any(line.startswith("<<<<<<< ") for line in run(at.top, "cat-file", "blob", entry.blob).split("\n"))


def _merged_text(at: _Merge, base: str, ours: str, theirs: str, *how: str) -> str:
    """The blob of a merge of three texts; empty when both changed one place, or when they are no texts."""
    if ours == theirs:
        return ours
    folder = at.index.parent
    for name, blob in (("ours", ours), ("base", base), ("theirs", theirs)):
        data = run(at.top, "cat-file", "blob", blob).encode("utf-8", "surrogateescape") if blob else b""
        (folder / name).write_bytes(data)
    try:
        text = run(at.top, "merge-file", "-p", "-q", *how, *(str(folder / name) for name in ("ours", "base", "theirs")))
    except GitFailed:
        return ""
    return run(at.top, "hash-object", "-w", "--stdin", given=text.encode("utf-8", "surrogateescape")).strip()
