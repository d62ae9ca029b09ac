"""The command line: one file a noun; each command reads its options, makes one call, and prints."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from ..exceptions import KbError, listed, system_reason
from . import options
from .options import Asked
from .terminal.screen import remark

# The commands under the headings of `kb --help`: where each lives, and what it is for. Its file is imported when it is
# used, and only then, so that help and completion are quick; a test holds the summaries against the commands' own.
SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "When something broke": {
        "seen": ("seen", "Have I seen this error?"),
        "fixed": ("seen", "Write down what fixed the last error."),
        "again": ("seen", "The known error came back: count it."),
        "incident": ("incident", "What broke, and what fixed it: new, list, log, resolve, again."),
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
        "list": ("search", "List notes, newest first."),
        "show": ("search", "Show a note, and what links to it."),
        "edit": ("edit", "Change a note in your editor, or its fields."),
        "check": ("check", "Find what is wrong with the notes."),
        "sync": ("sync", "Commit, pull and push, and lose nothing."),
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
_COMMANDS = {name: row for commands in SECTIONS.values() for name, row in commands.items()}

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
    "push": "sync", "pull": "sync", "commit": "sync", "web": "site serve", "publish": "site deploy-files", "version": "--version",
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
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in _COMMANDS and cmd_name not in _HIDDEN:
            return None
        module = _HIDDEN.get(cmd_name) or _COMMANDS[cmd_name][0]
        command: click.Command = getattr(import_module(f".commands.{module}", __package__), _FUNCTION.get(cmd_name, cmd_name))
        return command

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
            raise click.exceptions.NoSuchCommand(args[0], possibilities=_COMMANDS, ctx=ctx) from unknown

    def _meant(self, ctx: click.Context, word: str) -> list[str]:
        """The whole commands that a word alone may mean: `impact` is `service impact`."""
        if word in _MEANT:
            return [f"'{_MEANT[word]}'"]
        groups = [(noun, self.get_command(ctx, noun)) for noun in _NOUNS]
        return [f"'{noun} {word}'" for noun, group in groups if isinstance(group, click.Group) and word in group.commands]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under their headings."""
        widest = max(len(name) for name in _COMMANDS)
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(widest), summary) for name, (_, summary) in commands.items()])


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"kb {version('labkb')}")
        ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every command has --help with examples. Notes are plain Markdown under entries/, in Git.",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version.")
@options.root_option_of_all
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Never debug the same thing twice.

    \b
    An error is on the screen:   docker logs nginx 2>&1 | kb seen
    It is fixed, write it down:  kb fixed "docker network connect proxy jellyfin"
    """
    ctx.ensure_object(Asked)


_FIRST_WORDS = """\
kb: never debug the same thing twice.

  docker logs nginx 2>&1 | kb seen    have I seen this error?
  kb fixed "what I did"               it was new: what fixed it
  kb again                            it was known, and came back
  kb search videos wont play          find notes by plain words
  kb decision new "Use Caddy"         what you decided, and why
  kb service import ~/docker          what runs, from compose files
  kb today                            what wants attention
  kb site serve                       browse it all

The first time: kb init, or kb demo for a look around.
All commands: kb --help. Each has examples: kb COMMAND --help.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status. The only exit, and the only place that catches errors."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 done or found, 1 nothing found or problems, 2 wrong use, 3 saved but not committed, 4 disk, 130 interrupted."""
    _prepare_streams()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words and "_KB_COMPLETE" not in os.environ:
        with suppress(BrokenPipeError):
            print(_FIRST_WORDS, end="", flush=True)
        return 0
    if "run" not in words:  # whose command gets every byte as it is
        words = [_legible(word) for word in words]
    if words[:1] == ["help"]:
        words = [*words[1:], "--help"]
    try:
        status = cli.main(
            args=words,
            prog_name="kb",
            standalone_mode=False,
            # click knows nothing of NO_COLOR; no colour where the output isn't a terminal is its own doing.
            color=False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None,
        )
        sys.stdout.flush()
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except KbError as error:
        with suppress(OSError):  # stderr is full too
            remark(f"kb: {error}")
        return error.status
    except (KeyboardInterrupt, click.Abort):
        remark("")
        return 130
    except SystemExit:
        return _quiet_end()  # click leaves so, and only so, when the reader of stdout is gone
    except OSError as error:
        return _out_of_order(error)
    except Exception as bug:
        if os.environ.get("KB_DEBUG"):
            raise
        remark(f"kb: this is a fault of kb itself, not yours: {type(bug).__name__}: {bug} (KB_DEBUG=1 shows where)")
        return 70
    return status if isinstance(status, int) else 0


def _legible(word: str) -> str:
    """A word of the command line that can be written into a note: bytes that are no UTF-8 are kept in names of files alone."""
    if word.isascii() or os.path.exists(word.removeprefix("@")):
        return word
    return word.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _prepare_streams() -> None:
    """Any byte and any letter can be read and printed, whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace" if (stream.encoding or "").lower().startswith("utf") else "backslashreplace")


def _quiet_end() -> int:
    """The reader closed the pipe: nothing more to say, and Python must not complain when it closes stdout."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _out_of_order(error: OSError) -> int:
    if error.errno == errno.EPIPE:
        return _quiet_end()
    where = f" ({os.fsdecode(error.filename)})" if error.filename else ""
    with suppress(OSError):  # stderr is full too
        remark(f"kb: {system_reason(error)}{where}")
    if error.errno == errno.ENOSPC and not error.filename:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # stdout is a file on a full disk
    return 4
