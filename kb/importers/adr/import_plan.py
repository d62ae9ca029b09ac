"""Importing decision records: from the files of a project to notes of ours, and a report. Pure: the door reads and writes.

How a record is known again: an imported note says where it came from (`imported_from`, its project and path) and what
it held (`imported_digest`, of the file's name and its text after masking, so that the digest tells nothing of a secret).
A file with a known digest is the same record, wherever its project was cloned; a known path with another digest is a
source that changed meanwhile, which is reported and left.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ... import secrets
from ...notes import front_matter, templates
from ...notes.front_matter import NewValue
from ...notes.kinds import Decision
from . import combined_log, record_dates, record_files, record_head, record_links
from .record_head import Head
from .record_links import Destination
from .record_text import Document
from .relations import Relation, says_nothing

# The folders where decision records live, below a project's root, the surest first.
HOMES = (
    "docs/decisions", "docs/adr", "doc/adr", "docs/adrs", "doc/adrs", "doc/decisions", "docs/architecture/decisions", "doc/architecture/decisions",
    "docs/architecture/adr", "docs/architecture/adrs", "docs/architecture-decisions", "docs/architectural-decisions", "docs/ADR", "docs/ADRs",
    "architecture/decisions", "architecture-decisions", "documentation/adr", "documentation/decisions", ".adr", ".archgate/adrs", "adr", "adrs", "ADR", "decisions",
)  # fmt: skip

# What such a folder is called elsewhere: `architecture-decision-record`, `product_decisions`, `hercules_adr`.
_HOME_NAME = re.compile(
    r"(?:.*[-_. ])?(?:adrs?|adl|(?:architecture[-_ ])?decisions?(?:[-_ ](?:records?|logs?))?)", re.IGNORECASE
)


def homes_in(files: Iterable[str]) -> set[str]:
    """The folders of a project that hold records by their names: a folder's (`architecture-decision-record/`) with numbered
    files in it, or two files' (`adr-001-…`). Empty when records stand elsewhere too: then the whole project is looked at.
    """
    numbered: dict[str, int] = defaultdict(int)
    marked: dict[str, int] = defaultdict(int)
    for file in files:
        folder, _, name = file.rpartition("/")
        stem = re.sub(r"\.(?:md|markdown)$", "", name, flags=re.IGNORECASE)
        if stem != name and record_files.called_like_one(stem):
            numbered[folder] += 1
            marked[folder] += bool(re.match(r"adr[-_ ]?\d", stem, re.IGNORECASE))
        elif stem.lower() in ("readme", "index") and re.match(r"adr[-_ ]?\d", posixpath.basename(folder), re.IGNORECASE):
            parent = posixpath.dirname(folder)
            numbered[parent], marked[parent] = numbered[parent] + 1, marked[parent] + 1
    found = {folder for folder in numbered if marked[folder] > 1 or _HOME_NAME.fullmatch(posixpath.basename(folder))}
    found = {folder for folder in found if not any(folder.startswith(other + "/") for other in found)}
    outside = [folder for folder in numbered if not any((folder + "/").startswith(home + "/") for home in found)]
    spread = any(marked[folder] for folder in outside) or 2 * sum(numbered[folder] for folder in outside) > sum(
        numbered.values()
    )
    return set() if spread or "" in found else found


# Files that hold all records of a project, one below the other.
LOGS = frozenset(
    "decisions decision-log decision_log decisionlog adr adrs adr-log architecture-decisions architecture_decisions "
    "architectural-decisions decision-records architecture-decision-records design-decisions".split()
)
LOG_FOLDERS = ("", "docs/", "doc/", "documentation/", "docs/architecture/", "arc42/", "docs/arc42/", "doc/arc42/")


def is_log(file: str) -> bool:
    """Whether a file holds all records of its project, by its name: `DECISIONS.md`, `docs/decision-log.md`, arc42's chapter 9."""
    folder, slash, name = file.lower().rpartition("/")
    stem = re.sub(r"\.(?:md|markdown)$", "", name)
    return stem != name and folder + slash in LOG_FOLDERS and re.sub(r"^\d+[-_. ]+", "", stem) in LOGS


@dataclass(frozen=True)
class Source:
    """A Markdown file of the project that is imported: its path there, its bytes, and the day of its first commit."""

    path: str
    data: bytes
    committed: str = ""


