"""What the site's search reads: an index in small scripts, of which a page loads the few that a question needs.

Scripts, because a page that was opened from a folder may load scripts and nothing else. `head.js` knows where everything is;
then there are shards of terms (term → the notes that hold it, with a weight), shards of documents (what a result shows), and a
list of words for what is misspelled. Their names are hashes of what is in them, so that no browser mixes two builds.
`theme/assets/search.js` reads them, and makes terms of a question by the same rules as `terms_of` here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ...notes.kinds import KINDS, Decision, Note, Service
from ...notes.markdown import prose_lines, section_name, sections
from ...retrieval.stemming import ENDINGS, STOPWORD
from ...retrieval.synonyms import synonym_rows
from ..sitemap import markup
from ..sitemap.page_paths import slug
from ..sitemap.site_map import SiteMap
from .search_terms import DIGITS, HEAVIEST, SPELLING, name_key, pairs_of, terms_of
from .shards import Postings, script, script_name, script_text, term_shards

FOLDER = "assets/search"
TERMS_SHARD = 24_000  # characters
DOCUMENTS_SHARD = 16  # documents
MOST_TEXT = 30_000  # characters of one note that are searched: logs of megabytes would be the whole index
MOST_SHOWN, MOST_SHOWN_OF_A_SECTION = 1_100, 420  # characters that excerpts are made of
MOST_LINES, MOST_PAIRS = 30, 60  # of the errors of one note, for the order of their words

# How much a word counts by where it stands, and how long such a text usually is (as BM25 asks).
TITLE, ABOUT, ERROR, BODY = (3.0, 10), (1.4, 40), (1.2, 40), (1.0, 300)
TITLE_PAIR, ERROR_PAIR = 2.0, 1.6


# ---- a note as the index holds it ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Passage:
    """A part of a note's text: what stands below one heading."""

    anchor: str  # on the page; empty when it has none that is sure
    heading: str
    name: str  # "error", "fix", …
    text: str  # without Markdown's signs, on one line


@dataclass(frozen=True)
class SearchDocument:
    """One page as the index holds it."""

    weights: Mapping[str, int]  # of its terms, and of its pairs of words: up to 63
    keys: Iterable[str]  # what filters and whole names ask for
    shown: Sequence[object]  # what a result is made of


def document(site: SiteMap, note: Note) -> SearchDocument:
    """A note as the index holds it."""
    services = site.public(note.services)
    hosts = site.public(note.hosts)
    links = [site.target(note, found[1].strip(), "wiki") for found in _WIKI.finditer(note.body)] if "[[" in note.body else ()
    depends = (*services, "", *hosts, "", *(f"{link.private} {link.title}" for link in links))
    weights, texts = site.reused("search", note, lambda: _weighed(site, note, services, hosts), *depends)
    shown = (
        markup.one_line(note.title),
        site.paths[note.ref].removesuffix(".md"),
        _label(note),
        markup.one_line(note.state),
        note.date.short() if note.date else "",
        markup.one_line(", ".join(services)),
        texts,
    )
    return SearchDocument(weights, _keys(site, note, services, hosts), shown)


def _weighed(
    site: SiteMap, note: Note, services: Sequence[str], hosts: Sequence[str]
) -> tuple[Mapping[str, int], list[list[str]]]:
    """The terms of a note with their weights, and its texts as excerpts show them."""
    pieces = list(_pieces(site, note))
    errors = "\n".join(line[:500] for error in note.errors for line in error.text.splitlines()[:MOST_LINES])
    about = " ".join(
        (
            note.ref,
            *services,
            *hosts,
            *note.tags,
            *_facts(note),
            *(piece.text[:1_000] for piece in pieces if not piece.heading or piece.name == "symptoms"),
        )
    )
    whole = " ".join(f"{piece.heading} {piece.text}" for piece in pieces)[:MOST_TEXT]
    weights: dict[str, float] = {}
    for (boost, usual), text in ((TITLE, note.title), (ABOUT, about), (ERROR, errors[:MOST_TEXT]), (BODY, whole)):
        counts = Counter(terms_of(text))
        norm = 1.2 * (0.25 + 0.75 * counts.total() / usual)
        for term, count in counts.items():
            weights[term] = weights.get(term, 0.0) + boost * count * 2.2 / (count + norm)
    error_pairs = [pair for line in errors.splitlines()[:MOST_LINES] for pair in pairs_of(line)]
    weights.update(dict.fromkeys(error_pairs[:MOST_PAIRS], ERROR_PAIR))
    weights.update(dict.fromkeys(pairs_of(note.title), TITLE_PAIR))
    return {term: _of_63(weight) for term, weight in weights.items()}, list(_shown(pieces))


