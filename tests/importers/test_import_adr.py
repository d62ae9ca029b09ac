"""Decision records of other tools: imported with their text, status, dates and chains; or read where they are."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import World

from kb.importers.adr import (
    dialect,
    record_dates,
    record_head,
    record_in_place,
    record_relations,
    record_style,
    relations,
    status_words,
)
from kb.importers.adr.record_text import RecordText
from kb.notes import front_matter
from kb.notes.settings import settings_of

Imported = Callable[[Mapping[str, str | bytes]], dict[str, Any]]


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def imported(lab: World) -> Imported:
    """Imports these files of a project `shop`; the report, with the records by the last part of their source."""

    def run(files: Mapping[str, str | bytes]) -> dict[str, Any]:
        write(lab.home / "shop", files)
        done = lab.kb("import", "adr", str(lab.home / "shop"), "--json")
        assert done.status == 0, done.err
        report: dict[str, Any] = json.loads(done.out)
        return report | {"by": {Path(row["source"]).stem: row for row in report["records"]}}

    return run


NYGARD = "# 2. Use MySQL\n\nDate: 2016-02-13\n\n## Status\n\n{}\n\n## Context\n\nIt is there.\n\n## Decision\n\nWe use it.\n\n## Consequences\n\nMore work.\n"

# A small record in each dialect: its file's name, its text, and what must be read of it: dialect, title, status, date.
DIALECTS = {
    "nygard": ("0002-use-mysql", NYGARD.format("Accepted"), ("Nygard", "Use MySQL", "accepted", "2016-02-13")),
    "madr-1": (
        "0001-pick",
        "# Pick a queue\n\nUser Story: jobs wait\n\n## Considered Options\n\n* a\n* b\n\n## Decision Outcome\n\nChosen option: a\n",
        ("MADR 1", "Pick a queue", "", ""),
    ),
    "madr-2": (
        "0003-queue",
        '# Use a queue\n\n* Status: proposed\n* Deciders: Ann, Bob\n* Date: 2019-05-06\n\n## Context and Problem Statement\n\nx\n\n## Decision Outcome\n\nChosen option: "a", because\n',
        ("MADR 2", "Use a queue", "proposed", "2019-05-06"),
    ),
    "madr-3": (
        "0004-cache",
        "---\nstatus: deprecated\ndate: 2022-01-02\ndeciders: Ann\n---\n# Cache\n\n## Context and Problem Statement\n\nx\n\n## Considered Options\n\n* a\n\n## Decision Outcome\n\na\n\n## Validation\n\ny\n",
        ("MADR 3", "Cache", "deprecated", "2022-01-02"),
    ),
    "madr-4": (
        "0005-proxy",
        "---\nstatus: accepted\ndate: 2024-09-17\ndecision-makers: [Ann]\n---\n# Proxy\n\n## Context and Problem Statement\n\nx\n\n## Considered Options\n\n* a\n\n## Decision Outcome\n\na\n\n### Confirmation\n\ny\n",
        ("MADR 4", "Proxy", "accepted", "2024-09-17"),
    ),
    "log4brains": (
        "20210304-use-nats",
        "# Use NATS\n\n- Status: draft\n- Tags: bus, jobs\n\n## Context and Problem Statement\n\nx\n",
        ("log4brains", "Use NATS", "proposed", ""),
    ),
    "backstage": (
        "adr010-luxon",
        "---\nid: adrs-adr010\ntitle: 'ADR010: Use Luxon'\n---\n\n| Created    | Status |\n| ---------- | ------ |\n| 2020-04-26 | Open   |\n\n## Context\n\nx\n\n## Decision\n\ny\n",
        ("Backstage", "Use Luxon", "proposed", "2020-04-26"),
    ),
    "y-statement": (
        "0012-grpc",
        "# Choose gRPC\n\nIn the context of the orders, facing slow calls, we decided for gRPC and neglected REST, to achieve speed.\n",
        ("Y-statement", "Choose gRPC", "", ""),
    ),
    "simple": (
        "valkey",
        "# Use Valkey\n\n**Status:** ✅ Accepted (phase A)\n**Date:** 3 February 2020\n\nWe looked at it for long.\n\n### Why\n\nBecause.\n",
        ("simple", "Use Valkey", "accepted", "2020-02-03"),
    ),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_each_dialect_is_recognised_and_its_head_read(name: str) -> None:
    stem, text, expected = DIALECTS[name]
    parsed = front_matter.read(text.encode())
    read = record_head.read(RecordText(stem, parsed.body, parsed.front, parsed.body_line, parsed.key_lines))
    assert (read.dialect, read.title, read.status.word, read.date) == expected


def test_every_file_with_a_dialect_is_found_and_says_where_it_was_published() -> None:
    assert {one.name for one in dialect.dialects()} == {"Nygard", "MADR", "log4brains", "Backstage", "Y-statement", "simple"}
    assert all(one.source for one in dialect.dialects())


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("Accepted", "accepted"),
        ("✅ Accepted (phase A …)", "accepted"),
        ("Withdrawn — never accepted", "rejected"),
        ("Superceded by [3](0003-x.md)", "superseded"),
        ("~~Proposed~~ Approved", "accepted"),
        ("on hold", "proposed"),
        ("- [ ] Proposed\n- [x] Rejected", "rejected"),
        ("* 2020-01-01: Proposed\n* 2021-01-01: Deprecated", "deprecated"),
        ("Accepted, partially superseded by ADR-9", "accepted"),
        ("Not accepted", "rejected"),
        ("Angenommen", "accepted"),
        ("Remplacé par [ADR 14](0014-x.md)", "superseded"),
        ("Propuesto", "proposed"),
        ("{proposed | accepted}", ""),
        ("Frobnicated", ""),
        ("Partially superseded by ADR-9", "accepted"),
        ("♻️ Amended by [4](0004-x.md)", "accepted"),
        ("LAST CALL 2022-02-28", "proposed"),
        ("✅", "accepted"),
        ("Superseded by [23](0023-x.md), as to the deploy target", "accepted"),
        ("**Substituída por [ADR-023](#adr-023)** (2026-07-31) — quanto ao alvo", "accepted"),
        ("Remplacé partiellement — voir ci-dessous", "accepted"),
        ("Acté et prouvé par les portes", "accepted"),
        ("provisional", "proposed"),
        ("implementable", "accepted"),
        ("已采纳并实现（2026-09-28）", "accepted"),
        ("採用済み（v1）", "accepted"),
        ("不采纳", ""),
        ("The current tool is old", ""),
        ("En cours", "proposed"),
        ("Sostituita in parte da [ADR-9](9.md)", "accepted"),
        ("Substituído pelo ADR 9", "superseded"),
        ("прийнято (з умовами)", "accepted"),
        ("KABUL EDİLDİ, uygulandı", "accepted"),
        ("Kabul edilmedi", "rejected"),
        ("Chấp nhận", "accepted"),
        ("Zatwierdzone przez wszystkich", "accepted"),
        ("Diterima", "accepted"),
        ("Yerini aldı ([ADR-9](9.md))", "superseded"),
        ("Không chấp nhận", "rejected"),
        ("廃止（[ADR-9](0009-x.md) により置換）", "superseded"),
        ('<Badge type="tip" text="Accepted" />', "accepted"),
        ("<accepted>", "accepted"),
        ('<span class="badge">Rejected</span>', "rejected"),
        ("Current", "accepted"),
        ("- `DRAFT`: being written\n- `ACCEPTED`: decided\n- `REJECTED`: not taken", ""),
    ],
)
def test_the_first_word_of_a_status_counts(written: str, word: str) -> None:
    assert status_words.read(written).word == word


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Superseded by [12. Use X](0012-use-x.md)", [("superseded-by", "0012-use-x.md")]),
        ("Superceded by ADR-12", [("superseded-by", "12")]),
        ("Superseded by RFC-0032 (2026)", [("superseded-by", "RFC-0032")]),
        ("Supersedes ADRs 3, 4 and 5.", [("supersedes", "3"), ("supersedes", "4"), ("supersedes", "5")]),
        ("Superseded by 0012 on 2021-03-04", [("superseded-by", "12")]),
        ("Ersetzt durch ADR-7", [("superseded-by", "7")]),
        ("Ersetzt ADR-7", [("supersedes", "7")]),
        ("Remplace [ADR 13](0013-x.md)", [("supersedes", "0013-x.md")]),
        ("Amends [3. X](0003-x.md), supersedes #2", [("amends", "0003-x.md"), ("supersedes", "2")]),
        ("Use [Redis replaces Memcached](0003-x.md)", []),
        ("Accepted (the queue superseded by [4](0004-x.md))", [("part superseded-by", "0004-x.md")]),
        ("Supersedes ADR-3 and ADR-4 for the queue only", [("part supersedes", "3"), ("part supersedes", "4")]),
        ("Superseded by ADR-5 for performance reasons", [("superseded-by", "5")]),
        ("Заменено [ADR 7](0007-x.md)", [("superseded-by", "0007-x.md")]),
        ("Замінено на ADR-7", [("superseded-by", "7")]),
        ("[ADR-7](0007-x.md) によって置き換え", [("superseded-by", "0007-x.md")]),
        ("置き換え済み（[7](0007-x.md)）", [("superseded-by", "0007-x.md")]),
        ("Thay thế bởi ADR-7", [("superseded-by", "7")]),
        ("Yerini ADR-7 aldı", [("superseded-by", "7")]),
        ("Nahrazuje části ADR-7", [("part supersedes", "7")]),
    ],
)
def test_what_a_line_says_of_other_records(line: str, found: list[tuple[str, str]]) -> None:
    assert [("part " * one.partly + one.kind, one.target) for one in relations.relations(line)] == found


@pytest.mark.parametrize("value", ["null", "None. It builds on [ADR-3](0003-x.md)", "n/a", "—", "[]"])
def test_a_value_that_says_none_names_no_record(value: str) -> None:
    assert relations.stated("supersedes", value, {}) == []


@pytest.mark.parametrize(
    ("written", "day"),
    [("Date: 2016-02-12", "2016-02-12"), ("14.06.2018", "2018-06-14"), ("3 de marzo de 2021", "2021-03-03"), ("Feb 3rd, 2020", "2020-02-03"),
     ("14/02/2016", "2016-02-14"), ("02/03/2020", ""), ("2020-13-45", ""), ("soon", ""),
     ("2020 April 27", "2020-04-27"), ("28-Sept-2020", "2020-09-28"), ("2023-27-02", "2023-02-27"),
     ("9 августа 2026 года", "2026-08-09"), ("3 maja 2026", "2026-05-03"), ("5 Kasım 2026", "2026-11-05"), ("20. července 2026", "2026-07-20")],
)  # fmt: skip
def test_a_date_that_can_be_read_in_two_ways_is_none(written: str, day: str) -> None:
    assert record_dates.find(written) == day


def test_the_text_below_the_head_stays_to_the_byte_and_windows_line_ends_too(lab: World, imported: Imported) -> None:
    texts = {f"docs/adr/{stem}.md": text for stem, text, _ in DIALECTS.values()}
    texts["docs/adr/0099-windows.md"] = NYGARD.format("Accepted").replace("\n", "\r\n")
    report = imported(texts)
    assert len(report["records"]) == len(texts)
    for row in report["records"]:
        source = texts[row["source"]]
        assert isinstance(source, str)
        body = re.sub(r"\A---\n.*?\n---\n", "", source, flags=re.DOTALL)
        assert Path(row["path"]).read_bytes().endswith(body.encode()), row["source"]
    assert lab.kb("check").out == ""


def test_chains_are_resolved_from_either_end_and_links_follow_the_new_numbers(lab: World, imported: Imported) -> None:
    lab.kb("decision", "new", "Ours", "--no-edit")
    report = imported(
        {
            "doc/adr/0001-a.md": NYGARD.format("Superceded by [2. B](0002-b.md#why)"),
            "doc/adr/0002-b.md": NYGARD.format("Accepted") + "\nSee [one](0001-a.md) and `[code](0001-a.md)`.\n",
            "doc/adr/0003-c.md": NYGARD.format("Accepted\n\nSupersedes [2. B](0002-b.md)"),
            "doc/adr/0004-d.md": "# D\n\n> Note: this ADR supersedes some aspects of ADR 3.\n\n## Status\n\nProposed\n\n## Decision\n\nx\n",
        }
    )
    rows = report["by"]
    assert rows["0001-a"]["ref"] == "decisions/0005-a"  # 1 is taken here
    assert rows["0001-a"]["superseded-by"] == ["decisions/0002-b"]
    assert rows["0002-b"]["supersedes"] == ["decisions/0005-a"]
    assert (rows["0002-b"]["status"], rows["0002-b"]["superseded-by"]) == ("superseded", ["decisions/0003-c"])
    assert rows["0004-d"]["amends"] == ["decisions/0003-c"]
    assert rows["0003-c"]["status"] == "accepted"
    assert "See [one](0005-a.md) and `[code](0001-a.md)`." in Path(rows["0002-b"]["path"]).read_text()
    assert lab.kb("check").out == ""


DECISION = "\n## Context\n\nx\n\n## Decision\n\ny\n"


def test_chains_are_found_wherever_people_write_them(imported: Imported) -> None:
    report = imported(
        {
            "adr/0001-a/README.md": "# A\n\n| Status | Accepted |\n|---|---|\n| Superseded by | [ADR-3](../0003-c.md) |\n"
            + DECISION,
            "adr/0002-b.md": "# B\n\n**Status**: Superseded by ADR 0003 (see below)\n" + DECISION,
            "adr/0003-c.md": "# C\n\n- **Status**: Accepted; supersedes ADR-0002 and [1](0001-a/)\n" + DECISION,
            "adr/0004-d.md": "# D\n\n> [!WARNING]\n> This ADR has been superseded by [ADR-5](0005-e.md).\n" + DECISION,
            "adr/0005-e.md": "# E\n\nStatus: Accepted\n" + DECISION + "\n## Supersedes\n\n- [ADR-4](./0004-d.md)\n",
            "adr/0006-f.md": "# F\n\n## Statut\n\nRemplacé par [ADR 7][n]\n" + DECISION + "\n[n]: 0007-g.md\n",
            "adr/0007-g.md": '---\nstatus: accepted\nsupersedes:\n  - ADR-0006\n  - "[8](0008-h.md)"\n---\n# G\n' + DECISION,
            "adr/0008-h.md": "# H\n\nStatus: Superseded by *G*\n" + DECISION,
            "adr/0009-i.md": "# I\n\n## Status\n\nSuperseded by [10](0010-j.md)\n" + DECISION,
            "adr/0010-j.md": "# J\n\n## Status\n\nSuperseded by [9](0009-i.md)\n"
            + DECISION
            + "\nThis supersedes ADR-1 in prose.\n",
        }
    )
    chains = {(row["ref"][-1], other[-1]) for row in report["records"] for other in row["supersedes"]}
    assert chains == {("c", "a"), ("c", "b"), ("e", "d"), ("g", "f"), ("g", "h"), ("i", "j"), ("j", "i")}
    assert {(other[-1], row["ref"][-1]) for row in report["records"] for other in row["superseded-by"]} == chains
    assert sum("supersede each other" in str(row["left"]) for row in report["records"]) == 2


@pytest.mark.parametrize(
    "piece", ["0", "[a](", "![a](b", "Superseded by ", "in the context of x facing ", "| a ", "**a", "- [ "]
)
def test_no_text_takes_long_to_read(piece: str) -> None:
    text = "# T\n\n## Status\n\n" + piece * (20_000 // len(piece)) + "\n"
    start = time.perf_counter()
    record_head.read(RecordText("0001-a", text))
    assert time.perf_counter() - start < 2


def test_a_record_that_is_only_proposed_supersedes_nothing_yet(imported: Imported) -> None:
    rows = imported(
        {"adr/0001-a.md": NYGARD.format("Accepted"), "adr/0002-b.md": NYGARD.format("Proposed\n\nSupersedes ADR-1")}
    )["by"]
    assert (rows["0001-a"]["status"], rows["0001-a"]["superseded-by"]) == ("accepted", ["decisions/0002-b"])


def test_broken_and_odd_files_are_imported_as_well_as_can_be_and_reported(imported: Imported) -> None:
    report = imported(
        {
            "docs/adr/adr010-luxon.md": "---\ntitle: ADR010: Use Luxon\nid: adrs-adr010\n---\n## Context\n\nx\n\n## Decision\n\ny\n",
            "docs/adr/0002-twice.md": "---\nstatus: accepted\nstatus: rejected\n---\n# Twice\n\n## Decision\n\nx\n",
            "docs/adr/0003-unclosed.md": "---\nstatus: accepted\n# Unclosed\n\n## Decision\n\nx\n",
            "docs/adr/0004-latin.md": "# Café\n\nStatus: accepted\n\n## Decision\n\nx\n".encode("latin-1"),
            "docs/adr/0005-other.md": "---\ntitle: One\nstatus: accepted\ndate: 02/03/2020\n---\n# 6. Another\n\n## Status\n\nRejected\n\n## Decision\n\n[dead](0077-x.md)\n",
            "docs/adr/0007-x.md": "# X\n\n## Status\n\nSuperseded by ADR-88\n\n## Decision\n\nx\n",
            "docs/adr/0007-y.md": "## Context\n\nno title\n\n## Decision\n\nx\n",
            "docs/adr/README.md": "# Index\n\n[x](0007-x.md)\n",
            "docs/adr/template.md": "# [short title]\n\n* Status: [proposed | accepted]\n",
            "docs/adr/0000-empty.md": "",
            "docs/adr/meeting.md": "# Meeting\n\nCoffee.\n",
            "docs/adr/0008-old.adoc": "= Old\n",
        }
    )
    rows = report["by"]
    assert 'title: "ADR010: Use Luxon"' in Path(rows["adr010-luxon"]["path"]).read_text()
    assert "no YAML" in str(rows["0002-twice"]["guessed"])
    assert "isn't closed" in str(rows["0003-unclosed"]["guessed"])
    assert Path(rows["0004-latin"]["path"]).read_text("utf-8").count("Café") == 2
    assert {"status": "accepted", "date": ""}.items() <= rows["0005-other"].items()
    assert "disagree" in str(rows["0005-other"]["guessed"])
    assert "0077-x.md leads nowhere" in str(rows["0005-other"]["left"])
    assert "that is no record here" in str(rows["0007-x"]["left"])
    assert rows["0007-y"]["ref"] == "decisions/0011-y"
    assert "no title" in str(rows["0007-y"]["left"])
    refused = {Path(row["source"]).name: row["reason"] for row in report["no_record"]}
    assert set(refused) == {"README.md", "template.md", "0000-empty.md", "meeting.md"}
    assert [row["source"] for row in report["not_read"]] == ["docs/adr/0008-old.adoc"]


def test_pictures_come_along_and_are_never_written_over_another(lab: World, imported: Imported) -> None:
    write(lab.folder / "entries/decisions", {"img/a.png": b"ours"})
    report = imported(
        {
            "docs/adr/0001-a.md": NYGARD.format("Accepted")
            + "\n![a](img/a.png) ![b](../b.png) [paper](paper.pdf) [code](../../main.py)\n",
            "docs/adr/img/a.png": b"theirs",
            "docs/b.png": b"b",
            "docs/adr/paper.pdf": b"%PDF",
            "main.py": "pass\n",
        }
    )
    text = Path(report["records"][0]["path"]).read_text()
    assert "![a](img/a-2.png) ![b](attachments/b.png) [paper](paper.pdf) [code](../../main.py)" in text
    decisions = lab.folder / "entries/decisions"
    assert (decisions / "img/a.png").read_bytes() == b"ours"
    assert (decisions / "img/a-2.png").read_bytes() == b"theirs"
    assert not (decisions / "main.py").exists()
    assert "main.py leads to a file of its project" in str(report["records"][0]["left"])
    committed = lab.git("show", "--format=", "--name-only").split()
    assert [name.removeprefix("entries/decisions/") for name in committed] == [
        "0001-a.md",
        "attachments/b.png",
        "img/a-2.png",
        "paper.pdf",
    ]


def test_a_link_out_of_the_project_brings_nothing(lab: World, imported: Imported) -> None:
    (lab.home / "secret.png").write_bytes(b"secret")
    (lab.home / "shop/docs/adr").mkdir(parents=True)
    (lab.home / "shop/docs/adr/linked.png").symlink_to(lab.home / "secret.png")
    report = imported({"docs/adr/0001-a.md": NYGARD.format("Accepted") + "\n![x](../../../secret.png) ![y](linked.png)\n"})
    assert report["attachments"] == []


def test_secrets_are_masked_before_anything_is_written(lab: World, imported: Imported) -> None:
    password = "Zx81" + "kQpLw0vNs3"
    report = imported({"adr/0001-a.md": NYGARD.format("Accepted") + f"\nDB_PASSWORD={password}\n"})
    assert report["records"][0]["masked"] == ["password"]
    assert password not in Path(report["records"][0]["path"]).read_text()
    assert report["records"][0]["masked_lines"] == [{"line": NYGARD.count("\n") + 2, "kind": "password"}]
    assert password not in lab.git("log", "-p")


@pytest.mark.parametrize(("before", "kept"), [("", "  <!-- kb-allow -->"), ("```sh\n", "  # kb-allow")], ids=["prose", "code"])
def test_a_line_that_is_no_secret_is_named_and_can_be_kept(lab: World, before: str, kept: str) -> None:
    shop, alarm = lab.home / "shop", "DB_PASSWORD=" + "Zx81" + "kQpLw0vNs3"
    text = NYGARD.format("Accepted") + f"\n{before}{alarm}\n"
    write(shop, {"adr/0001-a.md": text})
    line = text[: text.index(alarm)].count("\n") + 1
    tried = lab.kb("import", "adr", str(shop), "--dry-run")
    assert f"  adr/0001-a.md:{line}: password\n" in tried.err
    done = lab.kb("import", "adr", str(shop), "--allow", f"0001-a.md:{line}")
    assert "masked" not in done.err
    assert f"\n{alarm}{kept}\n" in done.paths[0].read_text()
    assert lab.kb("check", "--secrets").status == 0
    assert "here already: 1 record" in lab.kb("import", "adr", str(shop)).err


@pytest.mark.parametrize("asked", ["0001-a.md", "0001-a.md:0", "0001-a.md:99", "2.md:1", ":1"])
def test_a_line_to_keep_that_is_none_is_refused_before_anything_is_written(lab: World, asked: str) -> None:
    write(lab.home / "shop", {"adr/0001-a.md": NYGARD.format("Accepted")})
    done = lab.kb("import", "adr", str(lab.home / "shop"), "--allow", asked)
    assert (done.status, done.out) == (2, "")
    assert done.err == f"kb: --allow wants FILE:LINE as the report names them, and {asked} is none\n"


def test_dates_come_from_the_history_when_the_text_has_none(lab: World, imported: Imported) -> None:
    shop = lab.home / "shop"
    write(shop, {"docs/adr/0001-a.md": "# A\n\nStatus: accepted\n\n## Decision\n\nx\n" * 3})
    early = lab.environment({"GIT_AUTHOR_DATE": "2019-09-09T12:00+00:00"})
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "first"],
        ["mv", "docs/adr/0001-a.md", "docs/adr/0002-b.md"],
    ):
        subprocess.run(["git", *command], cwd=shop, env=early, check=True)
    subprocess.run(["git", "commit", "-qm", "moved"], cwd=shop, env=lab.environment(), check=True)
    rows = imported(
        {
            "docs/adr/20200101-c.md": "# C\n\nStatus: accepted\n\n## Decision\n\nx\n",
            "docs/adr/0009-new.md": "# N\n\nStatus: draft\n",
        }
    )["by"]
    assert (rows["0002-b"]["date"], rows["0002-b"]["date_from"]) == ("2019-09-09", "git")
    assert (rows["20200101-c"]["date"], rows["20200101-c"]["date_from"]) == ("2020-01-01", "file name")
    assert (rows["0009-new"]["date"], rows["0009-new"]["date_from"]) == ("", "nothing")


def test_importing_twice_changes_nothing_and_a_changed_source_is_left(lab: World, imported: Imported) -> None:
    imported({"doc/adr/0001-a.md": NYGARD.format("Accepted"), "doc/adr/0002-b.md": NYGARD.format("Proposed")})
    before = lab.git("rev-parse", "HEAD")
    again = imported({})
    assert (again["records"], len(again["known"])) == ([], 2)
    changed = imported({"doc/adr/0002-b.md": NYGARD.format("Accepted")})
    assert changed["records"] == []
    assert changed["changed"] == [{"source": "doc/adr/0002-b.md", "ref": "decisions/0002-b"}]
    assert lab.git("rev-parse", "HEAD") == before
    more = imported({"doc/adr/0003-c.md": NYGARD.format("Accepted\n\nSupersedes [1](0001-a.md)")})
    assert more["by"]["0003-c"]["supersedes"] == ["decisions/0001-a"]


def test_the_same_path_in_another_project_is_another_record(lab: World, imported: Imported) -> None:
    imported({"doc/adr/0001-a.md": NYGARD.format("Accepted")})
    write(lab.home / "other", {"doc/adr/0001-a.md": NYGARD.format("Rejected")})
    report = json.loads(lab.kb("import", "adr", str(lab.home / "other"), "--json").out)
    assert [row["ref"] for row in report["records"]] == ["decisions/0002-a"]


def test_a_dry_run_reports_and_writes_nothing(lab: World) -> None:
    write(lab.home / "shop", {"doc/adr/0001-a.md": NYGARD.format("Accepted"), "docs/guide.md": "# Guide\n"})
    done = lab.kb("import", "adr", str(lab.home / "shop"), "--dry-run")
    assert done.out == f"{lab.folder}/entries/decisions/0001-a.md\n"
    assert "would import 1 record (1 Nygard)" in done.err
    assert "1 Markdown file outside doc/adr" in done.err
    assert not list((lab.folder / "entries/decisions").glob("*.md"))


def test_the_folder_that_adr_tools_remembers_is_found(imported: Imported) -> None:
    report = imported(
        {".adr-dir": "our/choices\n", "our/choices/0001-a.md": NYGARD.format("Accepted"), "docs/adr/0009-x.md": "# X\n"}
    )
    assert "our/choices" in report["folders"]
    assert "0001-a" in report["by"]


def test_a_file_that_can_not_be_written_takes_the_others_back(lab: World) -> None:
    write(lab.home / "shop", {"adr/0001-a.md": NYGARD.format("Accepted") + "![x](img/x.png)", "adr/img/x.png": b"x"})
    (lab.folder / "entries/decisions/img").write_text("in the way")
    done = lab.kb("import", "adr", str(lab.home / "shop"))
    assert (done.status, "decisions/img: file exists" in done.err) == (4, True)
    assert not list((lab.folder / "entries/decisions").glob("*.md"))


def test_the_folder_that_kb_reads_already_is_not_imported_into_itself(lab: World) -> None:
    done = lab.kb("import", "adr", "entries/decisions")
    assert (done.status, "already" in done.err) == (2, True)
    assert lab.kb("import", "adr", "nowhere").status == 4


# ---- in place --------------------------------------------------------------------------------------------------------


@pytest.fixture
def in_place(empty_world: World) -> World:
    """A team's own repository: its records stay in docs/adr."""
    world = empty_world
    write(
        world.folder,
        {
            "mkdocs.yml": "site_name: shop\nplugins:\n  - kb: {decisions: docs/adr}\n",
            "entries/.gitkeep": "",
            "docs/adr/0001-a.md": NYGARD.format("Superceded by [2. B](0002-b.md)"),
            "docs/adr/0002-b.md": NYGARD.format("Accepted\n\nAmends ADR-3"),
            "docs/adr/0003-c.md": '---\nstatus: "✅ Accepted (phase A)"\ndate: 2024-01-02\n---\n# C\n\n## Decision Outcome\n\nx\n',
            "docs/adr/20210304-d.md": "# D\n\n- Status: draft\n\n## Context\n\nx\n",
            "docs/adr/README.md": "# Our decisions\n",
            "docs/adr/template.md": "# [title]\n\n* Status: [proposed | accepted]\n",
        },
    )
    subprocess.run(["git", "init", "-q"], cwd=world.folder, check=True, env=world.environment())
    return world


