"""`kb seen` and `kb fixed`: the error is on the screen; is its fix known? And afterwards: what fixed it."""

from __future__ import annotations

import os
import re
from dataclasses import asdict
from pathlib import Path

import click

import kb

from .. import last, picking, secrets
from ..exceptions import NothingToRead, WrongUse
from ..knowledge_base import KnowledgeBase
from ..layers import layer_of
from ..note import Hit, Incident, Note, span
from ..signature import messages
from . import ask, incident, inputs, new, options, screen
from .finding import first_line
from .side_by_side import side_by_side


@click.command()
@click.argument("error", nargs=-1, metavar="[FILE | - | TEXT…]")
@click.option("--all", "-a", "show_all", is_flag=True, help="Show what else was close, the weak ones too.")
@options.root_option
@options.json_option
def seen(error: tuple[str, ...], show_all: bool, as_json: bool) -> int:
    """Have I seen this error? Finds its note and the fix, whatever host, port, time or id it has this time.

    Reads a log from a pipe, a file, or the error itself. What was read is kept for a day (secrets masked), so that
    afterwards `kb fixed "what I did"` is enough.

    \b
    Examples:
      docker logs --tail 300 nginx 2>&1 | kb seen
      kb seen /var/log/syslog
      kb seen "connect() failed (113: No route to host) while connecting to upstream"
    """
    base = options.the_base()
    log = _read(base, error)
    progress = screen.Progress("indexing notes:")
    try:
        hits = kb.seen(base, log.text, progress=progress)
    finally:
        progress.clear()
    _keep(base, log)
    shown = [hit for hit in hits if show_all or hit.strength != "weak"]
    options.remember(base, [hit.ref for hit in (shown or hits)])
    if as_json:
        screen.print_json([asdict(hit) for hit in hits])
    elif shown:
        _show(base, shown[0])
        _show_others(shown[1:], bool(show_all))
    else:
        _nothing_known(base, log, hits)
    return 0 if any(hit.strength != "weak" for hit in hits) else 1


# ---- what comes in ---------------------------------------------------------------------------------------------------


# What is meant as the name of a file even when there is none: better an error than a search for "nginx.lgo".
_FILE_NAME = re.compile(r"(?:\.{0,2}|~)/\S+|[\w.-]+\.(?:log|txt|out|err|jsonl?)")


def _read(base: KnowledgeBase, given: tuple[str, ...]) -> picking.Log:
    """The log to look through: a file, stdin, or the words themselves. Raises NothingToRead, NotAText or CannotRead."""
    if not given or given == ("-",):
        stream = ask.piped_input()
        if stream is None:
            raise NothingToRead("the command", 'give the error (kb seen "no route to host"), a file, or pipe a log into it')
        return inputs.read_log(base, stream, "stdin")
    path = os.path.expanduser(given[0])
    if len(given) == 1 and (os.path.isfile(path) or _FILE_NAME.fullmatch(given[0])):
        with inputs.opened(Path(path)) as file:
            return inputs.read_log(base, file, path)
    return inputs.read_log(base, [" ".join(given).encode("utf-8", "surrogateescape")], "the error")


def _keep(base: KnowledgeBase, log: picking.Log) -> None:
    """Keep the lines that matter, secrets masked, for `kb fixed`."""
    text = secrets.mask("\n".join(picking.pick(log)))[0]
    last.remember_read(kb.state_folder(base.root), last.Read(text, log.lines_read, options.stamp(options.now())))


# ---- the screen of 1am -----------------------------------------------------------------------------------------------

_SURE = {"same": ("SAME ERROR", "green"), "likely": ("LIKELY THE SAME", "yellow"), "weak": ("PERHAPS", "white")}


def _show(base: KnowledgeBase, hit: Hit) -> None:
    """The best answer: the fix first, then why one may trust it."""
    note = base.by_ref[hit.ref]
    words, colour = _SURE[hit.strength or "weak"]
    about = screen.visible(", ".join(filter(None, [note.date.short() if note.date else "", *note.services])))
    room = screen.width() - len(words) - 2 - (screen.cells(about) + 2 if about else 0)
    title = screen.pad(screen.cut(screen.visible(hit.title), max(20, room)), max(20, room) if about else 0)
    screen.say(f"{screen.strong(screen.coloured(words, colour))}  {screen.strong(title)}  {screen.faint(about)}".rstrip())
    screen.say()
    _show_section("FIX", hit.fix or "nobody wrote down a fix yet", "green", whole=True)
    _show_section("WHY", note.section("why"), "cyan")
    _show_section("CHECK", note.section("check"), "cyan")
    screen.say()
    yours, known = side_by_side(_said(hit.line), _said(hit.known_line), screen.width() - 9)
    for name, rows in (("yours", yours), ("known", known)):
        for number, row in enumerate(rows):
            screen.say(f"  {screen.faint(name) if number == 0 else '     '}  {row}")
    screen.say()
    screen.say("  " + screen.visible(_history(base, note)))
    screen.say()
    screen.say("  " + screen.faint('whole: kb show @1     something else: kb fixed "what I did"'))


def _said(line: str) -> str:
    """What a line says, without times, levels and the names of containers before it."""
    return next((message.text for message in messages(line)), line)


