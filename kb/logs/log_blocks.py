"""Lines of a log that belong together: a message with its trace, its causes and what it goes on with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from math import log2

from .messages import WINDOWS_EVENT
from .stack_traces import LIBRARY, is_frame
from .trouble import CLEAR, LogLine


def blocks_of(lines: Sequence[LogLine]) -> Iterator[range]:
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
            rest = next(blocks_of(lines[end:]))
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


def kind_of(lines: Sequence[LogLine], block: range) -> str:
    """Of which kind a block is: that of the line that says most, for all tracebacks and Windows events begin alike."""
    return lines[max(block, key=lambda i: (not WINDOWS_EVENT.match(lines[i].text), lines[i].trouble, i))].kind


def score_of(lines: Sequence[LogLine], block: range, often: Counter[str], place: float) -> float:
    """How likely a block says what went wrong: the trouble in it, its rarity, and a little for being late in the log."""
    trouble = max(lines[i].trouble for i in block)
    if not trouble:
        return 0.0
    rarity = 1 / (1 + log2(often[kind_of(lines, block)]))
    return trouble * (0.6 + 0.4 * rarity) + 0.3 * place + (0.5 if len(block) > 1 else 0.0)


def shortened(lines: Sequence[LogLine], block: range) -> list[int]:
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