def test_records_in_place_are_listed_in_their_own_dialect_and_no_file_changes(in_place: World) -> None:
    before = {path: path.read_bytes() for path in (in_place.folder / "docs").rglob("*.md")}
    rows = {row["ref"]: row for row in json.loads(in_place.kb("decision", "list", "--json").out)}
    assert {ref: (row["status"], row["date"]) for ref, row in rows.items()} == {
        "decisions/0001-a": ("superseded", "2016-02-13"),
        "decisions/0002-b": ("accepted", "2016-02-13"),
        "decisions/0003-c": ("accepted", "2024-01-02"),
        "decisions/20210304-d": ("proposed", "2021-03-04"),
    }
    assert in_place.kb("check").out == ""
    assert {path: path.read_bytes() for path in (in_place.folder / "docs").rglob("*.md")} == before


def test_a_folder_for_each_record_is_read_in_place(in_place: World) -> None:
    folder = in_place.folder / "docs/adr/0009-use-x"
    write(folder, {"README.md": NYGARD.format("Superseded by [10](../0010-use-y/index.md)"), "README.assets/a.md": "# Notes\n"})
    write(folder.parent / "0010-use-y", {"index.md": NYGARD.format("Accepted")})
    rows = {row["ref"]: row["status"] for row in json.loads(in_place.kb("decision", "list", "--json").out)}
    assert (rows["decisions/0009-use-x"], rows["decisions/0010-use-y"]) == ("superseded", "accepted")
    chain = json.loads(in_place.kb("decision", "show", "9", "--json").out)
    assert (chain["superseded_by"], chain["path"]) == (["decisions/0010-use-y"], str(folder / "README.md"))


