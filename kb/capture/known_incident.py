"""Whether an error is known already, and the incident that records its return."""

from __future__ import annotations

from ..exceptions import WrongUse
from ..notes.kinds import Experiment, Incident, Note
from ..notes.knowledge_base import KnowledgeBase
from ..storage.session import SeenLog
from .incident_draft import IncidentDraft


def known_notes(base: KnowledgeBase, draft: IncidentDraft, seen_as: str = "") -> list[Note]:
    """The notes that know exactly these errors, best first, so that no second one is written.

    `seen_as` is the ref that `kb seen` answered with, and decides; otherwise the fingerprints of the known errors do.
    """
    from ..retrieval import known_errors

    if seen_as in base.by_ref:
        return [base.by_ref[seen_as]]
    return [base.by_ref[hit.ref] for hit in known_errors.known(base, draft.error)]


def that_can_return(note: Note) -> Incident | Experiment:
    """The note itself, if its error is of a kind that can come back. Raises WrongUse."""
    if isinstance(note, (Incident, Experiment)):
        return note
    raise WrongUse(f"{note.ref} is a {note.kind}: only an incident or an experiment can come back")


def return_of(base: KnowledgeBase, note: Note, seen: SeenLog | None, held: bool, fix: str) -> IncidentDraft:
    """The incident of a return: the old title, how the error looks now if that was read, and whether the old fix held.

    Raises WrongUse if the note is neither an incident nor an experiment.
    """
    from ..retrieval import proven_fix

    known = that_can_return(note)
    return IncidentDraft(
        title=f"{base.family(known)[0].title}, again",
        # The rest of that log isn't part of this error.
        errors=tuple(seen.matched.split("\n\n")) if seen and seen.matched else (),
        fix=fix,
        services=known.services,
        verified=True if held or fix else None,
        recurrence_of=proven_fix.with_a_fix(base, known).ref,
        held=held,
        began=seen.when if seen else "",
    )
