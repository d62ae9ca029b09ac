"""A note before it is written: its secrets masked, its template filled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..notes import front_matter, front_matter_edit, templates
from ..notes.front_matter_edit import NewValue
from ..notes.knowledge_base import KnowledgeBase
from ..notes.templates import Content
from ..secrets import masking
from ..storage import template_files


@dataclass(frozen=True)
class NoteDraft:
    """A note that is about to be made."""

    kind: str
    title: str
    fields: Mapping[str, NewValue] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)  # by known name; `error` has its fences already
    template: str = ""  # a template other than the kind's
    whole: bytes | None = None  # a finished Markdown note to start from, instead of the template
    in_own_words: bool = False  # `whole` states title, status and date in its text, as its neighbours do
    remarks: tuple[str, ...] = ()  # what the user should know, such as a service that has no note


def masked(draft: NoteDraft) -> tuple[NoteDraft, tuple[str, ...]]:
    """The draft with its secrets masked, and the kinds of the secrets found, never the values."""
    found: set[str] = set()

    def clean(text: str) -> str:
        text, kinds = masked_text(text)
        found.update(kinds)
        return text

    def clean_value(value: NewValue) -> NewValue:
        if isinstance(value, bool):
            return value
        return clean(value) if isinstance(value, str) else [clean(item) for item in value]

    made = replace(
        draft,
        title=clean(draft.title),
        fields={key: clean_value(value) for key, value in draft.fields.items()},
        sections={name: clean(text) for name, text in draft.sections.items()},
    )
    if draft.whole is not None:
        # A whole note keeps every byte, even those that aren't UTF-8: `kb check` names them.
        text, hits = masking.mask(draft.whole.decode("utf-8", "surrogateescape"))
        found.update(hit.kind for hit in hits)
        made = replace(made, whole=text.encode("utf-8", "surrogateescape"))
    return made, tuple(sorted(found))


def masked_text(text: str) -> tuple[str, tuple[str, ...]]:
    """A text that can be written into a note: secrets masked, and � for anything that UTF-8 can't encode."""
    text, hits = masking.mask(_UNWRITABLE.sub("\ufffd", text))
    return text, tuple(sorted({hit.kind for hit in hits}))


_UNWRITABLE = re.compile("[\ud800-\udfff]")  # what Python turns bytes on the command line that aren't UTF-8 into


def filled(base: KnowledgeBase, draft: NoteDraft) -> bytes:
    """The bytes of the note: the template, or the whole text that was given, with the draft's fields and sections.

    Raises CannotEdit for a broken template or a broken whole note, CannotRead for a template that can't be read.
    """
    content = Content({"title": draft.title, **draft.fields}, draft.sections)
    if draft.whole is not None and draft.in_own_words:
        return front_matter_edit.set_fields(draft.whole, draft.fields, "the draft") if draft.fields else draft.whole
    if draft.whole is not None:
        read = front_matter.read(draft.whole)
        missing = {key: value for key, value in content.fields.items() if not read.front.get(key)}
        return templates.fill(draft.whole, Content(missing, {}), base.settings.headings, "the file")
    template, path = template_files.template(base.root, draft.kind, draft.template)
    return templates.fill(template, content, base.settings.headings, str(path))
