"""Comments of compose files that say what a service is: `# Plex - Media Server`."""

from __future__ import annotations

import re

from ...secrets import masking

# The name of a service, perhaps with its version or a word in brackets, then what it is. Or a line with both:
# `--- PLEX (Media Player) ---`.
_REMARK = re.compile(
    r"^[ \t]*#+ {0,3}(\w[\w .+-]{0,38}?)(?: [\dIV.]+| \([^()\n]{1,20}\))? (?:- (?=[A-Z])|[\u2013\u2014] )(\w[^\n]{3,200}?)[ #]*\r?$"
    r"|^[ \t]*#+ *[-=]{2,} (\w[\w .+-]{0,38}?) \(([A-Z][^()\n]{3,60})\) [-=]{2,}[ #]*\r?$",
    re.MULTILINE,
)

# Not a description of a service, but something to do, or something that no one else should know.
_ELSE = re.compile(
    r"passw|login|credential|secret|token|api.?key|admin|\bpin\b|[=@{}`$]|\w:\S|\b(?=\w*\d)\w{10,}|\b(?:uncomment|todo|fixme|remove|disabled)\b",
    re.IGNORECASE,
)


def remark(name: str, text: str) -> str:
    """What a comment in a file says about a service by name, in two words or more; empty if none does."""
    own = _letters(name)
    for found in _REMARK.finditer(text):
        called, said = found[1] or found[3], found[2] or found[4]
        if own and _letters(called) == own and " " in said and not _ELSE.search(said) and not masking.find(said):
            return said
    return ""


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
