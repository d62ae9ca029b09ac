"""`kb service impact|order|retire|readiness|beat|rename`: what stops with what, and could I bring it back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import click

from ...exceptions import NoSuchNote, WrongUse, listed
from ...notes import front_matter, note_move
from ...notes.kinds import Service, When
from ...notes.knowledge_base import KnowledgeBase
from ...services import heartbeats
from ...services import readiness as rules
from ...services.dependency_graph import Graph, Impact, Node, Stop
from ...services.readiness import QUESTIONS, Facts, Readiness, all_services
from ...storage import files, transaction
from .. import input_streams, new_command, options
from ..terminal import screen

_BECAUSE = {"depends_on": "depends on it", "hosts": "runs on it", "needs": "needs it"}


# ---- impact ----------------------------------------------------------------------------------------------------------


@click.command("impact")
@click.argument("name", shell_complete=options.complete_service)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "mermaid", "svg", "json"]),
    default="text",
    show_default=True,
    help="A tree, Mermaid for a note, a picture for a file, or JSON.",
)
@options.root_option
def impact(name: str, form: str) -> int:
    """What stops when it stops. All the way, by which path, and what people notice of it.

    NAME is a service, a host, a disk, or a capability such as dns.

    \b
    Examples:
      kb service impact postgres
      kb service impact nas         a machine, with all that runs on it
      kb service impact dns         all that needs it, whoever provides it
      kb service impact tank --format svg > tank.svg
    """
    base = options.the_base()
    found = base.graph.impact(_node(base, name))
    if form == "mermaid":
        screen.say(_mermaid(found))
    elif form == "svg":
        screen.say(_svg(found))
    elif form == "json":
        screen.print_json(_as_document(base.graph, found))
    else:
        _show(base.graph, found)
    return 0


def _node(base: KnowledgeBase, name: str) -> Node:
    """The node of that name. Raises NoSuchNote, AmbiguousRef or WrongUse."""
    if found := base.graph.find(name):
        return found
    try:
        note = options.find(base, name, "service")
    except NoSuchNote as error:
        if error.close:
            raise
        raise WrongUse(f"no service is called {name!r}, and none provides it: kb edit SERVICE --set provides={name}") from None
    if note.ref not in base.graph.nodes:
        retired = note.retired.short() if isinstance(note, Service) and note.retired else "long ago"
        raise WrongUse(f"{note.name} is retired since {retired}: nothing stops with it")
    return base.graph.nodes[note.ref]


def _show(graph: Graph, found: Impact) -> None:
    rows = list(found.tree())
    column = min(40, max(screen.cells(sign + screen.visible(stop.node.name)) for sign, stop in rows) + 3)
    for sign, stop in rows:
        name = screen.visible(stop.node.name)
        shown = screen.faint(name) if stop.node.is_capability else name if stop.because else screen.strong(name)
        gap = " " * max(2, column - screen.cells(sign + name))
        room = screen.width() - max(column, screen.cells(sign + name) + 2)
        said = screen.cut(screen.visible(_reason(graph, found, stop)), max(20, room))
        screen.say(f"{screen.faint(sign)}{shown}{gap}{screen.faint(said)}".rstrip())
    screen.say()
    screen.say(_sum(found))
    people = [note.title for stop in found.services if (note := stop.node.service) and note.url and note.type == "app"]
    if people:
        _told("people notice", people)
    for row in found.weaker:
        verb = {"hosts": "still runs on", "provides": "still comes from"}.get(row.kind, "still has")
        _told("goes on", [f"{row.node.name} {verb} {listed(row.left, 'and')}"])
    for circle in _circles(graph, found):
        _told("circle", [" → ".join(circle)])


def _reason(graph: Graph, found: Impact, stop: Stop) -> str:
    if not stop.because:
        return (
            f"from {listed(_providers(graph, stop.node), 'and') or 'nobody'}" if stop.node.is_capability else _what(stop.node)
        )
    if stop.node.is_capability:
        providers = _providers(graph, stop.node)
        return f"only {providers[0]} provides it" if len(providers) == 1 else "nobody is left who provides it"
    also = found.also(stop)
    return _BECAUSE[stop.kind] + (f"; misses {listed(also[:3], 'and')} too" if also else "")


def _providers(graph: Graph, capability: Node) -> list[str]:
    return [graph.nodes[key].name for need in capability.needs for key in need.options]


def _what(node: Node) -> str:
    note = node.service
    if note is None:
        return "has no note"
    return ", ".join(filter(None, [note.type, f"on {listed(note.hosts, 'and')}" if note.hosts else "", note.mode]))


def _sum(found: Impact) -> str:
    count = len(found.services)
    if not count:
        return "nothing else stops"
    production = sum(1 for stop in found.services if stop.node.service and stop.node.service.mode == "production")
    verb = "stops" if count == 1 else "stop"
    return f"{screen.plural(count, 'service')} {verb} with it" + (f", {production} of them production" if production else "")


def _told(label: str, words: Sequence[str]) -> None:
    """A labelled line, broken at the terminal's width."""
    import textwrap

    text = screen.visible(", ".join(words))
    lines = textwrap.wrap(text, screen.width() - 15, break_on_hyphens=False) or [""]
    screen.say(f"{label:<13}  {lines[0]}")
    for line in lines[1:]:
        screen.say(f"{'':<13}  {line}")


