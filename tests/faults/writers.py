"""One machine on which several things write one note: kb in an editor, kb again, resolve, another editor, a cloud, `git checkout`.

Every line that is ever written is unique. At the end each is in a file, in Git or in a draft, unless somebody let go of it: a
program that is not kb, or the one who chose between two versions.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from commands import KB, World
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from . import Tally

NOTE = "entries/incidents/one.md"
NAMES = (NOTE, "entries/incidents/two.md")
FINE = (0, 1, 2, 3, 4)  # done, left for later, refused, saved but not committed, changed meanwhile: each with its line

# What others do to a note while kb's editor is open: shell, in the knowledge base, with the note as $1 and a new line as $2.
DEEDS = {
    "nothing": ":",
    "append": 'printf "%s\\n" "$2" >> "$1"',
    "exchange": 'cp "$1" "$1.tmp"; printf "%s\\n" "$2" >> "$1.tmp"; mv "$1.tmp" "$1"',
    "rename": 'mv "$1" "${1%.md}-$2.md"; printf "%s\\n" "$2" >> "${1%.md}-$2.md"',
    "delete": 'rm "$1"',
    "conflict": 'cp "$1" "${1%.md}.sync-conflict-20261120-101010-ABCDEFG.md"; printf "%s\\n" "$2" >> "$1"',
    "checkout": 'git checkout -q HEAD~1 -- "$1" || :; printf "%s\\n" "$2" >> "$1"',
    "field": 'KB_EDIT "$1" --set "tags=$2"',
    "again": 'KB_AGAIN "$1"',
    "lock": ": > .git/index.lock",
}
LETS_GO = ("delete", "checkout")  # of what stands in the note and not in Git


class Writers(RuleBasedStateMachine):
    """The knowledge base, and what is known of every line."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="kb-writers-"))
        self.world = World(self.home, self.home / "lab")
        self.count = 0
        self.written: set[str] = set()
        self.gone: set[str] = set()

    @initialize()
    def begin(self) -> None:
        """Two notes that know an error each, in Git twice."""
        self.world.folder.mkdir()
        assert self.world.kb("init", ".").status == 0
        for at, name in enumerate(NAMES):
            file = self.world.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            head = f"---\ntitle: {'One Two'.split()[at]}\ndate: 2026-11-0{at + 1}\n---\n## Error\n```\nE{at}: part {at} broke\n```\n"
            file.write_text(f"{head}## Fix\n{self.line()}\n{self.line()}\n")
        self.commit_all()
        for name in NAMES:
            self.append(name)
        self.commit_all()

    def teardown(self) -> None:
        """Nothing is missing, and no command finds the notes broken."""
        try:
            if self.world.folder.exists():
                missing = self.written - self.gone - self.kept()
                assert not missing, f"lost: {sorted(missing)}"
                assert self.world.kb("check", "--json").status in (0, 1)
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    # ---- what is known -----------------------------------------------------------------------------------------------

    def line(self) -> str:
        """A line that nobody wrote before."""
        self.count += 1
        self.written.add(text := f"line{self.count:04}")
        return text

    def kept(self) -> set[str]:
        """All lines in the files, in all that Git has, and in drafts."""
        places = [*self.world.folder.rglob("*.md"), *self.home.glob(".local/state/kb/*/drafts/*")]
        text = "\n".join(path.read_text(errors="replace") for path in places if path.is_file())
        text += self.world.git("log", "-p", "-m", "--reflog", "--all")
        return {line for line in self.written if line in text}

    def commit_all(self) -> None:
        """What a person does at the end of the day."""
        (self.world.folder / ".git/index.lock").unlink(missing_ok=True)
        self.world.git("add", "-A")
        self.world.git("commit", "-q", "--allow-empty", "-m", "all")

    def there(self, name: str) -> Path:
        """The note; written anew when somebody has moved or deleted it."""
        file = self.world.folder / name
        if not file.exists():
            file.write_text(f"---\ntitle: {file.stem.title()}\n---\n{self.line()}\n")
        return file

    def append(self, name: str) -> None:
        """A line more, by another program."""
        with self.there(name).open("a") as file:
            file.write(f"{self.line()}\n")

    def let_go(self, name: str) -> None:
        """What only the note holds now is somebody's to throw away."""
        text = (self.world.folder / name).read_text()
        self.gone |= {line for line in self.written if line in text}

    def edited(self, *command: str, name: str, deed: str, saves: bool = True) -> None:
        """Run kb with an editor that does a deed of others, and then saves a line of its own."""
        kb = " ".join(KB)
        others = DEEDS[deed].replace("KB_EDIT", f"{kb} edit").replace("KB_AGAIN", f"{kb} again --held")
        new, mine = self.line(), self.line()
        editor, ran = self.home / "editor.sh", self.home / "ran"
        save = f'printf "%s\\n" {mine} >> "$draft"' if saves else ":"
        editor.write_text(
            f"draft=$1; : > {ran}; cd {self.world.folder}; set -- {name} {new}; {{ {others}; }} >/dev/null 2>&1; {save}\n"
        )
        done = self.world.kb(*command, env={"EDITOR": f"sh {editor}"})
        assert done.status in FINE, (command, done)
        assert "fault of kb" not in done.err, done
        (self.world.folder / ".git/index.lock").unlink(missing_ok=True)
        if not ran.exists() or '"$2"' not in DEEDS[deed]:
            self.written.discard(new)
        if not ran.exists() or not saves:
            self.written.discard(mine)
        ran.unlink(missing_ok=True)

    # ---- what people and programs do ---------------------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), deed=st.sampled_from(sorted(DEEDS)), saves=st.booleans())
    def edit(self, name: str, deed: str, saves: bool) -> None:
        """`kb edit`, and something else writes the note meanwhile."""
        self.there(name)
        if deed in LETS_GO:
            self.let_go(name)
        self.edited("edit", name, name=name, deed=deed, saves=saves)

    @rule(name=st.sampled_from(NAMES))
    def resume(self, name: str) -> None:
        """`kb edit --resume` goes on with what was kept, if anything was."""
        self.there(name)
        self.edited("edit", name, "--resume", name=name, deed="nothing")

    @rule(deed=st.sampled_from(["nothing", "append", "rename", "lock"]))
    def new(self, deed: str) -> None:
        """`kb incident new` in the editor."""
        self.there(NOTE)
        self.edited("incident", "new", "Late", self.line(), "--edit", name=NOTE, deed=deed)

    @rule(name=st.sampled_from(NAMES), keep=st.sampled_from(["note", "other", "both"]))
    def resolve(self, name: str, keep: str) -> None:
        """A cloud puts a version beside the note, and somebody makes one of the two."""
        file = self.there(name)
        beside = file.with_name(f"{file.stem}.sync-conflict-20261120-101010-ABCDEFG.md")
        beside.write_bytes(file.read_bytes() + f"{self.line()}\n".encode())
        if keep != "both":
            dropped = beside if keep == "note" else file
            self.gone |= {line for line in self.written if line in dropped.read_text()}
        self.edited("resolve", name, "--keep", keep, name=name, deed="append")

    @rule(name=st.sampled_from(NAMES))
    def at_once(self, name: str) -> None:
        """Four kb's in the same moment: two fields of one note, a return of it, and a new note."""
        self.there(name)
        commands = [
            ["edit", name, "--set", f"tags={self.line()}"],
            ["edit", name, "--set", "severity=high"],
            ["again", name, "--held"],
            ["incident", "new", "At once", self.line(), "--fix", self.line(), "--no-edit", "--yes"],
        ]
        crowd = [
            subprocess.Popen(
                [*KB, *command], cwd=self.world.folder, env=self.world.environment(), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for command in commands
        ]  # fmt: skip
        for command, process in zip(commands, crowd, strict=True):
            out, err = process.communicate(timeout=120)
            assert process.returncode in FINE, (command, process.returncode, out, err)
            assert "fault of kb" not in err, err
            if process.returncode not in (0, 3):  # it said so, and what it was given is on the command line still
                self.gone |= {line for line in self.written if any(line in word for word in command)}

    @rule(name=st.sampled_from(NAMES))
    def by_another(self, name: str) -> None:
        """Another program adds a line."""
        self.append(name)

    @rule()
    def end_of_day(self) -> None:
        """All is committed by hand."""
        self.commit_all()

    @invariant()
    def no_note_is_torn(self) -> None:
        """Every note has its front matter whole, and nothing of kb's own lies about."""
        type(self).steps += 1
        for path in (self.world.folder / "entries").rglob("*") if self.world.folder.exists() else ():
            assert not path.name.startswith(".kb-"), path
            if path.suffix == ".md":
                assert path.read_text().startswith("---\n"), path


def written(steps: int, seconds: float = 1800.0) -> Iterator[Tally]:
    """So many deeds on one machine, or as many as there is time for."""
    tally = Tally(
        4, "deeds of several writers of one note (kb's editor, again, resolve, a cloud, git checkout …), line by line"
    )
    Writers.steps = 0
    until = time.monotonic() + seconds
    while Writers.steps < steps and time.monotonic() < until:
        at_once = settings(
            max_examples=max(1, min(10, (steps - Writers.steps) // 15 + 1)), stateful_step_count=15, deadline=None, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate], print_blob=False,
        )  # fmt: skip
        try:
            run_state_machine_as_test(Writers, settings=at_once)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a loss, and the steps that led there are its notes
            notes = [note for note in getattr(error, "__notes__", []) if "torn" not in note]
            tally.lost.append(f"{type(error).__name__}: {error} {'; '.join(notes)}"[:4000])
            break
    tally.tried = Writers.steps
    yield tally
