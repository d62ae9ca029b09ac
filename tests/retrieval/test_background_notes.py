"""Notes and background: blocks that claim noise are taken out, a line is called ordinary, and a return keeps only what matched."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import World

PUMP = "2026-11-20T01:02:03Z ERROR pump: the impeller of the basement is stuck"
CHECKS = "2026-11-20T01:{:02}:09Z WARN health check of container {:04x} failed: deadline exceeded"
PLAIN = "2026-11-20T01:{:02}:30Z INFO served page {} in 3 ms"


def log(*events: str, checks: int = 30) -> str:
    rows = [row for i in range(checks) for row in (CHECKS.format(i, 4096 + i * 37), PLAIN.format(i, i))]
    return "\n".join([*rows, *events]) + "\n"


def write(lab: World, name: str, *errors: str) -> Path:
    blocks = "\n\n".join(f"```text\n{error}\n```" for error in errors)
    path = lab.folder / f"entries/incidents/2026-03-01-{name}.md"
    path.write_text(
        f"---\ntitle: {name} # kept\ndate: 2026-03-01\nstatus: resolved\n---\n## Error\n\n{blocks}\n\n## Fix\n\nfix {name}\n"
    )
    return path


# ---- kb check --fix --------------------------------------------------------------------------------------------------


ACCESS = '10.0.0.7 - - [20/Nov/2026:01:02:03 +0100] "GET /web/7 HTTP/1.1" 200 512'
ATA = "ata3.00: exception Emask 0x10 SAct 0x7f00 SErr 0x4090000"  # no word of it says that it is an error


@pytest.fixture
def poisoned(lab: World) -> dict[str, Path]:
    """Three notes of three errors, each with the same health check beside it, and one of the check alone."""
    check = CHECKS.format(7, 4096)
    made = {
        "pump": write(lab, "pump", PUMP, check),
        "mail": write(lab, "mail", check, "ERROR mailer: cannot find the template welcome.html"),
        "disk": write(lab, "disk", f"{ATA}\nata3.00: failed command: READ FPDMA QUEUED", check),
    }
    lab.git("add", "-A")
    lab.git("commit", "-qm", "notes")
    return made


@pytest.mark.usefixtures("poisoned")
def test_check_names_blocks_that_are_background_with_file_and_line(lab: World) -> None:
    told = lab.kb("check")
    assert told.status == 1
    assert "entries/incidents/2026-03-01-pump.md:13: " in told.out
    assert told.out.count("it would be found in healthy logs; remove the block, or kb check --fix does") == 3


def test_fix_takes_them_out_and_nothing_else_in_one_commit(lab: World, poisoned: dict[str, Path]) -> None:
    before = poisoned["mail"].read_text()
    mended = lab.kb("check", "--fix")
    assert mended.status == 0, mended.out + mended.err
    assert "background taken out of entries/incidents/2026-03-01-pump.md" in mended.err
    assert poisoned["mail"].read_text() == before.replace(f"```text\n{CHECKS.format(7, 4096)}\n```\n\n", "")
    assert all("deadline exceeded" not in path.read_text() for path in poisoned.values())
    assert lab.git("log", "-1", "--format=%s").strip() == "known errors that were background taken out"
    assert lab.git("status", "--porcelain") == ""
    assert lab.kb("seen", stdin=log()).status == 1
    assert lab.kb("seen", stdin=log(PUMP)).status == 0


def test_a_block_goes_only_when_it_says_itself_that_all_is_well(lab: World) -> None:
    disk, web = write(lab, "disk", ATA, PUMP), write(lab, "web", ACCESS, PUMP.replace("pump", "lamp"))
    assert lab.kb("check", "--fix").status == 0
    assert ATA in disk.read_text()
    assert ACCESS not in web.read_text()


def test_fix_leaves_the_only_block_of_a_note(lab: World) -> None:
    path = write(lab, "checks", CHECKS.format(7, 4096))
    for name in ("a", "b", "c"):
        write(lab, name, f"ERROR the {name} lamp of the hall went out", CHECKS.format(8, 4097))
    before = path.read_bytes()
    lab.kb("check", "--fix")
    assert path.read_bytes() == before


# ---- kb ordinary -----------------------------------------------------------------------------------------------------


def test_an_ordinary_line_is_written_down_readable_and_in_git(lab: World) -> None:
    made = lab.kb("ordinary", CHECKS.format(7, 4096))
    assert made.status == 0, made.err
    path = lab.folder / "ordinary.txt"
    assert made.paths == [path]
    assert path.read_text().splitlines()[-1] == "health check of container failed deadline exceeded"
    assert lab.git("log", "-1", "--format=%s", "--name-only") == (
        "ordinary: health check of container failed deadline exceeded\n\nordinary.txt\n"
    )
    assert lab.git("status", "--porcelain") == ""


def test_a_line_is_called_ordinary_by_its_number_and_passed_over_from_then_on(lab: World) -> None:
    lost = "2026-11-20T01:40:00Z ERROR mailer: cannot find the template welcome.html"
    shown = lab.kb("seen", stdin=log(PUMP, lost)).out
    number = next(line.split()[0] for line in shown.splitlines() if "mailer" in line)
    assert lab.kb("ordinary", number).status == 0
    assert "mailer" not in lab.kb("seen", stdin=log(PUMP, lost)).out
    made = lab.kb("incident", "new", "--fix", "x", "--yes", stdin=log(PUMP, lost))
    assert "mailer" not in made.paths[0].read_text()


def test_ordinary_lines_are_listed_and_undone_by_deleting_one(lab: World) -> None:
    none = lab.kb("ordinary")
    assert (none.status, "no line is called ordinary here" in none.err) == (1, True)
    lab.kb("ordinary", PUMP)
    assert "pump the impeller of the basement is stuck" in lab.kb("ordinary").out
    assert "impeller" not in lab.kb("seen", stdin=log(PUMP, "2026-11-20T01:40:00Z ERROR the lamp went out")).out
    path = lab.folder / "ordinary.txt"
    path.write_text("".join(row for row in path.read_text().splitlines(keepends=True) if "impeller" not in row))
    assert "impeller" in lab.kb("seen", stdin=log(PUMP)).out


def test_the_same_line_twice_and_a_number_too_many_are_said(lab: World) -> None:
    lab.kb("ordinary", PUMP)
    again = lab.kb("ordinary", PUMP.replace("03Z", "59Z"))
    assert (again.status, again.err) == (0, "it is ordinary here already\n")
    assert lab.kb("ordinary", "@9").status == 2
    assert "that line has no words" in lab.kb("ordinary", "***").err


# ---- kb again --------------------------------------------------------------------------------------------------------


def test_a_return_keeps_only_the_block_that_matched(lab: World) -> None:
    lab.kb("incident", "new", "The pump stops", "--error", PUMP, "--fix", "free the impeller", "--no-edit")
    other = "2026-11-20T01:50:00Z ERROR mailer: cannot find the template welcome.html"
    assert (
        lab.kb("seen", stdin=log(PUMP.replace("01:02", "01:45"), *(PLAIN.format(46, i) for i in range(9)), other)).status == 0
    )
    made = lab.kb("again", "--held")
    text = made.paths[0].read_text()
    assert "the impeller of the basement is stuck" in text
    assert "mailer" not in text
    assert "deadline exceeded" not in text
    assert lab.kb("seen", stdin=log(other)).status == 1
    assert lab.kb("seen", stdin=log()).status == 1