@dataclass(frozen=True)
class Known:
    """A decision of the knowledge base that came from an import before."""

    ref: str
    source: str
    digest: str


@dataclass(frozen=True)
class There:
    """What the decisions' folder holds already: names without endings, records imported before, other files."""

    names: tuple[str, ...] = ()
    known: tuple[Known, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """A source as it will be written, and what is to be said of it."""

    source: str
    name: str  # of the new file, without .md
    data: bytes
    head: Head
    status: str
    date: str
    date_from: str  # text | file name | git | nothing
    refs: Mapping[str, tuple[str, ...]]  # supersedes, superseded-by, amends
    guessed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()

    @property
    def ref(self) -> str:
        """What it is called in the knowledge base."""
        return f"decisions/{self.name}"


@dataclass(frozen=True)
class Plan:
    """What an import would do."""

    records: tuple[Record, ...]
    attachments: Mapping[str, str]  # path in the project → path in the decisions' folder
    known: Mapping[str, str]  # path in the project → ref
    changed: Mapping[str, str]
    refused: Mapping[str, str]  # path in the project → why it is no decision


@dataclass(frozen=True)
class _Read:
    """A source that was read, before it has a name of ours."""

    source: Source
    text: str
    document: Document
    remarks: tuple[str, ...]
    masked: tuple[str, ...]
    digest: str
    broken: bool  # its front matter stays in the body, since it is no YAML
    first_line: int = 1  # of a record that shares its file with others
    anchor: str = ""

    @cached_property
    def head(self) -> Head:
        """What the head says; not asked of a record that is here already."""
        return record_head.read(self.document)

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.source.path)

    @cached_property
    def number(self) -> int | None:
        """The number of the file's name, else of a heading such as `# ADR-12: …`; a name that begins with a date has none."""
        if record_dates.in_name(self.document.name):
            return None
        own = record_head.number_of(self.document.name)
        told = self.document.heading.heading if self.document.heading else ""
        return (
            own
            if own is not None
            else record_head.number_of(told)
            if re.match(r"\W*(?:ADR[- ]?)?\d+\s*[.:]", told, re.I)
            else None
        )


def linked_files(sources: Iterable[Source], homes: Sequence[str]) -> dict[str, bool]:
    """The files that these sources link to, by their paths in the project, and whether they go along with them."""
    found: dict[str, bool] = {}
    for source in sources:
        folder = posixpath.dirname(source.path)
        for link in record_links.destinations(_text(source.data)[0]):
            if path := record_links.resolved(link, folder):
                found[path] = found.get(path, False) or record_links.goes_along(link, path, _home(source.path, homes))
    return found


def plan(
    project: str, sources: Sequence[Source], files: Mapping[str, bytes | None], there: There, homes: Sequence[str] = ()
) -> Plan:
    """What importing these sources of a project of that name would write.

    `files` are what they link to: bytes of what goes along, None for other files that exist; what is missing is dead.
    """
    known, changed, refused = {}, {}, {}
    fresh: list[_Read] = []
    digests = {one.digest: one.ref for one in there.known}
    by_source = {one.source: one.ref for one in there.known}
    reads = [_read(source) for source in sorted(sources, key=lambda one: (posixpath.dirname(one.path), _stem(one.path)))]
    company = _Company(reads, homes)
    for read in _taken_apart(reads):
        source = read.source
        if ref := digests.get(read.digest):
            known[source.path] = ref
        elif ref := by_source.get(f"{project}/{source.path}"):
            changed[source.path] = ref
        elif reason := record_files.no_record(read.document, company.of(read)):
            refused[source.path] = reason
        else:
            fresh.append(read)
    names = _names(fresh, there.names)
    targets = _Targets(fresh, names, {**known, **changed})
    kept = _attachments(fresh, files, there.files, homes)
    ties = _ties(fresh, targets)
    order = record_dates.day_first(read.head.date_text for read in fresh)
    made = tuple(_record(project, read, names[read.source.path], targets, ties, kept, files, order) for read in fresh)
    return Plan(made, kept, known, changed, refused)


