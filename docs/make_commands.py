"""Writes docs/commands.md from the commands themselves; with `--check` only says whether it is current."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from kb.cli import cli

PAGE = Path(__file__).parent / "commands.md"


def commands(command: click.Command = cli, context: click.Context | None = None) -> Iterator[click.Context]:
    """A context for every command that isn't hidden, groups before what they hold."""
    name = command.name if context else "kb"
    settings = {key: value for key, value in command.context_settings.items() if key != "max_content_width"}
    here = click.Context(command, info_name=name, parent=context, terminal_width=88, **settings)
    if command.hidden:
        return
    yield here
    if isinstance(command, click.Group):
        for child in command.list_commands(here):
            found = command.get_command(here, child)
            if found:
                yield from commands(found, here)


def page() -> str:
    """The whole page."""
    parts = ["# Commands\n\nWritten by `make docs` from the commands themselves: `kb COMMAND --help` says the same.\n"]
    for context in commands():
        depth = "#" * min(context.command_path.count(" ") + 2, 4)
        parts.append(f"{depth} {context.command_path}\n\n```text\n{context.get_help().strip()}\n```\n")
    return "\n".join(parts)


def main() -> int:
    """Write the page, or compare it."""
    if "--check" not in sys.argv:
        PAGE.write_text(page(), "utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text("utf-8") == page():
        return 0
    print(f"{PAGE.name} isn't what the commands say now: run `make docs`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