def test_the_chains_of_records_in_place_are_links_like_any_other(in_place: World) -> None:
    code = "import kb, pathlib, sys; base = kb.read(pathlib.Path(sys.argv[1])); print(*(n.ref for n in base.backlinks['decisions/0002-b']))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(in_place.folder)],
        env=in_place.environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["decisions/0001-a"]
    assert "amends" in record_in_place.in_place("0002-b", {}, NYGARD.format("Amends ADR-3"), 1, {})[0]


def test_a_template_that_has_a_number_is_no_record_and_the_folder_of_mkdocs_yml_itself_cannot_be_theirs(
    in_place: World,
) -> None:
    write(in_place.folder / "docs/adr", {"0000-vorlage.md": "# ADR-XXXX: Titel\n\n- **Status:** vorgeschlagen | angenommen\n"})
    assert "0000-vorlage" not in in_place.kb("decision", "list", "--json").out
    (in_place.folder / "mkdocs.yml").write_text("site_name: shop\nplugins:\n  - kb: {decisions: .}\n")
    assert "the setting decisions can't be '.'" in in_place.kb("check").out
    (in_place.folder / "mkdocs.yml").write_text("site_name: shop\nplugins:\n  - kb: {decisions: ./docs/adr/}\n")
    assert "decisions/0002-b" in in_place.kb("decision", "list", "--json").out


