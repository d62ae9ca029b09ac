"""A service under a new name: in every note, to the byte, all or nothing; and what the check finds in the graph."""

from __future__ import annotations

import pytest
from commands import World

from kb.exceptions import ChangedMeanwhile
from kb.services.service_rename import Renamed
from kb.storage import transaction

NOTES = {
    "services/db.md": "---\ntitle: db\naliases: [postgres]  # the old one\nprovides: [sql]\n---\nSee [[db#how-to]].\n\n## How to\n\nx\n",
    "services/app.md": "---\ntitle: App\n# db is no app\ndepends_on:\n  - 'db'  # not db-old\n  - db-old\n# db, then the rest\nneeds: [sql]\nhosts: [\"DB\", dbx]\nmonitored_by: db, mails of db\n---\n"
    "[[db]] [[services/db|the db]] [[entries/services/db.md]] [x](db.md#a) [y](<db.md>) `[[db]]` db [[postgres]]\n\n```\n[[db]] db.md\n```\n",
    "services/db-old.md": "---\ntitle: db old\nneeds: [db]\n---\n",
    "services/dbx.md": "---\ntitle: dbx\ntype: host\n---\n",
    "incidents/2026-01-01-db.md": "\ufeff---\r\ntitle: db is down\r\nservices: db, app\r\ncaused_by: services/db\r\n---\r\nThe db: [db](../services/db.md).\r\n",
}
AFTER = {
    "services/store.md": "---\ntitle: Store\naliases: [postgres, db]  # the old one\nprovides: [sql]\n---\nSee [[store#how-to]].\n\n## How to\n\nx\n",
    "services/app.md": "---\ntitle: App\n# db is no app\ndepends_on:\n  - 'store'  # not db-old\n  - db-old\n# db, then the rest\nneeds: [sql]\nhosts: [\"store\", dbx]\nmonitored_by: store, mails of db\n---\n"
    "[[store]] [[services/store|the db]] [[entries/services/store.md]] [x](store.md#a) [y](<store.md>) `[[db]]` db [[postgres]]\n\n```\n[[db]] db.md\n```\n",
    "services/db-old.md": "---\ntitle: db old\nneeds: [store]\n---\n",
    "services/dbx.md": NOTES["services/dbx.md"],
    "incidents/2026-01-01-db.md": "\ufeff---\r\ntitle: db is down\r\nservices: store, app\r\ncaused_by: services/store\r\n---\r\nThe db: [db](../services/store.md).\r\n",
}


def texts(world: World) -> dict[str, str]:
    entries = world.folder / "entries"
    return {str(path.relative_to(entries)): path.read_bytes().decode() for path in sorted(entries.rglob("*.md"))}


@pytest.fixture
def house(lab: World) -> World:
    for name, text in NOTES.items():
        (lab.folder / "entries" / name).write_bytes(text.encode())
    lab.git("add", "-A")
    lab.git("commit", "-qm", "all")
    return lab


def test_a_service_is_renamed_in_every_note_to_the_byte_and_in_one_commit(house: World) -> None:
    before = house.git("rev-parse", "HEAD")
    done = house.kb("service", "rename", "db", "Store")
    assert done.status == 0, done.err
    assert done.paths == [house.folder / "entries/services/store.md"]
    assert texts(house) == AFTER
    assert house.git("status", "--porcelain") == ""
    assert house.git("log", "-1", "--format=%s").strip() == "service: db is store now"
    assert house.git("rev-parse", "HEAD~1") == before


def test_cut_off_before_the_file_has_its_new_name_the_same_command_finishes(house: World) -> None:
    house.kb("service", "rename", "db", "Store", "--no-commit")
    services = house.folder / "entries/services"
    (services / "store.md").rename(services / "db.md")  # the last step of all
    assert "2026-01-01-db.md:6: a dead link to ../services/store.md" in house.kb("check").out
    assert house.kb("service", "rename", "db", "Store").status == 0
    assert texts(house) == AFTER


