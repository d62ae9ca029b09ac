"""`kb service impact|order|retire|readiness|beat|rename`: what stops with what, and could I bring it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from ...notes.kinds import Service
from ...notes.knowledge_base import KnowledgeBase
from ...services import heartbeats
from ...services import readiness as rules
from ...services.readiness import QUESTIONS, Facts, Readiness, all_services
from .. import clock, complete, context, options
from ..terminal import screen
from .service_impact import impact, order
from .service_retire import beat, rename, retire

# ---- readiness -------------------------------------------------------------------------------------------------------

_STATES = {"yes": "green", "hope": "yellow", "no": "red"}


def facts(base: KnowledgeBase) -> Facts:
    """What readiness is answered from: the notes, the backups that were seen, and this moment."""
    return Facts(base, clock.now(), heartbeats.read(base.root))


@click.command("readiness")
@click.argument("name", required=False, shell_complete=complete.complete_service)
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
    base = context.the_base()
    known = facts(base)
    if name:
        note = context.find(base, name, "service")
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
    context.remember(base, [ready.service.ref for ready in found])
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


COMMANDS: tuple[click.Command, ...] = (impact, order, retire, readiness, beat, rename)
