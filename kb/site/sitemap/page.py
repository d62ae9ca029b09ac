"""A page of the site as Markdown: kb's own text, around the text of one note or of none."""

from __future__ import annotations

from dataclasses import dataclass

from ...notes.kinds import Note


@dataclass(frozen=True)
class Page:
    """One page. `head` and `tail` are kb's own Markdown; `body` is a note's text, in which HTML is plain text."""

    path: str  # of the Markdown file, relative to the site
    title: str
    head: str = ""
    body: str = ""
    tail: str = ""
    note: Note | None = None  # whose page this is
    nav: str = ""  # its name in the navigation, if it is there
    summary: str = ""  # one sentence, for previews