def _circles(graph: Graph, found: Impact) -> list[list[str]]:
    return [[node.name for node in circle] for circle in graph.circles if any(node.key in found.stops for node in circle)]


def _mermaid(found: Impact) -> str:
    """A flow chart whose arrows go from what stops to what stops with it. Names are quoted: they may hold anything."""
    numbers = {key: f"n{number}" for number, key in enumerate(found.stops)}
    rows = ["graph LR"]
    for key, stop in found.stops.items():
        label = re.sub(r"[^\w .:/-]", lambda char: f"#{ord(char[0])};", stop.node.name)
        left, right = ("([", "])") if stop.node.is_capability else ("[", "]")
        rows.append(f'  {numbers[key]}{left}"{label}"{right}')
    rows += [f"  {numbers[stop.because]} --> {numbers[key]}" for key, stop in found.stops.items() if stop.because]
    return "\n".join(rows)


def _svg(found: Impact) -> str:
    """Drawn as on the site: what needs something on the left of it."""
    from ...site.drawing.graph_svg import Box, graph

    boxes = {key: Box(_label(stop), css="" if stop.because else "kb-box--here") for key, stop in found.stops.items()}
    lines = {(key, stop.because): "" for key, stop in found.stops.items() if stop.because}
    return graph(boxes, lines, f"what stops with {found.start.name}: {len(found.services)} services", alone=True)


def _label(stop: Stop) -> str:
    return f"({stop.node.name})" if stop.node.is_capability else stop.node.name


def _as_document(graph: Graph, found: Impact) -> dict[str, Any]:
    return {
        "name": found.start.name,
        "ref": found.start.service.ref if found.start.service else None,
        "stops": [
            {
                "name": stop.node.name,
                "ref": stop.node.service.ref if stop.node.service else None,
                "mode": stop.node.service.mode if stop.node.service else "",
                "url": stop.node.service.url if stop.node.service else "",
                "because": stop.kind,
                "path": [node.name for node in found.path(stop)],
                "also": found.also(stop),
            }
            for stop in found.services
        ],
        "goes_on": [{"name": row.node.name, "lost": list(row.lost), "left": list(row.left)} for row in found.weaker],
        "circles": _circles(graph, found),
    }


# ---- order -----------------------------------------------------------------------------------------------------------


@click.command("order")
@options.root_option
@options.json_option
def order(as_json: bool) -> int:
    """The order to start all in after a power cut. What is needed comes before what needs it.

    A circle is broken where it hurts least, and named.

    \b
    Examples:
      kb service order
      kb service order --json | jq -r '.steps[].name'
    """
    base = options.the_base()
    steps = base.graph.order()
    circles = [[node.name for node in circle] for circle in base.graph.circles]
    if as_json:
        rows = [
            {
                "name": step.node.name,
                "ref": step.node.service.ref if step.node.service else None,
                "after": list(step.after),
                "before": list(step.before),
            }
            for step in steps
        ]
        screen.print_json({"steps": rows, "circles": circles})
        return 0
    options.remember(base, [step.node.service.ref for step in steps if step.node.service])
    table = [
        [
            f"{number}",
            step.node.name,
            step.node.service.type if step.node.service else "no note",
            "after " + ", ".join(step.after) if step.after else "",
        ]
        for number, step in enumerate(steps, 1)
    ]
    screen.table(table, [screen.faint, None, screen.faint, screen.faint], 3)
    for step in steps:
        if step.before:
            screen.remark(f"{step.node.name} needs {listed(step.before, 'and')}, which can only start after it")
    for names in circles:
        screen.remark(f"a circle: {' → '.join(names)}")
    if not steps:
        screen.remark("no services yet: `kb service new` writes the first")
    return 0


