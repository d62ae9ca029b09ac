"""The command line, as a user meets it: every way to make a note, every way it can go wrong, on a terminal and without."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from commands import KB, World, without_colours

NGINX = (
    "2026/04/24 01:07:12 [error] 31#31: *10233 connect() failed (113: No route to host) while connecting to upstream, "
    'client: 192.168.1.20, server: tv.home.arpa, request: "GET / HTTP/1.1", upstream: "http://172.20.0.7:8096/"'
)
AGAIN = (
    "nginx-1  | 2026/11/18 22:40:03 [error] 29#29: *88 connect() failed (113: No route to host) while connecting to upstream, "
    'client: 10.0.0.7, server: tv.home.arpa, request: "GET /web/ HTTP/2.0", upstream: "http://172.20.0.11:8096/"'
)
ORDINARY = "".join(
    f'10.0.0.{i % 200} - - [24/Apr/2026:01:{i % 60:02}:00 +0000] "GET /web/{i} HTTP/1.1" 200 {i * 7}\n' for i in range(300)
)


@pytest.fixture
def world(lab: World) -> World:
    return lab


def add_jellyfin(world: World) -> Path:
    made = world.kb(
        "incident",
        "new",
        "Jellyfin answers 502",
        "--error",
        NGINX,
        "--fix",
        "docker network connect proxy jellyfin",
        "-s",
        "jellyfin",
        "--no-edit",
    )
    assert made.status == 0, made.err
    return made.paths[0]


# ---- five ways to record an incident ---------------------------------------------------------------------------------


def test_one_by_flags_alone(world: World) -> None:
    path = add_jellyfin(world)
    assert path == world.folder / "entries/incidents/2026-11-21-jellyfin-answers-502.md"
    assert (
        path.read_text()
        == f"""---
title: Jellyfin answers 502
date: 2026-11-21T01:23+01:00
resolved: 2026-11-21T01:23+01:00
status: resolved
services: [jellyfin]
tags: []
---
## Error

```
{NGINX}
```

## Fix

docker network connect proxy jellyfin

## Why

## How to check

## Undo

