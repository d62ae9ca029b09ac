"""`kb decision renumber`: twins get numbers of their own, and all that meant a record follows, by exact bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import World


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


HEAD = "---\ntitle: {}\nstatus: accepted\ndate: 2026-03-01\n---\n# {}\n\n"
CADDY = HEAD.format("Use Caddy", "2. Use Caddy")
FILES = {
    "entries/decisions/0001-use-restic.md": HEAD.format("Use restic", "1. Use restic") + "See [[0002-use-caddy|ADR-2]], not `0002-use-caddy`.\n",
    "entries/decisions/0002-use-traefik.md": HEAD.format("Use Traefik", "2. Use Traefik"),
    "entries/incidents/2026-04-01-cert.md": "---\r\ntitle: 0002-use-caddy forgot a certificate\r\ncaused_by: decisions/0002-use-caddy\r\n"
    "imported_from: shop/0002-use-caddy.md\r\n---\r\n[ADR-0002: Use Caddy](../decisions/0002-use-caddy.md#why), "
    "![how](../decisions/0002-use-caddy.png)\r\n```\n0002-use-caddy\r\n```\r\n",
}  # fmt: skip


@pytest.fixture
def twins(lab: World) -> World:
    """Traefik's record was committed before Caddy's, which two other notes link to."""
    for name in ("entries/decisions/0002-use-traefik.md",):
        write(lab.folder, {name: FILES[name]})
    lab.git("add", "-A")
    lab.git("commit", "-qm", "one branch")
    write(lab.folder, {**FILES, "entries/decisions/0002-use-caddy.md": CADDY, "entries/decisions/0002-use-caddy.png": "x"})
    lab.git("add", "-A")
    lab.env = {"GIT_AUTHOR_DATE": "2026-12-01T00:00Z"}
    lab.git("commit", "-qm", "the other branch")
    return lab


def test_the_younger_twin_gets_the_next_number_and_all_that_meant_it_follows_in_one_commit(twins: World) -> None:
    done = twins.kb("decision", "renumber")
    assert (done.status, done.paths) == (0, [twins.folder / "entries/decisions/0003-use-caddy.md"])
    assert done.err == (
        "0002-use-caddy is now 0003-use-caddy\n"
        "  entries/decisions/0001-use-restic.md: links follow\n"
        "  entries/incidents/2026-04-01-cert.md: links follow\n"
    )
    texts = {path.name: path.read_bytes().decode() for path in (twins.folder / "entries").rglob("*.md")}
    assert texts["0003-use-caddy.md"] == CADDY.replace("# 2. ", "# 3. ")
    assert "See [[0003-use-caddy|ADR-3]], not `0002-use-caddy`.\n" in texts["0001-use-restic.md"]
    assert texts["2026-04-01-cert.md"] == FILES["entries/incidents/2026-04-01-cert.md"].replace(
        "caused_by: decisions/0002", "caused_by: decisions/0003"
    ).replace("[ADR-0002: Use Caddy](../decisions/0002", "[ADR-0003: Use Caddy](../decisions/0003")
    assert twins.git("log", "-1", "--format=%s").strip() == "decision: renumber, 0002-use-caddy is 0003-use-caddy"
    assert twins.git("status", "--short") == ""
    assert twins.kb("decision", "renumber").err == "no two decisions have the same number\n"


def test_a_dry_run_says_what_would_change_and_changes_nothing(twins: World) -> None:
    before = twins.git("rev-parse", "HEAD")
    said = twins.kb("decision", "renumber", "use caddy", "--to", "40", "--dry-run")
    assert said.err.splitlines()[0] == "0002-use-caddy would be 0040-use-caddy"
    assert (twins.git("rev-parse", "HEAD"), twins.git("status", "--short")) == (before, "")


def test_links_that_are_a_number_follow_when_only_one_record_has_it(lab: World) -> None:
    write(
        lab.folder,
        {
            "entries/decisions/0007-old.md": HEAD.format("Old", "ADR-0007: Old").replace("status: accepted", "status: superseded"),
            "entries/decisions/0017-new.md": HEAD.format("New", "New").replace("date:", "supersedes: [7, 17]\ndate:") + "[[7]] and [[ADR-7|it]]; 17.\n",
            "entries/experiments/2026-05-01-x.md": "---\ntitle: X\ndecisions:\n  - '0007'\n  - '17'\n---\n",
        },
    )  # fmt: skip
    assert lab.kb("decision", "renumber", "7", "--to", "8", "--no-commit").status == 0
    folder = lab.folder / "entries"
    assert "# ADR-0008: Old" in (folder / "decisions/0008-old.md").read_text()
    assert "supersedes: [8, 17]" in (folder / "decisions/0017-new.md").read_text()
    assert "[[8]] and [[ADR-8|it]]; 17." in (folder / "decisions/0017-new.md").read_text()
    assert "  - '0008'\n  - '17'\n" in (folder / "experiments/2026-05-01-x.md").read_text()


def test_a_number_that_two_had_is_named_and_left(twins: World) -> None:
    write(twins.folder, {"entries/decisions/0004-x.md": HEAD.format("X", "X").replace("date:", "amends: ['2']\ndate:")})
    said = twins.kb("decision", "renumber", "--no-commit").err
    assert "entries/decisions/0004-x.md:4: names the number alone, which two had" in said
    assert "amends: ['2']" in (twins.folder / "entries/decisions/0004-x.md").read_text()


def test_three_twins_and_more_get_a_number_each(lab: World) -> None:
    names = ("0005-a", "0005-b", "0005-c", "0006-d", "0006-e")
    write(lab.folder, {f"entries/decisions/{name}.md": HEAD.format(name[5:], name[5:]) for name in names})
    lab.kb("decision", "renumber", "--no-commit")
    assert sorted(path.stem for path in (lab.folder / "entries/decisions").glob("*.md")) == [
        "0005-a", "0006-d", "0007-b", "0008-c", "0009-e",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["1", "--to", "2"], "2 is the number of 0002-use-caddy already: the next free one is 3"),
        (["--to", "9"], "--to wants the decision that gets the number"),
        (["2"], "0002-use-traefik"),  # both are named
        (["2026"], "its name begins with a date"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(twins: World, arguments: list[str], reason: str) -> None:
    write(twins.folder, {"entries/decisions/20260102-dated.md": HEAD.format("2026", "Dated")})
    refused = twins.kb("decision", "renumber", *arguments)
    assert refused.status in (2, 4), refused.err
    assert reason in refused.err
    assert (twins.folder / "entries/decisions/0002-use-caddy.md").is_file()


def test_a_note_that_can_not_be_changed_stops_all(twins: World) -> None:
    (twins.folder / "entries/incidents/x.md").write_bytes(b"# Caf\xe9\n\n[[0002-use-caddy]]\n")
    before = {path: path.read_bytes() for path in (twins.folder / "entries").rglob("*.md")}
    said = twins.kb("decision", "renumber")
    assert (said.status, "entries/incidents/x.md" in said.err) == (4, True)
    assert {path: path.read_bytes() for path in (twins.folder / "entries").rglob("*.md")} == before


def test_records_in_place_keep_their_own_dialect(empty_world: World) -> None:
    nygard = "# {}. {}\n\nDate: 2020-01-0{}\n\n## Status\n\n{}\n\n## Context\n\nWhy.\n\n## Decision\n\nSo.\n"
    write(
        empty_world.folder,
        {
            "mkdocs.yml": "plugins:\n  - kb: {decisions: docs/adr}\n",
            "entries/.gitkeep": "",
            "docs/adr/0001-a.md": nygard.format(1, "A", 1, "Superseded by [2. B](0002-b.md)"),
            "docs/adr/0002-b.md": nygard.format(2, "B", 2, "Accepted\n\nSupersedes [1. A](0001-a.md)"),
            "docs/adr/0002-c.md": nygard.format(2, "C", 3, "Accepted\n\nAmends ADR-1"),
            "docs/adr/README.md": "* [1. A](0001-a.md)\n* [2. B](0002-b.md)\n* [2. C](0002-c.md)\n",
        },
    )
    folder = empty_world.folder / "docs/adr"
    assert empty_world.kb("decision", "renumber").status == 0
    assert (folder / "0003-c.md").read_text().startswith("# 3. C\n")
    assert (folder / "README.md").read_text() == "* [1. A](0001-a.md)\n* [2. B](0002-b.md)\n* [3. C](0003-c.md)\n"
    assert empty_world.kb("decision", "renumber", "1", "--to", "4").status == 0
    assert "Supersedes [4. A](0004-a.md)" in (folder / "0002-b.md").read_text()
    assert "Amends ADR-4\n" in (folder / "0003-c.md").read_text()


def test_a_record_with_a_folder_of_its_own_takes_it_along(empty_world: World) -> None:
    world = empty_world
    record = "# 7. Use X\n\n## Status\n\nAccepted\n\n## Decision\n\n![x](x.png), [more](notes.md)\n"
    write(
        world.folder,
        {
            "mkdocs.yml": "plugins:\n  - kb: {decisions: docs/adr}\n",
            "entries/.gitkeep": "",
            "docs/adr/0007-use-x/README.md": record,
            "docs/adr/0007-use-x/x.png": "x",
            "docs/adr/0007-use-x/notes.md": "# Notes\n",
            "docs/adr/0008-y.md": "# 8. Y\n\n## Status\n\nAmends [7. Use X](0007-use-x/README.md)\n\n"
            "![x](0007-use-x/x.png) [it](0007-use-x/), `0007-use-x/`. ADR-7 said so.\n",
        },
    )
    world.git("init", "-q")
    world.git("add", "-A")
    world.git("commit", "-qm", "records")
    done = world.kb("decision", "renumber", "7", "--to", "12")
    folder = world.folder / "docs/adr"
    assert (done.status, done.paths[0]) == (0, folder / "0012-use-x/README.md"), done.err
    assert "docs/adr/0008-y.md:7" in done.err.splitlines()[-1]
    assert (folder / "0012-use-x/README.md").read_text() == record.replace("# 7.", "# 12.")
    assert sorted(path.name for path in (folder / "0012-use-x").iterdir()) == ["README.md", "notes.md", "x.png"]
    assert not (folder / "0007-use-x").exists()
    text = (folder / "0008-y.md").read_text()
    assert "Amends [12. Use X](0012-use-x/README.md)" in text
    assert "![x](0012-use-x/x.png) [it](0012-use-x/), `0007-use-x/`. ADR-7 said so.\n" in text
    assert world.git("status", "--short") == ""
