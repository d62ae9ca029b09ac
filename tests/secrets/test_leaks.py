"""No secret leaves: found in notes, in Git's history and in what is staged, kept off the site, never printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import World

from kb.secrets.rule import sample
from kb.secrets.rule_table import RULES

TOKEN = sample("ghp¦_{A36}")
NOTE = f"---\ntitle: A push failed\n---\nremote: https://x:{TOKEN}@github.com/a/b\n"


def put(lab: World, name: str, text: str) -> Path:
    path = lab.folder / "entries" / name
    path.write_text(text)
    return path


def commit(lab: World, message: str) -> None:
    lab.git("add", "entries")
    lab.git("commit", "-qm", message)


def test_a_secret_in_a_note_or_a_file_beside_it_is_named_by_kind_and_line(lab: World) -> None:
    put(lab, "incidents/a.md", NOTE)
    put(lab, "incidents/app.env", "HOST=nas\nDB_PASSWORD=hun" + "ter2x\n")
    checked = lab.kb("check", "--secrets")
    assert checked.status == 1
    assert checked.out == (
        "entries/incidents/a.md:4: looks like a secret (github-token): delete it and change it, or write kb-allow on its line\n"
        "entries/incidents/app.env:2: looks like a secret (password): delete it and change it, or write kb-allow on its line\n"
    )
    assert "entries/incidents/a.md:4: looks like a secret" in lab.kb("check").out


def test_a_secret_that_was_deleted_is_found_in_the_history_once(lab: World) -> None:
    path = put(lab, "incidents/a.md", "---\ntitle: A push failed\n---\nfirst\nsecond\n")
    commit(lab, "one")
    path.write_text(path.read_text().replace("second", f"second\n{TOKEN}"))
    commit(lab, "two")
    at = lab.git("log", "-1", "--format=%h").strip()
    path.write_text("---\ntitle: A push failed\n---\nclean\n")
    commit(lab, "three")
    checked = lab.kb("check", "--secrets")
    said = f"looks like a secret (github-token), in Git since commit {at}: change it where it is used"
    assert (checked.status, checked.out) == (1, f"entries/incidents/a.md:6: {said}\n")
    assert TOKEN not in checked.out + checked.err


def test_an_allowed_line_is_none_and_a_clean_base_says_so(lab: World) -> None:
    put(lab, "incidents/a.md", f"---\ntitle: x\n---\n{TOKEN} kb-allow\n")
    commit(lab, "one")
    checked = lab.kb("check", "--secrets")
    assert (checked.status, checked.out, checked.err[:20]) == (0, "", "no secrets found in ")


@pytest.fixture
def hooked(lab: World) -> World:
    """A knowledge base with the hook, and a `kb` for it to call."""
    folder = lab.home / "bin"
    folder.mkdir()
    (folder / "kb").write_text(f'#!/bin/sh\nexec {sys.executable} -m kb "$@"\n')
    (folder / "kb").chmod(0o755)
    lab.env["PATH"] = f"{folder}:{os.environ['PATH']}"
    assert lab.kb("init", "--hook").status == 0
    return lab


def test_the_hook_refuses_a_secret_and_a_broken_note_and_lets_the_rest_pass(hooked: World) -> None:
    path = put(hooked, "incidents/a.md", NOTE)
    hooked.git("add", "entries")
    path.write_text("---\ntitle: clean on the disk, not in the index\n---\n")
    checked = hooked.kb("check", "--staged")
    assert checked.status == 1
    assert checked.out.startswith("entries/incidents/a.md:4: looks like a secret (github-token)")
    with pytest.raises(subprocess.CalledProcessError):
        hooked.git("commit", "-qm", "x")
    path.write_text("---\ntitle: [\n---\n")
    hooked.git("add", "entries")
    assert hooked.kb("check", "--staged").out.startswith("entries/incidents/a.md:3: ")
    path.write_text("---\ntitle: fine\n---\n")
    commit(hooked, "fine")
    made = hooked.kb("incident", "new", "Made by kb", "--no-edit")
    assert (made.status, made.err) == (0, "")


def test_another_hook_is_left_as_it_is(lab: World) -> None:
    hook = lab.folder / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\n")
    made = lab.kb("init", "--hook")
    assert (made.status, hook.read_text()) == (2, "#!/bin/sh\n")
    assert "add the line `kb --root . check --staged`" in made.err


def test_the_hook_looks_at_its_own_knowledge_base_below_the_top_and_without_kb_on_the_path(lab: World) -> None:
    top = lab.home / "infra"
    top.mkdir()
    git = ["git", "-C", str(top), "-c", "user.name=me", "-c", "user.email=me@home"]
    subprocess.run([*git, "init", "-q"], env=lab.env, check=True)
    made = lab.kb("init", str(top / "our notes"), "--hook")
    assert f"({top}/.git/hooks/pre-commit)" in made.err
    note = top / "our notes/entries/incidents/a.md"
    note.write_text(NOTE)
    subprocess.run([*git, "add", "-A"], env=lab.env, check=True)
    refused = subprocess.run([*git, "commit", "-qm", "a leak"], env=lab.env, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stderr.split(":")[0]) == (1, "entries/incidents/a.md")
    note.write_text("---\ntitle: fine\n---\n")
    subprocess.run([*git, "commit", "-qam", "mended"], env=lab.env, check=True)
    note.write_text(NOTE)
    again = subprocess.run([*git, "commit", "-qam", "a leak"], env=lab.env, capture_output=True, text=True, check=False)
    assert again.returncode == 1


def test_what_holds_a_secret_or_is_private_is_in_no_file_of_the_site(lab: World) -> None:
    put(lab, "incidents/a.md", NOTE.replace("A push", "Quokka push"))
    put(lab, "incidents/b.md", "---\ntitle: Wombat talks\nprivate: true\n---\nwombat\n")
    put(lab, "incidents/c.md", "---\ntitle: Public\n---\n[env](app.txt) [[incidents/a]] [[incidents/b]]\n")
    put(lab, "incidents/app.txt", "DB_PASSWORD=hun" + "ter2x\n")
    built = lab.kb("site", "build")
    assert built.status == 1
    assert "entries/incidents/a.md:4: isn't on the site: looks like a secret (github-token)" in built.err
    assert "entries/incidents/app.txt:1: isn't published: line 1 looks like a secret (password)" in built.err
    staged = lab.kb("site", "stage", str(lab.home / "staged"))
    assert staged.status == 1
    for folder in (lab.folder / "site", lab.home / "staged"):
        whole = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        for word in (TOKEN, "Quokka", "ombat", "ter2x"):
            assert word.encode() not in whole, word
        assert b"Public" in whole


def test_no_rule_lets_its_example_through_any_command_that_writes(lab: World) -> None:
    text = "\n\n".join(f"line {n}: it failed\n{sample(rule.example)}" for n, rule in enumerate(RULES))
    made = lab.kb("incident", "new", "All of them", "--error", "-", "--no-edit", stdin=text)
    assert made.status == 0
    lab.kb("seen", stdin=text)
    lab.kb("fixed", "a cable")
    assert lab.kb("check", "--secrets").out == ""
