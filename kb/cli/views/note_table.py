"""Lists of notes: the rows that every `list` prints, and the same as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

import click

from ...exceptions import close_to
from ...notes.dates import When
from ...notes.kinds import KINDS, Note
from ...notes.knowledge_base import KnowledgeBase
from .. import clock, complete, context, options
from ..terminal import screen


class Rows(Enum):
    """How an incident that came back is listed."""

    STORIES = "one row for it and all its returns"
    RECORDS = "the same, with what became of its fix"
    EACH = "a row for each"


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
        everything: bool = False,
        recurring: bool = False,
    ) -> int:
        base = context.the_base()
        notes = with_words(select(base, kind, service, tags, status, since), words)
        if recurring:
            notes = [note for note in notes if base.families.came_back(note)]
            notes.sort(key=lambda note: -len(base.family(note)))
        show_list(base, notes, as_json, kind, most, Rows.EACH if everything else Rows.RECORDS if recurring else Rows.STORIES)
        return 0

    # A service has no day, and some kinds have no status.
    options.hide(listed, *{"service": ["since"]}.get(kind, [] if KINDS[kind].states else ["status"]))
    if kind == "incident":
        help_text = "Only those that came back, the most frequent first."
        listed.params.append(click.Option(["--recurring"], is_flag=True, help=help_text))
        options.all_option(listed)
    return listed


def with_words(notes: Sequence[Note], words: Sequence[str]) -> list[Note]:
    """The notes that hold all of these words in their title, name or text, as parts of words too; in their order."""
    wanted = [word.lower() for word in words]
    return [note for note in notes if all(word in f"{note.title}\n{note.name}\n{note.body}".lower() for word in wanted)]


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


def show_list(
    base: KnowledgeBase,
    found: Sequence[Note],
    as_json: bool,
    kind: str = "",
    most: int | None = None,
    how: Rows = Rows.STORIES,
) -> None:
    """Print notes, one a row and at most so many, and remember them for `@1`. An incident and its returns are one row,
    unless each is wanted."""
    everything = how is Rows.EACH
    folded = list(found) if everything else base.families.first_of_each(found)
    notes = folded[:most]
    context.remember(base, [note.ref for note in notes])
    if as_json:
        screen.print_json(
            [as_document(base, note) | (_family_document(base, note) if not everything else {}) for note in notes]
        )
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
            note.state if everything else _state(base, note),
            (_called(note) if everything else story(base, note, how)) + ("  (broken: kb check)" if note.problem else ""),
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
    of = f"{len(notes)} of " if len(notes) < len(folded) else ""
    beyond = "; @1 is far above, -n 20 shows the first alone" if screen.scrolls(len(notes)) else ""
    returns = f" in {screen.plural(len(folded), 'row')}, --all shows each" if len(folded) < len(found) else ""
    word = found[0].kind if len({note.kind for note in found}) == 1 else "note"
    screen.remark(of + screen.plural(len(found), word) + returns + beyond)


def _state(base: KnowledgeBase, note: Note) -> str:
    """The state; of an incident that came back it is open while any of its returns is."""
    return _waiting(base, note) or note.state


def story(base: KnowledgeBase, note: Note, how: Rows = Rows.STORIES) -> str:
    """The title; of an incident that came back its first one, how often it was, when last, and whether that is over."""
    if not base.families.came_back(note):
        return _called(note)
    family = base.family(note)
    last = family[-1].date
    record = base.families.fix_record(base.families.proven_fix(note) or note).said if how is Rows.RECORDS else []
    said = [f"{len(family)}×", f"last {_short(last)}" if last else "", *record, _waiting(base, note)]
    return f"{family[0].title} ({', '.join(filter(None, said))})"


def _waiting(base: KnowledgeBase, note: Note) -> str:
    waiting = base.families.waiting(note)
    return waiting[0].status if waiting else ""


def _short(when: When) -> str:
    """`23 Nov`, with the year when that is another one."""
    return f"{when.day.day} {when.day:%b}" if when.day.year == clock.now().year else when.short()


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


def _family_document(base: KnowledgeBase, note: Note) -> dict[str, Any]:
    """What `--json` says of an incident that came back, besides."""
    if not base.families.came_back(note):
        return {}
    family = base.family(note)
    records = base.families.fix_records(note)
    story = {
        "title": family[0].title,
        "status": _state(base, note),
        "times": len(family),
        "refs": [member.ref for member in family],
        "fixes": [
            {
                "ref": record.note.ref,
                "tried": record.tried,
                "held": record.held,
                "comes_back_after_days": gap.days if (gap := record.comes_back_after) is not None else None,
            }
            for record in records
        ],
    }
    return {"family": story}
