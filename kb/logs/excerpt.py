"""Picking: a log of any size read in bounded memory, and the few lines of it that say what went wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from .ansi import without_ansi
from .background import TELLING, recurring
from .fingerprint import signature_of
from .log_blocks import blocks_of, kind_of, score_of, shortened
from .log_reader import PICKED_LINES, Log
from .ordinary import key
from .telling import REQUEST, is_quiet, says_nothing
from .trouble import CLEAR, WARNED, LogLine, is_warning, log_line


def pick(log: Log | str, limit: int = PICKED_LINES) -> tuple[str, ...]:
    """The lines of a log that say what went wrong, in their order, as they were written (without colours)."""
    return tuple(line for block in pick_blocks(log, limit) for line in block)


def pick_blocks(log: Log | str, limit: int = PICKED_LINES) -> tuple[tuple[str, ...], ...]:
    """The lines that `pick` gives, those that belong together in one block: each unrelated error is a known error of its own."""
    return choose(log, limit).blocks


@dataclass(frozen=True)
class LeftOut:
    """A kind of line that looks like trouble and was not picked."""

    line: str  # the first of its kind, as it was written
    count: int
    why: str  # "background": it recurs all over this log; "ordinary": somebody said so; "a warning"; "less telling"


@dataclass(frozen=True)
class Picked:
    """What was picked out of a log as the known errors of a note, and what was not."""

    blocks: tuple[tuple[str, ...], ...]
    left_out: tuple[LeftOut, ...] = ()  # the most telling first
    stands_out: bool = True  # False: nothing in it says that something went wrong, and the rarest line was taken


def choose(log: Log | str, limit: int = PICKED_LINES, ordinary: Container[str] = ()) -> Picked:
    """The blocks of a log that say what went wrong, and what else looked like it.

    Levels, exceptions with the ends of their stack trace and their causes, exit codes, words of trouble, and how rare a line is in
    this log decide. What recurs all over the log is background, unless it is all that is wrong there; a warning beside an error
    is none. What says why stands with what says that it failed, in one block. Where nothing says that something went wrong the
    rarest line comes, and `stands_out` is False. Of a short paste all of it comes. `ordinary` are the keys (kb.ordinary) of
    lines that somebody called ordinary: they are never picked.
    """
    everything = [
        log_line(text) for text in without_ansi(log if isinstance(log, str) else log.text).splitlines() if text.strip()
    ]
    lines = [line for line in everything if not (ordinary and key(signature_of(line.message)) in ordinary)]
    blocks = list(blocks_of(lines))
    surest = max((line.trouble for line in lines), default=0.0)
    if len(lines) <= SHORT_PASTE:
        return Picked(_texts(lines, _of_a_short_paste(lines, blocks, surest)), (), surest > 0)
    if not surest:
        return Picked(_texts(lines, [_rarest(lines, blocks)]), (), False)
    background = recurring([(kind_of(lines, block), _trouble_in(lines, block)) for block in blocks])
    groups = _of_trouble(lines, blocks, background, limit)
    return Picked(_texts(lines, groups), _left_out(lines, blocks, background, groups))


def _texts(lines: Sequence[LogLine], groups: Iterable[Sequence[int]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(lines[i].text for i in group) for group in groups if group)


SHORT_PASTE = 3  # lines, which somebody chose one by one
KINDS = 5  # of different errors at most


def picked_errors(log: Log | str, ordinary: Container[str] = ()) -> tuple[str, ...]:
    """The errors in a log, each a text of its lines; lines that belong together are one. What is ordinary here is none."""
    return tuple("\n".join(block) for block in choose(log, ordinary=ordinary).blocks)


def _of_a_short_paste(lines: Sequence[LogLine], blocks: Sequence[range], surest: float) -> list[list[int]]:
    """All of it, but for requests and the like that came between, when something is clearly the error."""
    if surest < TELLING:
        return [[*range(len(lines))]]
    kept = [block for block in blocks if any(lines[i].trouble >= TELLING or not _is_ordinary(lines[i]) for i in block)]
    return _together(lines, [[*block] for block in kept])


def _is_ordinary(line: LogLine) -> bool:
    """Whether a line is one of a log, and speaks of no trouble: it has a header, is a request as web servers log them, or advice."""
    return not line.trouble and (line.message.stamped or REQUEST.search(line.text) is not None or says_nothing(line.text, 0.0))


def _trouble_in(lines: Sequence[LogLine], block: range) -> float:
    return max(lines[i].trouble for i in block)


def _of_trouble(lines: Sequence[LogLine], blocks: Sequence[range], background: Container[str], limit: int) -> list[list[int]]:
    """The blocks with the most trouble in them, one of each kind, with the causes beside them, in the log's order."""
    often = Counter(kind_of(lines, block) for block in blocks)
    # How late a kind came last: of its lines the first one is taken, beside which its cause stands.
    late = {kind_of(lines, block): i / len(blocks) for i, block in enumerate(blocks)}
    scores = [
        0.0 if (kind := kind_of(lines, block)) in background else score_of(lines, block, often, late[kind]) for block in blocks
    ]
    chosen: dict[int, list[int]] = {}
    kinds: set[str] = set()
    best = max(scores, default=0.0)
    surest = max(_trouble_in(lines, block) for block, score in zip(blocks, scores, strict=True) if score or not best)
    # A warning beside an error is none; where only words tell, what came first is the event, and the rest came of it.
    least, most = (CLEAR, KINDS) if surest >= CLEAR else (min(surest, TELLING), 1)
    # What went wrong first is often the cause of all that follows, so its kind comes before the others.
    first = next(
        (
            kind_of(lines, block)
            for block, score in zip(blocks, scores, strict=True)
            if score and _trouble_in(lines, block) >= CLEAR
        ),
        "",
    )
    if surest < CLEAR:
        clearest = min(surest, WARNED)
        telling = [
            block for block, score in zip(blocks, scores, strict=True) if score and _trouble_in(lines, block) >= clearest
        ]
        first = kind_of(lines, next((block for block in telling if not is_warning(lines[block.start].text)), telling[0]))
    for i in sorted(
        range(len(blocks)), key=lambda i: (scores[i] < best / 2 or kind_of(lines, blocks[i]) != first, -scores[i], i)
    ):
        kind = kind_of(lines, blocks[i])
        if scores[i] <= 0 or scores[i] < best / 2 or _trouble_in(lines, blocks[i]) < least or len(chosen) >= most:
            break
        if kind in kinds:
            continue
        rows = _with_causes(lines, blocks, i, background, kinds, often)
        if chosen and len(rows) + sum(map(len, chosen.values())) > limit:
            continue
        kinds |= {kind, *(lines[row].kind for row in rows if lines[row].trouble)}
        chosen[i] = rows[:limit]
    return _together(lines, [chosen[i] for i in sorted(chosen)])


