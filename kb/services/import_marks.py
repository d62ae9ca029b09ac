"""How an import remembers what it wrote: the key `imported` of a note.

It lists the service's name in its file, then each key that the import wrote with a mark of the value (`image 5f3a90c1`), and
`block` with a mark of the text between the two comments in the body. A value whose mark is different now was changed by a
person, and is theirs from then on.
"""

from __future__ import annotations

import posixpath
import zlib

from ..notes.kinds import Service


def mark(value: object) -> str:
    """A few letters that change when the value does."""
    flat = "\n".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return f"{zlib.crc32(flat.encode()):08x}"


def marks(note: Service) -> tuple[str, dict[str, str]]:
    """What `imported` remembers: the service's name in its file, and key → mark."""
    listed = note.front.get("imported")
    items = [item for item in listed if isinstance(item, str)] if isinstance(listed, list) else []
    return (items[0] if items else ""), dict(item.rsplit(" ", 1) for item in items[1:] if " " in item)


def identity(note: Service) -> tuple[str, str]:
    """The project folder and the name in it, if the note names its compose file."""
    return posixpath.dirname(note.compose), marks(note)[0] or note.name
