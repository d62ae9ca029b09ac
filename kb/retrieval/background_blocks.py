"""Known errors that are none: blocks of a note that hold only what its log, or other notes, show to be background."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set

from ..logs.background import TELLING
from ..logs.fingerprint import fingerprint
from ..logs.ordinary import key
from ..logs.telling import REQUEST, is_quiet
from ..logs.trouble import trouble_of
from ..notes.front_matter import read as read_front_matter
from ..notes.kinds import KnownError, Note
from ..notes.knowledge_base import KnowledgeBase
from ..notes.problem import Problem
from .index_protocol import known_lines
from .whole_note import WRAPS


def problems(base: KnowledgeBase) -> Iterator[Problem]:
    """The blocks of notes that claim noise, each with why; of notes that have another block, which stays."""
    holders = _holders(base)
    for note in base.notes:
        for error, why in of_note(base, note, holders):
            yield Problem(
                note.path, error.line, f"{why}: it would be found in healthy logs; remove the block, or kb check --fix does"
            )


def of_note(base: KnowledgeBase, note: Note, holders: Mapping[str, Set[str]] | None = None) -> list[tuple[KnownError, str]]:
    """The blocks of a note that are background, with the reason; never all of them."""
    if len(note.errors) < 2:
        return []
    shared = _holders(base) if holders is None else holders
    found = [(error, why) for error in note.errors if (why := _why_background(base, error, shared))]
    return found if len(found) < len(note.errors) else []


def mended(base: KnowledgeBase, note: Note, old: bytes) -> bytes:
    """The bytes of a note without its background blocks, fences and all; the rest byte by byte as it was."""
    rows = old.splitlines(keepends=True)
    gone: set[int] = set()
    for error, _ in of_note(base, note):
        first = error.line - 1  # the first line inside the fence
        while first > 0 and not rows[first - 1].lstrip().startswith((b"```", b"~~~")):
            first -= 1
        mark = rows[first - 1].strip()[:3]
        last = first
        while last < len(rows) and not rows[last].lstrip().startswith(mark):
            last += 1
        gone |= set(range(first - 1, min(last + 1, len(rows))))
        # The empty line that parted it from what comes next.
        if last + 1 < len(rows) and not rows[last + 1].strip():
            gone.add(last + 1)
    new = b"".join(row for number, row in enumerate(rows) if number not in gone)
    return new if read_front_matter(new).body.strip() else old


def _holders(base: KnowledgeBase) -> dict[str, set[str]]:
    """fingerprint → the first notes of the families of errors that hold it."""
    found: dict[str, set[str]] = defaultdict(set)
    for note in base.notes:
        if note.errors:
            family = base.family(note)[0].ref
            for mark in note.fingerprints:
                found[mark].add(family)
    return found


def _why_background(base: KnowledgeBase, error: KnownError, holders: Mapping[str, Set[str]]) -> str:
    lines = known_lines([error])
    told = [(line, signature) for line, signature, _ in lines if trouble_of(line) >= TELLING]
    if lines and all(key(signature) in base.ordinary for _, signature, _ in lines):
        return "this known error is ordinary here (ordinary.txt)"
    if not told:
        return (
            "this known error says of itself that nothing went wrong, while another block does"
            if _told_elsewhere(base, error) and all(_is_fine(line) for line, _, _ in lines)
            else ""
        )
    counts = [len(holders.get(fingerprint(signature), ())) for _, signature in told]
    if min(counts, default=0) >= WRAPS:
        return f"{min(counts)} different errors hold this known error"
    return ""


def _is_fine(line: str) -> bool:
    """Whether a line says of itself that all is well. One that only lacks the words of trouble may be all that a kernel says."""
    request = REQUEST.search(line)
    return is_quiet(line) if request is None else request["status"] < "4"


def _told_elsewhere(base: KnowledgeBase, error: KnownError) -> bool:
    others = (other for other in base.by_ref[error.ref].errors if other != error)
    return any(trouble_of(line) >= TELLING for other in others for line, _, _ in known_lines([other]))
