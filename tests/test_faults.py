"""The short runs of the faults that `make faults` runs at length: whatever breaks, no note is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from faults import Tally, crowds, damages, edits, gits, kills, leaks, machines, sites, watching, writers
from faults.__main__ import PAGE, RUNS

needs_strace = pytest.mark.skipif(
    not kills.STRACE, reason="there is no strace here to inject faults with: apt-get install strace"
)


def none_lost(tallies: Iterable[Tally]) -> None:
    for tally in tallies:
        assert not tally.lost, tally.what
        assert tally.tried, f"nothing was tried: {tally.what}"


def test_setting_a_field_changes_the_lines_that_are_meant_and_no_other_byte() -> None:
    none_lost(edits.edits(100))


@needs_strace
@pytest.mark.parametrize("error", ["KILL", "ENOSPC"])
def test_killed_or_without_space_at_every_write_a_new_note_is_whole_or_not_there(error: str) -> None:
    none_lost(kills.at_every_call(kills.WRITERS[5:6], (error,)))


@needs_strace
def test_a_disk_that_fails_at_every_write_of_an_edit_leaves_the_old_bytes_or_the_new() -> None:
    none_lost(kills.at_every_call(kills.WRITERS[6:7], ("EIO",)))


def test_killed_at_random_moments_nothing_acknowledged_is_lost() -> None:
    none_lost(kills.at_random_moments(4))


def test_one_title_from_many_processes_at_once_makes_as_many_notes() -> None:
    none_lost(crowds.same_title(4, 3))
    none_lost(crowds.same_title(2, 2, commit=True))


def test_writers_and_readers_at_once_see_no_lock_and_no_error() -> None:
    none_lost(crowds.writers_and_readers(1.5))


def test_several_first_users_of_an_index_all_get_the_answer() -> None:
    none_lost(crowds.first_users(1))


def test_a_damaged_index_or_cache_gives_the_right_answers_and_runs_nothing() -> None:
    none_lost(damages.damages(30))


def test_made_up_secrets_of_every_kind_are_masked_to_the_last_sign() -> None:
    none_lost(leaks.masked(1))


def test_a_killed_build_leaves_the_live_site_whole() -> None:
    none_lost(sites.killed(2, sites.MAKINGS[:1]))


@pytest.mark.parametrize("name", gits.STATES)
def test_whatever_state_git_is_in_the_note_is_saved_and_one_line_says_what_to_do(name: str) -> None:
    none_lost(gits.states([name]))


def test_whatever_several_machines_do_between_two_syncs_no_line_is_lost() -> None:
    none_lost(machines.synced(200, seconds=60))


def test_whatever_several_programs_do_to_a_note_at_once_no_line_is_lost() -> None:
    none_lost(writers.written(40, seconds=30))


def test_watch_knows_the_last_change_after_a_flood_and_a_folder_made_anew() -> None:
    none_lost(watching.watched(2_000, overflow=False))


def test_the_page_of_promises_has_the_figures_of_every_run_and_nothing_was_lost() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \| ([\d,]+) \| ([\d,]+) \| (\d+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {int(row[0]) for row in rows} >= {1, 2, 3, 4, 5, 6, 8, 10, 12}
    assert [row for row in rows if row[4] != "0"] == []
    assert len(rows) >= len(RUNS)
