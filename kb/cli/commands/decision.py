"""`kb decision`: why on earth did I do that? MADR records, and their life."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TextIO

import click

from ...decisions import lifecycle
from ...decisions.lifecycle import Chains, Edit
from ...exceptions import WrongUse
from ...notes.front_matter import NewValue
from ...notes.kinds import Decision, Incident, Note, When
from ...notes.knowledge_base import KnowledgeBase
from ...storage import loader, transaction
from .. import input_streams, new_command, options
from ..terminal import ask, screen
from ..views.note_table import as_document, select, show_list
from .renumber import renumber


@click.group()
def decision() -> None:
    """What you decided, and why: new, list, show, accept, supersede, reject, deprecate, link, renumber, generate."""


# ---- new -------------------------------------------------------------------------------------------------------------


@decision.command("new")
@click.argument("title", nargs=-1)
@click.option("--context", metavar="TEXT", default="", help="The trouble that made a choice necessary.")
@click.option("--options", "considered", metavar="TEXT", multiple=True, help="An option that was considered (several times).")
@click.option("--outcome", metavar="TEXT", default="", help="What was chosen, and because of what.")
@click.option("--status", type=click.Choice(["proposed", "accepted", "rejected"]), default="proposed", show_default=True)
@click.option("--supersedes", metavar="REF", multiple=True, help="A record that this one takes the place of (several times).")
@click.option("--amends", metavar="REF", multiple=True, help="A record that this one changes a part of (several times).")
@click.option(
    "--link", "links", metavar="REF:WORDS:BACK", multiple=True, help='Another link, as in 9:Clarifies:"Clarified by".'
)
@click.option("--from", "origin", metavar="REF", default="", help="The incident that led to it; its why becomes the context.")
@click.option(
    "--review", metavar="WHEN", callback=lambda *a: _ahead(a[2]), help="Look at it again: a date, or in a while (6m, 1y)."
)
@click.option(
    "--template", metavar="NAME", default="", help="full (MADR), nygard, or one of your own: templates/decision-NAME.md."
)
@click.option("--as-adr-tools", is_flag=True, hidden=True)
@new_command.new_options
def new_decision(
    title: tuple[str, ...],
    context: str,
    considered: tuple[str, ...],
    outcome: str,
    status: str,
    supersedes: tuple[str, ...],
    amends: tuple[str, ...],
    links: tuple[str, ...],
    origin: str,
    review: date | None,
    template: str,
    as_adr_tools: bool,
    given: new_command.Given,
) -> int:
    """Record a decision. By MADR 4's minimal template; its number is the next free one.

    What it supersedes, amends or links is changed with it, in one commit.

    \b
    Examples:
      kb decision new Put Traefik in front of everything
      kb decision new "Back up with restic" --supersedes 9 --review 1y
      kb decision new "Two resolvers" --from "every name fails" --no-edit \\
        --outcome "Two Pi-holes: one machine can be down."
    """
    base = options.the_base()
    text = " ".join(title)
    if not text and given.edit is not True and ask.has_terminal():
        text = ask.line("What is decided?")
    fields: dict[str, NewValue] = {"status": status, "date": _day_of(given.day)}
    if review:
        fields["review"] = review.isoformat()
    services = given.services
    if origin:
        context, services = _from_incident(options.find(base, origin), context, services)
    fields |= given.fields("decision", new_command.known_services(base, new_command.split_names(services)))
    for name in services:
        if name.isdigit() and name not in base.service_names:
            raise WrongUse(
                f"-s names a service, and none is called {name}: --supersedes {name} takes the place of decision {name}"
            )
    old = [_record(base, name) for name in supersedes]
    for record in old:  # before anything is written
        lifecycle.superseded_is_legal(record)
    sections = {
        _first_section(template): context,
        "considered options": "\n".join(f"* {option}" for option in considered),
        "decision" if template == "nygard" else "decision outcome": outcome,
    }
    draft = new_command.Draft("decision", text, fields, sections, template=f"decision-{template}" if template else "")
    if not template and text and not (base.root / "templates" / "decision.md").is_file():
        said = {"context": context, "options": sections["considered options"], "decision": outcome}
        state, day = str(fields["status"]), str(fields["date"])
        if whole := lifecycle.as_the_others(base, text, state, day, said, as_adr_tools):
            others = {key: value for key, value in fields.items() if key not in ("status", "date")}
            draft = new_command.Draft("decision", text, others, whole=whole, in_own_words=True)
    how = given.how(bool(context and outcome))
    path, made_title = new_command.make(base, draft, how)
    changed = _link_up(base, path, old, amends, links)
    return new_command.committed(base, [path, *changed], f"decision: {made_title}", how.commit, new=True)


def _first_section(template: str) -> str:
    return "context" if template == "nygard" else "context and problem statement"


def _day_of(day: When | None) -> str:
    return day.text if day and not day.has_time else options.now().date().isoformat()


def _ahead(value: str | None) -> date | None:
    """A date as typed, or `6m` from now. Raises click.BadParameter."""
    if not value:
        return None
    found = re.fullmatch(r"(\d{1,4})([dwmy])", value)
    if found:
        days = {"d": 1, "w": 7, "m": 30.44, "y": 365.25}[found[2]]
        return (options.now() + timedelta(days=int(found[1]) * days)).date()
    return options.moment(value).day


def _from_incident(note: Note, context: str, services: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The context that an incident gives a decision: what happened, why, and a link to it."""
    if not isinstance(note, Incident):
        raise WrongUse(f"{note.ref} is a {note.kind}: --from takes the incident that led to the decision")
    told = "\n\n".join(filter(None, [context, note.section("why"), f"What led here: [[{note.ref}|{note.title}]]."]))
    return told, (*services, *note.services)