class _Company:
    """What stands around a file: whether others of its folder, or only of other folders, are called like records."""

    def __init__(self, reads: Sequence[_Read], homes: Sequence[str]) -> None:
        self.named = frozenset(
            folder
            for read in reads
            if record_files.called_like_one(read.document.name)
            for folder in (read.folder, _place(read))
        )
        self.whole_project = "" in homes

    def of(self, read: _Read) -> str:
        """See `candidates.no_record`."""
        if record_files.called_like_one(read.document.name):
            return "alone" if self.whole_project and read.folder else ""
        return "elsewhere" if self.named and not read.anchor and read.folder not in self.named else ""


def _place(read: _Read) -> str:
    """The folder where the records stand: one higher where each has a folder of its own."""
    own = _stem(read.source.path) != read.document.name and not read.anchor
    return posixpath.dirname(read.folder) if own else read.folder


# ---- reading ---------------------------------------------------------------------------------------------------------


def _text(data: bytes) -> tuple[str, str]:
    """The file as text, and what had to be done for it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), "it was UTF-16 and is written as UTF-8"
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "it wasn't UTF-8: read as CP1252 and written as UTF-8"


def _own_name(path: str) -> str:
    """The record's name: its file's, or its folder's where each record has one (`0007-use-x/README.md`)."""
    if part := re.search(r"\.(?:md|markdown)#([^/#]+)$", path, re.IGNORECASE):  # one of several records of a file
        return part[1]
    stem = re.sub(r"\.(?:md|markdown)$", "", posixpath.basename(path), flags=re.IGNORECASE)
    folder = posixpath.basename(posixpath.dirname(path))
    numbered = record_head.number_of(folder) is not None or record_dates.in_name(folder)
    return folder if numbered and stem.lower() in ("readme", "index", "adr", "decision") else stem


