"""What the last build of the site was made of, so that the next one builds only what differs.

It contains digests and addresses, but no pages: those are in the site itself, and count only while their bytes are the ones
that were written. It can be deleted at any time; without it, or if it is damaged, everything is built again.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ...storage import cache
from ...storage.cache import as_text


@dataclass(frozen=True)
class CachedPage:
    """A page as the last build wrote it. The links are the queries made while building it, with their answers."""

    made_of: str  # the digest of its words and of everything around them
    links: Mapping[str, str]  # in kb's own text: as written → the address that it became
    digest: str  # of the bytes of the file
    text_of: str = ""  # the digest of the note's text alone, and of how it is rendered
    text_links: list[Any] = field(default_factory=list)
    start: int = 0  # where the rendered text is in the file
    end: int = 0
    headings: list[Any] = field(default_factory=list)
    plain: str = ""


@dataclass(frozen=True)
class SiteRecord:
    """One build: what it was made of, what it reported, and every file that it wrote.

    Each page and note is kept as JSON text, as in the file: most of it goes into the next record unchanged, and as objects it
    would take a third of a build's memory.
    """

    whole: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  # path → digest of its bytes
    pages: Mapping[str, str] = field(default_factory=dict)  # path → Kept as text
    made_by: str = ""  # the digest of the program behind `made`, which has what was made of each note alone
    made: Mapping[str, str] = field(default_factory=dict)


def row_of(kept: CachedPage) -> str:
    """A page as text for a record. Raises TypeError or ValueError."""
    return as_text([getattr(kept, name) for name in _NAMES])


def kept_of(row: str) -> CachedPage:
    """The page from such a text."""
    return CachedPage(*json.loads(row))


_NAMES = [row.name for row in fields(CachedPage)]


def load(path: Path) -> SiteRecord:
    """The record in a file; an empty one if there is no valid one."""
    body = cache.load(path, cache.stamp("site"))
    if body is None:
        return SiteRecord()
    try:
        first, *rows = body.decode("ascii").split("\n")
        whole, said, files, made_by, pages = json.loads(first)
        named = [(json.loads(name), value) for name, _, value in (row.partition("\t") for row in rows)]
        return SiteRecord(whole, said, files, dict(named[:pages]), made_by, dict(named[pages:]))
    except (ValueError, TypeError, RecursionError):
        return SiteRecord()


def save(path: Path, record: SiteRecord) -> None:
    """Write a record, whole or not at all; if it can't be written, the next build starts from scratch."""
    data = bytearray()
    try:
        data += as_text([record.whole, record.said, record.files, record.made_by, len(record.pages)]).encode("ascii")
        for rows in (record.pages, record.made):
            for name, value in rows.items():
                data += f"\n{as_text(name)}\t{value}".encode("ascii")
        cache.save(path, cache.stamp("site"), data)
    except (OSError, TypeError, ValueError, RecursionError):
        forget(path)


def forget(path: Path) -> None:
    """Remove a record."""
    with contextlib.suppress(OSError):
        path.unlink()
