"""Finding: which notes plain words mean."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from heapq import nlargest
from math import log

from ..notes.kinds import KINDS, Hit, Note, When
from ..notes.knowledge_base import KnowledgeBase, newest_first
from ..notes.markdown import strip_comments
from . import known_errors
from .known_errors import ABOUT, BODY, TITLE, Explanation, Index, hit_of, is_log_like
from .stemming import CLOSE, SYNONYM, WORD, synonyms, words

# How much a word counts by where it stands in a note.
BOOSTS: Mapping[str, float] = {TITLE: 2.2, ABOUT: 1.4, BODY: 1.0}


@dataclass(frozen=True)
class Query:
    """What somebody searches for: words, and what narrows them down."""

    text: str  # without the prefixes
    kind: str = ""
    service: str = ""
    host: str = ""
    tags: tuple[str, ...] = ()
    status: str = ""


_PREFIX = re.compile(
    r"(?:^|(?<=\s))(kind|type|service|host|tag|status):(\"[^\"\n]{1,80}\"|[^\s\"]{1,80})(?=\s|$)", re.IGNORECASE
)
KIND_NAMES = frozenset([*KINDS, "page"])


def query_of(text: str) -> Query:
    """What a query means: `service:jellyfin slow` narrows down. Anything else that has a colon is text; nothing can fail."""
    found: dict[str, str] = {}
    tags: list[str] = []

    def take(match: re.Match[str]) -> str:
        name, value = match[1].lower(), match[2].strip('"')
        name = "kind" if name == "type" else name
        if name == "kind" and value.lower().rstrip("s") not in KIND_NAMES:
            return match.group()
        if name == "tag":
            tags.append(value)
        else:
            found[name] = value.lower().rstrip("s") if name == "kind" else value
        return " "

    rest = _PREFIX.sub(take, text)
    return Query(" ".join(rest.split()) if found or tags else text, tags=tuple(tags), **found)


def search(
    base: KnowledgeBase,
    index: Index,
    query: str,
    kind: str | None = None,
    service: str | None = None,
    tags: Sequence[str] = (),
    since: When | None = None,
    limit: int = 20,
) -> list[Hit]:
    """The notes that words mean, best first; a pasted error is looked for as one too."""
    asked = query_of(query)
    fits = _filter(base, asked, kind, service, tags, since)
    hits: dict[str, Hit] = {}
    if is_log_like(asked.text):
        for hit in known_errors.seen(base, index, asked.text, limit * 2):
            if hit.strength != "weak" and fits(base.by_ref[hit.ref]):
                hits[hit.ref] = replace(hit, strength=None)
    concepts = _concepts(index, asked.text)
    if not concepts:
        return list(hits.values()) if asked.text.strip() and not _says_nothing(asked.text) else _all(base, fits, limit)
    ranked = _ranked(concepts)
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
    return [hit_of(base, note, 0.0, None, "", "") for note in newest_first([n for n in base.notes if fits(n)])[:limit]]


def _filter(
    base: KnowledgeBase, asked: Query, kind: str | None, service: str | None, tags: Sequence[str], since: When | None
) -> Callable[[Note], bool]:
    kinds = {name for name in (kind, asked.kind) if name}
    services = [name for name in (service, asked.service) if name]
    wanted = {tag.lower() for tag in (*tags, *asked.tags)}

    def fits(note: Note) -> bool:
        return (
            kinds <= {note.kind}
            and all(base.names_service(note, name) for name in services)
            and wanted <= {tag.lower() for tag in note.tags}
            and (not asked.host or asked.host.lower() in {host.lower() for host in note.hosts})
            and (not asked.status or note.state.lower() == asked.status.lower())
            and (not since or (note.date is not None and note.date.day >= since.day))
        )

    return fits


def seen(base: KnowledgeBase, index: Index, text: str, limit: int = 10) -> list[Hit]:
    """The notes whose known errors are in `text`, best first; of plain words that are none, the notes they mean, all weak."""
    hits = known_errors.seen(base, index, text, limit)
    if is_log_like(text) or any(hit.strength != "weak" for hit in hits):
        return hits
    meant = [
        replace(hit, strength="weak", score=min(hit.score, 0.69))
        for hit in search(base, index, text, limit=limit)
        if hit.kind in ("incident", "experiment")
    ]
    named = {hit.ref for hit in meant}
    return [*meant, *(hit for hit in hits if hit.ref not in named)][:limit]


def explain(base: KnowledgeBase, index: Index, text: str, limit: int = 5) -> list[Explanation]:
    """How the best answers of `seen` came about, in the same order."""
    compared = {row.ref: row for row in known_errors.explain(base, index, text, 4 * limit)}
    return [
        row if (row := compared.get(hit.ref)) and row.known_line == hit.known_line else _by_words(hit)
        for hit in seen(base, index, text, limit)
    ]


def _by_words(hit: Hit) -> Explanation:
    words_met = f"found by its words ({hit.line}), which alone claim nothing"
    return Explanation(hit.ref, hit.title, hit.strength or "weak", words_met, hit.score)


@dataclass(frozen=True)
class Concept:
    """One thing that was asked for: a word, what it may also be called, and where it was found."""

    typed: str
    stems: Mapping[str, float]  # with their weights
    weight: float  # how much it says
    documents: Mapping[int, float]


def _concepts(index: Index, text: str) -> list[Concept]:
    typed = [(match.group(), list(words(match.group()))) for match in WORD.finditer(text)]
    typed = [(word, stems) for word, stems in typed if stems]
    if not typed:
        # "not up again": words that say nothing are better than none
        typed = [(match.group(), [match.group().lower()]) for match in WORD.finditer(text)]
    row = [stems[0] for _, stems in typed]
    single, several = synonyms()
    found: dict[str, Concept] = {}
    for i, (word, stems) in enumerate(typed[:40]):
        weights = dict.fromkeys(stems[1:], 0.8) | {stems[0]: 1.0}
        for other in stems:
            for meant in single.get(other, ()):
                weights.setdefault(meant, SYNONYM)
        for length in (2, 3):
            for start in range(max(0, i - length + 1), i + 1):
                phrase = tuple(row[start : start + length])
                for meant in several.get(phrase, ()):
                    weights.setdefault(meant, SYNONYM)
                if len(phrase) == 2 == length:
                    weights.setdefault("".join(phrase), 0.8)
        if not any(index.frequency(BODY, s) or index.frequency(ABOUT, s) or index.frequency(TITLE, s) for s in stems):
            for close in close_words(index, stems[0]):
                weights.setdefault(close, CLOSE)
        documents = _documents(index, weights)
        if documents and stems[0] not in found:
            found[stems[0]] = Concept(word, weights, log(1 + index.count(BODY) / (len(documents) + 0.5)), documents)
    return list(found.values())


def _documents(index: Index, stems: Mapping[str, float]) -> dict[int, float]:
    """The documents that hold any of the stems: the best counts, and the others a little."""
    found: dict[int, float] = {}
    count = index.count(BODY) + 1
    for word, weight in sorted(stems.items(), key=lambda row: -row[1]):
        here: dict[int, float] = defaultdict(float)
        for field, boost in BOOSTS.items():
            postings = index.postings(field, word)
            rarity = log(1 + count / (len(postings) + 0.5))
            for document, frequency in postings:
                here[document] += boost * frequency * rarity
        for document, score in here.items():
            score *= weight
            before = found.get(document, 0.0)
            found[document] = max(before, score) + 0.15 * min(before, score)
    return found


def _ranked(concepts: Sequence[Concept]) -> dict[int, float]:
    """document → score: the sum over all that was asked for, more when more of it is there."""
    whole = sum(concept.weight for concept in concepts) or 1.0
    scores: dict[int, float] = defaultdict(float)
    met: dict[int, float] = defaultdict(float)
    for concept in concepts:
        for document, score in concept.documents.items():
            scores[document] += score
            met[document] += concept.weight
    best = nlargest(200, scores, key=lambda d: (scores[d] * (0.4 + 0.6 * met[d] / whole), -d))
    return {document: scores[document] * (0.4 + 0.6 * met[document] / whole) for document in best}


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


def close_words(index: Index, word: str) -> list[str]:
    """Words of the notes that are spelled nearly so, or begin so."""
    if len(word) < 4:
        return []
    there = index.words_like(word)
    longer = [other for other in there if other.startswith(word)]
    return longer[:3] or get_close_matches(word, there, n=2, cutoff=0.78)


def did_you_mean(index: Index, query: str) -> dict[str, str]:
    """Each word of a query that stands in no note → one that does, when there is one like it."""
    found: dict[str, str] = {}
    for match in WORD.finditer(query_of(query).text):
        stems = list(words(match.group()))
        if stems and not any(index.frequency(field, stem) for field in BOOSTS for stem in stems):
            found |= {match.group(): close for close in close_words(index, stems[0])[:1]}
    return found
