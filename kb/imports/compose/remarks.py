"""Comments of compose files that say what a service is: `# Plex - Media Server`."""

from __future__ import annotations

import re

from ... import secrets

_REMARK = re.compile(
    r"^[ \t]*#+ {0,3}(\w[\w .()/+-]{0,38}?)(?: [-\u2013\u2014] |: )([A-Z][^\n]{3,200}?)[ #]*\r?$", re.MULTILINE
)
_GIVES_AWAY = re.compile(r"passw|login|credential|secret|token|api.?key|https?://", re.IGNORECASE)


def remark(name: str, text: str) -> str:
    """What a comment in a file says of a service by its name."""
    own = _letters(name)
    for found in _REMARK.finditer(text):
        if own and _letters(found[1]).startswith(own) and not _GIVES_AWAY.search(found[2]):
            return secrets.mask(found[2])[0]
    return ""


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
