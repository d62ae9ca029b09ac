"""Lists of notes: the rows that every `list` prints, and the same as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from ...exceptions import close_to
from ...notes.dates import When
from ...notes.kinds import KINDS, Note
from ...notes.knowledge_base import KnowledgeBase
from .. import complete, context, options
from ..terminal import screen


def list_command(kind: str) -> click.Command:
    """`kb KIND list`."""
    example = {
        "incident": "kb incident list --status open\n  kb incident list --service jellyfin --since 6m\n  kb incident list --recurring",
        "service": "kb service list --tag media",
        "change": "kb change list --since 4w",
    }.get(kind, f"kb {kind} list --since 1y")
    order = "by name" if kind == "service" else "newest first"

    @click.command(
        "list",
        help=f"List the {KINDS[kind].plural()}, {order}. Then `@1` means the first of them. WORDS must stand in their title or text.\n\n\b\nExamples:\n  {example}",
    )
    @click.argument("words", nargs=-1)
    @options.service_option("Only those about this service.")
    @options.tag_option
    @click.option("--status", metavar="WORD", default="", help=_status_help(kind), shell_complete=complete.complete_state(kind))
    @options.since_option
    @options.most_option
    @options.root_option
    @options.json_option
    def listed(
        words: tuple[str, ...],
        service: str,
        tags: tuple[str, ...],
        status: str,
        since: When | None,
        most: int | None,
        as_json: bool,
        recurring: bool = False,
    ) -> int:
        base = context.the_base()
        notes = with_words(select(base, kind, service, tags, status, since), words)
        if recurring:
            notes = _most_often_first(base, notes)
        show_list(base, notes, as_json, kind, most)
        return 0

    # A service has no day, and some kinds have no status.
    options.hide(listed, *{"service": ["since"]}.get(kind, [] if KINDS[kind].states else ["status"]))
    if kind == "incident":
        help_text = "Only those that came back, the most frequent first."
        listed.params.append(click.Option(["--recurring"], is_flag=True, help=help_text))
    return listed


def with_words(notes: Sequence[Note], words: Sequence[str]) -> list[Note]:
    """The notes that hold all of these words in their title, name or text, as parts of words too; in their order."""
    wanted = [word.lower() for word in words]
    return [note for note in notes if all(word in f"{note.title}\n{note.name}\n{note.body}".lower() for word in wanted)]


def _most_often_first(base: KnowledgeBase, notes: Sequence[Note]) -> list[Note]:
    """The first incident of each family that has more than one, the largest family first."""
    families = {family[0].ref: family for note in notes if len(family := base.family(note)) > 1}
    return [family[0] for family in sorted(families.values(), key=len, reverse=True)]


def _status_help(kind: str) -> str:
    states = KINDS[kind].states
    return (
        f"Only those that are {', '.join(states[:-1])} or {states[-1]}." if states else "Only those with this status or mode."
    )


def select(base: KnowledgeBase, kind: str, service: str, tags: Sequence[str], status: str, since: When | None) -> list[Note]:
    """The notes that pass the filters of a `list`; a service or a status that nothing has is remarked upon."""
    if service and base.service_name(service).lower() not in base.service_names:
        close = close_to(service.lower(), sorted(base.service_names))
        screen.remark(f"no service is called {service!r}" + (f": did you mean {close[0]}?" if close else ""))
    states = KINDS[kind].states if kind else tuple(state for cls in KINDS.values() for state in cls.states)
    if status and states and status.lower() not in (*states, "production", "sandbox", "retired"):
        close = close_to(status.lower(), states)
        screen.remark(
            f"no status is called {status!r}" + (f": did you mean {close[0]}?" if close else f": there is {', '.join(states)}")
        )
    known_tags = {tag.lower() for note in base.notes for tag in note.tags} if tags else set()
    for tag in tags:
        if tag.lower() not in known_tags:
            close = close_to(tag.lower(), sorted(known_tags))
            screen.remark(f"no note has the tag {tag!r}" + (f": did you mean {close[0]}?" if close else ""))
    notes = base.select(kind, service, tags, status, since)
    return sorted(notes, key=lambda note: note.name) if kind == "service" else notes


def show_list(base: KnowledgeBase, found: Sequence[Note], as_json: bool, kind: str = "", most: int | None = None) -> None:
    """Print notes, one a row and at most so many, and remember them for `@1`."""
    notes = found[:most]
    context.remember(base, [note.ref for note in notes])
    if as_json:
        screen.print_json([as_document(base, note) for note in notes])
        return
    if not notes:
        none_at_all = not (base.of(kind) if kind else base.notes)
        hint = f" yet: `kb {kind or 'incident'} new` writes the first" if none_at_all else " pass these filters"
        screen.remark(f"no {KINDS[kind].plural() if kind else 'notes'}{hint}")
        return
    one_kind = len({note.kind for note in notes}) == 1
    rows = [
        [
            f"@{number}",
            note.date.day.isoformat() if note.date else "",
            "" if one_kind else note.kind,
            note.state,
            _called(note) + ("  (broken: kb check)" if note.problem else ""),
            ", ".join(note.services if note.kind != "service" else note.hosts),
        ]
        for number, note in enumerate(notes, 1)
    ]
    paint = [
        screen.faint,
        screen.faint,
        None,
        lambda cell: cell.replace(cell.strip(), screen.state(cell.strip())),
        None,
        screen.faint,
    ]
    screen.table(rows, paint, 5, 4)
    of = f"{len(notes)} of " if len(notes) < len(found) else ""
    beyond = "; @1 is far above, -n 20 shows the first alone" if screen.scrolls(len(notes)) else ""
    screen.remark(of + screen.plural(len(found), found[0].kind if len({note.kind for note in found}) == 1 else "note") + beyond)


def _called(note: Note) -> str:
    """The title; of a service its name too, which commands want, when that is another one."""
    if note.kind == "service" and note.name.lower() != note.title.lower():
        return f"{note.title}  ({note.name})"
    return note.title


def as_document(base: KnowledgeBase, note: Note) -> dict[str, Any]:
    """What `--json` says of a note."""
    return {
        "ref": note.ref,
        "kind": note.kind,
        "title": note.title,
        "path": str(base.root / note.path),
        "date": note.date.text if note.date else "",
        "status": note.state,
        "services": list(note.services),
        "tags": list(note.tags),
    }
