"""Days and zones: a time without a zone is local, lists go by the written day, and a slip of the hand is named."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path

import pytest
from commands import World
from sites import make

from kb.notes.dates import When, localized
from kb.site import catalog
from kb.site.sitemap.site_facts import SiteFacts
from kb.storage import loader

BERLIN = "Europe/Berlin"


# Each row: the clock on the wall, where it hangs, and the moment that it means.
@pytest.mark.parametrize(
    ("typed", "zone", "moment"),
    [
        ("2027-07-01T10:00", BERLIN, "2027-07-01T10:00+02:00"),
        ("2027-12-04 10:00", BERLIN, "2027-12-04T10:00+01:00"),
        ("2027-10-31T02:30", BERLIN, "2027-10-31T02:30+02:00"),  # twice: the first
        ("2027-03-28T02:30", BERLIN, "2027-03-28T03:30+02:00"),  # never: the hour after
        ("2027-01-01T10:00", "Australia/Lord_Howe", "2027-01-01T10:00+11:00"),
        ("2027-07-01T10:00", "Australia/Lord_Howe", "2027-07-01T10:00+10:30"),
        ("2027-07-01T22:30", "America/Los_Angeles", "2027-07-01T22:30-07:00"),
        ("2027-07-01", "America/Los_Angeles", "2027-07-01T00:00-07:00"),
        ("2027-07-01T10:00Z", BERLIN, "2027-07-01T10:00+00:00"),
        ("0001-01-01T00:00", BERLIN, "0001-01-01T00:00+00:00"),
    ],
)
def test_a_time_without_a_zone_is_local(typed: str, zone: str, moment: str) -> None:
    assert When.read(typed, zone).moment.isoformat(timespec="minutes") == moment


@pytest.mark.parametrize(("zone", "stored"), [(BERLIN, "+02:00"), ("America/New_York", "-04:00"), ("UTC", "+00:00")])
def test_what_is_typed_is_stored_as_the_machine_means_it(lab: World, zone: str, stored: str) -> None:
    where = {"TZ": zone, "KB_NOW": "2027-12-05T10:00Z"}
    made = lab.kb("incident", "new", "Summer", "--no-edit", "--date", "2027-07-01T10:00", env=where)
    assert f"date: 2027-07-01T10:00{stored}\n" in made.paths[0].read_text()
    lab.kb("service", "new", "nas", "--no-edit", env=where)
    lab.kb("service", "beat", "nas", "--backup", "--at", "2027-07-01T10:00", env=where)
    assert (lab.folder / ".kb/beats/nas").read_text() == f"2027-07-01T10:00{stored}\n"


def test_the_zone_of_mkdocs_yml_comes_before_the_machines(lab: World) -> None:
    config = lab.folder / "mkdocs.yml"
    config.write_text(re.sub(r"- kb\b:?", f"- kb:\n      timezone: {BERLIN}", config.read_text(), count=1))
    made = lab.kb("incident", "new", "A", "--no-edit", "--date", "2026-07-01T10:00").paths[0]
    assert "date: 2026-07-01T10:00+02:00\n" in made.read_text()
    by_hand = lab.folder / "entries/incidents/2026-07-02-b.md"
    by_hand.write_text("---\ntitle: B\ndate: 2026-07-02 22:30 # roughly\nresolved: 2026-07-02 23:10\nstatus: resolved\n---\n")
    assert json.loads(lab.kb("stats", "--json").out)["median_fix_minutes"] == 40
    assert lab.kb("check", "--fix").status == 0
    assert by_hand.read_text() == (
        "---\ntitle: B\ndate: 2026-07-02T22:30+02:00 # roughly\nresolved: 2026-07-02T23:10+02:00\nstatus: resolved\n---\n"
    )
    assert lab.kb("check", "--fix").out == ""


def test_a_zone_that_nobody_knows_is_named(lab: World) -> None:
    config = lab.folder / "mkdocs.yml"
    config.write_text(re.sub(r"- kb\b:?", "- kb:\n      timezone: Berlin", config.read_text(), count=1))
    assert "the setting timezone can't be 'Berlin'" in lab.kb("check").out


@pytest.mark.parametrize("zone", ["America/New_York", BERLIN, "Asia/Tokyo"])
def test_an_incident_of_forty_minutes_takes_forty_minutes_in_any_zone(lab: World, zone: str) -> None:
    now = {"TZ": zone, "KB_NOW": localized(datetime(2027, 12, 5, 10, 10), zone).isoformat()}
    lab.kb("incident", "new", "A", "--no-edit", "--date", "2027-12-05T09:30", env=now)
    lab.kb("incident", "resolve", env=now)
    assert json.loads(lab.kb("stats", "--json", env=now).out)["median_fix_minutes"] == 40
    assert lab.kb("check", env=now).status == 0


def test_lists_go_by_the_written_day_and_then_by_the_moment(lab: World) -> None:
    west = {"TZ": "America/New_York"}
    lab.kb("change", "new", "Evening of 30 April", env=west | {"KB_NOW": "2026-04-30T21:00-04:00"})
    lab.kb("change", "new", "May", "--date", "2026-05-01", env=west)
    lab.kb("change", "new", "April", "--date", "2026-04-30", env=west)
    assert [row["title"] for row in json.loads(lab.kb("list", "--json", env=west).out)] == [
        "May",
        "Evening of 30 April",
        "April",
    ]


@pytest.mark.parametrize(
    ("said", "now", "stored"),
    [
        ("yesterday", "2027-03-29T00:20+02:00", "2027-03-28T00:20+01:00"),  # the clocks changed in between
        ("last week", "2027-06-20T10:00+02:00", "2027-06-13T10:00+02:00"),
        ("2 weeks", "2027-06-20T10:00+02:00", "2027-06-06T10:00+02:00"),
        ("3h", "2027-03-28T04:00+02:00", "2027-03-28T01:00+02:00"),
        ("1d", "2027-06-20T10:00-07:00", "2027-06-19T10:00-07:00"),  # a moment of another zone keeps it
    ],
)
def test_a_time_ago_is_counted_on_the_wall(said: str, now: str, stored: str) -> None:
    assert When.since(said, datetime.fromisoformat(now), BERLIN).moment.isoformat(timespec="minutes") == stored


def test_a_day_to_come_is_asked_about_and_named(lab: World) -> None:
    refused = lab.kb("incident", "new", "Typo", "--no-edit", "--date", "2062-06-01T10:00")
    assert refused.status == 2
    assert "2062-06-01T10:00 is still to come" in refused.err
    meant = lab.typed(["incident", "new", "Typo", "--no-edit", "--date", "2062-06-01"], [("Is that meant?", "y\n")])
    assert meant.status == 0, meant.out
    found = lab.kb("check")
    assert found.status == 1
    assert "date is 2062-06-01, a day to come: correct it with kb edit 2062-06-01-typo --set date=DATE" in found.out


def test_years_between_beginning_and_end_are_named(lab: World) -> None:
    path = lab.folder / "entries/incidents/2025-03-12-a.md"
    path.write_text("---\ntitle: A\ndate: 2025-03-12T09:00Z\nresolved: 2026-03-12T09:10Z\nstatus: resolved\n---\n")
    assert "took 365 days, from 2025-03-12T09:00Z to 2026-03-12T09:10Z: correct the year" in lab.kb("check").out


def test_a_rename_is_no_news_in_the_feed(tmp_path: Path) -> None:
    files = {
        f"incidents/2026-0{month}-06-a.md": f"---\ntitle: A{month}\ndate: 2026-0{month}-06\n---\n" for month in range(1, 6)
    }
    base = loader.read(make(tmp_path, files))
    touched = SiteFacts(edited={note.path: date(2026, 11, 20) for note in base.notes})
    feed = catalog.all_files(catalog.site_map(base, touched), date(2026, 11, 21))["feed.atom"]
    assert "2026-11-20" not in feed
    assert "<updated>2026-05-06T" in feed
