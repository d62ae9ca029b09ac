"""`kb seen`: the error is on the screen; is its fix known?"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click

from ...exceptions import KbError, WrongUse
from ...logs import excerpt, log_reader
from ...notes import dates
from ...notes.knowledge_base import KnowledgeBase
from ...retrieval import answers
from ...retrieval.hit import Hit
from ...retrieval.whole_log import Answer
from ...secrets import masking
from ...storage import folders, session
from .. import clock, complete, context, input_streams, options
from ..terminal import editor, screen
from ..views import answer
from . import seen_input


@dataclass(frozen=True)
class Shown:
    """How much is shown of an answer."""

    every: bool = False  # the weak hits too
    explain: bool = False
    all_lines: bool = False
    as_json: bool = False


@click.command()
@click.argument("error", nargs=-1, metavar="[FILE… | - | TEXT…]", shell_complete=complete.complete_file)
@options.service_option("Read the log of this service: docker, podman or journald, or what `log:` in its note says.")
@click.option("--all", "-a", "show_all", is_flag=True, help="Show what else was close, the weak ones too.")
@click.option("--explain", is_flag=True, help="Show how the answer came about.")
@click.option("--clipboard", "-c", "from_clipboard", is_flag=True, help="Read what was copied.")
@click.option("--follow", "-f", is_flag=True, help="Keep reading a growing log, and tell what is new in it, until Ctrl-C.")
@click.option("--all-lines", is_flag=True, help="Show every line that no note knows; with --json, too.")
@options.root_option
@options.json_option
def seen(
    error: tuple[str, ...],
    service: str,
    show_all: bool,
    explain: bool,
    from_clipboard: bool,
    follow: bool,
    all_lines: bool,
    as_json: bool,
) -> int:
    """Have I seen this error?

    Finds its note and the fix, whatever host, port, time or id it has this time. Reads a log from a pipe, files, a service, or the error itself; alone on a terminal, it waits for a paste. What was read is kept for a day (secrets masked), so that
    afterwards `kb fixed "what I did"` is enough.

    \b
    Examples:
      docker logs --tail 300 nginx 2>&1 | kb seen
      kb seen -s jellyfin             its own log, here or over ssh
      kb seen /var/log/syslog.2.gz
      kb seen *.log                   each with its answer
      kb seen "connect() failed (113: No route to host) while connecting"
      docker logs -f nginx 2>&1 | kb seen --follow
    """
    base = context.the_base()
    how = Shown(show_all, explain, all_lines, as_json)
    if service and (error or from_clipboard or follow):
        raise WrongUse("--service reads the log of the service: leave the others out")
    if follow:
        from .seen_follow import follow_log

        return follow_log(base, error)
    if from_clipboard:
        return _one(base, input_streams.read_log(base, [editor.clipboard(os.environ)], "the clipboard"), how)
    if service:
        return _one(base, seen_input.of_service(base, service), how)
    files = seen_input.files_among(error)
    if len(files) > 1:
        return _several(base, files, how)
    return _one(base, seen_input.read_file(base, files[0]) if files else seen_input.read(base, error), how)


EXPLAINED = 3  # answers at most


def _one(base: KnowledgeBase, log: log_reader.Log, how: Shown) -> int:
    found = looked_up(base, log)
    shown = _shown(found, how)
    if how.as_json:
        screen.print_json(_as_data(log, found) if how.all_lines else [asdict(hit) for hit in found.hits])
    elif shown:
        answer.show(base, shown[0])
        answer.show_others(base, shown, how.every)
        answer.show_unknown(found, len(shown), how.all_lines)
    else:
        answer.nothing_known(base, log, found, how.all_lines)
    if how.explain and not how.as_json:
        answer.explain(answers.explain(base, log.text, EXPLAINED))
    return 0 if is_known(found.hits) else 1


def _several(base: KnowledgeBase, files: Sequence[str], how: Shown) -> int:
    """Each file with its answer, and a line about all of them; what can't be read is said, and the others are answered."""
    read: list[tuple[str, log_reader.Log, Answer]] = []
    failed = 0
    for name in files:
        try:
            log = seen_input.read_file(base, name)
        except KbError as error:
            screen.say_error(error)
            failed = error.status
            continue
        read.append((name, log, _answered(base, log)))
    if how.as_json:
        screen.print_json(
            [
                {"file": name, **(_as_data(log, found) if how.all_lines else {"hits": [asdict(hit) for hit in found.hits]})}
                for name, log, found in read
            ]
        )
    else:
        _show_each(base, read, how)
    keep(base, [(log, found) for _, log, found in read])
    return failed or (0 if any(is_known(found.hits) for _, _, found in read) else 1)


