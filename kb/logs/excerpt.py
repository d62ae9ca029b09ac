"""Picking: a log of any size read in bounded memory, and the few lines of it that say what went wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from .ansi import without_ansi
from .blocks import blocks_of, kind_of, score_of, shortened
from .log_reader import PICKED_LINES, Log
from .trouble import CLEAR, NO_TROUBLE, LogLine, log_line


def pick(log: Log | str, limit: int = PICKED_LINES) -> tuple[str, ...]:
    """The lines of a log that say what went wrong, in their order, as they were written (without colours)."""
    return tuple(line for block in pick_blocks(log, limit) for line in block)


def pick_blocks(log: Log | str, limit: int = PICKED_LINES) -> tuple[tuple[str, ...], ...]:
    """The lines that `pick` gives, those that belong together in one block: each unrelated error is a known error of its own.

    Levels, exceptions with the ends of their stack trace and their causes, exit codes, and how rare a line is in this log
    decide. In an excerpt in which nothing is surely an error one line of each kind comes, the rare ones first, as one block; of
    a long log the end, and what comes once amid the ever same; of a short paste all of it.
    """
    lines = [log_line(text) for text in without_ansi(log if isinstance(log, str) else log.text).splitlines() if text.strip()]
    blocks = list(blocks_of(lines))
    surest = max((line.trouble for line in lines), default=0.0)
    if len(lines) <= SHORT_PASTE:
        groups = _of_a_short_paste(lines, blocks, surest)
    elif surest >= CLEAR or (surest and len(lines) > EXCERPT):
        groups = _together(lines, _of_trouble(lines, blocks, limit))
    elif len(lines) <= EXCERPT:
        groups = [_of_each_kind(lines, blocks, limit)]
    else:
        groups = [_at_the_end(lines, blocks)]
    return tuple(tuple(lines[i].text for i in group) for group in groups if group)


SHORT_PASTE = 3  # lines, which somebody chose one by one
EXCERPT = 40  # lines, which somebody cut out of a log
KINDS = 5  # of different errors at most
RARE_LINES = 12  # at most, where nothing is surely an error


def picked_errors(log: Log | str) -> tuple[str, ...]:
    """The errors in a log, each a text of its lines; lines that belong together are one."""
    return tuple("\n".join(block) for block in pick_blocks(log))


def _of_a_short_paste(lines: Sequence[LogLine], blocks: Sequence[range], surest: float) -> list[list[int]]:
    """All of it, but for requests and the like that came between, when something is clearly the error."""
    if surest < 2:
        return [[*range(len(lines))]]
    kept = [block for block in blocks if any(lines[i].trouble >= 2 or not _is_ordinary(lines[i]) for i in block)]
    return _together(lines, [[*block] for block in kept])


def _is_ordinary(line: LogLine) -> bool:
    """Whether a line is one of a log, and speaks of no trouble: it has a header, or is a request as web servers log them."""
    return not line.trouble and (line.message.stamped or _REQUEST.search(line.text) is not None)


_REQUEST = re.compile(r"\] \"[A-Z]{3,7} \S+ HTTP/\d")


def _of_trouble(lines: Sequence[LogLine], blocks: Sequence[range], limit: int) -> list[list[int]]:
    """The blocks with the most trouble in them, one of each kind, in the log's order."""
    often = Counter(kind_of(lines, block) for block in blocks)
    scores = [score_of(lines, block, often, i / len(blocks)) for i, block in enumerate(blocks)]
    chosen: dict[int, list[int]] = {}
    kinds: set[str] = set()
    best = max(scores, default=0.0)
    # What went wrong first is often the cause of all that follows, so its kind comes before the others.
    first = next((kind_of(lines, block) for block in blocks if any(lines[i].trouble >= CLEAR for i in block)), "")
    for i in sorted(
        range(len(blocks)), key=lambda i: (scores[i] < best / 2 or kind_of(lines, blocks[i]) != first, -scores[i], i)
    ):
        kind = kind_of(lines, blocks[i])
        if scores[i] <= 0 or scores[i] < best / 2 or len(kinds) >= KINDS:
            break
        rows = shortened(lines, blocks[i])
        if kind in kinds or (chosen and sum(map(len, chosen.values())) + len(rows) > limit):
            continue
        kinds.add(kind)
        chosen[i] = rows[:limit]
    return [chosen[i] for i in sorted(chosen)]


def _of_each_kind(lines: Sequence[LogLine], blocks: Sequence[range], limit: int) -> list[int]:
    """A line of each kind, the rarest and latest first, but trouble before all; the end of what is all alike."""
    often = Counter(kind_of(lines, block) for block in blocks)
    last = {kind_of(lines, block): block for block in blocks if any(map(str.isalnum, lines[block.start].text))}
    scores = {block: (max(lines[i].trouble for i in block), -often[kind], block.start) for kind, block in last.items()}
    room = min(limit, RARE_LINES)
    if len(last) <= 1:
        return _at_the_end(lines, blocks)
    chosen: list[int] = []
    for block in sorted(last.values(), key=scores.__getitem__, reverse=True):
        rows = shortened(lines, block)[:4]
        if len(chosen) + len(rows) <= room:
            chosen += rows
    return sorted(chosen)


def _at_the_end(lines: Sequence[LogLine], blocks: Sequence[range]) -> list[int]:
    """The last lines; where nearly all are of a few kinds, those that come once before them."""
    often = Counter(kind_of(lines, block) for block in blocks)
    rare = [block for block in blocks if often[kind_of(lines, block)] == 1]
    once = [i for block in rare for i in block if not NO_TROUBLE.search(lines[i].text)]
    kept = once if len(once) <= LAST_LINES // 2 else []
    end = range(max(0, len(lines) - LAST_LINES + len(kept)), len(lines))
    return sorted({*kept, *end})


LAST_LINES = 10


def _together(lines: Sequence[LogLine], chosen: Sequence[list[int]]) -> list[list[int]]:
    """What stands side by side and has the same origin is one block."""
    groups: list[list[int]] = []
    for rows in chosen:
        if groups and rows[0] == groups[-1][-1] + 1 and _origin(lines[rows[0]]) in ("", _origin(lines[groups[-1][0]])):
            groups[-1] = groups[-1] + rows
        else:
            groups.append(rows)
    return groups


def _origin(line: LogLine) -> str:
    return f"{line.message.origin} {line.message.program}".strip()
