"""The fields of a new note from what a door was given: names, KEY=VALUE settings, services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..cli.terminal.screen import remark
from ..exceptions import WrongUse, close_to
from ..notes import front_matter_edit
from ..notes.front_matter_edit import NewValue
from ..notes.kinds import KINDS, Note
from ..notes.knowledge_base import KnowledgeBase


def split_names(values: Iterable[str]) -> list[str]:
    """Names from options that may hold several with commas."""
    return list(dict.fromkeys(name for value in values for part in value.split(",") if (name := part.strip())))


def parse_settings(settings: Sequence[str], kind: str) -> dict[str, NewValue]:
    """`KEY=VALUE` pairs as typed values of the kind's fields. Raises WrongUse when one has no `=` or the wrong type."""
    rows = KINDS[kind].fields() if kind in KINDS else Note.fields()
    parsed: dict[str, NewValue] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        key = key.strip()
        if not equals or not re.fullmatch(r"[^\W\d][\w.-]*", key):
            raise WrongUse(f"--set wants KEY=VALUE, not {setting!r}: for instance --set status=resolved")
        if key in rows and isinstance(rows[key].default, tuple):
            parsed[key] = [name.strip() for name in text.strip().removeprefix("[").removesuffix("]").split(",") if name.strip()]
        elif key in rows and text.lower() in ("true", "false", "yes", "no"):
            parsed[key] = text.lower() in ("true", "yes")
        else:
            parsed[key] = text.strip()
        if key in rows and (complaint := rows[key].complaint({key: front_matter_edit.as_read(parsed[key])})):
            raise WrongUse(f"{key} {complaint}")
        if key not in rows and key != "title":
            close = close_to(key, rows, cutoff=0.75)
            if close:
                remark(f"{key} is no field that kb knows (did you mean {close[0]}?); it is written all the same")
            elif any(key in cls.fields() for cls in KINDS.values()):
                remark(f"{key} is no field of a {kind}; it is written all the same")
    return parsed


def known_services(base: KnowledgeBase, names: Sequence[str]) -> list[str]:
    """The services by their own names, when an alias was given; an unknown one is remarked upon, with a close one."""
    for name in names:
        if base.services and name.lower() not in base.services:
            close = base.close_service(name)
            hint = f"did you mean {close}?" if close else f"its note: kb service new {name}"
            remark(f"no service is called {name!r} yet: {hint}")
    return [base.service_name(name) for name in names]
