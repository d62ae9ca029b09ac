"""The last change of each note, read from Git in one pass, and where a note is edited."""

from __future__ import annotations

import datetime
import os
import random
import subprocess
from pathlib import Path

import pytest
from sites import make

import kb
from kb.site.catalog import all_pages, site_map
from kb.site.html.plain_markdown import plain
from kb.site.inputs import gather_facts
from kb.site.sitemap.site_facts import SiteFacts
from kb.storage import git_history, root_folder

NOW = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)
FILES = {
    name: f"---\ntitle: {name[9:10].upper()}\n---\nText\n" for name in ("services/a.md", "services/b.md", "services/ü (1).md")
}


def run_git(root: Path, *words: str, day: str = "2026-01-01") -> str:
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    dates = {"GIT_AUTHOR_DATE": f"{day}T12:00:00+0000", "GIT_COMMITTER_DATE": f"{day}T12:00:00+0000"}
    return subprocess.run(
        ["git", *words], cwd=root, env=os.environ | who | dates, check=True, capture_output=True, text=True
    ).stdout


def commit(root: Path, day: str) -> None:
    run_git(root, "add", "-A")
    run_git(root, "commit", "--allow-empty", "-qm", day, day=day)


def lab(root: Path, mkdocs_yml: str = "site_name: X\nplugins: [kb]\n") -> Path:
    make(root, FILES, mkdocs_yml)
    run_git(root, "init", "-q", "-b", "trunk")
    commit(root, "2026-01-01")
    return root


def given(root: Path, cache: Path) -> SiteFacts:
    return gather_facts.gather(kb.read(root), NOW, cache, root_folder.read_mkdocs_yml(root / "mkdocs.yml"))


def days(root: Path, cache: Path) -> dict[str, str]:
    return {Path(path).stem: str(day) for path, day in given(root, cache).edited.items()}


def test_each_note_knows_the_day_of_its_last_commit(tmp_path: Path) -> None:
    root = lab(tmp_path / "lab")
    (root / "entries/services/b.md").write_text("---\ntitle: B\n---\nMore\n")
    commit(root, "2026-03-02")
    (root / "entries/services/new.md").write_text("---\ntitle: New\n---\n")
    assert days(root, tmp_path / "cache") == {"a": "2026-01-01", "b": "2026-03-02", "ü (1)": "2026-01-01"}
    run_git(root, "checkout", "-q", "--detach")
    assert days(root, tmp_path / "cache")["b"] == "2026-03-02"


def test_in_a_folder_of_a_larger_repository_too(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "-q")
    make(tmp_path / "notes", FILES, "site_name: X\nrepo_url: https://github.com/me/all\nplugins: [kb]\n")
    commit(tmp_path, "2026-02-02")
    assert days(tmp_path / "notes", tmp_path / "cache")["a"] == "2026-02-02"
    assert given(tmp_path / "notes", tmp_path / "cache").edit_url.endswith("/notes/{path}")


def test_without_git_without_a_commit_and_with_a_damaged_cache_nothing_breaks(tmp_path: Path) -> None:
    root = make(tmp_path / "lab", FILES)
    assert days(root, tmp_path / "cache") == {}
    run_git(root, "init", "-q")
    assert days(root, tmp_path / "cache") == {}
    commit(root, "2026-02-02")
    assert days(root, tmp_path / "cache")["a"] == "2026-02-02"
    (tmp_path / "cache/edited.json").write_bytes(b"12\n[]")
    assert days(root, tmp_path / "cache")["a"] == "2026-02-02"


def test_a_clone_without_its_history_claims_no_day_that_it_cannot_know(tmp_path: Path) -> None:
    root = lab(tmp_path / "lab")
    (root / "entries/services/b.md").write_text("---\ntitle: B\n---\nMore\n")
    commit(root, "2026-03-02")
    (root / "entries/services/a.md").write_text("---\ntitle: A\n---\nMore\n")
    commit(root, "2026-04-03")
    run_git(tmp_path, "clone", "-q", "--depth", "2", root.as_uri(), "shallow")
    assert days(tmp_path / "shallow", tmp_path / "cache") == {"a": "2026-04-03"}
    run_git(tmp_path / "shallow", "fetch", "-q", "--unshallow")
    assert days(tmp_path / "shallow", tmp_path / "cache") == days(root, tmp_path / "other")


def test_a_history_read_piece_by_piece_says_what_the_whole_one_says(tmp_path: Path) -> None:
    root, dice = lab(tmp_path / "lab"), random.Random(1)
    for number in range(20):
        day = f"2026-{dice.randrange(1, 12):02}-{dice.randrange(1, 28):02}"
        match dice.randrange(4):
            case 0 if number > 2:
                run_git(root, "checkout", "-q", "-b", f"side{number}", f"HEAD~{dice.randrange(2)}")
                (root / f"entries/services/side{number}.md").write_text("---\ntitle: Side\n---\n")
                commit(root, day)
                run_git(root, "checkout", "-q", "trunk")
                run_git(root, "merge", "-q", "--no-ff", "-m", "merge", f"side{number}", day=day)
            case 1:
                run_git(root, "commit", "-q", "--amend", "--allow-empty", "-m", "rewritten", day=day)
            case _:
                (root / f"entries/services/{dice.choice('abcd')}.md").write_text(f"---\ntitle: X\n---\n{number}\n")
                commit(root, day)
        assert days(root, tmp_path / "cache") == days(root, tmp_path / f"fresh{number}"), number


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("", ""),
        ("repo_url: https://github.com/me/lab", "https://github.com/me/lab/edit/trunk/{path}"),
        ("repo_url: https://gitlab.com/me/lab/", "https://gitlab.com/me/lab/-/edit/trunk/{path}"),
        ("repo_url: https://codeberg.org/me/lab", "https://codeberg.org/me/lab/_edit/trunk/{path}"),
        ("repo_url: https://forgejo.home/me/lab", "https://forgejo.home/me/lab/_edit/trunk/{path}"),
        ("repo_url: https://git.home/me/lab", ""),
        ("repo_url: https://git.home/me/lab\nedit_uri: _edit/main/", "https://git.home/me/lab/_edit/main/{path}"),
        ("repo_url: https://git.home/me/lab\nedit_uri_template: 'e/{path!q}'", "https://git.home/me/lab/e/{path}"),
        ("repo_url: https://me:token@github.com/me/lab", ""),
        ("repo_url: javascript:alert(1)", ""),
        ("repo_url: 'https://github.com/\"><script>'", ""),
    ],
)
def test_where_a_note_is_edited(tmp_path: Path, lines: str, found: str) -> None:
    root = lab(tmp_path / "lab", f"site_name: X\n{lines}\nplugins: [kb]\n")
    assert given(root, tmp_path / "cache").edit_url == found


def test_the_page_of_a_note_ends_with_both_in_the_site_and_in_plain_markdown(tmp_path: Path) -> None:
    root = lab(tmp_path / "lab", "site_name: X\nrepo_url: https://github.com/me/lab\nplugins: [kb]\n")
    base = kb.read(root)
    site = site_map(base, given(root, tmp_path / "cache"))
    page = all_pages(base, NOW.date(), site)["services/ü (1).md"]
    url = "https://github.com/me/lab/edit/trunk/entries/services/%C3%BC%20%281%29.md"
    assert plain(site, page).rstrip().endswith(f"Last changed 1 Jan 2026 · [edit this note]({url})")
    assert git_history.work_tree_state(root) is not None
