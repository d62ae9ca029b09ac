"""The index as a search sees it: an incident and its returns are one document, so that what keeps coming back stays rare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from ..notes.kinds import Note
from ..notes.knowledge_base import KnowledgeBase, once
from .index_protocol import ERROR, IndexReader


class FamilyIndex:
    """An index in which words of a family count once. Known errors are each note's own, and untouched.

    What it doesn't say itself, the index says.
    """

    def __init__(self, index: IndexReader, stands_for: Mapping[str, str]) -> None:
        """`stands_for`: the ref of each note of a family → the ref of the one that a search shows."""
        self._index, self._stands_for = index, stands_for
        self._document: dict[str, int] = {}  # the ref that is shown → the document that counts for all of the family
        self._ref: dict[int, str] = {}

    def __getattr__(self, name: str) -> object:
        return getattr(self._index, name)

    def count(self, field: str) -> int:
        """How many documents have that field, a family as one."""
        more = len(self._stands_for) - len(set(self._stands_for.values()))
        return max(1, self._index.count(field) - (0 if field == ERROR else more))

    def ref(self, document: int) -> str:
        """The ref of the note that is shown for a document."""
        return self._ref.get(document) or self._index.ref(document)

    def postings(self, field: str, term: str) -> Sequence[tuple[int, float]]:
        """The documents that have the term; of a family one, as often as any of it has the term."""
        found = self._index.postings(field, term)
        if field == ERROR:
            return found
        weights: dict[int, float] = {}
        for document, weight in found:
            shown = self._stands_for.get(self._index.ref(document))
            if shown:
                document = self._document.setdefault(shown, document)
                self._ref[document] = shown
            weights[document] = max(weight, weights.get(document, 0.0))
        return list(weights.items())


@once
def stand_ins(base: KnowledgeBase) -> Mapping[str, str]:
    """ref → the one that is shown for its family: the note whose fix is to be tried, else the first."""
    families = base.families
    found = {}
    for first in families.first_of_each([base.by_ref[ref] for ref in base.returns]):
        family = families.family(first)
        shown = families.proven_fix(first) or family[0]
        found.update(dict.fromkeys((member.ref for member in family), shown.ref))
    return found


def folded(base: KnowledgeBase, index: IndexReader) -> IndexReader:
    """The index with each family as one document; the same one where nothing came back."""
    stands_for = stand_ins(base)
    return cast(IndexReader, FamilyIndex(index, stands_for)) if stands_for else index


def any_of_family(base: KnowledgeBase, fits: Callable[[Note], bool]) -> Callable[[Note], bool]:
    """A filter that lets a note of a family pass when any of the family does."""
    return lambda note: any(map(fits, base.family(note)))
