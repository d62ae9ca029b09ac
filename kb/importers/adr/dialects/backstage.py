"""Backstage: front matter with `id: adrs-adr001` and a title `ADR001: …`, whose second colon often breaks the YAML; status in a table."""

from __future__ import annotations

import re

from ..dialect import Dialect, in_front, in_section, in_statement
from ..record_text import RecordText


def _recognises(document: RecordText) -> int:
    named = str(document.front.get("id", "")).lower().startswith(("adr", "adrs-"))
    titled = bool(re.match(r"ADR-?\d+\s*:", document.front_text("title")))
    table = any(found.table and found.about == "status" for found in document.statements)
    return 80 if named or (titled and document.kinds) else 55 if table and titled else 0


DIALECT = Dialect(
    "Backstage", "backstage.io, docs/architecture-decisions, 2020", _recognises, (in_statement, in_front, in_section)
)
