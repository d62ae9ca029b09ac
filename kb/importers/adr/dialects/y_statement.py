"""Y-statements: one sentence, "In the context of …, facing …, we decided for … to achieve …, accepting …"."""

from __future__ import annotations

import re

from ..dialect import Dialect
from ..record_headings import plain
from ..record_text import RecordText
from ..vocabulary import y_statements

_Y = re.compile(
    ".{3,500}?".join(rf"\b(?:{begins})" + (r"\b" if number < 2 else "") for number, begins in enumerate(y_statements())),
    re.IGNORECASE | re.DOTALL,
)


def _recognises(document: RecordText) -> int:
    text = plain(document.body[:4_000])
    return 75 if _Y.search(text) and not document.kinds & {"consequences", "options"} else 0


DIALECT = Dialect("Y-statement", "Olaf Zimmermann et al., Sustainable Architectural Design Decisions, 2012", _recognises)
