"""log4brains: MADR 2 with a list of Status, Deciders, Date and Tags, in files named by a date instead of a number."""

from __future__ import annotations

from .. import record_dates
from ..dialect import Dialect, in_front, in_section, in_statement
from ..record_text import RecordText


def _recognises(document: RecordText) -> int:
    if not record_dates.in_name(document.name):
        return 0
    stated = {found.about for found in document.statements}
    return 70 if stated & {"status", "date", "deciders", "tags"} else 40 if document.kinds & {"context", "decision"} else 0


DIALECT = Dialect("log4brains", "Thomas Vaillant, log4brains 1.0, 2020", _recognises, (in_statement, in_front, in_section))
