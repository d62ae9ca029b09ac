"""The templates of notes: a knowledge base's own, or the built-in ones."""

from __future__ import annotations

from pathlib import Path

from ..exceptions import CannotRead, system_reason
from ..notes.settings import Settings
from . import folders
from .root_folder import ENTRIES


def template(root: Path, kind: str, name: str = "") -> tuple[bytes, Path]:
    """The template of a kind, and where it stands: the knowledge base's own, else the built-in one. Raises CannotRead."""
    file = f"{name or kind}.md"
    own = root / "templates" / file
    path = own if own.is_file() else builtin_templates() / file
    try:
        return path.read_bytes(), path
    except OSError as error:
        raise CannotRead(path, system_reason(error)) from error


def own_folders(settings: Settings) -> list[str]:
    """What in a repository belongs to the knowledge base, relative to its root; the rest is somebody else's."""
    return list(dict.fromkeys([ENTRIES, settings.decisions, "templates", "mkdocs.yml"]))


def builtin_templates() -> Path:
    """The folder of the built-in templates: beside the modules in a wheel, beside the package in a source tree."""
    inside = folders.PACKAGE / "templates"
    return inside if inside.is_dir() else folders.PACKAGE.parent / "templates"