def test_the_old_name_goes_on_meaning_it(house: World) -> None:
    house.kb("service", "rename", "db", "store")
    assert house.kb("show", "db").status == 0
    assert "app" in house.kb("service", "impact", "db").out


def test_renamed_there_and_back_every_other_note_is_as_before(house: World) -> None:
    house.kb("service", "rename", "db", "store")
    house.kb("service", "rename", "store", "db")
    back = {name: text for name, text in texts(house).items() if name != "services/db.md"}
    wanted = {name: text.replace('"DB"', '"db"') for name, text in NOTES.items() if name != "services/db.md"}
    assert back == wanted


def test_a_dry_run_changes_nothing_and_names_the_files(house: World) -> None:
    shown = house.kb("service", "rename", "db", "store", "--dry-run")
    assert [path.name for path in shown.paths] == ["store.md", "2026-01-01-db.md", "app.md", "db-old.md"]
    assert texts(house) == NOTES


@pytest.mark.parametrize(
    ("name", "said"),
    [("app", "app is a name of services/app already"), ("db", "is called so already"), ("DB-old", "a name of")],
)
def test_a_name_that_is_taken_is_refused(house: World, name: str, said: str) -> None:
    refused = house.kb("service", "rename", "db", name)
    assert refused.status == 2
    assert said in refused.err
    assert texts(house) == NOTES


def test_a_broken_note_that_names_it_stops_everything_before_anything_is_written(house: World) -> None:
    (house.folder / "entries/services/dbx.md").write_text("---\ntitle: [\n---\nsee [[db]]\n")
    before = texts(house)
    refused = house.kb("service", "rename", "db", "store")
    assert refused.status == 4
    assert "entries/services/dbx.md" in refused.err
    assert texts(house) == before


def test_when_one_file_was_changed_meanwhile_the_others_are_put_back_and_no_new_one_stays(house: World) -> None:
    notes = house.folder / "entries/services"
    db, app, old = (notes / name for name in ("db.md", "app.md", "db-old.md"))
    changes = {
        "entries/services/app.md": (app.read_bytes(), b"new"),
        "entries/services/db-old.md": (b"what stood there before", b"new"),
    }
    done = Renamed("entries/services/store.md", b"x", "entries/services/db.md", db.read_bytes(), changes)
    with pytest.raises(ChangedMeanwhile, match=str(old)):
        transaction.move(house.folder, [done], done.changes)
    assert texts(house) == NOTES


def test_beats_go_with_the_new_name(house: World) -> None:
    house.kb("service", "beat", "db", "--backup")
    house.kb("service", "rename", "db", "store")
    assert (house.folder / ".kb/beats/store").is_file()


# ---- check -----------------------------------------------------------------------------------------------------------


def test_the_check_finds_needs_that_nobody_provides(house: World) -> None:
    assert house.kb("check").out == ""
    house.kb("edit", "db", "--set", "provides=", "--no-commit")
    found = house.kb("check")
    assert found.status == 1
    assert "entries/services/app.md:8: needs sql, which no service that runs provides: write `provides: [sql]`" in found.out


def test_a_retired_provider_is_none(house: World) -> None:
    house.kb("service", "retire", "db", "--yes", "--no-commit")
    assert "needs sql, which no service that runs provides" in house.kb("check").out


def test_the_check_finds_circles_and_names_them_round(house: World) -> None:
    house.kb("edit", "db", "--set", "depends_on=app", "--no-commit")
    found = house.kb("check").out
    assert "entries/services/app.md:4: depends on itself in a circle: app → db → app" in found


def test_services_that_nobody_names_are_a_hint_and_no_failure(house: World) -> None:
    house.kb("service", "new", "lonely", "--no-edit")
    found = house.kb("check")
    assert found.status == 0
    assert "a hint, no problem: no other note names lonely" in found.err


def test_a_capability_of_that_name_keeps_its_name(house: World) -> None:
    services = house.folder / "entries/services"
    (services / "unbound.md").write_text("---\ntitle: unbound\nprovides: [db]\n---\n")
    assert house.kb("service", "rename", "db", "store").status == 0
    assert "needs: [db]" in (services / "db-old.md").read_text()
