"""What a link in a note means, and which notes link to a note."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

COMMIT = re.compile(r"[0-9a-f]{6,40}")

DECISION_KEYS = ("supersedes", "superseded-by", "amends", "decisions")


def joined(path: str, address: str) -> str:
    """The path in the knowledge base that a relative address in the note at `path` means."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(address.partition("#")[0].partition("?")[0])))
