"""The questions about an incident, and what is said of it: what is guessed, and that its error is known already."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace

from ...capture import incident_draft, known_incident, note_draft
from ...capture.incident_draft import Guesses, IncidentDraft, as_note, guess, with_place_and_time
from ...notes.front_matter_edit import NewValue
from ...notes.knowledge_base import KnowledgeBase
from .. import clock, context, new_command
from ..terminal import ask, screen


def ask_for_details(draft: IncidentDraft, guessed: Guesses) -> IncidentDraft:
    """The three questions, each with a sensible Enter: the title, the services, and whether the fix was seen to work."""
    _say_place_and_time(draft, guessed)
    draft = with_place_and_time(draft, guessed)
    title = draft.title or ask.changed("Title:", incident_draft.title_from(draft.error), name="title")
    services = draft.services or ask.names(
        "Services (- for none)" if guessed.services else "Services (Enter: none)", guessed.services, name="services"
    )
    verified = draft.verified
    if draft.fix and verified is None:
        verified = ask.yes("Did you see that it works?", True)
    return replace(draft, title=title, services=tuple(services), verified=verified)


def take_guesses(draft: IncidentDraft, guessed: Guesses) -> IncidentDraft:
    """The same without questions. What was guessed is said, never silent."""
    if guessed.services and not draft.services:
        screen.remark(f"services, guessed from the text: {', '.join(guessed.services)}")
    _say_place_and_time(draft, guessed)
    return incident_draft.with_guesses(draft, guessed)


def _say_place_and_time(draft: IncidentDraft, guessed: Guesses) -> None:
    words = [f"host {', '.join(guessed.hosts)}"] if guessed.hosts and not draft.hosts else []
    words += [f"began {guessed.began}"] if guessed.began and not draft.began else []
    if words:
        screen.remark(f"guessed from the log: {'; '.join(words)}")


def offer_known(base: KnowledgeBase, draft: IncidentDraft, seen_as: str = "") -> IncidentDraft:
    """Say first that this very error has a note, with its fix; the user says whether it is the same trouble again.

    `seen_as` is the ref that `kb seen` answered with; else the fingerprints of the known errors decide.
    """
    known = known_incident.known_notes(base, draft, seen_as)
    if not known:
        return draft
    best = known[0]
    context.remember(base, [note.ref for note in known])
    screen.remark(f"KNOWN ALREADY  {best.title}   (kb show @1)")
    for line in [line for line in best.fix.splitlines() if line.strip() and not line.startswith("```")][:3]:
        screen.remark(f"  FIX  {line}")
    # Enter means a new incident: look-alikes deceive.
    if ask.has_terminal() and ask.yes("Is it the same trouble again?", False):
        return replace(draft, recurrence_of=best.ref, held=ask.yes("Did the old fix hold until now?", False))
    return draft


def answers_kept(base: KnowledgeBase, known: IncidentDraft, fields: Mapping[str, NewValue]) -> AbstractContextManager[None]:
    """While questions are asked: what was answered is kept as a draft when they end early, with all that was known before."""

    def draft(answers: Mapping[str, str]) -> note_draft.NoteDraft:
        so_far = replace(known, title=answers.get("title", known.title), fix=answers.get("fix", known.fix))
        if "error" in answers:
            so_far = replace(so_far, errors=(*known.errors, answers["error"]))
        if "services" in answers:
            so_far = replace(so_far, services=ask.split(answers["services"]))
        return as_note(base, so_far, fields, clock.now())

    return new_command.answers_kept(base, draft)


def record(base: KnowledgeBase, draft: IncidentDraft, fields: Mapping[str, NewValue], how: new_command.SaveOptions) -> int:
    """Make the incident's note from what is known, print its path, and return the exit status. Raises KbError."""
    return new_command.create(base, as_note(base, draft, fields, clock.now()), how)


def ask_for_all(base: KnowledgeBase, draft: IncidentDraft) -> IncidentDraft:
    """All questions: what broke, the error, what fixed it, and the three of `ask_for_details`."""
    if draft.errors:
        new_command.say_earlier_drafts(base, "incident")
    elif not draft.title:
        new_command.say_earlier_drafts(base, "incident")
        draft = replace(draft, title=ask.line("What broke?", name="title"))
        pasted = ask.lines("Paste the error, if there is one", name="error")
        draft = offer_known(base, replace(draft, errors=(pasted,) if pasted else ()))
    fix = draft.fix or ask.line("What fixed it? (Enter: not fixed yet)", name="fix")
    return ask_for_details(replace(draft, fix=fix), guess(base, draft, clock.now()))
