"""What was picked out of a log, shown to be chosen from: each block by the part of it that tells most."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from ...capture import kept_drafts
from ...logs import excerpt
from ...logs.event_line import elided, event_of, said_by
from ...notes.knowledge_base import KnowledgeBase
from ...secrets import masking
from ..terminal import ask, editor, screen

MOST_LEFT_OUT = 3  # kinds of lines that are offered


def choose(base: KnowledgeBase, picked: excerpt.Picked) -> tuple[str, ...]:
    """The errors that the user takes of what was picked; all of it without a terminal, which is said."""
    blocks = tuple("\n".join(block) for block in picked.blocks)
    _say_when_nothing_stands_out(picked)
    if not ask.has_terminal():
        say_taken(blocks)
        for left in _offered(picked):
            screen.remark(f"left out, it stands {left.count} times in this log: {telling_part(left.line, 50)}")
        return blocks
    return chosen(base, blocks, _offered(picked))


def chosen(base: KnowledgeBase, blocks: Sequence[str], left_out: Sequence[excerpt.LeftOut] = ()) -> tuple[str, ...]:
    """The blocks that the user takes, and of the lines that were `left_out` those whose numbers were typed."""
    screen.remark("picked as the known error:" if len(blocks) == 1 else "picked as the known errors:")
    for number, block in enumerate(blocks, 1):
        lines = len(block.splitlines())
        _say_row(number, block, f"  (+{screen.plural(lines - 1, 'line')})" if lines > 1 else "")
    if left_out:
        screen.remark("left out, since they stand all over this log:")
        for number, left in enumerate(left_out, len(blocks) + 1):
            _say_row(number, left.line, f"  ({left.count} times)")
    offered = [*blocks, *(left.line for left in left_out)]
    every = "all" if len(blocks) > 1 else "take it"
    some = ", 1 2" if len(offered) > 1 else ""
    while True:
        answer = ask.line(f"Which? [Enter: {every}{some}, e to edit]")
        if answer in ("e", "edit"):
            return _edited(base, blocks)
        numbers = [int(word) for word in re.findall(r"\d+", answer)]
        if not answer or answer == "all":
            return tuple(blocks)
        if numbers and all(1 <= number <= len(offered) for number in numbers) and not re.search(r"[^\d\s,]", answer):
            return tuple(offered[number - 1] for number in dict.fromkeys(numbers))
        screen.remark(f"numbers from 1 to {len(offered)} with blanks between, e for your editor, or Enter")


def _say_row(number: int, block: str, behind: str) -> None:
    screen.remark(f"  {number}  {telling_part(block, screen.width() - len(behind) - len(str(number)) - 4)}{behind}")


def say_taken(blocks: Sequence[str]) -> None:
    """On one line, what becomes the known errors of a note when nobody is asked."""
    if not blocks:
        return
    head = "known error: " if len(blocks) == 1 else f"{len(blocks)} known errors: "
    room = (screen.width() - len(head)) // len(blocks) - 2
    screen.remark(screen.cut(head + "; ".join(telling_part(block, max(24, room)) for block in blocks), screen.width()))


def telling_part(block: str, columns: int) -> str:
    """The line of a block that says most, without its header, in so many columns: its beginning, and the end behind the last colon."""
    return screen.cut(elided(screen.visible(said_by(masking.mask(event_of(block))[0])), max(20, columns)), max(20, columns))


def _offered(picked: excerpt.Picked) -> list[excerpt.LeftOut]:
    return [left for left in picked.left_out if left.why == "background"][:MOST_LEFT_OUT]


def _say_when_nothing_stands_out(picked: excerpt.Picked) -> None:
    if not picked.stands_out:
        screen.remark("nothing in it says that something went wrong: its rarest line was taken (--error TEXT takes another)")


def _edited(base: KnowledgeBase, blocks: Sequence[str]) -> tuple[str, ...]:
    """What the user makes of the blocks in the editor: a blank line stands between two errors. Secrets are masked before."""
    text = masking.mask("\n\n".join(blocks))[0] + "\n"
    draft = kept_drafts.keep(base, "known-errors", text.encode("utf-8", "replace"))
    editor.edit(draft, editor.editor(os.environ))
    text = draft.read_text("utf-8", "replace")
    draft.unlink()
    return tuple(block.strip("\n") for block in re.split(r"\n[ \t]*\n", text) if block.strip())
