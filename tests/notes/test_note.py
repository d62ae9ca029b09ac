"""Notes: moments, sections, known errors, links, and the tables of fields."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kb.notes.dates import When, span
from kb.notes.kinds import Decision, Incident, Note, Service
from kb.notes.markdown import fenced_blocks, link_places, sections, strip_comments, without_empty_sections


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-04-24", "2026-04-24T00:00:00+00:00"),
        ("2026-04-24T01:07+01:00", "2026-04-24T01:07:00+01:00"),
        ("2026-04-24 01:07:09 +0100", "2026-04-24T01:07:09+01:00"),
        ("2026-04-24T01:07Z", "2026-04-24T01:07:00+00:00"),
    ],
)
def test_a_moment_is_read_in_the_ways_people_type_it(typed: str, moment: str) -> None:
    assert When.read(typed).moment.isoformat() == moment


@pytest.mark.parametrize("typed", ["yesterday", "2026-13-45", "0000-01-01", "03:04", "02/01/2026", "2026-W12"])
def test_what_is_no_moment_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        When.read(typed)


def test_moments_with_and_without_time_zone_can_be_compared() -> None:
    assert When.read("2026-04-24") < When.read("2026-04-24T01:07+01:00")


@pytest.mark.parametrize(("minutes", "said"), [(1, "1 minute"), (34, "34 minutes"), (120, "2 hours"), (4320, "3 days")])
def test_a_length_of_time_is_said_as_one_would_say_it(minutes: int, said: str) -> None:
    assert span(timedelta(minutes=minutes)) == said


def test_a_wrong_value_is_complained_about_and_read_as_nothing() -> None:
    note = Incident("incidents/x", "entries/incidents/x.md", {"status": "opne", "date": "soon"}, {"status": 3, "date": 4})
    assert (note.status, note.date) == ("open", None)
    assert [str(problem) for problem in note.complaints()] == [
        "entries/incidents/x.md:4: date should be a date like 2026-04-24 or 2026-04-24T01:07+01:00, not 'soon'",
        "entries/incidents/x.md:3: status should be one of open, mitigated, resolved, not 'opne': did you mean open?",
    ]


def test_tags_may_be_a_list_or_a_text_with_commas() -> None:
    assert Note("", "", {"tags": "dns, nas"}).tags == ("dns", "nas")
    assert Note("", "", {"tags": ["dns", "nas"]}).tags == ("dns", "nas")


def test_a_free_text_after_the_status_is_fine() -> None:
    assert Decision("", "", {"status": "Accepted (phase A, see #12)"}).status == "accepted"


@pytest.mark.parametrize(
    ("name", "number"), [("0007-put-traefik", 7), ("12-x", 12), ("2026-04-24-x", None), ("20200101-x", None), ("x", None)]
)
def test_a_decision_is_numbered_by_its_file_name(name: str, number: int | None) -> None:
    assert Decision(f"decisions/{name}", "").number == number


BODY = """\
Intro
## Error
Seen twice:
```
# no heading
no route to host
```
~~~ console
second `error`
~~~
## Fix, at last
run this
### In detail
```sh
[[ -f x ]] && true
```
## How to check
`[[not-a-link]]` but [[decisions/0007|this]] and [that](../services/nginx.md) and ![pic](a.png) and [web](https://example.org)
"""


def test_a_heading_counts_by_its_first_word_and_owns_what_is_deeper() -> None:
    found = {section.name: section.text for section in sections(BODY)}
    assert list(found) == ["error", "fix", "in detail", "check"]
    assert "### In detail" in found["fix"]


def test_each_fenced_block_under_error_is_a_known_error_with_its_line() -> None:
    errors = Incident("incidents/x", "", body=BODY, body_line=10).errors
    assert [(error.text, error.line) for error in errors] == [("# no heading\nno route to host", 14), ("second `error`", 18)]


def test_an_error_without_fences_is_the_text_of_its_section() -> None:
    assert [error.text for error in Incident("", "", body="## Error\n\ndatabase is locked\n\n## Fix\n").errors] == [
        "database is locked"
    ]


def test_links_are_found_in_prose_and_not_in_code() -> None:
    links = Note("", "", body=BODY).links
    assert [(link.target, link.kind, link.line) for link in links] == [
        ("decisions/0007", "wiki", 18),
        ("../services/nginx.md", "file", 18),
        ("a.png", "file", 18),
    ]


def test_front_matter_that_names_notes_is_a_link_too() -> None:
    note = Decision("", "", {"supersedes": "9", "services": ["a", "b"]}, {"supersedes": 4, "services": 5})
    assert [(link.kind, link.target, link.line) for link in note.links] == [
        ("supersedes", "9", 4),
        ("services", "a", 5),
        ("services", "b", 5),
    ]


def test_headings_of_other_languages_can_be_named() -> None:
    assert Incident("", "", body="## Lösung\nneu starten\n").fix == "neu starten"


def test_a_note_without_a_title_is_called_by_its_heading_or_file() -> None:
    assert Note("x/2026-04-24-no-dns", "").title == "no dns"
    assert Note("x/y", "", body="# Real name\n").title == "Real name"


def test_empty_sections_are_left_out_when_a_note_is_shown() -> None:
    body = "## Error\nx\n## Fix\n\n<!-- later -->\n## Why\n### Deep\nyes\n### Empty\n## Undo\n"
    assert without_empty_sections(body) == "## Error\nx\n## Why\n### Deep\nyes\n"


def test_an_incident_knows_how_long_it_took() -> None:
    note = Incident("", "", {"date": "2026-04-24T01:07+01:00", "resolved": "2026-04-24T00:41Z"})
    assert note.took == timedelta(minutes=34)
    written_down = Incident("", "", {"date": "2026-04-24T01:07+01:00", "resolved": "2026-04-24T00:07Z"})
    assert written_down.took is None  # both are the moment of the writing down: nobody looked at a clock


def test_a_retired_service_says_so() -> None:
    assert Service("", "", {"retired": "2026-01-01", "mode": "production"}).state == "retired"


def test_a_fence_that_is_indented_takes_its_own_indentation_from_its_lines_and_no_more() -> None:
    assert list(fenced_blocks("1. so\n\n  ```\n      deep\n   one more\n  two\n none\n  ```\n")) == [
        (3, "    deep\n one more\ntwo\nnone\n")
    ]


def test_the_place_of_a_link_is_that_of_its_target() -> None:
    body = "a [[one]] [[ two |its text]]\n[[x]] [file](a.md#b) [other](<c.md>)\n"
    assert [body[start:end] for _, start, end in link_places(body)] == ["one", " two ", "x", "a.md#b", "c.md"]


def test_comments_go_wherever_they_stand_and_one_that_never_ends_is_text() -> None:
    assert strip_comments("<!-- a -->b<!---->c<!-- d\n\n--> e <!-- f") == "bc e <!-- f"
