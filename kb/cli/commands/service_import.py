"""`kb service import` and `kb service drift`: the notes and the compose files, brought together and compared."""

from __future__ import annotations

import difflib
import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ...capture import field_values
from ...exceptions import ChangedMeanwhile, KbError, NoteExists
from ...importers.compose import env_variables
from ...importers.service_files import EXAMPLE, Reading
from ...notes.knowledge_base import KnowledgeBase
from ...notes.problem import Problem
from ...services import note_sync
from ...services.note_sync import ServiceUpdate
from ...storage import loader, root_folder, template_files, transaction
from ...storage.note_paths import NotePaths
from ...storage.service_file_walk import gather
from .. import context, input_streams, options
from ..terminal import screen
from ..views import save_result


def variables(file: Path | None) -> dict[str, str]:
    """The variables of an .env file; none without a file."""
    return env_variables.read_env(input_streams.read_file(file).decode("utf-8", "replace")) if file else {}


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path))
@click.option("--host", "hosts", metavar="NAME", multiple=True, help="The machine they run on (several times).")
@click.option(
    "--env-file", metavar="FILE", type=click.Path(path_type=Path), help="Values for ${…}, beside the .env files there."
)
@click.option("--dry-run", is_flag=True, help="Show what would change in the notes, and change nothing.")
@options.root_option
@options.commit_option
@options.json_option
def import_(
    paths: tuple[Path, ...], hosts: tuple[str, ...], env_file: Path | None, dry_run: bool, no_commit: bool, as_json: bool
) -> int:
    """Make service notes from compose files. From folders of them and podman's quadlets, too.

    A second import changes only what the first one wrote: what you wrote in a note stays as it is. Values of environment
    variables are never copied. A Markdown file with a compose block is read when you name it.

    \b
    Examples:
      kb service import ~/docker
      kb service import compose.yaml compose.override.yaml --host nas --dry-run
      kb service import /etc/containers/systemd --host nas
    """
    base = context.the_base()
    with screen.Progress("reading files:") as progress:
        reading, places = gather(base, paths, variables(env_file), progress)
    services, problems = note_sync.wanted(base, reading, field_values.split_names(hosts), places.has)
    work = [change for want in services if (change := _change(base, want, problems))]
    complain(places, [*reading.problems, *problems], as_json)
    if dry_run and not as_json:
        for path, old, data in work:
            _show_difference(base.root, path, old, data)
    written = [] if dry_run else _write(work)
    if as_json:
        screen.print_json(_document(places, reading, services, problems, work, dry_run))
    elif not dry_run:
        for path in written:
            screen.say_path(path)
    made = sum(old is None for _, old, _ in work)
    _sum_up(reading, made, len(work) - made, len(services), dry_run)
    _say_what_is_open(base, services, work, hosts)
    if not written:
        return 0 if services or not reading.problems else 1
    return save_result.commit(base, written, f"services: import {screen.plural(len(written), 'note')}", not no_commit, new=True)


Work = tuple[Path, bytes | None, bytes]
MOST_NAMED = 4
_UNFILLED = re.compile(rb"\$\{(\w+)")


def _say_what_is_open(
    base: KnowledgeBase, services: Sequence[ServiceUpdate], work: Sequence[Work], hosts: Sequence[str]
) -> None:
    """What only the user can tell: the values of variables that stand in the notes, and the machines."""
    names = Counter(name.decode() for _, _, data in work for name in set(_UNFILLED.findall(data)))
    if names:
        shown = ", ".join(f"${{{name}}}" for name, _ in names.most_common(MOST_NAMED))
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        screen.remark(f"no value is known for {shown}{more}, so they stand in the notes: --env-file FILE fills them")
    known = {*base.services, *(want.name.lower() for want in services)}
    for host in field_values.split_names(hosts):
        if host.lower() not in known:
            screen.remark(f"{host} has no note yet: kb service new {host} --type host")


