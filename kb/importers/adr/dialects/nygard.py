"""Nygard's records, which adr-tools writes: a numbered title, `Date:`, then Status, Context, Decision, Consequences."""

from __future__ import annotations

from ..dialect import Dialect, in_front, in_section, in_statement, in_title_of_section
from ..record_text import RecordText


def _recognises(document: RecordText) -> int:
    if "status" in document.kinds and document.kinds & {"decision", "context", "consequences"}:
        return 60
    # Without a status, or with one in a line: still Nygard's three headings.
    return 30 if {"context", "decision"} <= document.kinds and "options" not in document.kinds else 0


DIALECT = Dialect(
    "Nygard",
    "Michael Nygard, Documenting Architecture Decisions, 2011; adr-tools 3",
    _recognises,
    (in_section, in_title_of_section, in_statement, in_front),
)
