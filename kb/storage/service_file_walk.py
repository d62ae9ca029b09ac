"""Finds compose files and quadlets below the folders that an import names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..exceptions import CannotRead
from ..importers import registry
from ..importers.compose.compose_parts import MARKDOWN, YAML
from ..importers.quadlet import QUADLETS, UNITS
from ..importers.service_files import TEMPLATES, Reading, read_all
from ..notes.knowledge_base import KnowledgeBase
from . import root_folder
from .note_paths import NotePaths

# Folders that belong to other programs and never hold the user's own compose files.
_OTHERS = frozenset({"node_modules", "site-packages", "__pycache__", "venv", "vendor"})

_READ = (*YAML, *MARKDOWN, *QUADLETS, *UNITS, *TEMPLATES)

# No other hidden folder is worth reporting.
_SURELY = re.compile(r"(?:.*[-_.])?(?:docker-)?compose(?:[-_.].*)?\.ya?ml|.*\.(?:container|kube)")
_PODMANS = ".config/containers"  # where podman itself reads a user's quadlets


def _walk(folder: Path, passed_over: dict[Path, str]) -> Iterator[Path]:
    """The files below `folder` that may describe services; links are not followed, and hidden folders are only reported."""
    for at, folders, files in os.walk(folder):
        linked = {name for name in folders if Path(at, name).is_symlink()}
        passed_over |= {Path(at, name): "a link to a folder: name that folder to import it" for name in sorted(linked)}
        folders[:] = sorted(name for name in folders if name not in {*_OTHERS, ".git"})
        below = Path(at).relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in below.replace(_PODMANS, "").split("/") if part != ".")
        for name in sorted(files):
            path = Path(at, name)
            if not name.endswith((*_READ, *registry.endings())):
                continue
            if hidden or name.startswith("."):
                if _SURELY.fullmatch(name):
                    passed_over[path] = "hidden: name the file to import it"
            elif path.is_symlink():
                passed_over[path] = "a link: name the file to import it"
            else:
                yield path


def gather(
    base: KnowledgeBase, paths: Sequence[Path], env: dict[str, str], progress: Callable[[int, int], None] | None = None
) -> tuple[Reading, NotePaths]:
    """What the files below these paths say. Raises CannotRead for a path that doesn't exist.

    `progress(done, all)` is called now and then while many files are read.
    """
    places = NotePaths(base.root)
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
            file for file in _walk(path, passed_over) if not file.is_relative_to(base.root / root_folder.ENTRIES)
        ]  # fmt: skip
        files |= dict.fromkeys(places.name(file) for file in found)
    # Only Markdown here: then these aren't examples beside the real files, but the files themselves.
    if all(name.endswith(MARKDOWN) for name in files):
        meant += files
    reading = read_all(list(files), places.read, env, meant, progress, importers=registry.IMPORTERS)
    named = {places.name(path): why for path, why in passed_over.items()}
    return replace(reading, passed_over={**named, **reading.passed_over}), places
