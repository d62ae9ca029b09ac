"""kb: never debug the same thing twice. `read` a knowledge base, then search it or write to it.

`seen` finds errors, `search` finds words; `record_incident` and the functions beside it write notes as the command line does:
with secrets masked, never over another note, on the disk when they return, and committed. docs/api.md has examples and says
what is stable. Everything is imported on first use, so `import kb` costs next to nothing; all of it may be called from several
threads.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers read it: `typing` alone would be half of what `import kb` costs
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from .capture.incident_draft import IncidentDraft
    from .capture.save import Saved
    from .exceptions import KbError
    from .notes.dates import When
    from .notes.front_matter_edit import NewValue
    from .notes.kinds import Note
    from .notes.knowledge_base import KnowledgeBase
    from .notes.problem import Problem
    from .retrieval.explanation import Explanation
    from .retrieval.hit import Hit, Kind

    __version__: str


__all__ = [
    "Explanation",
    "Hit",
    "IncidentDraft",
    "KbError",
    "KnowledgeBase",
    "Note",
    "Problem",
    "Saved",
    "When",
    "__version__",
    "add_to_timeline",
    "cache_folder",
    "explain",
    "read",
    "record_again",
    "record_incident",
    "resolve_incident",
    "search",
    "seen",
]

# ---- reading ---------------------------------------------------------------------------------------------------------


def read(root: str | Path, progress: Callable[[int, int], None] | None = None) -> KnowledgeBase:
    """The knowledge base in the folder `root`, as it is now; read again to see changes.

    `progress(done, all)` is called now and then while many notes are parsed for the first time.
    Raises KbError when `mkdocs.yml` or `entries/` can't be read; a broken note is data, not an error.
    """
    from .storage.loader import read

    return read(root, progress)


def seen(base: KnowledgeBase, text: str, limit: int = 10, progress: Callable[[int, int], None] | None = None) -> list[Hit]:
    """The notes whose known errors are in `text` (an error or a whole log), best first.

    `strength` says how sure kb is: same, likely, or weak, which is not a claim. Plain words find the notes they mean, all
    as weak. `progress(done, all)` is called now and then while notes are indexed for the first time. Never raises,
    whatever `text` contains.
    """
    from .retrieval.answers import seen

    return seen(base, text, limit, progress)


def explain(base: KnowledgeBase, text: str, limit: int = 5) -> list[Explanation]:
    """How the best answers of `seen` came about: what the lines share, what differs, and why kb is so sure."""
    from .retrieval.answers import explain

    return explain(base, text, limit)


def search(
    base: KnowledgeBase,
    query: str,
    kind: Kind | None = None,
    service: str | None = None,
    tags: Sequence[str] = (),
    since: str | When | None = None,
    limit: int = 20,
    progress: Callable[[int, int], None] | None = None,
) -> list[Hit]:
    """The notes of any kind that the words of `query` mean, best first; `service` may be an alias, and all `tags` must match.

    `since` is a date (`2026-03-01`) or a length of time ago (`4w`, `1y`). `service:`, `kind:`, `tag:` and `host:` before a
    word of the query narrow it down too. Never raises, whatever `query` contains; raises KbError if `since` isn't a time.
    """
    from .retrieval.answers import search

    return search(base, query, kind, service, tags, _when(since), limit, progress)


# ---- writing ---------------------------------------------------------------------------------------------------------


def record_incident(
    base: KnowledgeBase,
    incident: IncidentDraft,
    fields: Mapping[str, NewValue] | None = None,
    now: datetime | None = None,
    commit: bool = True,
) -> Saved:
    """Record an incident: what broke, and what fixed it, if anything did. It always gets a new name.

    `fields` are further fields of the front matter: `{"tags": ["dns"], "layer": "network"}`. Without a title, the error's
    most telling line becomes the title. `now` (the real moment unless given; local time if it has no time zone) is its date
    unless it began earlier. Raises KbError; if the disk failed, its `draft` is the file that keeps what was to be written.
    """
    from .capture.incident_changes import record_incident

    return record_incident(base, incident, fields or {}, _now(now), commit)


def record_again(
    base: KnowledgeBase,
    ref: str,
    held: bool = True,
    fix: str = "",
    error: str = "",
    now: datetime | None = None,
    commit: bool = True,
) -> Saved:
    """Record that a known error came back: whether its old fix `held`, what fixed it instead, and how the `error` looked.

    `ref` names the incident or experiment as on the command line: its ref, or words from its name. Raises KbError.
    """
    from .capture.incident_changes import record_again

    return record_again(base, ref, held, fix, error, _now(now), commit)


def add_to_timeline(base: KnowledgeBase, ref: str, text: str, now: datetime | None = None, commit: bool = True) -> Saved:
    """Add a line with the time to an incident's Timeline: what was seen, tried, ruled out. Raises KbError."""
    from .capture.incident_changes import write_to_timeline

    return write_to_timeline(base, base.find(ref, "incident"), text, _now(now), commit)


def resolve_incident(base: KnowledgeBase, ref: str, fix: str = "", now: datetime | None = None, commit: bool = True) -> Saved:
    """Record that an incident is over, and what fixed it, if known. One that was over already keeps its time. Raises KbError."""
    from .capture.incident_changes import resolve

    return resolve(base, base.find(ref, "incident"), fix, _now(now), commit)


def cache_folder(root: Path) -> Path:
    """Where kb keeps what it can rebuild (parsed notes, the index) for the knowledge base in `root`."""
    from .storage.folders import cache_folder

    return cache_folder(root)


# ---- the clock, and what is loaded on first use ----------------------------------------------------------------------


def _now(now: datetime | None) -> datetime:
    """The given moment, or this one; always with a time zone."""
    from datetime import datetime

    now = now or datetime.now()
    return now if now.tzinfo else now.astimezone()


def _when(since: str | When | None) -> When | None:
    if not isinstance(since, str):
        return since
    from .exceptions import WrongUse
    from .notes.dates import When

    try:
        return When.since(since, _now(None))
    except ValueError:
        raise WrongUse(f"{since!r} is no date like 2026-03-01, and no time ago like 4w") from None


_TYPES = {
    "Explanation": "retrieval.explanation",
    "Hit": "retrieval.hit",
    "IncidentDraft": "capture.incident_draft",
    "KbError": "exceptions",
    "KnowledgeBase": "notes.knowledge_base",
    "Note": "notes.kinds",
    "Problem": "notes.problem",
    "Saved": "capture.save",
    "When": "notes.dates",
}


if not TYPE_CHECKING:  # a type checker reports unknown names itself

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - the public names have types of many kinds
        """The types and the version, loaded on first use."""
        if name in _TYPES:
            from importlib import import_module

            return getattr(import_module(f".{_TYPES[name]}", __name__), name)
        if name == "__version__":
            from importlib.metadata import version

            return version("labkb")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """All names, including the types that aren't loaded yet."""
    return sorted({*globals(), *__all__})
