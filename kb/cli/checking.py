"""`kb check`: all that is wrong with the notes, by file and line."""

from __future__ import annotations

import click

from . import options, screen


@click.command()
@options.root_option
@options.json_option
def check(as_json: bool) -> int:
    """Find broken notes, wrong values, dead links, unknown services and twin numbers.

    Prints `file:line: what, and what to do`, one a line; the exit status is 1 when there is any.

    \b
    Examples:
      kb check
      kb check --json | jq length
    """
    base = options.the_base()
    problems = base.check()
    if as_json:
        screen.print_json([{"path": p.path, "line": p.line, "message": p.message} for p in problems])
    else:
        for problem in problems:
            screen.say(screen.visible(str(problem)))
        files = len({problem.path for problem in problems})
        good = f"{screen.plural(len(base.notes), 'note')}, nothing wrong"
        screen.remark(f"{screen.plural(len(problems), 'problem')} in {screen.plural(files, 'file')}" if problems else good)
    return 1 if problems else 0