def _show_each(base: KnowledgeBase, read: Sequence[tuple[str, log_reader.Log, Answer]], how: Shown) -> None:
    """The answers below the names of their files. `@N` counts all hits first, file by file, then all unknown lines."""
    number = 1
    unknown = 1 + sum(len(_listed(found)) for _, _, found in read)
    for name, log, found in read:
        screen.say(screen.strong(f"== {screen.visible(name)}"))
        if shown := _shown(found, how):
            answer.show(base, shown[0], number)
            answer.show_others(base, shown, how.every, number)
            answer.show_unknown(found, unknown - 1, how.all_lines)
        else:
            answer.nothing_known_in_one(base, log, found, unknown - 1, how.all_lines)
        if how.explain:
            answer.explain(answers.explain(base, log.text, EXPLAINED))
        number += len(_listed(found))
        unknown += len(found.unknown[:MOST_NUMBERED])
        screen.say()
    answer.sum_up([(name, is_known(found.hits), any(not row.background for row in found.unknown)) for name, _, found in read])


def _shown(found: Answer, how: Shown) -> list[Hit]:
    return [hit for hit in found.hits if how.every or hit.strength != "weak"]


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
    found = _answered(base, log)
    keep(base, [(log, found)])
    return found


def _answered(base: KnowledgeBase, log: log_reader.Log) -> Answer:
    progress = screen.Progress("indexing notes:")
    try:
        return answers.answer(base, log.text, progress=progress)
    finally:
        progress.clear()


def _listed(found: Answer) -> list[Hit]:
    """The hits that `@1` counts: the claims, and where there is none the others."""
    return [hit for hit in found.hits if hit.strength != "weak"] or list(found.hits)


def keep(base: KnowledgeBase, read: Sequence[tuple[log_reader.Log, Answer]]) -> None:
    """Keep what was read and found, for `kb fixed`, `kb again` and `@1`: of several logs the one with the surest answer."""
    if not read:
        return
    listed = [hit for _, found in read for hit in _listed(found)]
    context.remember(base, [hit.ref for hit in listed])
    log, found = max(read, key=lambda row: (_strength(row[1]), bool(row[1].unknown)))
    claimed = [hit for hit in found.hits if hit.strength != "weak"]
    blocks = excerpt.picked_errors(log, base.ordinary)
    unknown = [row.line for _, found in read for row in found.unknown[:MOST_NUMBERED]]
    kept = session.SeenLog(
        # A blank line between errors that have nothing to do with each other.
        masking.mask("\n\n".join(blocks))[0],
        log.lines_read,
        dates.stamp(clock.now()),
        claimed[0].ref if claimed else "",
        masking.mask(_matched(blocks, found.explained))[0],
        masking.mask("\n".join([*(hit.line for hit in listed), *unknown]))[0].split("\n"),
    )
    session.remember_read(folders.state_folder(base.root), kept)


def _strength(found: Answer) -> int:
    return ("weak", "likely", "same").index(found.hits[0].strength or "weak") if found.hits else -1


MOST_NUMBERED = 20  # unknown lines that `kb ordinary @N` can mean


def _matched(blocks: Sequence[str], explained: Sequence[str]) -> str:
    """What of a log the best note knows: the picked blocks that hold any of its lines, else these lines alone."""
    lines = {line.strip() for line in explained}
    held = [block for block in blocks if any(line.strip() in lines for line in block.splitlines())]
    return "\n\n".join(held) if held else "\n".join(explained)


def is_known(hits: Sequence[Hit]) -> bool:
    """Whether the best answer is a claim, and no mere resemblance."""
    return bool(hits) and hits[0].strength != "weak"
