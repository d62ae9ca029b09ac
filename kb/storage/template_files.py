"""The templates of notes: a knowledge base's own, or the built-in ones."""

from __future__ import annotations

import sys
from pathlib import Path

from ..exceptions import CannotRead, system_reason
from ..notes.kinds import KINDS
from ..notes.settings import Settings
from . import folders
from .loader import leads_out
from .root_folder import ENTRIES


def template(root: Path, kind: str, name: str = "") -> tuple[bytes, Path]:
    """The template of a kind, and its path: the knowledge base's own, else the built-in one. Raises CannotRead."""
    file = f"{name or kind}.md"
    own = [] if leads_out(root, f"templates/{file}") else [root / "templates"]
    places = (*own, builtin_templates(), *_beside(kind))
    path = next((place / file for place in places if (place / file).is_file()), builtin_templates() / file)
    try:
        return path.read_bytes(), path
    except OSError as error:
        raise CannotRead(path, system_reason(error)) from error


def _beside(kind: str) -> list[Path]:
    """The template of a plugin's kind: in the folder `templates` beside the module of its class."""
    module = sys.modules.get(KINDS[kind].__module__) if kind in KINDS else None
    file = getattr(module, "__file__", None)
    return [Path(file).parent / "templates"] if file and kind not in KINDS.own else []


def own_folders(settings: Settings) -> list[str]:
    """The folders of a repository that belong to the knowledge base, relative to its root; the rest isn't kb's."""
    return list(dict.fromkeys([ENTRIES, settings.decisions, "templates", "mkdocs.yml"]))


def builtin_templates() -> Path:
    """The folder of the built-in templates: beside the modules in a wheel, beside the package in a source tree."""
    inside = folders.PACKAGE / "templates"
    return inside if inside.is_dir() else folders.PACKAGE.parent / "templates"