# ---- retire ----------------------------------------------------------------------------------------------------------


class StillNeeded(WrongUse):
    """A service can't retire: it is the only one that provides what others need."""

    def __init__(self, node: Node, users: Sequence[tuple[Node, str]]) -> None:
        said = [f"  {user.name} {_wants(want)}" for user, want in users]
        more = [f"  … and {len(said) - 12} more"] if len(said) > 12 else []
        super().__init__(
            "\n".join(
                [
                    f"{node.name} stays: it is the only one that provides what others need",
                    *said[:12],
                    *more,
                    f"kb service impact {node.name} shows all that stops; to retire it all the same: --yes",
                ]
            )
        )


def _wants(want: str) -> str:
    return {"depends_on": "depends on it", "hosts": "runs on it alone"}.get(want, f"needs {want}")


@click.command("retire")
@click.argument("name", shell_complete=options.complete_service)
@click.option("--yes", is_flag=True, help="Retire it, although others need it.")
@options.root_option
@options.commit_option
def retire(name: str, yes: bool, no_commit: bool) -> int:
    """It no longer runs. Its note says so from today, and stays; its incidents and fixes are still found.

    Refused when it is the only one that provides what others need.

    \b
    Examples:
      kb service retire pihole-old
      kb service retire postgres --yes
    """
    base = options.the_base()
    note = options.find(base, name, "service")
    if not isinstance(note, Service):
        raise NoSuchNote(name, (), "service")
    if note.state == "retired":
        screen.remark(f"{note.name} is retired since {note.retired.short() if note.retired else 'long ago'}")
        return 0
    node = base.graph.nodes[note.ref]
    if (users := base.graph.only_one_for(node)) and not yes:
        raise StillNeeded(node, users)
    path = base.root / note.path
    old = input_streams.read_file(path)
    files.replace(path, old, front_matter.set_fields(old, {"retired": options.now().date().isoformat()}, note.path))
    screen.say_path(path)
    for user, want in users:
        screen.remark(f"{user.name} {_wants(want)} and has nothing for it now")
    return new_command.committed(base, [path], f"service: {note.title}, retired", not no_commit)


# ---- readiness -------------------------------------------------------------------------------------------------------

_STATES = {"yes": "green", "hope": "yellow", "no": "red"}


def facts(base: KnowledgeBase) -> Facts:
    """What readiness is answered from: the notes, the backups that were seen, and this moment."""
    return Facts(base, options.now(), heartbeats.read(base.root))


@click.command("readiness")
@click.argument("name", required=False, shell_complete=options.complete_service)
@click.option("--min", "least", type=click.IntRange(0, 100), metavar="N", help="Exit 1 when a service has less than N percent.")
@options.root_option
@options.json_option
def readiness(name: str | None, least: int | None, as_json: bool) -> int:
    """Could I bring it back?

    Four questions, answered from facts: restore, notice, security, rebuild.

    Each answer is yes, hope or no. A backup that was never restored is a hope. Production is judged more strictly
    than a sandbox; `responsibility` says which questions are yours (a dash: not yours, or it doesn't arise). The
    percentage is the share of yes, a hope counted half. The times are settings under `plugins: - kb:` in mkdocs.yml.

    \b
    Examples:
      kb service readiness                   all, the least ready first
      kb service readiness immich            one, with the next steps
      kb service readiness --min 50          for CI: exit 1 when one is below
    """
    base = options.the_base()
    known = facts(base)
    if name:
        note = options.find(base, name, "service")
        assert isinstance(note, Service)
        found = [rules.readiness(known, note)]
    else:
        found = all_services(known)
    if as_json:
        screen.print_json([_ready_document(ready) for ready in found])
    elif name:
        _show_ready(found[0])
    else:
        _show_all_ready(base, found)
    return 1 if least is not None and any(ready.score < least for ready in found) else 0


def _show_ready(ready: Readiness) -> None:
    note = ready.service
    kind = ("production" if ready.strict else "sandbox") if note.state != "retired" else "retired"
    screen.say(f"{screen.strong(screen.visible(note.title))}   {kind}   {ready.score} %")
    for question, words in QUESTIONS.items():
        answer = ready.answer(question)
        screen.say()
        if answer is None:
            screen.say(f"{question:<9} {screen.faint('-     not yours, or it does not arise')}")
            continue
        screen.say(f"{question:<9} {screen.coloured(f'{answer.state:<5}', _STATES[answer.state])} {screen.faint(words)}")
        for row in screen.wrapped(screen.visible(answer.reason), screen.width() - 16):
            screen.say(f"{'':<16}{row}")
        if answer.next:  # in one row, however long: to be copied
            screen.say(f"{'':<16}{screen.faint('next:')} {screen.visible(answer.next)}")


