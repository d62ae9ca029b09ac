"""`kb service drift`: where notes and compose files differ."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click

from ...importers.compose.compose_parts import YAML
from ...importers.quadlet import QUADLETS
from ...notes.kinds import Service
from ...notes.knowledge_base import KnowledgeBase
from ...services import drift as differences
from ...services import note_sync
from ...storage.note_paths import NotePaths
from ...storage.service_file_walk import gather
from .. import context, options
from ..terminal import screen
from .service_import import complain, variables


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
    base = context.the_base()
    places = NotePaths(base.root)
    known = compose_places(base, places)
    chosen = [*paths] or known.files
    if not chosen and not known.gone:
        screen.remark("no note names a compose file that is here, and mkdocs.yml no folder: kb service import PATH")
        return 0
    with screen.Progress("reading files:") as progress:
        reading, places = gather(base, chosen, variables(env_file), progress)
    services, _ = note_sync.wanted(base, reading, is_there=places.has)
    looked_at = [places.name(Path(os.path.abspath(path))) for path in (paths or [*known.folders, *known.gone])]
    found = differences.drift(services, base, looked_at)
    complain(places, reading.problems, as_json)
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
class ComposePlaces:
    """Where services are described, as far as the settings and the notes say."""

    folders: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()  # what there is to read: folders of the settings whole, those of notes without what lies below
    gone: tuple[Path, ...] = ()  # folders that were here: their services are drift, not another machine's


def compose_places(base: KnowledgeBase, places: NotePaths, quiet: bool = False) -> ComposePlaces:
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
        return ComposePlaces(tuple(here), tuple(here))
    named = {places.path(note.compose) for note in notes}
    files = [
        path for folder in here for path in sorted(folder.iterdir()) if path.name.endswith((*YAML, *QUADLETS)) or path in named
    ]
    return ComposePlaces(tuple(here), tuple(path for path in files if path.is_file()), tuple(gone))
