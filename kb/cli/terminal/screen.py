"""What the user sees: text made safe for a terminal, remarks on stderr, simple tables, and the colours."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ...exceptions import KbError, system_reason

# What a terminal acts upon, or what hides text: C0 but tab and newline, DEL, C1, bidi and zero-width controls.
_ACTS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def visible(text: str) -> str:
    """`text` with every control character made visible (`\\x1b`), so that no byte of a note acts on the terminal."""
    return _ACTS.sub(lambda found: _shown(ord(found[0])), text)


def _shown(code: int) -> str:
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def say(text: str = "") -> None:
    """A result, on stdout. The text is ours or made visible before."""
    click.echo(text)


def say_path(path: Path) -> None:
    """The path of a file that was made or changed, alone on its line; what its name holds acts on no terminal.

    The file is there whatever becomes of stdout: when that is closed or full, the path goes to stderr, and the command goes on.
    """
    if sys.stdout is None:
        remark(f"saved: {path}")
        return
    try:
        click.echo(visible(str(path)) if sys.stdout.isatty() else str(path))
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # else Python tries again at its end
        with contextlib.suppress(OSError):
            remark(f"saved: {path} (it could not be printed: {system_reason(error)})")


def remark(text: str) -> None:
    """A remark, on stderr."""
    click.echo(visible(text), err=True)


def say_error(error: KbError) -> None:
    """Say what could not be undone, where a draft is kept, and what went wrong."""
    for note in getattr(error, "__notes__", ()):
        remark(note)
    if error.draft and str(error.draft) not in str(error):
        remark(f"the draft is kept in {error.draft}")
    remark(f"kb: {error}")


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    text = json.dumps(document, ensure_ascii=False, indent=1, default=str)
    # JSON leaves DEL, C1 and bidi controls as they are; escaped they are the same text, and act on no terminal.
    click.echo(_ACTS.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode("utf-8", "replace"))


def strong(text: str) -> str:
    """What the eye should find first."""
    return click.style(text, bold=True)


def faint(text: str) -> str:
    """What matters less."""
    return click.style(text, dim=True)


def coloured(text: str, colour: str) -> str:
    """`text` in a colour of the terminal's own palette."""
    return click.style(text, fg=colour)


STATE_COLOURS = {
    "open": "red", "mitigated": "yellow", "resolved": "green",
    "proposed": "yellow", "accepted": "green", "rejected": "red", "deprecated": "yellow",
    "broke": "red", "held": "green", "sandbox": "cyan",
}  # fmt: skip


def state(word: str) -> str:
    """A state in its colour; the word itself always says it too."""
    colour = STATE_COLOURS.get(word)
    return coloured(word, colour) if colour else faint(word)


def width() -> int:
    """Columns of the terminal; 80 when there is none."""
    from shutil import get_terminal_size

    return max(40, get_terminal_size((80, 24)).columns)


def scrolls(rows: int) -> bool:
    """Whether so many rows are more than the terminal shows at once."""
    from shutil import get_terminal_size

    return sys.stdout.isatty() and rows >= get_terminal_size((80, 24)).lines


MOST_READ = 120  # columns: what stands at both ends of a wider row isn't seen as one thing


def reading_width() -> int:
    """Columns for a row with something at either end."""
    return min(width(), MOST_READ)


def say_hints(hints: Sequence[str]) -> None:
    """Commands to go on with, in one row where they have room, else one below the other."""
    row = "     ".join(hints)
    for line in [row] if cells(row) + 2 <= width() else hints:
        say("  " + faint(line))


def cells(text: str) -> int:
    """How many columns a text takes on a terminal (without control characters)."""
    return (
        sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
        if not text.isascii()
        else len(text)
    )


def wrapped(text: str, columns: int) -> list[str]:
    """`text` broken at words, without losing the blanks at its beginning."""
    import textwrap

    return textwrap.wrap(text, columns, drop_whitespace=True, break_long_words=False, break_on_hyphens=False) or [text]


def cut(text: str, columns: int) -> str:
    """`text` in at most so many columns, with … where something is left out."""
    if cells(text) <= columns:
        return text
    while text and cells(text) > columns - 1:
        text = text[: max(0, len(text) - max(1, (cells(text) - columns) // 2))] if cells(text) - columns > 8 else text[:-1]
    return text + "…"


def pad(text: str, columns: int) -> str:
    """`text` with spaces up to so many columns."""
    return text + " " * (columns - cells(text))


NARROWEST = 12  # columns that a cell which is cut keeps


def table(rows: Sequence[Sequence[str]], paint: Sequence[Any], *give: int) -> None:
    """Rows in aligned columns; `paint` colours each cell (or None). On a terminal the columns `give` are cut, the first of
    them first, so that a row fits."""
    if not rows:
        return
    rows = [[visible(cell).replace("\n", " ") for cell in row] for row in rows]
    widths = [max(cells(row[i]) for row in rows) for i in range(len(rows[0]))]
    if sys.stdout.isatty():
        # Of two the first shrinks, then the second to what can still be read, then the first goes altogether.
        steps = (
            [(i, NARROWEST) for i in give]
            if len(give) < 2
            else [(give[0], NARROWEST), (give[1], 24), (give[0], 0), (give[1], NARROWEST)]
        )
        for i, least in steps:
            over = sum(widths) + 2 * (sum(1 for w in widths if w) - 1) - width()
            widths[i] = max(min(widths[i], least), widths[i] - max(0, over))
    for row in rows:
        last = max(i for i, cell in enumerate(row) if cell)
        shown = []
        for i, cell in enumerate(row[: last + 1]):
            if not widths[i]:
                continue
            text = cut(cell, widths[i])
            text = text if i == last else pad(text, widths[i])
            shown.append(paint[i](text) if paint[i] and cell else text)
        click.echo("  ".join(shown))


def plural(count: int, word: str) -> str:
    """`1 note`, `3 notes`, `2 entries`."""
    if count == 1:
        return f"1 {word}"
    return f"{count:,} {word[:-1]}ies" if word.endswith("y") else f"{count:,} {word}s"


class Progress:
    """A line on stderr that says how far long work is; nothing when stderr is no terminal. As a context it takes itself away."""

    def __init__(self, what: str) -> None:
        self.what, self.shown = what, False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def __call__(self, done: int, total: int) -> None:
        """Show `done` of `total`."""
        if sys.stderr.isatty():
            click.echo(f"\r{self.what} {done:,} of {total:,}\x1b[K", nl=False, err=True)
            self.shown = True

    def clear(self) -> None:
        """Take the line away."""
        if self.shown:
            click.echo("\r\x1b[K", nl=False, err=True)
            self.shown = False
