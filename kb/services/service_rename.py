"""Renaming a service in every note that names it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

from ..exceptions import CannotEdit, WrongUse
from ..notes import front_matter, front_matter_edit, yaml_reader
from ..notes.kinds import Note, Service
from ..notes.knowledge_base import KnowledgeBase
from ..notes.markdown import Link, link_places
from ..notes.note_move import NoteMove
from ..notes.templates import slug

# Fields that hold names of services; `needs` does if no service provides a capability of that name.
_NAME_KEYS = ("services", "hosts", "depends_on", "monitored_by", "needs")


@dataclass(frozen=True)
class Renamed(NoteMove):
    """What a rename does: the note under its new path, and the bytes of each other note that changes, before and after."""

    changes: Mapping[str, tuple[bytes, bytes]]


class NameTaken(WrongUse):
    """Another service has that name."""

    def __init__(self, name: str, other: Service) -> None:
        super().__init__(f"{name} is a name of {other.ref} already: choose another")


def renamed(base: KnowledgeBase, note: Service, name: str, read: Callable[[str], bytes]) -> Renamed:
    """`note` under the name `name`, and every mention of it; aliases keep the old name. `read` returns the bytes of a path.

    Code, titles and prose stay as they are. Raises NameTaken, or CannotEdit if a note can't be changed without changing
    anything else in it: then nothing may be written at all.
    """
    new = slug(name, "service")
    if new == note.name:
        raise WrongUse(f"{note.name} is called so already")
    for said in (name, new):
        if (taken := base.services.get(said.lower())) and taken.ref != note.ref:
            raise NameTaken(said, taken)
    work = _Work(base, note, new)
    changes = {}
    for other in base.notes:
        if other.problem and note.name.lower() in other.body.lower():
            raise CannotEdit(other.path, other.problem.line, f"is broken, and names {note.name}: correct it first")
        old = read(other.path)
        if note.name.lower().encode() in old.lower() or any(work.means(other, link) for link in other.links):
            changed = work.change(other, old)
            if changed != old:
                changes[other.path] = (old, changed)
    old, data = changes.pop(note.path, (read(note.path),) * 2)
    aliases = [alias for alias in note.aliases if alias.lower() not in (new, note.name.lower())]
    fields: dict[str, front_matter_edit.NewValue] = {"aliases": [*aliases, note.name]}
    if note.title.lower() == note.name.lower():
        fields["title"] = name.strip()
    data = front_matter_edit.set_fields(data, fields, note.path)
    folder, suffix = note.path.rpartition("/")[0], note.path.rpartition(".")[2]
    done = Renamed(f"{folder}/{new}.{suffix}", data, note.path, old, changes)
    _prove(base, note, done)
    return done


@dataclass(frozen=True)
class _Work:
    base: KnowledgeBase
    note: Service
    new: str

    def means(self, other: Note, link: Link) -> bool:
        """Whether a link means the note by the name of its file, and not by an alias or a title, which will still mean it."""
        target = self.base.target(other, link)
        if target is None or target.ref != self.note.ref:
            return False
        kept = {self.note.title.lower(), *(alias.lower() for alias in self.note.aliases)} - {self.note.name.lower()}
        return link.kind == "file" or link.target.partition("#")[0].lower() not in kept

    def change(self, other: Note, data: bytes) -> bytes:
        """The note's bytes with each mention changed."""
        try:
            block = front_matter.find_block(data)
            start = block.body if block else 0
            head, body = data[:start].decode("utf-8"), data[start:].decode("utf-8")
        except (yaml_reader.Broken, UnicodeDecodeError):
            raise CannotEdit(other.path, 1, f"is broken, and names {self.note.name}: correct it first") from None
        return (self._head(other, head) + self._body(other, body)).encode("utf-8")

    def _body(self, other: Note, body: str) -> str:
        places = [(start, end, link) for link, start, end in link_places(body) if self.means(other, link)]
        for start, end, link in sorted(places, key=lambda place: place[0], reverse=True):
            target = body[start:end]
            body = body[:start] + (self._address(target) if link.kind == "file" else self._ref(target)) + body[end:]
        return body

    def _address(self, target: str) -> str:
        """The relative address of a file, with its last part changed."""
        path, mark, anchor = target.partition("#")
        folder, slash, file = path.rpartition("/")
        return f"{folder}{slash}{self.new}.{unquote(file).rpartition('.')[2]}{mark}{anchor}"

    def _ref(self, target: str) -> str:
        path, mark, anchor = target.partition("#")
        lead = re.match(r"\s*(?:entries/)?(?:[^\s/]+/)*", path)
        suffix = ".md" if path.strip().endswith(".md") else ""
        return f"{lead[0] if lead else ''}{self.new}{suffix}{mark}{anchor}"

    # ---- front matter ------------------------------------------------------------------------------------------------

    def _head(self, other: Note, head: str) -> str:
        """The front matter with the names in lists and the refs in any field changed, except in comments."""
        ref = re.compile(rf"(?<![\w-]){re.escape(self.note.ref)}(?![\w-])", re.IGNORECASE)
        name = re.compile(rf"(?<![^\s,\[\"']){re.escape(self.note.name)}(?![^\s,\]\"'])", re.IGNORECASE)
        new_ref = f"{self.note.ref.rpartition('/')[0]}/{self.new}"
        lines, key = head.splitlines(keepends=True), ""
        for at, line in enumerate(lines):
            if found := re.match(r"[\"']?([^\s:#\"'-][^:]*?)[\"']?\s*:(?=\s|$)", line):
                key = found[1]
            if key in ("title", "aliases"):
                continue
            value, remark = _without_remark(line)
            lead = found.end() if found else 0
            text = ref.sub(new_ref, value[lead:])
            if key in _NAME_KEYS and not (key == "needs" and self._is_capability):
                text = self._names(other, key, text, name)
            lines[at] = value[:lead] + text + remark
        return "".join(lines)

    def _names(self, other: Note, key: str, text: str, name: re.Pattern[str]) -> str:
        """The line with the name changed where it is a whole item of the list, not a word of a longer one."""
        longer = [item for item in _items(other.front.get(key)) if " " in item and name.search(item)]
        held = {f"\0{number}\0": item for number, item in enumerate(longer)}
        for mark, item in held.items():
            text = text.replace(item, mark)
        text = name.sub(self.new, text)
        for mark, item in held.items():
            text = text.replace(mark, item)
        return text

    @property
    def _is_capability(self) -> bool:
        mine = self.note.name.lower()
        return any(mine in map(str.lower, other.provides) for other in self.base.notes if isinstance(other, Service))


