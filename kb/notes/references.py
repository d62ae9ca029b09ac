"""Which note a name means: a ref, a number, an alias, a part of a title."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..exceptions import close_to
from .kinds import Note


def plain_name(name: str) -> str:
    """A path or ref without what all of them begin and end with."""
    return name.removeprefix("./").removeprefix("entries/").removesuffix(".md").strip("/")


def close_refs(name: str, pool: Sequence[Note]) -> list[str]:
    """The refs of notes whose name or title is spelled nearly so; nobody types the date or the number before it."""
    known: dict[str, str] = {}
    for note in pool:
        for written in (note.name, re.sub(r"^(?:\d{4}-\d\d-\d\d|\d{4})-", "", note.name), note.title.lower()):
            known.setdefault(written, note.ref)
    return list(
        dict.fromkeys(known[found] for found in close_to(name.replace(" ", "-"), known, 6, 0.6 if len(name) > 4 else 0.7))
    )[:3]
