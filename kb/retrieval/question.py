"""What was pasted, as lines that can be compared."""

from __future__ import annotations

from .index_protocol import signed


def query_lines(text: str) -> list[tuple[str, str]]:
    """The different messages of a text, as (line, signature)."""
    found: dict[str, str] = {}
    for line, signature in signed(text):
        found.setdefault(signature, line)
    return [(line, signature) for signature, line in found.items()]
