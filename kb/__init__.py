"""kb: never debug the same thing twice. `read` a knowledge base, then ask it: `seen` for errors, `search` for words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .notes.dates import When
    from .notes.knowledge_base import KnowledgeBase
    from .retrieval.explanation import Explanation
    from .retrieval.hit import Hit


__all__ = ["Hit", "KnowledgeBase", "cache_folder", "explain", "read", "search", "seen"]


def read(root: str | Path, progress: Callable[[int, int], None] | None = None) -> KnowledgeBase:
    """The knowledge base in the folder `root`, as it is now; read again to see changes.

    `progress(done, all)` is called now and then while many notes are parsed for the first time.
    Raises exceptions.KbError when `mkdocs.yml` or `entries/` can't be read; a broken note is data, not an error.
    """
    from .storage.loader import read

    return read(root, progress)


def seen(base: KnowledgeBase, text: str, limit: int = 10, progress: Callable[[int, int], None] | None = None) -> list[Hit]:
    """The notes whose known errors are in `text` (an error, or a whole log), best first.

    `strength` says how sure that is: same, likely, or weak, which is no claim. Plain words find the notes they mean,
    all weak. `progress(done, all)` is called now and then while notes are indexed for the first time. Never raises for
    what stands in `text`.
    """
    from .retrieval.answers import seen

    return seen(base, text, limit, progress)


def explain(base: KnowledgeBase, text: str, limit: int = 5) -> list[Explanation]:
    """How the best answers of `seen` came about: what the lines share, what differs, and why that is so sure."""
    from .retrieval.answers import explain

    return explain(base, text, limit)


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
    from .retrieval.answers import search

    return search(base, query, kind, service, tags, since, limit, progress)


def cache_folder(root: Path) -> Path:
    """Where kb keeps what it can make again (parsed notes, the index) for the knowledge base in `root`."""
    from .storage.folders import cache_folder

    return cache_folder(root)


def __getattr__(name: str) -> object:
    """`kb.Hit` and `kb.KnowledgeBase`, loaded when asked for."""
    if name == "Hit":
        from .retrieval.hit import Hit

        return Hit
    if name == "KnowledgeBase":
        from .notes.knowledge_base import KnowledgeBase

        return KnowledgeBase
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