## Next time
"""
    )
    assert world.git("log", "-1", "--format=%s", "--name-only") == (
        "incident: Jellyfin answers 502\n\nentries/incidents/2026-11-21-jellyfin-answers-502.md\n"
    )


def test_two_by_title_and_editor(world: World, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text(
        '#!/bin/sh\ngrep -q "kb: the exact text" "$1" || exit 9\nsed -i "s/^status: open/status: resolved/" "$1"\n'
    )
    editor.chmod(0o755)
    made = world.typed(["incident", "new", "No", "DNS"], env={"EDITOR": str(editor)})
    path = world.folder / "entries/incidents/2026-11-21-no-dns.md"
    assert (made.status, made.out) == (0, f"{path}\n")
    assert "status: resolved" in path.read_text()
    assert "<!--" not in path.read_text()


def test_a_fix_that_is_written_in_the_editor_ends_the_incident(world: World, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/^## Fix/## Fix\\n\\na new cable/" "$1"\n')
    editor.chmod(0o755)
    made = world.typed(["incident", "new", "No", "DNS"], env={"EDITOR": str(editor)})
    assert "it has a fix, so its status is resolved" in made.out
    text = (world.folder / "entries/incidents/2026-11-21-no-dns.md").read_text()
    assert "resolved: 2026-11-21T01:23+01:00\nstatus: resolved\n" in text


def test_an_editor_that_saved_nothing_makes_a_note_only_when_that_was_meant(world: World) -> None:
    for answer, count in (("n\n", 0), ("\n", 1)):
        world.typed(["incident", "new", "No", "DNS"], [("The editor saved nothing", answer)], env={"EDITOR": "true"})
        assert len(list((world.folder / "entries/incidents").glob("*.md"))) == count


def test_of_an_incident_of_long_ago_nobody_says_that_it_took_until_now(world: World) -> None:
    for day, ended in (("2026-01-05", "resolved:\n"), ("2026-11-20T23:00+01:00", "resolved: 2026-11-21T01:23+01:00\n")):
        made = world.kb("incident", "new", "No DNS", "--fix", "a cable", "--date", day, "--no-edit")
        text = made.paths[0].read_text()
        assert ended in text
        assert "status: resolved" in text
    (world.folder / "old.md").write_text("---\ntitle: Old\ndate: 2020-05-05\n---\n## Fix\nwait\n")
    assert "resolved: 2" not in world.kb("incident", "new", "--file", "old.md").paths[0].read_text()


def test_an_empty_line_amid_a_pasted_error_does_not_end_it(world: World) -> None:
    made = world.typed(
        ["incident", "new"],
        [
            ("What broke?", "No DNS\n"),
            ("Paste the error", "Traceback (most recent call last):\n\n  File dns.py\nOSError: no route\n\n"),
            ("What fixed it?", "a cable\n"),
            ("Services", "-\n"),
            ("Did you see", "\n"),
        ],
    )
    assert made.status == 0, made.out
    text = (world.folder / "entries/incidents/2026-11-21-no-dns.md").read_text()
    assert "```\nTraceback (most recent call last):\n\n  File dns.py\nOSError: no route\n```" in text


def test_three_by_a_log_on_stdin_while_it_asks_on_the_terminal(world: World) -> None:
    world.kb("service", "new", "jellyfin", "--no-edit")
    made = world.typed(
        ["incident", "new", "Jellyfin 502"],
        [
            ("What fixed it?", "docker network connect proxy jellyfin\n"),
            ("Services", "jellyfin\n"),
            ("Did you see that it works?", "\n"),
        ],
        piped=(ORDINARY + NGINX + "\n" + ORDINARY).encode(),
    )
    assert made.status == 0, made.out
    text = (world.folder / "entries/incidents/2026-11-21-jellyfin-502.md").read_text()
    assert NGINX in text
    assert text.count("GET /web/") <= 4  # a little context at most, not the log
    assert "services: [jellyfin]" in text
    assert "verified: true" in text
    assert "docker network connect proxy jellyfin" in text


def test_four_by_questions(world: World) -> None:
    made = world.typed(
        ["incident", "new"],
        [
            ("What broke?", "No DNS\n"),
            ("Paste the error", "dig: SERVFAIL\n\n"),
            ("What fixed it?", "\n"),
            ("Services", "unbound, pihole\n"),
        ],
    )
    assert made.status == 0, made.out
    text = (world.folder / "entries/incidents/2026-11-21-no-dns.md").read_text()
    assert "services: [unbound, pihole]" in text
    assert "status: open" in text
    assert "```\ndig: SERVFAIL\n```" in text


def test_five_from_a_file(world: World) -> None:
    draft = world.folder / "draft.md"
    draft.write_text("---\ntitle: Written elsewhere # mine\nstatus: mitigated\n---\n## Fix\nwait\n")
    made = world.kb("incident", "new", "--file", "draft.md")
    assert made.status == 0, made.err
    assert made.paths[0].read_text() == (
        "---\ntitle: Written elsewhere # mine\nstatus: mitigated\ndate: 2026-11-21T01:23+01:00\nresolved: 2026-11-21T01:23+01:00\n---\n## Fix\nwait\n"
    )


def test_a_file_that_is_a_log_is_searched_for_the_error(world: World) -> None:
    (world.folder / "nginx.log").write_text(ORDINARY + NGINX + "\n")
    made = world.kb("incident", "new", "Jellyfin 502", "--file", "nginx.log", "--no-edit")
    assert NGINX in made.paths[0].read_text()


def test_without_a_terminal_the_title_comes_from_the_error(world: World) -> None:
    made = world.kb("incident", "new", stdin=ORDINARY + NGINX + "\n")
    assert made.status == 0, made.err
    assert made.paths[0].name == "2026-11-21-connect-failed-113-no-route-to-host-while-connecting-to.md"


def test_an_error_that_is_known_already_is_said_first(world: World) -> None:
    add_jellyfin(world)
    made = world.kb("incident", "new", "502 again", "--error", AGAIN, "--no-edit")
    assert made.status == 0
    assert "KNOWN ALREADY  Jellyfin answers 502" in made.err
    assert "docker network connect proxy jellyfin" in made.err


def test_enter_means_a_new_incident_even_when_the_error_is_known(world: World) -> None:
    add_jellyfin(world)
    made = world.typed(["incident", "new", "502 again"], [("same trouble again?", "\n"), ("What fixed it?", "x\n"), ("Services", "\n"), ("works?", "\n")],
                       piped=AGAIN.encode() + b"\n")  # fmt: skip
    assert made.status == 0, made.out
    assert "recurrence_of" not in (world.folder / "entries/incidents/2026-11-21-502-again.md").read_text()


# ---- seen, fixed -----------------------------------------------------------------------------------------------------


def test_seen_shows_the_fix_first_and_the_two_lines(world: World) -> None:
    add_jellyfin(world)
    answer = world.kb("seen", stdin=ORDINARY + AGAIN + "\n" + ORDINARY)
    assert answer.status == 0
    lines = answer.out.splitlines()
    assert lines[0].startswith("SAME ERROR  Jellyfin answers 502")
    assert lines[2] == "  FIX    docker network connect proxy jellyfin"
    yours, known = (
        lines.index(next(line for line in lines if line.startswith("  yours"))),
        lines.index(next(line for line in lines if line.startswith("  known"))),
    )
    assert "connect() failed (113: No route to host)" in lines[yours]
    assert "172.20.0.11" in "".join(lines[yours:known])
    assert "172.20.0.7" in "".join(lines[known:])


def test_seen_reads_a_file_or_the_words_themselves(world: World) -> None:
    add_jellyfin(world)
    (world.folder / "today.log").write_text(AGAIN)
    assert world.kb("seen", "today.log").status == 0
    assert world.kb("seen", "connect() failed (113: No route to host)", "while connecting to upstream").status == 0


def test_seen_alone_on_a_terminal_waits_for_a_paste(world: World) -> None:
    add_jellyfin(world)
    assert "SAME ERROR" in world.typed(["seen"], [("Paste the error", AGAIN + "\n\n")]).out
    nothing = world.kb("seen")
    assert (nothing.status, "no error was given" in nothing.err) == (2, True), nothing.err


def test_a_misspelled_name_is_answered_with_what_it_may_be_without_its_date(world: World) -> None:
    add_jellyfin(world)
    world.kb("service", "new", "jellyfin", "--no-edit")
    assert "did you mean incidents/2026-11-21-jellyfin-answers-502?" in world.kb("show", "jelyfin", "answer", "502").err
    assert "did you mean services/jellyfin?" in world.kb("service", "retire", "jelyfin").err
    assert "did you mean" not in world.kb("show", "nothing").err


def test_on_a_narrow_terminal_no_hint_is_broken(world: World) -> None:
    add_jellyfin(world)
    rows = world.kb("seen", AGAIN, env={"COLUMNS": "60"}).out.splitlines()
    assert rows[-3:] == ["  whole: kb show @1", "  it worked: kb again", '  something else: kb fixed "…"']
    assert max(len(row) for row in rows) <= 60
    assert max(len(row) for row in world.kb("seen", AGAIN, env={"COLUMNS": "250"}).out.splitlines()[:1]) <= 120


def test_seen_says_so_when_nothing_is_known(world: World) -> None:
    add_jellyfin(world)
    answer = world.kb("seen", stdin="wireguard: wg0: Handshake for peer 3 did not complete after 5 seconds\n")
    assert answer.status == 1
    assert answer.out.startswith("NOT SEEN BEFORE  1 line read, 1 note known\n")
    assert 'kb fixed "what I did"' in answer.out


def test_fixed_records_what_seen_read_last(world: World) -> None:
    world.kb("service", "new", "nginx", "--no-edit")
    assert world.kb("seen", stdin=ORDINARY + AGAIN + "\n").status == 1
    made = world.kb("fixed", "connected", "the network")
    assert made.status == 0, made.err
    assert "services, guessed from the text: nginx" in made.err
    text = made.paths[0].read_text()
    assert AGAIN in text
    assert "services: [nginx]" in text
    assert "## Fix\n\nconnected the network\n" in text
    assert world.kb("fixed", "again").status == 2  # it is recorded, and no longer kept


def test_fixed_asks_three_questions_on_a_terminal(world: World) -> None:
    world.kb("seen", stdin="dig: SERVFAIL for example.org\n")
    made = world.typed(
        ["fixed", "restarted unbound"], [("Title", "\x15No DNS\n"), ("Services", "unbound\n"), ("works?", "n\n")]
    )
    assert made.status == 0, made.out
    assert "verified: false" in (world.folder / "entries/incidents/2026-11-21-no-dns.md").read_text()


def test_yes_asks_nothing_on_a_terminal_even_when_the_error_is_known(world: World) -> None:
    add_jellyfin(world)
    assert world.kb("seen", AGAIN).status == 0
    assert world.typed(["fixed", "another fix", "--yes"]).status == 0
    made = world.typed(["incident", "new", "--fix", "x", "--yes"], piped=AGAIN.encode() + b"\n")
    assert made.status == 0, made.out
    assert "?" not in made.out


def test_the_demo_asks_nothing(world: World) -> None:
    shown = world.typed(["demo", "sample", "--no-site"])
    assert shown.status == 0, shown.out
    assert "SAME ERROR" in shown.out


def test_a_known_error_without_a_fix_says_how_to_add_one(world: World) -> None:
    world.kb("incident", "new", "No DNS", "--error", "SERVFAIL for x", "--no-edit")
    shown = world.kb("seen", "SERVFAIL for x").out
    assert shown.splitlines()[-1] == '  whole: kb show @1     once it is fixed: kb incident resolve @1 --fix "…"'


def test_returns_of_the_known_error_are_no_other_answers(world: World) -> None:
    add_jellyfin(world)
    world.kb("seen", AGAIN)
    world.kb("again", "--held")
    shown = world.kb("seen", AGAIN).out
    assert "seen 2 times before" in shown
    assert "came close" not in shown


def test_a_secret_in_a_log_is_not_shown_again(world: World) -> None:
    log = b"error: cannot log in to https://bob:hunter2hunter2@git.home/x\n"
    made = world.typed(
        ["incident", "new", "--fix", "x"],
        [("Which?", "\n"), ("Title", "\x15Git\n"), ("Services", "\n"), ("works?", "\n")],
        piped=log,
    )
    assert made.status == 0, made.out
    assert "cannot log in" in made.out
    assert "hunter2" not in made.out


def test_seen_takes_no_folder_and_no_empty_paste_for_an_error(world: World) -> None:
    assert world.kb("seen", "entries").err.startswith("kb: can't read entries: ")
    assert "kb: nothing was pasted" in world.typed(["seen"], [("Paste the error", "\x04")]).out


def test_seen_as_json_has_the_fields_of_the_contract(world: World) -> None:
    add_jellyfin(world)
    (hit,) = json.loads(world.kb("seen", "--json", stdin=AGAIN).out)
    assert set(hit) == {"ref", "kind", "title", "path", "date", "services", "score", "strength", "line", "known_line", "fix"}
    assert (hit["ref"], hit["strength"], hit["fix"]) == (
        "incidents/2026-11-21-jellyfin-answers-502",
        "same",
        "docker network connect proxy jellyfin",
    )


# ---- the other kinds, and finding ------------------------------------------------------------------------------------


def test_each_kind_is_made_and_listed(world: World) -> None:
    assert world.kb("decision", "new", "Use: #restic", "--no-edit").paths[0].name == "0001-use-restic.md"
    assert world.kb("decision", "new", "Use borg", "--no-edit").paths[0].name == "0002-use-borg.md"
    assert world.kb("service", "new", "Home Assistant", "--no-edit").paths[0].name == "home-assistant.md"
    assert world.kb("experiment", "new", "Pull a disk", "--no-edit").paths[0].name == "2026-11-21-pull-a-disk.md"
    assert world.kb("change", "new", "Tidied up", "--undo", "put back").paths[0].name == "2026-11-21-tidied-up.md"
    assert json.loads(world.kb("decision", "list", "--json").out)[1]["title"] == "Use: #restic"
    assert len(json.loads(world.kb("list", "--json").out)) == 5
    assert world.kb("check").status == 0


def test_a_listed_note_is_meant_by_its_number(world: World) -> None:
    add_jellyfin(world)
    world.kb("change", "new", "Tidied up", "--date", "2026-11-20")
    assert world.kb("list").out.startswith("@1  2026-11-21  incident")
    assert "title: Tidied up" in world.kb("show", "@2").out
    assert (
        world.kb("show", "@3").err == "kb: @3 means result 3 of the last list, search or seen, but the last command listed 2\n"
    )


def test_search_finds_plain_words_with_filters_and_fields(world: World) -> None:
    add_jellyfin(world)
    found = world.kb("search", "jellyfin", "service:jellyfin", "--kind", "incident")
    assert (found.status, "Jellyfin answers 502" in found.out, "FIX  docker network" in found.out) == (0, True, True)
    assert world.kb("search", "nothingofthekind").status == 1
    assert world.kb("search", "jellyfin", "--since", "2026-12-01").status == 1
    assert "jellyfin" in world.kb("search", "jelyfin").err


@pytest.mark.parametrize(
    "text",
    ["x509: a", "-a", "ORA-01017:", '"', "(", "a:b:c", "NOT AND OR", "*", "\\", "[1 TO", "service:", "\x00\x01", "~" * 9, ""],
)
def test_no_text_whatsoever_is_an_error_of_the_query(world: World, text: str) -> None:
    for command in ("search", "seen"):
        if "\0" in text:
            continue  # no shell can pass it
        assert world.kb(command, "--", text).status in (1, 2)


def test_show_into_a_pipe_is_the_file_itself(world: World) -> None:
    path = add_jellyfin(world)
    assert world.kb("show", "jellyfin", "502").out == path.read_text()


def test_show_on_a_terminal_renders_the_note(world: World) -> None:
    add_jellyfin(world)
    shown = without_colours(world.typed(["show", "jellyfin 502"]).out)
    assert "Jellyfin answers 502\nentries/incidents/" in shown
    assert "    2026/04/24 01:07:12 [error]" in shown
    assert "Why" not in shown  # an empty section


def test_edit_sets_fields_and_commits_just_that(world: World) -> None:
    path = add_jellyfin(world)
    before = path.read_text()
    assert world.kb("edit", "jellyfin", "502", "--set", "tags=proxy, media", "--set", "verified=yes").status == 0
    assert path.read_text() == before.replace("tags: []", "tags: [proxy, media]\nverified: true")
    assert world.kb("edit", "jellyfin", "--set", "status=fine").err == (
        "kb: status should be one of open, mitigated, resolved, not 'fine'\n"
    )


def test_edit_in_the_editor(world: World, tmp_path: Path) -> None:
    path = add_jellyfin(world)
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/^## Why$/## Why\\n\\nbecause/" "$1"\n')
    editor.chmod(0o755)
    assert world.kb("edit", "jellyfin", env={"EDITOR": str(editor)}).status == 0
    assert "## Why\n\nbecause\n" in path.read_text()
    assert world.git("status", "--porcelain") == ""


# ---- bad input: one clear line, the right status, nothing lost -------------------------------------------------------


def test_outside_a_knowledge_base_the_next_step_is_said(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    lost = World(tmp_path / "home", tmp_path).kb("list")
    assert lost.status == 2
    assert lost.err.startswith(f"kb: no knowledge base in {tmp_path} or above it")
    assert "kb init" in lost.err


def test_the_first_knowledge_base_is_used_from_any_folder(world: World, tmp_path: Path) -> None:
    assert world.kb("list", cwd=tmp_path).status == 0


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ("site_name: a: b\n", "mkdocs.yml:1: a colon inside a value"),
        ("plugins: [\n", "mkdocs.yml:"),
        ("- a\n", "mkdocs.yml:1: should be"),
    ],
)
def test_a_broken_mkdocs_yml_is_named_with_its_line(world: World, yaml: str, said: str) -> None:
    (world.folder / "mkdocs.yml").write_text(yaml)
    broken = world.kb("list")
    assert broken.status == 4
    assert said in broken.err
    assert broken.err.count("\n") == 1


def test_an_unknown_service_is_remarked_with_a_close_one(world: World) -> None:
    world.kb("service", "new", "jellyfin", "--no-edit")
    made = world.kb("incident", "new", "x", "--service", "jelyfin", "--no-edit")
    assert made.status == 0
    assert made.err == "no service is called 'jelyfin' yet: did you mean jellyfin?\n"


def test_a_service_that_exists_is_not_written_over(world: World) -> None:
    world.kb("service", "new", "nas", "--no-edit")
    again = world.kb("service", "new", "nas", "--no-edit")
    assert again.status == 2
    assert "exists already: change it with `kb edit services/nas`" in again.err


def test_an_ambiguous_ref_lists_the_candidates(world: World) -> None:
    world.kb("change", "new", "nas a")
    world.kb("change", "new", "nas b")
    shown = world.kb("show", "nas")
    assert (shown.status, shown.out) == (2, "")
    assert shown.err.splitlines()[1:] == ["  @1  changes/2026-11-21-nas-a", "  @2  changes/2026-11-21-nas-b"]
    assert "nas b" in world.kb("show", "@2").out


@pytest.mark.parametrize("title", ["", "   ", "\u200b\u200d"])
def test_an_empty_title_is_refused(world: World, title: str) -> None:
    made = world.kb("incident", "new", title, "--no-edit")
    assert (made.status, made.out) == (2, "")
    assert "needs a title" in made.err


def test_an_empty_pipe_is_said_and_loses_no_title(world: World) -> None:
    assert world.kb("seen", stdin="").status == 2
    assert world.kb("incident", "new", stdin="").status == 2
    made = world.kb("incident", "new", "Still worth a note", stdin="")
    assert made.status == 0
    assert "stdin is empty" in made.err


def test_binary_input_is_refused(world: World) -> None:
    for arguments in (["seen"], ["incident", "new", "x"]):
        refused = world.kb(*arguments, stdin=bytes(range(256)) * 100)
        assert refused.status == 2
        assert "stdin is binary" in refused.err


def test_an_editor_that_fails_leaves_the_draft_and_names_it(world: World) -> None:
    failed = world.kb("incident", "new", "Precious", "--edit", env={"EDITOR": "false"})
    assert failed.status == 4
    draft = Path(failed.err.strip().rpartition(" ")[2])
    assert "title: Precious" in draft.read_text()
    assert draft.stat().st_mode & 0o777 == 0o600
    assert list((world.folder / "entries/incidents").glob("*.md")) == []


def test_without_an_editor_the_draft_is_kept(world: World, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "git").symlink_to("/usr/bin/git")
    failed = world.kb("incident", "new", "Precious", "--edit", env={"EDITOR": "", "PATH": str(tools)})
    assert failed.status == 2
    assert "no editor found" in failed.err
    assert "title: Precious" in Path(failed.err.strip().rpartition(" ")[2]).read_text()


def test_what_the_editor_broke_is_named_and_kept(world: World, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/^title:.*/title: a: b/" "$1"\n')
    editor.chmod(0o755)
    failed = world.kb("incident", "new", "x", "--edit", env={"EDITOR": str(editor)})
    assert failed.status == 4
    assert ":2: a colon inside a value: put the whole value in quotes" in failed.err
    assert "the draft is kept" in failed.err


def test_a_note_that_changed_while_the_editor_was_open_is_not_overwritten(world: World, tmp_path: Path) -> None:
    path = add_jellyfin(world)
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\necho theirs >> "{path}"\necho mine >> "$1"\n')
    editor.chmod(0o755)
    failed = world.kb("edit", "jellyfin", env={"EDITOR": str(editor)})
    assert failed.status == 4
    assert path.read_text().endswith("theirs\n")
    assert Path(failed.err.strip().rpartition(" ")[2]).read_text().endswith("mine\n")


def test_secrets_are_masked_before_they_reach_the_disk(world: World) -> None:
    token = "ghp" + "_" + "a1B2c3D4e5" * 3 + "f6G7h8"
    made = world.kb(
        "incident",
        "new",
        f"Push with {token}",
        "--error",
        f"remote: https://x:{token}@github.com/a/b",
        "--fix",
        "DB_PASSWORD=hunter2hunter2",
        "--no-edit",
    )
    assert made.status == 0
    assert "masked before it was written" in made.err
    everything = made.out + made.err + made.paths[0].read_text() + world.git("log", "-p")
    assert token not in everything
    assert "hunter2hunter2" not in everything


def test_what_seen_keeps_has_no_secrets(world: World) -> None:
    world.kb("seen", stdin="error: login with DB_PASSWORD=hunter2hunter2 failed\n")
    kept = list((world.home / ".local/state").rglob("read.json"))
    assert kept
    assert all("hunter2" not in file.read_text() for file in kept)


def test_a_note_is_saved_and_the_exit_status_says_that_git_would_not(world: World) -> None:
    hook = world.folder / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho not today\nexit 1\n")
    hook.chmod(0o755)
    made = world.kb("change", "new", "x")
    assert made.status == 3
    assert made.paths[0].exists()
    assert made.err == "saved, but not committed: not today\n"


def test_no_commit_when_the_settings_or_the_option_say_so(world: World) -> None:
    world.kb("change", "new", "x", "--no-commit")
    assert world.git("status", "--porcelain") == "?? entries/changes/2026-11-21-x.md\n"


def test_a_full_or_read_only_disk_is_one_line_and_the_draft_is_kept(world: World) -> None:
    if os.geteuid() == 0:
        made = world.kb("incident", "new", "x", "--no-edit", "--root", str(world.folder), env={"HOME": str(world.home)})
        assert made.status == 0
        return
    (world.folder / "entries/incidents").chmod(0o500)
    failed = world.kb("incident", "new", "x", "--no-edit")
    assert failed.status == 4
    assert "can't write" in failed.err


def test_ctrl_c_at_a_question_saves_nothing_and_exits_with_130(world: World) -> None:
    stopped = world.typed(["incident", "new"], [("What broke?", "\x03")])
    assert stopped.status == 130
    assert "Traceback" not in stopped.out
    assert list((world.folder / "entries/incidents").glob("*.md")) == []


def test_a_reader_that_closes_the_pipe_ends_the_command_quietly(world: World) -> None:
    for n in range(30):
        (world.folder / f"entries/changes/{n}.md").write_text(f"---\ntitle: {'long ' * 1000}\n---\n")
    script = f"set -o pipefail; {' '.join(KB)} list 2>stderr | head -c 10"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=world.folder,
        env=world.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert "Traceback" not in (world.folder / "stderr").read_text()


def test_a_loop_that_reads_lines_keeps_its_stdin(world: World) -> None:
    script = f"printf 'one\\ntwo\\n' | while read name; do {' '.join(KB)} change new \"$name\" --undo x; done"
    subprocess.run(
        ["bash", "-c", script],
        cwd=world.folder,
        env=world.environment(),
        check=True,
        capture_output=True,
        start_new_session=True,
    )
    assert len(list((world.folder / "entries/changes").glob("*.md"))) == 2


def test_a_huge_log_is_read_as_a_stream(world: World) -> None:
    add_jellyfin(world)
    log = (ORDINARY * 2000 + AGAIN + "\n" + ORDINARY * 500).encode()
    assert len(log) > 40_000_000
    started = time.monotonic()
    answer = world.kb("seen", stdin=log)
    assert answer.status == 0
    assert answer.out.startswith("SAME ERROR")
    assert time.monotonic() - started < 60


def test_control_characters_of_a_note_never_reach_the_terminal(world: World) -> None:
    (world.folder / "entries/incidents/evil.md").write_text(
        '---\ntitle: "evil \\e]52;c;aGk=\\a \\u202e"\n---\n## Error\n```\nboom \x1b[2J\x9b31m now\n```\n## Fix\n\x1b]0;pwned\x07run\n'
    )
    for arguments in (["list"], ["show", "evil"], ["search", "evil"], ["seen", "boom \x1b[2J now"], ["check"]):
        screen = world.typed(arguments, env={"NO_COLOR": "1"}).out
        assert not set(screen) & set("\x1b\x07\x9b\u202e"), (arguments, screen)


def test_no_colour_means_no_colour(world: World) -> None:
    add_jellyfin(world)
    assert "\x1b[" in world.typed(["seen", AGAIN]).out
    assert "\x1b[" not in world.typed(["seen", AGAIN], env={"NO_COLOR": "1"}).out


# ---- starting --------------------------------------------------------------------------------------------------------


def test_init_changes_nothing_that_is_there(world: World) -> None:
    (world.folder / "mkdocs.yml").write_text("site_name: mine\nplugins: [kb]\n")
    again = world.kb("init", "--templates")
    assert (world.folder / "mkdocs.yml").read_text() == "site_name: mine\nplugins: [kb]\n"
    kinds = "change decision-full decision-nygard decision experiment-drill experiment-spike experiment incident service"
    assert [path.stem for path in again.paths] == kinds.split()


def test_what_git_refused_at_first_is_committed_by_a_second_init(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "lab").mkdir()
    nobody = World(tmp_path / "home", tmp_path / "lab", {f"GIT_{who}_NAME": "" for who in ("AUTHOR", "COMMITTER")})
    first = nobody.kb("init")
    assert (first.status, "then kb init again" in first.err) == (3, True), first.err
    somebody = World(tmp_path / "home", tmp_path / "lab")
    assert "is committed now" in somebody.kb("init").err
    assert somebody.git("status", "--short") == ""
    assert somebody.git("log", "--format=%s") == "A knowledge base\n"


def test_own_templates_win_over_the_built_in_ones(world: World) -> None:
    world.kb("init", "--templates")
    (world.folder / "templates/incident.md").write_text("---\ntitle:\nowner: me\n---\n## Fehler\n\n## Lösung\n")
    made = world.kb("incident", "new", "x", "--error", "boom", "--fix", "neu starten", "--no-edit")
    assert made.paths[0].read_text().endswith("owner: me\ndate: 2026-11-21T01:23+01:00\nstatus: resolved\nresolved: 2026-11-21T01:23+01:00\n---\n"
                                              "## Fehler\n\n```\nboom\n```\n\n## Lösung\n\nneu starten\n")  # fmt: skip


def test_init_in_another_mkdocs_site_says_what_to_add(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: docs\n")
    refused = World(tmp_path, tmp_path).kb("init")
    assert refused.status == 2
    assert "add `- kb` under `plugins:`" in refused.err


def test_init_says_what_it_leaves_to_do_in_a_folder_that_is_in_use(tmp_path: Path) -> None:
    for name in (".gitignore", "README.md", "pihole.md", "daily/2026-01-02.md", "media/compose.yaml", "docs/adr/0001-a.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x\n")
    said = World(tmp_path, tmp_path).kb("init").err
    assert "add /site/ to .gitignore" in said
    assert "2 Markdown files here aren't below entries/" in said
    assert "`kb service import .`" in said
    assert "`kb import adr docs/adr`" in said


def test_a_word_for_what_needs_no_command_is_explained(world: World) -> None:
    assert "A note is a file: delete it" in world.kb("rm", "x").err


def test_a_mistyped_command_is_answered_with_a_close_one(world: World) -> None:
    assert "Did you mean 'seen'?" in world.kb("sen").err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("find", "'search'"), ("impact", "'service impact'"), ("accept", "'decision accept'"), ("serve", "'site serve'")],
)
def test_a_word_of_another_tool_or_of_a_noun_is_answered_with_the_whole_command(world: World, typed: str, meant: str) -> None:
    answered = world.kb(typed, "x")
    assert (answered.status, f"Did you mean {meant}?" in answered.err) == (2, True), answered.err


def test_kb_alone_says_the_first_words_and_not_all_of_them(world: World) -> None:
    alone = world.kb()
    assert alone.status == 0
    assert "kb --help" in alone.out
    assert len(alone.out.splitlines()) < 24


def test_help_is_a_command_too(world: World) -> None:
    assert world.kb("help", "incident", "new").out == world.kb("incident", "new", "--help").out
    assert world.kb("help").out == world.kb("--help").out


def test_bytes_that_are_no_utf_8_do_not_break_what_is_written(world: World) -> None:
    (world.folder / os.fsdecode(b"log\xff.txt")).write_text(NGINX)
    made = world.kb("incident", "new", os.fsdecode(b"No \xff DNS"), "--fix", os.fsdecode(b"a\xffb"), "--no-edit")
    assert made.status == 0, made.err
    assert "a\ufffdb" in made.paths[0].read_text()
    assert "1 line read" in world.kb("seen", os.fsdecode(b"log\xff.txt")).out
    ran = world.kb("run", "--", "cat", os.fsdecode(b"log\xff.txt"))
    assert ran.status == 0, ran.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(world: World, shell: str) -> None:
    script = world.kb("completion", shell).out
    assert "_KB_COMPLETE" in script
    assert shell != "fish" or 'string split -m 1 ","' in script  # else every description ends at its first comma


def test_refs_are_completed(world: World) -> None:
    add_jellyfin(world)
    completed = world.kb(env={"_KB_COMPLETE": "bash_complete", "COMP_WORDS": "kb show inc", "COMP_CWORD": "2"})
    assert completed.out == "plain,incidents/2026-11-21-jellyfin-answers-502\n"


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("kb list --status resol", "plain,resolved\n"),
        ("kb incident list --status m", "plain,mitigated\n"),
        ("kb list --tag pro", "plain,proxy\n"),
        ("kb seen /var/l", "file,/var/l\n"),
    ],
)
def test_words_of_filters_and_files_are_completed(world: World, typed: str, completed: str) -> None:
    add_jellyfin(world)
    world.kb("edit", "jellyfin", "--set", "tags=proxy")
    env = {"_KB_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    assert world.kb(env=env).out == completed


def test_a_list_is_as_long_as_it_should_be_and_says_of_how_many(world: World) -> None:
    for name in ("One", "Two", "Three"):
        world.kb("incident", "new", name, "--no-edit")
    some = world.kb("list", "-n", "2")
    assert (len(some.out.splitlines()), some.err) == (2, "2 of 3 incidents\n")
    assert len(json.loads(world.kb("incident", "list", "-n", "1", "--json").out)) == 1
    assert world.kb("list", "--tag", "dsn").err == "no note has the tag 'dsn'\nno notes pass these filters\n"


@pytest.mark.parametrize(("columns", "title", "services"), [("80", 24, True), ("60", 20, True), ("46", 12, False)])
def test_on_a_terminal_a_title_is_not_cut_for_the_sake_of_services(
    world: World, columns: str, title: int, services: bool
) -> None:
    name = "Restic repository locked again after the night"
    world.kb("incident", "new", name, "--no-edit", "--service", "traefik,grafana,gitea,pihole,nextcloud,postgres")
    rows = without_colours(world.typed(["list"], env={"COLUMNS": columns}).out).splitlines()
    assert name[:title] in rows[0]
    assert ("traefik" in rows[0]) == services
    assert max(len(row.rstrip()) for row in rows) <= int(columns)


def test_words_narrow_every_list_down(world: World) -> None:
    add_jellyfin(world)
    world.kb("incident", "new", "No DNS", "--no-edit")
    world.kb("service", "new", "jellyfin", "--no-edit")
    assert world.kb("list", "answers", "502").err == "1 incident\n"
    assert [note["ref"] for note in json.loads(world.kb("incident", "list", "dns", "--json").out)] == [
        "incidents/2026-11-21-no-dns"
    ]
    assert world.kb("service", "list", "nothing").err == "no services pass these filters\n"


def test_a_list_of_services_says_the_name_that_commands_want(world: World) -> None:
    (world.folder / "entries/services/server.md").write_text("---\ntitle: Vaultwarden\n---\n")
    assert "Vaultwarden  (server)" in world.kb("service", "list").out


def test_the_summaries_of_the_help_are_those_of_the_commands() -> None:
    import click

    from kb.cli import cli
    from kb.cli.command_table import SECTIONS

    context = click.Context(cli)
    for commands in SECTIONS.values():
        for name, (_, summary) in commands.items():
            command = cli.get_command(context, name)
            assert command is not None
            assert command.help is not None
            said = " ".join(command.help.split())
            assert said.startswith(summary.rstrip(".…").rstrip()), f"`kb {name}` says {said[:80]!r}"


def test_where_and_when_are_guessed_from_the_log_and_said(world: World) -> None:
    world.kb("service", "new", "caddy", "--no-edit")
    log = "Nov 21 00:02:03 box systemd[1]: caddy.service: Start request repeated too quickly.\n"
    made = world.kb("incident", "new", "Caddy will not start", stdin=ORDINARY + log)
    assert made.status == 0, made.err
    assert "services, guessed from the text: caddy\n" in made.err
    assert "guessed from the log: host box; began 2026-11-21T00:02" in made.err
    text = made.paths[0].read_text()
    assert "services: [caddy]" in text
    assert "hosts: [box]" in text
    assert "date: 2026-11-21T00:02" in text


def test_errors_that_have_nothing_to_do_with_each_other_become_known_errors_of_their_own(world: World) -> None:
    log = (
        ORDINARY
        + NGINX
        + "\n"
        + ORDINARY
        + '2026-11-20 01:00:00 UTC [78] FATAL:  password authentication failed for user "gitea"\n'
        + ORDINARY
    )
    text = world.kb("incident", "new", "Two at once", stdin=log).paths[0].read_text()
    assert text.count("```") == 4
