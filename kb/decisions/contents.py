"""A table of contents and a drawing of all decisions, as adr-tools prints them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..notes.kinds import Decision
from ..notes.knowledge_base import KnowledgeBase
from .chains import Chains, all_records, chains, in_order, numbered


def contents(base: KnowledgeBase, prefix: str = "", intro: str = "", outro: str = "") -> Iterator[str]:
    """The lines of a table of contents in Markdown, as `adr generate toc` prints it: for a README beside the records."""
    yield "# Architecture Decision Records"
    yield ""
    if intro:
        yield from (*intro.splitlines(), "")
    top = base.settings.decisions + "/"
    for note in in_order(base):
        yield f"* [{numbered(note)}]({prefix}{note.path.removeprefix(top)})"
    if outro:
        yield from ("", *outro.splitlines())


def drawing(base: KnowledgeBase, prefix: str = "", ending: str = ".html") -> Iterator[str]:
    """The lines of a Graphviz drawing, as `adr generate graph` prints it: the records in order, and which changed which."""
    known = chains(base)
    records = in_order(base)
    numbers = [note.number for note in records]
    names = {
        note.ref: f"_{note.number}"
        if numbers.count(note.number) == 1 and note.number is not None
        else f"_{note.name.replace('-', '_')}"
        for note in records
    }
    yield "digraph {"
    yield "  node [shape=plaintext];"
    yield "  subgraph {"
    before: Decision | None = None
    for note in records:
        label = numbered(note).replace("\\", "\\\\").replace('"', '\\"')
        yield f'    {names[note.ref]} [label="{label}"; URL="{prefix}{note.name}{ending}"];'
        if before:
            yield f'    {names[before.ref]} -> {names[note.ref]} [style="dotted", weight=1];'
        before = note
    yield "  }"
    for note in records:
        for words, other in _says_of(base, known, note):
            yield f'  {names[note.ref]} -> {names[other.ref]} [label="{words}", weight=0]'
    yield "}"


_SAID = re.compile(r"^(?:[-*+] )?(?P<words>[^\W\d_][\w ]{2,40}?) \[")


def _says_of(base: KnowledgeBase, known: Chains, note: Decision) -> Iterator[tuple[str, Decision]]:
    """What a record says about others, in its own words and order ("Clarifies"), then what its fields add; without "… by"."""
    said: dict[str, str] = {}
    lines = note.body.split("\n")
    for link in note.links:
        line = lines[link.line - note.body_line] if 0 <= link.line - note.body_line < len(lines) else ""
        found, other = _SAID.match(line), base.target(note, link)
        if found and isinstance(other, Decision) and not found["words"].lower().endswith(" by"):
            said.setdefault(other.ref, found["words"])
    amended = [other for other in all_records(base) if note in known.amended_by.get(other.ref, ())]
    for words, others in (("Supersedes", known.before(note)), ("Amends", amended)):
        for other in others:
            said.setdefault(other.ref, words)
    yield from ((words, base.by_ref[ref]) for ref, words in said.items())  # type: ignore[misc]
