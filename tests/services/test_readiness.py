"""The four questions: what each fact answers, what is a hope, what is stricter in production, and whose questions they are."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from commands import NOW, World

from kb.notes.dates import When, length
from kb.notes.kinds import Experiment, Incident, Note, Service
from kb.notes.knowledge_base import KnowledgeBase
from kb.notes.settings import Settings, settings_of
from kb.services import drills, drills_due, readiness
from kb.services.readiness import Facts

GOOD = {
    "mode": "production",
    "data": ["/srv"],
    "backup": "restic",
    "backup_every": "1d",
    "backup_seen": "2026-11-20",
    "restore_tested": "2026-06-01",
    "monitored_by": "kuma",
    "exposed": "vpn",
    "security_reviewed": "2026-06-01",
    "rebuild": "this note",
}
STEPS = "## How to rebuild it\n\n1. Start it.\n"


def service(name: str = "app", body: str = STEPS, **front: object) -> Service:
    fields = {"title": name, **GOOD, **front}
    return Service(
        f"services/{name}", f"entries/services/{name}.md", {k: v for k, v in fields.items() if v is not None}, body=body
    )


def drill(**front: object) -> Experiment:
    fields = {"title": "Drill", "type": "drill", "outcome": "held", "services": ["app"], "date": "2026-05-01", **front}
    return Experiment("experiments/drill", "entries/experiments/drill.md", fields)


def facts(*notes: Note, settings: Settings | None = None, **beats: str) -> Facts:
    seen = {name: When.read(text) for name, text in beats.items()}
    return Facts(KnowledgeBase(Path("/lab"), notes, settings or Settings()), datetime.fromisoformat(NOW), seen)


def states(known: Facts) -> dict[str, str]:
    note = known.base.services["app"]
    return {answer.question: answer.state for answer in readiness.readiness(known, note).answers}


def reason(known: Facts, question: str) -> str:
    answer = readiness.readiness(known, known.base.services["app"]).answer(question)
    assert answer is not None
    return answer.reason


def test_a_service_with_all_its_facts_is_ready() -> None:
    assert states(facts(service(), drill())) == dict.fromkeys(readiness.QUESTIONS, "yes")
    assert readiness.all_services(facts(service(), drill()))[0].score == 100


# ---- restore ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("front", "state", "why"),
    [
        ({"backup": None}, "no", "no backup is named for /srv"),
        ({"backup": "none: films"}, "no", "no backup is named for /srv"),
        ({"backup": None, "data": None}, "no", "neither data nor a backup is named"),
        ({"backup": None, "data": ["none"]}, "yes", "nothing to lose"),
        ({"backup_seen": None}, "hope", "none was ever seen"),
        ({"backup_seen": "2026-11-17"}, "hope", "seen 4 days ago, one is due every day"),
        ({"backup_seen": "2026-11-17", "backup_every": None}, "yes", "backup seen 17 Nov 2026"),
        ({"restore_tested": None}, "hope", "no restore was ever tested"),
        ({"restore_tested": "2025-01-01"}, "hope", "tested 22 months ago: a hope again"),
    ],
)
def test_a_backup_is_a_hope_until_it_was_seen_in_time_and_restored(front: dict[str, Any], state: str, why: str) -> None:
    known = facts(service(**front))
    assert states(known)["restore"] == state
    assert why in reason(known, "restore")


def test_a_beat_counts_when_it_is_later_than_the_note() -> None:
    assert states(facts(service(backup_seen=None), app="2026-11-20T03:00+00:00"))["restore"] == "yes"
    assert states(facts(service(), app="2026-01-01"))["restore"] == "yes"


def test_a_nightly_backup_may_be_some_hours_late() -> None:
    assert states(facts(service(backup_seen="2026-11-19T20:00+00:00")))["restore"] == "yes"
    assert states(facts(service(backup_seen="2026-11-18T20:00+00:00")))["restore"] == "hope"


def test_a_host_without_data_is_not_asked_for_a_backup() -> None:
    assert "restore" not in states(facts(service(type="host", data=None, backup=None)))


# ---- notice ----------------------------------------------------------------------------------------------------------


def test_a_monitor_that_stops_with_the_service_is_a_hope() -> None:
    nas = service("nas", type="host")
    assert states(facts(service(), service("kuma", depends_on=["app"])))["notice"] == "hope"
    assert states(facts(service(hosts=["nas"]), service("kuma", hosts=["nas"]), nas))["notice"] == "yes"
    two = service(monitored_by="kuma, mails of cron")
    assert states(facts(two, service("kuma", depends_on=["app"])))["notice"] == "yes"


def test_whoever_noticed_the_last_incident_tells_whether_alerts_come() -> None:
    def incident(who: str) -> Incident:
        return Incident("incidents/i", "i.md", {"title": "I", "date": "2026-10-01", "services": ["app"], "noticed_by": who})

    assert "family noticed the last incident (1 Oct 2026)" in reason(facts(service(), incident("family")), "notice")
    assert "it told on 1 Oct 2026" in reason(facts(service(), incident("alert")), "notice")


def test_a_retired_monitor_watches_nothing() -> None:
    assert states(facts(service(), service("kuma", retired="2026-01-01")))["notice"] == "no"


# ---- security --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("front", "state", "why"),
    [
        ({"exposed": None}, "no", "nobody wrote down who can reach it"),
        ({"security_reviewed": None}, "hope", "never reviewed"),
        ({"security_reviewed": None, "exposed": "internet"}, "no", "from the internet, never reviewed"),
        ({"security_reviewed": "2026-04-01", "exposed": "internet"}, "hope", "reviewed 7 months ago"),
        ({"security_reviewed": "2026-04-01"}, "yes", "from the VPN"),
        ({"secrets_rotated": "2025-01-01"}, "hope", "secrets are the same since"),
        ({"cert_expires": "2026-11-21"}, "no", "its certificate ended"),
        ({"cert_expires": "2026-12-01"}, "hope", "its certificate ends 1 Dec 2026"),
        ({"cert_expires": "2027-12-01"}, "yes", "reviewed"),
    ],
)
def test_security_is_exposure_review_secrets_and_certificate(front: dict[str, Any], state: str, why: str) -> None:
    known = facts(service(**front))
    assert states(known)["security"] == state
    assert why in reason(known, "security")


# ---- rebuild, strictness, responsibility, times ----------------------------------------------------------------------


def test_steps_that_nobody_followed_are_a_hope() -> None:
    assert states(facts(service()))["rebuild"] == "hope"
    assert states(facts(service(), drill(drill="restore")))["rebuild"] == "hope"
    assert states(facts(service(), drill(drill="rebuild")))["rebuild"] == "yes"
    assert states(facts(service(), drill(outcome="unknown")))["rebuild"] == "hope"


def test_a_note_that_claims_to_have_steps_and_has_none_is_found_out() -> None:
    assert reason(facts(service(body="")), "rebuild") == "the note says it has the steps, and has none"
    assert states(facts(service(body="", rebuild="https://wiki.example.org")))["rebuild"] == "hope"


def test_a_sandbox_is_asked_less() -> None:
    assert states(facts(Service("services/app", "app.md", {"title": "app", "mode": "sandbox"}))) == {}
    assert readiness.all_services(facts(service(mode="sandbox")))[0].score == 100


@pytest.mark.parametrize(
    ("level", "asked"),
    [("0", {"restore", "security"}), ("1", {"restore", "notice", "security"}), ("2", set(readiness.QUESTIONS))],
)
def test_responsibility_says_which_questions_are_yours(level: str, asked: set[str]) -> None:
    assert set(states(facts(service(responsibility=level)))) == asked


def test_times_are_settings() -> None:
    settings = settings_of({"plugins": [{"kb": {"restore_within": "1m", "review_within": "soon"}}]})
    assert settings.restore_within == "1m"
    assert settings.unknown == ("the setting review_within can't be 'soon'",)
    assert states(facts(service(), settings=settings))["restore"] == "hope"


@pytest.mark.parametrize(
    ("text", "days"), [("1d", 1), ("24h", 1), ("2 weeks", 14), ("daily", 1), ("1.5d", 1.5), ("1y", 365.25)]
)
def test_lengths_of_time_are_read_as_people_write_them(text: str, days: float) -> None:
    assert length(text).total_seconds() == days * 86400


@pytest.mark.parametrize("text", ["", "soon", "-1d", "1", "99999d", "1d1d"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="length of time"):
        length(text)


# ---- drills ----------------------------------------------------------------------------------------------------------


def test_the_most_overdue_drill_is_of_what_was_never_restored_and_hurt_before() -> None:
    incident = Incident("incidents/i", "i.md", {"title": "I", "date": "2026-10-01", "services": ["b"]})
    known = facts(
        service("a", restore_tested=None),
        service("b", restore_tested=None),
        service("c"),
        incident,
        drill(drill="restore", services=["c"]),
    )
    assert [(due.service.name, due.drill, due.reason) for due in drills_due.drills_due(known)] == [
        ("b", "restore", "never tested; 1 incident in a year"),
        ("a", "restore", "never tested"),
        ("c", "rebuild", "never followed"),
    ]


def test_a_drill_starts_from_the_services_own_steps_and_their_links_still_lead_there() -> None:
    body = "## Backup and restore\n\nAs [b](b.md) and ![no](x.png).\n\n## How to rebuild it\n\n1. See [i](../incidents/i.md), [w](https://w.org).\n"
    text = drills.steps("restore", service(body=body), When.read("2026-11-21").day)
    assert text.splitlines()[0] == "From [[services/app]], as it stood on 2026-11-21:"
    assert "As [b](../services/b.md) and ![no](x.png)." in text
    assert "1. See [i](../incidents/i.md), [w](https://w.org)." in text
    assert "has no steps yet" in drills.steps("rebuild", service(body="", rebuild=None), When.read("2026-11-21").day)


# ---- commands --------------------------------------------------------------------------------------------------------


@pytest.fixture
def house(lab: World) -> World:
    services = lab.folder / "entries/services"
    (services / "immich.md").write_text(
        "---\ntitle: immich\nmode: production\nbackup: restic\nexposed: vpn\ndata: /photos\n---\n"
    )
    (services / "sand.md").write_text("---\ntitle: sand\nmode: sandbox\n---\n")
    lab.git("add", "-A")
    lab.git("commit", "-qm", "all")
    return lab


def test_a_beat_is_silent_makes_no_commit_and_readiness_knows_it(house: World) -> None:
    before = house.git("rev-parse", "HEAD")
    beat = house.kb("service", "beat", "immich", "--backup")
    assert (beat.status, beat.out, beat.err) == (0, "", "")
    assert house.git("rev-parse", "HEAD") == before
    assert house.git("status", "--porcelain") == ""
    assert "backup seen 21 Nov 2026, but no restore was ever tested" in house.kb("service", "readiness", "immich").out


def test_a_beat_for_a_service_that_is_unknown_fails_so_that_cron_tells(house: World) -> None:
    assert house.kb("service", "beat", "imich", "--backup").status == 2
    assert house.kb("service", "beat", "immich").status == 2


def test_a_spoiled_beat_is_as_none(house: World) -> None:
    house.kb("service", "beat", "immich", "--backup")
    (house.folder / ".kb/beats/immich").write_bytes(b"\xff\x00")
    assert "none was ever seen" in house.kb("service", "readiness", "immich").out


def test_the_table_has_the_least_ready_first_and_each_row_its_next_steps(house: World) -> None:
    shown = house.kb("service", "readiness")
    assert [line.split()[1] for line in shown.out.splitlines()[1:]] == ["immich", "sand"]
    assert "kb service beat immich --backup" in house.kb("service", "readiness", "@1").out


def test_min_is_for_ci(house: World) -> None:
    assert house.kb("service", "readiness", "--min", "50").status == 1
    assert house.kb("service", "readiness", "sand", "--min", "100").status == 0
    found = json.loads(house.kb("service", "readiness", "--json").out)
    assert found[0]["answers"][0]["next"] == "kb service beat immich --backup  (at the end of the backup)"


def test_a_restore_drill_that_held_is_a_tested_restore_in_one_commit(house: World) -> None:
    (drill_path,) = house.kb(
        "experiment", "new", "--drill", "restore", "--service", "immich", "--timebox", "2h", "--no-edit"
    ).paths
    assert "## Steps\n\n[[services/immich]] has no steps yet." in drill_path.read_text()
    later = {"KB_NOW": "2026-11-21T04:23+01:00"}
    done = house.kb("experiment", "done", "restore immich", "--outcome", "held", "--lesson", "Newest dump only.", env=later)
    assert "3 hours since it began, over its time box of 2h" in done.err
    rows = house.git("show", "--format=%s", "-U0").splitlines()
    assert rows[0] == "experiment: Restore immich, held"
    changed = [row for row in rows if row.startswith(("+", "-")) and row[:3] not in ("+++", "---")]
    assert [row for row in changed if row != "+"] == [
        "-outcome: unknown",
        "+outcome: held",
        "+Newest dump only.",
        "+restore_tested: 2026-11-21",
    ]


def test_a_restore_drill_that_broke_leaves_the_service_alone(house: World) -> None:
    house.kb("experiment", "new", "--drill", "restore", "--service", "immich", "--no-edit")
    done = house.kb("experiment", "done", "restore immich", "--outcome", "broke")
    assert "no tested restore" in done.err
    assert len(done.paths) == 1
    assert "restore_tested" not in (house.folder / "entries/services/immich.md").read_text()


def test_the_errors_of_a_drill_are_known_from_then_on(house: World) -> None:
    error = 'ERROR:  extension "vchord" is not available'
    house.kb("experiment", "new", "--drill", "restore", "--service", "immich", "--no-edit", "--error", error)
    assert "Restore immich" in house.kb("seen", stdin=error).out


def test_the_time_box_is_asked_on_a_terminal(house: World) -> None:
    made = house.typed(
        ["experiment", "new", "--drill", "restore", "--service", "immich", "--lesson", "x"],
        [("How long may it take?", "90m\n")],
        env={"EDITOR": "true"},
    )
    (path,) = (house.folder / "entries/experiments").glob("*.md")
    assert "timebox: 90m\n" in path.read_text(), made.out


def test_due_says_which_drill_to_begin_with(house: World) -> None:
    house.kb("service", "beat", "immich", "--backup")
    due = house.kb("experiment", "list", "--due")
    assert due.out == "immich  restore  never tested\n"
    assert due.err == "begin with: kb experiment new --drill restore --service immich\n"
    assert house.kb("experiment", "new", "--drill", "restore", "--no-edit").status == 2
