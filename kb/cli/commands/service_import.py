"""`kb service import` and `kb service drift`: the notes and the compose files, brought together and compared."""

from __future__ import annotations

import difflib
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from ...exceptions import CannotRead, ChangedMeanwhile, KbError, NoteExists
from ...importers.compose import env_variables
from ...importers.compose.compose_parts import MARKDOWN, YAML
from ...importers.quadlet import QUADLETS, UNITS
from ...importers.service_files import EXAMPLE, TEMPLATES, Reading, read_all
from ...notes.kinds import Problem, Service
from ...notes.knowledge_base import KnowledgeBase
from ...services import drift as differences
from ...services import note_sync
from ...services.note_sync import Wanted
from ...storage import loader, transaction
from ...storage.note_paths import Places
from .. import input_streams, new_command, options
from ..terminal import screen

# Folders that hold the work of other programs, never compose files of one's own.
_OTHERS = frozenset({"node_modules", "site-packages", "__pycache__", "venv", "vendor"})

_READ = (*YAML, *MARKDOWN, *QUADLETS, *UNITS, *TEMPLATES)

# Of a hidden folder, no other is worth a word.
_SURELY = re.compile(r"(?:.*[-_.])?(?:docker-)?compose(?:[-_.].*)?\.ya?ml|.*\.(?:container|kube)")
_PODMANS = ".config/containers"  # where podman itself reads a user's quadlets


def _walk(folder: Path, passed_over: dict[Path, str]) -> Iterator[Path]:
    """The files below `folder` that may describe services; links are not followed, and what is hidden is only named."""
    for at, folders, files in os.walk(folder):
        linked = {name for name in folders if Path(at, name).is_symlink()}
        passed_over |= {Path(at, name): "a link to a folder: name that folder to import it" for name in sorted(linked)}
        folders[:] = sorted(name for name in folders if name not in {*_OTHERS, ".git"})
        below = Path(at).relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in below.replace(_PODMANS, "").split("/") if part != ".")
        for name in sorted(files):
            path = Path(at, name)
            if not name.endswith(_READ):
                continue
            if hidden or name.startswith("."):
                if _SURELY.fullmatch(name):
                    passed_over[path] = "hidden: name the file to import it"
            elif path.is_symlink():
                passed_over[path] = "a link: name the file to import it"
            else:
                yield path


def gather(base: KnowledgeBase, paths: Sequence[Path], env: dict[str, str]) -> tuple[Reading, Places]:
    """What the files below these paths say. Raises CannotRead for a path that isn't there."""
    places = Places(base.root)
    files: dict[str, None] = {}
    passed_over: dict[Path, str] = {}
    meant: list[str] = []
    for given in paths:
        path = Path(os.path.abspath(given))
        if not path.exists():
            raise CannotRead(given, "no such file or folder")
        places.tops.append(path if path.is_dir() else path.parent)
        if path.is_file():
            meant.append(places.name(path))
        found = [path] if path.is_file() else [
            file for file in _walk(path, passed_over) if not file.is_relative_to(base.root / loader.ENTRIES)
        ]  # fmt: skip
        files |= dict.fromkeys(places.name(file) for file in found)
    # Only Markdown here: then it isn't examples beside the real thing, but how these services are kept.
    if all(name.endswith(MARKDOWN) for name in files):
        meant += files
    progress = screen.Progress("reading files:")
    try:
        reading = read_all(list(files), places.read, env, meant, progress)
        named = {places.name(path): why for path, why in passed_over.items()}
        return replace(reading, passed_over={**named, **reading.passed_over}), places
    finally:
        progress.clear()


def _variables(file: Path | None) -> dict[str, str]:
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
    base = options.the_base()
    reading, places = gather(base, paths, _variables(env_file))
    services, problems = note_sync.wanted(base, reading, new_command.split_names(hosts), places.has)
    work = [change for want in services if (change := _change(base, want, problems))]
    _complain(places, [*reading.problems, *problems], as_json)
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
    return new_command.committed(
        base, written, f"services: import {screen.plural(len(written), 'note')}", not no_commit, new=True
    )


Work = tuple[Path, bytes | None, bytes]
MOST_NAMED = 4
_UNFILLED = re.compile(rb"\$\{(\w+)")


