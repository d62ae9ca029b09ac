"""The address of each page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import normalize

from . import markup


def slug(heading: str) -> str:
    """The anchor of a heading, as Python-Markdown makes it and most others do."""
    plain = normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


_ADDRESS = re.compile(r"\]\(\s*<?([^()<>\n]+?)>?(?:\s+[\"'][^\n]*?)?\s*\)|^ {0,3}\[[^\]\n]+\]:\s*<?([^\s<>]+)", re.MULTILINE)


def addresses_of(body: str) -> Iterator[str]:
    """The addresses of all Markdown links in a text."""
    if "](" in body or "]:" in body:
        for found in _ADDRESS.finditer(body):
            yield found[1] or found[2]


# A file's name takes 255 bytes at most, and a page's file ends in `.html`.
LONGEST_NAME = 240


def fitting_name(ref: str) -> str:
    """The ref with its last part cut to fit the name of a page's file."""
    folder, slash, name = ref.rpartition("/")
    return folder + slash + name.encode()[:LONGEST_NAME].decode(errors="ignore")


def folded(path: str) -> str:
    """A path as the least discerning file system sees it, once a builder has made `README` an index."""
    folded = normalize("NFC", path).casefold()
    return re.sub(r"(^|/)readme\.md$", r"\1index.md", folded)


def dead(text: str) -> str:
    """A link that leads nowhere, as text with a mark."""
    return f'<span class="kb-dead" title="this link leads to no note">{markup.escaped(text)}</span>'
