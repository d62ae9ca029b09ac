"""What the site's search reads: an index in small scripts, of which a page loads the few that a question needs.

Scripts, because a page that was opened from a folder may load scripts and nothing else. `head.js` knows where everything is;
then there are shards of terms (term → the notes that hold it, with a weight), shards of documents (what a result shows), and a
list of words for what is misspelled. Their names are hashes of what is in them, so that no browser mixes two builds.
`theme/assets/search.js` reads them, and makes terms of a question by the same rules as `terms_of` here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ...logs.log_signs import LOG_SIGNS
from ...notes.kinds import KINDS, Decision, Note, Service
from ...notes.recurrence import has_fix
from ...retrieval import (
    catalogue,
    concepts,
    lexicon,
    note_terms,
    pasted,
    preference,
    ranking,
    spelling,
    stemming,
    synonyms,
    terms,
    word_search,
)
from ...retrieval.family_index import stand_ins
from ...retrieval.passages import MOST_TEXT, as_written, passages, without_marks
from ...retrieval.terms import DIGITS, name_key, terms_of
from ..sitemap import markup
from ..sitemap.page_paths import slug
from ..sitemap.site_map import SiteMap
from .shards import Postings, script, script_name, script_text, term_shards

FOLDER = "assets/search"
TERMS_SHARD = 24_000  # characters
DOCUMENTS_SHARD = 16  # documents
MOST_SHOWN, MOST_SHOWN_OF_A_SECTION = 1_100, 420  # characters that excerpts are made of
SPELLING = 20_000  # words


# ---- a note as the index holds it ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SearchDocument:
    """One page as the index holds it."""

    weights: Mapping[str, int]  # of its terms, and of its pairs of words
    words: Sequence[str]  # those whose stem is another
    keys: Iterable[str]  # what filters and whole names ask for
    shown: Sequence[object]  # what a result is made of


def document(site: SiteMap, note: Note) -> SearchDocument:
    """A note as the index holds it."""
    services = site.public(note.services)
    hosts = site.public(note.hosts)
    links = [site.target(note, found[1].strip(), "wiki") for found in _WIKI.finditer(note.body)] if "[[" in note.body else ()
    depends = (*services, "", *hosts, "", *(f"{link.private} {link.title}" for link in links))
    weights, words, texts = site.reused("search", note, lambda: _found_by(site, note, services, hosts), *depends)
    shown = (
        markup.one_line(note.title),
        site.paths[note.ref].removesuffix(".md"),
        _label(note),
        markup.one_line(note.state),
        note.date.short() if note.date else "",
        markup.one_line(", ".join(services)),
        texts,
    )
    return SearchDocument(weights, words, _keys(site, note, services, hosts), shown)


def _found_by(
    site: SiteMap, note: Note, services: Sequence[str], hosts: Sequence[str]
) -> tuple[Mapping[str, int], Sequence[str], list[list[str]]]:
    """The terms of a note with their weights, its words that are not their own stem, and its texts as excerpts show them."""

    def name(ref: str, text: str) -> str:
        return text if site.target(note, ref, "wiki").private else as_written(ref, text)

    found = note_terms.note_terms(note, services, hosts, name)
    return found.weights, found.words, list(_shown(list(_pieces(site, note))))


def _label(note: Note) -> str:
    if isinstance(note, Decision) and note.number is not None:
        return f"decision {note.number:04}"
    return "note" if note.kind == "page" else note.kind


def _keys(site: SiteMap, note: Note, services: Sequence[str], hosts: Sequence[str]) -> Iterable[str]:
    names = {name.lower() for name in services}
    about = [site.base.services[name] for name in names if name in site.base.services]
    if isinstance(note, Service):
        about.append(note)
    for service in about:
        names |= {name.lower() for name in (service.name, service.title, *service.aliases)}
    keys = [f"=k:{note.kind}", *(f"=s:{name}" for name in names), *(f"=h:{host.lower()}" for host in hosts)]
    keys += [f"=t:{tag.lower()}" for tag in note.tags]
    if note.state:
        keys.append(f"=x:{note.state.lower()}")
    if has_fix(note):
        keys.append(terms.FIXED)
    named = {*map(name_key, note_terms.names(note)), _key_of_page(site, note)}
    return dict.fromkeys(" ".join(key.split()) for key in sorted({*keys, *named}))


# ---- an incident and its returns, which are one result -----------------------------------------------------------------


def _of_family(site: SiteMap, note: Note) -> SearchDocument:
    """A note as the index holds it: the one that is shown for its family has the words of all, and the others just their page."""
    found = document(site, note)
    shown = stand_ins(site.base).get(note.ref, "")
    if not shown:
        return found
    if shown != note.ref:
        return SearchDocument({}, found.words, [_key_of_page(site, note)], found.shown)
    family = site.base.family(note)
    members = [document(site, member) for member in family]
    weights = {term: max(one.weights.get(term, 0) for one in members) for one in members for term in one.weights}
    keys = dict.fromkeys(key for one in members for key in one.keys)
    for member in family:
        if member.ref != note.ref:
            keys.pop(_key_of_page(site, member), None)
    return SearchDocument(
        weights, found.words, keys, (f"{markup.one_line(family[0].title)} ({len(family)}×)", *found.shown[1:])
    )


def _families(site: SiteMap, notes: Sequence[Note]) -> Mapping[int, int]:
    """The number of each document that another is shown for → the number of that one."""
    numbers = {note.ref: number for number, note in enumerate(notes, len(site.taken))}
    return {numbers[ref]: numbers[shown] for ref, shown in stand_ins(site.base).items() if ref != shown}


def _key_of_page(site: SiteMap, note: Note) -> str:
    return name_key(site.paths[note.ref].removesuffix(".md"))


# ---- the text of a note ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """A part of a note's text as a result shows it."""

    anchor: str  # on the page; empty when it has none that is sure
    heading: str
    name: str  # "error", "fix", …
    text: str


