"""Secrets in what Git keeps: in every version of every file, and in the messages of commits; and what could not be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..secrets import masking
from . import git

MAX_BYTES = 4 << 20  # of one version: what is larger is named, and looked at up to here
AT_ONCE = 32 << 20  # bytes of one reading
_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True)
class Leak:
    """What looks like a secret in a commit. `path` is empty when it stands in the message; `line` counts from 1."""

    commit: str
    path: str
    line: int
    kind: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.path else f"the message of commit {self.commit}, line {self.line}"
        return f"{where}: looks like a secret ({self.kind})" + (f", in commit {self.commit}" if self.path else "")


@dataclass
class Looked:
    """What was looked at, and what could not be."""

    versions: int = 0
    messages: int = 0
    binary: int = 0
    unread: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Object:
    name: str
    kind: str
    size: int
    path: str


def leaks(
    top: Path,
    commits: Sequence[str],
    looked: Looked,
    already: frozenset[tuple[str, str]] = frozenset(),
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Iterator[Leak]:
    """What looks like a secret in all that these commits (as `git rev-list` names them) brought, each value of a file once.

    What `already` holds (path, value) is not told again. A value on a line with `kb-allow` in the file's last version is
    meant to be there. `looked` is filled meanwhile. `progress(done, all)` is called now and then. Raises GitFailed when Git can't tell.
    """
    found = [one for one in _objects(top, commits, looked) if one.kind == "blob"]
    told = set(already)
    for number, (blob, data) in enumerate(_contents(top, found, looked)):
        if number % 100 == 99:
            progress(number, len(found))
        text = _text(blob, data, looked)
        hits = masking.find(text) if text else []
        if not hits:
            continue
        allowed = _allowed(top, blob.path)
        commit = ""
        for hit in hits:
            value = text[hit.start : hit.end]
            if (blob.path, value) not in told and not any(value in line for line in allowed):
                told.add((blob.path, value))
                commit = commit or _first_with(top, commits, blob.name)
                yield Leak(commit, blob.path, hit.line, hit.kind)
    for commit, message in _messages(top, commits):
        looked.messages += 1
        for hit in masking.find(message):
            yield Leak(commit, "", hit.line, hit.kind)


def values_in(text: str) -> set[str]:
    """The values in a text that look like secrets."""
    return {text[hit.start : hit.end] for hit in masking.find(text)}


def _objects(top: Path, commits: Sequence[str], looked: Looked) -> Iterator[_Object]:
    listed = git.run(top, "--no-replace-objects", "rev-list", "--objects", "--missing=print", *commits, limit=300)
    rows = listed.splitlines()
    if missing := sum(row.startswith("?") for row in rows):
        what = "1 object of the history is" if missing == 1 else f"{missing} objects of the history are"
        looked.unread.append(f"{what} missing here: git fetch --refetch brings them, git fsck names them")
    asked = "".join(f"{row}\n" for row in rows if not row.startswith("?"))
    form = "%(objectname) %(objecttype) %(objectsize) %(rest)"
    said = git.run(top, "cat-file", f"--batch-check={form}", given=asked.encode("utf-8", "surrogateescape"), limit=300)
    for row in said.splitlines():
        name, kind, *rest = row.split(" ", 3)
        if rest and rest[0].isdigit():
            yield _Object(name, kind, int(rest[0]), rest[1] if len(rest) > 1 else "")
        else:
            looked.unread.append(f"{name} can't be read: git fsck says more")


def _contents(top: Path, blobs: Sequence[_Object], looked: Looked) -> Iterator[tuple[_Object, bytes]]:
    batch: list[_Object] = []
    size = 0
    for blob in blobs:
        if blob.size > AT_ONCE:
            looked.unread.append(f"{blob.path} is larger than {AT_ONCE >> 20} MB in one of its versions")
            continue
        if batch and size + blob.size > AT_ONCE:
            yield from zip(batch, git.contents(top, [one.name for one in batch]), strict=True)
            batch, size = [], 0
        batch.append(blob)
        size += blob.size
    if batch:
        yield from zip(batch, git.contents(top, [one.name for one in batch]), strict=True)


def _text(blob: _Object, data: bytes, looked: Looked) -> str:
    """A version as text; empty for a picture and the like."""
    looked.versions += 1
    if data.startswith(_LFS):
        looked.unread.append(f"{blob.path} is kept by Git LFS, not in Git")
    if len(data) > MAX_BYTES:
        looked.unread.append(
            f"{blob.path} is larger than {MAX_BYTES >> 20} MB in one of its versions: only its beginning was read"
        )
        data = data[:MAX_BYTES]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").replace("\r\n", "\n")
    if b"\0" in data[:8192]:
        looked.binary += 1
        return ""
    return data.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def _allowed(top: Path, path: str) -> list[str]:
    """The lines of the file's last version that say that a secret is meant to be there."""
    try:
        text = git.run(top, "cat-file", "blob", f"HEAD:{path}")
    except git.GitFailed:
        return []
    return [line for line in text.splitlines() if masking.ALLOW in line]


def _first_with(top: Path, commits: Sequence[str], blob: str) -> str:
    """The oldest of the commits that brought this version, in short."""
    try:
        said = git.run(top, "log", "--format=%h", "-m", f"--find-object={blob}", *commits, limit=120)
    except git.GitFailed:
        return "?"
    return said.split()[-1] if said.split() else "?"


def _messages(top: Path, commits: Sequence[str]) -> Iterator[tuple[str, str]]:
    said = git.run(top, "log", "-z", "--encoding=UTF-8", "--format=%h%n%B", *commits, limit=300)
    for row in said.split("\0"):
        commit, newline, message = row.partition("\n")
        if newline:
            yield commit, message
