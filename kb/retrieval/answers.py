"""Questions to a knowledge base: opens the index that belongs to its snapshot, and asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..storage.folders import cache_folder

if TYPE_CHECKING:
    from ..notes.dates import When
    from ..notes.knowledge_base import KnowledgeBase
    from .explanation import Explanation
    from .hit import Hit
    from .whole_log import Answer
    from .word_search import SearchAnswer


def seen(base: KnowledgeBase, text: str, limit: int = 10, progress: Callable[[int, int], None] | None = None) -> list[Hit]:
    """The notes whose known errors are in `text` (an error, or a whole log), best first.

    `strength` says how sure that is: same, likely, or weak, which is no claim. Plain words find the notes they mean,
    all weak. `progress(done, all)` is called now and then while notes are indexed for the first time. Never raises for
    what stands in `text`.
    """
    from . import hybrid, whoosh_index

    return whoosh_index.ask(base, _index_folder(base), lambda opened: hybrid.seen_in(base, opened, text, limit), progress)


def answer(base: KnowledgeBase, text: str, limit: int = 10, progress: Callable[[int, int], None] | None = None) -> Answer:
    """The answer to a whole log: the hits of `seen`, and the lines that say something went wrong and that no note knows."""
    from . import whole_log, whoosh_index

    return whoosh_index.ask(base, _index_folder(base), lambda opened: whole_log.answer(base, opened, text, limit), progress)


def explain(base: KnowledgeBase, text: str, limit: int = 5) -> list[Explanation]:
    """How the best answers of `seen` came about: what the lines share, what differs, and why that is so sure."""
    from . import hybrid, whoosh_index

    return whoosh_index.ask(base, _index_folder(base), lambda opened: hybrid.explain_in(base, opened, text, limit))


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
    return list(find(base, query, kind, service, tags, since, limit, progress).hits)


def find(
    base: KnowledgeBase,
    query: str,
    kind: str | None = None,
    service: str | None = None,
    tags: Sequence[str] = (),
    since: When | None = None,
    limit: int = 20,
    progress: Callable[[int, int], None] | None = None,
) -> SearchAnswer:
    """What `search` finds, with how many notes there are and how each was found."""
    from . import whoosh_index, word_search
    from .query import filter_of, query_of

    asked = query_of(query[: word_search.MOST_TEXT])
    narrowed = asked.is_narrowed or kind or service or tags or since
    fits = filter_of(base, asked, kind, service, tags, since) if narrowed else None
    return whoosh_index.ask(
        base, _index_folder(base), lambda opened: word_search.find(base, opened, asked, fits, limit), progress
    )


def refresh(base: KnowledgeBase) -> None:
    """Bring the index up to date with a snapshot, so that the next question has nothing to do."""
    from . import whoosh_index

    whoosh_index.of(base, _index_folder(base))


def _index_folder(base: KnowledgeBase) -> Path:
    return cache_folder(base.root) / "index"