REACH, FAR_REACH = 5, 40  # blocks from an error to what else belongs to it; the far one when it points there

# An error that sums up, in lower case: what it is the end of stands above it.
POINTS_BACK = re.compile(
    r"\b(?:(?:see|previous|above|earlier|these|following) (?:\w+ )?errors?|see (?:above|previous)|contains errors|errors? (?:above|before|found|in)"
    r"|exit(?:s|ed|ing)?|abort(?:s|ed|ing)?|compilation failed|terminated|failed with result|failed to start|gave up|giving up|repeated too quickly"
    r"|dependency failed|entered (?:the )?(?:failed|fatal|unknown)|returned (?:a )?non-zero|code=exited|not restarting)\b"
)
MOST_CAUSES = 4  # of one error


def _with_causes(
    lines: Sequence[LogLine],
    blocks: Sequence[range],
    at: int,
    background: Container[str],
    taken: Container[str],
    often: Counter[str],
) -> list[int]:
    """The lines of a block, with those near it that say why: "cannot open the log" above "FATAL: configuration file contains
    errors", the sentence below "*** FATAL CONFIG FILE ERROR ***". One of each kind, of the same origin."""
    rows = shortened(lines, blocks[at])
    origin, met = _origin(lines[blocks[at].start]), {kind_of(lines, blocks[at])}
    found: list[int] = []
    points_back = any(POINTS_BACK.search(lines[i].text.lower()) for i in rows)
    back = FAR_REACH if points_back else REACH
    for step, reach in ((-1, back), (1, REACH)):
        last, near = at, at + step
        while 0 <= near < len(blocks) and abs(near - last) <= reach and len(found) < MOST_CAUSES:
            block = blocks[near]
            kind = kind_of(lines, block)
            is_request = REQUEST.search(lines[block.start].text) is not None
            says_why = _trouble_in(lines, block) >= TELLING or (
                abs(near - at) == 1 and step == 1 and _is_announced(lines[blocks[at].stop - 1], lines[block.start])
            )
            same_origin = _origin(lines[block.start]) in ("", origin) or not origin
            # "See previous errors" speaks of what came before it, however often that was.
            ever = kind in background and not (points_back and step == -1)
            repeats = often[kind] > max(2, often[kind_of(lines, blocks[at])]) and not points_back
            if (
                says_why
                and same_origin
                and not repeats
                and not ever
                and kind not in met
                and kind not in taken
                and not is_request
            ):
                met.add(kind)
                if often[kind] > 2:
                    block = next(other for other in blocks if kind_of(lines, other) == kind)
                found.extend(shortened(lines, block))
                last = near
            near += step
    return sorted({*rows, *found})