def _say_what_is_open(base: KnowledgeBase, services: Sequence[Wanted], work: Sequence[Work], hosts: Sequence[str]) -> None:
    """What only the user can tell: the values of variables that stand in the notes, and the machines."""
    names = Counter(name.decode() for _, _, data in work for name in set(_UNFILLED.findall(data)))
    if names:
        shown = ", ".join(f"${{{name}}}" for name, _ in names.most_common(MOST_NAMED))
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        screen.remark(f"no value is known for {shown}{more}, so they stand in the notes: --env-file FILE fills them")
    known = {*base.services, *(want.name.lower() for want in services)}
    for host in new_command.split_names(hosts):
        if host.lower() not in known:
            screen.remark(f"{host} has no note yet: kb service new {host} --type host")


def _change(base: KnowledgeBase, want: Wanted, problems: list[Problem]) -> Work | None:
    """The note's file, its old bytes and its new ones; None when nothing changes, or when it can't be changed safely."""
    headings = base.settings.headings
    try:
        if want.note is None:
            template, where = loader.template(base.root, "service")
            path = base.root / loader.ENTRIES / "services" / f"{want.name}.md"
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
        return transaction.write_all(changes, (NoteExists, ChangedMeanwhile), progress)
    finally:
        progress.clear()


def _complain(places: Places, problems: Sequence[Problem], as_json: bool) -> None:
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
    places: Places,
    reading: Reading,
    services: Sequence[Wanted],
    problems: Sequence[Problem],
    work: Sequence[Work],
    dry_run: bool,
) -> dict[str, Any]:
    changed = {path: "new" if old is None else "changed" for path, old, _ in work}
    root = places.root / loader.ENTRIES / "services"
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


# ---- drift -----------------------------------------------------------------------------------------------------------


@click.command("drift")
@click.argument("paths", nargs=-1, metavar="[PATH…]", type=click.Path(path_type=Path))
@click.option(
    "--env-file", metavar="FILE", type=click.Path(path_type=Path), help="Values for ${…}, beside the .env files there."
)
@options.root_option
@options.json_option
def drift(paths: tuple[Path, ...], env_file: Path | None, as_json: bool) -> int:
    """Say where compose files and notes differ. New, gone, image, ports, networks, volumes, needs, address, hosts.

    Without a PATH the folders of the setting `compose` in mkdocs.yml are read, else the files that the notes name. Exit 1
    when anything differs, so that CI can tell.

    \b
    Examples:
      kb service drift
      kb service drift ~/docker || kb service import ~/docker
    """
    base = options.the_base()
    places = Places(base.root)
    known = compose_places(base, places)
    chosen = [*paths] or known.files
    if not chosen and not known.gone:
        screen.remark("no note names a compose file that is here, and mkdocs.yml no folder: kb service import PATH")
        return 0
    reading, places = gather(base, chosen, _variables(env_file))
    services, _ = note_sync.wanted(base, reading, is_there=places.has)
    looked_at = [places.name(Path(os.path.abspath(path))) for path in (paths or [*known.folders, *known.gone])]
    found = differences.drift(services, base, looked_at)
    _complain(places, reading.problems, as_json)
    if as_json:
        screen.print_json(
            [{"service": d.service, "what": d.what, "files": d.files, "note": d.note, "path": d.path} for d in found]
        )
    else:
        for one in found:
            screen.say(screen.visible(str(one)))
        same = f"{screen.plural(len(services), 'service')}: the notes say what the files say"
        screen.remark(screen.plural(len(found), "difference") if found else same)
    return 1 if found else 0


@dataclass(frozen=True)
class Known:
    """Where services are described, as far as the settings and the notes say."""

    folders: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()  # what there is to read: folders of the settings whole, those of notes without what lies below
    gone: tuple[Path, ...] = ()  # folders that were here: their services are drift, not another machine's


def compose_places(base: KnowledgeBase, places: Places, quiet: bool = False) -> Known:
    """Where the setting `compose`, else the notes, say that services are described; a place elsewhere is remarked upon."""
    notes = [note for note in base.of("service") if isinstance(note, Service) and note.compose and not note.retired]
    chosen = [places.path(name) for name in base.settings.compose]
    folders = chosen or list(dict.fromkeys(places.path(note.compose).parent for note in notes))
    here = [folder for folder in folders if folder.exists()]
    gone = [folder for folder in folders if not folder.exists() and not chosen and folder.parent.is_dir()]
    for folder in folders:
        if folder not in here and folder not in gone and not quiet:
            screen.remark(f"{folder} isn't on this machine: passed over")
    if chosen:
        return Known(tuple(here), tuple(here))
    named = {places.path(note.compose) for note in notes}
    files = [
        path for folder in here for path in sorted(folder.iterdir()) if path.name.endswith((*YAML, *QUADLETS)) or path in named
    ]
    return Known(tuple(here), tuple(path for path in files if path.is_file()), tuple(gone))