def _pieces(site: SiteMap, note: Note) -> Iterator[Piece]:
    def link(ref: str, text: str) -> str:
        target = site.target(note, ref, "wiki")
        return text or ("a private note" if target.private else target.title or ref)

    text = site.text(note)
    slugs: set[str] = set()
    for part in passages(text, note.headings, link):
        anchor = slug(part.heading) if part.heading else ""
        # Of two headings alike, and of those with markup, the page's anchor is not sure; the page itself is good enough.
        sure = anchor and anchor not in slugs and _SIMPLE.fullmatch(part.heading) and (note.front or not note.problem)
        slugs.add(anchor)
        yield Piece(anchor if sure and len(text) <= MOST_TEXT else "", without_marks(part.heading), part.name, part.text)


_SIMPLE = re.compile(r"[\w ,.?!/()'’`-]+")
_WIKI = re.compile(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]*))?\]\]")


def _shown(pieces: Sequence[Piece]) -> Iterator[list[str]]:
    """The pieces as excerpts show them, [anchor, heading, text, "error" or "fix" if it is one]: error and fix when there is not room for all."""
    room = MOST_SHOWN
    kept: dict[int, str] = {}
    for number in sorted(range(len(pieces)), key=lambda i: pieces[i].name not in ("error", "fix")):
        text = pieces[number].text[: min(room, MOST_SHOWN_OF_A_SECTION)]
        room -= len(text)
        if text:
            kept[number] = markup.one_line(text)
    for number, text in sorted(kept.items()):
        piece = pieces[number]
        yield [piece.anchor, markup.one_line(piece.heading), text, *([piece.name] if piece.name in ("error", "fix") else [])]


def _of_page(path: str) -> SearchDocument:
    """A generated page: found by its name alone, since the notes have what is on it."""
    *folders, name = path.removesuffix(".md").split("/")
    title = " ".join((*folders, *([] if name == "index" else [name]))).replace("-", " ").capitalize() or "Home"
    keys = [name_key(title), *(f"=p:{term}" for term in dict.fromkeys(terms_of(title)))]
    return SearchDocument({}, (), keys, (title, path.removesuffix(".md"), "page", "", "", "", []))


# ---- the files -----------------------------------------------------------------------------------------------------------