def _show_all_ready(base: KnowledgeBase, found: Sequence[Readiness]) -> None:
    options.remember(base, [ready.service.ref for ready in found])
    if not found:
        screen.remark("no services yet: `kb service new` writes the first")
        return
    head = ["", "", "", *QUESTIONS, ""]
    rows = [head]
    for number, ready in enumerate(found, 1):
        answers = [answer.state if (answer := ready.answer(question)) else "-" for question in QUESTIONS]
        rows.append([f"@{number}", ready.service.name, "" if ready.strict else "sandbox", *answers, f"{ready.score:3} %"])
    screen.table(rows, [screen.faint, None, screen.faint, *[_painted] * 4, None], 1)
    ready_count = sum(1 for ready in found if ready.score == 100)
    screen.remark(f"{screen.plural(len(found), 'service')}, {ready_count} ready; kb service readiness @1 says the next steps")


def _painted(cell: str) -> str:
    word = cell.strip()
    return cell.replace(word, screen.coloured(word, _STATES[word])) if word in _STATES else screen.faint(cell)


def _ready_document(ready: Readiness) -> dict[str, Any]:
    return {
        "name": ready.service.name,
        "ref": ready.service.ref,
        "strict": ready.strict,
        "score": ready.score,
        "answers": [{"question": a.question, "state": a.state, "reason": a.reason, "next": a.next} for a in ready.answers],
    }


# ---- beat ------------------------------------------------------------------------------------------------------------


@click.command("beat")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=options.complete_service)
@click.option("--backup", is_flag=True, required=True, help="A backup of it has just been made, or was seen.")
@click.option(
    "--at", metavar="WHEN", callback=lambda *a: options.moment(a[2]) if a[2] else None, help="When it was. [default: now]"
)
@options.root_option
def beat(names: tuple[str, ...], backup: bool, at: When | None) -> int:
    """A backup was seen. Fit for the end of a backup script: it says nothing and makes no commit.

    It is kept in .kb/beats/, which Git ignores; readiness takes it or `backup_seen` of the note, the later one.

    \b
    Examples:
      0 3 * * * restic backup /srv && kb --root ~/lab service beat immich --backup
      ExecStartPost=kb --root /srv/lab service beat immich --backup      (systemd)
      after_backup: [kb --root /srv/lab service beat immich --backup]  (borgmatic)
      kb service beat immich --backup --at 2026-11-20
    """
    del backup  # the only thing that beats so far; a second one must not change what the first scripts say
    base = options.the_base()
    found = [options.find(base, name, "service") for name in names]
    stamp = at.text if at and at.text[:1].isdigit() and "-" in at.text else options.stamp(at.moment if at else options.now())
    for note in found:
        assert isinstance(note, Service)
        heartbeats.write(base.root, note, stamp)
    return 0


# ---- rename ----------------------------------------------------------------------------------------------------------


@click.command("rename")
@click.argument("old", shell_complete=options.complete_service)
@click.argument("new_name", metavar="NEW")
@click.option("--dry-run", is_flag=True, help="Say which files would change, and change none.")
@options.root_option
@options.commit_option
def rename(old: str, new_name: str, dry_run: bool, no_commit: bool) -> int:
    """Give a service another name, in every note. In its file, lists of names, [[links]] and relative links.

    The old name stays as an alias. Every link is read again before anything is written: all or nothing, in one commit.
    Titles, prose and code stay as they are.

    \b
    Examples:
      kb service rename postgres database
      kb service rename nas attic --dry-run
    """
    base = options.the_base()
    note = options.find(base, old, "service")
    assert isinstance(note, Service)
    done = note_move.renamed(base, note, new_name, lambda path: input_streams.read_file(base.root / path))
    count = screen.plural(len(done.changes), "other note")
    if dry_run:
        for path in (done.path, *done.changes):
            screen.say(str(base.root / path))
        screen.remark(f"{count} would change")
        return 0
    paths = transaction.move(base.root, [done], done.changes)
    heartbeats.rename(base.root, note.name, (base.root / done.path).stem)
    screen.say(str(paths[0]))
    screen.remark(f"{count} changed; {note.name} is an alias now")
    return new_command.committed(
        base, paths, f"service: {note.name} is {(base.root / done.path).stem} now", not no_commit, new=True
    )


COMMANDS: tuple[click.Command, ...] = (impact, order, retire, readiness, beat, rename)
