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


class StillOpen(WrongUse):
    """What is open has not come back: it is still there."""

    def __init__(self, note: Incident) -> None:
        since = f" since {note.date.short()}" if note.date else ""
        super().__init__(
            f"{note.title} is {note.status}{since}, so this is no return:\n"
            f'  kb incident log "what you see now" --to {note.name}\n'
            f'  kb incident resolve {note.name} --fix "…"   (--at WHEN, when it was over long ago)'
        )


def return_of(base: KnowledgeBase, note: Note, seen: SeenLog | None, held: bool, fix: str) -> IncidentDraft:
    """The incident of a return: the old title, place and tags, how the error looks now if that was read, and whether the
    old fix held.

    Raises WrongUse if the note is neither an incident nor an experiment, and StillOpen while it is not over.
    """
    known = that_can_return(note)
    if waiting := base.families.waiting(known):
        raise StillOpen(waiting[0])
    first = base.family(known)[0]
    return IncidentDraft(
        title=f"{first.title}, again",
        # The rest of that log isn't part of this error.
        errors=tuple(seen.matched.split("\n\n")) if seen and seen.matched else (),
        fix=fix,
        services=known.services,
        hosts=known.hosts,
        tags=known.tags,
        layer=base.families.layer(known) if isinstance(known, Incident) else "",
        verified=True if held or fix else None,
        recurrence_of=base.families.with_a_fix(known).ref,
        held=held,
        began=seen.when if seen else "",
    )
