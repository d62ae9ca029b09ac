"""The line of an error that says most, and the title that is made of it: the cause, and nothing of that day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.capture.incident_draft import LONGEST_TITLE, title_from
from kb.logs.event_line import cause_in, elided, event_of

TITLES = [
    (
        "2026/04/24 01:07:44 [error] 29#29: *1 connect() failed (113: No route to host) while connecting to upstream, client: 10.0.0.9, server: tv",
        "connect() failed (113: No route to host) while connecting to upstream",
    ),
    (
        '2026-03-14 02:32:01.116 UTC [4397] ERROR:  could not extend file "base/16384/47804": No space left on device\n'
        "2026-03-14 02:32:01.116 UTC [4397] HINT:  Check free disk space.",
        'could not extend file "base/16384/47804": No space left on device',
    ),
    (
        "[2026-11-29 20:24:22,804] ERROR in app: Exception on / [GET]\nTraceback (most recent call last):\n"
        '  File "/srv/app.py", line 3, in index\n    return render("index.html")\njinja2.exceptions.TemplateNotFound: index.html',
        "TemplateNotFound: index.html",
    ),
    (
        "node:events:495\n      throw er; // Unhandled 'error' event\n      ^\n\nError: connect ECONNREFUSED 127.0.0.1:5432\n"
        "    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)",
        "connect ECONNREFUSED 127.0.0.1:5432",
    ),
    ("ERROR 1045 (28000): Access denied for user 'cloud'@'db'", "ERROR 1045 (28000): Access denied for user 'cloud'@'db'"),
    (
        'time="2026-03-14T02:29:39Z" level=error msg="Handler for POST /v1.47/containers/5a3f97d3558683b8c7adb84a4e6488b014a73c46/start returned error: bind: address already in use"',
        "Handler for POST … bind: address already in use",
    ),
    (
        "request 4f1c2a3b-9e7d-4c55-8a10-1b2c3d4e5f60 failed after 3021ms: pool is empty",
        "request failed after: pool is empty",
    ),
    (
        "npm ERR! code EACCES\nnpm ERR! Error: EACCES: permission denied, mkdir '/srv/a'",
        "EACCES: permission denied, mkdir '/srv/a'",
    ),
]


@pytest.mark.parametrize(("error", "title"), TITLES, ids=[title[:30] for _, title in TITLES])
def test_a_title_is_the_cause_and_neither_the_head_nor_that_days_numbers(error: str, title: str) -> None:
    assert title_from(error) == title


@given(st.text(max_size=400))
def test_a_title_fits_whatever_the_error_is(error: str) -> None:
    assert len(title_from(error)) <= LONGEST_TITLE + 2


@given(st.text(max_size=300), st.integers(24, 120))
def test_what_is_elided_fits_and_begins_as_before(text: str, columns: int) -> None:
    shown = elided(text, columns)
    assert shown == text if len(text) <= columns else len(shown) <= columns + 1
    assert text.startswith(shown.split(" … ")[0].rstrip(" …"))


def test_the_end_after_the_last_colon_says_why_and_is_kept() -> None:
    line = "loading the configuration of the reverse proxy from /etc/proxy/conf.d/everything.yaml failed: yaml: line 7: no key"
    assert elided(line, 60) == "loading the configuration of the … yaml: line 7: no key"


def test_a_secret_is_in_no_title() -> None:
    assert "hunter2" not in title_from("error: cannot log in to https://bob:hunter2hunter2@git.home/x")


def test_of_an_empty_text_the_event_is_empty() -> None:
    assert (event_of(""), event_of("\n \n"), cause_in("", 72)) == ("", "", "")
