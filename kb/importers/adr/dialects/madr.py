"""MADR 1 to 4: options and an outcome. 1 and 2 state the status in a list below the title, 3 and 4 in front matter."""

from __future__ import annotations

from ..dialect import Dialect, in_front, in_section, in_statement, in_title_of_section
from ..record_text import RecordText


def _recognises(document: RecordText) -> int:
    headings = {part.heading.lower().strip() for part in document.parts}
    outcome = bool(headings & {"decision outcome", "considered options", "context and problem statement", "decision drivers"})
    front = any(key in document.front for key in ("status", "decision-makers", "deciders"))
    if not outcome and not {"options", "decision"} <= document.kinds:
        return 0
    return 50 + (10 if outcome and front else 0) + (5 if "options" in document.kinds else 0)


DIALECT = Dialect(
    "MADR",
    "adr.github.io/madr, 1.0 (2017) to 4.0 (2024)",
    _recognises,
    (in_front, in_statement, in_section, in_title_of_section),
)