@pytest.mark.parametrize(
    ("said", "kept"), [("./our/adr\n", "our/adr"), ("../elsewhere\n", "entries/decisions"), ("gone\n", "entries/decisions")]
)
def test_a_new_knowledge_base_leaves_the_records_of_adr_tools_where_they_are(empty_world: World, said: str, kept: str) -> None:
    project = empty_world.home / "project"
    write(project, {".adr-dir": said, "our/adr/0001-a.md": NYGARD.format("Accepted"), "../elsewhere/0002-b.md": "# 2. B\n"})
    assert empty_world.kb("init", str(project)).status == 0
    read = settings_of(yaml.safe_load((project / "mkdocs.yml").read_text()))
    assert read is not None
    assert read.decisions == kept


# A neighbour, and what a new one must begin with; its day is 2026-11-21.
FIRST_LINES = {
    "a row of keys": (
        "| Status | Date | Author |\n|:--|:--|:--|\n| Accepted | 2025-10-26 | @ann |\n| Proposed | 2025-10-20 | @ann |\n\n## Context\n\nx\n",
        "# Use X\n\n| Status | Date | Author |\n|:--|:--|:--|\n| Proposed | 2026-11-21 |      |\n\n## Context\n",
    ),
    "signs of full width": (
        "# ADR-0002：一期\n\n- **状态**：已采纳\n- **日期**：2026-07-29\n\n## 背景\n\nx\n",
        "# ADR-0003：Use X\n\n- **状态**：proposed\n- **日期**：2026-11-21\n\n## 背景\n",
    ),
    "a key and a value in each row": (
        "# 2. One\n\n| Date | 2025-10-26 |\n|---|---|\n| Status | Accepted |\n\n## Context\n\nx\n",
        "# 3. Use X\n\n| Date | 2026-11-21 |\n|---|---|\n| Status | Proposed |\n\n## Context\n",
    ),
    "a title in a line": (
        "**Title**: ADR-0002-One\n\n**Status**: Accepted\n\n**Context**: x\n",
        "# Use X\n\n**Title**: ADR-0003-Use X\n\n**Status**: Proposed\n",
    ),
}


