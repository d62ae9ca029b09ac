"""Finding: which notes plain words mean."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from ..logs.log_signs import is_log_like
from ..notes.dates import When
from ..notes.kinds import Note, newest_first
from ..notes.knowledge_base import KnowledgeBase
from ..notes.markdown import strip_comments
from . import family_index, known_errors
from .hit import Hit, hit_of
from .index_protocol import IndexReader
from .query import filter_of, query_of
from .ranking import concepts_of, rank
from .stemming import words


def search(
    base: KnowledgeBase,
    index: IndexReader,
    query: str,
    kind: str | None = None,
    service: str | None = None,
    tags: Sequence[str] = (),
    since: When | None = None,
    limit: int = 20,
) -> list[Hit]:
    """The notes that words mean, best first; a pasted error is looked for as one too."""
    asked = query_of(query)
    fits = family_index.any_of_family(base, filter_of(base, asked, kind, service, tags, since))
    index = family_index.folded(base, index)
    hits: dict[str, Hit] = {}
    if is_log_like(asked.text):
        for hit in known_errors.seen(base, index, asked.text, limit * 2):
            if hit.strength != "weak" and fits(base.by_ref[hit.ref]):
                hits[hit.ref] = replace(hit, strength=None)
    concepts = concepts_of(index, asked.text)
    if not concepts:
        return list(hits.values()) if asked.text.strip() and not _says_nothing(asked.text) else _all(base, fits, limit)
    ranked = rank(concepts)
    # As sure as a known error is (0.7 and more) no words alone can be.
    top = max(ranked.values(), default=1.0)
    for document in sorted(ranked, key=lambda d: (-ranked[d], index.ref(d))):
        if len(hits) >= limit:
            break
        note = base.by_ref.get(index.ref(document))
        if note and note.ref not in hits and fits(note):
            met = [c.typed for c in concepts if document in c.documents]
            score = ranked[document] / top * (0.69 if hits else 1.0)
            excerpt = _excerpt(note, {stem for c in concepts for stem in c.stems})
            hits[note.ref] = hit_of(base, note, score, None, " ".join(dict.fromkeys(met)), excerpt)
    return list(hits.values())


def _says_nothing(text: str) -> bool:
    """Whether nothing is left of a text but words that say nothing."""
    return not any(True for _ in words(text))


def _all(base: KnowledgeBase, fits: Callable[[Note], bool], limit: int) -> list[Hit]:
    """What the filters alone leave, newest first."""
    return [
        hit_of(base, note, 0.0, None, "", "")
        for note in base.families.first_of_each(newest_first([n for n in base.notes if fits(n)]))[:limit]
    ]


def _excerpt(note: Note, stems: Collection[str]) -> str:
    """The line of a note's text that holds most of the words."""
    best, most = "", 0
    for line in strip_comments(note.body).splitlines()[:2_000]:
        if not line.strip() or line.lstrip().startswith(("#", "```", "~~~")):
            continue
        count = len(set(words(line[:500])) & set(stems))
        if count > most:
            best, most = line.strip(), count
    return best if len(best) <= 200 else best[:199] + "…"
