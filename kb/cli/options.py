"""What all commands share: the options, the knowledge base they mean, the clock and the environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..notes.dates import When
from ..notes.kinds import KINDS
from . import context
from .complete import complete_service, complete_tag
from .context import Asked

F = TypeVar("F", bound=Callable[..., Any])


def _root_callback(ctx: click.Context, _: click.Parameter, value: str | None) -> str | None:
    if value:
        ctx.ensure_object(Asked).root = value
    return value


def root_option(command: F, help: str = "Use the knowledge base in DIR.") -> F:
    """`--root DIR`, on every command and before it."""
    return click.option(
        "--root",
        metavar="DIR",
        expose_value=False,
        is_eager=True,
        callback=_root_callback,
        help=help,
    )(command)


def root_option_of_all(command: F) -> F:
    """`--root DIR` before any command, with the whole story."""
    return root_option(
        command, "Use the knowledge base in DIR. [default: KB_ROOT, else upwards from here, else that of the first `kb init`]"
    )


def json_option(command: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def commit_option(command: F) -> F:
    """`--no-commit`."""
    return click.option("--no-commit", is_flag=True, help="Don't commit to Git.")(command)


def hide(command: click.Command, *names: str) -> None:
    """Leave options that say nothing of this command's kind out of its help."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name in names:
            parameter.hidden = True


def yes_option(command: F) -> F:
    """`--yes`: nothing is asked, and every default taken."""
    return click.option(
        "--yes",
        "-y",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_yes_callback,
        help="Ask nothing, take what is guessed.",
    )(command)


def _yes_callback(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from .terminal.ask import silence

        ctx.with_resource(silence())


def service_option(text: str) -> Callable[[F], F]:
    """`--service NAME`, completed from what is known."""
    return click.option("--service", "-s", metavar="NAME", default="", help=text, shell_complete=complete_service)


def kind_option(command: F) -> F:
    """`--kind KIND`."""
    return click.option("--kind", "-k", type=click.Choice(list(KINDS), case_sensitive=False), help="Only notes of this kind.")(
        command
    )


def tag_option(command: F) -> F:
    """`--tag TAG`, several times."""
    return click.option(
        "--tag",
        "-t",
        "tags",
        metavar="TAG",
        multiple=True,
        help="Only notes with this tag (several: all of them).",
        shell_complete=complete_tag,
    )(command)


def since_option(command: F) -> F:
    """`--since WHEN`."""
    return click.option(
        "--since", metavar="WHEN", callback=_since, help="Only notes since a date (2026-03-01) or a time ago (4w, 10d, 6m, 1y)."
    )(command)


def most_option(command: F) -> F:
    """`--limit N` of a list."""
    return click.option("--limit", "-n", "most", type=click.IntRange(1), help="At most so many. [default: all]")(command)


def at_option(text: str) -> Callable[[F], F]:
    """`--at WHEN`: what was forgotten is written down truly."""
    return click.option("--at", metavar="WHEN", callback=_since, help=text)


def all_option(command: click.Command) -> None:
    """`--all` of a list that folds returns into one row."""
    text = "Each return in a row of its own, not one row for an incident with all of them."
    command.params.append(click.Option(["--all", "everything"], is_flag=True, help=text))


def _since(_: click.Context, __: click.Parameter, value: str | None) -> When | None:
    return context.moment(value) if value else None


symptom_option = click.option(
    "--symptom",
    "--saw",
    "symptom",
    metavar="TEXT",
    default="",
    help="What was noticed, in plain words: what a search will be asked for.",
)
