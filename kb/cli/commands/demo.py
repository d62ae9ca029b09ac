"""`kb demo`: a sample lab, and the whole story in it: recorded once, found again, browsed."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import click

from ...exceptions import CannotWrite, WrongUse, system_reason
from ...storage import git, git_commit, root_folder
from ...storage.folders import PACKAGE
from ..terminal.screen import faint, say, strong
from . import init

_SAMPLE = PACKAGE / "demo"


@click.command()
@click.argument("folder", metavar="[DIR]", default="kb-demo", type=click.Path(path_type=Path, file_okay=False))
@click.option("--site/--no-site", default=True, help="Build the site too.")
@click.pass_context
def demo(ctx: click.Context, folder: Path, site: bool) -> int:
    """Make a sample lab and show the whole story. An incident is recorded from a log, and found again from another.

    \b
    Examples:
      kb demo
      kb demo /tmp/lab --no-site
    """
    root = Path(os.path.abspath(folder))
    if root.exists() and any(root.iterdir()):
        raise WrongUse(f"{root} isn't empty: name another folder, or delete it")
    _own_repository(root)
    init.make(root, "Sample lab", templates=True, use_git=True)
    _copy_sample(root)
    git_commit.commit(root, [root], "The sample lab", new=True)
    say(strong(f"A sample lab, in {folder}"))
    shutil.copy(_SAMPLE / "nginx-1.log", root / "nginx-1.log")
    shutil.copy(_SAMPLE / "nginx-2.log", root / "nginx-2.log")
    _tell("Something broke in April, and is fixed: record it, from the log.")
    _run(ctx, root, ["incident", "new", "Jellyfin answers 502 after the upgrade", "--file", "nginx-1.log",
                     "--fix", "docker network connect proxy jellyfin", "--service", "jellyfin,nginx",
                     "--why", "The upgrade made the container anew, on the default network only.",
                     "--check", "curl -I https://tv.lab.example.org answers 200", "--set", "verified=true",
                     "--date", "2026-04-24T01:07+01:00", "--set", "resolved=2026-04-24T01:41+01:00", "--yes"])  # fmt: skip
    _tell("Months later, another log: other hosts, other ports, other times.")
    _run(ctx, root, ["seen", "nginx-2.log"])
    if site:
        _tell("And the second brain, to browse.")
        _run(ctx, root, ["site", "build"])
        say(f"\nopen {root / 'site' / 'index.html'}")
    say(f"look around:  cd {folder}   then   kb list   kb search videos wont play   kb site serve")
    return 0


def _own_repository(root: Path) -> None:
    """The demo is a knowledge base of its own also inside another work tree, whose history is none of its business."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        git.init(root)
    except git.GitFailed:
        return  # `make` says so
    except OSError as error:
        raise CannotWrite(root, system_reason(error)) from error


def _copy_sample(root: Path) -> None:
    for note in sorted((_SAMPLE / root_folder.ENTRIES).rglob("*")):
        if note.is_file():
            target = root / root_folder.ENTRIES / note.relative_to(_SAMPLE / root_folder.ENTRIES)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(note.read_bytes())
            except OSError as error:
                raise CannotWrite(target, system_reason(error)) from error


def _tell(what: str) -> None:
    say(f"\n{strong(what)}")


def _run(ctx: click.Context, root: Path, arguments: list[str]) -> None:
    """Run a command as the user would, and show it."""
    say(faint(_as_typed(arguments)))
    real = [str(root / argument) if argument.endswith(".log") else argument for argument in arguments]
    kb = ctx.find_root().command
    kb.main(["--root", str(root), *real], prog_name="kb", standalone_mode=False)


def _as_typed(arguments: list[str]) -> str:
    """The command as one would type it, an option a line when it is long."""
    words = [shlex.quote(argument) for argument in arguments]
    text = "$ kb " + " ".join(words)
    return text if len(text) <= 80 else text.replace(" --", " \\\n    --")
