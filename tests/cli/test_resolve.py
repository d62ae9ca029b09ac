"""Two versions of one note: named everywhere until one is gone, counted once, and one note made of both by `kb resolve`."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from commands import World

from kb.notes.kinds import Incident
from kb.notes.versions import copies, put_beside

NOTE = "---\ntitle: No DNS\ndate: 2026-11-20\nservices: [dns]\n---\n## Error\n```\nE77: SERVFAIL from the upstream\n```\n## Fix\nrestarted {}\n"


@pytest.fixture
def pair(lab: World) -> World:
    """A note with another version of it, as `kb sync` leaves them."""
    for name, fix in (("no-dns", "unbound"), ("no-dns-by-nas", "the nas")):
        note(lab, name).write_text(NOTE.format(fix))
    lab.git("add", "-A")
    lab.git("commit", "-qm", "two versions")
    return lab


def note(lab: World, name: str) -> Path:
    return lab.folder / f"entries/incidents/{name}.md"


def test_a_pair_is_named_by_check_today_the_answer_and_the_site(pair: World) -> None:
    said = "entries/incidents/no-dns-by-nas.md:1: another version of entries/incidents/no-dns.md, by nas: kb resolve incidents/no-dns"
    checked = pair.kb("check")
    assert (checked.status, said in checked.out) == (1, True)
    assert "Two versions of one note\n  No DNS, and another one by nas" in pair.kb("today").out
    assert (
        "another version of it, by nas, waits beside it: kb resolve @1"
        in pair.kb("seen", "E77: SERVFAIL from the upstream").out
    )
    assert pair.kb("site", "build").status == 0
    assert ", and another one by nas" in (pair.folder / "site/to-do.html").read_text()
    assert pair.kb("resolve").out == "@1  No DNS  and entries/incidents/no-dns-by-nas.md, by nas\n"


def test_a_version_counts_once_in_lists_answers_and_numbers(pair: World) -> None:
    assert len(json.loads(pair.kb("list", "--json").out)) == 1
    assert len(json.loads(pair.kb("seen", "--json", "E77: SERVFAIL from the upstream").out)) == 1
    assert json.loads(pair.kb("stats", "--json").out)["incidents"] == 1


def test_a_version_that_knows_another_error_is_found_by_it(pair: World) -> None:
    note(pair, "no-dns-by-nas").write_text(
        NOTE.format("x").replace("E77: SERVFAIL from the upstream", "E99: the resolver hangs")
    )
    assert json.loads(pair.kb("seen", "--json", "E99: the resolver hangs").out)[0]["ref"] == "incidents/no-dns-by-nas"
    assert "another version of" in pair.kb("check").out


@pytest.mark.parametrize(("keep", "fix"), [("note", "unbound"), ("other", "the nas")])
@pytest.mark.parametrize("ref", ["no-dns", "no-dns-by-nas"])
def test_one_of_the_two_is_kept_and_the_other_goes(pair: World, keep: str, fix: str, ref: str) -> None:
    resolved = pair.kb("resolve", ref, "--keep", keep)
    assert resolved.status == 0, resolved.err
    assert resolved.out == f"line 11\n-  restarted unbound\n+  restarted the nas\n{note(pair, 'no-dns')}\n"
    assert note(pair, "no-dns").read_text() == NOTE.format(fix)
    assert not note(pair, "no-dns-by-nas").exists()
    assert pair.git("status", "--porcelain") == ""
    assert pair.kb("check").status == 0


def test_both_become_one_in_the_editor(pair: World) -> None:
    left = pair.kb("resolve", "no-dns", "--keep", "both", env={"EDITOR": "true"})
    assert (left.status, "the draft still holds both" in left.err) == (2, True)
    assert note(pair, "no-dns-by-nas").exists()
    edit = "sed -i -e '/^[<=>]\\{7\\}/d'"
    resolved = pair.kb("resolve", "no-dns", "--keep", "both", env={"EDITOR": f"sh -c {shlex.quote(edit + ' $0')}"})
    assert resolved.status == 0, resolved.err
    assert note(pair, "no-dns").read_text() == NOTE.format("unbound") + "restarted the nas\n"
    assert not note(pair, "no-dns-by-nas").exists()


def test_without_a_terminal_the_two_are_shown_and_the_option_is_named(pair: World) -> None:
    asked = pair.kb("resolve", "no-dns")
    assert (asked.status, "--keep note" in asked.err) == (2, True)
    assert note(pair, "no-dns-by-nas").exists()


def test_at_the_terminal_it_is_asked(pair: World) -> None:
    resolved = pair.typed(["resolve", "no-dns"], [("Enter: later]", "+\n")])
    assert resolved.status == 0
    assert note(pair, "no-dns").read_text() == NOTE.format("the nas")


def test_a_copy_of_syncthing_is_a_version_too(lab: World) -> None:
    note(lab, "no-dns").write_text(NOTE.format("unbound"))
    lab.git("add", "-A")
    lab.git("commit", "-qm", "one")
    copy = note(lab, "no-dns.sync-conflict-20261121-010203-ABCDEFG")
    copy.write_text(NOTE.format("the nas"))
    assert "by Syncthing: kb resolve incidents/no-dns" in lab.kb("check").out
    assert lab.kb("resolve", "no-dns", "--keep", "other").status == 0
    assert (note(lab, "no-dns").read_text(), copy.exists()) == (NOTE.format("the nas"), False)
    assert lab.git("status", "--porcelain") == ""


def incident(name: str, title: str, body: str = "") -> Incident:
    return Incident(f"incidents/{name}", f"entries/incidents/{name}.md", {"title": title}, body=body)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({"a": "A", "a-by-nas": "A"}, [("a-by-nas", "a", "nas")]),
        ({"a": "A", "a-by-nas-2": "A"}, [("a-by-nas-2", "a", "nas")]),
        (
            {"a": "A", "a-ours": "A", "a-ours-2": "A"},
            [("a-ours", "a", "another machine"), ("a-ours-2", "a", "another machine")],
        ),
        ({"caused-by-dns": "X"}, []),  # there is no note called `caused`
        ({"caused": "X", "caused-by-dns": "Y"}, []),  # which says something else
        ({"caused-by-dns": "X", "caused-by-dns-by-my-nas": "X"}, [("caused-by-dns-by-my-nas", "caused-by-dns", "my-nas")]),
    ],
)
def test_what_is_another_version_of_which_note(names: dict[str, str], found: list[tuple[str, str, str]]) -> None:
    notes = {f"entries/incidents/{name}.md": incident(name, title) for name, title in names.items()}
    expected = [(f"entries/incidents/{path}.md", f"entries/incidents/{of}.md", by) for path, of, by in found]
    assert [(one.path, one.of, one.by) for one in put_beside(notes)] == expected


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("a.sync-conflict-20261121-010203-ABCDEFG", "Syncthing"),
        ("a (me's conflicted copy 2026-11-21)", "a cloud"),
        ("a (conflicted copy 2026-11-21 010203)", "a cloud"),
        ("a_conflict-20261121-010203", "Nextcloud"),
    ],
)
def test_what_clouds_call_another_version(name: str, by: str) -> None:
    notes = {"entries/incidents/a.md": incident("a", "A")}
    found = list(copies([f"entries/incidents/{name}.md", "entries/incidents/b~"], notes))
    assert [(one.of, one.by) for one in found] == [("entries/incidents/a.md", by)]
