"""A note before it is written: its secrets masked, its template filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..cli.terminal.screen import remark
from ..exceptions import listed
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
    sections: Mapping[str, str] = field(default_factory=dict)  # by known name; `error` stands in fences already
    template: str = ""  # another template than the kind's
    whole: bytes | None = None  # a finished Markdown note to start from, instead of the template
    in_own_words: bool = False  # `whole` says title, status and date in its text, as its neighbours do


def without_secrets(draft: NoteDraft, told: bool = True) -> NoteDraft:
    """The draft with the secrets in it masked, and a remark of their kinds when they are to be `told`."""
    found: list[str] = []

    def masked(text: str) -> str:
        clean, hits = masking.mask(text)
        found.extend(hit.kind for hit in hits)
        return clean

    def field_masked(value: NewValue) -> NewValue:
        if isinstance(value, bool):
            return value
        return masked(value) if isinstance(value, str) else [masked(item) for item in value]

    clean = replace(
        draft,
        title=masked(draft.title),
        fields={key: field_masked(value) for key, value in draft.fields.items()},
        sections={name: masked(text) for name, text in draft.sections.items()},
    )
    if draft.whole is not None:
        text = draft.whole.decode("utf-8", "surrogateescape")
        clean = replace(clean, whole=masked(text).encode("utf-8", "surrogateescape"))
    if found and told:
        remark(f"masked before it was written: {listed(sorted(set(found)), 'and')}")
    return clean


def filled(base: KnowledgeBase, draft: NoteDraft) -> bytes:
    """The bytes of the note: the template, or the text that was given whole, with the draft's fields and sections."""
    content = Content({"title": draft.title, **draft.fields}, draft.sections)
    if draft.whole is not None and draft.in_own_words:
        return front_matter_edit.set_fields(draft.whole, draft.fields, "the draft") if draft.fields else draft.whole
    if draft.whole is not None:
        read = front_matter.read(draft.whole)
        missing = {key: value for key, value in content.fields.items() if not read.front.get(key)}
        return templates.fill(draft.whole, Content(missing, {}), base.settings.headings, "the file")
    template, path = template_files.template(base.root, draft.kind, draft.template)
    return templates.fill(template, content, base.settings.headings, str(path))


def bare_template(title: str) -> str:
    """A record's title without its number, which its heading has where records say all in their text."""
    from ..importers.adr.record_head import bare_title

    return bare_title(title)