@pytest.mark.parametrize("name", FIRST_LINES)
def test_the_first_lines_of_a_new_record_are_those_of_its_neighbour_with_other_values(name: str) -> None:
    text, expected = FIRST_LINES[name]
    made = record_style.record(record_style.Fresh("Use X", 3, "proposed", "2026-11-21", {}), RecordText("0002-one", text), [])
    assert "\n".join(line.rstrip() for line in made.splitlines()).startswith(
        "\n".join(x.rstrip() for x in expected.rstrip().splitlines())
    )


def test_a_new_record_beside_those_with_a_number_in_their_head_is_not_called_by_it_twice(in_place: World) -> None:
    write(
        in_place.folder / "docs/adr",
        {"0005-e.md": "---\ntitle: 5, Use E\nstatus: accepted\ndate: 2024-01-02\n---\n\n## Context\n\nx\n"},
    )
    (in_place.folder / "docs/adr/20210304-d.md").unlink()
    made = in_place.kb("decision", "new", "Use X", "--no-edit")
    assert Path(made.out.strip()).name == "0006-use-x.md"
    assert Path(made.out.strip()).read_text().startswith("---\ntitle: 6, Use X\n")


# ---- homes -----------------------------------------------------------------------------------------------------------


def test_records_are_found_in_folders_of_other_names_and_what_is_called_like_none_is_no_record(imported: Imported) -> None:
    text = NYGARD.format("Accepted")
    report = imported(
        {
            "architecture-decision-record/001-a.md": text,
            "architecture-decision-record/new/ADR-002-b.md": text,
            "architecture-decision-record/0003-no-ending": text,
            "architecture-decision-record/PROCESS.md": "# Process\n\n## ADR status\n\n- `DRAFT`: x\n- `ACCEPTED`: y\n- `REJECTED`: z\n",
            "runbooks/incident.md": "# Incident\n\n## Status\n\nDone\n\n## Context\n\nx\n\n## Decision\n\ny\n",
        }
    )
    assert set(report["by"]) == {"001-a", "ADR-002-b", "0003-no-ending"}
    assert report["folders"] == ["architecture-decision-record"]


def test_without_a_folder_of_records_the_whole_project_is_looked_at(imported: Imported) -> None:
    text = NYGARD.format("Accepted")
    report = imported(
        {
            "adr-001-a.md": text,
            "security/0002-b.md": text,
            "security/more/notes.md": "# Notes\n\nStatus: accepted on Monday\n\n## Context\n\nx\n",
            "patterns/login.md": "# Login\n\n**Status:** Accepted | **Date:** 2025-07-29\n\n## When to use\n\nx\n",
            "tutorial/001-begin.md": "# Begin\n\nHello.\n",
        }
    )
    assert set(report["by"]) == {"adr-001-a", "0002-b"}
    assert {Path(row["source"]).stem for row in report["no_record"]} == {"notes", "login", "001-begin"}


