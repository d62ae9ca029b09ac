"""`kb import`: records that other tools wrote become notes, with their text, pictures, dates and links."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...exceptions import CannotRead, WrongUse, listed, system_reason
from ...storage import loader
from .. import context, options
from ..terminal import screen
from ..views import save_result

if TYPE_CHECKING:
    from ...importers.adr.import_plan import Plan, PlannedRecord
    from ...importers.adr.record_source import Source, TakenNames
    from ...notes.knowledge_base import KnowledgeBase


MAX_FILE = 64 << 20  # bytes of one picture or paper that is brought along
_HIDDEN_HOMES = {".adr", ".archgate"}
_PASSED_OVER = {"node_modules", "vendor", "target", "dist", "build", "site", "venv", "__pycache__"}


@click.group("import")
def import_() -> None:
    """Bring in what other tools wrote: adr."""


@dataclass(frozen=True)
class _Project:
    """What is imported: the project's root, the folders of records in it, their files, and the Markdown files elsewhere."""

    root: Path
    homes: tuple[str, ...]
    files: tuple[str, ...]
    elsewhere: tuple[str, ...]
    unread: tuple[str, ...] = ()  # files beside the records that nothing links to


@import_.command("adr")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only report what would be imported.")
@click.option("--allow", metavar="FILE:LINE", multiple=True, help="A line that looks like a secret and is none: keep it.")
@options.root_option
@options.commit_option
@options.json_option
def import_adr(folder: Path, dry_run: bool, allow: tuple[str, ...], no_commit: bool, as_json: bool) -> int:
    """Import decision records. Nygard's (adr-tools), MADR 1 to 4, log4brains, Backstage, Y-statements, homemade ones.

    DIR is their folder, or a project's root: then .adr-dir, docs/decisions, docs/adr, doc/adr and decisions.md are found;
    or one file. Each is recognised for itself; its text stays as it is, below a head of kb's with status, date and what it
    supersedes. A file with several records is cut at their headings. Numbers stay when they are free here, and links follow.
    A second import adds only what is new. Prints the new paths; the report of what was read, guessed and left goes to stderr.

    \b
    Examples:
      kb import adr ~/shop --dry-run
      kb import adr ~/shop/doc/adr
      kb import adr ~/shop/DECISIONS.md
      kb import adr ~/shop --allow 0007-mail.md:12    no secret: it stays
      kb import adr ~/shop --json | jq '.records[] | select(.guessed != [])'
    """
    from ...importers.adr import false_alarms, record_source
    from ...importers.adr import import_plan as adr
    from ...storage import files as disk

    base = context.the_base()
    project = _project(folder, base.root / base.settings.decisions)
    sources = _sources(project)
    said = false_alarms.named({one.path: one.data for one in sources}, allow)
    sources = [replace(one, allowed=said.get(one.path, ())) for one in sources]
    linked = record_source.linked_files(sources, project.homes)
    project = replace(project, unread=tuple(path for path in project.files if path not in linked and not _is_record(path)))
    files = dict(_files(project.root, linked))
    target = loader.folder_to_write(base.root, base.settings.decisions)
    with nullcontext() if dry_run else disk.only_writer(target):
        plan = adr.plan(project.root.name, sources, files, _there(base, target), project.homes)
        written = [] if dry_run else _write(plan, target, files)
    status = 0
    if written:
        message = f"decision: import {screen.plural(len(plan.records), 'record')} from {project.root.name}"
        status = save_result.commit(base, written, message, not no_commit, new=True)
    if as_json:
        screen.print_json(_document(base, project, plan, dry_run))
        return status
    _report(project, plan, dry_run)
    for record in plan.records:
        screen.say(screen.visible(str(target / f"{record.name}.md")))
    return status


# ---- finding ---------------------------------------------------------------------------------------------------------


