"""The life of a decision record: which moves are legal, and which lines of it each one changes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..exceptions import WrongUse, listed
from ..notes import front_matter, front_matter_edit
from ..notes.fields import Front
from ..notes.front_matter_edit import NewValue
from ..notes.kinds import Decision
from ..notes.knowledge_base import KnowledgeBase
from ..notes.templates import add_to_section
from .chains import all_records, chains, is_kept

if TYPE_CHECKING:
    from ..importers.adr.record_in_place import StatusPlace


# From which states a record may become what. A superseded one is history: another may supersede it too, but nothing revives it.
MOVES: Mapping[str, tuple[str, ...]] = {
    "accepted": ("proposed", "rejected", "deprecated"),
    "rejected": ("proposed",),
    "deprecated": ("accepted", "proposed"),
    "superseded": ("accepted", "proposed", "deprecated", "superseded"),
}


class IllegalMove(WrongUse):
    """A record can't go from its state to that one."""

    def __init__(self, note: Decision, state: str) -> None:
        if note.status == state:
            look = f"; to say that it was looked at: kb decision review {note.number or note.name}" if note.review else ""
            super().__init__(f"{note.name} is {state} already{look}")
            return
        if note.status == "superseded":
            by = listed(note.superseded_by, "and") or "another"
            reason = f"it was superseded by {by}: write a new record, kb decision new … --supersedes {note.number or note.name}"
        else:
            article = "an" if MOVES[state][0][0] in "aeiou" else "a"
            reason = f"only {article} {listed(MOVES[state])} one can be {state}"
        super().__init__(f"{note.name} is {note.status} and can't be {state}: {reason}")


class Circle(WrongUse):
    """A record would supersede itself through others."""

    def __init__(self, chain: Sequence[Decision]) -> None:
        super().__init__("that would be a circle of superseding: " + " → ".join(note.name for note in chain))


@dataclass(frozen=True)
class Edit:
    """What changes in one record: fields, and a line for its Links section; in a record that states its status in its text
    (Nygard, MADR 2, …), also what it says about another one, as in "Superseded by"."""

    note: Decision
    fields: Mapping[str, NewValue] = field(default_factory=dict)
    link: str = ""
    said: tuple[str, Decision] | None = None
    section: str = ""  # a section that gets `line`
    line: str = ""


# ---- moves -----------------------------------------------------------------------------------------------------------


def move(note: Decision, state: str, day: date) -> Edit:
    """The edit that makes a record accepted, rejected or deprecated on that day, which it keeps. Raises IllegalMove."""
    if note.status not in MOVES[state]:
        raise IllegalMove(note, state)
    return Edit(note, {"status": state, **_date_of(note, day), **_on(note, state, day)})


def _date_of(note: Decision, day: date) -> dict[str, NewValue]:
    """MADR: the date is that of the decision. One that was in force before keeps it, for then it began to be."""
    return {"date": day.isoformat()} if note.status in ("proposed", "rejected") else {}


def _on(note: Decision, state: str, day: date) -> dict[str, NewValue]:
    """The day of a move beside those of earlier ones: one as it is, several as a list."""
    days = _with([when.text for when in getattr(note, state)], day.isoformat())
    return {state: days[0] if len(days) == 1 else days}


def accept(base: KnowledgeBase, note: Decision, day: date) -> tuple[Edit, ...]:
    """The edits when a record is accepted on that day: it takes the place of those that it was to supersede.

    Raises IllegalMove. A record that only such as were never accepted would have superseded is given back.
    """
    known = chains(base)
    if is_kept(known, note):
        return (Edit(note, {"status": "accepted"}),)
    accepted = move(note, "accepted", day)
    old = [other for other in known.before(note) if other.status in MOVES["superseded"] and other.status != "superseded"]
    return (accepted, *(edit for other in old for edit in _supersede(other, note, day)))


def superseded_is_legal(note: Decision) -> None:
    """Raises IllegalMove if nothing can take the place of this record."""
    if note.status not in MOVES["superseded"]:
        raise IllegalMove(note, "superseded")


