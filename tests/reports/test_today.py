"""What wants attention today, in the order of its hurry, and what the incidents say in numbers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from commands import NOW, World

from kb.notes.kinds import Decision, Incident, Note, Service
from kb.notes.knowledge_base import KnowledgeBase
from kb.notes.settings import Settings
from kb.reports import incident_stats, reminders, service_costs
from kb.services.readiness import Facts

TODAY = datetime.fromisoformat(NOW)


def base(*notes: Note, **settings: Any) -> KnowledgeBase:
    return KnowledgeBase(Path("/lab"), tuple(sorted(notes, key=lambda note: note.ref)), Settings(**settings))


def service(name: str, **front: object) -> Service:
    return Service(f"services/{name}", f"entries/services/{name}.md", {"title": name, "mode": "production", **front})


def incident(name: str = "i", body: str = "", **front: object) -> Incident:
    fields = {"title": name, "date": "2026-10-01T10:00+00:00", "status": "resolved", **front}
    return Incident(f"incidents/{name}", f"entries/incidents/{name}.md", fields, body=body)


def lines(*notes: Note) -> list[tuple[str, str]]:
    found = reminders.today(Facts(base(*notes), TODAY))
    return [(line.group, line.text) for line in found if line.group != "drill"]


# ---- today -----------------------------------------------------------------------------------------------------------


def test_an_open_incident_comes_first_the_oldest_of_them_on_top() -> None:
    found = lines(
        service("a", backup="restic"),
        incident("new", status="open", date="2026-11-20"),
        incident("old", status="mitigated", date="2026-11-01"),
    )
    assert found == [
        ("incident", "old (mitigated, since 1 Nov 2026)"),
        ("incident", "new (open, since 20 Nov 2026)"),
        ("backup", "a: never seen on this machine"),
    ]


@pytest.mark.parametrize(
    ("front", "said"),
    [
        ({"backup": "restic", "backup_every": "1d", "backup_seen": "2026-11-17"}, "a: last seen 4 days ago, due every day"),
        ({"cert_expires": "2026-11-30"}, "a: ends 30 Nov 2026"),
        ({"cert_expires": "2026-11-20"}, "a: ended 20 Nov 2026"),
        ({"secrets_rotated": "2025-01-01"}, "a: the same since 1 Jan 2025"),
    ],
)
def test_what_is_overdue_is_said_with_its_time(front: dict[str, object], said: str) -> None:
    assert [text for _, text in lines(service("a", **front))] == [said]
    assert lines(service("a", retired="2026-11-01", **front)) == []


def test_what_was_to_be_done_next_time_waits_until_it_is_ticked() -> None:
    body = "## Next time\n\n- [ ] alert on 502\n- [x] a new cable\n* [ ] buy a spare\n"
    assert lines(incident(body=body)) == [("next", "alert on 502"), ("next", "buy a spare")]


def test_decisions_to_look_at_again_names_without_notes_and_memories() -> None:
    decision = Decision(
        "decisions/0001-x",
        "entries/decisions/0001-x.md",
        {"title": "X", "status": "accepted", "review": "2026-11-01", "date": "2025-11-21"},
    )
    assert lines(decision, incident(services=["attic"])) == [
        ("decision", "X, due 1 Nov 2026"),
        ("service", "attic, in a note"),
        ("memory", "1 year ago: X"),
    ]


def test_a_quiet_day_says_so_kindly(lab: World) -> None:
    quiet = lab.kb("today")
    assert quiet.status == 0
    assert quiet.out == "Nothing is waiting for you today: all is fixed, seen, and in its time.\n"
    assert json.loads(lab.kb("today", "--json").out) == []
    lab.kb("service", "new", "immich", "--no-edit", "--set", "data=/photos", "--set", "mode=sandbox")
    lab.kb("experiment", "new", "--drill", "restore", "--service", "immich", "--no-edit")
    assert "all is fixed" not in lab.kb("today").out
    assert "1 service with no backup written down: kb service readiness" in lab.kb("today").err


def test_each_line_has_the_command_that_handles_it(lab: World) -> None:
    lab.kb("incident", "new", "Disk is full", "--error", "E1", "--service", "nas", "--no-edit")
    shown = lab.kb("today").out
    assert "Disk is full (open, since 21 Nov 2026)                  kb incident resolve @1" in shown
    assert "nas, in a note                                              kb service new nas" in shown
    found = json.loads(lab.kb("today", "--json").out)
    assert found[0]["command"] == "kb incident resolve incidents/2026-11-21-disk-is-full"
    assert lab.kb("incident", "resolve", "@1", "--fix", "more disk").status == 0
    assert "Disk is full" not in lab.kb("today").out


def test_a_long_list_is_cut_and_says_how_much_more_there_is(lab: World) -> None:
    for number in range(8):
        (lab.folder / f"entries/incidents/{number}.md").write_text(f"---\ntitle: Trouble {number}\nstatus: open\n---\n")
    assert "  and 3 more: kb today --all\n" in lab.kb("today").out
    assert lab.kb("today", "--all").out.count("Trouble") == 8


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"])
def test_a_day_at_the_end_of_time_is_a_day(day: str) -> None:
    dates = dict.fromkeys(
        ("backup_seen", "restore_tested", "security_reviewed", "secrets_rotated", "cert_expires", "date"), day
    )
    notes = [service("a", backup="restic", exposed="lan", **dates), incident("i", services=["a"], date=day, noticed_by="me")]
    known = Facts(base(*notes, cert_warning="9999y", backup_every="9999y", rotate_within="9999y"), TODAY)
    assert {line.group for line in reminders.today(known)} <= {"backup", "certificate", "secret", "drill"}
    assert count(*notes).incidents == 1


# ---- stats -----------------------------------------------------------------------------------------------------------


def count(*notes: Note) -> incident_stats.Stats:
    found = base(*notes)
    return incident_stats.stats(found, [note for note in found.notes if isinstance(note, Incident)], TODAY.date())


def test_time_to_fix_is_counted_where_both_ends_are_known() -> None:
    found = count(
        incident("a", resolved="2026-10-01T10:30+00:00"),
        incident("b", resolved="2026-10-01T12:00+00:00"),
        incident("c", resolved="2026-10-02T10:00+00:00"),
        incident("d", resolved="2026-10-02"),
        incident("e", status="open"),
    )
    assert (found.fix_minutes, found.median_fix, found.open) == ([30, 120, 1440], timedelta(hours=2), 1)


def test_services_are_counted_by_their_one_name() -> None:
    found = count(
        service("postgres", aliases=["db"]), incident("a", services=["db", "postgres"]), incident("b", services=["db"])
    )
    assert found.by_service == [("postgres", 2)]


def test_months_without_an_incident_are_months_too() -> None:
    found = count(incident("a"), incident("b", date="2026-08-31"), incident("c", date="2020-01-01"))
    assert found.by_month[0] == ("2025-12", 0)
    assert found.by_month[-4:] == [("2026-08", 1), ("2026-09", 0), ("2026-10", 1), ("2026-11", 0)]


def test_returns_are_counted_for_the_first_of_the_family_and_so_are_fixes_that_held() -> None:
    found = count(
        incident("a"),
        incident("b", recurrence_of="incidents/a", held="true"),
        incident("c", recurrence_of="incidents/b", held="false"),
        incident("d", recurrence_of="incidents/a"),
    )
    assert found.came_back == [("incidents/a", 3)]
    assert (found.returns, found.held, found.failed, found.untold) == (3, 1, 1, 1)


@pytest.mark.parametrize(
    ("text", "money"),
    [("4.50 a month", 54), ("3,20 € a month", 38.4), ("12 a year", 12), ("12", 12), ("free", None), ("", None)],
)
def test_money_is_read_as_people_write_it(text: str, money: float | None) -> None:
    found = service_costs.a_year(text)
    assert found == (pytest.approx(money) if money is not None else None)


@pytest.mark.parametrize(("text", "gigabytes"), [("6 GB", 6), ("512M", 0.5), ("512 MiB", 0.5), ("32", 32), ("much", None)])
def test_memory_is_read_as_people_write_it(text: str, gigabytes: float | None) -> None:
    assert service_costs.gigabytes(text) == gigabytes


def test_cost_stands_beside_who_needs_it_and_what_trouble_it_made() -> None:
    found = base(
        service("nas", type="host", watts="100 W"),
        service("a", hosts=["nas"]),
        service("b", depends_on=["a"]),
        incident("i", services=["nas"], resolved="2026-10-01T11:00+00:00"),
        kwh_price=0.30,
    )
    row = service_costs.costs(found, [note for note in found.notes if isinstance(note, Incident)])[0]
    assert (row.service.name, row.users, row.incidents, row.trouble) == ("nas", 1, 1, timedelta(hours=1))
    assert row.money == pytest.approx(262.98)


def test_bars_fit_their_columns_and_the_smallest_can_be_seen() -> None:
    rows = incident_stats.bars([("many", 1000), ("one", 1), ("none", 0), *((f"n{i}", 1) for i in range(9))], 40, 5)
    assert rows == ["many  ████████████████████████████ 1000", "one   ▏ 1", "none  0", "n0    ▏ 1", "and 8 others, 8 together"]
    assert incident_stats.bars([], 40) == []


def test_stats_are_numbers_as_json_and_bars_on_a_screen(lab: World) -> None:
    lab.kb(
        "incident", "new", "A", "--error", "E", "--service", "nas", "--set", "layer=dns", "--set", "noticed_by=me", "--no-edit"
    )
    found = json.loads(lab.kb("stats", "--json").out)
    assert (found["incidents"], found["by_service"], found["by_layer"], found["by_noticed"]) == (
        1,
        {"nas": 1},
        {"dns": 1},
        {"me": 1},
    )
    assert "by layer\n  dns  ████████████████████████████ 1\n" in lab.kb("stats").out
    assert lab.kb("stats", "--since", "2026-12-01").err == "no incidents to count\n"
    lab.kb("service", "new", "nas", "--no-edit", "--set", "watts=38")
    assert json.loads(lab.kb("stats", "--cost", "--json").out)[0]["watts"] == 38
    assert lab.kb("stats", "--cost").out.splitlines()[1].split() == ["nas", "38", "1"]
