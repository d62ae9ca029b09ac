"""tests/transcripts/*.console: what a user types and sees, one file a story. `pytest --update` writes what is seen now."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import World
from transcript import normal, render, run, steps

TRANSCRIPTS = sorted((Path(__file__).parents[1] / "transcripts").glob("*.console"))


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=lambda file: file.stem)
def test_a_transcript_shows_what_the_commands_show(file: Path, empty_world: World, update: bool) -> None:
    text = file.read_text("utf-8")
    asked = steps(text)
    shown = run(asked, empty_world)
    if update:
        file.write_text(render(text.partition("$ ")[0] if not text.startswith("$ ") else "", shown), "utf-8")
        return
    for expected, seen in zip(asked, shown, strict=True):
        assert normal(seen.shows) == normal(expected.shows), f"after: $ {expected.command}"