def test_a_date_that_can_be_two_days_is_read_as_the_other_records_write_theirs(imported: Imported) -> None:
    rows = imported(
        {
            "adr/0001-a.md": NYGARD.format("Accepted").replace("2016-02-13", "05/02/2018"),
            "adr/0002-b.md": NYGARD.format("Accepted").replace("2016-02-13", "23/03/2018"),
        }
    )["by"]
    assert (rows["0001-a"]["date"], rows["0002-b"]["date"]) == ("2018-02-05", "2018-03-23")
    assert "date '05/02/2018' read as 2018-02-05, as the other records write it" in rows["0001-a"]["guessed"]


@pytest.mark.parametrize(
    ("name", "heading", "title"),
    [
        ("034-fargate", "34 Fargate", "Fargate"),
        ("0007-servers", "3 servers are enough", "3 servers are enough"),
        ("adr-029-mcp", "🔌 ADR-029: MCP", "MCP"),
        ("0020-ci", "ARC-ADR-020 — CI", "CI"),
    ],
)
def test_the_number_of_a_record_is_no_part_of_its_title(name: str, heading: str, title: str) -> None:
    assert record_head.read(RecordText(name, f"# {heading}\n\n## Status\n\nAccepted\n")).title == title


# ---- several records in one file -------------------------------------------------------------------------------------

LOG = """# Our decisions

Why things are as they are.

## ADR-001: Use cron

Status: Superseded by [ADR-002](#adr-002-use-timers)

### Context

One machine.

---

## ADR-002: Use timers

- Status: Accepted
- Date: 2024-05-06

See [the first](#adr-001-use-cron).

## Reading list

A book.
"""


def test_a_log_is_cut_at_its_headings_and_each_text_stays_to_the_byte(lab: World, imported: Imported) -> None:
    report = imported({"docs/decisions.md": LOG})
    rows = {row["source"]: row for row in report["records"]}
    first, second = rows["docs/decisions.md#0001-use-cron"], rows["docs/decisions.md#0002-use-timers"]
    assert (first["title"], first["status"], first["superseded-by"]) == ("Use cron", "superseded", [second["ref"]])
    assert (second["status"], second["date"], second["supersedes"]) == ("accepted", "2024-05-06", [first["ref"]])
    body = Path(first["path"]).read_bytes().split(b"---\n", 2)[2]
    assert body == (
        b"## ADR-001: Use cron\n\nStatus: Superseded by [ADR-002](0002-use-timers.md)\n\n### Context\n\nOne machine.\n"
    )
    assert Path(second["path"]).read_text().endswith("See [the first](0001-use-cron.md).\n")
    assert first["guessed"] == [
        "one of 2 records in decisions.md, cut at its heading",
        "lines 3, 24 of decisions.md belong to no record and stay there",
    ]
    assert lab.kb("check").out == ""


@pytest.mark.parametrize(
    "text",
    [
        LOG.replace("Status:", "Mood:"),  # what they are is nowhere said
        LOG.replace("## ADR-002: Use timers", "Use timers"),  # one heading is a record, not a log
        "# 1. Choose a queue\n\n## Options\n\n### 1. Redis\n\nFast.\n\n### 2. RabbitMQ\n\nSafe.\n\n## Status\n\nAccepted\n",
    ],
)
def test_what_is_no_plain_log_stays_whole(imported: Imported, text: str) -> None:
    assert [row["source"] for row in imported({"docs/adr/adr-x.md": text})["records"]] in ([], ["docs/adr/adr-x.md"])


def test_a_log_is_cut_where_a_record_says_no_status_and_that_is_named(imported: Imported) -> None:
    rows = imported({"DECISIONS.md": LOG + "\n## ADR-003: Use a queue\n\nNothing is said of it.\n"})["records"]
    assert [row["status"] for row in rows] == ["superseded", "accepted", ""]
    assert "it says no status" in str(rows[2]["left"])


def test_a_log_whose_records_say_no_status_is_named_with_what_to_do(imported: Imported) -> None:
    report = imported({"DECISIONS.md": LOG.replace("Status:", "Mood:").replace("Superseded by", "See")})
    assert [row["reason"] for row in report["no_record"]] == [
        "it seems to hold 2 records, and not each says its status: add that below each heading, and import again"
    ]


def test_a_page_that_lists_records_with_files_of_their_own_is_no_log(imported: Imported) -> None:
    report = imported(
        {"docs/adr/0001-a.md": NYGARD.format("Accepted"), "docs/adr/list.md": LOG.replace("#adr-002-use-timers", "0001-a.md")}
    )
    assert [row["source"] for row in report["records"]] == ["docs/adr/0001-a.md"]
    assert [row["source"] for row in report["no_record"]] == ["docs/adr/list.md"]


# ---- heads as people write them --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status", "day", "links"),
    [
        ("Status: Accepted. The choice of skins is superseded by [ADR-10](0010-x.md)", "accepted", "", ["part superseded-by 0010-x.md"]),
        ("## Status\n\nDeprecated by ADR 10", "deprecated", "", ["superseded-by 10"]),
        ("**DEPRECATED BY ADR-8**\n\n## Context", "deprecated", "", ["superseded-by 8"]),
        ("## Status\n\nSuperseded, see [ADR-5](0005-x.md)", "superseded", "", ["superseded-by 0005-x.md"]),
        ("> Replaced by [ADR-33](033-x.md).\n\nText.", "superseded", "", ["superseded-by 033-x.md"]),
        ("Status: Accepted\nSupersedes: ADR-7, in part", "accepted", "", ["part supersedes 7"]),
        ("Status: Accepted\nSupersedes: ADR-3's queue, ADR-4", "accepted", "", ["part supersedes 3", "supersedes 4"]),
        ("## Status\n\nAccepted — 2026-05-14\n\nAmended by [19](0019-x.md) (2026-06-14): decision #3", "accepted", "2026-05-14", ["amended-by 0019-x.md"]),
        ("**Status:** Accepted\n\n**Superseded in part by ADR 41:** the mechanics", "accepted", "", ["part superseded-by 41"]),
        ("- date: 2026-07-05 · source: manual · status: rejected", "rejected", "2026-07-05", []),
        ("**Status.** Approved\n**Accepted:** 2026-01-02", "accepted", "2026-01-02", []),
        ("状态：已接受\n日期：2026-07-31", "accepted", "2026-07-31", []),
        ("## Status\n\n- [x] Accepted\n- [ ] Replaced by [ADR-ZZZ]", "accepted", "", []),
        ("Status: accepted\n\n## Context\n\nThis ADR supersedes [`ADR 9`](adr-009-x.md).", "accepted", "", ["supersedes adr-009-x.md"]),
        ("Status: accepted\n\n## Context\n\nThis replaces 3 servers.", "accepted", "", []),
        ("Date:\n2026-08-23\n\nStatus:\nAccepted (supersedes ADR-9)", "accepted", "2026-08-23", ["supersedes 9"]),
        ("- **Status:** Accepted (the types superseded by\n  [ADR-3](0003-x.md))", "accepted", "", ["part superseded-by 0003-x.md"]),
        ("- Superseded by: ADR-7 for the path; ADR-8 for the rules\n- Status: Accepted", "accepted", "", ["part superseded-by 7", "part superseded-by 8"]),
        ("## Status\n\nAccepted\n\n## Supersedes\n\n- None. It builds on what\n  [ADR-4](0004-x.md) left open.", "accepted", "", []),
        ("## Changelog\n\n* 2020-05-23: more\n* 18-05-2020: Initial draft\n\n## Status\n\nProposed", "proposed", "2020-05-18", []),
        ("July 25, 2018\n\n## Status\n\nAccepted", "accepted", "2018-07-25", []),
        ("**Date :** 2026-10-08 — **Statut :** acceptée", "accepted", "2026-10-08", []),
        ("Status: Accepted\nSupersedes: ADR-202610111010-01-old", "accepted", "", ["supersedes ADR-202610111010-01-old"]),
        ("## Status\n\n| Stage | State |\n|---|---|\n| Status | Accepted ✅ |\n| Work | Not planned |", "accepted", "", []),
        ("- Status: Accepted\n- Superseded by: [ADR-9](0009-x.md) supersedes only the deadline", "accepted", "", ["part superseded-by 0009-x.md"]),
        ("Moved on July 25, 2018\n\n## Status\n\nAccepted", "accepted", "", []),
        ("Статус: Принято\nДата решения: 2026-08-01", "accepted", "2026-08-01", []),
        ('::: info Status\n<p><Badge type="tip" text="Superseded by ADR-9" /> <Badge type="info" text="2026-08-01" /></p>\n:::\n\n## Context\n\nx', "superseded", "2026-08-01", ["superseded-by 9"]),
        ("| 字段 | 值 |\n|---|---|\n| 状态 · Status | Accepted |\n| 日期 · Date | 2026-08-01 |", "accepted", "2026-08-01", []),
        ("| Date | Status |\n|---|---|\n| 2020-01-02 | Proposed |\n| 2021-03-04 | Accepted |", "accepted", "2021-03-04", []),
    ],
)  # fmt: skip
def test_heads_are_read_as_people_write_them(text: str, status: str, day: str, links: list[str]) -> None:
    read = record_head.read(RecordText("0002-b", f"# 2. B\n\n{text}\n"))
    said = [f"{'part ' if one.partly else ''}{one.kind} {one.target}" for one in read.relations]
    assert (read.status.word, read.date, said) == (status, day, links)


