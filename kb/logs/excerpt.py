"""Picking: a log of any size read in bounded memory, and the few lines of it that say what went wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import log2

from .ansi import without_ansi
from .fingerprint import fingerprint, signature_of
from .log_reader import PICKED_LINES, Log
from .messages import WINDOWS_EVENT, Message, unwrap
from .stack_traces import LIBRARY, is_frame

# ---- picking ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LogLine:
    """One line of a log, and how much it looks like trouble."""

    text: str  # as it was written, without colours
    message: Message
    kind: str  # of which it is one
    trouble: float  # how much it looks like an error


# What trouble looks like, and how much of it each sign is.
TROUBLE: Sequence[tuple[float, str]] = (
    (
        5,
        r"\b(?:FATAL|PANIC|EMERG|CRITICAL|FTL|ALERT)\b|\bpanic:|\bfatal(?: error)?:|\[(?:emerg|crit|alert)\]|\blevel=(?:fatal|panic|critical)|Out of memory|segfault|kernel BUG",
    ),
    (
        4,
        r"\b(?:ERROR|SEVERE|ERR)\b|\[error\]|\b(?:level|lvl|severity)=\"?err|\"(?:level|lvl|severity)\":\s?\"(?:err|fatal|crit)|\berror:|^E\d{4} |\bE/|^Error\b|^Level:\s+(?:Error|Critical)",
    ),
    (4, r"\b\w*(?:Exception|Error|Panic)\b(?::|$| \()|\bCaused by:|\bpanicked at\b|\bTraceback \("),
    (
        3,
        r"\bexit(?:ed)?(?: with)?(?: code| status)?[ =:(]{1,3}(?:[1-9]\d{0,2})\b|\bcode=exited, status=[1-9]|\bsignal: \w|\bcode=killed|Main process exited",
    ),
    (
        3,
        r"\bI/O error\b|\b(?:EXT[234]-fs|BTRFS|XFS)\b.{0,40}\b(?:error|[Cc]orrupt\w*)\b|Remounting filesystem read-only|\bFailed to start \w|Failed with result '"
        r"|^RTNETLINK answers: |\bnot authori[sz]ed\b|\bUnable to access\b",
    ),
    (
        2,
        r"(?i:\b(?:failed|fails|failure|cannot|can't|couldn't|could not|unable to|refused|denied|time(?:d)? ?out|no space left|no route|no such|"
        r"not permitted|not found|corrupt(?:ed|ion)?|unreachable|rejected|killed|abnormal(?:ly)?|abort(?:ed|ing)?|unrecoverable|degraded|crash(?:ed)?|"
        r"is locked|already locked|already in use|too quickly|too many|reset by peer|broken pipe|unhealthy|mismatch|violat(?:es|ion)|deadlock|"
        r"expired|exceeded|invalid|unexpected|error)\b)",
    ),
    (
        2,
        r"(?i:\b(?:fehler|fehlgeschlagen|verweigert|abgelehnt|nicht gefunden|konnte nicht|kann nicht|erreur|échec|échoué|impossible|refusée?|introuvable|"
        r"fallo|falló|denegado|rechazada|no se (?:pudo|puede|encuentra)|errore|impossibile|negato|non trovato|fout|mislukt|geweigerd|"
        r"erro|falha|recusada|błąd|odmowa|nie można|ошибка|отказано|не удалось)\b|エラー|失敗|拒否|错误|失败|拒绝|오류|실패)",
    ),
    (1, r"\b(?:WARN|WARNING|WRN)\b|\[warn(?:ing)?\]|\blevel=warn"),
)


def pick(log: Log | str, limit: int = PICKED_LINES) -> tuple[str, ...]:
    """The lines of a log that say what went wrong, in their order, as they were written (without colours)."""
    return tuple(line for block in pick_blocks(log, limit) for line in block)


def pick_blocks(log: Log | str, limit: int = PICKED_LINES) -> tuple[tuple[str, ...], ...]:
    """The lines that `pick` gives, those that belong together in one block: each unrelated error is a known error of its own.

    Levels, exceptions with the ends of their stack trace and their causes, exit codes, and how rare a line is in this log
    decide. In an excerpt in which nothing is surely an error one line of each kind comes, the rare ones first, as one block; of
    a long log the end, and what comes once amid the ever same; of a short paste all of it.
    """
    lines = [_line(text) for text in without_ansi(log if isinstance(log, str) else log.text).splitlines() if text.strip()]
    blocks = list(_blocks(lines))
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
CLEAR = 3.0  # the trouble from which on a line surely is an error
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
    often = Counter(_kind(lines, block) for block in blocks)
    scores = [_score(lines, block, often, i / len(blocks)) for i, block in enumerate(blocks)]
    chosen: dict[int, list[int]] = {}
    kinds: set[str] = set()
    best = max(scores, default=0.0)
    # What went wrong first is often the cause of all that follows, so its kind comes before the others.
    first = next((_kind(lines, block) for block in blocks if any(lines[i].trouble >= CLEAR for i in block)), "")
    for i in sorted(
        range(len(blocks)), key=lambda i: (scores[i] < best / 2 or _kind(lines, blocks[i]) != first, -scores[i], i)
    ):
        kind = _kind(lines, blocks[i])
        if scores[i] <= 0 or scores[i] < best / 2 or len(kinds) >= KINDS:
            break
        rows = _shortened(lines, blocks[i])
        if kind in kinds or (chosen and sum(map(len, chosen.values())) + len(rows) > limit):
            continue
        kinds.add(kind)
        chosen[i] = rows[:limit]
    return [chosen[i] for i in sorted(chosen)]


def _of_each_kind(lines: Sequence[LogLine], blocks: Sequence[range], limit: int) -> list[int]:
    """A line of each kind, the rarest and latest first, but trouble before all; the end of what is all alike."""
    often = Counter(_kind(lines, block) for block in blocks)
    last = {_kind(lines, block): block for block in blocks if any(map(str.isalnum, lines[block.start].text))}
    scores = {block: (max(lines[i].trouble for i in block), -often[kind], block.start) for kind, block in last.items()}
    room = min(limit, RARE_LINES)
    if len(last) <= 1:
        return _at_the_end(lines, blocks)
    chosen: list[int] = []
    for block in sorted(last.values(), key=scores.__getitem__, reverse=True):
        rows = _shortened(lines, block)[:4]
        if len(chosen) + len(rows) <= room:
            chosen += rows
    return sorted(chosen)


def _at_the_end(lines: Sequence[LogLine], blocks: Sequence[range]) -> list[int]:
    """The last lines; where nearly all are of a few kinds, those that come once before them."""
    often = Counter(_kind(lines, block) for block in blocks)
    rare = [block for block in blocks if often[_kind(lines, block)] == 1]
    once = [i for block in rare for i in block if not _NO_TROUBLE.search(lines[i].text)]
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


def _line(text: str) -> LogLine:
    message = unwrap(text)
    trouble = max((weight for weight, pattern in _trouble() if pattern.search(text)), default=0.0)
    if trouble and _NO_TROUBLE.search(text):
        trouble = 0.0
    signature = signature_of(message)
    return LogLine(text.rstrip(), message, fingerprint(signature) or signature, trouble)


# "0 failed" and "errors=0" are good news.
_NO_TROUBLE = re.compile(r"(?i)\b(?:0|no) (?:errors?|fail\w*|warnings?)\b|\b(?:errors?|fail\w*)[:=] ?0\b")


@cache
def _trouble() -> Sequence[tuple[float, re.Pattern[str]]]:
    return [(weight, re.compile(pattern)) for weight, pattern in TROUBLE]


def _blocks(lines: Sequence[LogLine]) -> Iterator[range]:
    """Each message with what belongs to it: its stack trace, its causes, what is indented below it."""
    start = 0
    while start < len(lines):
        if event := _windows_event(lines, start):
            yield event
            start = event.stop
            continue
        end = start + 1
        python = "Traceback (" in lines[start].text
        while end < len(lines) and (_continues(lines[end]) or python):
            # A Python traceback ends with the first line that isn't indented: the exception itself.
            if python and not _continues(lines[end]):
                end += 1
                if end < len(lines) and lines[end].text.lstrip().startswith(("During handling", "The above exception")):
                    end += 2  # and the traceback that it announces
                    continue
                break
            end += 1
        if end < len(lines) and end == start + 1 and lines[start].trouble and lines[start].text.endswith(":"):
            end += 1  # what it announces
        if (
            not python
            and end < len(lines)
            and "Traceback (" in lines[end].text
            and lines[start].trouble >= 4
            and end == start + 1
        ):
            # "Error during setup", and the traceback below it
            rest = next(_blocks(lines[end:]))
            end += len(rest)
        yield range(start, end)
        start = end


def _windows_event(lines: Sequence[LogLine], start: int) -> range | None:
    """An event of Windows as its viewer copies it: the fields around it, and its description."""
    if not lines[start].text.startswith("Log Name:"):
        return None
    end = start + 1
    while end < len(lines) and WINDOWS_EVENT.match(lines[end].text):
        end += 1
    return range(start, min(end + 1, len(lines)))


# Go writes the functions of its frames without an indent: main.(*Server).run(0xc000)
_GO_FUNCTION = re.compile(r"[\w./*-]+(?:\(\*?\w+\)[\w.]+)?\([^()]*\)$|created by ")


def _continues(line: LogLine) -> bool:
    said = line.message.text
    return (
        said[:1] in (" ", "\t")
        or line.text[:1] in (" ", "\t")
        or is_frame(said)
        or said.startswith(("Caused by", "... ", "DETAIL", "HINT", "goroutine ", "Stack trace:", "stack backtrace:"))
        or (not line.trouble and not line.message.stamped and _GO_FUNCTION.match(said) is not None)
    )


def _kind(lines: Sequence[LogLine], block: range) -> str:
    """Of which kind a block is: that of the line that says most, for all tracebacks and Windows events begin alike."""
    return lines[max(block, key=lambda i: (not WINDOWS_EVENT.match(lines[i].text), lines[i].trouble, i))].kind


def _score(lines: Sequence[LogLine], block: range, often: Counter[str], place: float) -> float:
    """How likely a block says what went wrong: the trouble in it, its rarity, and a little for being late in the log."""
    trouble = max(lines[i].trouble for i in block)
    if not trouble:
        return 0.0
    rarity = 1 / (1 + log2(often[_kind(lines, block)]))
    return trouble * (0.6 + 0.4 * rarity) + 0.3 * place + (0.5 if len(block) > 1 else 0.0)


def _shortened(lines: Sequence[LogLine], block: range) -> list[int]:
    """The lines of a block without the middle of its stack trace: both ends, and every cause with the frame below it."""
    rows = list(block)
    if len(rows) <= 8:
        return rows
    kept = set(rows[:4]) | set(rows[-3:])
    for i in rows:
        said = lines[i].message.text.lstrip()
        if said.startswith("Caused by"):
            kept |= {i, i + 1} & set(rows)
        elif lines[i].trouble >= CLEAR and not is_frame(said):
            kept.add(i)
    own = [i for i in rows if is_frame(lines[i].message.text.lstrip()) and not LIBRARY.search(lines[i].text)]
    return sorted(kept | set(own[:1] + own[-1:]))
