"""Hostile notes and titles: no command fails on them, changes them by reading, or lets them act on the terminal."""

from __future__ import annotations

import pytest
from faults import hostile


def test_every_reading_command_bears_every_hostile_note_and_shows_nothing_that_acts_on_the_terminal() -> None:
    for tally in hostile.reading(heavy=False):
        assert not tally.lost, tally.what
        assert tally.tried


def test_every_changing_command_bears_every_hostile_note() -> None:
    (tally,) = hostile.editing(heavy=False)
    assert not tally.lost


@pytest.mark.parametrize("kind", hostile.KINDS)
def test_a_hostile_title_gives_a_note_inside_the_folder_with_that_very_title(kind: str) -> None:
    (tally,) = hostile.titles((kind,))
    assert not tally.lost