def _of_63(weight: float) -> int:
    return min(63, round(63 * weight / HEAVIEST))


def _label(note: Note) -> str:
    if isinstance(note, Decision) and note.number is not None:
        return f"decision {note.number:04}"
    return "note" if note.kind == "page" else note.kind


def _facts(note: Note) -> Iterator[str]:
    """What stands in the front matter and on the page, without what names other notes: those may be private."""
    left_out = {*note.ref_keys, "title", "date", "status", "private", "services", "hosts", "tags"}
    for key in note.fields():
        value = note.front.get(key) if key not in left_out else None
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                yield text[:500]


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
    named = {note.title, note.name, note.ref, *(note.aliases if isinstance(note, Service) else ())}
    if isinstance(note, Decision) and note.number is not None:
        named |= {f"{note.number:04}", f"adr {note.number}", f"decision {note.number}"}
    return dict.fromkeys(" ".join(key.split()) for key in sorted({*keys, *map(name_key, named)}))


# ---- the text of a note ------------------------------------------------------------------------------------------------


def _pieces(site: SiteMap, note: Note) -> Iterator[Passage]:
    text = site.text(note)
    found = sections(text, headings=note.headings)
    starts = [text.rfind("\n", 0, max(0, section.start - 1)) + 1 for section in found] + [len(text)]
    if lead := _plain(site, note, text[: starts[0]]):
        yield Passage("", "", "", lead)
    slugs: set[str] = set()
    for number, section in enumerate(found):
        anchor = slug(section.heading)
        # Of two headings alike, and of those with markup, the page's anchor is not sure; the page itself is good enough.
        sure = anchor and anchor not in slugs and _SIMPLE.fullmatch(section.heading) and (note.front or not note.problem)
        slugs.add(anchor)
        yield Passage(
            anchor if sure and len(text) <= MOST_TEXT else "",
            _marks(section.heading),
            section_name(section.heading, note.headings),
            _plain(site, note, text[section.start : starts[number + 1]]),
        )


_SIMPLE = re.compile(r"[\w ,.?!/()'’`-]+")
_WIKI = re.compile(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]*))?\]\]")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")
_DEFINITION = re.compile(r" {0,3}\[[^\]\n]+\]:\s")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})")
_BLOCK = re.compile(r"^\s*(?:>+\s*)?(?:[-*+]\s+(?:\[[ xX]\]\s+)?|\d+[.)]\s+|\|)?")
_MARKS = re.compile(r"\*\*|__|`+|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")


def _plain(site: SiteMap, note: Note, text: str) -> str:
    """A text without Markdown's signs, on one line. Links to private notes say no more than on the page."""
    return " ".join(" ".join(_plain_lines(site, note, text[: 2 * MOST_TEXT])).split())


def _plain_lines(site: SiteMap, note: Note, text: str) -> Iterator[str]:
    def wiki(found: re.Match[str]) -> str:
        target = site.target(note, found[1].strip(), "wiki")
        return (found[2] or "").strip() or ("a private note" if target.private else target.title or found[1])

    for _, _, line, fenced in prose_lines(text):
        if fenced:
            if not _FENCE.match(line):
                yield line
        elif not _DEFINITION.match(line) and (line.strip("|-: \t\r\n")):
            if "[" in line:
                line = _LINK.sub(r"\1", _WIKI.sub(wiki, line))
            yield _marks(_BLOCK.sub("", line, count=1).replace("|", " "))


