"""What is told of an incident: by options, by a log, by answers; and what is guessed, which is always said."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace

from ...capture import incident_draft, note_draft
from ...capture.incident_draft import Guesses, IncidentDraft, as_note, guess
from ...notes.front_matter_edit import NewValue
from ...notes.knowledge_base import KnowledgeBase
from ...secrets import masking
from .. import context, new_command
from ..terminal import ask, screen


def ask_for_details(told: IncidentDraft, guessed: Guesses) -> IncidentDraft:
    """The three questions, each with a sensible Enter: the title, the services, and whether the fix was seen to work."""
    told = _with_place_and_time(told, guessed)
    title = told.title or ask.line("Title", incident_draft.title_from(told.error), name="title")
    services = told.services or ask.names(
        "Services (- for none)" if guessed.services else "Services (Enter: none)", guessed.services, name="services"
    )
    verified = told.verified
    if told.fix and verified is None:
        verified = ask.yes("Did you see that it works?", True)
    return replace(told, title=title, services=tuple(services), verified=verified)


def with_guesses(told: IncidentDraft, guessed: Guesses) -> IncidentDraft:
    """The same without questions. What was guessed is said, never silent."""
    if guessed.services and not told.services:
        screen.remark(f"services, guessed from the text: {', '.join(guessed.services)}")
    told = _with_place_and_time(told, guessed)
    return replace(told, title=told.title or incident_draft.title_from(told.error), services=told.services or guessed.services)


def _with_place_and_time(told: IncidentDraft, guessed: Guesses) -> IncidentDraft:
    hosts, began = told.hosts or guessed.hosts, told.began or guessed.began
    said = [f"host {', '.join(hosts)}"] if hosts and not told.hosts else []
    said += [f"began {began}"] if began and not told.began else []
    if said:
        screen.remark(f"guessed from the log: {'; '.join(said)}")
    return replace(told, hosts=hosts, began=began)


def say_if_known(base: KnowledgeBase, told: IncidentDraft, seen_as: str = "") -> IncidentDraft:
    """Say first that this very error has a note, with its fix; the user says whether it is the same trouble again.

    `seen_as` is the ref that `kb seen` answered with; else the fingerprints of the known errors decide.
    """
    from ...retrieval import known_errors

    refs = [seen_as] if seen_as in base.by_ref else [hit.ref for hit in known_errors.known(base, told.error)]
    if not refs:
        return told
    best = base.by_ref[refs[0]]
    context.remember(base, refs)
    screen.remark(f"KNOWN ALREADY  {best.title}   (kb show @1)")
    for line in [line for line in best.fix.splitlines() if line.strip() and not line.startswith("```")][:3]:
        screen.remark(f"  FIX  {line}")
    # Enter means a new incident: look-alikes deceive.
    if ask.has_terminal() and ask.yes("Is it the same trouble again?", False):
        return replace(told, recurrence_of=best.ref, held=ask.yes("Did the old fix hold until now?", False))
    return told


def answers_kept(base: KnowledgeBase, told: IncidentDraft, fields: Mapping[str, NewValue]) -> AbstractContextManager[None]:
    """While questions are asked: what was answered is kept as a draft when they end early, with all that was `told` before."""

    def draft(answers: Mapping[str, str]) -> note_draft.NoteDraft:
        so_far = replace(told, title=answers.get("title", told.title), fix=answers.get("fix", told.fix))
        if "error" in answers:
            so_far = replace(so_far, errors=(*told.errors, answers["error"]))
        if "services" in answers:
            so_far = replace(so_far, services=ask.split(answers["services"]))
        return as_note(base, so_far, fields)

    return new_command.answers_kept(base, draft)


def record(base: KnowledgeBase, told: IncidentDraft, fields: dict[str, NewValue], how: new_command.SaveOptions) -> int:
    """Make the incident's note from what is known."""
    return new_command.create(base, as_note(base, told, fields), how)


def ask_for_all(base: KnowledgeBase, told: IncidentDraft) -> IncidentDraft:
    """All questions: what broke, the error, what fixed it, and the three of `asked`."""
    if told.errors:
        new_command.say_earlier_drafts(base, "incident")
        screen.remark("picked from the log (--edit changes it, --error says otherwise):")
        for line in masking.mask(told.error)[0].splitlines()[:8]:
            screen.remark("  " + screen.cut(screen.visible(line), screen.width() - 2))
    elif not told.title:
        new_command.say_earlier_drafts(base, "incident")
        told = replace(told, title=ask.line("What broke?", name="title"))
        pasted = ask.lines("Paste the error, if there is one", name="error")
        told = say_if_known(base, replace(told, errors=(pasted,) if pasted else ()))
    fix = told.fix or ask.line("What fixed it? (Enter: not fixed yet)", name="fix")
    return ask_for_details(replace(told, fix=fix), guess(base, told))