def _project(folder: Path, target: Path) -> _Project:
    """The project and its folders of records that DIR means. Raises CannotRead or WrongUse."""
    from ...importers.adr.project_folders import HOMES, homes_in, is_log
    from ...storage import git

    folder = Path(os.path.expanduser(folder)).resolve()
    if folder.is_file() and _is_markdown(folder.name):
        root = git.work_tree(folder.parent) or folder.parent
        return _Project(
            root, (folder.parent.relative_to(root).as_posix().removeprefix("."),), (folder.relative_to(root).as_posix(),), ()
        )
    if not folder.is_dir():
        raise CannotRead(folder, "is no folder" if folder.exists() else "no such folder")
    if folder == target.resolve():
        raise WrongUse(f"{folder} is where kb reads its decisions already: `kb decision list` shows them, nothing is to import")
    named = adr_dir(folder)
    homes = [named] if named is not None else [home for home in dict.fromkeys(HOMES) if (folder / home).is_dir()]
    inside = next((folder.parents[home.count("/")] for home in HOMES if folder.as_posix().endswith("/" + home)), folder)
    found = sorted(_walk(folder, target.resolve()))
    root = git.work_tree(folder) or (folder if homes else inside)
    if homes:  # a monorepo's packages have homes of their own
        ends = tuple("/" + home for home in (*HOMES, *homes))
        all_homes = {path for path in {os.path.dirname(file) for file in found} if ("/" + path).endswith(ends)} | set(homes)
    else:
        all_homes = homes_in(found) or {""}
    start = folder.relative_to(root).as_posix() if folder != root else ""
    records = [file for file in found if any(not home or file.startswith(home + "/") for home in all_homes) or is_log(file)]
    taken = set(records)
    others = [file for file in found if file not in taken and _is_markdown(file)]
    return _Project(
        root,
        tuple(sorted(os.path.normpath(os.path.join(start, home)).removeprefix(".").strip("/") for home in all_homes)),
        tuple(os.path.join(start, file) for file in records),
        tuple(os.path.join(start, file) for file in others),
    )


def adr_dir(folder: Path) -> str | None:
    """The folder of records that adr-tools keeps in `.adr-dir`, as it stands there; None where there is no such folder."""
    try:
        named = (folder / ".adr-dir").read_text("utf-8", "replace").strip().removeprefix("./").strip("/")
    except OSError:
        return None
    return named if (folder / named).is_dir() else None


def _walk(folder: Path, target: Path) -> Iterator[str]:
    """All files below a folder, by their paths in it; links aren't followed, and hidden folders and other people's code not read."""
    for at, folders, files in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if name not in _PASSED_OVER and (not name.startswith(".") or name in _HIDDEN_HOMES) and Path(at, name) != target
        ]
        for name in files:
            path = os.path.join(at, name)
            if not name.startswith(".") and os.path.isfile(path) and not os.path.islink(path):
                yield os.path.relpath(path, folder)


def _sources(project: _Project) -> list[Source]:
    from ...importers.adr.record_source import Source
    from ...storage import git_history

    wanted = [path for path in project.files if _is_record(path)]
    if not wanted:
        where = listed([str(project.root / home) for home in project.homes], "and")
        if others := sum(map(_is_text, project.files)):
            raise WrongUse(
                f"no Markdown file in {where}, but {screen.plural(others, 'other text')}: convert (pandoc) and import again"
            )
        raise WrongUse(f"no Markdown file in {where}: name the folder of the records")
    days: dict[str, str] = {}
    for home in project.homes:
        days |= git_history.first_days(project.root / home) if not days or home not in ("", ".") else {}
    sources = []
    for path in wanted:
        try:
            data = (project.root / path).read_bytes()
        except OSError as error:
            screen.remark(f"{path} can't be read and is left: {system_reason(error)}")
            continue
        sources.append(Source(path, data, days.get(path, "")))
    return sources


def _files(root: Path, linked: Mapping[str, bool]) -> Iterator[tuple[str, bytes | None]]:
    """Of the files that records link to: the bytes of what goes along, None for others that exist; the rest is missing."""
    for path, wanted in linked.items():
        try:
            real = (root / path).resolve(strict=True)
            if not real.is_relative_to(root.resolve()):
                continue  # a symbolic link out of the project is no file of it
            goes = wanted and real.is_file() and real.stat().st_size <= MAX_FILE
            yield path, real.read_bytes() if goes else None
        except (OSError, ValueError):
            continue


def _there(base: KnowledgeBase, target: Path) -> TakenNames:
    from ...importers.adr.record_source import ImportedRecord, TakenNames

    prefix = base.settings.decisions + "/"
    notes = [note for note in base.notes if note.path.startswith(prefix)]
    known = [
        ImportedRecord(note.ref, str(note.front.get("imported_from", "")), str(note.front["imported_digest"]))
        for note in notes
        if note.front.get("imported_digest")
    ]
    files = {}
    for path in base.attachments:
        if path.startswith(prefix):
            try:
                files[path.removeprefix(prefix)] = (base.root / path).read_bytes()
            except OSError:
                files[path.removeprefix(prefix)] = b""
    names = {note.name for note in notes} | ({file.stem for file in target.glob("*.md")} if target.is_dir() else set())
    return TakenNames(tuple(names), tuple(known), files)


# ---- writing ---------------------------------------------------------------------------------------------------------


def _write(plan: Plan, target: Path, files: Mapping[str, bytes | None]) -> list[Path]:
    """Write all or nothing; a picture that is there already, byte for byte, serves both."""
    from ...storage import files as disk

    fresh = {target / f"{record.name}.md": record.data for record in plan.records}
    brought = {target / name: files[source] or b"" for source, name in plan.attachments.items()}
    fresh |= {path: data for path, data in brought.items() if not path.exists()}
    disk.add_all(fresh)
    return list(fresh)


