"""Each kind of conflict that Git can report, and what `kb sync` makes of it: the rows of docs/sync.md."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from commands import World
from test_sync import git, machines

__all__ = ["machines"]

# What both have before, in entries/incidents/ unless the name begins with a slash.
BEFORE = {"one.md": "---\ntitle: One\n---\nfix\n\n\n\nend\n", "two.md": "---\ntitle: Two\n---\n", "/compose.yml": "a: 1\n"}


def sh(at: World, script: str) -> None:
    """Run a script among the incidents, and commit all that it did."""
    folder = at.folder / "entries/incidents"
    subprocess.run(["sh", "-ec", script], cwd=folder, env=at.environment(), check=True, capture_output=True)
    at.git("add", "-A")
    at.git("commit", "-q", "--allow-empty", "-m", "by hand")


def files(at: World) -> dict[str, str]:
    """The files among the incidents and beside mkdocs.yml; links with an arrow."""
    folder = at.folder / "entries/incidents"
    paths = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    found = {
        path.relative_to(folder).as_posix(): f"→ {path.readlink()}" if path.is_symlink() else path.read_text() for path in paths
    }
    found["/compose.yml"] = (at.folder / "compose.yml").read_text()
    return {name: text for name, text in found.items() if not name.startswith(("2026-11-20", ".git"))}


NEW = "---\ntitle: New\n---\n"
# kind: what the nas does, which pushes first; what the mini does; what the mini has then (instead of, or besides BEFORE); its
# exit status; and what it says. Where the status is 3 nothing has changed.
KINDS: dict[str, tuple[str, str, dict[str, str | None], int, str]] = {
    "each another note": ("echo nas >> one.md", "echo mini >> two.md", {"one.md": BEFORE["one.md"] + "nas\n", "two.md": BEFORE["two.md"] + "mini\n"}, 0, ""),
    "one note at two places": ("sed -i s/fix/nas/ one.md", "echo mini >> one.md", {"one.md": BEFORE["one.md"].replace("fix", "nas") + "mini\n"}, 0, ""),
    "content": ("echo nas >> one.md", "echo mini >> one.md", {"one.md": BEFORE["one.md"] + "nas\n", "one-by-mini.md": BEFORE["one.md"] + "mini\n"}, 1, "both sides changed"),
    "add/add": ("printf nas > x.md", "printf mini > x.md", {"x.md": "nas", "x-by-mini.md": "mini"}, 1, "both sides changed"),
    "both the same": ("echo x >> one.md", "echo x >> one.md", {"one.md": BEFORE["one.md"] + "x\n"}, 0, ""),
    "edit/delete": ("rm one.md", "echo mini >> one.md", {"one.md": BEFORE["one.md"] + "mini\n"}, 0, "they deleted entries/incidents/one.md, and you changed it: it stays"),
    "delete/edit": ("echo nas >> one.md", "rm one.md", {"one.md": BEFORE["one.md"] + "nas\n"}, 0, "you deleted entries/incidents/one.md, and they changed it: it is there again"),
    "both deleted": ("rm one.md", "rm one.md", {"one.md": None}, 0, ""),
    "rename/rename": ("git mv one.md nas.md", "git mv one.md mini.md", {"one.md": None, "nas.md": BEFORE["one.md"]}, 0, "it has their name"),
    "rename/rename, both changed": ("git mv one.md nas.md; echo nas >> nas.md", "git mv one.md mini.md; echo mini >> mini.md", {"one.md": None, "nas.md": BEFORE["one.md"] + "nas\n", "nas-by-mini.md": BEFORE["one.md"] + "mini\n"}, 1, "it has their name"),
    "rename/edit": ("git mv one.md nas.md", "echo mini >> one.md", {"one.md": None, "nas.md": BEFORE["one.md"] + "mini\n"}, 0, ""),
    "rename and edit/edit": ("git mv one.md nas.md; echo nas >> nas.md", "echo mini >> one.md", {"one.md": None, "nas.md": BEFORE["one.md"] + "nas\n", "nas-by-mini.md": BEFORE["one.md"] + "mini\n"}, 1, "both sides changed"),
    "rename/delete": ("rm one.md", "git mv one.md mini.md", {"one.md": None, "mini.md": BEFORE["one.md"]}, 0, "mini.md"),
    "rename to one name": ("git mv one.md x.md", "git mv two.md x.md", {"one.md": None, "two.md": None, "x.md": BEFORE["one.md"], "x-by-mini.md": BEFORE["two.md"]}, 1, "both sides changed"),
    "file/folder": ("rm one.md; mkdir one.md; echo x > one.md/x.md", "echo mini >> one.md", {"one.md": None, "one.md/x.md": "x\n", "one-by-mini.md": BEFORE["one.md"] + "mini\n"}, 0, "is a folder on one side"),
    "folder/file": ("echo nas >> one.md", "rm one.md; mkdir one.md; echo x > one.md/x.md", {"one.md": None, "one.md/x.md": "x\n", "one-by-others.md": BEFORE["one.md"] + "nas\n"}, 0, "is a folder on one side"),
    "link/edit": ("ln -sf /etc/hostname one.md", "echo mini >> one.md", {"one.md": BEFORE["one.md"] + "mini\n"}, 0, "they put a symbolic link in the place of entries/incidents/one.md, which was changed too: the file stays"),
    "edit/link": ("echo nas >> one.md", "ln -sf /etc/hostname one.md", {"one.md": BEFORE["one.md"] + "nas\n"}, 0, "you put a symbolic link"),
    "link/link": ("ln -sf a one.md", "ln -sf b one.md", {"one.md": "→ b"}, 3, "no ordinary file"),
    "mode": ("chmod +x one.md", "echo mini >> one.md", {"one.md": BEFORE["one.md"] + "mini\n"}, 0, ""),
    "added with two modes": ("printf x > x.md; chmod +x x.md", "printf x > x.md", {"x.md": "x"}, 0, ""),
    "binary": ("printf 'a\\000nas' > x.bin", "printf 'a\\000mini' > x.bin", {"x.bin": "a\0nas", "x-by-mini.bin": "a\0mini"}, 1, "both sides changed"),
    "submodule": ("rm one.md; git init -q one.md; git -C one.md commit -q --allow-empty -m x", "echo mini >> one.md", {"one.md": BEFORE["one.md"] + "mini\n"}, 0, "another repository"),
    "a file that is none of kb's": ("echo b: 1 > ../../compose.yml", "echo c: 1 > ../../compose.yml", {"/compose.yml": "c: 1\n"}, 3, "both sides changed compose.yml, which is none of kb's files"),
    "a folder renamed, and a note added in it": ("mkdir a; git mv one.md a/; git mv two.md a/", "echo x > three.md", {"one.md": None, "two.md": None, "a/one.md": BEFORE["one.md"], "a/two.md": BEFORE["two.md"], "three.md": "x\n"}, 0, ""),
    "a name for another version that is taken": ("echo nas >> one.md; echo x > one-by-mini.md", "echo mini >> one.md", {"one.md": BEFORE["one.md"] + "nas\n", "one-by-mini.md": "x\n", "one-by-mini-2.md": BEFORE["one.md"] + "mini\n"}, 1, "one-by-mini-2.md"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_conflict_is_settled_or_left_as_it_was(kind: str, machines: tuple[World, World]) -> None:
    nas, mini = machines
    by_nas, by_mini, expected, status, said = KINDS[kind]
    for name, text in BEFORE.items():
        (nas.folder / (name[1:] if name.startswith("/") else f"entries/incidents/{name}")).write_text(text)
    sh(nas, "true")
    assert nas.kb("sync").status == 0
    assert mini.kb("sync").status == 0
    sh(nas, by_nas)
    assert nas.kb("sync").status == 0
    sh(mini, by_mini)
    before = (files(mini), mini.git("rev-parse", "HEAD"), mini.git("status", "--porcelain"))
    synced = mini.kb("sync")
    assert (synced.status, said in synced.err) == (status, True), synced.err
    assert files(mini) == {name: text for name, text in (BEFORE | expected).items() if text is not None}
    if status == 3:
        assert (files(mini), mini.git("rev-parse", "HEAD"), mini.git("status", "--porcelain")) == before
        return
    assert mini.git("status", "--porcelain") == ""
    assert nas.kb("sync").status == 0
    assert mini.kb("sync").err == "asking origin\nnothing new on either side\n"
    assert nas.git("rev-parse", "HEAD:") == mini.git("rev-parse", "HEAD:") == git(nas.home / "hub.git", "rev-parse", "main:")


def test_a_link_that_came_is_never_written_through(machines: tuple[World, World], tmp_path: Path) -> None:
    nas, mini = machines
    outside = tmp_path / "profile"
    outside.write_text("mine\n")
    sh(nas, "echo x > one.md")
    nas.kb("sync")
    mini.kb("sync")
    sh(
        nas,
        f"mkdir -p 'TEXT OF MY CHOICE'; touch 'TEXT OF MY CHOICE/.gitkeep'; rm one.md; ln -s 'TEXT OF MY CHOICE/../../../../..{outside}' one.md",
    )
    nas.kb("sync")
    with (mini.folder / "entries/incidents/one.md").open("a") as one:
        one.write("mini\n")
    assert mini.kb("sync").status == 0
    assert outside.read_text() == "mine\n"
    assert (mini.folder / "entries/incidents/one.md").read_text() == "x\nmini\n"
