"""The screen of 1am: the fix first, then why one may trust it; or what to do when nothing is known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ...logs.entities import clock_in
from ...logs.event_line import event_of
from ...logs.excerpt import choose
from ...logs.layers import layer_of
from ...logs.log_reader import Log
from ...logs.messages import messages
from ...notes.kinds import Incident, Note
from ...notes.knowledge_base import KnowledgeBase
from ...notes.markdown import DEAD_ENDS
from ...notes.recurrence import track_record
from ...retrieval import mentions
from ...retrieval.explanation import Explanation
from ...retrieval.hit import Hit
from ...retrieval.whole_log import Answer, UnknownLine
from .. import clock
from ..terminal import screen
from ..terminal.line_diff import side_by_side
from .note_view import first_line
from .telling_part import telling_part

_SURE = {"same": ("SAME ERROR", "green"), "likely": ("LIKELY THE SAME", "yellow"), "weak": ("PERHAPS", "white")}


def show(base: KnowledgeBase, hit: Hit, number: int = 0) -> None:
    """The best answer: the fix first, then why one may trust it. `number` is its own among those of several logs."""
    note = base.by_ref[hit.ref]
    words, colour = _SURE[hit.strength or "weak"]
    about = screen.visible(", ".join(filter(None, [note.date.short() if note.date else "", *note.services])))
    room = screen.reading_width() - len(words) - 2 - (screen.cells(about) + 2 if about else 0)
    title = screen.pad(screen.cut(screen.visible(hit.title), max(20, room)), max(20, room) if about else 0)
    screen.say(f"{screen.strong(screen.coloured(words, colour))}  {screen.strong(title)}  {screen.faint(about)}".rstrip())
    screen.say()
    _show_section("FIX", hit.fix or "nobody wrote down a fix yet", "green", whole=True)
    _show_section("NOT", note.section(DEAD_ENDS), "red")
    _show_section("WHY", note.section("why"), "cyan")
    _show_section("CHECK", note.section("check"), "cyan")
    screen.say()
    yours, known = side_by_side(_said(hit.line), _said(hit.known_line), screen.width() - 9)
    for name, rows in (("yours", yours), ("known", known)):
        for place, row in enumerate(rows):
            screen.say(f"  {screen.faint(name) if place == 0 else '     '}  {row}")
    screen.say()
    screen.say("  " + screen.visible(track_record(base.families, note)))
    for row in changed_lately(base, note.services):
        screen.say(row)
    for pair in base.pairs:
        if pair.of == note.path:
            screen.say(f"  another version of it, by {screen.visible(pair.by)}, waits beside it: kb resolve @1")
    screen.say()
    screen.say_hints(_next_steps(note, bool(hit.fix), number))


def _next_steps(note: Note, has_fix: bool, number: int) -> list[str]:
    name = f"@{number or 1}"
    again = f"kb again {name}" if number else "kb again"
    if has_fix:
        return [f"whole: kb show {name}", f"it worked: {again}", *([] if number else ['something else: kb fixed "…"'])]
    if isinstance(note, Incident) and note.status != "resolved":
        return [f"whole: kb show {name}", f'once it is fixed: kb incident resolve {name} --fix "…"']
    return [f"whole: kb show {name}", f'once it is fixed: {again} --failed --fix "…"']


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
        for part in screen.wrapped(rest, screen.width() - 9):
            screen.say(f"  {label}  {part}")
            label = " " * 5
    if len(lines) > len(shown):
        screen.say(f"         {screen.faint('…')}")


MOST_CHANGES = 3
LATELY = timedelta(days=2)


def changed_lately(base: KnowledgeBase, services: Sequence[str]) -> list[str]:
    """What changed in the last two days near these services, a row each: the first question of any debugging."""
    now = clock.now()
    noted = any(note.kind == "change" and note.date and now - note.date.moment < LATELY for note in base.notes)
    if not (base.settings.compose or noted):
        return []  # the usual case at 1am, and it must not wait for what reads compose files
    from ...services.recent_changes import near_trouble

    found = near_trouble(base, services, now, LATELY)
    rows = [screen.visible(f"  changed lately: {line}") for line in found[:MOST_CHANGES]]
    return rows + ([screen.faint("  more: kb changes --since 2d")] if len(found) > MOST_CHANGES else [])


_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def how_often(base: KnowledgeBase, note: Note) -> str:
    """`third time, the fix held 1 of 2`: that fix, whatever became of others."""
    times = len(base.family(note))
    time = f"{_ORDINALS[times] if times < len(_ORDINALS) else f'{times}th'} time"
    return ", ".join([time, *base.families.fix_record(note).said])


def show_others(base: KnowledgeBase, all_hits: Sequence[Hit], show_all: bool, number: int = 1) -> None:
    """What else was close, a line each; the returns of the first, whose `number` it is, are counted in its history already."""
    hits = all_hits[1:]
    if not show_all:
        best = base.by_ref[all_hits[0].ref]
        counted = {note.ref for note in base.family(best)} if isinstance(best, Incident) else set()
        hits = [hit for hit in hits if hit.ref not in counted]
    if not hits:
        return
    screen.say()
    if not show_all:
        screen.say("  " + screen.faint(f"{len(hits)} more came close: kb seen --all"))
        return
    for place, hit in enumerate(hits, number + 1):
        fix = screen.cut(screen.visible(first_line(hit.fix)), 40)
        title = screen.cut(screen.visible(hit.title), screen.width() - 60)
        screen.say(
            f"  {screen.faint(f'@{place}')}  {screen.faint(f'{hit.strength:<6}')}  {title}  {screen.coloured(fix, 'green')}"
        )


WORTH_A_LOOK = 0.3  # the score of a weak hit that is offered at all

UNKNOWN_LINES = 3  # that are shown


def show_unknown(found: Answer, listed: int, every: bool = False) -> None:
    """What of the log no note knows: the hit above is not all that is wrong there. `@N` counts on from the hits that were `listed`."""
    rows = _unknown_rows(found, listed, every)
    if rows:
        screen.say()
        screen.say(screen.faint("  also in this log, not known:"))
        for row in rows:
            screen.say(row)


def _unknown_rows(found: Answer, listed: int, every: bool) -> list[str]:
    shown = found.unknown if every else found.unknown[:UNKNOWN_LINES]
    rows = [_unknown_row(line, listed + number) for number, line in enumerate(shown, 1)]
    if len(found.unknown) > len(shown):
        rows.append(screen.faint(f"  {len(found.unknown) - len(shown)} more: kb seen --all-lines"))
    return rows


def _unknown_row(line: UnknownLine, number: int) -> str:
    often = _how_often_and_when(line)
    mark = f"@{number}"
    room = max(30, screen.width() - len(often) - len(mark) - 6)
    return f"  {screen.faint(mark)}  {telling_part(line.line, room)}  {screen.faint(often)}"


def _how_often_and_when(line: UnknownLine) -> str:
    """`once, 02:14` or `58 times, 02:01 to 04:10`; the place in the log where its lines carry no time."""
    first, last = (clock_in(text) for text in (line.line, line.last))
    if not (first and last) and not line.first_at:
        return "(once)" if line.count == 1 else f"({line.count} times)"  # it was put together of several lines
    if not first or not last:
        first, last = f"line {line.first_at}", f"line {line.last_at}"
    often = "once" if line.count == 1 else f"{line.count} times"
    return f"({often}, {first})" if line.count == 1 or first == last else f"({often}, {first} to {last})"


def nothing_known(base: KnowledgeBase, log: Log, found: Answer, every: bool = False) -> None:
    """Nothing known is as useful: what was read, what the service in it needs, where to look, how to record it."""
    weak = found.hits
    unknown = _unknown_rows(found, len(found.hits), every) if log.lines_read > 1 else []
    read = f"{screen.plural(log.lines_read, 'line')} read, {screen.plural(len(base.notes), 'note')} known"
    picked = [line for block in choose(log, ordinary=base.ordinary).blocks for line in block]
    close = [hit for hit in weak if hit.score >= WORTH_A_LOOK][:3]
    told = {hit.ref for hit in close}
    mentioned = [note for note in mentions.of(base, event_of("\n".join(picked))) if note.note.ref not in told]
    paragraphs = [
        [f"{screen.strong('NOT SEEN BEFORE')}  {screen.faint(read)}"],
        unknown or ([f"  {telling_part(line, screen.width() - 2)}" for line in picked[:3]] if log.lines_read > 1 else []),
        [
            *_where_to_look(base, "\n".join(picked)),
            *changed_lately(base, [s.name for s in base.services_in("\n".join(picked))]),
        ],
        [screen.faint("  the closest, and not close:"), *(_one_row(f"@{n}  {hit.title}") for n, hit in enumerate(close, 1))]
        if close
        else [],
        _mentioned(mentioned),
        [screen.faint('  once it is fixed: kb fixed "what I did"   (what was read is kept for a day)')],
    ]
    screen.say("\n\n".join("\n".join(rows) for rows in paragraphs if rows))


def nothing_known_in_one(base: KnowledgeBase, log: Log, found: Answer, listed: int, every: bool = False) -> None:
    """The same of one log among several, in few lines."""
    read = screen.faint(f"{screen.plural(log.lines_read, 'line')} read")
    if not found.unknown:
        screen.say(f"nothing in it says that something went wrong  {read}")
        return
    stands_out = any(not row.background for row in found.unknown)
    screen.say(f"{screen.strong('NOT SEEN BEFORE')}  {read}" if stands_out else f"nothing in it stands out  {read}")
    for row in _unknown_rows(found, listed, every):
        screen.say(row)
    if not stands_out:
        return
    for row in _mentioned(mentions.of(base, event_of(found.unknown[0].line))):
        screen.say(row)


def sum_up(logs: Sequence[tuple[str, bool, bool]]) -> None:
    """One line about several logs, each (name, its error is known, something in it isn't known)."""
    known = [name for name, is_known, _ in logs if is_known]
    new = [name for name, is_known, is_new in logs if is_new and not is_known]
    words = [
        f"{len(known)} known ({', '.join(known)})" if known else "",
        f"{len(new)} not seen before ({', '.join(new)})" if new else "",
        f"{quiet} quiet" if (quiet := len(logs) - len(known) - len(new)) else "",
    ]
    if logs:
        screen.say(
            screen.cut(screen.visible(f"{screen.plural(len(logs), 'log')}: {', '.join(filter(None, words))}"), screen.width())
        )


def _mentioned(found: Sequence[mentions.Mention]) -> list[str]:
    """The notes in which the words stand elsewhere than under Error, each with that line."""
    rows = [screen.faint("  mentioned in:")] if found else []
    for mention in found:
        rows.append(f"  {screen.visible(mention.note.title)}  {screen.faint(screen.visible(f'kb show {mention.note.ref}'))}")
        rows.append(screen.faint(f"    {telling_part(mention.line, screen.width() - 4)}"))
    return rows


def _one_row(text: str) -> str:
    return "  " + screen.cut(screen.visible(" ".join(text.split())), screen.width() - 2)


def _where_to_look(base: KnowledgeBase, text: str) -> list[str]:
    """The layer that the event itself speaks of, and what the services in the error need and serve."""
    layer = layer_of(event_of(text))
    rows = [f"  {screen.coloured('LAYER', 'cyan')}  {layer.name}: {layer.look}"] if layer else []
    for service in base.services_in(text)[:3]:
        needs = ", ".join([*service.depends_on, *service.needs])
        needed_by = ", ".join(other.name for other in base.depend_on(service))
        said = "; ".join(filter(None, [f"needs {needs}" if needs else "", f"needed by {needed_by}" if needed_by else ""]))
        if said:
            rows.append(screen.visible(f"  {service.name}: {said}"))
    return rows


def explain(explanations: Sequence[Explanation]) -> None:
    """How the answers came about, a line for each thing that counted."""
    for explanation in explanations:
        screen.say()
        for name, said in explanation.rows():
            for number, row in enumerate(screen.wrapped(screen.visible(" ".join(said.split())), screen.width() - 11)):
                screen.say(f"  {screen.faint(f'{name:<7}' if number == 0 else ' ' * 7)}  {row}")
