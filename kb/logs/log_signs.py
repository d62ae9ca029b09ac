"""Whether a text looks like a log rather than plain words."""

from __future__ import annotations

import re

from .messages import unwrap


def is_log_like(text: str) -> bool:
    """Whether a text looks like it came from a program: several lines, a header, brackets, `=`, codes, camelCase."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1:
        return True
    message = unwrap(text.strip())
    signs = sum(bool(re.search(sign, text)) for sign in LOG_SIGNS)
    return message.stamped or signs >= 2 or (signs == 1 and len(text.split()) > 5)


LOG_SIGNS = (
    r"[\[\](){}<>]",
    r"\w=\S",
    r"\d{2}",
    r"[a-z][A-Z]",
    r"\w: \w",
    r"[\\/]\w+[\\/]",
    r"[a-z]_[a-z]",
    r"::|\w\.\w+\.\w",
)
