"""Text from notes as Markdown and HTML that stays text, whatever titles, tags and names contain."""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from ...notes.dates import When

# Everything with a meaning in Markdown or HTML; what is left can't begin a block, since it never comes first on a line.
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>&|~^=$\"'@]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(text: str) -> str:
    """The text on one line, control characters and reversals of direction made visible."""
    return _CONTROL.sub("\ufffd", " ".join(text.split()))


@lru_cache(20_000)  # a title is in many lists
def escaped(text: str) -> str:
    """The text on one line, for Markdown and HTML alike: no character of it is markup."""
    return _SPECIAL.sub(lambda char: f"&#{ord(char[0])};", one_line(text))


def attribute(text: str) -> str:
    """The text for a double-quoted HTML attribute."""
    return html.escape(one_line(text), quote=True)


def link(label: str, href: str) -> str:
    """A Markdown link; `label` is plain text, `href` a path or an address."""
    return f"[{escaped(label)}]({href})"


def outside(url: str) -> str:
    """An address as a link that says where it leads, if a browser may follow it."""
    if not url.lower().startswith(("http://", "https://")) or set(url) & set(' ${}<>"`\\'):
        return escaped(url)
    safe = "".join(
        char if char.isalnum() or char in "-._~:/?#[]@!$&+,;=%" else f"%{ord(char):02X}" for char in url if char.isascii()
    )
    return f'<a href="{attribute(safe)}" rel="noopener">{escaped(url.split("://", 1)[1].rstrip("/"))}</a>'


def is_whole(url: str) -> bool:
    """Whether an address can be typed into a browser: one with an unfilled variable can't."""
    return bool(url) and "$" not in url


def path_link(path: str, here: str, anchor: str = "") -> str:
    """The relative address from the page `here` to the page `path`, both as paths of Markdown files."""
    up = here.split("/")[:-1]
    down = path.split("/")
    while up and len(down) > 1 and up[0] == down[0]:
        up, down = up[1:], down[1:]
    # Parentheses would end a Markdown link too early.
    return "../" * len(up) + _quoted("/".join(down)) + (f"#{anchor}" if anchor else "")


@lru_cache(100_000)
def _quoted(path: str) -> str:
    return quote(path, safe="/")


def anchor(text: str) -> str:
    """A text as the end of an anchor: letters, digits and hyphens; two texts that differ in one character stay different."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40]
    return plain if plain == text else f"{plain}-{zlib.crc32(text.encode('utf-8', 'replace')):x}".strip("-")


def span(text: str, css: str) -> str:
    """A piece of text with a class of ours."""
    return f'<span class="{css}">{escaped(text)}</span>'


# Between small facts: a line may break after the dot, but never begins with it.
DOT = "\u00a0· "


def dotted(texts: Iterable[str], css: str, space: str = " ") -> str:
    """Pieces of text with dots between them, with a class of ours and their own `space`; nothing if there are none."""
    said = DOT.join(escaped(text).replace(" ", space) for text in texts if text)
    return f'<span class="{css}">{said}</span>' if said else ""


def code(text: str) -> str:
    """A piece of code in a line."""
    return f"<code>{escaped(text)}</code>"


def with_code(text: str) -> str:
    """A line in which the text between backticks is code."""
    pieces = re.split(r"`([^`]+)`", text)
    return "".join(code(piece) if number % 2 else words(piece) for number, piece in enumerate(pieces))


def words(text: str) -> str:
    """Plain text with the spaces at its ends, which `escaped` drops."""
    said = escaped(text)
    return f"{' ' if text[:1].isspace() else ''}{said}{' ' if said and text[-1:].isspace() else ''}"


def path(text: str) -> str:
    """A path, an image or an address as code: if it is too long for its place, it breaks after a slash or a colon."""
    return f"<code>{re.sub(r'(?<=[^/:][/:])(?=[^/])', '<wbr>', escaped(text))}</code>"


def day(when: When | None) -> str:
    """A date for a list, or nothing: as typed for machines, and as people say it for people."""
    if not when:
        return '<span class="kb-date"></span>'
    return f'<time class="kb-date" datetime="{when.day.isoformat()}">{when.short()}</time>'


# The states with a symbol of their own; any other is shown as a word.
SIGNED_STATES = frozenset(
    (
        "open",
        "mitigated",
        "resolved",
        "proposed",
        "accepted",
        "rejected",
        "deprecated",
        "superseded",
        "held",
        "broke",
        "unknown",
        "retired",
        "sandbox",
        "production",
        "yes",
        "hope",
        "no",
    )
)


def state(word: str) -> str:
    """A state as a word with a symbol before it (which comes from the style sheet)."""
    if not word:
        return ""
    known = f" kb-state--{word}" if word in SIGNED_STATES else ""
    return f'<span class="kb-state{known}">{escaped(word)}</span>'


def block(css: str, markdown: str) -> str:
    """Markdown in a block with a class of ours; nothing if it is empty."""
    return f'<div class="{css}" markdown="1">\n\n{markdown.strip()}\n\n</div>\n' if markdown.strip() else ""


def facts(**said: Iterable[str]) -> str:
    """Facts to put at the end of a list's row, where only filters and scripts see them. Several values of one fact are joined by |."""
    told = {name: "|".join(escaped(value) for value in values if value) for name, values in said.items()}
    pairs = " ".join(f'data-{name}="{values}"' for name, values in told.items() if values)
    return f" {{: {pairs}}}" if pairs else ""


def filtered(names: str, markdown: str) -> str:
    """Lists above which a script puts filters, one for each fact with one of these names (see theme/assets/filter.js)."""
    return (
        f'<div class="kb-filter" data-filter="{names}" markdown="1">\n\n{markdown.strip()}\n\n</div>\n'
        if markdown.strip()
        else ""
    )


def section(heading: str, anchor: str, markdown: str, level: int = 2) -> str:
    """A heading with its anchor and the text below it; nothing if there is no text."""
    return f"{'#' * level} {heading} {{#{anchor}}}\n\n{markdown.strip()}\n\n" if markdown.strip() else ""


def count(number: int, word: str) -> str:
    """`1 incident`, `3 incidents`; irregular plurals are given as `entry/entries`."""
    one, _, many = word.partition("/")
    return f"{number:,} {one if number == 1 else many or one + 's'}".replace(",", "\u202f")