def test_what_a_title_says_of_its_record_is_its_status_and_no_title() -> None:
    read = record_head.read(RecordText("0002-b", "# ADR-002 — Use cron (SUPERSEDED — see ADR-003)\n\n- **Status.** Decided\n"))
    assert (read.title, read.status.word, [one.target for one in read.relations]) == ("Use cron", "superseded", ["3"])


def test_keys_spelled_as_other_tools_do_are_read_in_place(in_place: World) -> None:
    head_of = (
        "---\nstatus: {}\ndate: 2026-01-01\nsupersedes: {}\nsuperseded_by: {}\n---\n# X\n\n[[_TOC_]]\n\n## Decision\n\nx\n"
    )
    write(
        in_place.folder / "docs/adr",
        {"0011-a.md": head_of.format("superseded", "null", "ADR-0012"), "0012-b.md": head_of.format("accepted", "none", "~")},
    )
    assert json.loads(in_place.kb("decision", "show", "11", "--json").out)["superseded_by"] == ["decisions/0012-b"]
    assert in_place.kb("check").out == ""


NEIGHBOURS = {
    "0005-a": (
        "# 5. A\n\nDate: 13/02/2016\n\n## Status\n\nAccepted\n\nAmends [4. X](0004-x.md)\n\n## Context\n\nWhy.\n\n## Decision\n\nSo.\n",
        "0006-use-b",
        "# 6. Use B\n\nDate: {d}/{m}/{y}\n\n## Status\n\nProposed\n\n## Context\n\nIt broke.\n\n## Decision\n",
    ),
    "adr-045-a": (
        "# ADR 045: `A` b\n\n## Changelog\n\n* 2020-01-02: Initial draft\n\n## Status\n\nPROPOSED\n\n## Context\n\nWhy.\n\n## Only here\n\nx\n",
        "adr-046-use-b",
        "# ADR 046: Use B\n\n## Changelog\n\n* {y}-{m}-{d}: Initial draft\n\n## Status\n\nProposed\n\n## Context\n\nIt broke.\n",
    ),
    "001-a": (
        "# A\n\n* Status: accepted\n* Deciders: Ann\n* Date: 2020-01-02\n* Supersedes: ADR-0\n\n## Considered Options\n\n* a\n\n## Decision Outcome\n\na\n",
        "002-use-b",
        "# Use B\n\n* Status: proposed\n* Deciders:\n* Date: {y}-{m}-{d}\n\n## Considered Options\n\n## Decision Outcome\n",
    ),
    "20200925-a": (
        "---\nstatus: accepted\ndate: 2020-09-25\ntags: [x]\nown: 7\n---\n# A\n\n## Decision Outcome\n\na\n",
        "{y}{m}{d}-use-b",
        "---\nstatus: proposed\ndate: {y}-{m}-{d}\ntags: []\n---\n\n# Use B\n\n## Decision Outcome\n",
    ),
}


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_a_new_record_in_place_is_written_and_called_as_its_neighbours_are(empty_world: World, name: str) -> None:
    text, new_name, new_text = NEIGHBOURS[name]
    write(
        empty_world.folder,
        {"mkdocs.yml": "plugins:\n  - kb: {decisions: docs/adr}\n", "entries/.gitkeep": "", f"docs/adr/{name}.md": text},
    )
    day = {"y": "2026", "m": "11", "d": "20"}
    done = empty_world.kb("decision", "new", "Use B", "--context", "It broke.", "--date", "2026-11-20", "--no-edit")
    assert done.status == 0, done.err
    assert done.paths[0].read_text() == new_text.format(**day)
    if "{y}" not in new_name:
        assert done.paths[0].stem == new_name


# ---- heads as they are met -------------------------------------------------------------------------------------------

