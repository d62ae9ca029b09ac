"""A decision whose number another machine took too: the new name, and every link to it, changed to the byte."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from . import front_matter
from .exceptions import CannotEdit
from .knowledge_base import KnowledgeBase
from .note import Decision, Note, code_spans, prose_lines


@dataclass(frozen=True)
class Renumbered:
    """What a renumbering does: the note under its new path, and the bytes of each note that links to it, before and after."""

    path: str
    data: bytes
    old_path: str
    old_data: bytes
    changes: Mapping[str, tuple[bytes, bytes]]
    doubtful: tuple[str, ...] = ()  # `path:line` of links that name the number alone, and now mean the other decision


def twins(base: KnowledgeBase) -> list[tuple[Decision, Decision]]:
    """The decisions whose number another one has too, each with the first one of that number."""
    numbers: dict[int, list[Decision]] = defaultdict(list)
    for note in base.notes:
        if isinstance(note, Decision) and note.number is not None:
            numbers[note.number].append(note)
    return [(notes[0], other) for notes in numbers.values() for other in notes[1:]]


def renumbered(base: KnowledgeBase, note: Decision, read: Callable[[str], bytes]) -> Renumbered:
    """`note` under the next free number, with all that means it. `read` gives the bytes of a path.

    A link means it when it has the file's name, whole: in front matter, in `[[…]]`, in a Markdown link or in a sentence.
    Code is left as it is. Raises CannotEdit when a note can't be changed with nothing else in it changing.
    """
    taken = [other.number or 0 for other in base.notes if isinstance(other, Decision)]
    digits = re.search(r"\d+", note.name)
    assert digits, "a decision with a number has it in its name"
    new_name = f"{note.name[: digits.start()]}{max(taken) + 1:0{len(digits[0])}d}{note.name[digits.end() :]}"
    changes = {}
    for other in base.notes:
        old = read(other.path)
        if note.name.encode() in old:
            new = _renamed(old, note.name, new_name, other.path)
            if new != old:
                changes[other.path] = (old, new)
    before, data = changes.pop(note.path, (read(note.path),) * 2)
    folder = note.path.rpartition("/")[0]
    data = _own_heading(data, note.number or 0, max(taken) + 1)
    suffix = note.path.rpartition(".")[2]
    return Renumbered(f"{folder}/{new_name}.{suffix}", data, note.path, before, changes, tuple(_doubtful(base.notes, note)))


def _renamed(data: bytes, name: str, new_name: str, path: str) -> bytes:
    token = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    try:
        block = front_matter.find_block(data)
        start = block.body if block else 0
        head, body = data[:start].decode("utf-8"), data[start:].decode("utf-8")
    except (front_matter.Broken, UnicodeDecodeError):
        raise CannotEdit(path, 1, f"is broken, and names {name}: correct it first") from None
    title = re.search(r"^title[ \t]*:.*", head, re.MULTILINE)
    spared = title.span() if title else (0, 0)
    head = token.sub(lambda found: found[0] if spared[0] <= found.start() < spared[1] else new_name, head)
    body = "".join(line if fenced else _in_prose(line, token, new_name) for _, _, line, fenced in prose_lines(body))
    new = (head + body).encode("utf-8")
    if front_matter.read(new).problem != front_matter.read(data).problem:
        raise CannotEdit(path, 1, f"{name} can't be changed here without touching more: edit it by hand")
    return new


def _in_prose(line: str, token: re.Pattern[str], new_name: str) -> str:
    spans = code_spans(line)
    return token.sub(lambda found: found[0] if any(start <= found.start() < end for start, end in spans) else new_name, line)


def _own_heading(data: bytes, number: int, new: int) -> bytes:
    """The note with the number in its own first heading (`# 7. Use restic`, `# ADR-0007: …`) changed."""
    found = re.search(rb"^(# (?:ADR[- ]?)?)(0*)(%d)(?=[.:) ])" % number, data, re.MULTILINE | re.IGNORECASE)
    if not found:
        return data
    digits = f"{new:0{len(found[2] + found[3])}d}".encode()
    return data[: found.end(1)] + digits + data[found.end() :]


def _doubtful(notes: Sequence[Note], note: Decision) -> list[str]:
    number = re.compile(rf"(?:adr[-\s]?)?0*{note.number}", re.IGNORECASE)
    return [f"{other.path}:{link.line}" for other in notes for link in other.links if number.fullmatch(link.target)]
