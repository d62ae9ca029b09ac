"""`kb decision list`, `show` and `generate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

import click

from ...decisions import chains, contents
from ...decisions.chains import Chains
from ...notes.dates import When
from ...notes.kinds import Decision
from ...notes.knowledge_base import KnowledgeBase
from .. import clock, complete, options
from ..context import moment, remember, the_base
from ..terminal import screen
from ..views.note_table import as_document, select, show_list
from .decision_status import the_record


@click.command("list")
@click.argument("words", nargs=-1)
@options.root_option
@options.service_option("Only those about this service.")
@options.tag_option
@click.option(
    "--status", metavar="WORD", default="", help="Only those that are proposed, accepted, rejected, deprecated or superseded."
)
@options.since_option
@click.option("--at", metavar="DATE", callback=lambda *a: moment(a[2]) if a[2] else None, help="What was in force on that day.")
@click.option("--due", is_flag=True, help="Only those that wanted to be looked at again by now, the longest overdue first.")
@click.option("--tree", is_flag=True, help="Draw the chains: below each record what it superseded.")
@options.most_option
@options.json_option
def list_decisions(
    words: tuple[str, ...],
    service: str,
    tags: tuple[str, ...],
    status: str,
    since: When | None,
    at: When | None,
    due: bool,
    tree: bool,
    most: int | None,
    as_json: bool,
) -> int:
    """List the decisions, newest first. WORDS must stand in their title or text.

    \b
    Examples:
      kb decision list --status accepted --service postgres
      kb decision list --at 2026-03-01    what was in force then
      kb decision list --due              what wants to be looked at again
      kb decision list --tree
    """
    base = the_base()
    found = [note for note in select(base, "decision", service, tags, status, since) if isinstance(note, Decision)]
    if at:
        held = {note.ref for note in chains.in_force(base, at.day)}
        found = [note for note in found if note.ref in held]
    if due:
        order = [note.ref for note in chains.due(base, clock.now().date())]
        found = sorted((note for note in found if note.ref in order), key=lambda note: order.index(note.ref))
    wanted = [word.lower() for word in words]
    found = [note for note in found if all(word in f"{note.title}\n{note.body}".lower() for word in wanted)]
    if tree and not as_json:
        _show_tree(base, found)
    else:
        show_list(base, found, as_json, "decision", most)
    return 0


def _show_tree(base: KnowledgeBase, found: Sequence[Decision]) -> None:
    known = chains.chains(base)
    tops = {top.ref: top for note in found for top in known.ends(note)}
    rows = list(known.tree([tops[ref] for ref in sorted(tops, reverse=True)]))
    remember(base, [note.ref for _, note in rows])
    for sign, note in rows:
        screen.say(_branch(sign, note))


def _branch(sign: str, note: Decision) -> str:
    number = f"{note.number:04d}" if note.number is not None else note.name[:10]
    room = screen.width() - screen.cells(sign) - 20
    return f"{screen.faint(sign)}{number}  {screen.cut(screen.visible(note.title), max(20, room))}  {screen.state(note.status)}"


@click.command("show")
@click.argument("ref", nargs=-1, required=True, shell_complete=complete.complete_ref)
@options.root_option
@options.json_option
def show_decision(ref: tuple[str, ...], as_json: bool) -> int:
    """Show a decision with its chain. What amended it and what led to it, too.

    \b
    Examples:
      kb decision show 7
    """
    from ..views.note_view import print_note

    base = the_base()
    record = the_record(base, " ".join(ref))
    known = chains.chains(base)
    if as_json:
        screen.print_json(_document(base, known, record))
        return 0
    chain = list(known.tree(known.ends(record)))
    if len(chain) > 1:
        for sign, note in chain:
            row = _branch(sign, note)
            click.echo(f"{row}  ← this one" if note.ref == record.ref else row, err=True)
    for other in known.amended_by.get(record.ref, ()):
        screen.remark(f"amended by {other.name}")
    print_note(base, record)
    return 0


def _document(base: KnowledgeBase, known: Chains, record: Decision) -> dict[str, object]:
    return {
        **as_document(base, record),
        "supersedes": [note.ref for note in known.before(record)],
        "superseded_by": [note.ref for note in known.after(record)],
        "amended_by": [note.ref for note in known.amended_by.get(record.ref, ())],
        "linked_from": [note.ref for note in base.backlinks.get(record.ref, ())],
        "body": record.body,
    }


@click.command("generate")
@click.argument("what", type=click.Choice(["toc", "graph"]))
@click.option("--prefix", "-p", metavar="PATH", default="", help="Put before each link.")
@click.option("--extension", "-e", metavar="ENDING", default=".html", show_default=True, help="graph: what pages end in.")
@click.option("--intro", "-i", metavar="FILE", type=click.File(encoding="utf-8"), help="toc: a text above the list.")
@click.option("--outro", "-o", metavar="FILE", type=click.File(encoding="utf-8"), help="toc: a text below it.")
@options.root_option
def generate(what: str, prefix: str, extension: str, intro: TextIO | None, outro: TextIO | None) -> int:
    """Print a table of contents, or a graph. In Markdown, or the chains for Graphviz: for a README or another program.

    \b
    Examples:
      kb decision generate toc --intro about.md > docs/adr/README.md
      kb decision generate graph | dot -Tsvg > decisions.svg
    """
    base = the_base()
    texts = [given.read() if given else "" for given in (intro, outro)]
    for line in contents.contents(base, prefix, *texts) if what == "toc" else contents.drawing(base, prefix, extension):
        screen.say(screen.visible(line))
    return 0
