"""kb: never debug the same thing twice. `read` a knowledge base, then ask it: `seen` for errors, `search` for words."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .knowledge_base import KnowledgeBase

__all__ = ["cache_folder", "read"]


def read(root: str | Path, progress: Callable[[int, int], None] | None = None) -> KnowledgeBase:
    """The knowledge base in the folder `root`, as it is now; read again to see changes.

    `progress(done, all)` is called now and then while many notes are parsed for the first time.
    Raises exceptions.KbError when `mkdocs.yml` or `entries/` can't be read; a broken note is data, not an error.
    """
    from . import entries

    folder = Path(root).absolute()
    return entries.read(folder, cache_folder(folder) / "notes.json", progress)


def cache_folder(root: Path) -> Path:
    """Where kb keeps what it can make anew (parsed notes, the index) for the knowledge base in `root`."""
    import platformdirs

    name = hashlib.blake2b(os.fsencode(root), digest_size=8).hexdigest()
    return platformdirs.user_cache_path("kb") / f"{root.name or 'root'}-{name}"