def supersede(base: KnowledgeBase, old: Decision, new: Decision, day: date) -> tuple[Edit, ...]:
    """The edits when `new` takes the place of `old` on that day; until a proposed one is accepted, just what it says of `old`.

    Raises IllegalMove or Circle.
    """
    superseded_is_legal(old)
    if old.ref == new.ref:
        raise Circle([old, new])
    if circle := chains(base).way(old, new):
        raise Circle([new, *circle])
    named = Edit(new, {"supersedes": _with(new.supersedes, old.name)}, said=("Supersedes", old))
    return (named,) if waits(new) else (*_supersede(old, new, day), named)


def waits(new: Decision) -> bool:
    """Whether a record takes nobody's place yet."""
    return new.status in ("proposed", "rejected")


def _supersede(old: Decision, new: Decision, day: date) -> tuple[Edit, ...]:
    """The edit of a record whose place was taken on that day."""
    fields: dict[str, NewValue] = {"status": "superseded", "superseded-by": _with(old.superseded_by, new.name)}
    return (Edit(old, {**fields, **_date_of(old, day), **_on(old, "superseded", day)}, said=("Superseded by", new)),)


def review(note: Decision, day: date, following: date | None, turned_out: str) -> Edit:
    """The edit when somebody looked at a record again on that day: when to do so next, and whether it was right."""
    fields: dict[str, NewValue] = {"reviewed": _on(note, "reviewed", day)["reviewed"]}
    if following or note.review:
        fields["review"] = following.isoformat() if following else ""
    return Edit(note, {**fields, **({"turned_out": turned_out} if turned_out else {})})


def amend(new: Decision, old: Decision) -> tuple[Edit, ...]:
    """The edits when `new` changes a part of `old`, which stays in force. `old` itself changes only if it states this in its text."""
    return Edit(new, {"amends": _with(new.amends, old.name)}, said=("Amends", old)), Edit(old, said=("Amended by", new))


def link(base: KnowledgeBase, source: Decision, words: str, target: Decision, back: str, day: date) -> tuple[Edit, ...]:
    """The edits when `source` is linked with `target` on that day, in adr-tools' own words: `link 12 Amends 10 "Amended by"`.

    Amends and Supersedes are fields; any other words go into the Links sections of both.
    """
    if source.ref == target.ref:
        raise WrongUse(f"{source.name} can't be linked with itself")
    verb = words.strip().lower()
    if verb == "amends":
        return amend(source, target)
    if verb in ("supersedes", "supercedes"):
        return supersede(base, target, source, day)
    return (
        Edit(source, link=f"- {words.strip()} [[{target.ref}]]", said=(words.strip(), target)),
        Edit(target, link=f"- {back.strip()} [[{source.ref}]]", said=(back.strip(), source)),
    )


def _with(names: Sequence[str], name: str) -> list[str]:
    return list(dict.fromkeys((*names, name)))


# ---- bytes -----------------------------------------------------------------------------------------------------------


def apply(edit: Edit, data: bytes, headings: Mapping[str, str]) -> bytes:
    """The record's bytes with the edit, in its own dialect, and no other byte changed. Raises CannotEdit."""
    if edit.line:
        data = add_to_section(data, edit.section, edit.line, headings, edit.note.path)
    if place := _status_place(edit.note, data):
        return _in_its_own_dialect(edit, data, place, headings)
    changed = front_matter_edit.set_fields(data, edit.fields, edit.note.path) if edit.fields else data
    # Some state it twice, in their head and below `## Status`: both are changed.
    if "status" in edit.fields and (place := _status_place(edit.note, changed, edit.note.status)):
        changed = _in_its_own_dialect(edit, changed, place, headings)
    return add_to_section(changed, "links", edit.link, headings, edit.note.path) if edit.link else changed


def _status_place(note: Decision, data: bytes, state: str = "") -> StatusPlace | None:
    """Where a record states its status in its text, in its author's way; with a `state`, where it states that one besides its head."""
    from ..importers.adr.record_in_place import status_place

    parsed = front_matter.read(data)
    return (
        status_place(note.name, parsed.front, parsed.body, parsed.body_line, parsed.key_lines, state)
        if not parsed.problem
        else None
    )


