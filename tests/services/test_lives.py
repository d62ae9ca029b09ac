"""Services that were retired, renamed and reborn, and what was begun and forgotten."""

from __future__ import annotations

import json

import pytest
from commands import World


def at(day: str) -> dict[str, str]:
    return {"KB_NOW": f"{day}+01:00" if "T" in day else f"{day}T10:00+01:00"}


def today(world: World, day: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in json.loads(world.kb("today", "--json", env=at(day)).out):
        found.setdefault(line["group"], []).append(line["text"])
    return found


# Each row: how often a backup is due, when it was last seen, and the first moment at which it is named.
@pytest.mark.parametrize(
    ("every", "seen", "quiet", "named"),
    [
        ("1d", "2026-01-05T03:00", "2026-01-06T07:00", "2026-01-06T08:00"),
        ("1w", "2026-01-05T03:00", "2026-01-13T02:00", "2026-01-13T04:00"),
        ("1m", "2026-01-05T03:00", "2026-02-05T03:00", "2026-02-06T03:00"),
    ],
)
def test_a_backup_that_was_missed_at_night_is_named_in_the_morning(
    lab: World, every: str, seen: str, quiet: str, named: str
) -> None:
    lab.kb("service", "new", "a", "--no-edit", "--set", "data=x", "--set", "backup=r", "--set", f"backup_every={every}")
    lab.kb("service", "beat", "a", "--backup", env=at(seen))
    assert "backup" not in today(lab, quiet)
    assert "backup" in today(lab, named)


def test_a_beat_belongs_to_the_note_whatever_it_is_called_by_now(lab: World) -> None:
    lab.kb("service", "new", "grafana", "--no-edit", "--set", "data=db", "--set", "backup=restic")
    lab.kb("service", "beat", "grafana", "--backup")
    beat = (lab.folder / ".kb/beats/grafana").read_text()
    lab.kb("service", "rename", "grafana", "dashboards")
    (lab.folder / ".kb/beats/dashboards").rename(lab.folder / ".kb/beats/grafana")  # the rename came from another machine
    assert (lab.folder / ".kb/beats/grafana").read_text() == beat
    assert "backup" not in today(lab, "2026-11-21")


def test_nothing_is_asked_of_what_is_retired(lab: World) -> None:
    lab.kb("service", "new", "jelly", "--no-edit", "--set", "data=x", "--set", "backup=restic")
    path = lab.kb("incident", "new", "Jelly down", "--no-edit", "-s", "jelly", "--fix", "x").paths[0]
    path.write_text(path.read_text().replace("## Next time\n", "## Next time\n- [ ] alert on jelly\n"))
    lab.kb("decision", "new", "Use jelly", "--status", "accepted", "-s", "jelly", "--review", "2026-12-01", "--no-edit")
    assert {"next", "decision"} <= today(lab, "2026-12-05").keys()
    lab.kb("service", "retire", "jelly")
    assert today(lab, "2026-12-05") == {}
    assert "jelly is retired, and has no backups any more" in lab.kb("service", "beat", "jelly", "--backup").err
    assert "there is nothing to bring back" in lab.kb("experiment", "new", "--drill", "restore", "--service", "jelly").err


def test_the_beats_of_an_old_life_end_with_it(lab: World) -> None:
    lab.kb("service", "new", "grafana", "--no-edit", "--set", "data=db", "--set", "backup=restic")
    lab.kb("service", "beat", "grafana", "--backup")
    assert lab.kb("service", "retire", "grafana", "--at", "2026-11-01").status == 0
    assert "retired: 2026-11-01\n" in (lab.folder / "entries/services/grafana.md").read_text()
    assert not list((lab.folder / ".kb/beats").iterdir())


def test_a_reborn_service_is_a_new_life_and_it_says_how(lab: World) -> None:
    lab.kb("service", "new", "miniflux", "--no-edit")
    lab.kb("service", "retire", "miniflux")
    refused = lab.kb("service", "new", "miniflux", "--no-edit")
    assert refused.status == 2
    assert "kb service new miniflux-2" in refused.err
    assert "kb edit services/miniflux --set retired=" in refused.err


def test_a_name_that_is_an_alias_too_is_a_problem(lab: World) -> None:
    lab.kb("service", "new", "grafana", "--no-edit")
    lab.kb("service", "rename", "grafana", "dashboards")
    assert "grafana is an alias of dashboards" in lab.kb("service", "new", "grafana", "--no-edit").err
    assert "grafana is the name of entries/services/grafana.md too: take it out of the aliases here" in lab.kb("check").out
    lab.kb("edit", "services/dashboards", "--set", "aliases=")
    assert lab.kb("check").status == 0


def test_all_sections_of_one_name_count(lab: World) -> None:
    path = lab.kb("incident", "new", "NFS hangs", "--no-edit", "--fix", "x").paths[0]
    path.write_text(path.read_text() + "\n## Next time\n- [ ] alert on nfs\n")
    assert today(lab, "2026-11-21")["next"] == ["alert on nfs"]


def test_what_was_begun_and_forgotten_is_named(lab: World) -> None:
    lab.kb("service", "new", "immich", "--no-edit", "--set", "data=photos", "--set", "backup=restic")
    lab.kb(
        "experiment", "new", "--drill", "restore", "--service", "immich", "--timebox", "2h", "--no-edit", env=at("2026-01-05")
    )
    lab.kb("experiment", "new", "Pull a disk", "--no-edit", env=at("2026-01-05"))
    lab.kb("decision", "new", "Move to a new NAS", "--no-edit", env=at("2026-01-05"))
    assert today(lab, "2026-01-05T11:00").get("begun") is None
    assert today(lab, "2026-01-05T13:00")["begun"] == ["Restore immich: since 5 Jan 2026, over its time box of 2h"]
    found = today(lab, "2026-06-05")
    assert sorted(found["begun"]) == [
        "Move to a new NAS: proposed since 5 Jan 2026",
        "Pull a disk: since 5 Jan 2026",
        "Restore immich: since 5 Jan 2026, over its time box of 2h",
    ]
    assert not any("restore immich" in text for text in found.get("drill", []))
