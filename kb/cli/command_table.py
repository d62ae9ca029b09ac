"""The table of commands: where each lives and what it is for, so that help and completion import none of them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

import click

from .. import plugins
from ..exceptions import listed
from ..plugins import Table

# The commands under the headings of `kb --help`: where each lives, and what it is for. Its file is imported when it is
# used, and only then, so that help and completion are quick; a test holds the summaries against the commands' own.
SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "When something broke": {
        "seen": ("seen", "Have I seen this error?"),
        "fixed": ("fixed", "Write down what fixed the last error."),
        "again": ("again", "The known error came back: count it."),
        "incident": ("incident", "What broke, and what fixed it: new, list, log, resolve, reopen, again."),
        "run": ("run", "Run a command, and explain its failure."),
        "changes": ("changes", "What changed lately, and how to undo it."),
    },
    "What you decide, run, try and change": {
        "decision": (
            "decision",
            "What you decided, and why: new, list, show, accept, supersede …",
        ),
        "service": (
            "service",
            "What runs, and what it needs: new, list, import, impact …",
        ),
        "experiment": ("experiment", "What you broke on purpose, and learned: new, done, list."),
        "change": ("change", "What you altered, and how to undo it: new, list."),
    },
    "Looking after the house": {
        "today": ("today", "What wants attention today."),
        "stats": ("stats", "The incidents in numbers."),
    },
    "Finding and reading": {
        "search": ("search", "Find notes by plain words."),
        "list": ("list", "List notes, newest first."),
        "show": ("show", "Show a note, and what links to it."),
        "edit": ("edit", "Change a note in your editor, or its fields."),
        "check": ("check", "Find what is wrong with the notes."),
        "ordinary": ("ordinary", "Say that a line is ordinary here."),
        "sync": ("sync", "Commit, pull and push, and lose nothing."),
        "resolve": ("resolve", "Make one note of two versions."),
    },
    "The site": {
        "site": ("site_commands", "The notes as a website: build, serve, publish."),
        "watch": ("watch", "Keep the index fresh while notes change."),
    },
    "Setting up": {
        "init": ("init", "Make a knowledge base."),
        "import": ("import_adr", "Bring in what other tools wrote: adr."),
        "demo": ("demo", "Make a sample lab and show the whole story."),
        "completion": ("completion", "Print the completion script for a shell."),
    },
}


class CommandRow(NamedTuple):
    """A command of the table: what it is for, and how to get it."""

    summary: str
    load: Callable[[], click.Command]


def _own(name: str, module: str, summary: str) -> CommandRow:
    def load() -> click.Command:
        found: click.Command = getattr(import_module(f".commands.{module}", __package__), _FUNCTION.get(name, name))
        return found

    return CommandRow(summary, load)


def _added(name: str, loaded: object) -> CommandRow:
    """What a plugin adds as a command of that name. Raises ValueError."""
    if not isinstance(loaded, click.Command):
        raise ValueError("is no click.Command")
    if name in _HIDDEN or name != loaded.name:
        raise ValueError(f"the command calls itself {loaded.name}, and should be called as its entry point, {name}")
    return CommandRow(loaded.get_short_help_str(60), lambda: loaded)


COMMANDS: Table[CommandRow] = Table(
    "kb.commands",
    {name: _own(name, *row) for commands in SECTIONS.values() for name, row in commands.items()},
    lambda name, loaded: _added(name, loaded),
)


def _of_kind(kind: str) -> CommandRow | None:
    """The command of a kind that a plugin adds; None when that plugin doesn't work."""
    from ..notes.kinds import KINDS

    if kind not in KINDS or kind in KINDS.own:
        return None

    def load() -> click.Command:
        from .commands.plugin_kind import command

        return command(KINDS[kind])

    return CommandRow(KINDS[kind].meaning(), load)


def _added_names() -> list[str]:
    """The names that plugins add to the commands; none of them is loaded for it."""
    found = [*plugins.names("kb.commands"), *plugins.names("kb.kinds")]
    return [name for name in dict.fromkeys(found) if name not in COMMANDS.own]


def _row(name: str) -> CommandRow | None:
    """The row of a name, whosever it is; a plugin's command comes before the one that its kind has by itself."""
    if name in COMMANDS.own:
        return COMMANDS.own[name]
    if name in plugins.names("kb.commands") and name in COMMANDS:
        return COMMANDS[name]
    return _of_kind(name) if name in plugins.names("kb.kinds") else None


# For hands that come from another tool: not in the help.
_HIDDEN = {"adr": "adr_tools"}

# Words of other tools, and which command is meant; a command of a noun (`impact`) is found without this.
_MEANT = {
    "find": "search", "grep": "search", "why": "search", "ask": "search", "tags": "list --tag",
    "open": "show", "view": "show", "cat": "show", "read": "show", "set": "edit REF --set",
    "add": "incident new", "record": "incident new", "note": "incident new", "paste": "seen", "match": "seen",
    "status": "today", "todo": "today", "due": "today", "undo": "changes", "history": "changes", "diff": "changes",
    "backup": "service readiness", "restore": "experiment new --drill restore", "drill": "experiment new --drill",
    "spike": "experiment new --type spike", "doctor": "check", "lint": "check", "validate": "check",
    "conflicts": "resolve", "merge": "resolve", "push": "sync", "pull": "sync", "commit": "sync", "web": "site serve", "publish": "site deploy-files", "version": "--version",
    "setup": "init", "create": "init", "mask": "check --secrets", "secrets": "check --secrets",
}  # fmt: skip
_NO_COMMAND = {"rm", "delete", "remove"}
_NOUNS = ("incident", "decision", "service", "experiment", "change", "site")

# The names of commands where the function can't be called so.
_FUNCTION = {"list": "list_", "import": "import_", "completion": "completion_"}


class Commands(click.Group):
    """The commands, each imported when it is used; `--help` shows them under headings."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help."""
        return [*COMMANDS.own, *_added_names()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        row = _own(cmd_name, _HIDDEN[cmd_name], "") if cmd_name in _HIDDEN else _row(cmd_name)
        return row.load() if row else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it; an unknown command is answered with close ones, which click can't see here."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as unknown:
            if args[0] in _NO_COMMAND:
                raise click.UsageError(
                    "A note is a file: delete it, and `kb sync` or `git commit` does the rest.", ctx
                ) from unknown
            if meant := self._meant(ctx, args[0]):
                raise click.UsageError(f"No such command {args[0]!r}. Did you mean {listed(meant)}?", ctx) from unknown
            raise click.exceptions.NoSuchCommand(args[0], possibilities=self.list_commands(ctx), ctx=ctx) from unknown

    def _meant(self, ctx: click.Context, word: str) -> list[str]:
        """The whole commands that a word alone may mean: `impact` is `service impact`."""
        if word in _MEANT:
            return [f"'{_MEANT[word]}'"]
        groups = [(noun, self.get_command(ctx, noun)) for noun in _NOUNS]
        return [f"'{noun} {word}'" for noun, group in groups if isinstance(group, click.Group) and word in group.commands]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under their headings."""
        added = {name: row.summary for name in _added_names() if (row := _row(name))}
        widest = max(map(len, (*COMMANDS.own, *added)))
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(widest), summary) for name, (_, summary) in commands.items()])
        if added:
            with formatter.section("From plugins"):
                formatter.write_dl([(name.ljust(widest), summary) for name, summary in added.items()])
