"""A note by its terms, as the index and the site's search hold it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..notes.kinds import Decision, Note, Service
from ..notes.markdown import strip_comments
from .lexicon import english_words
from .passages import MOST_TEXT, Link, as_written, passages, without_marks
from .stemming import STOPWORD, stem
from .terms import FIXED, HEAVIEST, LEVELS, WORD, folded, name_key, pairs_of, terms_of

MOST_LINES, MOST_PAIRS = 30, 60  # of the errors of one note, for the order of their words
# How much a word counts by where it stands, and how long such a text usually is (as BM25 asks).
TITLE, SYMPTOMS, ABOUT, ERROR, BODY = (3.0, 10), (2.4, 12), (1.4, 40), (1.2, 40), (1.0, 300)
TITLE_PAIR, ERROR_PAIR = 2.0, 1.6
TRANSLATED = 0.8  # the weight of an English word for one that stands there in another language


@dataclass(frozen=True)
class NoteTerms:
    """What a note is found by."""

    weights: Mapping[str, int]  # term, or pair of words → its weight, up to LEVELS
    words: Sequence[str]  # the words whose stem is another: what is shown to a person in its place
    keys: Sequence[str]  # of its names, and whether it has a fix


def note_terms(note: Note, services: Sequence[str], hosts: Sequence[str], link: Link = as_written) -> NoteTerms:
    """The terms of a note with their weights. A site leaves out the services, hosts and links that it doesn't show."""
    parts = [part for part in passages(strip_comments(note.body), note.headings, link) if part.text]
    errors = "\n".join(line[:500] for error in note.errors for line in error.text.splitlines()[:MOST_LINES])
    lead = (part.text[:1_000] for part in parts if not part.heading)
    about = " ".join((note.ref, *services, *hosts, *note.tags, *_facts(note), *lead))
    symptoms = " ".join(part.text[:1_000] for part in parts if part.name == "symptoms")
    whole = " ".join(f"{without_marks(part.heading)} {part.text}" for part in parts)[:MOST_TEXT]
    texts = ((TITLE, note.title), (SYMPTOMS, symptoms), (ABOUT, about), (ERROR, errors[:MOST_TEXT]), (BODY, whole))
    weights: dict[str, float] = {}
    for (boost, usual), text in texts:
        _add(weights, Counter(terms_of(text)), boost, usual)
    if translate := english_words(f"{note.title} {symptoms} {whole}"):
        for (boost, usual), text in texts[:3] + texts[4:]:
            counts = Counter(stem(word) for found in WORD.findall(folded(text)) for word in translate(found))
            _add(weights, counts, boost * TRANSLATED, usual)
    error_pairs = [pair for line in errors.splitlines()[:MOST_LINES] for pair in pairs_of(line)]
    weights.update(dict.fromkeys(error_pairs[:MOST_PAIRS], ERROR_PAIR))
    weights.update(dict.fromkeys(pairs_of(note.title), TITLE_PAIR))
    levels = {term: max(1, min(LEVELS, round(LEVELS * weight / HEAVIEST))) for term, weight in weights.items()}
    keys = [*dict.fromkeys(map(name_key, names(note))), *([FIXED] if note.fix or note.section("lesson") else [])]
    return NoteTerms(levels, _surfaces(f"{note.title} {about} {whole}"), keys)


def _add(weights: dict[str, float], counts: Counter[str], boost: float, usual: int) -> None:
    """Add BM25's weight of the terms' frequency (k1 1.2, b 0.75), the usual length given."""
    norm = 1.2 * (0.25 + 0.75 * counts.total() / usual)
    for term, count in counts.items():
        weights[term] = weights.get(term, 0.0) + boost * count * 2.2 / (count + norm)


def _surfaces(text: str) -> Sequence[str]:
    """The words of plain letters that are not their own stem."""
    found = set(_LETTERS.findall(folded(text).lower())) - STOPWORD
    return sorted(word for word in found if stem(word) != word)


_LETTERS = re.compile(r"(?<![^\W_])[^\W\d_]{4,47}(?![^\W_])")


def _facts(note: Note) -> Iterator[str]:
    """What stands in the front matter and on the page, without what names other notes: those may be private."""
    left_out = {*note.ref_keys, "title", "date", "status", "private", "services", "hosts", "tags"}
    for key in note.fields():
        value = note.front.get(key) if key not in left_out else None
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                yield text[:500]


def names(note: Note) -> Iterator[str]:
    """What somebody may call a note who wants just that one."""
    yield from (note.title, note.name, note.ref)
    if isinstance(note, Service):
        yield from note.aliases
    if isinstance(note, Decision) and note.number is not None:
        yield from (f"{note.number:04}", f"adr {note.number}", f"decision {note.number}")