def _read(source: Source) -> _Read:
    raw, remark = _text(source.data)
    clean, hits = secrets.mask(raw)
    name = _own_name(source.path)
    digest = hashlib.blake2b(f"{name}\0{clean}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    text, mended = clean, ""
    parsed = front_matter.read(text.encode("utf-8", "replace"))
    if parsed.problem:
        text, mended = _mended(clean, parsed.problem)
        parsed = front_matter.read(text.encode("utf-8", "replace"))
    broken = parsed.problem is not None
    front, body = (parsed.front, parsed.body) if not broken else _lenient(clean)
    document = Document(name, body, front, parsed.body_line, parsed.key_lines)
    remarks = tuple(one for one in (remark, mended) if one)
    return _Read(source, text, document, remarks, tuple(sorted({hit.kind for hit in hits})), digest, broken)


def _taken_apart(reads: Sequence[_Read]) -> Iterator[_Read]:
    """The records of these files, each for itself; a file that lists records which have files of their own is left whole."""
    named = {(read.folder, number) for read in reads if (number := record_head.number_of(read.document.name)) is not None}
    for read in reads:
        numbered = record_head.number_of(read.document.name) is not None or bool(record_dates.in_name(read.document.name))
        pieces = (
            [] if read.broken or (numbered and not is_log(read.source.path)) else combined_log.split(read.document, read.text)
        )
        if not pieces or named & {(read.folder, record_head.number_of(piece.name)) for piece in pieces}:
            yield read
            continue
        rest = combined_log.outside(pieces, read.text)
        file = posixpath.basename(read.source.path)
        for number, piece in enumerate(pieces):
            remarks = [*read.remarks, f"one of {len(pieces)} records in {file}, cut at its heading"]
            if not number and rest:
                remarks.append(f"lines {rest} of {file} belong to no record and stay there")
            yield _piece(read, piece, tuple(remarks))


def _piece(read: _Read, piece: combined_log.Piece, remarks: tuple[str, ...]) -> _Read:
    digest = hashlib.blake2b(f"{piece.name}\0{piece.text}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    document = Document(piece.name, piece.text.replace("\r\n", "\n"), {}, piece.line)
    source = Source(f"{read.source.path}#{piece.name}", piece.text.encode("utf-8", "replace"))
    return _Read(source, piece.text, document, remarks, read.masked, digest, True, piece.line, piece.anchor)


_HEAD = re.compile(r"\A\ufeff?(-{3,}[ \t]*\r?\n)(.*?\r?\n)?(-{3,}[ \t]*(?:\r?\n|\Z))", re.DOTALL)
_LINE = re.compile(r"^(?P<key>[\w-]+)(?P<colon>:[ \t]+)(?P<value>\S.*?)(?P<end>[ \t]*\r?\n?)$")


def _mended(text: str, problem: tuple[int, str]) -> tuple[str, str]:
    """A head that is no YAML, with the values that broke it in quotes (`title: ADR010: Use Luxon`), or from TOML. Else as it was."""
    if written := _from_toml(text):
        return written, "its TOML front matter is written as YAML"
    found = _HEAD.match(text)
    if not found or found[2] is None:
        return text, f"its front matter can't be read (line {problem[0]}: {problem[1]}): it stays in the text"
    lines, quoted = [], []
    for line in found[2].splitlines(keepends=True):
        match = _LINE.match(line)
        if match and not _parses(line):
            value = match["value"].strip("\"'") if match["value"][:1] in "\"'" else match["value"]
            line = match["key"] + match["colon"] + front_matter.quoted(value) + match["end"]
            quoted.append(match["key"])
        lines.append(line)
    mended = text[: found.start(2)] + "".join(lines) + text[found.end(2) :]
    if front_matter.read(mended.encode("utf-8", "replace")).problem:
        return text, f"its front matter is no YAML (line {problem[0]}: {problem[1]}): it stays in the text"
    return mended, f"its front matter was no YAML (line {problem[0]}): {' and '.join(quoted)} put in quotes"


_TOML = re.compile(r"\A\+\+\+[ \t]*(\r?\n)(.*?\n)\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL)


def _from_toml(text: str) -> str:
    """A text whose head is TOML, as Hugo and Zola write it, with one in YAML: a table (`[extra]`) loses its name, its keys stay."""
    found = _TOML.match(text)
    try:
        tables = tomllib.loads(found[2]) if found else {}
    except tomllib.TOMLDecodeError:
        tables = {}
    if not found or not tables:
        return ""
    flat: dict[str, object] = {}
    for key, value in tables.items():
        flat |= value if isinstance(value, dict) else {key: value}
    lines = "".join(_key_line(key, _yaml_value(value), found[1]) for key, value in flat.items())
    return f"---{found[1]}{lines}---{found[1]}{text[found.end() :]}"


def _yaml_value(value: object) -> NewValue:
    if isinstance(value, list):
        return [str(one) for one in value]
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (bool, dict)) else str(value)


def _parses(line: str) -> bool:
    try:
        front_matter.parse(line)
    except front_matter.Broken:
        return False
    return True


def _lenient(text: str) -> tuple[dict[str, object], str]:
    """What can be read of a head that no YAML reader takes: its `key: value` lines; and the body below it."""
    found = _HEAD.match(text)
    plain_text = text.replace("\r\n", "\n")
    if not found:
        return {}, plain_text
    pairs = [_LINE.match(line) for line in (found[2] or "").splitlines()]
    front: dict[str, object] = {}
    for pair in pairs:
        if pair:
            front.setdefault(pair["key"], pair["value"].strip("\"'"))
    return front, text[found.end() :].replace("\r\n", "\n")


# ---- names -----------------------------------------------------------------------------------------------------------


def _names(reads: Sequence[_Read], taken: Iterable[str]) -> dict[str, str]:
    """The new name of each source: its own number when it is free, else the next free one; a name with a date stays."""
    used = {name.casefold() for name in taken}
    numbers = {number for name in taken if (number := Decision(f"decisions/{name}", "").number) is not None}
    wanted = {read.number for read in reads if read.number is not None}
    following = max([*numbers, *wanted], default=0) + 1
    names: dict[str, str] = {}
    for read in reads:
        number, rest = read.number, _rest(read)
        if number is not None and number in numbers:
            number, following = following, following + 1
        if number is not None:
            numbers.add(number)
        name = base = rest if number is None else f"{number:04d}-{rest}"
        count = 2
        while name.casefold() in used:
            name, count = f"{base}-{count}", count + 1
        used.add(name.casefold())
        names[read.source.path] = name
    return names


def _rest(read: _Read) -> str:
    """The file's name without its number, as its author wrote it where that is a name that any system can hold."""
    name = read.document.name
    own = record_head.number_of(name) if not record_dates.in_name(name) else None
    rest = record_head.NUMBER.sub("", name, count=1) if own is not None else name
    if rest and re.fullmatch(r"[A-Za-z0-9][\w.-]*", rest, re.ASCII):
        return rest
    return templates.slug(rest if re.search(r"\w", rest) else read.head.title, "decision")


class _Targets:
    """The records of one import, found by path, by number, by title: what links and relations mean."""

    def __init__(self, reads: Sequence[_Read], names: Mapping[str, str], known: Mapping[str, str]) -> None:
        self.refs = {path: f"decisions/{name}" for path, name in names.items()} | dict(known)
        self.folded: dict[str, list[str]] = defaultdict(list)
        self.by_file: dict[str, list[str]] = defaultdict(list)
        self.by_number: dict[int, list[str]] = defaultdict(list)
        self.by_family: dict[str, list[str]] = defaultdict(list)
        self.by_title: dict[str, list[str]] = defaultdict(list)
        numbers = {read.source.path: read.number for read in reads}
        for path in self.refs:
            self.folded[path.casefold()].append(path)
            name = _own_name(path)
            self.by_file[name.casefold()].append(path)
            number = numbers.get(path, None if record_dates.in_name(name) else record_head.number_of(name))
            if number is not None:
                self.by_number[number].append(path)
            elif family := record_head.family(name):
                self.by_family[family].append(path)
        self.anchors: dict[tuple[str, str], str] = {}
        for read in reads:
            self.by_title[read.head.title.casefold()].append(read.source.path)
            if read.anchor:
                self.anchors[read.source.path.rpartition("#")[0], read.anchor] = read.source.path

    def of_link(self, link: Destination, folder: str, file: str = "") -> tuple[str, bool]:
        """The source that a link means, and whether it leads there exactly as written; empty when there is none.

        `file` is the page that it stands in, for links within that.
        """
        path = record_links.resolved(link, folder)
        if part := self.anchors.get((path or file.rpartition("#")[0], link.rest.removeprefix("#").lower())):
            return part, False
        if path in self.refs:
            return path, not link.path.startswith("/") and "\\" not in link.written
        if not path:
            return "", False
        near = next(
            (near for end in ("", ".md", "/readme.md", "/index.md") if (near := self.folded.get(path.casefold() + end))), []
        )
        if not near and "/" in link.path:  # counted from the project's root, with a slash or without
            near = [one for one in self.refs if (one.endswith(link.path) and link.path.startswith("/")) or one == link.path]
        if not near and posixpath.dirname(path) == folder:  # the address that a site gives to the record: no ending, or .html
            near = [one for one in self.by_file.get(_stem(path).casefold(), []) if posixpath.dirname(one) == folder]
        return (near[0], False) if len(near) == 1 else ("", False)

    def of(self, relation: Relation, read: _Read) -> list[str]:
        """The sources that a relation can mean: one, or none, or several when it is ambiguous."""
        if relation.shape == "number":
            return self._near(self.by_number.get(int(relation.target), []), read)
        if relation.shape == "link":
            link = Destination(relation.target, 0, 0, 0)
            if found := self.of_link(link, read.folder, read.source.path)[0]:
                return [found]
            stem = _stem(re.split(r"[#?]", relation.target)[0].rstrip("/")).casefold()
            if by_name := self._near(self.by_file.get(stem, []) or self.by_family.get(record_head.family(stem), []), read):
                return by_name
            number = record_head.number_of(stem) if re.match(r"adr", stem) or re.match(r"\d+$", stem) else None
            if number is None and link.path and not posixpath.dirname(link.path):
                number = record_head.number_of(stem) if not record_dates.in_name(stem) else None
            # A dead link whose text still says which record is meant.
            if (
                number is None
                and (told := re.match(r"\W*(?:ADR[- ]?)?0*(\d{1,5})\b", relation.text, re.I))
                and not link.path.startswith("http")
            ):
                number = int(told[1])
            return self._near(self.by_number.get(number, []), read) if number is not None else []
        return self.by_title.get(record_head.bare_title(relation.target).casefold(), [])

    def _near(self, paths: list[str], read: _Read) -> list[str]:
        """Those in the folder of the record itself, when there are any: packages of a monorepo count for themselves."""
        own = [path for path in paths if posixpath.dirname(path) == read.folder]
        return own or paths


def _stem(path: str) -> str:
    return re.sub(r"\.(?:md|markdown|html?)$", "", posixpath.basename(path), flags=re.IGNORECASE)


# ---- relations between records ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Ties:
    """What the records say of each other, both ends of each: (kind, source) → sources; and what was made of it."""

    of: Mapping[tuple[str, str], tuple[str, ...]]
    guessed: Mapping[str, tuple[str, ...]]
    left: Mapping[str, tuple[str, ...]]
    superseded: frozenset[str]  # by a record that is in force, whatever they say themselves


def _ties(reads: Sequence[_Read], targets: _Targets) -> _Ties:
    ties: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    guessed: dict[str, list[str]] = defaultdict(list)
    left: dict[str, list[str]] = defaultdict(list)
    said = list(_said(reads, targets, left))
    # Where one end says "partly", the other's plain word means no more.
    partly = {(path, other) for path, relation, other in said if relation.partly}
    for path, relation, other in said:
        kind = relation.kind
        if kind in _IN_PART and ((path, other) in partly or (other, path) in partly):
            kind = _IN_PART[kind]
            if relation.partly:
                guessed[path].append(f"{_words(relation)} {targets.refs[other]} only in part: written as amending")
        ties[kind, path][other] = None
        ties[_INVERSE[kind], other][path] = None
    superseded = set()
    heads = {read.source.path: read.head for read in reads}
    for (kind, path), newer in list(ties.items()):
        if kind != "superseded-by" or path not in heads:
            continue
        if any(path in ties.get(("superseded-by", one), ()) for one in newer):
            left[path].append("two records supersede each other: that is written as they say it")
        elif heads[path].status.word in ("superseded", "rejected", "deprecated"):
            continue
        elif any(one in heads and heads[one].status.word in _DECIDED for one in newer):
            superseded.add(path)
            word = heads[path].status.raw or "no status"
            guessed[path].append(f"{word}, but {targets.refs[next(iter(newer))]} supersedes it: taken as superseded")
    return _Ties(
        {key: tuple(others) for key, others in ties.items() if others},
        {path: tuple(dict.fromkeys(lines)) for path, lines in guessed.items()},
        {path: tuple(dict.fromkeys(lines)) for path, lines in left.items()},
        frozenset(superseded),
    )


def _said(reads: Sequence[_Read], targets: _Targets, left: dict[str, list[str]]) -> Iterator[tuple[str, Relation, str]]:
    """Each relation that names exactly one other record: who says it, what, of whom. The others are reported."""
    for read in reads:
        own = read.source.path
        for relation in read.head.relations:
            others = targets.of(relation, read)
            if len(others) == 1 and others[0] != own:
                yield own, relation, others[0]
                continue
            why = "itself" if others == [own] else f"{len(others)} records" if others else "no record here"
            left[own].append(f"{_words(relation)} {relation.target!r}{_at(relation.line)}: that is {why}")


def _words(relation: Relation) -> str:
    return relation.kind.replace("-", " ")


_DECIDED = ("accepted", "superseded", "deprecated")  # what such a record superseded was superseded by it
_IN_PART = {"supersedes": "amends", "superseded-by": "amended-by"}
_INVERSE = {"supersedes": "superseded-by", "superseded-by": "supersedes", "amends": "amended-by", "amended-by": "amends"}


def _at(line: int) -> str:
    return f" (line {line})" if line > 1 else ""


# ---- attachments -----------------------------------------------------------------------------------------------------


def _home(path: str, homes: Sequence[str]) -> str:
    """The folder of records that a file is in."""
    return max((home for home in homes if not home or path.startswith(home + "/")), key=len, default=posixpath.dirname(path))


def _attachments(
    reads: Sequence[_Read], files: Mapping[str, bytes | None], there: Mapping[str, bytes], homes: Sequence[str]
) -> dict[str, str]:
    """Where each file that goes along will stand below the decisions' folder: never over another one."""
    kept: dict[str, str] = {}
    used = dict(there)
    for read in reads:
        home = _home(read.source.path, homes)
        for link in record_links.destinations(_body(read.text)[1]):
            path = record_links.resolved(link, read.folder)
            data = files.get(path)
            if not path or data is None or path in kept or not record_links.goes_along(link, path, home):
                continue
            inside = path[len(home) + 1 :] if home and path.startswith(home + "/") else path if not home else ""
            target = inside or f"attachments/{posixpath.basename(path)}"
            stem, dot, ending = target.rpartition(".")
            count = 2
            while used.get(target, data) != data:
                target, count = f"{stem}-{count}{dot}{ending}", count + 1
            used[target] = data
            kept[path] = target
    return kept


# ---- writing ---------------------------------------------------------------------------------------------------------


def _body(text: str) -> tuple[str, str]:
    """The front matter with its lines, and the body, both to the byte."""
    data = text.encode("utf-8", "replace")
    try:
        block = front_matter.find_block(data)
    except front_matter.Broken:
        block = None
    return (data[: block.body].decode(), data[block.body :].decode()) if block else ("", text)


def _record(
    project: str,
    read: _Read,
    name: str,
    targets: _Targets,
    ties: _Ties,
    kept: Mapping[str, str],
    files: Mapping[str, bytes | None],
    order: bool | None,
) -> Record:
    own, said = read.source.path, read.head
    guessed = [*read.remarks, *said.disagree, *ties.guessed.get(own, ())]
    left = list(ties.left.get(own, ()))
    status = "superseded" if own in ties.superseded else said.status.word
    if not status:
        text = f"status {said.status.raw!r} is none that kb knows" if said.status.raw else "it says no status"
        left.append(f"{text}: kb shows it as proposed")
    elif not said.status.sure and own not in ties.superseded:
        guessed.append(
            f"status {said.status.raw!r} taken as {status}"
            if said.status.raw
            else f"no status, taken as {status} from its links"
        )
    day, origin = _day(read, order)
    if origin == "text" and not said.date:
        how = "as the other records write it" if order is not None else "the reading next to its first commit"
        guessed.append(f"date {said.date_text!r} read as {day}, {how}")
    if origin in ("file name", "git"):
        named = "its heading" if read.anchor else "its file name"
        guessed.append(f"date {day} from {named if origin == 'file name' else 'its first commit'}")
    elif not day:
        left.append(
            f"date {said.date_text!r} can be read in more than one way, or in none" if said.date_text else "it says no date"
        )
    if not said.title:
        left.append("it has no title: its file's name is shown")
    if not said.dialect:
        guessed.append("taken for a decision by its file's name")
    if read.number is not None and read.number != (number := record_head.number_of(name)):
        guessed.append(f"number {read.number} is taken here: it is {number}")
    refs = {
        kind: tuple(targets.refs[other] for other in ties.of.get((kind, own), ()))
        for kind in ("supersedes", "superseded-by", "amends")
    }
    changes = _changes(read, status, day, refs)
    changes["imported_from"] = f"{project}/{own}"
    changes["imported_digest"] = read.digest
    front, body = ("", read.text) if read.broken else _body(read.text)
    moved = record_links.moved(body, lambda link: _new_home(link, read, targets, kept, files, guessed, left, front.count("\n")))
    data = _with_head(front, moved, changes, read.document.front)
    return Record(own, name, data, said, status, day, origin, refs, tuple(guessed), tuple(dict.fromkeys(left)), read.masked)


def _day(read: _Read, order: bool | None) -> tuple[str, str]:
    """The date, and where it is from: the text, else the file's name, else the source's first commit.

    05/02/2018 can be two days: what the other records write (`order`: the day first?) or the first commit says which.
    """
    said, committed = read.head, read.source.committed
    either = record_dates.find(said.date_text, order) if order is not None else ""
    if day := said.date or either or (record_dates.nearest(said.date_text, committed[:10]) if committed else ""):
        return day, "text"
    if day := record_dates.in_name(read.document.name):
        return day, "file name"
    return (read.source.committed, "git") if read.source.committed else ("", "nothing")


def _changes(read: _Read, status: str, day: str, refs: Mapping[str, tuple[str, ...]]) -> dict[str, NewValue]:
    """The keys that the note's front matter needs beside those that it has."""
    front, said = read.document.front, read.head
    have = {} if read.broken else front
    changes: dict[str, NewValue] = {}
    if said.title and not have.get("title"):
        changes["title"] = said.title
    if str(have.get("status") or "").strip().lower() != status:
        changes["status"] = status
    if said.status.raw and (said.status.says_more or said.status.word != status):
        changes["status_text"] = said.status.raw
    written = str(have.get("date") or "")
    if not (day and re.match(r"\d{4}-\d\d-\d\d(?:$|[T ]\d)", written)):
        if written and written != day:
            changes["date_text"] = written
        if day or written:
            changes["date"] = day
    if said.date_text and not day and not written:
        changes["date_text"] = said.date_text
    changes |= {key: people for key, people in said.people.items() if not have.get(key)}
    changes |= {kind: names for kind, names in refs.items() if names}
    for one in said.relations:  # "supersedes: ADR-7, for the queue only" is `amends` here: its words stay beside it
        if one.partly and one.kind in refs and not refs[one.kind] and isinstance(words := have.get(one.kind), str):
            changes |= {one.kind: "", f"{one.kind}_text": words}
    # "supersedes: null" names no record.
    changes |= {
        kind: "" for kind in refs if not refs[kind] and isinstance(said_none := have.get(kind), str) and says_nothing(said_none)
    }
    return {key: value for key, value in changes.items() if value or key in have}


def _with_head(front: str, body: str, changes: Mapping[str, NewValue], have: Mapping[str, object]) -> bytes:
    """The note's bytes: the author's head with our keys set in it, or a head of ours; the body as it is."""
    end = "\r\n" if "\r\n" in (front or body)[:2000] else "\n"
    if not front:
        lines = "".join(_key_line(key, value, end) for key, value in changes.items())
        return f"---{end}{lines}---{end}{body.removeprefix(chr(0xFEFF))}".encode("utf-8", "replace")
    changed = {key: value for key, value in changes.items() if key in have}
    head_bytes = front.encode()
    if changed:
        head_bytes = front_matter.set_fields(head_bytes, changed, "the source")
    block = front_matter.find_block(head_bytes)
    assert block is not None
    lines = "".join(_key_line(key, value, end) for key, value in changes.items() if key not in have)
    closing = re.search(rb"(?:-{3,}|\.\.\.)[ \t]*(?:\r\n|\n|\r)?\Z", head_bytes)
    assert closing is not None
    glue = b"" if head_bytes[: closing.start()].endswith((b"\n", b"\r")) else end.encode()
    return (
        head_bytes[: closing.start()] + glue + lines.encode() + head_bytes[closing.start() :] + body.encode("utf-8", "replace")
    )


def _key_line(key: str, value: NewValue, end: str) -> str:
    return f"{key}: {front_matter.as_yaml(value)}".rstrip(" ") + end


def _new_home(
    link: Destination,
    read: _Read,
    targets: _Targets,
    kept: Mapping[str, str],
    files: Mapping[str, bytes | None],
    guessed: list[str],
    left: list[str],
    lines_above: int,
) -> str | None:
    """Where a link of the body leads now; None when it stays as it is. What became of it is said."""
    inside = read.anchor and link.written.startswith("#")
    if not link.path and not inside:
        return None
    line = link.line + lines_above + read.first_line
    path = record_links.resolved(link, read.folder)
    source, exact = targets.of_link(link, read.folder, read.source.path)
    if inside:  # to another record of the same page, which is a note of its own now
        leads_away = source and source != read.source.path
        return record_links.as_written(targets.refs[source].removeprefix("decisions/") + ".md", "") if leads_away else None
    if source and (path == source or path not in files or source.startswith(path + "/")):
        new = targets.refs[source].removeprefix("decisions/") + ".md"
        if not exact:
            guessed.append(f"line {line}: the link to {link.written} means {new}")
        return _unless_right(link, new)
    if path in kept:
        return _unless_right(link, kept[path])
    if path in files:
        left.append(f"line {line}: {link.written} leads to a file of its project that is no record: the link is left")
    else:
        where = "out of its project" if not path else "nowhere"
        left.append(f"line {line}: the link to {link.written} leads {where}: it is left")
    return None


def _unless_right(link: Destination, new: str) -> str | None:
    """The new destination; None when the old one, as it is written, leads there already."""
    right = "\\" not in link.written and posixpath.normpath(link.path) == new
    return None if right else record_links.as_written(new, link.rest)
