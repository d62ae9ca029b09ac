"""The README's ```console blocks are run from top to bottom in one fresh folder, and show what it says."""

from __future__ import annotations

import re
from pathlib import Path

from commands import World
from transcript import Step, normal, render, run, steps

README = Path(__file__).parent.parent / "README.md"
_BLOCK = re.compile(r"(^```console\n)(.*?)(^```)", re.MULTILINE | re.DOTALL)


def test_the_readme_shows_what_the_commands_show(empty_world: World, update: bool) -> None:
    text = README.read_text("utf-8")
    blocks = [steps(match[2]) for match in _BLOCK.finditer(text)]
    shown = run([step for block in blocks for step in block], empty_world) if blocks else []
    if update:
        README.write_text(_with(text, [len(block) for block in blocks], shown), "utf-8")
        return
    for expected, seen in zip((step for block in blocks for step in block), shown, strict=True):
        assert normal(seen.shows) == normal(expected.shows), f"after: $ {expected.command}"


def _with(text: str, sizes: list[int], shown: list[Step]) -> str:
    waiting = iter(shown)
    counts = iter(sizes)
    return _BLOCK.sub(lambda m: m[1] + render("", [next(waiting) for _ in range(next(counts))], spaced=False) + m[3], text)