def files(site: SiteMap, today: date) -> Iterator[tuple[str, str]]:
    """The scripts that the search reads: (path, text) of each."""
    del today
    documents: list[str] = []
    postings = Postings()
    words: dict[str, set[str]] = {}
    # The oldest first: of notes that fit alike the higher number comes first. A new note leaves the others' numbers alone.
    notes = sorted(site.base.notes, key=lambda note: (note.date.moment.timestamp() if note.date else 0.0, note.ref))
    every = ((_of_page(path) for path in sorted(site.taken)), (_of_family(site, note) for note in notes))
    shown_for = _families(site, notes)
    for number, found in enumerate(document for group in every for document in group):
        documents.append(script_text(found.shown))
        for word in found.words:
            words.setdefault(stemming.stem(word), set()).add(word)
        for term, weight in (*found.weights.items(), *((key, 0) for key in found.keys)):
            postings.add(term, number, DIGITS[weight])
    shards = list(term_shards(postings.by_term, TERMS_SHARD))
    known = _spelling(postings.by_term, words)
    document_files = [
        _script("documents", f"[{','.join(documents[start : start + DOCUMENTS_SHARD])}]")
        for start in range(0, len(documents), DOCUMENTS_SHARD)
    ]
    term_files = [_script("terms", script_text(text)) for _, text in shards]
    spelling_file = _script("spelling", script_text(known))
    vocabulary_file = _script("vocabulary", script_text(_vocabulary()))
    yield from (*document_files, *term_files, spelling_file, vocabulary_file)
    head = {
        "count": len(documents),
        "pages": len(site.taken),
        "families": shown_for,
        "paste": next((path for path in sorted(site.taken) if path in ("paste.md", "paste/index.md")), ""),
        "size": DOCUMENTS_SHARD,
        "first": [first for first, _ in shards],
        "terms": list(map(script_name, term_files)),
        "documents": list(map(script_name, document_files)),
        "spelling": script_name(spelling_file),
        "vocabulary": script_name(vocabulary_file),
        "states": sorted(markup.SIGNED_STATES),
        "kinds": [*KINDS, "page"],
    }
    yield f"{FOLDER}/head.js", f"kbSearch.head({script_text(head)})\n"


def _spelling(postings: Mapping[str, Sequence[str]], words: Mapping[str, set[str]]) -> str:
    """The words that a misspelled one may mean, the most frequent first: as they are written, not their stems."""
    terms = [term for term in postings if 3 < len(term) < spelling.LONGEST and _LETTERS.fullmatch(term)]
    known = [(-len(postings[term]), spelling.shown_word(term, sorted(words.get(term, ())))) for term in terms]
    return " ".join(word for _, word in sorted(known)[:SPELLING])


_LETTERS = re.compile(r"[^\W\d_]+")


def _vocabulary() -> Mapping[str, object]:
    """The tables and numbers of kb/retrieval that the browser ranks by."""
    return {
        "stopwords": " ".join(sorted(stemming.STOPWORD)),
        "endings": [(ending, instead, stemming.least_left(ending)) for ending, instead in stemming.ENDINGS],
        "irregular": stemming.IRREGULAR,
        "codes": stemming.CODE_WORDS,
        "synonyms": list(synonyms.synonym_rows()),
        "catalogue": [f"{programs}:{words}" for programs, words in catalogue.rows()],
        "languages": [lexicon.table(language) for language in lexicon.languages()],
        "foreignEndings": lexicon.ENDINGS,
        "leastLeft": lexicon.LEAST_LEFT,
        "leastCompound": lexicon.LEAST_COMPOUND,
        "common": " ".join(sorted(pasted.COMMON)),
        "patterns": {
            "volatile": pasted.VOLATILE,
            "place": pasted.PLACE,
            "code": pasted.CODE,
            "trouble": pasted.TROUBLE,
            "signs": [sign for sign in LOG_SIGNS if sign != pasted.DIGITS_ONLY],
            "digits": pasted.DIGITS_ONLY,
            "reasons": preference.REASONS,
        },
        "weights": {name: getattr(module, name) for module, names in NUMBERS.items() for name in names.split()},
    }


# The numbers of kb/retrieval by which the browser ranks too.
NUMBERS = {
    concepts: "COMPOUND SEVERAL_PARTS MOST_WORDS TRANSLATED LONGER PART_OF_PHRASE",
    catalogue: "CALLED",
    synonyms: "SYNONYM CLOSE",
    pasted: "MOST_LINES MOST_TERMS MOST_PAIRS",
    spelling: "SHORTEST LONGEST CLOSEST MOST_LONGER LEAST_PREFIX",
    terms: "HEAVIEST LEVELS",
    ranking: "OTHERS PARTS PAIR OTHER_LINES WHOLE",
    preference: "WANTED OTHER",
    word_search: "LEAST_OF_WORDS LEAST_OF_LINES",
}


def _script(call: str, arguments: str) -> tuple[str, str]:
    return script(FOLDER, f"kbSearch.{call}", arguments)
