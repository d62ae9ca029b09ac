"""An error that comes back: counted, with what became of the old fix; and the open incident's own diary."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import World

ERROR = "connect() failed (113: No route to host) while connecting to upstream, client: 10.0.0.{}"


@pytest.fixture
def known(lab: World) -> World:
    made = lab.kb("incident", "new", "Jellyfin answers 502", "--error", ERROR.format(1), "--fix", "connect the network", "--no-edit",
                  "--date", "2026-04-24", "-s", "jellyfin")  # fmt: skip
    assert made.status == 0, made.err
    return lab


def see(world: World, number: int) -> str:
    return world.kb("seen", ERROR.format(number)).out


def test_a_return_is_recorded_in_seconds_and_counted(known: World) -> None:
    see(known, 2)
    made = known.kb("again")
    assert made.status == 0, made.err
    assert made.err == "second time, the fix held 1 of 1\n"
    assert made.paths[0].name == "2026-11-21-jellyfin-answers-502-again.md"
    text = made.paths[0].read_text()
    assert "recurrence_of: incidents/2026-04-24-jellyfin-answers-502\nheld: true\n" in text
    assert "status: resolved" in text
    assert "services: [jellyfin]" in text
    assert ERROR.format(2) in text


def test_a_fix_that_failed_is_said_and_the_new_one_is_written_down(known: World) -> None:
    see(known, 2)
    made = known.kb("again", "--failed", "--fix", "made it permanent")
    assert made.err == "second time, the fix held 0 of 1\n"
    text = made.paths[0].read_text()
    assert "held: false" in text
    assert "## Fix\n\nmade it permanent\n" in text


def test_a_failed_fix_without_a_new_one_leaves_the_incident_open(known: World) -> None:
    see(known, 2)
    assert "status: open" in known.kb("again", "--failed").paths[0].read_text()


def test_from_the_third_time_on_it_is_called_a_pattern(known: World) -> None:
    assert "a pattern" not in known.kb("again", "2026-04-24-jellyfin-answers-502").err
    third = known.kb("again", "2026-04-24-jellyfin-answers-502").err
    assert third.startswith("third time, the fix held 2 of 2\na pattern by now: kb experiment new")
    assert "seen 3 times before, the fix held 2 of 2" in see(known, 4)


def test_a_return_of_a_return_names_the_note_with_the_fix(known: World) -> None:
    first = known.kb("again", "jellyfin 502").paths[0]
    again = known.kb("again", first.stem).paths[0]
    assert "recurrence_of: incidents/2026-04-24-jellyfin-answers-502\n" in again.read_text()
    assert again.name == "2026-11-21-jellyfin-answers-502-again-2.md"


def test_on_a_terminal_one_question_is_asked(known: World) -> None:
    see(known, 2)
    made = known.typed(["again"], [("Did the fix hold?", "\n")])
    assert made.status == 0, made.out
    assert "held: true" in (known.folder / "entries/incidents/2026-11-21-jellyfin-answers-502-again.md").read_text()


def test_without_anything_seen_the_next_step_is_said(lab: World) -> None:
    assert "name the incident, kb again REF" in lab.kb("again").err
    lab.kb("service", "new", "nas", "--no-edit")
    assert "only an incident or an experiment can come back" in lab.kb("again", "nas").err


def test_incident_again_is_the_same_command(known: World) -> None:
    assert known.kb("incident", "again", "jellyfin 502", "--failed", "--fix", "x").status == 0


def test_recurring_incidents_are_listed_most_often_first(known: World) -> None:
    known.kb("change", "new", "x")
    known.kb("again", "jellyfin 502")
    shown = known.kb("incident", "list", "--recurring").out
    assert shown.count("\n") == 1
    assert "Jellyfin answers 502" in shown


# ---- the open incident -----------------------------------------------------------------------------------------------


def an_open_one(world: World, title: str = "No DNS", day: str = "2026-11-21T00:59+01:00") -> Path:
    return world.kb("incident", "new", title, "--no-edit", "--date", day).paths[0]


def test_lines_of_the_diary_carry_the_time(lab: World) -> None:
    path = an_open_one(lab)
    assert lab.kb("incident", "log", "the", "switch is fine").status == 0
    assert lab.kb("incident", "log", "unbound is not").status == 0
    assert path.read_text().endswith("## Timeline\n\n- 01:23 the switch is fine\n- 01:23 unbound is not\n")
    assert lab.git("status", "--porcelain") == ""


def test_on_another_day_the_line_carries_the_date(lab: World) -> None:
    path = an_open_one(lab, day="2026-11-19")
    lab.kb("incident", "log", "still dark")
    assert "- 2026-11-21 01:23 still dark\n" in path.read_text()


def test_with_several_open_ones_none_is_taken(lab: World) -> None:
    an_open_one(lab, "No DNS")
    an_open_one(lab, "No mail")
    asked = lab.kb("incident", "log", "x")
    assert asked.status == 2
    assert asked.err == "kb: 2 incidents are open, name one:\n  @1  No DNS\n  @2  No mail\n"
    assert lab.kb("incident", "log", "x", "--to", "mail").status == 0
    assert lab.kb("incident", "resolve", "@1", "--fix", "a cable").status == 0


def test_without_an_open_one_it_says_so(lab: World) -> None:
    assert "no incident is open" in lab.kb("incident", "log", "x").err


def test_resolving_sets_the_status_the_time_and_the_fix(lab: World) -> None:
    path = an_open_one(lab)
    before = path.read_text()
    assert lab.kb("incident", "resolve", "--fix", "restarted unbound").status == 0
    assert path.read_text() == before.replace("resolved:\n", "resolved: 2026-11-21T01:23+01:00\n").replace(
        "status: open", "status: resolved"
    ).replace("## Fix\n", "## Fix\n\nrestarted unbound\n")


def test_what_is_resolved_stays_as_it_was_resolved(lab: World) -> None:
    path = an_open_one(lab)
    lab.kb("incident", "resolve", "no dns", "--fix", "restarted unbound")
    before = path.read_text()
    again = lab.kb("incident", "resolve", "no dns", env={"KB_NOW": "2026-11-25T10:00Z"})
    assert (again.status, again.out, again.err) == (0, "", "No DNS is resolved already; a fix can be added with --fix\n")
    assert path.read_text() == before
    assert lab.kb("incident", "resolve", "no dns", "--fix", "and a cable", env={"KB_NOW": "2026-11-25T10:00Z"}).status == 0
    assert path.read_text() == before.replace("restarted unbound\n", "restarted unbound\n\nand a cable\n")


def test_secrets_in_the_diary_are_masked(lab: World) -> None:
    path = an_open_one(lab)
    lab.kb("incident", "log", "tried DB_PASSWORD=hunter2hunter2")
    assert "hunter2" not in path.read_text()


# ---- why one may trust the answer ------------------------------------------------------------------------------------


def test_explain_says_what_the_lines_share_and_what_speaks_for_and_against(known: World) -> None:
    said = known.kb("seen", "--explain", ERROR.format(2)).out
    assert "  sure     same, score" in said
    assert "  shared   100% of yours" in said
    assert "  odds     " in said


def test_the_fix_that_held_comes_first_also_when_a_return_without_one_is_met(known: World) -> None:
    see(known, 2)
    known.kb("again", "--held")
    assert "FIX    connect the network" in see(known, 2)


def test_a_fix_that_failed_sinks_below_the_newer_one(known: World) -> None:
    see(known, 2)
    known.kb("again", "--failed", "--fix", "made it permanent")
    assert "FIX    made it permanent" in see(known, 1)


def test_fixed_says_first_that_the_error_is_known(known: World) -> None:
    see(known, 2)
    made = known.kb("fixed", "something else this time")
    assert made.status == 0
    assert made.err.startswith("KNOWN ALREADY  Jellyfin answers 502   (kb show @1)\n  FIX  connect the network\n")
    assert "recurrence_of" not in made.paths[0].read_text()


def test_what_changed_lately_near_the_trouble_is_said(known: World) -> None:
    known.kb("service", "new", "jellyfin", "--no-edit")
    known.kb("change", "new", "moved jellyfin to the other network", "--service", "jellyfin")
    known.kb("change", "new", "an old one", "--service", "jellyfin", "--date", "2026-01-01")
    said = see(known, 2)
    assert "  changed lately: " in said
    assert "moved jellyfin to the other network" in said
    assert "an old one" not in said
