"""Which notes are related: those that share rare words of an error, services and tags; scored for all notes at once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import log

from ...notes.kinds import Note
from ...notes.knowledge_base import once
from ...retrieval.terms import terms_of
from ..sitemap.site_map import SiteMap

MOST = 12  # kept for each note; its page shows those that it doesn't list already
COMMON = 40  # what more notes than this share says nothing about two of them
RAREST = 14  # features of a note that are compared
ALIKE = 0.12  # how much of what two notes say they must have in common
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{3,30}")


def related(site: SiteMap, note: Note) -> Sequence[Note]:
    """The notes that have most in common with this one, the closest first."""
    return _scored(site).get(note.ref, ())


@once
def _scored(site: SiteMap) -> Mapping[str, Sequence[Note]]:
    notes = [note for note in site.base.notes if note.kind != "service"]
    features = [frozenset(_features(site, note)) for note in notes]
    holders: dict[str, list[int]] = defaultdict(list)
    for number, held in enumerate(features):
        for feature in held:
            holders[feature].append(number)
    weights = {
        feature: log(len(notes) / len(members)) * (3 if feature[0] == "f" else 1)
        for feature, members in holders.items()
        if 1 < len(members) <= COMMON
    }
    whole = [sum(weights.get(feature, 1.0) for feature in held) for held in features]
    found = {}
    for number, held in enumerate(features):
        scores: dict[int, float] = defaultdict(float)
        shared: dict[int, int] = defaultdict(int)
        rarest = sorted((feature for feature in held if feature in weights), key=lambda feature: (-weights[feature], feature))
        for feature in rarest[:RAREST]:
            weight, strong = weights[feature], 2 if feature[0] == "f" else 1
            for other in holders[feature]:
                scores[other] += weight
                shared[other] += strong
        # One shared word may be chance; a whole line of an error isn't.
        close = [
            other
            for other in scores
            if other != number and shared[other] > 1 and scores[other] > ALIKE * min(whole[number], whole[other])
        ]
        close.sort(key=lambda other: (-scores[other], notes[other].ref))
        if close:
            found[notes[number].ref] = [notes[other] for other in close[:MOST]]
    return found


def _features(site: SiteMap, note: Note) -> Iterator[str]:
    """What can be shared, each with a letter before it for its kind."""
    for name in site.public(note.services):
        yield f"s{site.base.service_name(name).lower()}"
    for tag in note.tags:
        yield f"t{tag.lower()}"
    for mark in note.fingerprints:
        yield f"f{mark}"
    for word in terms_of(note.title):
        if len(word) > 3:
            yield f"w{word}"
    for error in note.errors:
        for found in _WORD.finditer(error.text[:400]):
            yield f"w{found[0].lower()}"
