"""Whether an error is known already, and the incident that records its return."""

from __future__ import annotations

from ..notes.kinds import Experiment, Incident, Note
from ..notes.knowledge_base import KnowledgeBase
from ..storage import session
from .incident_draft import IncidentDraft


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