def _is_announced(head: LogLine, below: LogLine) -> bool:
    """Whether a line stands below one as what that one announces: both without a header of their own."""
    return (
        not head.message.stamped
        and not below.message.stamped
        and not _is_ordinary(below)
        and _WORD.search(below.text) is not None
    )


_WORD = re.compile(r"[^\W\d_]{2}")


def _rarest(lines: Sequence[LogLine], blocks: Sequence[range]) -> list[int]:
    """Where nothing says that something went wrong: the line whose kind and words are the rarest, the last of several alike."""
    often = Counter(kind_of(lines, block) for block in blocks)
    words = Counter(word for line in lines for word in {*line.message.text.lower().split()})
    wordy = [block for block in blocks if any(map(str.isalpha, lines[block.start].text))]

    def rarity(block: range) -> tuple[int, bool, int, int]:
        said = lines[block.start].message.text.lower().split()
        rare = sum(words[word] == 1 and word.isalpha() for word in said)
        return (-often[kind_of(lines, block)], not is_quiet(lines[block.start].text), min(rare, 3), block.start)

    return shortened(lines, max(wordy or blocks, key=rarity)) if blocks else []


def _left_out(
    lines: Sequence[LogLine], blocks: Sequence[range], background: Container[str], groups: Iterable[Sequence[int]]
) -> tuple[LeftOut, ...]:
    """The kinds of lines that look like trouble and are in no group, the most telling and rarest first."""
    taken = {lines[i].kind for group in groups for i in group}
    first: dict[str, tuple[float, str]] = {}
    often: Counter[str] = Counter()
    for block in blocks:
        line = lines[max(block, key=lambda i: lines[i].trouble)]
        if line.trouble and line.kind not in taken:
            often[line.kind] += 1
            first.setdefault(line.kind, (line.trouble, line.text))
    rows = sorted(first, key=lambda kind: (-first[kind][0], often[kind]))
    return tuple(LeftOut(first[kind][1], often[kind], _why_left_out(kind in background, first[kind][0])) for kind in rows)


def _why_left_out(is_background: bool, trouble: float) -> str:
    if is_background:
        return "background"
    return "a warning" if trouble < TELLING else "less telling"


def _together(lines: Sequence[LogLine], chosen: Sequence[list[int]]) -> list[list[int]]:
    """What stands side by side and has the same origin is one block."""
    groups: list[list[int]] = []
    for rows in sorted(chosen):
        if groups and rows[0] <= groups[-1][-1] + 1 and _origin(lines[rows[0]]) in ("", _origin(lines[groups[-1][0]])):
            groups[-1] = sorted({*groups[-1], *rows})
        else:
            groups.append(rows)
    return groups


def _origin(line: LogLine) -> str:
    return f"{line.message.origin} {line.message.program}".strip()
