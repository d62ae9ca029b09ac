"""Which notes stay off the site."""

from __future__ import annotations

import re

from ...notes.kinds import Note

# Files beside notes that are published when a note links to them: nothing that a browser would run.
PUBLISHED = frozenset(
    (
        "png",
        "jpg",
        "jpeg",
        "gif",
        "webp",
        "avif",
        "bmp",
        "ico",
        "svg",
        "pdf",
        "txt",
        "log",
        "csv",
        "tsv",
        "json",
        "yml",
        "yaml",
        "toml",
        "ini",
        "conf",
        "cfg",
        "service",
        "timer",
        "zip",
        "gz",
        "tar",
        "xz",
        "zst",
        "mp4",
        "webm",
        "mp3",
        "ogg",
        "wav",
        "odt",
        "ods",
        "drawio",
        "excalidraw",
        "pcap",
        "diff",
        "patch",
    )
)


def is_private(note: Note) -> bool:
    """Whether the note must not be published. If in doubt, it must not: only a plain no publishes a note with that key.

    A note with a secret isn't published either, whatever its front matter says.
    """
    if note.secrets:
        return True
    if note.front.get("private") in (None, "", []):
        # The front matter of a broken note is unread text at the top of its body.
        return note.problem is not None and bool(
            re.search(r"^private[ \t]*:(?![ \t]*(?:no|false|off)\b)", note.body[:65536], re.M | re.I)
        )
    return note.private is not False