def _show_section(name: str, text: str, colour: str, whole: bool = False) -> None:
    """A section of the note beside its name; a fence is only a frame, so it is left out."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("```", "~~~"))]
    shown = lines if whole else lines[:3]
    for number, line in enumerate(shown):
        label = screen.coloured(f"{name:<5}", colour) if number == 0 else " " * 5
        rest = screen.visible(line)
        for part in _wrapped(rest, screen.width() - 9):
            screen.say(f"  {label}  {part}")
            label = " " * 5
    if len(lines) > len(shown):
        screen.say(f"         {screen.faint('…')}")


def _wrapped(text: str, columns: int) -> list[str]:
    """`text` broken at words, without losing the blanks at its beginning."""
    import textwrap

    return textwrap.wrap(text, columns, drop_whitespace=True, break_long_words=False, break_on_hyphens=False) or [text]


def _history(base: KnowledgeBase, note: Note) -> str:
    """`seen once before, the fix held 1 of 1, verified, took 34 minutes then`."""
    if not isinstance(note, Incident):
        return f"met in an {note.kind}{', ' + note.state if note.state else ''}"
    again = base.recurrences(note)
    times = 1 + len(again)
    said = ["seen once before" if times == 1 else f"seen {times} times before"]
    judged = [other.held for other in again if other.held is not None]
    if judged:
        said.append(f"the fix held {sum(judged)} of {len(judged)}")
    if note.verified:
        said.append("verified")
    if note.status != "resolved":
        said.append(f"still {note.status}")
    if note.took:
        said.append(f"took {span(note.took)} then")
    return ", ".join(said)


def _show_others(hits: list[Hit], show_all: bool) -> None:
    """What else was close, a line each."""
    if not hits:
        return
    screen.say()
    if not show_all:
        screen.say("  " + screen.faint(f"{len(hits)} more came close: kb seen --all"))
        return
    for number, hit in enumerate(hits, 2):
        fix = screen.cut(screen.visible(first_line(hit.fix)), 40)
        title = screen.cut(screen.visible(hit.title), screen.width() - 60)
        screen.say(
            f"  {screen.faint(f'@{number}')}  {screen.faint(f'{hit.strength:<6}')}  {title}  {screen.coloured(fix, 'green')}"
        )


WORTH_A_LOOK = 0.3  # the score of a weak hit that is offered at all


def _nothing_known(base: KnowledgeBase, log: picking.Log, weak: list[Hit]) -> None:
    """Nothing known is as useful: what was read, what the service in it needs, where to look, how to record it."""
    read = f"{screen.plural(log.lines_read, 'line')} read, {screen.plural(len(base.notes), 'note')} known"
    picked = picking.pick(log)
    close = [hit for hit in weak if hit.score >= WORTH_A_LOOK][:3]
    paragraphs = [
        [f"{screen.strong('NOT SEEN BEFORE')}  {screen.faint(read)}"],
        [_one_row(line) for line in picked[:3]] if log.lines_read > 1 else [],
        _where_to_look(base, "\n".join(picked)),
        [screen.faint("  the closest, and not close:"), *(_one_row(f"@{n}  {hit.title}") for n, hit in enumerate(close, 1))]
        if close
        else [],
        [screen.faint('  once it is fixed: kb fixed "what I did"   (what was read is kept for a day)')],
    ]
    screen.say("\n\n".join("\n".join(rows) for rows in paragraphs if rows))


def _one_row(text: str) -> str:
    return "  " + screen.cut(screen.visible(" ".join(text.split())), screen.width() - 2)


def _where_to_look(base: KnowledgeBase, text: str) -> list[str]:
    """The layer that the error speaks of, and what the services in it need and serve."""
    layer = layer_of(text)
    rows = [f"  {screen.coloured('LAYER', 'cyan')}  {layer.name}: {layer.look}"] if layer else []
    for service in base.services_in(text)[:3]:
        needs = ", ".join([*service.depends_on, *service.needs])
        needed_by = ", ".join(other.name for other in base.depend_on(service))
        said = "; ".join(filter(None, [f"needs {needs}" if needs else "", f"needed by {needed_by}" if needed_by else ""]))
        if said:
            rows.append(screen.visible(f"  {service.name}: {said}"))
    return rows


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
@click.option("--yes", "-y", is_flag=True, help="Ask nothing, take what is guessed.")
@options.root_option
@options.commit_option
def fixed(fix: tuple[str, ...], title: str, services: tuple[str, ...], why: str, yes: bool, no_commit: bool) -> int:
    """Write down what fixed the error that `kb seen` read last. One sentence, and three questions at most.

    \b
    Examples:
      kb fixed "docker network connect proxy jellyfin"
      kb fixed "restarted unbound after the clock was right" --service unbound --yes
    """
    base = options.the_base()
    folder = kb.state_folder(base.root)
    read = last.last_read(folder, options.now())
    if read is None or not read.text.strip():
        raise WrongUse(
            'no error was read in the last day: pipe it into `kb seen` first, or kb incident new --error "…" --fix "…"'
        )
    guessed = [service.name for service in base.services_in(read.text)][:3]
    told = incident.Told(title, read.text, " ".join(fix), why, "", tuple(new.split_names(services)), began=read.when)
    complete = incident.with_defaults if yes or not ask.has_terminal() else incident.asked
    told = complete(told, guessed)
    status = incident.record(base, told, {}, new.How(False, not no_commit))
    last.forget_read(folder)
    return status
