"""The life of a decision: legal moves, both records changed in one step, chains, days, and the words of adr-tools."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from commands import World

from kb.decisions import chains, lifecycle
from kb.notes.dates import When
from kb.notes.kinds import Decision
from kb.notes.knowledge_base import KnowledgeBase

DAY = When.read("2026-05-01").day


def record(number: int, status: str = "accepted", date: str = "", **front: object) -> Decision:
    name = f"{number:04d}-record"
    fields = {"title": f"Record {number}", "status": status, "date": date or f"2026-0{number}-01"}
    fields |= {key.replace("_", "-"): value for key, value in front.items()}  # type: ignore[misc]
    return Decision(f"decisions/{name}", f"entries/decisions/{name}.md", fields)


def base(*records: Decision) -> KnowledgeBase:
    return KnowledgeBase(Path("/lab"), tuple(records))


# ---- rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "move", "reason"),
    [
        ("accepted", "accepted", "0001-record is accepted already"),
        ("superseded", "accepted", "it was superseded by another: write a new record"),
        ("accepted", "rejected", "only a proposed one can be rejected"),
        ("rejected", "deprecated", "only an accepted or proposed one can be deprecated"),
    ],
)
def test_an_illegal_move_is_refused_with_its_reason(status: str, move: str, reason: str) -> None:
    with pytest.raises(lifecycle.IllegalMove, match=reason):
        lifecycle.move(record(1, status), move, When.read("2026-05-01").day)


def test_a_circle_of_superseding_is_refused_and_shown() -> None:
    one = record(1, "superseded", superseded_by=["0002-record"])
    two = record(2, supersedes=["0001-record"])
    with pytest.raises(lifecycle.Circle, match="0001-record → 0002-record → 0001-record"):
        lifecycle.supersede(base(one, two), two, one, DAY)


def test_what_was_in_force_on_a_day() -> None:
    lab = base(
        record(1, "superseded", superseded_by=["0003-record"]),
        record(2, "deprecated", deprecated="2026-04-01"),
        record(3, supersedes=["0001-record"]),
        record(4, "proposed"),
    )
    found = {
        day: [note.number for note in chains.in_force(lab, When.read(day).day)]
        for day in ("2026-02-15", "2026-03-15", "2026-05-01")
    }
    assert found == {"2026-02-15": [1, 2], "2026-03-15": [2, 3], "2026-05-01": [3]}


# Each row: what a record says, and on which of the days it was in force.
DAYS = ("2026-02-15", "2026-04-15", "2026-06-15", "2026-08-15")


@pytest.mark.parametrize(
    ("status", "days", "held"),
    [
        ("accepted", {"date": "2026-01-01"}, "yes yes yes yes"),
        ("accepted", {"date": "2026-05-01", "accepted": "2026-05-01"}, "no no yes yes"),
        ("accepted", {"date": "2026-01-01", "deprecated": "2026-03-01", "accepted": "2026-07-01"}, "yes no no yes"),
        ("accepted", {"accepted": ["2026-01-01", "2026-07-01"], "deprecated": "2026-03-01"}, "yes no no yes"),
        (
            "deprecated",
            {"date": "2026-01-01", "deprecated": ["2026-03-01", "2026-07-01"], "accepted": "2026-05-01"},
            "yes no yes no",
        ),
        ("superseded", {"date": "2026-01-01", "superseded": "2026-07-01"}, "yes yes yes no"),
        ("superseded", {"date": "2026-01-01", "superseded_by": ["0009-record"]}, "yes yes no no"),  # 9 is of 1 May
        ("superseded", {"date": "2026-01-01", "superseded_by": ["0008-record"]}, "yes yes yes yes"),  # 8 is only proposed
        ("superseded", {"date": "2026-01-01"}, "no no no no"),  # nobody knows when
        ("proposed", {"date": "2026-01-01"}, "no no no no"),
        ("rejected", {"date": "2026-05-01", "rejected": "2026-05-01"}, "no no no no"),
    ],
)
def test_a_record_was_in_force_between_the_days_that_it_says(status: str, days: dict[str, object], held: str) -> None:
    others = (record(8, "proposed", "2026-05-01"), record(9, "accepted", "2026-05-01"))
    lab = base(record(1, status, **days), *others)  # type: ignore[arg-type]
    found = [any(note.number == 1 for note in chains.in_force(lab, When.read(day).day)) for day in DAYS]
    assert " ".join("yes" if one else "no" for one in found) == held


def test_a_chain_is_known_whichever_of_the_two_records_names_it() -> None:
    lab = base(record(1, "superseded"), record(2, "superseded", supersedes=["1"], superseded_by=["3"]), record(3))
    known = chains.chains(lab)
    assert [(sign, note.number) for sign, note in known.tree(known.ends(lab.notes[0]))] == [("", 3), ("└─ ", 2), ("   └─ ", 1)]  # type: ignore[arg-type]


def test_a_circle_in_the_files_ends() -> None:
    lab = base(record(1, supersedes=["2"]), record(2, supersedes=["1"]))
    known = chains.chains(lab)
    assert len(list(known.tree([lab.notes[0]]))) == 3  # type: ignore[list-item]


def test_records_due_for_a_review_come_longest_overdue_first() -> None:
    lab = base(
        record(1, review="2026-06-01"),
        record(2, review="2026-05-01"),
        record(3, review="2027-01-01"),
        record(4, "rejected", review="2026-01-01"),
    )
    assert [note.number for note in chains.due(lab, When.read("2026-06-01").day)] == [2, 1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            b"# 9. Use borg\n\nDate: 2020-01-01\n\n## Status\n\nAccepted\n\n## Context\n",
            b"## Status\n\nSuperseded by [Record 2](0002-record.md)\n\n## Context",
        ),
        (
            b"# Use borg\r\n\r\n* Status: accepted\r\n* Date: 2020-01-01\r\n",
            b"* Status: superseded by [Record 2](0002-record.md)\r\n* Date",
        ),
        (b"# Use borg\n\n**Status:** Accepted\n", b"**Status:** Superseded by [Record 2](0002-record.md)\n"),
        (
            b"# Use borg\n\n**Status:** Accepted | **Date:** 2020-01-01\n",
            b"**Status:** Superseded by [Record 2](0002-record.md) | **Date:** 2020-01-01\n",
        ),
        (
            b"---\nid: x\n---\n# Use borg\n\n| Date | 2020-01-01 |\n|---|---|\n| Status | Accepted |\n",
            b"| Status | Superseded by [Record 2](0002-record.md) |\n",
        ),
        (
            b"# Use borg\n\n## Status\n\nAccepted. Backfill: it was so before.\n\n## Context\n",
            b"## Status\n\nSuperseded by [Record 2](0002-record.md)\n\nAccepted. Backfill: it was so before.\n\n## Context\n",
        ),
        (
            b"---\nstatus: accepted\n---\n# Use borg\n\n## Status\n\nAccepted\n\n## Context\n",
            b"status: superseded\nsuperseded-by: [0002-record]\nsuperseded: 2026-05-01\n---\n# Use borg\n\n## Status\n\nSuperseded by [Record 2](0002-record.md)\n\n## Context\n",
        ),
        (
            b"---\nstatus: accepted\n---\n# Use borg\n\n## Status\n\nRejected\n\n## Context\n",
            b"superseded-by: [0002-record]\nsuperseded: 2026-05-01\n---\n# Use borg\n\n## Status\n\nRejected\n\n## Context\n",
        ),
    ],
)
def test_a_record_without_front_matter_is_changed_in_its_own_dialect(before: bytes, after: bytes) -> None:
    old, _ = lifecycle.supersede(base(record(1), record(2)), record(1), record(2), DAY)
    assert after in lifecycle.apply(old, before, {})


def test_what_a_record_says_of_another_stands_at_the_end_of_its_status_or_below_its_links() -> None:
    _, new = lifecycle.supersede(base(record(1), record(2)), record(1), record(2), DAY)
    nygard = b"# 2. X\n\n## Status\n\nAccepted\n\nAmends [3. Y](0003-y.md)\n\n## Context\n"
    assert lifecycle.apply(new, nygard, {}) == nygard.replace(b"y.md)\n", b"y.md)\n\nSupersedes [Record 1](0001-record.md)\n")
    madr = b"# X\n\n* Status: accepted\n\n## Links\n\n* [a](https://example.org)\n"
    assert b"* Status: accepted\n" in lifecycle.apply(new, madr, {})
    assert lifecycle.apply(new, madr, {}).endswith(b"* Supersedes [Record 1](0001-record.md)\n")


# ---- commands --------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(lab: World) -> World:
    for title in ("Use borg", "One resolver", "Use restic"):
        assert lab.kb("decision", "new", title, "--no-edit").status == 0
    return lab


def text(world: World, number: int) -> str:
    (path,) = (world.folder / "entries/decisions").glob(f"{number:04d}-*.md")
    return path.read_text()


def test_accepting_changes_two_lines_and_commits_them(log: World) -> None:
    before = text(log, 1)
    assert log.kb("decision", "accept", "1").status == 0
    assert text(log, 1) == before.replace("status: proposed", "status: accepted").replace(
        "tags: []\n", "tags: []\naccepted: 2026-11-21\n"
    )
    assert (
        log.git("log", "-1", "--format=%s", "--name-only")
        == "decision: Use borg, accepted\n\nentries/decisions/0001-use-borg.md\n"
    )


def test_superseding_changes_both_in_one_commit(log: World) -> None:
    for number in "13":
        log.kb("decision", "accept", number)
    done = log.kb("decision", "supersede", "1", "--by", "ADR-3")
    assert done.status == 0, done.err
    assert "status: superseded\n" in text(log, 1)
    assert "superseded-by: [0003-use-restic]\n" in text(log, 1)
    assert "supersedes: [0001-use-borg]\n" in text(log, 3)
    assert log.git("log", "-1", "--format=%s", "--name-only").splitlines()[2:] == [
        "entries/decisions/0001-use-borg.md",
        "entries/decisions/0003-use-restic.md",
    ]
    assert log.kb("check").status == 0
    assert log.kb("decision", "accept", "1").status == 2


def test_a_new_one_can_supersede_several_at_once(log: World) -> None:
    for number in "13":
        log.kb("decision", "accept", number)
    made = log.kb("decision", "new", "Use kopia", "--supersedes", "1", "--supersedes", "3", "--status", "accepted", "--no-edit")
    assert made.status == 0, made.err
    assert "supersedes: [0001-use-borg, 0003-use-restic]\n" in text(log, 4)
    assert "superseded-by: [0004-use-kopia]\n" in text(log, 1)
    assert len(log.git("log", "-1", "--format=", "--name-only").split()) == 3


def test_a_proposal_takes_its_predecessors_place_when_it_is_accepted_and_not_before(log: World) -> None:
    log.kb("decision", "accept", "1", env={"KB_NOW": "2026-11-10T10:00Z"})
    made = log.kb("decision", "new", "Use kopia", "--supersedes", "1", "--no-edit")
    assert "0001-use-borg stays in force until 0004-use-kopia is accepted: kb decision accept 4" in made.err
    assert "status: accepted\n" in text(log, 1)
    assert "superseded" not in text(log, 1)
    done = log.kb("decision", "accept", "4", env={"KB_NOW": "2026-12-01T10:00Z"})
    assert done.status == 0, done.err
    assert "status: superseded\n" in text(log, 1)
    assert "superseded-by: [0004-use-kopia]\nsuperseded: 2026-12-01\n" in text(log, 1)
    for day, number in (("2026-11-30", "0001"), ("2026-12-01", "0004")):
        (row,) = json.loads(log.kb("decision", "list", "--at", day, "--json").out)
        assert number in row["ref"]


def test_a_proposal_that_is_rejected_takes_nothing_away(log: World) -> None:
    log.kb("decision", "accept", "1")
    log.kb("decision", "supersede", "1", "--by", "3")
    log.kb("decision", "reject", "3")
    assert "status: accepted\n" in text(log, 1)
    assert "rejected: 2026-11-21\n" in text(log, 3)


def test_what_only_a_proposal_superseded_can_be_given_back(log: World) -> None:
    path = next((log.folder / "entries/decisions").glob("0001-*"))
    path.write_text(path.read_text().replace("status: proposed", "status: superseded\nsuperseded-by: [0003-use-restic]"))
    assert log.kb("decision", "accept", "1").status == 0
    assert "status: accepted\n" in text(log, 1)


def test_each_move_can_be_written_down_later_with_its_day(log: World) -> None:
    assert log.kb("decision", "accept", "1", "--at", "2026-03-01").status == 0
    assert log.kb("decision", "accept", "2", "--at", "2026-04-01").status == 0
    assert log.kb("decision", "supersede", "1", "--by", "2", "--at", "2026-06-01").status == 0
    assert log.kb("decision", "deprecate", "2", "--at", "2026-08-01").status == 0
    assert log.kb("decision", "deprecate", "3", "--at", "2027-08-01").err == (
        "kb: 2027-08-01 is still to come: --at says when something was\n"
    )
    for day, numbers in (("2026-02-15", []), ("2026-05-15", [2, 1]), ("2026-07-15", [2]), ("2026-09-15", [])):
        rows = json.loads(log.kb("decision", "list", "--at", day, "--json").out)
        assert [int(row["ref"][10:14]) for row in rows] == numbers, day


def test_a_look_is_confirmed_and_says_whether_it_was_right(log: World) -> None:
    log.kb("decision", "accept", "1")
    log.kb("edit", "1", "--set", "review=6m", env={"KB_NOW": "2026-01-05T10:00Z"})
    assert "review: 2026-07-0" in text(log, 1)
    assert "Use borg, due" in log.kb("today").out
    assert "kb decision review 1" in log.kb("decision", "accept", "1").err
    done = log.kb("decision", "review", "1", "--next", "1y", "--wrong", "the disk was full after a month")
    assert done.status == 0, done.err
    assert "review: 2027-11-21\n" in text(log, 1)
    assert "reviewed: 2026-11-21\nturned_out: wrong\n" in text(log, 1)
    assert text(log, 1).endswith("## Reviews\n\n- 2026-11-21 wrong: the disk was full after a month\n")
    assert "Use borg, due" not in log.kb("today").out
    assert log.kb("check").status == 0


def test_nothing_is_made_when_the_old_one_cannot_be_superseded(log: World) -> None:
    log.kb("decision", "reject", "1")
    refused = log.kb("decision", "new", "Use kopia", "--supersedes", "1", "--no-edit")
    assert refused.status == 2
    assert not list((log.folder / "entries/decisions").glob("0004*"))


def test_links_use_the_words_of_adr_tools(log: World) -> None:
    assert log.kb("decision", "link", "3", "Amends", "1", "Amended by").status == 0
    assert "amends: [0001-use-borg]\n" in text(log, 3)
    assert log.kb("decision", "link", "3", "Clarifies", "2", "Clarified by").status == 0
    assert text(log, 3).endswith("## Links\n\n- Clarifies [[decisions/0002-one-resolver]]\n")
    assert text(log, 2).endswith("## Links\n\n- Clarified by [[decisions/0003-use-restic]]\n")
    assert log.kb("check").status == 0


def test_a_decision_begins_with_the_incident_that_led_to_it(log: World) -> None:
    log.kb(
        "incident",
        "new",
        "No DNS",
        "--error",
        "SERVFAIL",
        "--fix",
        "x",
        "--why",
        "One resolver only.",
        "-s",
        "pihole",
        "--no-edit",
    )
    made = log.kb("decision", "new", "Two resolvers", "--from", "no dns", "--review", "6m", "--no-edit")
    assert made.status == 0, made.err
    assert "One resolver only.\n\nWhat led here: [[incidents/2026-11-21-no-dns|No DNS]]." in text(log, 4)
    assert "services: [pihole]" in text(log, 4)
    assert "review: 2027-05-2" in text(log, 4)


@pytest.mark.parametrize(("template", "heading"), [("full", "## Decision Drivers"), ("nygard", "## Decision\n\nWe will\n")])
def test_other_templates_can_be_chosen(log: World, template: str, heading: str) -> None:
    made = log.kb("decision", "new", "x", "--template", template, "--outcome", "We will", "--no-edit")
    assert made.status == 0, made.err
    assert heading in text(log, 4)


def test_an_unknown_template_is_named(log: World) -> None:
    assert "decision-nope.md" in log.kb("decision", "new", "x", "--template", "nope", "--no-edit").err


def test_the_list_can_be_asked_for_words_days_and_chains(log: World) -> None:
    for number in "13":
        log.kb("decision", "accept", number)
    log.kb("decision", "supersede", "1", "--by", "3")
    assert log.kb("decision", "list", "--tree").out == (
        "0003  Use restic  accepted\n└─ 0001  Use borg  superseded\n0002  One resolver  proposed\n"
    )
    assert [row["title"] for row in json.loads(log.kb("decision", "list", "resolver", "--json").out)] == ["One resolver"]
    assert json.loads(log.kb("decision", "list", "--at", "2020-01-01", "--json").out) == []


def test_show_has_the_chain_before_and_after(log: World) -> None:
    for number in "13":
        log.kb("decision", "accept", number)
    log.kb("decision", "supersede", "1", "--by", "3")
    shown = log.kb("decision", "show", "1")
    assert shown.err == "0003  Use restic  accepted\n└─ 0001  Use borg  superseded  ← this one\n"
    assert shown.out == text(log, 1)
    assert json.loads(log.kb("decision", "show", "1", "--json").out)["superseded_by"] == ["decisions/0003-use-restic"]


# ---- coming from another tool ----------------------------------------------------------------------------------------


@pytest.fixture
def twelve(lab: World) -> World:
    """Twelve records, as the tables of docs/decisions.md have them."""
    for number in range(1, 13):
        path = lab.folder / f"entries/decisions/{number:04d}-choice.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"---\ntitle: Choice {number}\nstatus: {'proposed' if number == 7 else 'accepted'}\ndate: 2026-01-02\n---\n"
        )
    return lab


def table(first: str) -> list[list[str]]:
    """The commands of a table of docs/decisions.md, row by row: what is typed elsewhere, then kb's."""
    text = (Path(__file__).parents[2] / "docs/decisions.md").read_text()
    rows = text.split(f"| {first} | kb |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [re.findall(r"`([^`]+)`", row) for row in rows]


OTHERS = ("adr-tools", "log4brains", "MADR, by hand", "Backstage's ADR plugin")


@pytest.mark.parametrize(
    "command",
    [code for first in OTHERS for row in table(first) for code in row if re.match(r"kb (?!site|init)", code)],
)
def test_every_command_of_the_tables_in_the_docs_does_its_work(twelve: World, command: str) -> None:
    words = [{"TITLE": "A title", "WORDS": "choice", "SERVICE": "12"}.get(word, word) for word in shlex.split(command)[1:]]
    done = twelve.kb(*words, *(["--no-edit"] if "new" in words else []))
    assert done.status == 0, done.err


def test_the_words_of_adr_tools_are_understood_as_they_are_typed(twelve: World) -> None:
    typed = [row[0] for row in table("adr-tools") if row[0].startswith("adr ") and "init" not in row[0]]
    assert len(typed) == 8
    for command in typed:
        done = twelve.kb(*shlex.split(command), *(["--no-edit"] if " new " in command else []))
        assert done.status == 0, f"{command}: {done.err}"
    rows = {row["ref"]: row["status"] for row in json.loads(twelve.kb("decision", "list", "--json").out)}
    assert (rows["decisions/0009-choice"], rows["decisions/0014-use-caddy"]) == ("superseded", "accepted")


def test_hands_that_know_adr_tools_get_the_same_files_lists_and_drawings(empty_world: World) -> None:
    world, folder = empty_world, empty_world.folder / "doc/adr"
    folder.mkdir(parents=True)
    (world.folder / "entries").mkdir()
    (world.folder / "mkdocs.yml").write_text("plugins:\n  - kb: {decisions: doc/adr}\n")
    world.kb("adr", "init", "doc/adr")
    for typed in (["Use Traefik"], ["-s", "2", "Use Caddy"], ["-l", "2:Amends:Amended by", "Ports"], ["-s", "3", "Use nginx"]):
        assert world.kb("adr", "new", *typed, "--date", "2026-11-20", "--no-edit").status == 0
    world.kb("adr", "link", "5", "Clarifies", "4", "Clarified by")
    assert (folder / "0002-use-traefik.md").read_text() == (
        "# 2. Use Traefik\n\nDate: 2026-11-20\n\n## Status\n\nSuperseded by [3. Use Caddy](0003-use-caddy.md)\n\n"
        "Amended by [4. Ports](0004-ports.md)\n\n## Context\n\n## Decision\n\n## Consequences\n"
    )
    assert (
        "Accepted\n\nSupersedes [3. Use Caddy](0003-use-caddy.md)\n\nClarifies [4. Ports](0004-ports.md)\n\n"
        in (folder / "0005-use-nginx.md").read_text()
    )
    assert world.kb("adr", "list").out.splitlines()[:2] == [
        "doc/adr/0001-record-architecture-decisions.md", "doc/adr/0002-use-traefik.md",
    ]  # fmt: skip
    assert "* [2. Use Traefik](docs/0002-use-traefik.md)\n" in world.kb("adr", "generate", "toc", "-p", "docs/").out
    graph = world.kb("adr", "generate", "graph", "-e", ".htm").out
    assert '    _2 [label="2. Use Traefik"; URL="0002-use-traefik.htm"];\n    _1 -> _2 [style="dotted", weight=1];\n' in graph
    assert graph.endswith(
        '  }\n  _3 -> _2 [label="Supersedes", weight=0]\n  _4 -> _2 [label="Amends", weight=0]\n'
        '  _5 -> _3 [label="Supersedes", weight=0]\n  _5 -> _4 [label="Clarifies", weight=0]\n}\n'
    )
    assert "Usage: kb adr new" in world.kb("adr", "help", "new").out
    assert world.kb("check").out == ""


def test_what_is_short_in_another_tool_is_no_service_by_mistake(twelve: World) -> None:
    done = twelve.kb("decision", "new", "-s", "9", "Use Caddy", "--no-edit")
    assert (done.status, "--supersedes 9" in done.err) == (2, True)


def test_a_table_of_contents_and_a_drawing_for_other_programs(twelve: World) -> None:
    twelve.kb("decision", "supersede", "1", "--by", "2")
    assert twelve.kb("decision", "generate", "toc").out.splitlines()[2] == "* [1. Choice 1](0001-choice.md)"
    assert '  _2 -> _1 [label="Supersedes", weight=0]' in twelve.kb("decision", "generate", "graph").out


def test_what_the_records_lack_is_added_from_the_history_of_git(lab: World) -> None:
    path = lab.kb(
        "decision", "new", "Use nginx", "--status", "accepted", "--no-edit", env={"KB_NOW": "2026-01-05T10:00Z"}
    ).paths[0]
    for day, lines in (
        ("2026-06-05", "status: deprecated\ndate: 2026-01-05"),
        ("2026-09-05", "status: accepted\ndate: 2026-09-05"),
    ):
        path.write_text(re.sub(r"status: .*\ndate: .*", lines, path.read_text()))
        lab.env.update({f"GIT_{who}_DATE": f"{day}T10:00Z" for who in ("AUTHOR", "COMMITTER")})
        lab.git("commit", "-qam", "by hand")
    assert lab.kb("check", "--fix").status == 0
    assert "accepted: [2026-01-05, 2026-09-05]\ndeprecated: 2026-06-05\n" in path.read_text()
    held = {
        day: len(json.loads(lab.kb("decision", "list", "--at", day, "--json").out))
        for day in ("2026-03-01", "2026-07-01", "2026-10-01")
    }
    assert held == {"2026-03-01": 1, "2026-07-01": 0, "2026-10-01": 1}
    assert lab.kb("check", "--fix").out == ""
