"""`kb adr`: the words of adr-tools, for hands that know them (`alias adr='kb adr'`). Each is a command of `kb decision`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ..exceptions import WrongUse
from . import options, screen
from .decision import decision

# adr-tools' options of `new` → ours; `-s` is a service everywhere else in kb.
_OPTIONS = {"-s": "--supersedes", "-l": "--link"}
_PASSED_ON = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


@click.group(hidden=True)
def adr() -> None:
    """The words of adr-tools: new [-s N] [-l N:WORDS:BACK], link, list, generate toc|graph, init, upgrade-repository."""


@adr.command("new", context_settings=_PASSED_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def new(ctx: click.Context, arguments: Sequence[str]) -> int:
    """`adr new -s 9 Use Caddy` is `kb decision new --supersedes 9 Use Caddy`."""
    command = decision.commands["new"]
    with command.make_context("new", [_OPTIONS.get(word, word) for word in arguments], parent=ctx) as inner:
        return int(command.invoke(inner) or 0)


for _name in ("link", "list", "generate"):
    adr.add_command(decision.commands[_name], _name)


@adr.command("init")
@click.argument("folder", metavar="[DIR]", default="doc/adr")
def init(folder: str) -> int:
    """How to begin: kb's own folder, or the one where the records are."""
    raise WrongUse(
        f"`kb init` makes a knowledge base, and `kb import adr .` brings records along; to leave them in {folder}, write\n"
        f"  plugins:\n    - kb: {{decisions: {folder}}}\ninto mkdocs.yml"
    )


@adr.command("upgrade-repository")
@options.root_option
def upgrade_repository() -> int:
    """adr-tools changes dates here; kb reads them as they are."""
    found = options.the_base().of("decision")
    screen.remark(
        f"nothing to upgrade: kb reads each of the {screen.plural(len(found), 'record')} in its own dialect and date format"
    )
    return 0
