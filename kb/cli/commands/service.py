"""`kb service`: what runs, why it exists, and what it needs."""

from __future__ import annotations

import click

from ...capture import field_values, note_draft
from ...exceptions import WrongUse
from ...notes.front_matter_edit import NewValue
from ...notes.knowledge_base import KnowledgeBase
from .. import context, new_command, options
from ..terminal import ask, screen
from ..views import save_result
from ..views.note_table import list_command
from . import service_drift, service_import, service_readiness


@click.group()
def service() -> None:
    """What runs, and what it needs: new, list, import, impact, readiness, drift, order, beat, rename, retire."""


service.add_command(list_command("service"))
service.add_command(service_import.import_)
service.add_command(service_drift.drift)
for command in service_readiness.COMMANDS:
    service.add_command(command)


@service.command("new")
@click.argument("name", nargs=-1)
@click.option("--what", metavar="TEXT", default="", help="What it is and why it exists, in a sentence.")
@click.option(
    "--type", "kind", type=click.Choice(["app", "host", "disk", "network", "device"]), default="app", show_default=True
)
@click.option("--host", "hosts", metavar="NAME", multiple=True, help="The machine it runs on (several times).")
@click.option("--depends-on", metavar="NAME", multiple=True, help="A service that it can't run without (several times).")
@click.option("--url", metavar="URL", default="", help="Where it answers.")
@click.option("--image", metavar="IMAGE", default="", help="The container image with its tag.")
@click.option("--mode", type=click.Choice(["production", "sandbox"]), default="production", show_default=True)
@new_command.new_options
def new_service(
    name: tuple[str, ...],
    what: str,
    kind: str,
    hosts: tuple[str, ...],
    depends_on: tuple[str, ...],
    url: str,
    image: str,
    mode: str,
    given: new_command.NewOptions,
) -> int:
    """Describe a service. What it is, what it needs, how to check and rebuild it.

    \b
    Examples:
      kb service new jellyfin
      kb service new postgres --host nas --image postgres:16 --no-edit
      kb service new nas --type host --what "Under the stairs" --no-edit
    """
    base = context.the_base()
    text = " ".join(name)
    if not text and given.edit is not True and ask.has_terminal():
        text = ask.line("What is it called?")
    _say_of_an_earlier_life(base, text)
    needed = save_result.remarked(field_values.known_services(base, field_values.split_names((*depends_on, *given.services))))
    fields: dict[str, NewValue] = {"type": kind, "mode": mode, "url": url, "image": image, "depends_on": needed}
    fields |= {"hosts": field_values.split_names(hosts)}
    if given.day:
        fields["date"] = given.day.text
    fields |= given.fields("service")
    draft = note_draft.NoteDraft("service", text, fields, {"what it is and why": what})
    return new_command.create(base, draft, given.how(bool(what)))


def _say_of_an_earlier_life(base: KnowledgeBase, name: str) -> None:
    """A name that was used before: raises WrongUse when its retired note has it, and says when it is an alias of another one."""
    note = base.services.get(name.lower())
    if note is None or name.lower() == note.title.lower() != note.name.lower():
        return
    if note.name.lower() == name.lower():
        if note.state == "retired":
            raise WrongUse(
                f"{note.name} was retired, and its note is kept with its incidents. A new life needs a name of its own:\n"
                f"  kb service new {note.name}-2\n"
                f"or let the old one go on: kb edit services/{note.name} --set retired="
            )
        return
    left = [alias for alias in note.aliases if alias.lower() != name.lower()]
    screen.remark(
        f"{name} is an alias of {note.name}, whose incidents are meant by it elsewhere: take it out there,"
        f" kb edit services/{note.name} --set aliases={','.join(left)}"
    )


# Options of every `new` that say nothing of a service: what it needs is --depends-on, and it has no day.
options.hide(new_service, "services", "day")
