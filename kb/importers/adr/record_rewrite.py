"""A record as a note: its new name, links, attachments, front matter."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from ...notes import front_matter, front_matter_edit, templates
from ...notes.front_matter_edit import NewValue
from ...notes.kinds import Decision
from . import record_dates, record_head, record_links
from .record_links import Destination
from .record_repair import key_line, split_body
from .record_source import ReadRecord, home_of
from .record_ties import Targets


def new_names(reads: Sequence[ReadRecord], taken: Iterable[str]) -> dict[str, str]:
    """The new name of each source: with its own number if that is free, else the next free one; a name with a date stays."""
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


def _rest(read: ReadRecord) -> str:
    """The file's name without its number, as its author wrote it if every system can store that name."""
    name = read.document.name
    own = record_head.number_of(name) if not record_dates.in_name(name) else None
    rest = record_head.NUMBER.sub("", name, count=1) if own is not None else name
    if rest and re.fullmatch(r"[A-Za-z0-9][\w.-]*", rest, re.ASCII):
        return rest
    return templates.slug(rest if re.search(r"\w", rest) else read.head.title, "decision")


def attachments_of(
    reads: Sequence[ReadRecord], files: Mapping[str, bytes | None], there: Mapping[str, bytes], homes: Sequence[str]
) -> dict[str, str]:
    """Where each file that comes along will be below the decisions' folder: never over another one."""
    kept: dict[str, str] = {}
    used = dict(there)
    for read in reads:
        home = home_of(read.source.path, homes)
        for link in record_links.destinations(split_body(read.text)[1]):
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


def with_head(front: str, body: str, changes: Mapping[str, NewValue], have: Mapping[str, object]) -> bytes:
    """The note's bytes: the author's front matter with kb's keys set in it, or new front matter; the body as it is."""
    end = "\r\n" if "\r\n" in (front or body)[:2000] else "\n"
    if not front:
        lines = "".join(key_line(key, value, end) for key, value in changes.items())
        return f"---{end}{lines}---{end}{body.removeprefix(chr(0xFEFF))}".encode("utf-8", "replace")
    changed = {key: value for key, value in changes.items() if key in have}
    head_bytes = front.encode()
    if changed:
        head_bytes = front_matter_edit.set_fields(head_bytes, changed, "the source")
    block = front_matter.find_block(head_bytes)
    assert block is not None
    lines = "".join(key_line(key, value, end) for key, value in changes.items() if key not in have)
    closing = re.search(rb"(?:-{3,}|\.\.\.)[ \t]*(?:\r\n|\n|\r)?\Z", head_bytes)
    assert closing is not None
    glue = b"" if head_bytes[: closing.start()].endswith((b"\n", b"\r")) else end.encode()
    return (
        head_bytes[: closing.start()] + glue + lines.encode() + head_bytes[closing.start() :] + body.encode("utf-8", "replace")
    )


def new_home(
    link: Destination,
    read: ReadRecord,
    targets: Targets,
    kept: Mapping[str, str],
    files: Mapping[str, bytes | None],
    guessed: list[str],
    left: list[str],
    lines_above: int,
) -> str | None:
    """Where a link of the body leads now; None if it stays as it is. What happens to it is reported."""
    inside = read.anchor and link.written.startswith("#")
    if not link.path and not inside:
        return None
    line = link.line + lines_above + read.first_line
    path = record_links.resolved(link, read.folder)
    source, exact = targets.of_link(link, read.folder, read.source.path)
    if inside:  # to another record on the same page, which is now a note of its own
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
    """The new destination; None if the old one, as written, already leads there."""
    right = "\\" not in link.written and posixpath.normpath(link.path) == new
    return None if right else record_links.as_written(new, link.rest)
