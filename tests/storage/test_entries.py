"""Note files: found and read whatever they hold, and cached so that it can't lie."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest
from commands import World

from kb.exceptions import NoKnowledgeBase, UnreadableSettings
from kb.notes.knowledge_base import KnowledgeBase
from kb.reports.consistency import check
from kb.storage import loader, root_folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "lab"
    (folder / "entries" / "incidents").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text("site_name: lab\nplugins: [kb]\n")
    return folder


def put(root: Path, path: str, text: str | bytes) -> Path:
    file = root / "entries" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_every_markdown_file_is_a_note_and_its_folder_gives_the_kind(root: Path) -> None:
    put(root, "incidents/a.md", "---\ntitle: A\n---\n")
    put(root, "services/deep/b.md", "no front matter")
    put(root, "about.md", "# About\n")
    put(root, "incidents/picture.png", b"\x89PNG")
    base = loader.load(root)
    assert [(note.ref, note.kind, note.title) for note in base.notes] == [
        ("about", "page", "About"),
        ("incidents/a", "incident", "A"),
        ("services/deep/b", "service", "b"),
    ]
    assert base.attachments == ("entries/incidents/picture.png",)


def test_a_broken_note_is_reported_and_the_rest_is_read(root: Path) -> None:
    put(root, "incidents/bad.md", "---\ntitle: a: b\n---\nstill text\n")
    put(root, "incidents/good.md", "---\ntitle: Good\n---\n")
    base = loader.load(root)
    assert [str(problem) for problem in check(base)] == [
        "entries/incidents/bad.md:2: a colon inside a value: put the whole value in quotes"
    ]
    assert base.by_ref["incidents/bad"].body == "still text\n"


def test_links_out_of_the_folder_and_odd_files_are_named_and_passed_over(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("secret")
    (root / "entries" / "link.md").symlink_to(tmp_path / "outside.md")
    (root / "entries" / "loop").symlink_to(root / "entries")
    os.mkfifo(root / "entries" / "pipe.md")
    base = loader.load(root)
    assert base.notes == ()
    assert {problem.path for problem in check(base)} == {"entries/link.md", "entries/loop", "entries/pipe.md"}


def test_the_cache_notices_every_change(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "notes.json"
    file = put(root, "incidents/a.md", "---\ntitle: Old\n---\n")
    os.utime(file, ns=(time.time_ns() - 10**10,) * 2)
    assert loader.load(root, cache).notes[0].title == "Old"
    stat = file.stat()
    file.write_text("---\ntitle: New\n---\n")  # the same size
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # and the same time of change
    assert loader.load(root, cache).notes[0].title == "New"
    file.unlink()
    assert loader.load(root, cache).notes == ()


@pytest.mark.parametrize("damage", [b"", b"{", b"1 x 0\n[]", b"\xff" * 100])
def test_a_damaged_cache_is_made_anew_without_a_word(root: Path, tmp_path: Path, damage: bytes) -> None:
    cache = tmp_path / "cache" / "notes.json"
    put(root, "incidents/a.md", "---\ntitle: A\n---\n")
    loader.load(root, cache)
    good = cache.read_bytes()
    cache.write_bytes(damage or good[:-10])
    assert [note.title for note in loader.load(root, cache).notes] == ["A"]
    assert cache.read_bytes() == good


def test_a_cached_note_is_the_same_as_a_fresh_one(root: Path, tmp_path: Path) -> None:
    put(root, "incidents/a.md", "---\ntitle: A\ntags: [x]\n---\n## Error\n```\nno route to host\n```\n")
    put(root, "incidents/b.md", "---\ntitle: a: b\n---\n")

    def facts(base: KnowledgeBase) -> list[object]:
        return [(n.ref, n.front, n.key_lines, n.body, n.body_line, n.problem, n.digest, n.fingerprints) for n in base.notes]

    fresh = facts(loader.load(root))
    loader.load(root, tmp_path / "c" / "notes.json")
    assert facts(loader.load(root, tmp_path / "c" / "notes.json")) == fresh


def test_decisions_that_are_kept_elsewhere_keep_their_ref(root: Path) -> None:
    (root / "mkdocs.yml").write_text("site_name: lab\nplugins:\n  - kb:\n      decisions: docs/adr\n")
    (root / "docs" / "adr").mkdir(parents=True)
    (root / "docs" / "adr" / "0003-use-restic.md").write_text("# 3. Use restic\n")
    (note,) = loader.load(root).notes
    assert (note.ref, note.kind, note.path) == ("decisions/0003-use-restic", "decision", "docs/adr/0003-use-restic.md")


# ---- the root --------------------------------------------------------------------------------------------------------


def test_the_root_is_found_upwards_by_name_or_by_default(root: Path, tmp_path: Path) -> None:
    below = root / "entries" / "incidents"
    assert root_folder.find_root(below) == root
    assert root_folder.find_root(tmp_path, named=str(root)) == root
    assert root_folder.find_root(tmp_path, fallback=str(root)) == root
    with pytest.raises(NoKnowledgeBase, match="kb init"):
        root_folder.find_root(tmp_path)
    with pytest.raises(NoKnowledgeBase):
        root_folder.find_root(root, named=str(tmp_path))


def test_another_mkdocs_site_on_the_way_up_is_passed_by(root: Path) -> None:
    inner = root / "handbook"
    inner.mkdir()
    (inner / "mkdocs.yml").write_text("site_name: other\n")
    assert root_folder.find_root(inner) == root


def test_a_broken_mkdocs_yml_is_named_with_its_line(root: Path) -> None:
    (root / "mkdocs.yml").write_text("site_name: a: b\nplugins: [kb]\n")
    with pytest.raises(UnreadableSettings, match=r"mkdocs\.yml:1: a colon inside a value"):
        root_folder.find_root(root)


def test_settings_are_inherited(root: Path) -> None:
    (root / "base.yml").write_text("plugins:\n  - kb:\n      commit: false\n")
    (root / "mkdocs.yml").write_text("INHERIT: base.yml\nsite_name: lab\n")
    assert loader.load(root).settings.commit is False


def test_of_a_huge_note_the_beginning_is_read_and_the_check_says_so(root: Path) -> None:
    (root / "entries/incidents/a.md").write_text("---\ntitle: A\n---\n" + "x" * (4 << 20) + "the end")
    (note,) = loader.load(root).notes
    assert note.title == "A"
    assert "the end" not in note.body
    assert note.problem
    assert note.problem.message.startswith("larger than 4 MB: ")


def test_a_folder_that_a_link_leads_out_of_the_knowledge_base_is_neither_read_nor_written(lab: World) -> None:
    outside = lab.home / "outside"
    outside.mkdir()
    (outside / "0001-secret.md").write_text("---\ntitle: Secret plans\n---\n")
    (lab.folder / "docs").symlink_to(outside)
    settings = lab.folder / "mkdocs.yml"
    settings.write_text(re.sub(r"- kb\b.*", "- kb: {decisions: docs}", settings.read_text(), count=1))
    incidents = lab.folder / "entries/incidents"
    (incidents / ".gitkeep").unlink(missing_ok=True)
    incidents.rmdir()
    incidents.symlink_to(outside)
    assert "Secret plans" not in lab.kb("list").out
    assert "leads out of the knowledge base by a symbolic link" in lab.kb("check").out
    for command in (["incident", "new", "X", "--no-edit"], ["decision", "new", "Y", "--no-edit"]):
        made = lab.kb(*command)
        assert (made.status, "leads out" in made.err) == (4, True)
    assert sorted(path.name for path in outside.iterdir()) == ["0001-secret.md"]


def test_what_editors_and_clouds_leave_behind_is_no_note(lab: World) -> None:
    lab.kb("incident", "new", "No DNS", "--no-edit")
    (note,) = (lab.folder / "entries/incidents").glob("*.md")
    for name in (
        f".{note.name}.swp", f"{note.name}~", f".#{note.name}", f"#{note.name}#", f".{note.name}.icloud",
        f"{note.stem}.sync-conflict-20261121-010203-ABCDEFG.md", f"{note.stem} (me's conflicted copy 2026-11-21).md",
        f"{note.stem} (conflicted copy 2026-11-21 010203).md", f"{note.stem}_conflict-20261121-010203.md",
    ):  # fmt: skip
        (note.parent / name).write_bytes(note.read_bytes())
    assert len(lab.kb("list").out.splitlines()) == 1
    assert json.loads(lab.kb("list", "--json").out)[0]["title"] == "No DNS"
