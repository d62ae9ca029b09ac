"""Giving decisions other numbers: their new names, and every link, ref and front matter field that meant them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..exceptions import CannotEdit, WrongUse
from ..notes import front_matter, yaml_reader
from ..notes.kinds import Decision, Note
from ..notes.knowledge_base import KnowledgeBase
from ..notes.markdown import Link, code_spans, link_places, prose_lines
from ..notes.note_move import NoteMove

# The values of these keys are someone else's words, or where a record came from: a name in them stays.
_KEPT_KEYS = ("title", "imported_from", "status_text", "date_text")
_SIGN = r"(?:(?:ADR|AD|DR)[-_ #]?|#)?"  # what people write before the number

_COUNTED = re.compile(rf"(?<![\w./-]){_SIGN}(?P<number>\d+)(?![\w-]|\.\d)", re.IGNORECASE)

_MENTION = re.compile(r"\b(?:ADRs?|AD|DR|decision)[-_ #]?0*(?P<number>\d{1,6})(?![\w-]|\.\d)", re.IGNORECASE)
_LINKED = re.compile(r"\[\[[^\]\n]*\]\]|!?\[[^\]\n]*\]\([^)\n]*\)|`[^`\n]*`")


@dataclass(frozen=True)
class Renumbered:
    """What a renumbering does: notes that move, the bytes of the others that change, and what a person should check."""

    moves: tuple[NoteMove, ...]
    changes: Mapping[str, tuple[bytes, bytes]]
    doubtful: tuple[str, ...] = ()  # `path:line` of links with only a number that two decisions had
    mentions: tuple[str, ...] = ()  # `path:line` of prose with an old number: only a person knows what it means
    folders: Mapping[str, str] = field(default_factory=dict)  # of records that have a folder each: old path → new path


def twins(base: KnowledgeBase) -> list[list[Decision]]:
    """The decisions that share their number with others, by number."""
    numbers: dict[int, list[Decision]] = defaultdict(list)
    for note in base.notes:
        if isinstance(note, Decision) and note.number is not None:
            numbers[note.number].append(note)
    return [notes for _, notes in sorted(numbers.items()) if len(notes) > 1]


def apart(base: KnowledgeBase, born: Callable[[Decision], float]) -> dict[str, int]:
    """New numbers for all decisions whose number an older one has: ref → the next free number. `born`: when each was created."""
    following = _following(base)
    numbers: dict[str, int] = {}
    for notes in twins(base):
        _, *younger = sorted(notes, key=lambda note: (born(note), note.date.day.isoformat() if note.date else "9", note.ref))
        for note in younger:
            numbers[note.ref], following = following, following + 1
    return numbers


def to_number(base: KnowledgeBase, note: Decision, number: int | None) -> dict[str, int]:
    """This number for `note`, or the next free one. Raises WrongUse if another decision has it, or `note` can't have one."""
    if note.number is None:
        raise WrongUse(f"{note.name} has no number: its name begins with a date or with letters, and stays as it is")
    taken = next((other for other in base.notes if isinstance(other, Decision) and other.number == number), None)
    if number is not None and taken is not None:
        raise WrongUse(f"{number} is the number of {taken.name} already: the next free one is {_following(base)}")
    return {note.ref: _following(base) if number is None else number}


def _following(base: KnowledgeBase) -> int:
    return max((note.number or 0 for note in base.notes if isinstance(note, Decision)), default=0) + 1


def renumbered(
    base: KnowledgeBase, numbers: Mapping[str, int], read: Callable[[str], bytes], again: Callable[[Note, bytes], Note]
) -> Renumbered:
    """The decisions with these refs under these numbers, and every mention of them changed.

    `read` returns the bytes of a path; `again` a note as it would be with other bytes. A record with a folder of its own
    (`0007-use-x/README.md`) takes it along. A link means a decision if it has the whole name of its file, or only its number,
    provided that no other decision has that number. Code, titles and prose are left as they are.
    Raises CannotEdit if a note can't be changed without changing anything else in it: then nothing may be written at all.
    """
    work = _Work(base, numbers)
    changed: dict[str, tuple[bytes, bytes]] = {}
    for note in base.notes:
        by_number = list(work.by_number(note))
        old = read(note.path)
        if by_number or note.ref in numbers or work.names.search(old.decode("utf-8", "replace")):
            new = work.change(note, old, by_number)
            if new != old:
                changed[note.path] = (old, new)
    moves = []
    for note in work.moving_notes():
        old, new = changed.pop(note.path) if note.path in changed else (read(note.path),) * 2
        moves.append(NoteMove(work.new_path(note), new, note.path, old))
    doubtful = tuple(dict.fromkeys(work.doubtful()))
    mentions = tuple(place for place in work.mentions(moves, changed) if place not in doubtful)
    done = Renumbered(tuple(moves), changed, doubtful, mentions, work.folders)
    work.prove(done, again)
    return done


