"""Recording and changing incidents: a new one, a return, a line in the timeline, the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ..exceptions import CannotRead, ChangedMeanwhile, WrongUse, system_reason
from ..notes import dates, front_matter, front_matter_edit, templates
from ..notes.dates import When
from ..notes.front_matter_edit import NewValue
from ..notes.kinds import Incident, Note
from ..notes.knowledge_base import KnowledgeBase
from ..storage import files
from ..storage.session import SeenLog
from . import field_values, known_incident
from .incident_draft import IncidentDraft, as_note, title_from
from .note_draft import masked_text
from .save import Saved, commit_changes, record


def record_incident(
    base: KnowledgeBase, draft: IncidentDraft, fields: Mapping[str, NewValue], now: datetime, commit: bool = True
) -> Saved:
    """Write the note of an incident, guessing nothing but a title from its error if it has none.

    Raises WrongUse if a field has a value that doesn't fit, and whatever `save.record` raises.
    """
    titled = draft if draft.title or draft.whole else replace(draft, title=title_from(draft.error))
    note = as_note(base, titled, fields, now)
    remarks = field_values.check_fields(note.fields, "incident")
    return record(base, replace(note, remarks=(*note.remarks, *remarks)), now, commit)


def record_again(base: KnowledgeBase, ref: str, held: bool, fix: str, error: str, now: datetime, commit: bool = True) -> Saved:
    """Write the incident of a return: `ref` names what came back, `error` is how it looked this time, if known.

    Raises NoSuchNote, AmbiguousRef, WrongUse for a note that can't come back, and whatever `save.record` raises.
    """
    seen = SeenLog(error, len(error.splitlines()), dates.stamp(now)) if error.strip() else None
    draft = known_incident.return_of(base, base.find(ref), seen, held, fix)
    return record_incident(base, replace(draft, errors=(error,) if seen else ()), {}, now, commit)


def add_to_timeline(base: KnowledgeBase, note: Note, old: bytes, text: str, at: datetime) -> bytes:
    """The bytes of the note with one more line in its Timeline: the time, and what was seen, tried or ruled out.

    `at` is when it was; its time of day is written, with the date if the incident began on another day. Raises WrongUse
    for an empty text, CannotEdit for a broken note.
    """
    words = " ".join(text.split())
    if not words:
        raise WrongUse("a line of the timeline needs some words: what was seen, tried or ruled out")
    when = f"{at:%H:%M}" if note.date and note.date.day == at.date() else f"{at:%Y-%m-%d %H:%M}"
    return templates.add_to_section(old, "timeline", f"- {when} {words}", base.settings.headings, note.path)


def resolved(base: KnowledgeBase, note: Note, old: bytes, fix: str, now: datetime, at: When | None = None) -> bytes:
    """The bytes of the note once the incident is over: with its status, its end, and the fix if one is given.

    An incident that is resolved already keeps its end, unless `at` corrects it, and the fix is added. Raises CannotEdit
    for a broken note.
    """
    end = dates.written(at) if at else dates.stamp(now)
    fields = {"status": "resolved", "resolved": end} if at or not is_resolved(old) else {}
    changed = front_matter_edit.set_fields(old, fields, note.path)
    words = fix.strip()
    return templates.add_to_section(changed, "fix", words, base.settings.headings, note.path) if words else changed


def reopened(base: KnowledgeBase, note: Note, old: bytes, why: str, at: datetime) -> bytes:
    """The bytes of the note when it was not over after all: open, without an end, and a line in its Timeline that says so.

    Raises CannotEdit for a broken note.
    """
    ended = front_matter.read(old).front.get("resolved")
    fields: dict[str, NewValue] = {"status": "open", **({"resolved": ""} if ended else {})}
    said = "open again" + (f", resolved {ended} before" if ended else "") + (f": {why}" if why.strip() else "")
    return add_to_timeline(base, note, front_matter_edit.set_fields(old, fields, note.path), said, at)


def is_resolved(data: bytes) -> bool:
    """Whether the incident in these bytes is over."""
    return Incident("", "", front_matter.read(data).front).status == "resolved"


def write_to_timeline(base: KnowledgeBase, note: Note, text: str, at: datetime, commit: bool = True) -> Saved:
    """Add a line to the Timeline of the note's file, and commit it. Raises what `add_to_timeline` raises, and CannotRead,
    CannotWrite or ChangedMeanwhile; the file is then as it was."""
    words, kinds = masked_text(text)
    return _changed(base, note, lambda old: add_to_timeline(base, note, old, words, at), kinds, commit)


def resolve(base: KnowledgeBase, note: Note, fix: str, now: datetime, commit: bool = True, at: When | None = None) -> Saved:
    """Record that the incident is over, now or since `at`, and commit it. Raises WrongUse for an end before the beginning
    or after now, and CannotEdit, CannotRead, CannotWrite or ChangedMeanwhile.

    If the incident is over already and no fix is given, it stays as it is, and a remark says so; `at` corrects its end.
    """
    words, kinds = masked_text(fix)
    began = note.date
    if at and began and (at.moment < began.moment if began.has_time and at.has_time else at.day < began.day):
        raise WrongUse(f"{note.title} began on {began.text}: it can't have been over on {at.text}")
    if at and at.moment > now:
        raise WrongUse(f"{at.text} is still to come: --at says when it was over")
    return _changed(base, note, lambda old: resolved(base, note, old, words, now, at), kinds, commit)


def reopen(base: KnowledgeBase, note: Note, why: str, now: datetime, commit: bool = True) -> Saved:
    """Write down that the incident was not over, and commit it. Raises as `resolve` does."""
    words, kinds = masked_text(why)
    return _changed(base, note, lambda old: reopened(base, note, old, words, now), kinds, commit)


def _changed(base: KnowledgeBase, note: Note, change: Callable[[bytes], bytes], kinds: tuple[str, ...], commit: bool) -> Saved:
    """Apply `change` to the file as it is now, which may differ from when the notes were read."""
    path = base.root / note.path
    if not _rewritten(path, change):
        return Saved(path, note.title, kinds, (f"{note.title} is resolved already; a fix can be added",))
    return Saved(path, note.title, kinds, (), commit_changes(base, [path], f"incident: {note.title}") if commit else "")


ATTEMPTS = 10  # while others write the same note; each adds to what is there by then, so no one's words are lost


def _rewritten(path: Path, change: Callable[[bytes], bytes]) -> bool:
    """Whether `change` changed the file. Raises KbError; the file is then as others left it."""
    attempts = 0
    while True:
        try:
            old = path.read_bytes()
        except OSError as error:
            raise CannotRead(path, system_reason(error)) from error
        new = change(old)
        if new == old:
            return False
        try:
            files.replace(path, old, new)
            return True
        except ChangedMeanwhile:
            attempts += 1
            if attempts == ATTEMPTS:
                raise
