"""An error that comes back is one story: one row, one open incident, and a record for each fix of it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from commands import World
from sites import make

from kb.notes.recurrence import track_record
from kb.site import catalog
from kb.storage import loader

ERROR = "kernel: nfs: server 10.0.0.{} not responding, still trying (xid 2579{}c18)"


def at(day: str) -> dict[str, str]:
    return {"KB_NOW": f"{day}T10:00+01:00"}


def text(number: int) -> str:
    return ERROR.format(number, number)


@pytest.fixture
def nfs(lab: World) -> World:
    """January: the cable was replugged."""
    done = lab.kb("incident", "new", "NFS not responding", "--error", text(5), "--fix", "replugged the cable", "--yes", "-s", "nas",
                  "--layer", "hardware", "--host", "mini", "-t", "usb", "--set", "noticed_by=family", env=at("2026-01-05"))  # fmt: skip
    assert done.status == 0, done.err
    return lab


def again(world: World, day: str, *how: str, log: str = "") -> Path:
    world.kb("seen", log or text(7), env=at(day))
    done = world.kb("again", *how, env=at(day))
    assert done.status == 0, done.err
    return done.paths[0]


JANUARY = "2026-01-05-nfs-not-responding"


# ---- the open one is meant -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nfs not responding", "NFS not responding", "NFS not responding, again", "nfs again"])
def test_by_whatever_words_the_open_return_is_resolved_and_not_january(nfs: World, name: str) -> None:
    for month in "23":
        again(nfs, f"2026-0{month}-05", "--held")
    june = again(nfs, "2026-06-05", "--failed")
    january = (nfs.folder / f"entries/incidents/{JANUARY}.md").read_bytes()
    assert nfs.kb("incident", "log", "the switch port is dead", "--to", name).paths == [june]
    assert nfs.kb("incident", "resolve", *name.split(), "--fix", "new switch").paths == [june]
    assert "new switch" in june.read_text()
    assert (nfs.folder / f"entries/incidents/{JANUARY}.md").read_bytes() == january


def test_with_none_open_a_resolved_one_is_meant_and_a_whole_name_means_itself(nfs: World) -> None:
    again(nfs, "2026-02-05", "--held")
    june = again(nfs, "2026-06-05", "--failed")
    said = nfs.kb("incident", "resolve", JANUARY, "--fix", "said later")
    assert said.paths[0].stem == JANUARY
    assert said.err == f"NFS not responding, again is still open: {june.stem}\n"
    nfs.kb("incident", "resolve")
    assert nfs.kb("incident", "resolve", "nfs", "not", "responding", "--fix", "and a nic").paths[0].stem == JANUARY


def test_what_is_still_open_has_not_come_back(lab: World) -> None:
    lab.kb("incident", "new", "No DNS", "--error", "SERVFAIL for example.org from 10.0.0.2", "--no-edit")
    lab.kb("seen", "SERVFAIL for example.org from 10.0.0.2")
    refused = lab.kb("again", "--held")
    assert refused.status == 2
    assert refused.err.startswith("kb: No DNS is open since 21 Nov 2026, so this is no return:\n  kb incident log")
    assert len(list((lab.folder / "entries/incidents").glob("*.md"))) == 1


# ---- what a return is made of ----------------------------------------------------------------------------------------


def test_a_return_is_of_the_same_layer_hosts_and_tags_and_nobody_knows_who_noticed(nfs: World) -> None:
    nfs.kb("seen", text(7), env=at("2026-02-05"))
    done = nfs.kb("again", "--held", env=at("2026-02-05"))
    written = done.paths[0].read_text()
    for line in ("services: [nas]", "hosts: [mini]", "tags: [usb]", "layer: hardware"):
        assert f"\n{line}\n" in written
    assert "noticed_by" not in written
    assert "who noticed it this time is unknown: kb edit 2026-02-05-nfs-not-responding-again" in done.err
    assert "noticed_by: alert\n" in again(nfs, "2026-03-05", "--noticed-by", "alert").read_text()
    stats = json.loads(nfs.kb("stats", "--json").out)
    assert stats["by_layer"] == {"hardware": 3}
    assert stats["by_noticed"] == {"alert": 1, "family": 1, "nobody said": 1}


def test_named_by_any_of_the_family_the_log_that_was_seen_is_kept_and_only_once(nfs: World) -> None:
    again(nfs, "2026-02-05", "--held")
    march = again(nfs, "2026-03-05", JANUARY, "--held", log=text(8))
    assert text(8) in march.read_text()
    assert text(8) not in nfs.kb("again", JANUARY, "--held", env=at("2026-03-05")).paths[0].read_text()


def test_of_a_log_that_holds_a_known_error_the_other_lines_are_of_no_return(nfs: World) -> None:
    log = f"2026-02-05T09:59:01 INFO checkpoint complete: wrote 5779 buffers\n{text(7)}\n2026-02-05T09:59:55 INFO GET /health 200 4ms\n"
    nfs.kb("seen", "-", stdin=log, env=at("2026-02-05"))
    written = nfs.kb("again", "--held", env=at("2026-02-05")).paths[0].read_text()
    assert text(7) in written
    assert "checkpoint" not in written
    assert "health" not in written
    assert nfs.kb("seen", "2026-03-05T09:59:01 INFO checkpoint complete: wrote 1234 buffers").status == 1


# ---- each fix has its own record -------------------------------------------------------------------------------------


def test_a_fix_answers_for_itself_and_for_no_other_one(nfs: World) -> None:
    again(nfs, "2026-02-05", "--failed")
    nfs.kb("incident", "resolve", "--fix", "restarted nfsd", env=at("2026-02-05"))
    again(nfs, "2026-03-05", "--failed", "--fix", "new switch")
    for month in "456":
        again(nfs, f"2026-0{month}-05", "--held")
    shown = nfs.kb("seen", text(9)).out
    assert "new switch" in shown
    assert "the fix held 3 of 3" in shown
    base = loader.read(nfs.folder)
    family = base.family(base.find(JANUARY))
    records = base.families.fix_records(family[0])
    assert [(r.note.fix, r.tried, r.held, r.comes_back_after and r.comes_back_after.days) for r in records] == [
        ("replugged the cable", 1, 0, 31),
        ("restarted nfsd", 1, 0, 28),
        ("new switch", 3, 3, 31),
    ]
    assert "the fix held 0 of 1" in track_record(base.families, family[0])


# ---- one row ---------------------------------------------------------------------------------------------------------


def test_a_family_is_one_row_of_a_list_and_all_unfolds_it(nfs: World) -> None:
    for month in "2345":
        again(nfs, f"2026-0{month}-05", "--held")
    again(nfs, "2026-06-05", "--failed")
    nfs.kb("incident", "new", "No DNS", "--no-edit", "--fix", "x")
    assert nfs.kb("list").out.splitlines() == [
        "@1  2026-11-21  resolved  No DNS",
        "@2  2026-06-05  open      NFS not responding (6×, last 5 Jun, open)  nas",
    ]
    assert nfs.kb("list").err == "7 incidents in 2 rows, --all shows each\n"
    assert nfs.kb("incident", "list", "--all").out.count("NFS not responding") == 6
    assert "(6×, last 5 Jun, the fix held 4 of 5, open)" in nfs.kb("incident", "list", "--recurring").out
    (row,) = json.loads(nfs.kb("incident", "list", "--tag", "usb", "--json").out)
    assert (row["family"]["times"], row["family"]["status"], len(row["family"]["refs"])) == (6, "open", 6)
    assert nfs.kb("incident", "resolve", "@1").paths[0].name.startswith("2026-06-05")


RETURNS = {
    "incidents/2026-01-05-nfs.md": "---\ntitle: NFS hangs\ndate: 2026-01-05\nstatus: resolved\nservices: [nas]\n---\n"
    "## Error\n```\nnfs: server not responding, still trying\n```\n## Fix\nreplug the cable\n",
    "incidents/2026-02-05-nfs-again.md": "---\ntitle: NFS hangs, again\ndate: 2026-02-05\nstatus: resolved\nservices: [nas]\n"
    "recurrence_of: incidents/2026-01-05-nfs\nheld: true\n---\n"
    "## Error\n```\nnfs: server not responding, still trying\nnfs: server not responding, timed out\n```\n",
    "services/nas.md": "---\ntitle: nas\n---\n",
}


def test_on_the_site_a_return_whose_old_fix_held_has_a_fix_and_a_family_one_row(tmp_path: Path) -> None:
    base = loader.read(make(tmp_path, RETURNS))
    pages = dict(catalog.all_pages(base, date(2026, 11, 21), catalog.site_map(base, None)))
    for path in ("index.md", "errors/index.md", "services/nas.md"):
        shown = pages[path].head + pages[path].tail
        assert "no fix yet" not in shown, path
        assert "replug the cable" in shown, path
        assert "2 times" in shown, path
    listed = pages["incidents/index.md"].head
    assert listed.count("NFS hangs") == 1
    assert "2×" in listed


# ---- open again ------------------------------------------------------------------------------------------------------


def test_what_was_not_over_is_reopened_and_keeps_when_it_was_thought_to_be(lab: World) -> None:
    lab.kb("incident", "new", "No DNS", "--no-edit", env=at("2026-11-20"))
    lab.kb("incident", "resolve", "--fix", "restart", env={"KB_NOW": "2026-11-20T10:30+01:00"})
    done = lab.kb("incident", "reopen", "no dns", "--why", "the same again")
    written = done.paths[0].read_text()
    assert "status: open\n" in written
    assert "resolved:\n" in written
    assert "- 2026-11-21 01:23 open again, resolved 2026-11-20T10:30+01:00 before: the same again\n" in written
    assert lab.kb("check").status == 0
    assert lab.git("status", "--porcelain") == ""
    assert lab.kb("incident", "reopen", "no dns").err == "No DNS is open\n"


def test_open_with_an_end_is_a_problem_and_counts_for_no_time_to_fix(lab: World) -> None:
    lab.kb("incident", "new", "No DNS", "--no-edit", env=at("2026-11-20"))
    lab.kb("incident", "resolve", env={"KB_NOW": "2026-11-20T10:30+01:00"})
    lab.kb("edit", "no dns", "--set", "status=open")
    found = lab.kb("check")
    assert found.status == 1
    assert "open, but resolved on 2026-11-20T10:30+01:00" in found.out
    assert json.loads(lab.kb("stats", "--json").out)["median_fix_minutes"] is None


def test_an_end_without_a_status_means_resolved(lab: World) -> None:
    path = lab.folder / "entries/incidents/2026-11-20-a.md"
    path.write_text("---\ntitle: A\ndate: 2026-11-20T09:30+01:00\nresolved: 2026-11-20T09:45+01:00\n---\n")
    assert json.loads(lab.kb("list", "--json").out)[0]["status"] == "resolved"


# ---- what was forgotten ----------------------------------------------------------------------------------------------


def test_what_was_over_long_ago_is_written_down_truly(lab: World) -> None:
    lab.kb("incident", "new", "NFS hangs", "--no-edit", env=at("2026-01-05"))
    late = lab.kb("incident", "resolve", "--fix", "was fixed the same evening", env=at("2026-06-05"))
    assert late.err == "it was open for 151 days; if it was over before: kb incident resolve 2026-01-05-nfs-hangs --at WHEN\n"
    assert lab.kb("incident", "resolve", "nfs hangs", "--at", "2026-01-05T11:00+01:00", env=at("2026-06-05")).status == 0
    assert "resolved: 2026-01-05T11:00+01:00\n" in late.paths[0].read_text()


def test_a_return_that_was_forgotten_has_the_day_on_which_it_was(nfs: World) -> None:
    made = nfs.kb("again", "nfs not responding", "--held", "--at", "2026-03-05T22:00+01:00")
    assert made.paths[0].name == "2026-03-05-nfs-not-responding-again.md"
    written = made.paths[0].read_text()
    assert "date: 2026-03-05T22:00+01:00\nresolved:\nstatus: resolved\n" in written


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-11-19", "began on 2026-11-20T10:00+01:00: it can't have been over on 2026-11-19"),
        ("2026-11-22", "2026-11-22 is still to come"),
    ],
)
def test_no_end_lies_before_the_beginning_or_after_now(lab: World, when: str, said: str) -> None:
    lab.kb("incident", "new", "No DNS", "--no-edit", env=at("2026-11-20"))
    refused = lab.kb("incident", "resolve", "--at", when)
    assert refused.status == 2
    assert said in refused.err


def test_a_line_of_the_diary_has_the_time_at_which_it_was(lab: World) -> None:
    path = lab.kb("incident", "new", "No DNS", "--no-edit").paths[0]
    lab.kb("incident", "log", "the lights went out", "--at", "2026-11-20T23:10+01:00")
    assert path.read_text().endswith("- 2026-11-20 23:10 the lights went out\n")


# ---- search ----------------------------------------------------------------------------------------------------------


def test_what_keeps_coming_back_stands_above_mere_synonyms_however_often(lab: World) -> None:
    lab.kb("service", "new", "mosquitto", "--no-edit", "--what", "MQTT broker")
    lab.kb("incident", "new", "MQTT refused", "--error", "Client a disconnected, not authorised", "--fix", "password", "--yes")
    lab.kb(
        "incident",
        "new",
        "Zigbee stick gone",
        "--error",
        "zigpy: serial port /dev/ttyUSB0 vanished",
        "--fix",
        "replug",
        "--yes",
    )
    alone = json.loads(lab.kb("search", "zigbee", "--json").out)
    for day in range(10, 20):
        lab.kb("again", "zigbee", "stick", "gone", "--held", env={"KB_NOW": f"2026-12-{day}T10:00+01:00"})
    found = json.loads(lab.kb("search", "zigbee", "--json").out)
    assert [hit["title"] for hit in found] == [hit["title"] for hit in alone]
    assert found[0]["title"] == "Zigbee stick gone"
    assert "Zigbee stick gone (11×, last 19 Dec)" in lab.kb("search", "zigbee").out
    assert lab.kb("search", "zigbee", "--since", "2026-12-19", env={"KB_NOW": "2026-12-20T10:00Z"}).status == 0