class _Work:
    """One renumbering: which names become which."""

    def __init__(self, base: KnowledgeBase, numbers: Mapping[str, int]) -> None:
        self.base, self.numbers = base, numbers
        self.notes = [note for note in base.notes if isinstance(note, Decision) and note.ref in numbers]
        self.new = {note.name.lower(): self._new_name(note) for note in self.notes}
        self.folders: dict[str, str] = {}
        for note in self.notes:
            folder, _, file = note.path.rpartition("/")
            if file.rpartition(".")[0] != note.name:
                self.folders[folder] = f"{folder.rpartition('/')[0]}/{self.new[note.name.lower()]}"
        self.old_number = {note.name.lower(): note.number for note in self.notes}
        self.new_number = {note.name.lower(): numbers[note.ref] for note in self.notes}
        names = "|".join(sorted(map(re.escape, self.new), key=len, reverse=True))
        own = "|".join(re.escape(folder.rpartition("/")[2]) for folder in self.folders) or "(?!)"
        # A picture named after the record keeps its name: only the record's own endings may follow, or what its
        # own folder contains.
        self.names = re.compile(
            rf"(?<![\w-])(?:(?:{own})(?=/)|(?:{names})(?![\w-]|/|\.(?!(?:md|markdown|html?)\b)\w))" if names else r"(?!)",
            re.IGNORECASE,
        )
        # Links have the address of a page before the name, or only the name; the number comes before the title.
        self.texts = re.compile(
            rf"(?P<lead>\[{_SIGN})(?P<zeros>0*)(?P<number>\d+)(?=[\].:) –—-][^\[\]\n]*\]\(\s*<?[^()\s<>]*?(?P<name>{names or '(?!)'})[./)>])"
            rf"|(?P<lead2>\[\[[^\[\]|\n]*?(?P<name2>{names or '(?!)'})(?:\.md)?\|{_SIGN})(?P<zeros2>0*)(?P<number2>\d+)",
            re.IGNORECASE,
        )

    def _new_name(self, note: Decision) -> str:
        digits = re.search(r"\d+", note.name)
        assert digits, "a decision with a number has it in its name"
        return f"{note.name[: digits.start()]}{self.numbers[note.ref]:0{len(digits[0])}d}{note.name[digits.end() :]}"

    def moving_notes(self) -> Iterator[Note]:
        """The notes that get another path: the decisions, and what is in a folder of theirs."""
        yield from self.notes
        for note in self.base.notes:
            if note.ref not in self.numbers and self._in_folder(note.path):
                yield note

    def _in_folder(self, path: str) -> str:
        """The moving folder that a path is in."""
        return next((folder for folder in self.folders if path.startswith(folder + "/")), "")

    def new_path(self, note: Note) -> str:
        """Where a note moves to."""
        if folder := self._in_folder(note.path):
            return self.folders[folder] + note.path[len(folder) :]
        folder, slash, file = note.path.rpartition("/")
        return f"{folder}{slash}{self.new[note.name.lower()]}.{file.rpartition('.')[2]}"

    def new_ref(self, ref: str) -> str:
        """What a ref becomes."""
        folder, slash, name = ref.rpartition("/")
        if ref in self.numbers:
            return f"{folder}{slash}{self.new[name.lower()]}"
        if inside := self._in_folder(f"entries/{ref}"):  # a page in the folder of a record
            return self.folders[inside].removeprefix("entries/") + f"entries/{ref}"[len(inside) :]
        return ref

    # ---- links that are numbers --------------------------------------------------------------------------------------

    def by_number(self, note: Note) -> Iterator[tuple[Link, Decision]]:
        """The links of a note that mean one of the decisions by nothing but its number."""
        for link in note.links:
            target = self.base.target(note, link) if _as_number(link) in self._moving else None
            if isinstance(target, Decision) and target.ref in self.numbers:
                yield link, target

    @cached_property
    def _moving(self) -> frozenset[int | None]:
        return frozenset(self.old_number.values())

    def doubtful(self) -> Iterator[str]:
        """The links with only a number that two decisions had: only a person knows what they mean."""
        for note in self.base.notes:
            for link in note.links:
                if _as_number(link) in self._moving and self.base.target(note, link) is None:
                    yield f"{note.path}:{link.line}"

    def mentions(self, moves: Sequence[NoteMove], changed: Mapping[str, tuple[bytes, bytes]]) -> Iterator[str]:
        """Where prose says "ADR-7" and that number moved; not links, code and headings, which are changed or speak for themselves."""
        new = {move.old_path: (move.path, move.data) for move in moves} | {
            path: (path, data) for path, (_, data) in changed.items()
        }
        for note in self.base.notes:
            if not _MENTION.search(note.body):
                continue
            path, body, first = note.path, note.body, note.body_line
            if note.path in new:
                path, data = new[note.path]
                parsed = front_matter.read(data)
                body, first = parsed.body, parsed.body_line
            for number, _, line, fenced in prose_lines(body):
                said = () if fenced or line.startswith("#") else _MENTION.finditer(_LINKED.sub("", line))
                if any(int(found["number"]) in self._moving for found in said):
                    yield f"{path}:{first + number}"

    # ---- bytes -------------------------------------------------------------------------------------------------------

    def change(self, note: Note, data: bytes, by_number: Sequence[tuple[Link, Decision]]) -> bytes:
        """The bytes of a note with every mention changed."""
        try:
            block = front_matter.find_block(data)
            start = block.body if block else 0
            head, body = data[:start].decode("utf-8"), data[start:].decode("utf-8")
        except (yaml_reader.Broken, UnicodeDecodeError):
            raise CannotEdit(note.path, 1, "is broken, and names a decision that is renumbered: correct it first") from None
        head, body = self._numbers_changed(note, head, body, by_number)
        head = "".join(self._head_lines(head))
        body = "".join(line if fenced else self._in_prose(line) for _, _, line, fenced in prose_lines(body))
        new = (head + body).encode("utf-8")
        if note.ref in self.numbers and isinstance(note, Decision):
            new = _own_number(new, note.number or 0, self.numbers[note.ref])
        if front_matter.read(new).problem != front_matter.read(data).problem:
            raise CannotEdit(note.path, 1, "can't be changed without touching more: edit it by hand")
        return new

    def _head_lines(self, head: str) -> Iterator[str]:
        key = ""
        for line in head.splitlines(keepends=True):
            key = found[1] if (found := re.match(r"[\"']?([^\s:#\"'-][^:]*?)[\"']?\s*:(?=\s|$)", line)) else key
            yield line if key in _KEPT_KEYS and not line.startswith("#") else self._named(line)

    def _in_prose(self, line: str) -> str:
        if not self.names.search(line):
            return line
        spans = code_spans(line)
        return self._named(self.texts.sub(lambda found: self._text(found, spans), line), code_spans)

    def _text(self, found: re.Match[str], spans: Sequence[tuple[int, int]]) -> str:
        """The text of a link with the number before the title changed: `[7. Use restic](0007-use-restic.md)`."""
        two = "2" if found["name2"] else ""
        name, number = found["name" + two].lower(), int(found["number" + two])
        if number != self.old_number[name] or any(start <= found.start() < end for start, end in spans):
            return found[0]
        width = len(found["zeros" + two] + found["number" + two])
        return f"{found['lead' + two]}{self.new_number[name]:0{width}d}"

    def _named(self, line: str, code: Callable[[str], list[tuple[int, int]]] | None = None) -> str:
        spans = code(line) if code else []
        return self.names.sub(
            lambda found: found[0] if any(start <= found.start() < end for start, end in spans) else self.new[found[0].lower()],
            line,
        )

    def _numbers_changed(self, note: Note, head: str, body: str, by_number: Sequence[tuple[Link, Decision]]) -> tuple[str, str]:
        """Head and body with the links changed that are just a number: `supersedes: [7]`, `[[ADR-7]]`, `Superseded by ADR-7`."""
        for link, start, end in sorted(link_places(body), key=lambda place: -place[1]):
            for other, target in by_number:
                if other.kind == "wiki" == link.kind and other.target == link.target:
                    body = body[:start] + self._counted(body[start:end], target) + body[end:]
                    break
        lines = (head + body).split("\n")
        above = head.count("\n")
        for link, target in by_number:
            if link.kind == "wiki":
                continue
            at = first = link.line - 1
            while at < len(lines):  # a list may go on below its key
                new = self._counted(lines[at], target, value=at == first)
                if new != lines[at]:
                    lines[at] = new
                    break
                at += 1
                if at >= len(lines) or (at < above and re.match(r"[^\s#-]", lines[at])) or at == above:
                    break
        text = "\n".join(lines)
        size = len("\n".join(lines[:above])) + 1 if above else 0
        return text[:size], text[size:]

    def _counted(self, text: str, target: Decision, value: bool = False) -> str:
        """The text with the first mention of the number of `target` changed."""
        places = [found for found in _COUNTED.finditer(text) if int(found["number"]) == target.number]
        after_key = text.find(":") + 1 if value else 0
        found = next((one for one in places if one.start() >= after_key), next(iter(places), None))
        if found is None:
            return text
        return (
            f"{text[: found.start('number')]}{self.numbers[target.ref]:0{len(found['number'])}d}{text[found.end('number') :]}"
        )

    # ---- proof -------------------------------------------------------------------------------------------------------

    def prove(self, done: Renumbered, again: Callable[[Note, bytes], Note]) -> None:
        """Read the changes back and check that every link leads where it led. Raises CannotEdit."""
        moved = {move.old_path: move for move in done.moves}
        after: list[Note] = []
        for note in self.base.notes:
            if move := moved.get(note.path):
                after.append(replace(again(note, move.data), ref=self.new_ref(note.ref), path=move.path))
            else:
                after.append(again(note, done.changes[note.path][1]) if note.path in done.changes else note)
        proof = replace(self.base, notes=tuple(after))
        for old, new in zip(self.base.notes, after, strict=True):
            if old is new:
                continue
            if new.problem != old.problem or len(old.links) != len(new.links):
                raise CannotEdit(old.path, 1, "would say something else than before: edit it by hand first")
            for before, now in zip(old.links, new.links, strict=True):
                target, goal = self.base.target(old, before), proof.target(new, now)
                if target is not None and (goal is None or goal.ref != self.new_ref(target.ref)):
                    raise CannotEdit(
                        old.path, before.line, f"{before.target!r} would mean another note: change it by hand first"
                    )