def _in_its_own_dialect(edit: Edit, data: bytes, place: StatusPlace, headings: Mapping[str, str]) -> bytes:
    """Edit a record that states its status in its text: change just that line, and add what it says about another record."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    line = lines[place.line]
    old, end = line[place.start : place.end], "\r" if line.endswith("\r") else ""
    said = f"{edit.said[0]} {_link_to(edit.said[1], edit.note)}" if edit.said else ""
    again = edit.note.status == "superseded" and bool(edit.said and edit.said[0] == "Superseded by")
    if "status" in edit.fields and not (again and place.section_end):
        state = said or str(edit.fields["status"]).capitalize()
        state = state[:1].lower() + state[1:] if old[:1].islower() else state
        state = f"{old}, {said.removeprefix('Superseded by ')}" if again else state
        if place.section_end and not again and not _ONLY_A_STATE.fullmatch(old):
            # "Accepted. Backfill: …" is more than a state: what the author wrote stays below the new one.
            lead = line[: place.start]
            lines[place.line : place.line] = [lead + state + end, *([] if lead.strip() else [end])]
        else:
            lines[place.line] = line[: place.start] + state + line[place.end :]
    elif said and place.section_end:
        lines[place.section_end : place.section_end] = [end, said + end]
    elif said:
        bullet = mark[1] if (mark := re.match(r"\s*([-*+]) ", line)) else "-"
        return add_to_section(data, "links", f"{bullet} {said}", headings, edit.note.path)
    return "\n".join(lines).encode("utf-8", "surrogateescape")


_ONLY_A_STATE = re.compile(r"[\W_]*[^\W\d_]+(?:[\W_]+(?:on|am|le))?[\W\d_]*", re.IGNORECASE)


def _link_to(note: Decision, source: Decision) -> str:
    """A Markdown link to a record as adr-tools writes it: `[2. Use Traefik](0002-use-traefik.md)`."""
    own = re.search(r"^# *(\d+)\. ", note.body, re.MULTILINE)
    label = f"{own[1]}. {note.title}" if own else note.title
    path = posixpath.relpath(note.path, posixpath.dirname(source.path))
    return f"[{label}]({quote(path, safe='/-._~+,=@')})"


# ---- new records in place --------------------------------------------------------------------------------------------


def as_the_others(
    base: KnowledgeBase, title: str, status: str, day: str, sections: Mapping[str, str], nygard: bool = False
) -> bytes | None:
    """A new record in the dialect of the youngest one, if records are kept in a folder of their project; None without any.

    `sections` are by meaning: context, options, decision. With `nygard` the first record is written as adr-tools does.
    """
    from ..importers.adr import record_head, record_style
    from ..importers.adr.record_text import RecordText

    if base.settings.decisions == "entries/decisions":
        return None
    records = sorted((note for note in all_records(base) if note.body.strip()), key=lambda note: (note.number or 0, note.name))
    if not records and not nygard:
        return None
    documents = [] if records else [RecordText("0000-none", _NYGARD)]
    documents += [RecordText(note.name, note.body, _own_front(note), note.body_line) for note in records[-6:]]
    number = max((note.number for note in records if note.number is not None), default=None if records else 0)
    fresh = record_style.Fresh(title, None if number is None else number + 1, status, day, sections)
    # A record with a status shows how the others state theirs.
    model = next((one for one in reversed(documents) if record_head.read(one).status.word), documents[-1])
    return record_style.record(fresh, model, [one for one in documents if one is not model]).encode()


_NYGARD = "# 0. None\n\nDate: 2011-11-15\n\n## Status\n\nAccepted\n\n## Context\n\n## Decision\n\n## Consequences\n"


def _own_front(note: Decision) -> Front:
    """The front matter that is really in the file: what was read from the text has no line in it."""
    return {key: value for key, value in note.front.items() if 1 < note.key_lines.get(key, 0) < note.body_line}
