"""What `kb seen` knows, as small scripts for the browser (theme/assets/seen.js reads them): its rules, and all known errors.

`rules.js` holds the tables of kb.logs and kb.retrieval; `head.js` says where the rest is; `terms.js` which notes hold which
term of a signature; then there are shards of known lines, and shards of what is shown of a note. A page that was opened from a
folder may load scripts and nothing else. All names but the head's are hashes of what is in them: no browser mixes two builds.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from datetime import date

from ...logs import fingerprint as signatures
from ...logs.fingerprint import signature, terms
from ...notes.kinds import Note
from ...notes.markdown import DEAD_ENDS, prose_lines
from ...notes.recurrence import has_fix, track_record
from ...retrieval.index_protocol import known_lines
from ..sitemap.markup import one_line
from ..sitemap.site_map import SiteMap
from .seen_rules import rules
from .shards import Postings, row_shards, script, script_name, script_text, term_shards

FOLDER, CALL = "assets/paste", "kb.seenData"
LINES_SHARD, NOTES_SHARD = 200_000, 40_000  # characters
MOST_FIX, MOST_OF_A_SECTION = 3_000, 400  # characters of a note's text that are shown


# ---- the known errors ----------------------------------------------------------------------------------------------------


def files(site: SiteMap, today: date) -> Iterator[tuple[str, str]]:
    """The scripts that the page reads: (path, text) of each."""
    del today
    notes, known = _notes(site)
    number = {note.ref: place for place, note in enumerate(notes)}
    postings = Postings()
    rows: list[str] = []
    families: list[tuple[int, int]] = []
    for place, note in enumerate(notes):
        lines, found = _of_errors(site, note) if place < known else ([], [])
        proven = site.base.families.proven_fix(note)
        moment = round(note.date.moment.timestamp()) if note.date else 0
        rows.append(script_text([int(has_fix(note)), moment, number[proven.ref] if proven else -1, *lines]))
        root = site.base.family(note)[0].ref
        if root != note.ref:
            families.append((place, number.get(root, len(notes) + len(families))))
        for term in found:
            postings.add(term, place)
    line_firsts, line_shards = row_shards(rows, LINES_SHARD)
    note_firsts, note_shards = row_shards([script_text(_shown(site, note)) for note in notes], NOTES_SHARD)
    line_files, note_files = list(map(_script, line_shards)), list(map(_script, note_shards))
    ((_, packed),) = term_shards(postings.by_term, sys.maxsize)
    terms_file = _script(script_text(packed))
    rules_file = _script(script_text(rules()))
    yield from dict((*line_files, *note_files, terms_file, rules_file)).items()
    head = {
        "known": known,
        "families": families,
        "ordinary": sorted(site.base.ordinary),
        "rules": script_name(rules_file),
        "terms": script_name(terms_file),
        "lines": {"first": line_firsts, "names": list(map(script_name, line_files))},
        "notes": {"first": note_firsts, "names": list(map(script_name, note_files))},
    }
    yield f"{FOLDER}/head.js", f"{CALL}({script_text(head)})\n"


def _notes(site: SiteMap) -> tuple[list[Note], int]:
    """The notes with known errors, and behind them those without one whose fix is to be tried; how many the former are."""
    known = [note for note in site.base.notes if note.errors and _of_errors(site, note)[0]]
    there = {note.ref for note in known}
    proven = {found.ref: found for note in known if (found := site.base.families.proven_fix(note)) and found.ref not in there}
    return [*known, *(proven[ref] for ref in sorted(proven))], len(known)


def _of_errors(site: SiteMap, note: Note) -> tuple[list[object], list[str]]:
    """The known lines of a note, and the terms by which they are found. A line comes alone where its signature can be told from it."""

    def made() -> tuple[list[object], list[str]]:
        lines = known_lines(note.errors)
        found = {term: None for _, signed, _ in lines for term in terms(signed)}
        found.update((f"#{mark}", None) for _, signed, _ in lines if (mark := _mark(signed)))
        rows: list[object] = []
        before = 0
        for line, signed, error in lines:
            rows += [error] if error != before else []  # of which known error the next lines are
            before = error
            rows.append(line if signature(line) == signed else (line, signed))
        return rows, list(found)

    lines, found = site.reused("seen", note, made)
    return lines, found


def _mark(signature: str) -> str:
    """A hash of a signature's words that JavaScript makes too; empty where `fingerprint` is."""
    if not signatures.fingerprint(signature):
        return ""
    number = 7
    for char in " ".join(token.lower() for token in signature.split() if token[0] not in "<~@"):
        number = (number * 31 + ord(char)) & 0xFFFFFFFF
    return _in_base_36(number)


def _in_base_36(number: int) -> str:
    found = ""
    while number or not found:
        number, digit = divmod(number, 36)
        found = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + found
    return found


# ---- what is shown of a note ---------------------------------------------------------------------------------------------


def _shown(site: SiteMap, note: Note) -> Sequence[object]:
    services = ", ".join(site.public(note.services))
    sections = [_section(site, note, note.fix or note.section("lesson"), MOST_FIX)]
    sections += [_section(site, note, note.section(name), MOST_OF_A_SECTION) for name in ("why", "check", DEAD_ENDS)]
    return (
        one_line(note.title),
        site.paths[note.ref].removesuffix(".md"),
        note.date.short() if note.date else "",
        services,
        note.kind,
        *sections,
        one_line(track_record(site.base.families, note)),
    )


_WIKI = re.compile(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]*))?\]\]")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")


def _section(site: SiteMap, note: Note, text: str, most: int) -> str:
    """A section as text with its fences, its links as what they say; of a private note no more than on the page."""

    def wiki(found: re.Match[str]) -> str:
        target = site.target(note, found[1].strip(), "wiki")
        return (found[2] or "").strip() or ("a private note" if target.private else target.title or found[1])

    whole = text[: 2 * most]
    if "[" in whole:
        whole = "".join(
            line if fenced or "[" not in line else _LINK.sub(r"\1", _WIKI.sub(wiki, line))
            for _, _, line, fenced in prose_lines(whole)
        )
    return whole if len(whole) <= most else f"{whole[:most]}…"


def _script(arguments: str) -> tuple[str, str]:
    return script(FOLDER, CALL, arguments)
