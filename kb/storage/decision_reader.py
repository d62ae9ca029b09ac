"""Decision records left in their own folder, read as notes."""

from __future__ import annotations

import dataclasses
import re

from ..notes import front_matter
from ..notes.kinds import Decision
from ..notes.settings import Settings

# Other spellings of keys; a decision with one is read in its dialect even if its status and date are plain.
_OTHER_KEYS = frozenset(
    {"superseded_by", "supersededBy", "supercedes", "superceded-by", "replaces", "replaced_by", "replaced-by"}
)


def in_its_dialect(path: str, parsed: front_matter.Parsed, settings: Settings) -> front_matter.Parsed:
    """A decision's front matter, completed with what its text says in the author's dialect."""
    word, day = str(parsed.front.get("status") or "").lower(), str(parsed.front.get("date") or "")
    plain = word in Decision.states and day[:4].isdigit() and _OTHER_KEYS.isdisjoint(parsed.front)
    if plain or not path.startswith(settings.decisions + "/"):
        return parsed
    from ..importers.adr import record_in_place

    more, lines = record_in_place.in_place(decision_name(path), parsed.front, parsed.body, parsed.body_line, parsed.key_lines)
    return dataclasses.replace(parsed, front={**parsed.front, **more}, key_lines={**parsed.key_lines, **lines})


def decision_name(path: str) -> str:
    """The name of a decision: its file's, or its folder's if each record has one (`0007-use-x/README.md`)."""
    folder, _, file = path.rpartition("/")
    stem, own = file.rpartition(".")[0], folder.rpartition("/")[2]
    numbered = re.match(r"(?:adr[-_ ]?)?\d{1,6}[-_ ]|\d{4}-?\d\d-?\d\d[-_ ]", own, re.IGNORECASE)
    return own if numbered and stem.lower() in ("readme", "index", "adr", "decision") else stem


def is_decision(ref: str, body: str) -> bool:
    """Whether a file in the decisions' folder is a decision: by its number, else by its name and title (a README isn't)."""
    name = ref.rpartition("/")[2]
    if re.match(r"(?:adr)?[-_ ]*0*[1-9]", name, re.IGNORECASE) and "template" not in name:
        return True  # a 0000 may be a template: `0000-vorlage.md`
    from ..importers.adr import record_files

    return record_files.is_record(name, body)