def _link_up(
    base: KnowledgeBase, path: Path, old: Sequence[Decision], amends: Sequence[str], links: Sequence[str]
) -> list[Path]:
    """Write what links the new record with others, and return the other files that changed."""
    if not (old or amends or links):
        return []
    base = loader.read(base.root)
    ours = base.find(str(path), "decision")
    assert isinstance(ours, Decision)
    edits: list[Edit] = []
    for record in old:
        edits += lifecycle.supersede(base, base.by_ref[record.ref], ours)  # type: ignore[arg-type]
    for name in amends:
        edits += lifecycle.amend(ours, _record(base, name))
    for spec in links:
        name, words, back = (*spec.split(":", 2), "", "")[:3]
        if not (words and back):
            raise WrongUse(f'--link wants REF:WORDS:BACK, not {spec!r}: for instance 9:Clarifies:"Clarified by"')
        edits += lifecycle.link(base, ours, words, _record(base, name), back)
    return [changed for changed in _write(base, edits) if changed != path]


# ---- life ------------------------------------------------------------------------------------------------------------


def _record(base: KnowledgeBase, name: str) -> Decision:
    """The decision of that number or name. Raises NoSuchNote, AmbiguousRef or WrongUse."""
    note = options.find(base, name, "decision")
    if not isinstance(note, Decision):
        raise WrongUse(f"{note.ref} is a {note.kind}, no decision")
    return note


def _write(base: KnowledgeBase, edits: Sequence[Edit]) -> list[Path]:
    """Change the records in one step: all of them, or none. Returns the files that changed. Raises KbError."""
    before: dict[Path, bytes] = {}
    after: dict[Path, bytes] = {}
    for edit in edits:
        path = base.root / edit.note.path
        if path not in after:
            before[path] = after[path] = input_streams.read_file(path)
        after[path] = lifecycle.apply(_together(edit, edits), after[path], base.settings.headings)
    return transaction.write_all({path: (before[path], after[path]) for path in after})


def _together(edit: Edit, edits: Sequence[Edit]) -> Edit:
    """An edit whose lists hold also what the other edits of the same record add to them."""
    fields: dict[str, NewValue] = {}
    for key, value in edit.fields.items():
        if isinstance(value, list):
            others = [other.fields[key] for other in edits if other.note.ref == edit.note.ref and key in other.fields]
            fields[key] = list(dict.fromkeys(name for names in others if isinstance(names, list) for name in names))
        else:
            fields[key] = value
    return Edit(edit.note, fields, edit.link, edit.said)


def _change(edits: Sequence[Edit], base: KnowledgeBase, message: str, commit: bool) -> int:
    changed = _write(base, edits)
    for path in changed:
        screen.say_path(path)
    if not changed:
        screen.remark("nothing changed")
        return 0
    return new_command.committed(base, changed, f"decision: {message}", commit)


def _move_command(state: str, verb: str, help_text: str) -> click.Command:
    """`kb decision accept|reject|deprecate`."""

    @click.command(verb, help=f"{help_text}\n\n\b\nExamples:\n  kb decision {verb} 7\n  kb decision {verb} traefik in front")
    @click.argument("ref", nargs=-1, required=True, shell_complete=options.complete_ref)
    @options.root_option
    @options.commit_option
    def moved(ref: tuple[str, ...], no_commit: bool) -> int:
        base = options.the_base()
        record = _record(base, " ".join(ref))
        edit = lifecycle.move(record, state, options.now().date())
        return _change([edit], base, f"{record.title}, {state}", not no_commit)

    return moved


