"""`kb seen` and `kb fixed`: the error is on the screen; is its fix known? And afterwards: what fixed it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from ...exceptions import WrongUse
from ...logs import excerpt, log_reader
from ...notes import dates
from ...notes.knowledge_base import KnowledgeBase
from ...retrieval import answers
from ...retrieval.hit import Hit
from ...retrieval.whole_log import Answer
from ...secrets import masking
from ...storage import folders, session
from .. import clock, context, input_streams, options
from ..complete import complete_file
from ..terminal import ask, editor, screen
from ..views import answer


@click.command()
@click.argument("error", nargs=-1, metavar="[FILE | - | TEXT…]", shell_complete=complete_file)
@click.option("--all", "-a", "show_all", is_flag=True, help="Show what else was close, the weak ones too.")
@click.option("--explain", is_flag=True, help="Show how the answer came about.")
@click.option("--clipboard", "-c", "from_clipboard", is_flag=True, help="Read what was copied.")
@click.option("--follow", "-f", is_flag=True, help="Keep reading a growing log; each known error is told once.")
@click.option("--all-lines", is_flag=True, help="Show every line that no note knows; with --json, too.")
@options.root_option
@options.json_option
def seen(
    error: tuple[str, ...], show_all: bool, explain: bool, from_clipboard: bool, follow: bool, all_lines: bool, as_json: bool
) -> int:
    """Have I seen this error?

    Finds its note and the fix, whatever host, port, time or id it has this time. Reads a log from a pipe, a file, or the error itself; alone on a terminal, it waits for a paste. What was read is kept for a day (secrets masked), so that
    afterwards `kb fixed "what I did"` is enough.

    \b
    Examples:
      docker logs --tail 300 nginx 2>&1 | kb seen
      kb seen /var/log/syslog.2.gz
      kb seen "connect() failed (113: No route to host) while connecting"
      docker logs -f nginx 2>&1 | kb seen --follow
    """
    base = context.the_base()
    if follow:
        from .seen_follow import follow_log

        return follow_log(base, error)
    log = (
        input_streams.read_log(base, [editor.clipboard(os.environ)], "the clipboard") if from_clipboard else _read(base, error)
    )
    found = looked_up(base, log)
    hits = list(found.hits)
    shown = [hit for hit in hits if show_all or hit.strength != "weak"]
    if as_json:
        screen.print_json(_as_data(log, found) if all_lines else [asdict(hit) for hit in hits])
    elif shown:
        answer.show(base, shown[0])
        answer.show_others(base, shown, show_all)
        answer.show_unknown(found, len(shown), all_lines)
    else:
        answer.nothing_known(base, log, found, all_lines)
    if explain and not as_json:
        answer.explain(answers.explain(base, log.text, EXPLAINED))
    return 0 if is_known(hits) else 1


EXPLAINED = 3  # answers at most


def _as_data(log: log_reader.Log, found: Answer) -> dict[str, object]:
    """What `--json --all-lines` prints: the hits, the lines that no note knows, and what was read."""
    return {
        "hits": [asdict(hit) for hit in found.hits],
        "unknown": [
            {**asdict(row), "line": masking.mask(row.line)[0], "last": masking.mask(row.last)[0]} for row in found.unknown
        ],
        "read": {"lines": log.lines_read, "bytes": log.bytes_read, "messages": found.messages},
    }


def look_up(base: KnowledgeBase, log: log_reader.Log) -> list[Hit]:
    """What is known about a log, best first. Keeps what was read and found, for `kb fixed`, `kb again` and `@1`."""
    return list(looked_up(base, log).hits)


def looked_up(base: KnowledgeBase, log: log_reader.Log) -> Answer:
    """The same, with what no note knows of the log."""
    progress = screen.Progress("indexing notes:")
    try:
        found = answers.answer(base, log.text, progress=progress)
    finally:
        progress.clear()
    claimed = [hit for hit in found.hits if hit.strength != "weak"]
    listed = claimed or list(found.hits)
    context.remember(base, [hit.ref for hit in listed])
    blocks = excerpt.picked_errors(log, base.ordinary)
    read = session.SeenLog(
        # A blank line between errors that have nothing to do with each other.
        masking.mask("\n\n".join(blocks))[0],
        log.lines_read,
        dates.stamp(clock.now()),
        claimed[0].ref if claimed else "",
        masking.mask(_matched(blocks, found.explained))[0],
        masking.mask("\n".join([*(hit.line for hit in listed), *(row.line for row in found.unknown[:MOST_NUMBERED])]))[0].split(
            "\n"
        ),
    )
    session.remember_read(folders.state_folder(base.root), read)
    return found


MOST_NUMBERED = 20  # unknown lines that `kb ordinary @N` can mean


def _matched(blocks: Sequence[str], explained: Sequence[str]) -> str:
    """What of a log the best note knows: the picked blocks that hold any of its lines, else these lines alone."""
    lines = {line.strip() for line in explained}
    held = [block for block in blocks if any(line.strip() in lines for line in block.splitlines())]
    return "\n\n".join(held) if held else "\n".join(explained)


def is_known(hits: Sequence[Hit]) -> bool:
    """Whether the best answer is a claim, and no mere resemblance."""
    return bool(hits) and hits[0].strength != "weak"


# ---- what comes in ---------------------------------------------------------------------------------------------------


# What is meant as the name of a file even when there is none: better an error than a search for "nginx.lgo".
_FILE_NAME = re.compile(r"(?:\.{0,2}|~)/\S+|[\w.-]+\.(?:log|txt|out|err|jsonl?)(?:\.(?:\d{1,3}|gz|xz|zst|bz2)){0,2}")


def _read(base: KnowledgeBase, given: tuple[str, ...]) -> log_reader.Log:
    """The log to look through: a file, stdin, or the words themselves. Raises NothingToRead, NotAText or CannotRead."""
    if not given or given == ("-",):
        stream: Iterable[bytes] | None = ask.piped_input()
        if stream is None and not given and sys.stdin is not None and sys.stdin.isatty():
            pasted = ask.lines("Paste the error")
            if not pasted:
                raise WrongUse("nothing was pasted")
            stream = [pasted.encode("utf-8", "surrogateescape")]
        if stream is None:
            raise WrongUse(
                'no error was given: write it behind (kb seen "no route to host"), name a file, or pipe a log into kb seen'
            )
        return input_streams.read_log(base, stream, "stdin")
    path = os.path.expanduser(given[0])
    if len(given) == 1 and (os.path.exists(path) or _FILE_NAME.fullmatch(given[0])):
        with input_streams.opened(Path(path)) as file:
            return input_streams.read_log(base, file, path)
    return input_streams.read_log(base, [" ".join(given).encode("utf-8", "surrogateescape")], "the error")
