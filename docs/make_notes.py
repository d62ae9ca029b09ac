"""Writes the tables of fields and settings in docs/notes.md from the code; with `--check` only says whether they are current."""

from __future__ import annotations

import re
import sys
from dataclasses import MISSING, fields
from pathlib import Path

from kb.notes import settings
from kb.notes.fields import Choice, DateField, Field
from kb.notes.kinds import KINDS, Note

PAGE = Path(__file__).parent / "notes.md"
_TYPES = {(): "names", "": "text"}


def type_of(row: Field[object]) -> str:
    """What a field holds, in a word."""
    if isinstance(row, Choice):
        return " \\| ".join(row.options)
    if isinstance(row, DateField):
        return "dates" if row.default == () else "date"
    if row.default in ((), ""):
        return _TYPES[row.default]  # type: ignore[index]
    return {"_yes_or_no": "yes or no"}[row.convert.__name__]


def fields_table() -> str:
    """Kind by kind, the fields it knows."""
    rows = ["| kind | fields |", "|---|---|"]
    common = Note.fields()
    rows.append(
        "| all | `title` (text), "
        + ", ".join(f"`{key}` ({type_of(row)})" for key, row in common.items() if key != "status")
        + " |"
    )
    for kind, cls in KINDS.items():
        own = [f"`{key}` ({type_of(row)})" for key, row in cls.fields().items() if row is not common.get(key)]
        rows.append(f"| {kind} | {', '.join(own)} |")
    return "\n".join(rows)


def settings_table() -> str:
    """The settings with their defaults and meanings."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for row in fields(settings.Settings):
        if row.metadata:
            default = "" if isinstance(row.default, type(MISSING)) else f"`{str(row.default).lower()}`"
            rows.append(f"| `{row.name}` | {default} | {row.metadata['meaning']} |")
    return "\n".join(rows)


def page(text: str) -> str:
    """The page with both tables as they should be."""
    for name, table in (("fields", fields_table()), ("settings", settings_table())):
        text = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", lambda m, t=table: f"{m[1]}\n{t}\n\n{m[2]}", text, flags=re.DOTALL
        )  # type: ignore[misc]
    return text


def main() -> int:
    """Write the page, or compare it."""
    text = PAGE.read_text("utf-8")
    if "--check" not in sys.argv:
        PAGE.write_text(page(text), "utf-8")
    elif text != page(text):
        print(f"{PAGE.name} isn't what the code says now: run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