decision.add_command(_move_command("accepted", "accept", "It is decided. The record is in force from today."))
decision.add_command(_move_command("rejected", "reject", "It is decided against. The record stays, so that nobody asks again."))
decision.add_command(_move_command("deprecated", "deprecate", "It is no longer in force. Nothing takes its place."))

decision.add_command(renumber)


@decision.command("supersede")
@click.argument("ref", shell_complete=options.complete_ref)
@click.option(
    "--by", metavar="REF", required=True, help="The record that takes its place.", shell_complete=options.complete_ref
)
@options.root_option
@options.commit_option
def supersede(ref: str, by: str, no_commit: bool) -> int:
    """Another record takes its place. Both are changed, in one step and one commit.

    \b
    Examples:
      kb decision supersede 9 --by 12
    """
    base = options.the_base()
    old, record = _record(base, ref), _record(base, by)
    edits = lifecycle.supersede(base, old, record)
    return _change(edits, base, f"{old.title}, superseded by {record.title}", not no_commit)


@decision.command("link")
@click.argument("source", shell_complete=options.complete_ref)
@click.argument("words")
@click.argument("target", shell_complete=options.complete_ref)
@click.argument("back")
@options.root_option
@options.commit_option
def link(source: str, words: str, target: str, back: str, no_commit: bool) -> int:
    """Link two records, in adr-tools' own words. SOURCE WORDS TARGET, and BACK for the link from there.

    \b
    Examples:
      kb decision link 12 Amends 10 "Amended by"
      kb decision link 12 Clarifies 10 "Clarified by"
    """
    base = options.the_base()
    ours, theirs = _record(base, source), _record(base, target)
    edits = lifecycle.link(base, ours, words, theirs, back)
    return _change(edits, base, f"{ours.title} {words.lower()} {theirs.title}", not no_commit)


# ---- list and show ---------------------------------------------------------------------------------------------------


@decision.command("list")
@click.argument("words", nargs=-1)
@options.root_option
@options.service_option("Only those about this service.")
@options.tag_option
@click.option(
    "--status", metavar="WORD", default="", help="Only those that are proposed, accepted, rejected, deprecated or superseded."
)
@options.since_option
@click.option(
    "--at", metavar="DATE", callback=lambda *a: options.moment(a[2]) if a[2] else None, help="What was in force on that day."
)
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
    base = options.the_base()
    found = [note for note in select(base, "decision", service, tags, status, since) if isinstance(note, Decision)]
    if at:
        held = {note.ref for note in lifecycle.in_force(base, at.day)}
        found = [note for note in found if note.ref in held]
    if due:
        order = [note.ref for note in lifecycle.due(base, options.now().date())]
        found = sorted((note for note in found if note.ref in order), key=lambda note: order.index(note.ref))
    wanted = [word.lower() for word in words]
    found = [note for note in found if all(word in f"{note.title}\n{note.body}".lower() for word in wanted)]
    if tree and not as_json:
        _show_tree(base, found)
    else:
        show_list(base, found, as_json, "decision", most)
    return 0


def _show_tree(base: KnowledgeBase, found: Sequence[Decision]) -> None:
    known = lifecycle.chains(base)
    tops = {top.ref: top for note in found for top in known.ends(note)}
    rows = list(known.tree([tops[ref] for ref in sorted(tops, reverse=True)]))
    options.remember(base, [note.ref for _, note in rows])
    for sign, note in rows:
        screen.say(_branch(sign, note))


def _branch(sign: str, note: Decision) -> str:
    number = f"{note.number:04d}" if note.number is not None else note.name[:10]
    room = screen.width() - screen.cells(sign) - 20
    return f"{screen.faint(sign)}{number}  {screen.cut(screen.visible(note.title), max(20, room))}  {screen.state(note.status)}"


@decision.command("show")
@click.argument("ref", nargs=-1, required=True, shell_complete=options.complete_ref)
@options.root_option
@options.json_option
def show_decision(ref: tuple[str, ...], as_json: bool) -> int:
    """Show a decision with its chain. What amended it and what led to it, too.

    \b
    Examples:
      kb decision show 7
    """
    from .search import print_note

    base = options.the_base()
    record = _record(base, " ".join(ref))
    known = lifecycle.chains(base)
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


@decision.command("generate")
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
    base = options.the_base()
    texts = [given.read() if given else "" for given in (intro, outro)]
    for line in lifecycle.contents(base, prefix, *texts) if what == "toc" else lifecycle.drawing(base, prefix, extension):
        screen.say(screen.visible(line))
    return 0
