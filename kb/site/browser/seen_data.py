"""What `kb seen` knows, as small scripts for the browser (theme/assets/seen.js reads them): its rules, and all known errors.

`rules.js` holds the tables of kb.signature and kb.matching; `head.js` says where the rest is; `terms.js` which notes hold which
term of a signature; then there are shards of known lines, and shards of what is shown of a note. A page that was opened from a
folder may load scripts and nothing else. All names but the head's are hashes of what is in them: no browser mixes two builds.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from datetime import date

from ...logs import fingerprint as signatures
from ...logs.fingerprint import signature, terms
from ...notes.dates import span
from ...notes.kinds import Incident, Note
from ...notes.markdown import prose_lines
from ...retrieval.index_protocol import known_lines
from ...retrieval.proven_fix import has_fix, proven_fix
from ..sitemap.markup import one_line
from ..sitemap.site_map import SiteMap
from .seen_rules import rules
from .shards import delta, packed

FOLDER = "assets/paste"
LINES_SHARD, NOTES_SHARD = 200_000, 40_000  # characters
MOST_FIX, MOST_OF_A_SECTION = 3_000, 400  # characters of a note's text that are shown


# ---- the known errors ----------------------------------------------------------------------------------------------------


def files(site: SiteMap, today: date) -> Iterator[tuple[str, str]]:
    """The scripts that the page reads: (path, text) of each."""
    del today
    notes, known = _notes(site)
    number = {note.ref: place for place, note in enumerate(notes)}
    postings: dict[str, list[str]] = {}
    last: dict[str, int] = {}
    rows: list[str] = []
    for place, note in enumerate(notes):
        lines, found = _of_errors(site, note) if place < known else ([], [])
        proven = proven_fix(site.base, note)
        moment = round(note.date.moment.timestamp()) if note.date else 0
        rows.append(_json([int(has_fix(note)), moment, number[proven.ref] if proven else -1, *lines]))
        for term in found:
            postings.setdefault(term, []).append(delta(place - last.get(term, -1)))
            last[term] = place
    line_firsts, line_files = _shards(rows, LINES_SHARD)
    note_firsts, note_files = _shards([_json(_shown(site, note)) for note in notes], NOTES_SHARD)
    terms_file = _script(_json(packed(postings)))
    rules_file = _script(_json(rules()))
    yield from dict((*line_files, *note_files, terms_file, rules_file)).items()
    head = {
        "known": known,
        "rules": _name(rules_file),
        "terms": _name(terms_file),
        "lines": {"first": line_firsts, "names": list(map(_name, line_files))},
        "notes": {"first": note_firsts, "names": list(map(_name, note_files))},
    }
    yield f"{FOLDER}/head.js", f"kb.seenData({_json(head)})\n"


def _notes(site: SiteMap) -> tuple[list[Note], int]:
    """The notes with known errors, and behind them those without one whose fix is to be tried; how many the former are."""
    known = [note for note in site.base.notes if note.errors and _of_errors(site, note)[0]]
    there = {note.ref for note in known}
    proven = {found.ref: found for note in known if (found := proven_fix(site.base, note)) and found.ref not in there}
    return [*known, *(proven[ref] for ref in sorted(proven))], len(known)


def _of_errors(site: SiteMap, note: Note) -> tuple[list[object], list[str]]:
    """The known lines of a note, and the terms by which they are found. A line comes alone where its signature can be told from it."""

    def made() -> tuple[list[object], list[str]]:
        lines = known_lines(note.errors)
        found = {term: None for _, signed in lines for term in terms(signed)}
        found.update((f"#{mark}", None) for _, signed in lines if (mark := _mark(signed)))
        return [line if signature(line) == signed else (line, signed) for line, signed in lines], list(found)

    lines, found = site.reused("seen", note, made)
    return lines, found


def _mark(signature: str) -> str:
    """A hash of a signature's words that JavaScript makes too; empty where kb.signature.fingerprint is."""
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
    sections += [_section(site, note, note.section(name), MOST_OF_A_SECTION) for name in ("why", "check")]
    return (
        one_line(note.title),
        site.paths[note.ref].removesuffix(".md"),
        note.date.short() if note.date else "",
        services,
        note.kind,
        *sections,
        _history(site, note),
    )


def _history(site: SiteMap, note: Note) -> str:
    """Why one may trust the fix: how often it was met, whether the fix held, how long it took."""
    if not isinstance(note, Incident):
        return f"met in an {note.kind}"
    family = site.base.family(note)
    said = ["seen once before" if len(family) == 1 else f"seen {len(family)} times before"]
    judged = [other.held for other in family if isinstance(other, Incident) and other.held is not None]
    said += [f"the fix held {sum(judged)} of {len(judged)}"] if judged else []
    said += ["verified"] if note.verified else []
    said += [f"still {note.status}"] if note.status not in ("", "resolved") else []
    said += [f"took {span(note.took)} then"] if note.took else []
    return one_line(", ".join(said))


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


# ---- the files -----------------------------------------------------------------------------------------------------------


def _json(value: object) -> str:
    # These two end a line in a script, for browsers of before 2019.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _LONE.sub("\\\\ufffd", text).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


_LONE = re.compile(r"[\ud800-\udfff]")


def _script(arguments: str) -> tuple[str, str]:
    text = f"kb.seenData({arguments})\n"
    return f"{FOLDER}/{hashlib.blake2b(text.encode(), digest_size=5).hexdigest()}.js", text


def _name(file: tuple[str, str]) -> str:
    return file[0].rpartition("/")[2].removesuffix(".js")


def _shards(rows: Sequence[str], most: int) -> tuple[list[int], list[tuple[str, str]]]:
    """The number of the first row of each shard, and the shards."""
    firsts: list[int] = []
    found: list[list[str]] = []
    size = most
    for number, row in enumerate(rows):
        if size >= most:
            firsts.append(number)
            found.append([])
            size = 0
        found[-1].append(row)
        size += len(row)
    return firsts, [_script(f"[{','.join(shard)}]") for shard in found]
