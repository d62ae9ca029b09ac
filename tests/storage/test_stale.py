"""Nothing that an older kb made is taken for what this one would make."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kb.storage import cache, folders

ERROR = "something very odd number 3 happened in the flux capacitor"


class Kb:
    """A copy of kb whose sources may be edited, with a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lab = folder, folder / "lab"
        shutil.copytree(folders.PACKAGE, folder / "code/kb", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(folders.PACKAGE.parent / "templates", folder / "code/templates")
        (self.lab / "entries/incidents").mkdir(parents=True)
        (self.lab / "mkdocs.yml").write_text("site_name: x\ntheme: material\nplugins: [kb]\n")
        (self.lab / "entries/incidents/2026-01-01-odd.md").write_text(
            f"---\ntitle: Odd\ndate: 2026-01-01\n---\n## Error\n```\n{ERROR}\n```\n## Fix\nrestarting it\n"
        )
        os.utime(self.lab / "entries/incidents/2026-01-01-odd.md", (1_700_000_000, 1_700_000_000))

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / "code/kb" / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def run(self, *words: str) -> str:
        return self._python("-m", "kb", "--root", str(self.lab), *words)

    def python(self, code: str) -> str:
        return self._python("-c", f"import kb; base = kb.read({str(self.lab)!r})\n{code}")

    def _python(self, *words: str) -> str:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHONPATH": str(self.folder / "code")}
        done = subprocess.run(
            [sys.executable, *words], env=environment, cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    def caches(self) -> dict[str, Path]:
        return {path.name: path for path in (self.folder / ".cache/kb").rglob("*") if path.is_file()}


@pytest.fixture
def copy(tmp_path: Path) -> Kb:
    return Kb(tmp_path)


def test_when_errors_are_read_otherwise_the_cached_notes_are_read_again(copy: Kb) -> None:
    assert ERROR in copy.python("print(base.notes[0].errors[0].text)")
    before = copy.python("print(base.notes[0].fingerprints)")
    copy.edit(
        "notes/markdown.py",
        "def fenced_blocks(",
        "def fenced_blocks(*a, **k):\n    return iter([(0, 'another text altogether now')])\n\n\ndef _old_fenced_blocks(",
    )
    assert copy.python("print(base.notes[0].fingerprints)") != before
    assert "same" in copy.python("print([hit.strength for hit in kb.seen(base, 'another text altogether now')])")
    assert "same" not in copy.python(f"print([hit.strength for hit in kb.seen(base, {ERROR!r})])")


def test_when_words_are_stemmed_otherwise_the_index_is_made_again(copy: Kb) -> None:
    assert "Odd" in copy.run("search", "restarting")
    copy.edit(
        "retrieval/stemming.py",
        "def stem(word: str) -> str:",
        "def stem(word: str) -> str:\n    return 'rstrt' if word.startswith('restart') else _old_stem(word)\n\n\ndef _old_stem(word: str) -> str:",
    )
    assert "Odd" in copy.run("search", "restarting")


def test_every_store_is_made_again_by_another_kb_and_none_by_the_same(copy: Kb) -> None:
    subprocess.run(["git", "init", "-q", copy.lab], check=True)
    (copy.lab / "compose.yaml").write_text("services:\n  web:\n    image: nginx:1\n")
    (copy.lab / "entries/services").mkdir()
    (copy.lab / "entries/services/web.md").write_text("---\ntitle: web\ncompose: compose.yaml\n---\n")
    git = ["git", "-C", str(copy.lab), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "all"], check=True)

    def ask_everything() -> dict[str, tuple[int, bytes]]:
        copy.run("search", "odd")
        copy.run("changes")
        copy.run("site", "build")
        found = {name: path for name, path in copy.caches().items() if name.endswith((".json", ".template"))}
        return {name: (path.stat().st_mtime_ns, path.read_bytes().split()[1]) for name, path in found.items()}

    first, second = ask_everything(), ask_everything()
    assert {"notes.json", "manifest.json", "site.json", "edited.json"} <= first.keys()
    assert [name for name in first if name.startswith("changes-")]
    assert [name for name in first if name.endswith(".template")]
    assert {name: row for name, row in second.items() if row != first[name]} == {}
    copy.edit("notes/dates.py", "from __future__", "# the same in other words\nfrom __future__")
    third = ask_everything()
    assert [name for name, row in third.items() if row[1] == first[name][1]] == []


def test_an_index_that_pickles_a_class_which_moved_is_made_again_without_a_word(copy: Kb) -> None:
    assert "Odd" in copy.run("search", "restarting")
    toc = next(path for name, path in copy.caches().items() if name.endswith(".toc"))
    toc.write_bytes(toc.read_bytes().replace(b"kb.retrieval.whoosh_index", b"kb.of_another_release.idx"))
    with pytest.raises(ModuleNotFoundError):
        pickle.loads(b"ckb.of_another_release.idx\nTerms\n.")
    assert "Odd" in copy.run("search", "restarting")
    assert b"kb.retrieval.whoosh_index" in next(p for n, p in copy.caches().items() if n.endswith(".toc")).read_bytes()


def test_what_seen_read_survives_an_update(copy: Kb) -> None:
    copy.run("list")
    copy.edit("notes/dates.py", "from __future__", "# the same in other words\nfrom __future__")
    assert "restarting it" in copy.run("show", "@1")


# ---- one format ----------------------------------------------------------------------------------------------------------


def test_a_store_is_private_and_read_only_when_it_is_ours_whole_and_made_by_the_same(tmp_path: Path) -> None:
    path = tmp_path / "cache/a"
    cache.save(path, "x", b"body\n")
    whole = path.read_bytes()
    assert cache.load(path, "x") == b"body\n"
    assert cache.load(path, "y") is None
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        assert cache.load(path, "x") is None
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert cache.load(path, "x") is None
    path.write_bytes(whole + b" ")
    assert cache.load(path, "x") is None
    path.write_bytes(whole)
    path.chmod(0o620)  # somebody else may have written it
    assert cache.load(path, "x") is None
    path.unlink()
    os.mkfifo(path)
    assert cache.load(path, "x") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_store_that_belongs_to_somebody_else_is_not_read(tmp_path: Path) -> None:
    cache.save(tmp_path / "a", "x", b"body")
    os.chown(tmp_path / "a", 12345, -1)
    assert cache.load(tmp_path / "a", "x") is None


def test_the_digest_of_the_program_takes_no_longer_than_a_few_milliseconds() -> None:
    code = "import time; from kb.storage import cache; t = time.process_time(); cache.program(); print(time.process_time() - t)"
    spent = min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(5))
    assert spent < 0.03  # 3 ms on a quiet machine
