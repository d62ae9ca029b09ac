"""Several machines, a hub, and everything that people do between two syncs: a model that Git itself is held against.

Every line that is ever written is unique, so that it can be told at the end who let go of it: somebody who changed or deleted it
on purpose, or `kb sync`. A step is one deed of one machine; after each the promises of docs/sync.md are looked at.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from kb.exceptions import KbError, WrongUse
from kb.storage import git_sync as syncing

from . import Tally

BOUND = 60.0  # seconds for one sync, on a machine that does other things too
FOLDERS = ["entries", "templates", "mkdocs.yml", ".gitignore"]
NAMES = (
    "entries/one.md",
    "entries/two.md",
    "entries/three.md",
    "entries/sub/four.md",
    "entries/two.md/five.md",
    "entries/pic.bin",
)
MACHINES = ("nas", "mini", "laptop", "pi")
_WHO = {
    f"GIT_{who}_{what}": f"me{at}" for who in ("AUTHOR", "COMMITTER") for what, at in (("NAME", ""), ("EMAIL", "@example.org"))
}


def _git(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=check,
        stdin=subprocess.DEVNULL,
    )


def _lines(file: Path) -> set[str]:
    return {line.lstrip("\0") for line in file.read_text(errors="replace").splitlines()}


class Machines(RuleBasedStateMachine):
    """The machines and what is known of every line."""

    steps = 0
    syncs = 0
    settled = 0

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="kb-machines-"))
        self.outside = self.home / "outside"
        self.outside.write_text("mine alone\n")
        self.count = 0
        self.gone: set[str] = set()  # lines that somebody changed or deleted on purpose
        self.written: set[str] = set()
        self.before = dict(os.environ)
        os.environ.update(_WHO, HOME=str(self.home), GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")

    @initialize(number=st.integers(2, 4))
    def begin(self, number: int) -> None:
        """A hub and its clones, which have two notes."""
        _git(self.home, "init", "-q", "--bare", "-b", "main", "hub.git")
        first = self.home / MACHINES[0]
        _git(self.home, "init", "-q", "-b", "main", MACHINES[0])
        (first / "entries/sub").mkdir(parents=True)
        (first / "mkdocs.yml").write_text("site_name: x\nplugins: [kb]\n")
        (first / ".gitignore").write_text("/site/\n")
        for name in ("entries/one.md", "entries/two.md"):
            (first / name).write_text("".join(f"{self.line()}\n" for _ in range(6)))
        _git(first, "remote", "add", "origin", str(self.home / "hub.git"))
        self.machines = [first]
        self.sync(first)
        for name in MACHINES[1:number]:
            _git(self.home, "clone", "-q", "hub.git", name)
            self.machines.append(self.home / name)

    def teardown(self) -> None:
        """Everybody syncs until nothing moves any more; then all have the same, and nothing is missing."""
        try:
            if hasattr(self, "machines"):
                self.come_together()
        finally:
            os.environ.clear()
            os.environ.update(self.before)
            shutil.rmtree(self.home, ignore_errors=True)

    # ---- what people do ----------------------------------------------------------------------------------------------

    def line(self) -> str:
        """A line that nobody wrote before."""
        self.count += 1
        self.written.add(f"line {self.count} of them")
        return f"line {self.count} of them"

    def at(self, which: int) -> Path:
        Machines.steps += 1
        return self.machines[which % len(self.machines)]

    def forget(self, path: Path) -> None:
        """What stands in this file was let go of on purpose."""
        for file in [path] if path.is_file() and not path.is_symlink() else list(path.rglob("*")) if path.is_dir() else []:
            if file.is_file() and not file.is_symlink():
                self.gone |= _lines(file)

    def clear(self, path: Path) -> None:
        """Make room for a file, as a person who knows what is there."""
        for one in (*reversed(path.parents), path):
            if (
                one.is_relative_to(self.home)
                and (one.is_symlink() or one.is_file())
                and one != path
                and one.name.endswith(".md")
            ):
                self.forget(one)
                one.unlink()
        if path.is_dir() and not path.is_symlink():
            self.forget(path)
            shutil.rmtree(path)
        elif path.is_symlink():
            path.unlink()
        path.parent.mkdir(parents=True, exist_ok=True)

    which, name = st.integers(0, 3), st.sampled_from(NAMES)

    @rule(which=which, name=name, lines=st.integers(1, 6))
    def write(self, which: int, name: str, lines: int) -> None:
        """A new file, or a file written anew."""
        path = self.at(which) / name
        self.clear(path)
        self.forget(path)
        binary = "\0" if name.endswith(".bin") else ""
        path.write_text(binary + "".join(f"{self.line()}\n" for _ in range(lines)))

    @rule(which=which, name=name, number=st.integers(0, 8), lines=st.integers(1, 2))
    def edit(self, which: int, name: str, number: int, lines: int) -> None:
        """A line changed, or lines put behind the last."""
        path = self.at(which) / name
        if not path.is_file() or path.is_symlink():
            return
        old = path.read_text(errors="surrogateescape").splitlines()
        self.gone |= {line.lstrip("\0") for line in old[number : number + 1]}
        old[number : number + 1] = [self.line() for _ in range(lines)]
        path.write_text("\n".join(old) + "\n", errors="surrogateescape")

    @rule(which=which, name=name)
    def delete(self, which: int, name: str) -> None:
        """A file deleted."""
        path = self.at(which) / name
        if path.is_file() or path.is_symlink():
            self.forget(path)
            path.unlink()

    @rule(which=which, name=name, to=name, edited=st.booleans())
    def rename(self, which: int, name: str, to: str, edited: bool) -> None:
        """A file renamed, never over another one, and perhaps edited."""
        folder = self.at(which)
        old, new = folder / name, folder / to
        if not old.is_file() or old.is_symlink() or os.path.lexists(new) or any(one.is_file() for one in new.parents):
            return
        new.parent.mkdir(parents=True, exist_ok=True)
        old.rename(new)
        if edited and not to.endswith(".bin"):
            with new.open("a") as file:
                file.write(f"{self.line()}\n")

    @rule(which=which, name=name, what=st.sampled_from(["mode", "link", "link to nowhere"]))
    def change_kind(self, which: int, name: str, what: str) -> None:
        """The mode changed, or a link put in a file's place."""
        path = self.at(which) / name
        if not path.is_file() or path.is_symlink():
            return
        if what == "mode":
            path.chmod(path.stat().st_mode ^ 0o111)
        else:
            self.forget(path)
            path.unlink()
            path.symlink_to(self.outside if what == "link" else "nowhere/at all")

    @rule(which=which)
    def compose(self, which: int) -> None:
        """A file that is none of kb's, committed by hand or left as it is."""
        path = self.at(which) / "compose.yml"
        old = path.read_text() if path.exists() else ""
        path.write_text(f"{old}{self.line()}\n")

    @rule(which=which, everything=st.booleans())
    def commit(self, which: int, everything: bool) -> None:
        """A commit by hand."""
        folder = self.at(which)
        _git(folder, "add", "-A", *([] if everything else ["entries"]))
        _git(folder, "commit", "-qm", "by hand", check=False)

    @rule(which=which)
    def amend(self, which: int) -> None:
        """The last commit amended, whoever has it."""
        folder = self.at(which)
        if len(_git(folder, "log", "-1", "--format=%P").stdout.split()) == 1:
            _git(folder, "commit", "-q", "--amend", "-am", f"amended {self.count}", check=False)

    @rule(which=which)
    def force_push(self, which: int) -> None:
        """A push that throws away what the others pushed since; they still have it."""
        folder = self.at(which)
        _git(folder, "push", "-q", "--force", "origin", "HEAD:main", check=False)

    @rule(which=which)
    def merge_by_hand(self, which: int) -> None:
        """Git's own merge, both sides' lines kept."""
        self.by_hand(self.at(which))

    @rule(which=which)
    def go_offline(self, which: int) -> None:
        """No way to the hub."""
        _git(self.at(which), "remote", "set-url", "origin", "/nowhere")

    @rule(which=which)
    def come_back(self, which: int) -> None:
        """The hub is there again."""
        _git(self.at(which), "remote", "set-url", "origin", str(self.home / "hub.git"))

    @rule(which=which, refuses=st.booleans())
    def hook(self, which: int, refuses: bool) -> None:
        """A hook that lets nothing pass, or none."""
        hook = self.at(which) / ".git/hooks/pre-commit"
        hook.unlink(missing_ok=True)
        if refuses:
            hook.parent.mkdir(exist_ok=True)
            hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
            hook.chmod(0o755)

    @rule(which=which)
    def sync_one(self, which: int) -> None:
        """kb sync."""
        self.sync(self.at(which))

    @rule(which=which, moment=st.integers(0, 60))
    def killed(self, which: int, moment: int) -> None:
        """kb sync, killed with all its Gits at a moment; somebody removes the locks that a killed Git leaves."""
        folder = self.at(which)
        child = os.fork()
        if child == 0:
            os.setsid()
            with contextlib.suppress(BaseException):
                syncing.sync(folder, FOLDERS, folder.name)
            os._exit(0)
        time.sleep(moment * 0.005)
        for _ in range(20):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)
                break
            time.sleep(0.01)
        os.waitpid(child, 0)
        for lock in (folder / ".git").rglob("*.lock"):
            lock.unlink()

    # ---- what must hold ----------------------------------------------------------------------------------------------

    def sync(self, folder: Path) -> str:
        """One sync: it ends in time, as one of the ways it may, and leaves Git in the middle of nothing. Its error, if any."""
        Machines.syncs += 1
        began = time.monotonic()
        head = _git(folder, "rev-parse", "HEAD", check=False).stdout
        try:
            done = syncing.sync(folder, FOLDERS, folder.name)
            Machines.settled += len(done.settled)
            return ""
        except KbError as error:
            said = str(error)
            if not isinstance(error, WrongUse | syncing.CannotSync):
                raise
            if "nothing was changed" in said:
                since = _git(folder, "rev-list", "--count", f"{head.strip()}..HEAD", check=False).stdout.strip() if head else ""
                assert since in ("", "0", "1"), f"{said}, and yet {since} commits"
            return said
        finally:
            assert time.monotonic() - began < BOUND, "a sync ran over its bound"
            for name in ("MERGE_HEAD", "rebase-merge", "rebase-apply", "CHERRY_PICK_HEAD", "index.lock"):
                assert not (folder / ".git" / name).exists(), f"sync left {name}"

    def by_hand(self, folder: Path) -> None:
        """What the error told to do: fetch and merge, keep all, commit."""
        (folder / ".git/info").mkdir(exist_ok=True)
        _git(folder, "add", "-A")
        _git(folder, "commit", "-q", "--no-verify", "-m", "all of mine", check=False)
        _git(folder, "fetch", "-q", "origin", check=False)
        (folder / ".git/info/attributes").write_text("* merge=union\n")
        before = self.texts(folder)
        theirs = set(_git(folder, "grep", "-hI", "-a", "line ", "origin/main", check=False).stdout.splitlines())
        _git(folder, "merge", "-q", "--no-edit", "--allow-unrelated-histories", "origin/main", check=False)
        _git(folder, "add", "-A")
        _git(folder, "commit", "-q", "--no-verify", "-m", "merged by hand", check=False)
        (folder / ".git/info/attributes").unlink()
        # Whoever merges by hand decides: what is not there afterwards was let go of on purpose.
        self.gone |= (before | {row for row in theirs if row in self.written}) - self.texts(folder)

    def texts(self, folder: Path) -> set[str]:
        """Every line in the files of a machine."""
        found: set[str] = set()
        for path in folder.rglob("*"):
            if ".git" not in path.relative_to(folder).parts and path.is_file() and not path.is_symlink():
                found |= _lines(path)
        return found & self.written

    @invariant()
    def nothing_outside_has_changed(self) -> None:
        """No sync writes through a link."""
        assert self.outside.read_text() == "mine alone\n"

    @invariant()
    def no_marks_in_any_file(self) -> None:
        """No sync leaves the marks of a merge in a file."""
        for folder in getattr(self, "machines", []):
            for path in (folder / "entries").rglob("*"):
                if path.is_file() and not path.is_symlink():
                    assert b"<<<<<<< " not in path.read_bytes(), path

    def come_together(self) -> None:
        """All are online, and sync until nothing moves."""
        for folder in self.machines:
            _git(folder, "remote", "set-url", "origin", str(self.home / "hub.git"))
            (folder / ".git/hooks/pre-commit").unlink(missing_ok=True)
            self.sync(folder)
            _git(folder, "add", "-A")
            _git(folder, "commit", "-q", "-m", "the rest", check=False)
        for _ in range(8):
            for folder in self.machines:
                said = self.sync(folder)
                if said:
                    self.by_hand(folder)
                    if "was rewritten" in said:
                        _git(folder, "push", "-q", "origin", "HEAD:main", check=False)
            trees = {_git(folder, "rev-parse", "HEAD:").stdout for folder in self.machines}
            trees.add(_git(self.home / "hub.git", "rev-parse", "main:").stdout)
            if len(trees) == 1:
                break
        assert len(trees) == 1, "the machines do not come to the same"
        for folder in self.machines:
            assert _git(folder, "status", "--porcelain").stdout == "", "something stays uncommitted"
        missing = self.written - self.gone - self.texts(self.machines[0])
        assert not missing, f"lost: {sorted(missing)}"


def synced(steps: int, seconds: float = 3600.0) -> Iterator[Tally]:
    """So many deeds of two to four machines, or as many as there is time for."""
    tally = Tally(11, "deeds of 2 to 4 machines (edits, renames, links, kills, force pushes …), and what is left of every line")
    Machines.steps = Machines.syncs = Machines.settled = 0
    until = time.monotonic() + seconds
    while Machines.steps < steps and time.monotonic() < until:
        at_once = settings(
            max_examples=max(1, min(20, (steps - Machines.steps) // 25 + 1)), stateful_step_count=30, deadline=None, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate], print_blob=False,
        )  # fmt: skip
        try:
            run_state_machine_as_test(Machines, settings=at_once)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a loss, and the steps that led there are its notes
            deeds = [
                note for note in getattr(error, "__notes__", []) if "nothing_outside" not in note and "no_marks" not in note
            ]
            told = re.sub(r"\s*state\.(?:nothing_outside_has_changed|no_marks_in_any_file)\(\)", "", "; ".join(deeds))
            tally.lost.append(f"{type(error).__name__}: {error} {told}"[:4000])
            break
    tally.tried = Machines.steps
    yield tally