def _items(value: object) -> Iterator[str]:
    for item in value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []:
        if isinstance(item, str):
            yield item.strip()


def _without_remark(line: str) -> tuple[str, str]:
    """A line of YAML, and the comment at its end."""
    if line.lstrip().startswith("#"):
        return "", line
    found = re.search(r"\s#", line)
    # In quotes a # is text; that is rare, and then the whole line is searched.
    if not found or line[: found.start()].count('"') % 2 or line[: found.start()].count("'") % 2:
        return line, ""
    return line[: found.start()], line[found.start() :]


def _prove(base: KnowledgeBase, note: Service, done: Renamed) -> None:
    """Read the result back and check that every link and name leads where it led, and nothing else changed. Raises CannotEdit."""
    new_ref = done.path.removeprefix("entries/").rpartition(".")[0]
    after = []
    for other in base.notes:
        data = done.data if other.ref == note.ref else done.changes.get(other.path, (b"", None))[1]
        again = other
        if data is not None:
            parsed = front_matter.read(data)
            if parsed.problem:
                raise CannotEdit(other.path, parsed.problem[0], f"would be broken by the new name ({parsed.problem[1]})")
            again = replace(other, front=parsed.front, key_lines=parsed.key_lines, body=parsed.body, body_line=parsed.body_line)
        after.append(replace(again, ref=new_ref, path=done.path) if other.ref == note.ref else again)
    proof = replace(base, notes=tuple(after))
    for old, new in zip(base.notes, after, strict=True):
        for before, now in zip(_meanings(base, old), _meanings(proof, new), strict=False):
            line, wanted, text = before
            if not wanted and now[1] == new_ref:
                continue  # an interrupted rename changed it already
            if (new_ref if wanted == note.ref else wanted) != now[1]:
                raise CannotEdit(old.path, line, f"{text!r} would not mean the same as before: change it by hand first")
        if len(old.links) != len(new.links):
            raise CannotEdit(old.path, 1, "would have other links than before: change it by hand first")


def _meanings(base: KnowledgeBase, note: Note) -> Iterator[tuple[int, str, str]]:
    """(line, ref or empty, as written) of every link and every name of a service."""
    for link in note.links:
        target = base.target(note, link)
        yield link.line, target.ref if target else "", link.target
    for name in (*note.services, *note.hosts):
        service = base.services.get(name.lower())
        yield note.key_lines.get("services", 1), service.ref if service else "", name