def _as_number(link: Link) -> int | None:
    found = re.fullmatch(r"(?:adr[- ]?)?0*(\d+)", link.target.partition("#")[0].strip(), re.IGNORECASE)
    return int(found[1]) if found and link.kind not in ("file", "services", "hosts", "depends_on") else None


_OWN = (
    re.compile(rb"^(?P<lead># (?:ADR[-_ ]?)?)(?P<digits>\d+)(?=[.:) ]|\s-)", re.MULTILINE | re.IGNORECASE),
    re.compile(rb"^(?P<lead>title[ \t]*:[ \t]*[\"']?(?:ADR[-_ ]?)?)(?P<digits>\d+)(?=[.:)])", re.MULTILINE | re.IGNORECASE),
    re.compile(
        rb"^(?P<lead>(?:id|number|adr)[ \t]*:[ \t]*[\"']?(?:[a-z]+-)?(?:ADR[-_ ]?)?)(?P<digits>\d+)(?=[\"']?[ \t]*\r?$)",
        re.M | re.I,
    ),
)


def _own_number(data: bytes, number: int, new: int) -> bytes:
    """The note with the number in its own heading, title and id changed (`# 7. Use restic`, `id: adrs-adr007`)."""
    try:
        block = front_matter.find_block(data)
    except yaml_reader.Broken:
        block = None
    start = block.body if block else 0
    head, body = data[:start], data[start:]
    for pattern in _OWN[1:]:
        head = _first_changed(pattern, head, number, new)
    return head + _first_changed(_OWN[0], body, number, new)


def _first_changed(pattern: re.Pattern[bytes], data: bytes, number: int, new: int) -> bytes:
    found = pattern.search(data)
    if not found or int(found["digits"]) != number:
        return data
    return data[: found.start("digits")] + f"{new:0{len(found['digits'])}d}".encode() + data[found.end("digits") :]
