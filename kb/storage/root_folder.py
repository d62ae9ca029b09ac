"""Finding the root of a knowledge base: the folder with mkdocs.yml and entries/."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..exceptions import CannotRead, NoKnowledgeBase, UnreadableSettings, system_reason
from ..notes import yaml_reader
from ..notes.settings import has_plugin

ENTRIES = "entries"


def find_root(start: Path, named: str | None = None, fallback: str | None = None) -> Path:
    """The knowledge base that a command means: `named`, else `start` or a folder above it, else `fallback`.

    Raises NoKnowledgeBase, or UnreadableSettings if all it finds on the way is a broken mkdocs.yml.
    """
    if named:
        folder = Path(os.path.abspath(os.path.expanduser(named)))
        if not (folder / "mkdocs.yml").is_file():
            raise NoKnowledgeBase(folder)
        if not has_plugin(read_mkdocs_yml(folder / "mkdocs.yml")):
            raise NoKnowledgeBase(folder)
        return folder
    broken = None
    for folder in (start.absolute(), *start.absolute().parents):
        if (folder / "mkdocs.yml").is_file():
            try:
                if has_plugin(read_mkdocs_yml(folder / "mkdocs.yml")):
                    return folder
            except (UnreadableSettings, CannotRead) as error:
                # A broken mkdocs.yml beside entries/ is most likely the right one.
                if (folder / ENTRIES).is_dir():
                    raise
                broken = broken or error
    if fallback and (Path(fallback) / "mkdocs.yml").is_file():
        return Path(fallback)
    raise broken or NoKnowledgeBase(start)


def read_mkdocs_yml(path: Path, seen: tuple[Path, ...] = ()) -> dict[str, Any]:
    """A `mkdocs.yml` with what it inherits (`INHERIT: ../base.yml`). Raises UnreadableSettings or CannotRead."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CannotRead(path, system_reason(error)) from error
    return parse_mkdocs_yml(path, data, seen)


def parse_mkdocs_yml(path: Path, data: bytes, seen: tuple[Path, ...] = ()) -> dict[str, Any]:
    """What the bytes of a `mkdocs.yml` say, with what it inherits. Raises as `read_mkdocs_yml` does."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableSettings(path, data[: error.start].count(b"\n") + 1, "isn't UTF-8: convert it with iconv") from None
    try:
        own = yaml_reader.read_yaml_settings(text)
    except yaml_reader.Broken as broken:
        raise UnreadableSettings(path, broken.line, broken.message) from None
    parent = own.get("INHERIT")
    if not isinstance(parent, str) or path in seen:
        return own
    return {**read_mkdocs_yml((path.parent / parent).resolve(), (*seen, path)), **own}
