"""`kb seen` and `kb fixed`: the error is on the screen; is its fix known? And afterwards: what fixed it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import click

from ... import secrets
from ...exceptions import WrongUse
from ...logs import excerpt
from ...notes.kinds import Experiment, Hit, Incident, Note
from ...notes.knowledge_base import KnowledgeBase
from ...retrieval import answers
from ...storage import folders, loader, session
from .. import input_streams, new_command, options
from ..terminal import ask, editor, screen
from ..views import answer
from ..views.incident_questions import Told, asked, guess, say_if_known, with_defaults
from . import incident


@click.command()
@click.argument("error", nargs=-1, metavar="[FILE | - | TEXT…]", shell_complete=options.complete_file)
@click.option("--all", "-a", "show_all", is_flag=True, help="Show what else was close, the weak ones too.")
@click.option("--explain", is_flag=True, help="Show how the answer came about.")
@click.option("--clipboard", "-c", "from_clipboard", is_flag=True, help="Read what was copied.")
@click.option("--follow", "-f", is_flag=True, help="Keep reading a growing log; each known error is told once.")
@options.root_option
@options.json_option
def seen(error: tuple[str, ...], show_all: bool, explain: bool, from_clipboard: bool, follow: bool, as_json: bool) -> int:
    """Have I seen this error?

    Finds its note and the fix, whatever host, port, time or id it has this time. Reads a log from a pipe, a file, or the error itself; alone on a terminal, it waits for a paste. What was read is kept for a day (secrets masked), so that
    afterwards `kb fixed "what I did"` is enough.

    \b
    Examples:
      docker logs --tail 300 nginx 2>&1 | kb seen
      kb seen /var/log/syslog
      kb seen "connect() failed (113: No route to host) while connecting"
      docker logs -f nginx 2>&1 | kb seen --follow
    """
    base = options.the_base()
    if follow:
        from .seen_follow import follow_log

        return follow_log(base, error)
    log = (
        input_streams.read_log(base, [editor.clipboard(os.environ)], "the clipboard") if from_clipboard else _read(base, error)
    )
    hits = look_up(base, log)
    shown = [hit for hit in hits if show_all or hit.strength != "weak"]
    if as_json:
        screen.print_json([asdict(hit) for hit in hits])
    elif shown:
        answer.show(base, shown[0])
        answer.show_others(base, shown, show_all)
    else:
        answer.nothing_known(base, log, hits)
    if explain and not as_json:
        answer.explain(answers.explain(base, log.text, EXPLAINED))
    return 0 if is_known(hits) else 1


EXPLAINED = 3  # answers at most


def look_up(base: KnowledgeBase, log: excerpt.Log) -> list[Hit]:
    """What is known about a log, best first. Keeps what was read and found, for `kb fixed`, `kb again` and `@1`."""
    progress = screen.Progress("indexing notes:")
    try:
        hits = answers.seen(base, log.text, progress=progress)
    finally:
        progress.clear()
    claimed = [hit for hit in hits if hit.strength != "weak"]
    options.remember(base, [hit.ref for hit in (claimed or hits)])
    # A blank line between errors that have nothing to do with each other.
    text = secrets.mask("\n\n".join(picked(log)))[0]
    read = session.Read(text, log.lines_read, options.stamp(options.now()), claimed[0].ref if claimed else "")
    session.remember_read(folders.state_folder(base.root), read)
    return hits


def is_known(hits: Sequence[Hit]) -> bool:
    """Whether the best answer is a claim, and no mere resemblance."""
    return bool(hits) and hits[0].strength != "weak"


def picked(log: excerpt.Log) -> tuple[str, ...]:
    """The errors in a log; lines that belong together are one."""
    return tuple("\n".join(block) for block in excerpt.pick_blocks(log))


# ---- what comes in ---------------------------------------------------------------------------------------------------


# What is meant as the name of a file even when there is none: better an error than a search for "nginx.lgo".
_FILE_NAME = re.compile(r"(?:\.{0,2}|~)/\S+|[\w.-]+\.(?:log|txt|out|err|jsonl?)")


def _read(base: KnowledgeBase, given: tuple[str, ...]) -> excerpt.Log:
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


# ---- afterwards ------------------------------------------------------------------------------------------------------


@click.command()
@click.argument("fix", nargs=-1, required=True)
@click.option("--title", metavar="TEXT", default="", help="The incident's title. [default: from the error]")
@click.option(
    "--service",
    "-s",
    "services",
    metavar="NAME",
    multiple=True,
    help="A service it was about.",
    shell_complete=options.complete_service,
)
@click.option("--why", metavar="TEXT", default="", help="The cause.")
@options.yes_option
@options.root_option
@options.commit_option
def fixed(fix: tuple[str, ...], title: str, services: tuple[str, ...], why: str, no_commit: bool) -> int:
    """Write down what fixed the last error. It is what `kb seen` read: one sentence, and three questions at most.

    \b
    Examples:
      kb fixed "docker network connect proxy jellyfin"
      kb fixed "restarted unbound" --service unbound --yes
    """
    base = options.the_base()
    folder = folders.state_folder(base.root)
    read = session.last_read(folder, options.now())
    if read is None or not read.text.strip():
        raise WrongUse(
            'no error was read in the last day: pipe it into `kb seen` first, or kb incident new --error "…" --fix "…"'
        )
    told = Told(
        title, tuple(read.text.split("\n\n")), fix=" ".join(fix), why=why, services=tuple(new_command.split_names(services))
    )
    with incident.answers_kept(base, told, {}):
        if read.hit:
            told = say_if_known(base, told, read.hit)
        complete = asked if ask.has_terminal() else with_defaults
        told = complete(told, guess(base, told))
    # The log's own time is better than the time it was read, which is better than now.
    told = told if told.began else replace(told, began=read.when)
    status = incident.record(base, told, {}, new_command.How(False, not no_commit))
    session.forget_read(folder)
    return status


@click.command()
@click.argument("ref", nargs=-1, shell_complete=options.complete_ref)
@click.option("--held/--failed", "held", default=None, help="Whether the old fix worked this time. [default: asked; held]")
@click.option("--fix", metavar="TEXT", default="", help="What fixed it this time, when the old fix did not.")
@options.root_option
@options.commit_option
def again(ref: tuple[str, ...], held: bool | None, fix: str, no_commit: bool) -> int:
    """The known error came back: count it. Say whether the old fix held.

    Without a REF it is what `kb seen` found last. A fix that failed sinks below a newer one.

    \b
    Examples:
      kb again                                the same, and the old fix worked
      kb again --failed --fix "a new cable"   the old fix failed, this worked
      kb again jellyfin 502
    """
    base = options.the_base()
    folder = folders.state_folder(base.root)
    read = session.last_read(folder, options.now())
    name = " ".join(ref) or (read.hit if read else "")
    if not name:
        raise WrongUse("nothing known was seen in the last day: name the incident, kb again REF, or ask `kb seen` first")
    known = options.find(base, name)
    if not isinstance(known, (Incident, Experiment)):
        raise WrongUse(f"{known.ref} is a {known.kind}: only an incident or an experiment can come back")
    if held is None:
        held = not fix and ask.yes("Did the fix hold?", True)
    if not held and not fix:
        fix = ask.line("What fixed it this time? (Enter: not fixed yet)")
    told = _returned(base, known, read if read and (not ref or read.hit == known.ref) else None, held, fix)
    status = incident.record(base, told, {}, new_command.How(False, not no_commit))
    if read and read.hit == known.ref:
        session.forget_read(folder)
    _say_how_often(loader.read(base.root), known)
    return status


def _returned(base: KnowledgeBase, known: Incident | Experiment, read: session.Read | None, held: bool, fix: str) -> Told:
    """The incident of a return: the old title, the new face of the error if it was read, and how the old fix did."""
    return Told(
        title=f"{base.family(known)[0].title}, again",
        errors=tuple(read.text.split("\n\n")) if read else (),
        fix=fix,
        services=known.services,
        verified=True if held or fix else None,
        recurrence_of=_with_the_fix(base, known).ref,
        held=held,
        began=read.when if read else "",
    )


def _with_the_fix(base: KnowledgeBase, known: Note) -> Note:
    """The note whose fix was tried: itself, or the one that it was a return of when it has none of its own."""
    tried = known
    seen_refs = {known.ref}
    while not tried.fix and isinstance(tried, Incident):
        earlier = base.recurred(tried)
        if earlier is None or earlier.ref in seen_refs:
            return known
        seen_refs.add(earlier.ref)
        tried = earlier
    return tried


# From this time on it is no bad luck any more.
PATTERN = 3


def _say_how_often(base: KnowledgeBase, known: Note) -> None:
    family = base.family(base.by_ref[known.ref])
    screen.remark(answer.how_often(family, ""))
    if len(family) >= PATTERN:
        screen.remark(
            f'a pattern by now: kb experiment new "why does it come back?", or kb decision new "what to do about {family[0].title}"'
        )
