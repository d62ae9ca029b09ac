"""`kb decision`: why on earth did I do that? MADR records, and their life."""

from __future__ import annotations

import click

from .decision_new import new_decision
from .decision_show import generate, list_decisions, show_decision
from .decision_status import link, move_command, review, supersede
from .renumber import renumber


@click.group()
def decision() -> None:
    """What you decided, and why: new, list, show, accept, supersede, reject, deprecate, review, link, renumber, generate."""


decision.add_command(move_command("accepted", "accept", "It is decided. The record is in force from today."))
decision.add_command(move_command("rejected", "reject", "It is decided against. The record stays, so that nobody asks again."))
decision.add_command(move_command("deprecated", "deprecate", "It is no longer in force. Nothing takes its place."))

for _command in (new_decision, list_decisions, show_decision, supersede, review, link, generate, renumber):
    decision.add_command(_command)
