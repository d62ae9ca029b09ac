"""The command line: one file a noun; each command reads its options, makes one call, and prints."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import click

from ..exceptions import KbError, system_reason
from . import options
from .command_table import Commands
from .context import Asked
from .terminal import screen
from .terminal.screen import remark


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
    words = _legible_words(words)
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
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except KbError as error:
        with suppress(OSError):  # stderr is full too
            screen.say_error(error)
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


def _legible_words(words: list[str]) -> list[str]:
    """The command line with only letters that can be written into a note; what stands behind `kb run` keeps every byte."""
    place = 0
    while place < len(words) and words[place].startswith("-"):
        place += 2 if words[place] == "--root" else 1
    end = place if words[place : place + 1] == ["run"] else len(words)
    return [*(_legible(word) for word in words[:end]), *words[end:]]


def _legible(word: str) -> str:
    """A word of the command line that can be written into a note: bytes that are no UTF-8 are kept in names of files alone."""
    if word.isascii() or os.path.exists(word.removeprefix("@")):
        return word
    return word.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _prepare_streams() -> None:
    """Any byte and any letter can be read and printed, whatever the locale says; what is closed gets no file of ours instead."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
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
