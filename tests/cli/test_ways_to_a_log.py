"""Ways to a log: several files, folders, and a service whose log is read by its own program, here or over ssh."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from commands import World, without_colours

from kb.exceptions import WrongUse
from kb.notes.kinds import Service
from kb.services.log_commands import log_commands, other_machine

REFUSED = "2026-11-20T01:02:03Z ERROR pump: the impeller of the basement is stuck\n"
OTHER = "2026-11-20T01:02:09Z ERROR mailer: cannot find the template welcome.html\n"
FINE = "2026-11-20T01:02:{:02}Z INFO served page {} in 3 ms\n"
QUIET = "".join(FINE.format(i, i) for i in range(20))


@pytest.fixture
def known(lab: World) -> World:
    made = lab.kb("incident", "new", "The pump stops", "--error", REFUSED, "--fix", "free the impeller", "--no-edit")
    assert made.status == 0, made.err
    return lab


def files(lab: World) -> None:
    for name, text in {"pump.log": QUIET + REFUSED, "mail.log": QUIET + OTHER, "quiet.log": QUIET}.items():
        (lab.folder / name).write_text(text)


# ---- several files ---------------------------------------------------------------------------------------------------


def test_each_of_several_files_has_its_answer_and_one_line_sums_up(known: World) -> None:
    files(known)
    seen = known.kb("seen", "pump.log", "mail.log", "quiet.log")
    assert seen.status == 0, seen.err
    pump, mail, quiet = seen.out.split("== ")[1:]
    assert "FIX    free the impeller" in pump
    assert "it worked: kb again @1" in pump
    assert "NOT SEEN BEFORE" in mail
    assert "mailer: cannot find the template welcome.html" in mail
    assert "nothing in it says that something went wrong" in quiet
    assert seen.out.splitlines()[-1] == "3 logs: 1 known (pump.log), 1 not seen before (mail.log), 1 quiet"


def test_afterwards_the_numbers_mean_what_was_shown(known: World) -> None:
    files(known)
    known.kb("seen", "mail.log", "pump.log")
    assert "title: The pump stops" in known.kb("show", "@1").out
    assert known.kb("again", "@1", "--held").status == 0


def test_a_name_without_a_file_is_an_error_and_the_others_are_answered(known: World) -> None:
    files(known)
    seen = known.kb("seen", "pump.log", "nope", "mail.log")
    assert seen.status == 4
    assert "can't read nope: no such file or directory" in seen.err
    assert "free the impeller" in seen.out
    assert seen.out.splitlines()[-1].startswith("2 logs: ")
    assert "can't read nope.log" in known.kb("seen", "nope.log", "pump.log").err


def test_words_stay_words(known: World) -> None:
    files(known)
    assert known.kb("seen", "pump:", "the", "impeller", "of", "the", "basement", "is", "stuck").status == 0
    assert known.kb("seen", "cannot", "open", "pump.log", "for", "reading").err == ""


def test_several_files_as_json_are_a_list_with_their_names(known: World) -> None:
    files(known)
    rows = json.loads(known.kb("seen", "--json", "pump.log", "quiet.log").out)
    assert [(row["file"], len(row["hits"])) for row in rows] == [("pump.log", 1), ("quiet.log", 0)]
    every = json.loads(known.kb("seen", "--json", "--all-lines", "pump.log", "mail.log").out)
    assert [len(row["unknown"]) for row in every] == [0, 1]


def test_a_folder_is_answered_with_a_hint(lab: World) -> None:
    asked = lab.kb("seen", "entries")
    assert asked.status == 4
    assert "it is a folder: name the logs in it, kb seen entries/*.log" in asked.err


# ---- the log of a service --------------------------------------------------------------------------------------------


def service(text: str) -> Service:
    fields = dict(line.split(": ", 1) for line in text.splitlines())
    front: dict[str, object] = {
        key: value.strip("[]").split(", ") if value[0] == "[" else value for key, value in fields.items()
    }
    return Service("services/tv", "entries/services/tv.md", front)


WAYS = [
    ("image: acme/tv:1", "docker logs --tail 2000 tv"),
    ("compose: /opt/tv/compose.yaml", "docker compose --file /opt/tv/compose.yaml logs --no-color --tail 2000 tv"),
    ("image: acme/tv:1", "podman logs --tail 2000 tv"),
    ("title: tv", "journalctl --unit tv --lines 2000 --no-pager"),
    ("type: host", "journalctl --boot --priority warning --lines 2000 --no-pager"),
    ("log: /var/log/tv.log", "tail -n 2000 /var/log/tv.log"),
    ("log: docker logs tv-1 2>&1", "docker logs tv-1"),
]


@pytest.mark.parametrize(("note", "command"), WAYS)
def test_a_note_says_how_to_get_at_its_log(note: str, command: str) -> None:
    assert command in map(str, log_commands(service(note)))


@pytest.mark.parametrize(
    "log", ["docker logs tv | tail", "docker logs $(id)", "cat x > y", "docker logs 'tv", "docker logs -f tv"]
)
def test_a_log_field_is_one_command_that_ends(log: str) -> None:
    with pytest.raises(WrongUse, match="log should"):
        log_commands(service(f"log: {log}"))


def test_only_another_machine_is_one() -> None:
    assert other_machine(service("hosts: [nas, mini]"), "mini") == ""
    assert other_machine(service("hosts: [NAS.lan]"), "nas") == ""
    assert other_machine(service("hosts: [nas]"), "mini") == "nas"
    with pytest.raises(WrongUse, match="no name of a machine"):
        other_machine(service("hosts: [-oProxyCommand=x]"), "mini")


def program(lab: World, name: str, script: str) -> None:
    tools = lab.home / "tools"
    tools.mkdir(exist_ok=True)
    (tools / name).write_text(f"#!/bin/sh\n{script}\n")
    (tools / name).chmod(0o755)
    lab.env["PATH"] = f"{tools}:/usr/bin:/bin"


def add_service(lab: World, **fields: str) -> None:
    settings = [word for key, value in fields.items() for word in ("--set", f"{key}={value}")]
    made = lab.kb("service", "new", "tv", *settings, "--no-edit")
    assert made.status == 0, made.err


def test_a_service_is_asked_for_its_log_and_the_command_is_said(known: World) -> None:
    program(known, "docker", f"[ \"$1\" = logs ] && cat >&2 <<'END'\n{QUIET}{REFUSED}END")
    add_service(known, image="acme/tv:1")
    seen = known.kb("seen", "-s", "tv")
    assert seen.err == "reading: docker logs --tail 2000 tv\n"
    assert (seen.status, "FIX    free the impeller" in seen.out) == (0, True)


def test_where_the_first_way_fails_the_next_one_is_tried(known: World) -> None:
    program(known, "docker", "echo 'Error: No such container: tv' >&2; exit 1")
    program(known, "podman", "exit 125")
    program(known, "journalctl", f"cat <<'END'\n{QUIET}{REFUSED}END")
    add_service(known, image="acme/tv:1")
    assert "free the impeller" in known.kb("seen", "--service", "tv").out


def test_where_no_way_leads_there_all_are_said_with_the_next_step(known: World) -> None:
    for name in ("docker", "podman", "journalctl"):
        program(known, name, "echo 'nothing by that name' >&2; exit 1")
    add_service(known, image="acme/tv:1")
    seen = known.kb("seen", "-s", "tv")
    assert seen.status == 2
    assert seen.err.count("nothing by that name") == 3
    assert "kb edit services/tv --set log=" in seen.err


def test_a_service_of_another_machine_is_asked_over_ssh_once_the_user_has_set_it_up(known: World) -> None:
    program(known, "ssh", f'echo "$@" > "$HOME/asked"; cat <<\'END\'\n{QUIET}{REFUSED}END')
    add_service(known, image="acme/tv:1", hosts="nas")
    refused = known.kb("seen", "-s", "tv")
    assert refused.status == 2
    assert "ssh nas docker logs --tail 2000 tv 2>&1 | kb seen" in refused.err
    (known.home / ".ssh").mkdir()
    (known.home / ".ssh/config").write_text("Include more/*\n")
    (known.home / ".ssh/more").mkdir()
    (known.home / ".ssh/more/lab").write_text("Host mini nas\n  User root\n")
    assert "free the impeller" in known.kb("seen", "-s", "tv").out
    assert (known.home / "asked").read_text() == "-o ConnectTimeout=15 -- nas docker logs --tail 2000 tv\n"


def test_this_machine_needs_no_ssh(known: World) -> None:
    program(known, "docker", f"cat <<'END'\n{REFUSED}END")
    add_service(known, image="acme/tv:1", hosts=socket.gethostname())
    assert known.kb("seen", "-s", "tv").status == 0


def test_a_command_out_of_a_note_runs_only_after_a_yes(known: World, tmp_path: Path) -> None:
    program(known, "tvlog", f"touch '{tmp_path}/ran'; cat <<'END'\n{REFUSED}END")
    add_service(known, log="tvlog --all")
    refused = known.kb("seen", "-s", "tv")
    assert (refused.status, (tmp_path / "ran").exists()) == (2, False)
    assert "on a terminal; or pipe it: tvlog --all | kb seen" in refused.err
    asked = known.typed(["seen", "-s", "tv"], [("Run it", "y\n")])
    assert "free the impeller" in without_colours(asked.out)
    assert known.kb("seen", "-s", "tv").err == "reading: tvlog --all\n"  # it was said once


def test_a_service_and_a_file_at_once_are_too_much(known: World) -> None:
    assert known.kb("seen", "-s", "tv", "x.log").status == 2