# ---- the report ------------------------------------------------------------------------------------------------------


def _report(project: _Project, plan: Plan, dry_run: bool) -> None:
    dialects = Counter(record.head.dialect or "unknown" for record in plan.records)
    kinds = ", ".join(f"{count} {name}" for name, count in dialects.most_common())
    homes = listed([home or "." for home in project.homes], "and")
    verb = "would import" if dry_run else "imported"
    screen.remark(f"{homes}: {verb} {screen.plural(len(plan.records), 'record')}" + (f" ({kinds})" if kinds else ""))
    _lines("guessed", [(record.source, said) for record in plan.records for said in record.guessed])
    _lines("left as text", [(record.source, said) for record in plan.records for said in record.left])
    if masked := [f"{record.source}:{line}: {kind}" for record in plan.records for line, kind in record.masked]:
        screen.remark(
            f"{'would be masked' if dry_run else 'masked before it was written'} (no secret? --allow FILE:LINE keeps it):"
        )
        for row in masked:
            screen.remark(f"  {row}")
    _lines("changed since its import, left as it is here", list(plan.changed.items()))
    _lines(
        "no decision record",
        [*plan.refused.items(), *((path, _why(path)) for path in project.unread if _is_text(path))],
    )
    if plan.attachments:
        screen.remark(f"brought along: {screen.plural(len(plan.attachments), 'file')}")
    if plan.known:
        screen.remark(f"here already: {screen.plural(len(plan.known), 'record')}")
    if unread := [path for path in project.unread if not _is_text(path)]:
        screen.remark(f"not read: {screen.plural(len(unread), 'file')} that no record links to (--json names them)")
    if project.elsewhere:
        screen.remark(f"not read: {screen.plural(len(project.elsewhere), 'Markdown file')} outside {homes} (--json names them)")


def _lines(heading: str, rows: Sequence[tuple[str, str]]) -> None:
    """What is said of which file; the same of many in one line."""
    if rows:
        screen.remark(f"{heading}:")
    files: dict[str, list[str]] = {}
    for source, said in rows:
        files.setdefault(said, []).append(os.path.basename(source))
    for said, names in files.items():
        more = f" and {len(names) - 3} more" if len(names) > 4 else ""
        shown = ", ".join(names[:3]) + more if more else listed(names, "and")
        screen.remark(f"  {shown}: {said}")


def _is_markdown(path: str) -> bool:
    return path.lower().endswith((".md", ".markdown"))


def _is_record(path: str) -> bool:
    """Whether a file of a folder of records is read: Markdown, and what is called like a record but has no ending."""
    name = os.path.basename(path)
    numbered = re.match(r"(?:\d{3,6}|[a-z]{2,8}[-_ ]?\d{1,6})[-_ ]+[^\W\d_]", name, re.IGNORECASE)
    return _is_markdown(name) or bool("." not in name and numbered)


def _is_text(path: str) -> bool:
    return path.lower().endswith((".adoc", ".asciidoc", ".rst", ".org", ".txt", ".mdx", ".textile"))


def _why(path: str) -> str:
    return (
        "no Markdown, which is all that kb reads: convert it (pandoc) and import again"
        if _is_text(path)
        else "no record links to it"
    )


def _document(base: KnowledgeBase, project: _Project, plan: Plan, dry_run: bool) -> dict[str, Any]:
    """The report for programs."""
    target = loader.folder_to_write(base.root, base.settings.decisions)
    return {
        "project": str(project.root),
        "folders": list(project.homes),
        "dry_run": dry_run,
        "records": [_row(record, target) for record in plan.records],
        "attachments": [{"source": source, "path": str(target / name)} for source, name in plan.attachments.items()],
        "known": [{"source": source, "ref": ref} for source, ref in plan.known.items()],
        "changed": [{"source": source, "ref": ref} for source, ref in plan.changed.items()],
        "no_record": [{"source": source, "reason": reason} for source, reason in plan.refused.items()],
        "not_read": [
            *({"source": path, "reason": _why(path)} for path in project.unread),
            *({"source": path, "reason": "outside the folders of records"} for path in project.elsewhere),
        ],
    }


def _row(record: PlannedRecord, target: Path) -> dict[str, Any]:
    return {
        "source": record.source,
        "ref": record.ref,
        "path": str(target / f"{record.name}.md"),
        "dialect": record.head.dialect,
        "title": record.head.title,
        "status": record.status,
        "status_text": record.head.status.raw,
        "date": record.date,
        "date_from": record.date_from,
        **{kind: list(names) for kind, names in record.refs.items()},
        "guessed": list(record.guessed),
        "left": list(record.left),
        "masked": sorted({kind for _, kind in record.masked}),
        "masked_lines": [{"line": line, "kind": kind} for line, kind in record.masked],
    }
