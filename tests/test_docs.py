"""The commands explain themselves, and the page of all commands is current."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

_FILE = Path(__file__).parent.parent / "docs" / "make_commands.py"
_spec = importlib.util.spec_from_file_location("make_commands", _FILE)
assert _spec is not None
assert _spec.loader is not None
make_commands: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_commands)

_every: Callable[[], Iterator[click.Context]] = make_commands.commands
CONTEXTS = [pytest.param(context, id=context.command_path) for context in _every()]
LEAVES = [param for param in CONTEXTS if not isinstance(param.values[0].command, click.Group)]  # type: ignore[union-attr]


@pytest.mark.parametrize("context", CONTEXTS)
def test_each_command_says_what_it_does(context: click.Context) -> None:
    assert context.command.help, f"`{context.command_path}` has no help: give its function a docstring"


@pytest.mark.parametrize("context", LEAVES)
def test_the_help_of_each_command_shows_an_example(context: click.Context) -> None:
    examples = [line for line in (context.command.help or "").splitlines() if f" {context.command_path}" in f" {line}"]
    assert examples, f"the help of `{context.command_path}` shows no example: add one to its docstring, under `Examples:`"


@pytest.mark.parametrize("context", LEAVES)
def test_each_option_says_what_it_does(context: click.Context) -> None:
    options = [option for option in context.command.params if isinstance(option, click.Option) and not option.hidden]
    silent = [o.name for o in options if not o.help and not isinstance(o.type, click.Choice) and not o.show_default]
    assert not silent, f"options of `{context.command_path}` without help: {silent}"


@pytest.mark.parametrize("context", LEAVES)
def test_what_a_command_is_for_is_said_in_few_words(context: click.Context) -> None:
    """In the list of a group, and where a shell completes it."""
    said = context.command.get_short_help_str()
    assert not said.endswith("..."), f"the first sentence of `{context.command_path}` is cut: {said}"


@pytest.mark.parametrize("context", CONTEXTS)
def test_no_line_of_a_help_is_wider_than_a_terminal(context: click.Context) -> None:
    narrow = click.Context(context.command, info_name=context.info_name, parent=context.parent, terminal_width=80)
    wide = [line for line in context.command.get_help(narrow).splitlines() if len(line) > 80]
    assert not wide, f"`{context.command_path} --help` has lines that wrap at 80 columns: {wide}"


def test_the_page_of_all_commands_is_current() -> None:
    assert make_commands.PAGE.read_text("utf-8") == make_commands.page(), "run `make docs`"
