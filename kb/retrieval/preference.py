"""Which kind of note one wants first: who is in trouble, what was done about it; who asks for reasons, the decision."""

from __future__ import annotations

import re

from ..notes.kinds import Note

WANTED, OTHER = 1.25, 0.85  # how much the score of a note counts that is of the kind one wants, or of none
TROUBLE_KINDS = ("incident", "experiment")
# The same in Python and JavaScript, for ASCII letters.
REASONS = (
    r"\bwhy (?:do |did |are |were |have |not )?(?:we|i)\b|^\W*why\W+[\w-]+\W*$|"
    r"\b(?:decided?|decisions?|choose|chose|chosen|instead of|adr)\b"
)
_REASONS = re.compile(REASONS, re.ASCII | re.IGNORECASE)


def asks_for_reasons(text: str) -> bool:
    """Whether a question asks why something is as it is, rather than what to do about it."""
    return _REASONS.search(text) is not None


def preference(note: Note, reasons: bool, fixed: bool) -> float:
    """What the score of a note is multiplied by; whether it is `fixed` says if it has a fix or a lesson."""
    if note.kind in TROUBLE_KINDS:
        return OTHER if reasons else WANTED if fixed else 1.0
    return WANTED if reasons and note.kind == "decision" else OTHER
