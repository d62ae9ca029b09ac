"""`kb service retire`, `rename` and `beat`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ...exceptions import NoSuchNote, WrongUse
from ...notes import dates, front_matter_edit
from ...notes.dates import When
from ...notes.kinds import Service
from ...services import heartbeats, service_needs, service_rename
from ...services.dependency_graph import Node
from ...storage import files, transaction
from .. import clock, complete, context, input_streams, options
from ..terminal import screen
from ..views import save_result


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
@click.argument("name", shell_complete=complete.complete_service)
@click.option("--yes", is_flag=True, help="Retire it, although others need it.")
@options.at_option("Since when it no longer runs. [default: today]")
@options.root_option
@options.commit_option
def retire(name: str, yes: bool, at: When | None, no_commit: bool) -> int:
    """It no longer runs. Its note says so from today, and stays; its incidents and fixes are still found.

    Refused when it is the only one that provides what others need.

    \b
    Examples:
      kb service retire pihole-old
      kb service retire postgres --yes
    """
    base = context.the_base()
    note = context.find(base, name, "service")
    if not isinstance(note, Service):
        raise NoSuchNote(name, (), "service")
    if note.state == "retired":
        screen.remark(f"{note.name} is retired since {note.retired.short() if note.retired else 'long ago'}")
        return 0
    graph = service_needs.graph(base)
    node = graph.nodes[note.ref]
    if (users := graph.only_one_for(node)) and not yes:
        raise StillNeeded(node, users)
    day = clock.day_before_now(at)
    path = base.root / note.path
    old = input_streams.read_file(path)
    files.replace(path, old, front_matter_edit.set_fields(old, {"retired": day.isoformat()}, note.path))
    heartbeats.end(base.root, note)
    screen.say_path(path)
    for user, want in users:
        screen.remark(f"{user.name} {_wants(want)} and has nothing for it now")
    return save_result.commit(base, [path], f"service: {note.title}, retired", not no_commit)


@click.command("beat")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete.complete_service)
@click.option("--backup", is_flag=True, required=True, help="A backup of it has just been made, or was seen.")
@click.option(
    "--at", metavar="WHEN", callback=lambda *a: context.moment(a[2]) if a[2] else None, help="When it was. [default: now]"
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
    base = context.the_base()
    found = [context.find(base, name, "service") for name in names]
    stamp = dates.written(at) if at else dates.stamp(clock.now())
    for note in found:
        assert isinstance(note, Service)
        if note.state == "retired":
            raise WrongUse(f"{note.name} is retired, and has no backups any more: take it out of the script that says so")
    for note in found:
        assert isinstance(note, Service)
        heartbeats.write(base.root, note, stamp)
    return 0


@click.command("rename")
@click.argument("old", shell_complete=complete.complete_service)
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
    base = context.the_base()
    note = context.find(base, old, "service")
    assert isinstance(note, Service)
    done = service_rename.renamed(base, note, new_name, lambda path: input_streams.read_file(base.root / path))
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
    return save_result.commit(
        base, paths, f"service: {note.name} is {(base.root / done.path).stem} now", not no_commit, new=True
    )
