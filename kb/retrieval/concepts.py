"""What a question asks for: each of its words, with what else it may be called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .catalogue import CALLED, programs_called
from .index_protocol import WORDS, IndexReader
from .lexicon import Language, language_of
from .spelling import close_words, longer_words
from .stemming import STOPWORD, stem
from .synonyms import CLOSE, SYNONYM, synonyms
from .terms import Token, tokens

MOST_WORDS = 40
COMPOUND = 0.8  # the weight of a part of a word, and of two words written as one
SEVERAL_PARTS = 0.6  # the weight of each of several parts
PART_OF_PHRASE = 0.4  # the weight of a word of a phrase that means something else than its words
TRANSLATED = 0.9  # the weight of the English word for one in another language
LONGER = 1.0  # the weight of a word that begins with what was typed, less for what is missing


@dataclass
class Concept:
    """One thing that is asked for: a word, its terms with their weights, and how much of the question it is."""

    typed: str
    own: tuple[str, ...]
    weights: dict[str, float]
    factor: float = 1.0
    mended: str = ""  # the word of the notes that stands in for what none has
    known: bool = True  # whether any note has it as it was typed
    translated: bool = field(default=False, repr=False)

    def also(self, term: str, weight: float) -> None:
        """Let a term count too, unless it does."""
        self.weights.setdefault(term, weight)

    def sureness(self, weight: float) -> float:
        """How surely a note is meant that has a term of this weight."""
        return 1.0 if weight >= COMPOUND and not self.mended else 0.6


def concepts_of_words(index: IndexReader, text: str) -> list[Concept]:
    """The words of a question in the order in which they were typed."""
    given = tokens(text)
    language = language_of([word.lower() for word, _ in given])
    typed = [token for token in given if token[1] and not (language and _says_nothing(token[0].lower(), language))]
    if not typed:
        # "not up again": words that say nothing are better than none
        typed = [(word, (word.lower(),)) for word, _ in given]
    typed = typed[:MOST_WORDS]
    found: dict[str, Concept] = {}
    whole = [(token, (token[1] or (stem(token[0].lower()),))[0]) for token in given]
    for i, (word, terms) in enumerate(typed):
        part = COMPOUND if len(terms) < 3 else SEVERAL_PARTS
        concept = Concept(word, terms, {term: (part if place else 1.0) for place, term in enumerate(terms)})
        if language:
            _translate(concept, typed, i, language)
        _with_synonyms(concept, [other[0] for _, other in typed], i)
        _with_phrases(concept, whole)
        if terms[0] not in found:
            found[terms[0]] = concept
    for concept in found.values():
        # What was typed itself counts there, not once more as a word that means another.
        for term in found.keys() & concept.weights.keys() - set(concept.own):
            if concept.weights[term] < COMPOUND:
                del concept.weights[term]
        _mend(index, concept)
    return list(found.values())


def _says_nothing(word: str, language: Language) -> bool:
    return word in language.stop or word in language.also


def _translate(concept: Concept, typed: Sequence[Token], i: int, language: Language) -> None:
    words = [word.lower() for word, _ in typed]
    single, several = synonyms()
    meant = list(language.meaning(words[i])) or [
        english for part in words[i].split("-")[:4] if "-" in words[i] for english in language.meaning(part)
    ]
    for start in range(max(0, i - 1), min(i + 1, len(words) - 1)):
        meant += language.meaning_of_pair(*words[start : start + 2])
    stems = [stem(english) for english in meant if english not in STOPWORD]
    for term in stems:
        concept.also(term, TRANSLATED)
    for term in stems:
        for other in single.get(term, ()):
            concept.also(other, SYNONYM)
    for other in sorted(several.get(tuple(stems), ())):
        concept.also(other, SYNONYM)
    for key in (*((term,) for term in stems), *([tuple(stems)] if stems else [])):
        for program in programs_called(key):
            concept.also(program, CALLED)
    concept.translated = bool(stems)


def _with_synonyms(concept: Concept, row: Sequence[str], i: int) -> None:
    single, several = synonyms()
    for own in concept.own:
        for term in single.get(own, ()):
            concept.also(term, SYNONYM)
    for length in (2, 3):
        for start in range(max(0, i - length + 1), i + 1):
            phrase = tuple(row[start : start + length])
            for term in several.get(phrase, ()):
                concept.also(term, SYNONYM)
            if len(phrase) == 2 == length:
                concept.also("".join(phrase), COMPOUND)
    for own in concept.own:
        for program in programs_called((own,)):
            concept.also(program, CALLED)
    for start in range(max(0, i - 1), i + 1):
        for program in programs_called(tuple(row[start : start + 2])):
            concept.also(program, CALLED)


def _with_phrases(concept: Concept, whole: Sequence[tuple[Token, str]]) -> None:
    """What phrases mean that hold words which say nothing on their own: to log in is not about logs."""
    _, several = synonyms()
    terms = [term for _, term in whole]
    for length in (2, 3):
        for start in range(len(terms) - length + 1):
            window = [token for token, _ in whole[start : start + length]]
            phrase = tuple(terms[start : start + length])
            if phrase not in several or all(token[1] for token in window) or concept.own not in [token[1] for token in window]:
                continue
            concept.weights[concept.own[0]] = PART_OF_PHRASE
            for term in several[phrase]:
                concept.also(term, COMPOUND)


def _mend(index: IndexReader, concept: Concept) -> None:
    """Let what no note has count as what it begins, or as what it is misspelled from."""
    there = [index.frequency(WORDS, term) > 0 for term in concept.own]
    concept.known = there[0] or (len(there) > 1 and all(there[1:]))
    if concept.known or concept.translated:
        return
    typed = concept.typed.lower()
    longer = longer_words(index, typed)
    for term in longer:
        concept.also(term, LONGER * (len(typed) / len(term)) ** 0.5)
    if not longer and (close := close_words(index, typed)):
        for word in close:
            concept.also(stem(word), CLOSE)
        concept.mended = close[0]
