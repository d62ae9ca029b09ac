"""kb: never debug the same thing twice. `read` a knowledge base, then ask it: `seen` for errors, `search` for words."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .knowledge_base import KnowledgeBase
    from .matching import Explanation
    from .note import Hit, When

__all__ = ["Hit", "KnowledgeBase", "cache_folder", "explain", "read", "search", "seen"]


def read(root: str | Path, progress: Callable[[int, int], None] | None = None) -> KnowledgeBase:
    """The knowledge base in the folder `root`, as it is now; read again to see changes.

    `progress(done, all)` is called now and then while many notes are parsed for the first time.
    Raises exceptions.KbError when `mkdocs.yml` or `entries/` can't be read; a broken note is data, not an error.
    """
    from . import entries

    folder = Path(root).absolute()
    return entries.read(folder, cache_folder(folder) / "notes.json", progress)


def seen(base: KnowledgeBase, text: str, limit: int = 10, progress: Callable[[int, int], None] | None = None) -> list[Hit]:
    """The notes whose known errors are in `text` (an error, or a whole log), best first.

    `strength` says how sure that is: same, likely, or weak, which is no claim. Plain words find the notes they mean,
    all weak. `progress(done, all)` is called now and then while notes are indexed for the first time. Never raises for
    what stands in `text`.
    """
    from . import finding, index

    return index.ask(base, _index_folder(base), lambda opened: finding.seen(base, opened, text, limit), progress)


def explain(base: KnowledgeBase, text: str, limit: int = 5) -> list[Explanation]:
    """How the best answers of `seen` came about: what the lines share, what differs, and why that is so sure."""
    from . import finding, index

    return index.ask(base, _index_folder(base), lambda opened: finding.explain(base, opened, text, limit))


def search(
    base: KnowledgeBase,
    query: str,
    kind: str | None = None,
    service: str | None = None,
    tags: Sequence[str] = (),
    since: When | None = None,
    limit: int = 20,
    progress: Callable[[int, int], None] | None = None,
) -> list[Hit]:
    """The notes of all kinds that the words of `query` mean, best first; `service` may be an alias, all `tags` must be there.

    `service:`, `kind:`, `tag:` and `host:` before a word of the query narrow it down too. Never raises for what stands in `query`.
    """
    from . import finding, index

    return index.ask(
        base,
        _index_folder(base),
        lambda opened: finding.search(base, opened, query, kind, service, tags, since, limit),
        progress,
    )


def did_you_mean(base: KnowledgeBase, query: str) -> dict[str, str]:
    """The words of a search that stand in no note, each with one that does and is spelled nearly so."""
    from . import finding, index

    return index.ask(base, _index_folder(base), lambda opened: finding.did_you_mean(opened, query))


def refresh(base: KnowledgeBase) -> None:
    """Bring the index up to date with a snapshot, so that the next question has nothing to do."""
    from . import index

    index.of(base, _index_folder(base))


def _index_folder(base: KnowledgeBase) -> Path:
    return cache_folder(base.root) / "index"


def __getattr__(name: str) -> object:
    """`kb.Hit` and `kb.KnowledgeBase`, loaded when asked for."""
    if name == "Hit":
        from .note import Hit

        return Hit
    if name == "KnowledgeBase":
        from .knowledge_base import KnowledgeBase

        return KnowledgeBase
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def cache_folder(root: Path) -> Path:
    """Where kb keeps what it can make anew (parsed notes, the index) for the knowledge base in `root`."""
    import platformdirs

    name = hashlib.blake2b(os.fsencode(root), digest_size=8).hexdigest()
    return platformdirs.user_cache_path("kb") / f"{root.name or 'root'}-{name}"


def state_folder(root: Path) -> Path:
    """Where kb keeps what the last command listed and read, and unsaved drafts, for the knowledge base in `root`."""
    import platformdirs

    return platformdirs.user_state_path("kb") / cache_folder(root).name


def default_root_file() -> Path:
    """The file that names the knowledge base to use outside of any."""
    import platformdirs

    return platformdirs.user_config_path("kb") / "root"
