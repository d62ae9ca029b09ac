"""The relations between imported records, both ways."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from . import record_dates, record_head, record_links
from .record_links import Destination
from .record_source import ReadRecord, own_name, stem_of
from .relations import Relation


class Targets:
    """The records of one import, found by path, number or title: what links and relations mean."""

    def __init__(self, reads: Sequence[ReadRecord], names: Mapping[str, str], known: Mapping[str, str]) -> None:
        self.refs = {path: f"decisions/{name}" for path, name in names.items()} | dict(known)
        self.folded: dict[str, list[str]] = defaultdict(list)
        self.by_file: dict[str, list[str]] = defaultdict(list)
        self.by_number: dict[int, list[str]] = defaultdict(list)
        self.by_family: dict[str, list[str]] = defaultdict(list)
        self.by_title: dict[str, list[str]] = defaultdict(list)
        numbers = {read.source.path: read.number for read in reads}
        for path in self.refs:
            self.folded[path.casefold()].append(path)
            name = own_name(path)
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
        """The source that a link means, and whether it leads there exactly as written; empty if there is none.

        `file` is the page that it is on, for links within the page.
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
        if not near and posixpath.dirname(path) == folder:  # the record's address on a site: no ending, or .html
            near = [one for one in self.by_file.get(stem_of(path).casefold(), []) if posixpath.dirname(one) == folder]
        return (near[0], False) if len(near) == 1 else ("", False)

    def of(self, relation: Relation, read: ReadRecord) -> list[str]:
        """The sources that a relation can mean: one, none, or several if it is ambiguous."""
        if relation.shape == "number":
            return self._near(self.by_number.get(int(relation.target), []), read)
        if relation.shape == "link":
            link = Destination(relation.target, 0, 0, 0)
            if found := self.of_link(link, read.folder, read.source.path)[0]:
                return [found]
            stem = stem_of(re.split(r"[#?]", relation.target)[0].rstrip("/")).casefold()
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

    def _near(self, paths: list[str], read: ReadRecord) -> list[str]:
        """Those in the folder of the record itself, if there are any: each package of a monorepo stands on its own."""
        own = [path for path in paths if posixpath.dirname(path) == read.folder]
        return own or paths


@dataclass(frozen=True)
class Ties:
    """What the records say about each other, in both directions: (kind, source) → sources; and what to report about it."""

    of: Mapping[tuple[str, str], tuple[str, ...]]
    guessed: Mapping[str, tuple[str, ...]]
    left: Mapping[str, tuple[str, ...]]
    superseded: frozenset[str]  # by a record that is in force, whatever they say themselves


def ties_of(reads: Sequence[ReadRecord], targets: Targets) -> Ties:
    """The relations between all records, stated by either end, and what could not be resolved."""
    ties: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    guessed: dict[str, list[str]] = defaultdict(list)
    left: dict[str, list[str]] = defaultdict(list)
    said = list(_said(reads, targets, left))
    # If one end says "partly", the other's plain word means no more than that.
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
    return Ties(
        {key: tuple(others) for key, others in ties.items() if others},
        {path: tuple(dict.fromkeys(lines)) for path, lines in guessed.items()},
        {path: tuple(dict.fromkeys(lines)) for path, lines in left.items()},
        frozenset(superseded),
    )


def _said(reads: Sequence[ReadRecord], targets: Targets, left: dict[str, list[str]]) -> Iterator[tuple[str, Relation, str]]:
    """Each relation that names exactly one other record, as (who says it, what, about whom). The others are reported."""
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
