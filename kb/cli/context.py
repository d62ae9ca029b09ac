"""Which knowledge base a command works on, and which notes it means."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..exceptions import AmbiguousRef, KbError, NothingListed
from ..notes import dates
from ..notes.dates import When
from ..notes.kinds import Note
from ..storage import folders
from . import clock
from .terminal.screen import Progress

if TYPE_CHECKING:
    from ..notes.knowledge_base import KnowledgeBase


@dataclass
class Asked:
    """What the options of the command line say about where to work."""

    root: str | None = None


def the_root() -> Path:
    """The knowledge base that this command means. Raises NoKnowledgeBase."""
    from ..storage import root_folder

    context = click.get_current_context(silent=True)
    asked = context.ensure_object(Asked).root if context else None
    return root_folder.find_root(here(), asked or os.environ.get("KB_ROOT") or None, default_root())


def here() -> Path:
    """The folder that the command runs in."""
    try:
        return Path.cwd()
    except OSError:
        return Path("/")  # the folder was deleted under us; the default root still helps


def default_root() -> str | None:
    """The knowledge base to use outside of any, if one was chosen."""
    try:
        return folders.default_root_file().read_text("utf-8").strip() or None
    except (OSError, ValueError):
        return None


def the_base(root: Path | None = None) -> KnowledgeBase:
    """The knowledge base, read, with progress when it takes long."""
    from ..storage import loader  # a third of the start of `kb --help`, which reads no note

    progress = Progress("reading notes:")
    try:
        from ..storage import loader

        return loader.read(root or the_root(), progress=progress)
    finally:
        progress.clear()


def an_unread_base() -> KnowledgeBase:
    """The knowledge base without its notes: enough to add one, and as quick with ten thousand as with none."""
    from ..notes.knowledge_base import KnowledgeBase
    from ..notes.settings import settings_of
    from ..storage import root_folder

    root = the_root()
    return KnowledgeBase(root, (), settings_of(root_folder.read_mkdocs_yml(root / "mkdocs.yml")))


def moment(value: str) -> When:
    """A date as typed, or `4w` ago; a time without a zone as mkdocs.yml means it. Raises click.BadParameter."""
    zone = ""
    if dates.names_no_zone(value):
        with suppress(KbError):  # without a knowledge base it is the machine's
            zone = an_unread_base().settings.timezone
    return clock.moment(value, zone)


def find(base: KnowledgeBase, name: str, kind: str = "") -> Note:
    """The note that a REF means, `@1` among them. Raises NoSuchNote, AmbiguousRef or NothingListed."""
    if name.startswith("@") and name[1:].isdigit():
        from ..storage import session

        listed = session.listed(folders.state_folder(base.root))
        number = int(name[1:])
        if not 1 <= number <= len(listed):
            raise NothingListed(name, len(listed))
        name = listed[number - 1]
    try:
        return base.find(name, kind)
    except AmbiguousRef as several:
        remember(base, several.candidates)
        raise


def remember(base: KnowledgeBase, refs: Sequence[str]) -> None:
    """Keep what was listed, for `@1`."""
    from ..storage import session

    session.remember_listed(folders.state_folder(base.root), refs)
