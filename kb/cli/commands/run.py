"""`kb run -- COMMAND`: the command runs as it is, and when it fails, what is known about its output is shown."""

from __future__ import annotations

import shlex
import sys
from contextlib import redirect_stdout

import click

from ...capture.incident_draft import IncidentDraft, guess
from ...exceptions import KbError
from ...logs import excerpt
from .. import clock, context, input_streams, new_command, options
from ..terminal import screen
from ..views import answer, incident_questions
from ..views.incident_questions import take_guesses
from . import seen


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--record", is_flag=True, help="When it fails, start an incident with the command and its output.")
@options.root_option
@options.commit_option
def run(command: tuple[str, ...], record: bool, no_commit: bool) -> int:
    """Run a command, and explain its failure.

    It runs unchanged: its terminal, colours, signals and exit status are passed through. When it fails, what is known about its output is shown, on stderr.

    \b
    Examples:
      kb run -- docker compose up -d
      kb run --record -- restic backup /srv
    """
    from ..terminal import pty_run

    try:
        done = pty_run.run(command)
    except (FileNotFoundError, PermissionError) as error:
        # As a shell, env and nohup say it, so that a script behind `kb run` sees what it would see without.
        if isinstance(error, FileNotFoundError):
            screen.remark(f"kb: no program is called {command[0]!r}")
            return 127
        screen.remark(f"kb: {command[0]} can't be run: permission denied")
        return 126
    if done.status:
        sys.stdout.flush()
        try:
            _explain(command, done.status, done.output, record, not no_commit)
        except KbError as error:
            # The command's own failure is what counts; ours is a remark.
            screen.say_error(error)
    return done.status


def _explain(command: tuple[str, ...], status: int, output: bytes, record: bool, commit: bool) -> None:
    base = context.the_base()
    # Progress bars draw over themselves: only what was left on each line was meant to stay.
    lines = [line.rstrip(b"\r").rpartition(b"\r")[2] + b"\n" for line in output.split(b"\n")]
    text = b"".join(lines).replace(b"\0", b"")
    screen.remark("")
    screen.remark(f"{shlex.join(command)} failed (exit {status})")
    if not text.strip():
        screen.remark("it printed nothing")
        return
    log = input_streams.read_log(base, [text], "its output")
    hits = seen.look_up(base, log)
    # stdout belongs to the command.
    with redirect_stdout(sys.stderr):
        if seen.is_known(hits):
            screen.say()
            answer.show(base, hits[0])
        elif not record:
            screen.remark('nothing is known about it; once it is fixed: kb fixed "what I did"')
    if record:
        draft = IncidentDraft(
            title=f"{shlex.join(command)[:60]} failed",
            errors=excerpt.picked_errors(log, base.ordinary),
            symptoms=f"`{shlex.join(command)}` ended with exit status {status}.",
        )
        draft = take_guesses(draft, guess(base, draft, clock.now()))
        with redirect_stdout(sys.stderr):
            incident_questions.record(base, draft, {}, new_command.SaveOptions(False, commit))
        screen.remark('once it is fixed: kb incident resolve --fix "what I did"')
