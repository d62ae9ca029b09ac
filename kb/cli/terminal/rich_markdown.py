"""Markdown on a terminal, by rich: headings to the left, code without a background."""

from __future__ import annotations

from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown
from rich.padding import Padding
from rich.text import Text

from .screen import visible


class _Heading(Heading):
    """A heading at the left margin, in bold."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        text = Text(self.text.plain, style="bold")
        yield Text("")
        yield text


class _Code(CodeBlock):
    """A code block, indented, each line whole."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Padding(Text(self.text.plain.rstrip(), style="cyan"), (0, 0, 0, 4))


class NoteMarkdown(Markdown):
    """A note's body; links are shown as text, since a terminal's own links hide where they lead."""

    elements: ClassVar = {**Markdown.elements, "heading_open": _Heading, "fence": _Code, "code_block": _Code}

    def __init__(self, markup: str) -> None:
        super().__init__(visible(markup), hyperlinks=False)
        for token in self.parsed:
            for piece in token.children or ():
                piece.content = visible(piece.content)  # `&#x202e;` has become that character only now
