"""Ordinary lines: what somebody called ordinary here, in a small text file of the knowledge base, one line each."""

from __future__ import annotations

from .fingerprint import signature

FILE = "ordinary.txt"  # beside mkdocs.yml
HEAD = """\
# Lines that are ordinary here: `kb seen`, `kb incident new` and the paste page pass them over.
# One a line, without times, addresses and numbers; `kb ordinary "a line of a log"` adds one. Delete what is no longer true.
"""


def key(signature: str) -> str:
    """What makes a line this one and no other: its words and codes, without its values and masks; its signature where it has no words."""
    words = [token.lower() for token in signature.split() if token[0] not in "<~@"]
    return " ".join(words) if len(words) > 1 else signature


def keys_in(text: str) -> frozenset[str]:
    """The keys of the lines of the file, which may be keys or whole lines of a log; `#` begins a remark."""
    rows = [row for line in text.splitlines() if (row := line.strip()) and not row.startswith("#")]
    return frozenset([*rows, *(key(signature(row)) for row in rows if signature(row))])


def with_line(text: str, line: str) -> str:
    """The text of the file with a line more; the same text when it is there already, or says nothing."""
    said = key(signature(line))
    if not said or said in keys_in(text):
        return text
    text = text or HEAD
    return f"{text}{'' if text.endswith(chr(10)) else chr(10)}{said}\n"
