"""`kb check`: all that is wrong with the notes, by file and line; secrets, in Git's history too; twin numbers mended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import click

from ... import plugins
from ...exceptions import CannotRead, WrongUse, system_reason
from ...notes import front_matter, front_matter_edit
from ...notes.knowledge_base import KnowledgeBase
from ...notes.note_problems import exposed, without_zone
from ...notes.problem import Problem
from ...reports import consistency
from ...retrieval import background_blocks
from ...storage import files, git, git_commit, loader, root_folder, uncommitted, unpublished
from ...storage.folders import state_folder
from .. import clock, context, input_streams, options
from ..terminal import screen
from ..views import save_result
from . import decision_days, renumber


@click.command()
@click.option(
    "--fix",
    is_flag=True,
    help="Give the younger of two decisions with one number the next free one, with all links; take known errors that are"
    " background out of their notes; write the time zone behind times without one, and the days of decisions' moves that"
    " Git knows.",
)
@click.option(
    "--secrets", "only_secrets", is_flag=True, help="Only secrets: in all notes and files, and in the whole Git history."
)
@click.option("--staged", is_flag=True, help="Only what the next commit would hold: for a pre-commit hook (kb init --hook).")
@options.root_option
@options.commit_option
@options.json_option
def check(fix: bool, only_secrets: bool, staged: bool, no_commit: bool, as_json: bool) -> int:
    """Find what is wrong with the notes.

    Broken ones, wrong values, dead links, unknown services, secrets, twin numbers, needs that nobody provides, circles of `depends_on`, and what was saved but not committed. Prints `file:line: what, and what to do`, one a line;
    the exit status is 1 when there is any. Of a secret its kind is said, never its value. `--secrets` looks through every
    version of every file that Git keeps, and the messages of all commits; what it could not look at it names, with exit 4.

    \b
    Examples:
      kb check
      kb check --fix                  twin numbers, notes that claim noise
      kb check --secrets              before the repository goes to a server
      kb check --staged               in .git/hooks/pre-commit
      kb check --json | jq length
    """
    if staged:
        return _report(list(_staged(context.the_root())), as_json, "what is staged is fine")
    base = context.the_base()
    if only_secrets:
        return _report_secrets(base, as_json)
    status = 0
    if fix:
        status, base = renumber.set_apart(base, not no_commit)
        status = max(status, _without_background(base, not no_commit))
        base = context.the_base()
        status = max(status, decision_days.write_days(base, not no_commit), _write_zones(base, not no_commit))
        base = context.the_base()
    found = {
        *consistency.check(base, clock.now()),
        *background_blocks.problems(base),
        *_not_committed(base),
        *_plugins(),
    }
    in_order = sorted(found, key=lambda p: (p.path, p.line, p.message))
    status = max(_report(in_order, as_json, f"{screen.plural(len(base.notes), 'note')}, nothing wrong"), status)
    if not as_json:
        _hint_at_lonely(base)
    return status


def _plugins() -> Iterator[Problem]:
    """The plugins that kb goes on without."""
    for fault in plugins.faults():
        yield Problem(fault.plugin.file, fault.plugin.line, fault.message)


def _without_background(base: KnowledgeBase, commit: bool) -> int:
    """Take the known errors that are background out of the notes; the status."""
    changed = []
    for note in base.notes:
        path = base.root / note.path
        if not background_blocks.of_note(base, note):
            continue
        old = input_streams.read_file(path)
        files.replace(path, old, background_blocks.mended(base, note, old))
        screen.remark(f"background taken out of {note.path}")
        changed.append(path)
    return save_result.commit(base, changed, "known errors that were background taken out", commit) if changed else 0


def _not_committed(base: KnowledgeBase) -> Iterator[Problem]:
    """What kb saved and could not commit, each with its reason."""
    for one in uncommitted.waiting(state_folder(base.root), base.root, time.time()):
        yield Problem(one.path, 1, f"saved, but not committed ({one.reason}): kb sync commits it")


def _write_zones(base: KnowledgeBase, wanted: bool) -> int:
    """Write the zone behind the times that name none, as they are read here; the exit status of the commit."""
    changed = []
    for note in base.notes:
        if moments := without_zone(note):
            path = base.root / note.path
            old = input_streams.read_file(path)
            files.replace(path, old, front_matter_edit.set_fields(old, moments, note.path))
            screen.say_path(path)
            changed.append(path)
    return save_result.commit(base, changed, "times with their zones", wanted) if changed else 0


def _hint_at_lonely(base: KnowledgeBase) -> None:
    """Name the services that nothing else names, unless they are most: then they were just imported."""
    lonely = [note.name for note in consistency.unlinked(base)]
    if 0 < len(lonely) <= max(LONELY, len(base.of("service")) // 4):
        more = f" and {len(lonely) - LONELY} more" if len(lonely) > LONELY else ""
        screen.remark(f"a hint, no problem: no other note names {', '.join(lonely[:LONELY])}{more}")


LONELY = 5  # names in one remark


def _report(problems: list[Problem], as_json: bool, good: str) -> int:
    if as_json:
        screen.print_json([{"path": p.path, "line": p.line, "message": p.message} for p in problems])
    else:
        for problem in problems:
            screen.say(screen.visible(str(problem)))
        files = len({problem.path for problem in problems})
        screen.remark(f"{screen.plural(len(problems), 'problem')} in {screen.plural(files, 'file')}" if problems else good)
    return 1 if problems else 0


# ---- secrets ---------------------------------------------------------------------------------------------------------


def _secrets_now(base: KnowledgeBase) -> Iterator[Problem]:
    """The secrets in the notes and in the files beside them, as they are on the disk."""
    for note in (*base.notes, *base.versions):
        yield from exposed(note)
    for path in base.attachments:
        try:
            found = loader.secrets_in((base.root / path).read_bytes()[: loader.MAX_NOTE_BYTES])
        except OSError as error:
            raise CannotRead(base.root / path, system_reason(error)) from error
        for kind, line in found:
            yield Problem(path, line, f"looks like a secret ({kind}): delete it and change it, or write kb-allow on its line")


def _secrets_before(base: KnowledgeBase, looked: unpublished.Looked) -> Iterator[Problem]:
    """The secrets that a commit of any branch brought, unless the file still holds them: each once, with the first commit.

    All files that Git keeps are looked through, and the messages. Raises CannotRead when Git can't tell.
    """
    top = git.work_tree(base.root)
    if top is None:
        return
    progress = screen.Progress("reading the history:")
    try:
        prefix = git.prefix(base.root)
        if where := git.cut_off(top):
            looked.unread.append(f"this is a shallow clone, its history ends at {where}: git fetch --unshallow")
        known = frozenset((f"{prefix}{path}", value) for path, value in _values_now(base))
        for leak in unpublished.leaks(top, ["--all"], looked, known, progress):
            path = leak.path.removeprefix(prefix) if leak.path else f"commit {leak.commit}"
            message = f"looks like a secret ({leak.kind}), in Git since commit {leak.commit}: change it where it is used"
            yield Problem(path, leak.line, message)
        looked.unread += [f"{name} is a repository of its own" for name in git.submodules(top)]
    except git.GitFailed as failed:
        raise CannotRead(base.root / ".git", f"{failed}; so its history was not looked at") from None
    finally:
        progress.clear()


def _values_now(base: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """Path and value of what is told of the files as they are."""
    for path in [*(note.path for note in (*base.notes, *base.versions) if note.secrets), *base.attachments]:
        text = (base.root / path).read_bytes()[: loader.MAX_NOTE_BYTES].decode("utf-8", "replace")
        yield from ((path, value) for value in unpublished.values_in(text))


def _report_secrets(base: KnowledgeBase, as_json: bool) -> int:
    """The secrets, now and before; 4 when something could not be looked at, which is said."""
    looked = unpublished.Looked()
    found = [*_secrets_now(base), *_secrets_before(base, looked)]
    if git.work_tree(base.root) is None:
        seen = "no secrets found in the notes and the files beside them; there is no Git history here"
    else:
        binary = f", without {screen.plural(looked.binary, 'picture')} or other binary file" if looked.binary else ""
        binary = binary if looked.binary <= 1 else f"{binary}s"
        seen = (
            f"no secrets found in {screen.plural(looked.versions, 'version')} of all files in Git{binary}, and in "
            f"{screen.plural(looked.messages, 'message')} of commits"
        )
    unread = list(dict.fromkeys(looked.unread))
    status = _report(found, as_json, "no secrets found where kb could look" if unread else seen)
    for what in unread:
        screen.remark(f"not looked at: {what}")
    return 4 if unread else status


def _staged(root: Path) -> Iterator[Problem]:
    """Broken notes and secrets in what is staged for the next commit."""
    settings = loader.load(root).settings
    folders = (f"{root_folder.ENTRIES}/", f"{settings.decisions}/")
    try:
        for path, data in git_commit.staged(root):
            if path.startswith(folders):
                problem = front_matter.read(data).problem if path.endswith(".md") else None
                if problem:
                    yield Problem(path, *problem)
                for kind, line in loader.secrets_in(data):
                    yield Problem(path, line, f"looks like a secret ({kind}): delete it, or write kb-allow on its line")
    except git.GitFailed as failed:
        raise WrongUse(f"nothing can be staged here: {failed}") from None
