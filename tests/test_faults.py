"""The short runs of the faults that `make faults` runs at length: whatever breaks, no note is lost."""

from __future__ import annotations

from collections.abc import Iterable

from faults import Tally, edits


def none_lost(tallies: Iterable[Tally]) -> None:
    for tally in tallies:
        assert not tally.lost, tally.what
        assert tally.tried, f"nothing was tried: {tally.what}"


def test_setting_a_field_changes_the_lines_that_are_meant_and_no_other_byte() -> None:
    none_lost(edits.edits(300))
