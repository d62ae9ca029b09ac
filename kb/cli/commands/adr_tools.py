"""`kb adr`: the words of adr-tools, for hands that know them (`alias adr='kb adr'`). Each is a command of `kb decision`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence

import click

from ...decisions.chains import in_order
from ...exceptions import NoKnowledgeBase, WrongUse
from .. import context, options
from ..terminal import screen
from .decision import decision

# adr-tools' options of `new` → ours; `-s` is a service everywhere else in kb.
_OPTIONS = {"-s": "--supersedes", "-l": "--link"}
_PASSED_ON = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


@click.group(hidden=True)
def adr() -> None:
    """The words of adr-tools: init, new [-s N] [-l N:WORDS:BACK], link, list, generate toc|graph, upgrade-repository."""


@adr.command("new", context_settings=_PASSED_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def new(ctx: click.Context, arguments: Sequence[str]) -> int:
    """`adr new -s 9 Use Caddy` is `kb decision new --status accepted --supersedes 9 Use Caddy`, in Nygard's words."""
    typed = [_OPTIONS.get(word, word) for word in arguments]
    return _called(ctx, "new", ["--as-adr-tools", "--status", "accepted", *typed])


def _called(ctx: click.Context, name: str, arguments: Sequence[str]) -> int:
    command = decision.commands[name]
    with command.make_context(name, list(arguments), parent=ctx) as inner:
        return int(command.invoke(inner) or 0)


for _name in ("link", "generate"):
    adr.add_command(decision.commands[_name], _name)


@adr.command("list", context_settings=_PASSED_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def list_records(ctx: click.Context, arguments: Sequence[str]) -> int:
    """`adr list` prints the files, by number, as scripts want them; with an option of ours it is `kb decision list`."""
    if arguments:
        return _called(ctx, "list", arguments)
    base = context.the_base()
    for note in in_order(base):
        screen.say(screen.visible(os.path.relpath(base.root / note.path)))
    return 0


@adr.command("help")
@click.argument("words", nargs=-1)
@click.pass_context
def show_help(ctx: click.Context, words: Sequence[str]) -> int:
    """`adr help`, `adr help new`."""
    parent = ctx.parent
    assert parent is not None, "a command of a group has one above it"
    command = decision.commands.get(words[0]) or adr.commands.get(words[0]) if words else adr
    if command is None:
        raise WrongUse(f"adr has no command {words[0]}: {', '.join(sorted(adr.commands))}")
    screen.say(command.get_help(click.Context(command, info_name=" ".join(("adr", *words[:1])), parent=parent.parent)))
    return 0


@adr.command("init")
@click.argument("folder", metavar="[DIR]", default="")
@click.pass_context
def init(ctx: click.Context, folder: str) -> int:
    """Begin: the first record, where kb keeps records already; else how kb is pointed at that folder."""
    with contextlib.suppress(NoKnowledgeBase):
        base = context.the_base()
        if not folder or os.path.normpath(folder) == base.settings.decisions:
            if base.of("decision"):
                screen.remark(f"{base.settings.decisions} holds records already: kb adr list")
                return 0
            text = "We need to record the architectural decisions made on this project."
            outcome = "We will use Architecture Decision Records, as described by Michael Nygard."
            said = ["--context", text, "--outcome", outcome, "--no-edit"]
            return _called(ctx, "new", ["--as-adr-tools", "--status", "accepted", *said, "Record architecture decisions"])
    folder = folder or "doc/adr"
    raise WrongUse(
        f"`kb init` makes a knowledge base, and `kb import adr .` brings records along; to leave them in {folder}, say so first:\n"
        f"  mkdir -p {folder} && echo {folder} >.adr-dir && kb init && kb adr init"
    )


@adr.command("upgrade-repository")
@options.root_option
def upgrade_repository() -> int:
    """adr-tools changes dates here; kb reads them as they are."""
    found = context.the_base().of("decision")
    screen.remark(
        f"nothing to upgrade: kb reads each of the {screen.plural(len(found), 'record')} in its own dialect and date format"
    )
    return 0