def _marks(text: str) -> str:
    return _MARKS.sub("", text)


def _shown(pieces: Sequence[Passage]) -> Iterator[list[str]]:
    """The pieces as excerpts show them, [anchor, heading, text, "error" if it is one]: error and fix when there is not room for all."""
    room = MOST_SHOWN
    kept: dict[int, str] = {}
    for number in sorted(range(len(pieces)), key=lambda i: pieces[i].name not in ("error", "fix")):
        text = pieces[number].text[: min(room, MOST_SHOWN_OF_A_SECTION)]
        room -= len(text)
        if text:
            kept[number] = markup.one_line(text)
    for number, text in sorted(kept.items()):
        piece = pieces[number]
        yield [piece.anchor, markup.one_line(piece.heading), text, *(["error"] if piece.name == "error" else [])]


def _of_page(path: str) -> SearchDocument:
    """A generated page: found by its name alone, since the notes have what is on it."""
    *folders, name = path.removesuffix(".md").split("/")
    title = " ".join((*folders, *([] if name == "index" else [name]))).replace("-", " ").capitalize() or "Home"
    weights = dict.fromkeys(terms_of(title), _of_63(TITLE[0]))
    return SearchDocument(weights, [name_key(title)], (title, path.removesuffix(".md"), "page", "", "", "", []))


# ---- the files -----------------------------------------------------------------------------------------------------------


def files(site: SiteMap, today: date) -> Iterator[tuple[str, str]]:
    """The scripts that the search reads: (path, text) of each."""
    del today
    documents: list[str] = []
    postings = Postings()
    # The oldest first: of notes that fit alike the higher number comes first. A new note leaves the others' numbers alone.
    notes = sorted(site.base.notes, key=lambda note: (note.date.moment.timestamp() if note.date else 0.0, note.ref))
    every = ((_of_page(path) for path in sorted(site.taken)), (document(site, note) for note in notes))
    for number, found in enumerate(document for group in every for document in group):
        documents.append(script_text(found.shown))
        for term, weight in (*found.weights.items(), *((key, 0) for key in found.keys)):
            postings.add(term, number, DIGITS[weight])
    shards = list(term_shards(postings.by_term, TERMS_SHARD))
    spelling = _spelling(postings.by_term)
    document_files = [
        _script("documents", f"[{','.join(documents[start : start + DOCUMENTS_SHARD])}]")
        for start in range(0, len(documents), DOCUMENTS_SHARD)
    ]
    term_files = [_script("terms", script_text(text)) for _, text in shards]
    spelling_file = _script("spelling", script_text(spelling))
    yield from (*document_files, *term_files, spelling_file)
    head = {
        "count": len(documents),
        "pages": len(site.taken),
        "paste": next((path for path in sorted(site.taken) if path in ("paste.md", "paste/index.md")), ""),
        "size": DOCUMENTS_SHARD,
        "heaviest": HEAVIEST,
        "first": [first for first, _ in shards],
        "terms": list(map(script_name, term_files)),
        "documents": list(map(script_name, document_files)),
        "spelling": script_name(spelling_file),
        "stopwords": " ".join(sorted(STOPWORD)),
        "endings": [list(row) for row in ENDINGS],
        "synonyms": list(synonym_rows()),
        "states": sorted(markup.SIGNED_STATES),
        "kinds": [*KINDS, "page"],
    }
    yield f"{FOLDER}/head.js", f"kbSearch.head({script_text(head)})\n"


def _spelling(postings: Mapping[str, Sequence[str]]) -> str:
    """The words that a misspelled one may mean, the most frequent first."""
    known = [term for term in postings if 3 < len(term) < 48 and _LETTERS.fullmatch(term)]
    known.sort(key=lambda term: (-len(postings[term]), term))
    return " ".join(known[:SPELLING])


_LETTERS = re.compile(r"[^\W\d_]+")


def _script(call: str, arguments: str) -> tuple[str, str]:
    return script(FOLDER, f"kbSearch.{call}", arguments)
