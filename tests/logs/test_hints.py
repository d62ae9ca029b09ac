"""Hints: what a log says of where and when is guessed with its reason, and what it does not say is not guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.logs.entities import NAMES, TIMES, Hint, Hints, hints

NOW = datetime(2026, 11, 21, 1, 23, tzinfo=UTC)


def said(text: str, now: datetime = NOW) -> tuple[str, str]:
    """The services and `@hosts` that were guessed, and the moment."""
    found = hints(text, now)
    names = [hint.value for hint in found.services] + [f"@{hint.value}" for hint in found.hosts]
    return " ".join(names), found.began.value if found.began else ""


@pytest.mark.parametrize(("rule", "example", "found"), [(row[0], *row[2:]) for row in NAMES])
def test_every_rule_of_names_finds_what_its_example_says(rule: str, example: str, found: str) -> None:
    guessed = hints(example, NOW)
    assert said(example)[0] == found
    assert rule in {hint.rule for hint in (*guessed.services, *guessed.hosts)}


@pytest.mark.parametrize(("rule", "example", "found"), [(row[0], *row[2:]) for row in TIMES])
def test_every_rule_of_times_finds_what_its_example_says(rule: str, example: str, found: str) -> None:
    assert hints(example, NOW).began == Hint(found, rule, example)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no lamp at all", ("", "")),
        ("Nov 20 01:02:03 nas kernel: Out of memory: Killed process 9", ("@nas", "2026-11-20T01:02+00:00")),
        ("2026-11-20T01:02:03.448268+00:00 nas kernel: ata3: link is slow", ("@nas", "2026-11-20T01:02+00:00")),
        ("2026-11-20T01:02:03+00:00 nas sshd-session[7]: failed", ("sshd @nas", "2026-11-20T01:02+00:00")),
        ("Nov 20 01:02:03 nas systemd[1]: caddy.service: Failed with result", ("caddy @nas", "2026-11-20T01:02+00:00")),
        ("lock was created at 2026-02-02 02:00:01, which failed", ("", "")),
        ("Feb 30 01:02:03 nas smbd: failed", ("smbd @nas", "")),
        ('{"log":"cannot open","stream":"stderr","time":"2026-11-20T01:09:44.5Z"}', ("", "2026-11-20T01:09+00:00")),
        ("the container exited with an error", ("", "")),
    ],
)
def test_what_is_not_said_is_not_guessed(text: str, found: tuple[str, str]) -> None:
    assert said(text) == found


def test_the_picked_lines_are_asked_and_not_the_others() -> None:
    error = "db-1  | 2026-11-20 01:02:03 UTC [9] FATAL:  lock file is empty"
    log = [*(f"web-1  | 2026-11-19 00:00:{i:02} GET / 200" for i in range(50)), error]
    assert hints("\n".join(log), NOW) == Hints(
        (Hint("db", "compose prefix", error),), (), Hint("2026-11-20T01:02+00:00", "ISO time", error)
    )


def test_a_time_without_a_zone_is_in_the_users_and_all_are_given_in_it() -> None:
    here = NOW.astimezone(timezone(timedelta(hours=1)))
    assert said("2026/04/24 01:07:44 [error] no route", here)[1] == "2026-04-24T01:07+01:00"
    assert said("2026-04-24T01:07:44Z ERROR no route", here)[1] == "2026-04-24T02:07+01:00"


@given(st.text())
def test_hints_of_any_text_are_in_it(text: str) -> None:
    found = hints(text, NOW)
    assert all(hint.value in hint.line.lower() for hint in found.services)
    assert all(hint.value in hint.line for hint in found.hosts)
