"""Y-statements: one sentence, "In the context of …, facing …, we decided for … to achieve …, accepting …"."""

from __future__ import annotations

import re

from ..dialect import Dialect
from ..record_headings import plain
from ..record_text import RecordText

_Y = re.compile(
    r"\b(?:in the context of|im (?:kontext|rahmen)|dans le contexte d|en el contexto de)\b.{3,500}?"
    r"\b(?:facing|faced with|angesichts|face à|frente a|ante)\b.{3,500}?"
    r"\b(?:we (?:have )?(?:decided|chose|choose|selected|opted)|decided (?:for|to)|(?:haben )?(?:wir )?(?:uns )?entschieden|entschieden wir|"
    r"nous avons (?:décidé|choisi)|(?:hemos )?(?:decidimos|decidido))",
    re.IGNORECASE | re.DOTALL,
)


def _recognises(document: RecordText) -> int:
    text = plain(document.body[:4_000])
    return 75 if _Y.search(text) and not document.kinds & {"consequences", "options"} else 0


DIALECT = Dialect("Y-statement", "Olaf Zimmermann et al., Sustainable Architectural Design Decisions, 2012", _recognises)
