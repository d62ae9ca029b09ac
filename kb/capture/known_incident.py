"""Whether an error is known already, and the incident that records its return."""

from __future__ import annotations

from ..cli import clock, context
from ..cli.commands.seen import picked
from ..cli.terminal import screen
from ..logs import log_reader
from ..notes.kinds import Experiment, Incident, Note
from ..notes.knowledge_base import KnowledgeBase
from ..retrieval import answers
from ..retrieval.hit import Hit
from ..secrets import masking
from ..storage import folders, session
from .incident_draft import IncidentDraft


def look_up(base: KnowledgeBase, log: log_reader.Log) -> list[Hit]:
    """What is known about a log, best first. Keeps what was read and found, for `kb fixed`, `kb again` and `@1`."""
    progress = screen.Progress("indexing notes:")
    try:
        hits = answers.seen(base, log.text, progress=progress)
    finally:
        progress.clear()
    claimed = [hit for hit in hits if hit.strength != "weak"]
    context.remember(base, [hit.ref for hit in (claimed or hits)])
    # A blank line between errors that have nothing to do with each other.
    text = masking.mask("\n\n".join(picked(log)))[0]
    read = session.SeenLog(text, log.lines_read, clock.stamp(clock.now()), claimed[0].ref if claimed else "")
    session.remember_read(folders.state_folder(base.root), read)
    return hits


def return_of(
    base: KnowledgeBase, known: Incident | Experiment, read: session.SeenLog | None, held: bool, fix: str
) -> IncidentDraft:
    """The incident of a return: the old title, the new face of the error if it was read, and how the old fix did."""
    return IncidentDraft(
        title=f"{base.family(known)[0].title}, again",
        errors=tuple(read.text.split("\n\n")) if read else (),
        fix=fix,
        services=known.services,
        verified=True if held or fix else None,
        recurrence_of=_with_the_fix(base, known).ref,
        held=held,
        began=read.when if read else "",
    )


def _with_the_fix(base: KnowledgeBase, known: Note) -> Note:
    """The note whose fix was tried: itself, or the one that it was a return of when it has none of its own."""
    tried = known
    seen_refs = {known.ref}
    while not tried.fix and isinstance(tried, Incident):
        earlier = base.recurred(tried)
        if earlier is None or earlier.ref in seen_refs:
            return known
        seen_refs.add(earlier.ref)
        tried = earlier
    return tried