def _change(base: KnowledgeBase, want: ServiceUpdate, problems: list[Problem]) -> Work | None:
    """The note's file, its old bytes and its new ones; None when nothing changes, or when it can't be changed safely."""
    headings = base.settings.headings
    try:
        if want.note is None:
            template, where = template_files.template(base.root, "service")
            path = loader.folder_to_write(base.root, f"{root_folder.ENTRIES}/services") / f"{want.name}.md"
            return path, None, note_sync.new_note(template, want, headings, str(where))
        path = base.root / want.note.path
        old = path.read_bytes()
        fresh = note_sync.updated(old, want, headings)
        return (path, old, fresh) if fresh != old else None
    except OSError as error:
        problems.append(Problem(want.note.path if want.note else "", 1, f"can't be read: {(error.strerror or '').lower()}"))
    except KbError as error:
        problems.append(Problem(want.note.path if want.note else want.name, 1, f"is left as it is: {error}"))
    return None


def _write(work: Sequence[Work]) -> list[Path]:
    progress = screen.Progress("writing notes:")
    try:
        # One file in the way is no reason to leave the others out; a disk that fails is.
        changes = {path: (old, data) for path, old, data in work}
        return transaction.write_all(changes, (NoteExists, ChangedMeanwhile), lambda error: screen.remark(str(error)), progress)
    finally:
        progress.clear()


def complain(places: NotePaths, problems: Sequence[Problem], as_json: bool) -> None:
    """Print the problems of the files that were read, with paths as seen from here."""
    for problem in [] if as_json else problems:
        path = places.path(problem.path)
        shown = os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
        screen.remark(f"{shown}:{problem.line}: {problem.message}")


def _show_difference(root: Path, path: Path, old: bytes | None, data: bytes) -> None:
    name = path.relative_to(root).as_posix()
    before = old.decode("utf-8", "replace").splitlines() if old is not None else []
    after = data.decode("utf-8", "replace").splitlines()
    for line in difflib.unified_diff(before, after, name if old is not None else "/dev/null", name, lineterm="", n=1):
        shown = screen.visible(line)
        colour = "green" if line.startswith("+") else "red" if line.startswith("-") else ""
        screen.say(screen.coloured(shown, colour) if colour else shown)


def _sum_up(reading: Reading, made: int, changed: int, all_of_them: int, dry_run: bool) -> None:
    verb = "would be " if dry_run else ""
    same = all_of_them - made - changed
    said = [
        f"{made} {verb}new" if made else "",
        f"{changed} {verb}changed" if changed else "",
        f"{same} as they were" if same else "",
    ]
    counts = ", ".join(filter(None, said))
    screen.remark(
        f"{screen.plural(all_of_them, 'service')} in {screen.plural(len(reading.read), 'file')}"
        + (f": {counts}" if counts else "")
    )
    reasons = Counter(why for why in reading.passed_over.values() if why != EXAMPLE)
    if reasons:
        why = ", ".join(f"{count} {why}" if len(reasons) > 1 else why for why, count in reasons.most_common())
        screen.remark(f"{screen.plural(sum(reasons.values()), 'file')} passed over: {why} (--json names each)")
    if examples := [path for path, why in reading.passed_over.items() if why == EXAMPLE]:
        screen.remark(f"compose blocks in Markdown are taken for examples: name the file to import it ({examples[0]})")


def _document(
    places: NotePaths,
    reading: Reading,
    services: Sequence[ServiceUpdate],
    problems: Sequence[Problem],
    work: Sequence[Work],
    dry_run: bool,
) -> dict[str, Any]:
    changed = {path: "new" if old is None else "changed" for path, old, _ in work}
    root = places.root / root_folder.ENTRIES / "services"
    return {
        "services": [
            {
                "name": want.name,
                "service": want.described.name,
                "project": want.described.project,
                "files": list(want.described.files),
                "path": str(places.root / want.note.path if want.note else root / f"{want.name}.md"),
                "state": changed.get(places.root / want.note.path if want.note else root / f"{want.name}.md", "same"),
                **{key: value for key, value in want.fields.items() if value},
                "volumes": [{"source": v.source, "target": v.target, "kind": v.kind} for v in want.described.volumes],
                "restart": want.described.restart,
                "profiles": list(want.described.profiles),
                "healthcheck": want.described.check,
                "variables": list(want.described.environment),
            }
            for want in services
        ],
        "files": list(reading.read),
        "passed_over": dict(reading.passed_over),
        "problems": [{"path": p.path, "line": p.line, "message": p.message} for p in [*reading.problems, *problems]],
        "dry_run": dry_run,
    }
