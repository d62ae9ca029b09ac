"""`kb check`: all that is wrong with the notes, by file and line; secrets, in Git's history too; twin numbers mended."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import click

from ...exceptions import CannotRead, WrongUse, system_reason
from ...notes import front_matter, front_matter_edit
from ...notes.knowledge_base import KnowledgeBase
from ...notes.note_problems import exposed, without_zone
from ...notes.problem import Problem
from ...reports import consistency
from ...secrets import masking
from ...storage import files, git, git_commit, git_history, loader, root_folder, template_files
from .. import clock, context, input_streams, options
from ..terminal import screen
from ..views import save_result
from . import decision_days, renumber


@click.command()
@click.option(
    "--fix",
    is_flag=True,
    help="Give the younger of two decisions with one number the next free one, with all links; write the time zone"
    " behind times without one, and the days of decisions' moves that Git knows.",
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

    Broken ones, wrong values, dead links, unknown services, secrets, twin numbers, needs that nobody provides, and circles of `depends_on`. Prints `file:line: what, and what to do`, one a line;
    the exit status is 1 when there is any. Of a secret its kind is said, never its value.

    \b
    Examples:
      kb check
      kb check --fix                  two machines made the same decision number
      kb check --secrets              before the repository goes to a server
      kb check --staged               in .git/hooks/pre-commit
      kb check --json | jq length
    """
    if staged:
        return _report(list(_staged(context.the_root())), as_json, "what is staged is fine")
    base = context.the_base()
    if only_secrets:
        return _report([*_secrets_now(base), *_secrets_before(base)], as_json, "no secrets found")
    status = 0
    if fix:
        status, base = renumber.set_apart(base, not no_commit)
        status = max(status, decision_days.write_days(base, not no_commit), _write_zones(base, not no_commit))
        base = context.the_base()
    status = max(
        _report(consistency.check(base, clock.now()), as_json, f"{screen.plural(len(base.notes), 'note')}, nothing wrong"),
        status,
    )
    if not as_json:
        _hint_at_lonely(base)
    return status


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
    for note in base.notes:
        yield from exposed(note)
    for path in base.attachments:
        try:
            found = loader.secrets_in((base.root / path).read_bytes()[: loader.MAX_NOTE_BYTES])
        except OSError as error:
            raise CannotRead(base.root / path, system_reason(error)) from error
        for kind, line in found:
            yield Problem(path, line, f"looks like a secret ({kind}): delete it and change it, or write kb-allow on its line")


def _secrets_before(base: KnowledgeBase) -> Iterator[Problem]:
    """The secrets that a commit brought, unless the file still holds them: each once, with the first commit that has it."""
    if git.work_tree(base.root) is None:
        return
    told = set(_marks(base))
    try:
        for added in git_history.history(base.root, template_files.own_folders(base.settings)):
            for found in masking.find(added.text):
                mark = _mark(added.path, added.text[found.start : found.end])
                if mark not in told:
                    told.add(mark)
                    message = (
                        f"looks like a secret ({found.kind}), in Git since commit {added.commit}: change it where it is used"
                    )
                    yield Problem(added.path, added.line + found.line - 1, message)
    except git.GitFailed as failed:
        raise CannotRead(base.root / ".git", str(failed)) from None


def _marks(base: KnowledgeBase) -> Iterator[bytes]:
    for path in [*(note.path for note in base.notes if note.secrets), *base.attachments]:
        text = (base.root / path).read_bytes()[: loader.MAX_NOTE_BYTES].decode("utf-8", "replace")
        yield from (_mark(path, text[found.start : found.end]) for found in masking.find(text))


def _mark(path: str, value: str) -> bytes:
    return hashlib.blake2b(f"{path}\0{value}".encode("utf-8", "replace")).digest()


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
