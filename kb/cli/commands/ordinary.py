"""`kb ordinary`: a line that is ordinary here is passed over by `kb seen`, `kb incident new` and the paste page."""

from __future__ import annotations

from pathlib import Path

import click

from ...exceptions import CannotRead, NothingListed, WrongUse, system_reason
from ...logs.fingerprint import signature
from ...logs.ordinary import FILE, key, with_line
from ...storage import files, folders, session
from .. import clock, context, options
from ..terminal import screen
from ..views import save_result


@click.command("ordinary")
@click.argument("text", nargs=-1, metavar="[TEXT… | @N]")
@options.root_option
@options.commit_option
def ordinary(text: tuple[str, ...], no_commit: bool) -> int:
    """Say that a line is ordinary here.

    It is written to ordinary.txt beside mkdocs.yml, without its times, addresses and numbers, and passed over from then on. `@N` is the
    line that the N-th answer of the last `kb seen` rests on; its unknown lines are counted on. Without a text the ordinary lines are listed. To undo it, delete the line.

    \b
    Examples:
      kb ordinary "Health check for container 0a1b error: deadline exceeded"
      kb ordinary @1
      kb ordinary
    """
    base = context.the_base()
    path = base.root / FILE
    try:
        old = path.read_bytes()
    except FileNotFoundError:
        old = b""
    except OSError as error:
        raise CannotRead(path, system_reason(error)) from error
    if not text:
        return _list(old.decode("utf-8-sig", "replace"))
    line = " ".join(text)
    if line.startswith("@") and line[1:].isdigit():
        line = _line_of(folders.state_folder(base.root), line)
    written = old.decode("utf-8-sig", "replace")
    changed = with_line(written, line)
    if changed == written:
        if not key(signature(line)):
            raise WrongUse("that line has no words: it can't be told from others")
        screen.remark("it is ordinary here already")
        return 0
    if old:
        files.replace(path, old, changed.encode())
    else:
        files.add(path, changed.encode())
    screen.say_path(path)
    return save_result.commit(base, [path], f"ordinary: {key(signature(line))}", not no_commit, not old)


def _line_of(folder: Path, name: str) -> str:
    """The line that `@N` means: the one that an answer of the last `kb seen` rests on, or an unknown one. Raises NothingListed."""
    read = session.last_read(folder, clock.now())
    shown = read.shown if read else []
    number = int(name[1:])
    if not 1 <= number <= len(shown):
        raise NothingListed(name, len(shown))
    return shown[number - 1]


def _list(text: str) -> int:
    rows = [row for line in text.splitlines() if (row := line.strip()) and not row.startswith("#")]
    for row in rows:
        screen.say(screen.visible(row))
    if not rows:
        screen.remark('no line is called ordinary here: kb ordinary "a line of a log"')
    return 0 if rows else 1