# What is read of each: title, status, date.
HEADS = {
    "a row of keys, with one that kb doesn't know": (
        "003-mail",
        "| Status | Date | Author(s) |\n|:--|:--|:--|\n| Superseded by [ADR-011](011-outbox.md) | 2025-01-19 | @ann |\n\n## Context\n\nx\n",
        ("", "superseded", "2025-01-19"),
    ),
    "a table of parts is no head": (
        "004-parts",
        "# Parts\n\n| Part | Status |\n|--|--|\n| a | done |\n| b | rejected |\n\n## Context\n\nx\n\n## Decision\n\ny\n",
        ("Parts", "", ""),
    ),
    "a status and its word in the first row of a table": (
        "006-rows",
        "# Rows\n\n| Status | Accepted |\n|--|--|\n| Date | 2020-01-02 |\n\n## Context\n\nx\n",
        ("Rows", "accepted", "2020-01-02"),
    ),
    "headings without a space": (
        "005-adrs",
        "# Use ADRs\n\n##Status\nproposed\n\n##Context\n- x\n\n##Decision\ny\n",
        ("Use ADRs", "proposed", ""),
    ),
    "an RFC, whose first heading is its summary": (
        "0044-disband",
        "---\nfeature: disband-nix-core\nstart-date: 2019-04-25\n---\n\n# Summary\n\nx\n\n# Motivation\n\ny\n",
        ("disband-nix-core", "", "2019-04-25"),
    ),
    "the letters of its kind, as in the file's name": (
        "INF11-shared-db",
        "# INF-11: Use a shared database\n\n## Status\n\nAccepted\n\n## Decision\n\nx\n",
        ("Use a shared database", "accepted", ""),
    ),
    "other letters belong to the title": (
        "0007-wpa-3",
        "# WPA-3: a must\n\n## Status\n\nAccepted\n\n## Decision\n\nx\n",
        ("WPA-3: a must", "accepted", ""),
    ),
    "a title in a line": (
        "ADR-0001-Retry",
        "**Title**: ADR-0001-Retry the calls\n\n**Status**: [[Accepted Status]] (by [[Hadi]])\n\n**Context**: x\n",
        ("Retry the calls", "accepted", ""),
    ),
    "a number with a comma": ("0003-write", "---\ntitle: 3, Write it down\nstatus: accepted\n---\n\n## Context\n\nx\n", ("Write it down", "accepted", "")),
    "keys without their accents": (
        "0041-x",
        "---\ntitulo: Uma escolha\nstatus: ativo\ndate_decision: 2026-08-01\nsubstituido_por: null\n---\n\n## Contexto\n\nx\n",
        ("Uma escolha", "accepted", "2026-08-01"),
    ),
    "its whole name before its title": ("ADR-202610111010-01-queue", "# ADR-202610111010-01-queue: Pick a queue\n\n**Status:** Accepted\n\n## Decision\n\nx\n", ("Pick a queue", "accepted", "")),
    "a dot after its number": ("ADR-0006-x", "# ADR-0006 · Pick a queue\n\n**Status:** Accepted\n\n## Decision\n\nx\n", ("Pick a queue", "accepted", "")),
    "a dot after its bare number": ("0010-x", "# 0010 · Pick a queue\n\n**Status:** angenommen · 27.08.2026\n\n## Entscheidung\n\nx\n", ("Pick a queue", "accepted", "2026-08-27")),
    "its state before its number": (
        "[deprecated] 0010-vm",
        "# 0010 — The VM\n\n- **Status**: deprecated\n- **Proposed**: 2026-06-03\n\n## Decision\n\n### Part 1\n\n- **Status**: implemented\n",
        ("The VM", "deprecated", "2026-06-03"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HEADS)
def test_what_a_head_says_is_found_where_its_author_wrote_it(name: str) -> None:
    stem, text, expected = HEADS[name]
    parsed = front_matter.read(text.encode())
    read = record_head.read(RecordText(stem, parsed.body, parsed.front, parsed.body_line, parsed.key_lines))
    assert (read.title, read.status.word, read.date) == expected


@pytest.mark.parametrize(
    ("line", "partly"),
    [
        ("Supersedes: ADR-19 the startup without a supervisor only", True),
        ("Supersedes: Extends ADR-8 (Segmentation)", True),
        ("取代 ADR 605 中关于 Tesseract 的部分", True),
        ("Substituída por [ADR-023](23.md) (2026-07-31) — quanto ao alvo", True),
        ("Supersedes the storage layout of ADR-19", True),
        ("Supersedes the decision in ADR-19", False),
        ("Substitui as decisões de localização do ADR 19", True),
        ("Supersedes: ADR-19, on two of its targets", True),
        ("Supersedes: ADR-19, for size and nothing else", True),
        ("Supersedes: ADR-19 (the read-only cache)", False),
        ("Supersedes ADR-19 the startup", False),
        ("取代 ADR 605", False),
        ("Substituída por [ADR-023](23.md) no mesmo dia", False),
    ],
)
def test_a_record_that_replaces_a_part_of_another_only_amends_it(line: str, partly: bool) -> None:
    (relation,) = relations.relations(line) or relations.stated("supersedes", line.partition(": ")[2], {})
    assert relation.partly == partly


def test_the_words_of_a_key_that_only_amends_here_stay_beside_it(lab: World, imported: Imported) -> None:
    written = "---\nstatus: accepted\ndate: 2026-08-01\nsupersedes: ADR-1 for the queue only\n---\n\n# Pick a queue\n\n## Decision\n\nx\n"
    report = imported({"docs/adr/0001-a.md": NYGARD.format("Accepted"), "docs/adr/0002-b.md": written})
    parsed = front_matter.read(Path(report["by"]["0002-b"]["path"]).read_bytes())
    assert parsed.front["amends"] == [report["by"]["0001-a"]["ref"]]
    assert (parsed.front["supersedes"], parsed.front["supersedes_text"]) == ("", "ADR-1 for the queue only")
    assert lab.kb("check").status == 0


def test_records_whose_names_begin_with_letters_find_each_other_and_keep_their_names(imported: Imported) -> None:
    report = imported(
        {
            "rfcs/RFC-0009-tracing.md": "---\nTitle: Tracing\nStatus: Superseded\nSuperseded-By: RFC-0010\n---\n\n## Summary\n\nx\n",
            "rfcs/RFC-0010-all.md": "# RFC-0010: All in one\n\nStatus: Accepted\n\n## Summary\n\nReplaces JIRA-9.\n",
        }
    )
    assert report["by"]["RFC-0010-all"]["supersedes"] == ["decisions/RFC-0009-tracing"]
    assert report["by"]["RFC-0010-all"]["title"] == "All in one"


def test_a_head_in_toml_is_written_as_yaml(imported: Imported) -> None:
    report = imported(
        {
            "docs/adr/0001-zola.md": '+++\r\ntitle = "Use Zola"\r\ndate = 2024-02-03\r\n[extra]\r\nstatus = "accepted"\r\nowners = ["ann", "bob"]\r\n+++\r\n\r\n## Decision\r\n\r\nx\r\n',
            "docs/adr/0002-broken.md": "+++\ntitle = Use\n+++\n\n# Broken\n\n## Decision\n\nx\n",
        }
    )
    row = report["by"]["0001-zola"]
    assert (row["title"], row["status"], row["date"]) == ("Use Zola", "accepted", "2024-02-03")
    assert b"owners: [ann, bob]\r\n" in Path(row["path"]).read_bytes()
    assert Path(row["path"]).read_bytes().endswith(b"---\r\n\r\n## Decision\r\n\r\nx\r\n")
    assert "its TOML front matter is written as YAML" in row["guessed"]
    assert "+++" in Path(report["by"]["0002-broken"]["path"]).read_text()
    assert report["by"]["0002-broken"]["guessed"][0].startswith("its front matter can't be read (line 1")


def test_the_chapter_of_arc42_that_holds_all_records_is_cut_and_one_that_lists_them_is_not(imported: Imported) -> None:
    record = "## ADR-{}: {}\n\n**Date:** 2026-03-28  \n**Status:** Accepted\n\n### Context\n\nx\n\n"
    report = imported(
        {
            "docs/arc42/09_architecture_decisions.md": "# 9. Decisions\n\n"
            + record.format("002", "Silver")
            + record.format("008", "Nets")
        }
    )
    assert [(row["title"], row["status"], row["date"]) for row in report["records"]] == [
        ("Silver", "accepted", "2026-03-28"),
        ("Nets", "accepted", "2026-03-28"),
    ]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in record_relations.RELATION_SOURCES])
def test_each_source_of_relations_finds_its_example_and_not_its_counter_example(row: record_relations.RelationSource) -> None:
    for text, said in ((row.example, [row.name]), (row.counter, [])):
        parsed = front_matter.read(text.encode())
        document = RecordText("0007-use-x", parsed.body, parsed.front, parsed.body_line, parsed.key_lines)
        saying = [
            one.name for one in record_relations.RELATION_SOURCES for found in one.found(document) if found.kind == "supersedes"
        ]
        assert saying == said
        assert [found.target for found in record_head.read(document).relations] == ["3"] * len(said)
