"""The questions after two years: each answer beside notes whose answer is known."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from kb.notes.kinds import Decision, Incident
from kb.notes.knowledge_base import KnowledgeBase
from kb.reports import long_view
from kb.reports.long_view import Row

TODAY = date(2028, 11, 30)


def incident(name: str, **front: object) -> Incident:
    fields = {"title": name, "date": name[:10], "status": "resolved", **front}
    return Incident(f"incidents/{name}", f"entries/incidents/{name}.md", fields, body="## Fix\nx\n" if front.get("fix") else "")


def decision(number: int, **front: object) -> Decision:
    return Decision(f"decisions/000{number}-d", f"entries/decisions/000{number}-d.md", {"title": f"D{number}", **front})


LAB = KnowledgeBase(
    Path("/lab"),
    (
        incident("2027-05-05-a", services=["nas"], fix=True, noticed_by="family"),
        incident("2027-05-05-b", services=["nas", "pi"]),
        incident("2028-01-05-a-again", services=["nas"], recurrence_of="2027-05-05-a", held="false", noticed_by="alert"),
        incident("2028-03-05-a-again", services=["nas"], recurrence_of="2027-05-05-a", held="false"),
        incident("2028-03-06-c", services=["pi"], date="2028-03-06T10:00Z", resolved="2028-03-06T10:30Z"),
        decision(1, status="superseded", date="2028-01-01", superseded="2028-02-01", services=["nas"]),
        decision(2, status="accepted", date="2028-02-01", services=["nas"], turned_out="wrong"),
        decision(3, status="accepted", date="2027-02-01"),
    ),
)
INCIDENTS = [note for note in LAB.of("incident") if isinstance(note, Incident)]


def shown(rows: list[Row]) -> list[tuple[str, ...]]:
    return [(row.name, *row.cells.values()) for row in rows]


def test_which_service_costs_most_evenings_and_a_day_counts_once() -> None:
    rows = long_view.trouble(LAB, INCIDENTS, TODAY)
    assert shown(rows) == [("nas", "2", "1"), ("pi", "1", "1")]
    assert len(rows[0].refs) == 4


def test_which_fixes_never_hold_and_what_is_cured() -> None:
    assert shown(long_view.fixes(LAB, INCIDENTS, TODAY)) == [
        ("2027-05-05-a", "3", "0 of 2", "245 days", "not seen for 270 days")
    ]
    assert shown(long_view.fixes(LAB, INCIDENTS, date(2028, 4, 1))) == [
        ("2027-05-05-a", "3", "0 of 2", "245 days", "never held")
    ]


def test_wrong_decisions_are_told_from_those_that_were_replaced_soon() -> None:
    assert shown(long_view.decisions(LAB, INCIDENTS, TODAY)) == [
        ("2. D2", "wrong", "303 days", "1"),
        ("1. D1", "superseded", "31 days", "1"),
    ]


def test_year_against_year() -> None:
    assert shown(long_view.years(LAB, INCIDENTS, TODAY)) == [
        ("2028", "3", "3", "2", "152 days (of 2)", "30 minutes (of 1)", "1 of 1"),
        ("2027", "2", "1", "", "", "", "0 of 1"),
    ]


@pytest.mark.parametrize(
    ("days", "said"),
    [([], ""), ([3], "3 days (of 1)"), ([1, 2, 3, 4], "2 days (of 4)"), ([1, 2, 3, 4, 50], "3 days")],
)
def test_usual_needs_five_cases_or_says_how_few_there_were(days: list[int], said: str) -> None:
    assert long_view.usual([timedelta(days=day) for day in days]) == said
