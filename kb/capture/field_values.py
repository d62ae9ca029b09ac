"""The fields of a new note from what the user gave: names, KEY=VALUE settings, services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ..exceptions import WrongUse, close_to, listed
from ..notes import front_matter_edit
from ..notes.front_matter_edit import NewValue
from ..notes.kinds import KINDS, Note
from ..notes.knowledge_base import KnowledgeBase
from ..secrets import masking

Remarks = tuple[str, ...]


def split_names(values: Iterable[str]) -> list[str]:
    """Names from options, each of which may list several with commas."""
    return list(dict.fromkeys(name for value in values for part in value.split(",") if (name := part.strip())))


def parse_settings(settings: Sequence[str], kind: str) -> tuple[dict[str, NewValue], Remarks]:
    """`KEY=VALUE` pairs as typed values of the kind's fields, with secrets masked. Raises WrongUse if one has no `=` or the wrong type."""
    rows = KINDS[kind].fields() if kind in KINDS else Note.fields()
    parsed: dict[str, NewValue] = {}
    masked: set[str] = set()
    for setting in settings:
        key, equals, text = setting.partition("=")
        key = key.strip()
        if not equals or not _KEY.fullmatch(key):
            raise WrongUse(f"--set wants KEY=VALUE, not {setting!r}: for instance --set status=resolved")
        text, kinds = _masked(key, text)
        masked.update(kinds)
        if key in rows and isinstance(rows[key].default, tuple):
            parsed[key] = [name.strip() for name in text.strip().removeprefix("[").removesuffix("]").split(",") if name.strip()]
        elif key in rows and text.lower() in ("true", "false", "yes", "no"):
            parsed[key] = text.lower() in ("true", "yes")
        else:
            parsed[key] = text.strip()
    remarks = (f"masked before it was written: {listed(sorted(masked), 'and')}",) if masked else ()
    return parsed, (*remarks, *check_fields(parsed, kind))


_KEY = re.compile(r"[^\W\d][\w.-]*")


def _masked(key: str, text: str) -> tuple[str, list[str]]:
    """A value without the secrets in it, and their kinds; many are known for one only by the key beside them."""
    clean, found = masking.mask(f"{key}: {text}")
    return clean.removeprefix(f"{key}: "), [hit.kind for hit in found]


def check_fields(fields: Mapping[str, NewValue], kind: str) -> Remarks:
    """Remarks on fields that a note of this kind doesn't have. Raises WrongUse if a value doesn't fit its field."""
    rows = KINDS[kind].fields() if kind in KINDS else Note.fields()
    remarks = []
    for key, value in fields.items():
        if not _KEY.fullmatch(key):
            raise WrongUse(f"{key!r} can't be the name of a field: letters, digits, - and _ can")
        if key in rows and (complaint := rows[key].complaint({key: front_matter_edit.as_read(value)})):
            raise WrongUse(f"{key} {complaint}")
        if key not in rows and key != "title":
            close = close_to(key, rows, cutoff=0.75)
            if close:
                remarks.append(f"{key} is no field that kb knows (did you mean {close[0]}?); it is written all the same")
            elif any(key in cls.fields() for cls in KINDS.values()):
                remarks.append(f"{key} is no field of a {kind}; it is written all the same")
    return tuple(remarks)


def known_services(base: KnowledgeBase, names: Sequence[str]) -> tuple[list[str], Remarks]:
    """The services by their own names, if an alias was given; an unknown one gets a remark that suggests a similar name."""
    remarks = []
    for name in names:
        if base.services and name.lower() not in base.services:
            close = base.close_service(name)
            hint = f"did you mean {close}?" if close else f"its note: kb service new {name}"
            remarks.append(f"no service is called {name!r} yet: {hint}")
    return [base.service_name(name) for name in names], tuple(remarks)
