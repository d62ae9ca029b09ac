"""`kb changes`: the first question of any debugging, answered from the history of the compose files and from the notes."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import kb

from .. import entries, git
from ..exceptions import close_to
from ..knowledge_base import KnowledgeBase
from ..note import Service, When
from . import options, screen

if TYPE_CHECKING:
    from ..changes import Event

PATTERNS = ("*.yml", "*.yaml", "*.container")
ENVS = ("*.env",)
NEAR = timedelta(days=2)  # how long before trouble a change is worth a look
_KEYS = ("service", "what", "before", "after", "file", "by")


@click.command()
@click.option(
    "--since", metavar="WHEN", default="4w", show_default=True, help="A date (2026-03-01) or a time ago (4w, 10d, 6m, 1y)."
)
@options.service_option("Only those of this service.")
@click.option("--for", "capability", metavar="WORD", default="", help="Only those that bear on this: dns, auth, media…")
@options.root_option
@options.json_option
def changes(since: str, service: str, capability: str, as_json: bool) -> int:
    """Show what changed lately in the services, each with its commit and how to undo it.

    Images, ports, volumes and networks are read from the Git history of the compose files that the notes name, or of the
    folders under `compose:` in mkdocs.yml, with tags and ports that stand in an `.env` beside them;
    from notes of kind change; and from decisions. `--for dns` means what provides dns, and all that this needs.

    \b
    Examples:
      kb changes
      kb changes --since 3d --service jellyfin
      kb changes --for dns
    """
    from .. import changes as rules

    base = options.the_base()
    start: When = options.moment(since)
    wanted, also = _wanted(base, service, capability)
    found = rules.chosen(_all(base, start.moment), wanted, start.moment, also)
    if as_json:
        screen.print_json([_document(event) for event in found])
        return 0
    _show(rules.by_commit(found))
    screen.remark(
        screen.plural(len(found), "change")
        if found
        else f"nothing changed since {start.moment:%d %b %Y}, as far as Git and the notes say"
    )
    return 0


def _wanted(base: KnowledgeBase, service: str, capability: str) -> tuple[set[str] | None, Any]:
    from .. import changes as rules

    if service:
        name = base.service_name(service)
        if name.lower() not in base.service_names:
            close = close_to(service.lower(), sorted(base.service_names))
            screen.remark(f"no service is called {service!r}" + (f": did you mean {close[0]}?" if close else ""))
        return {name}, lambda _: False
    if capability:
        found, also = rules.bearing_on(base, capability)
        if not found:
            screen.remark(f"no service provides {capability!r} yet: kb edit SERVICE --set provides={capability}")
        return found, also
    return None, lambda _: False


def near_trouble(base: KnowledgeBase, services: Sequence[str], at: datetime, before: timedelta = NEAR) -> list[str]:
    """A line for each change shortly before trouble: of these services and what they need, or of all when none is named.

    For example `jellyfin: image 10.10.3 → 10.10.5 (20 Nov 18:20, 4be1e7)`. Quick where nothing is configured: no Git is run.
    """
    if not _is_anything_known(base):
        return []
    from .. import changes as rules

    start = at - before
    names: set[str] | None = {base.service_name(name) for name in services} or None
    for name in list(names or ()):
        note = base.services.get(name.lower())
        names = (names or set()) | ({base.service_name(need) for need in (*note.depends_on, *note.hosts)} if note else set())
    found = [event for event in rules.chosen(_all(base, start, quiet=True), names, start) if event.at and event.at <= at]
    return [
        f"{event.service + ': ' if event.service else ''}{event.said()} ({_moment(event, at)}{f', {event.commit[:6]}' if event.commit else ''})"
        for event in rules.by_commit(found, 3)
    ]


def _is_anything_known(base: KnowledgeBase) -> bool:
    """Whether any note or setting could lead to a change; `kb seen` asks each time, and the rest takes loading."""
    return bool(base.settings.compose) or any(
        note.kind in ("change", "decision") or bool(note.front.get("compose") or note.front.get("retired"))
        for note in base.notes
    )


def _moment(event: Event, now: datetime) -> str:
    local = event.at.astimezone(now.tzinfo) if event.at else now
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local.day} {local:%b %H:%M}"


# ---- the history, through a cache ------------------------------------------------------------------------------------


def _all(base: KnowledgeBase, since: datetime | None, quiet: bool = False) -> list[Event]:
    """The events of the notes and of every history that the settings or the notes lead to."""
    from .. import changes as rules

    retired = {note.name for note in base.of("service") if isinstance(note, Service) and note.retired}
    events = list(rules.noted(base))
    for folder in _histories(base):
        try:
            events += [
                replace(event, what="retired") if event.what == "removed" and event.service in retired else event
                for event in _history(base, folder, since, quiet)
            ]
        except git.GitFailed as failed:
            if not quiet:
                screen.remark(f"the history of {folder} can't be read: {failed}")
    return events


def _histories(base: KnowledgeBase) -> list[Path]:
    """The folders whose history is read: of the setting `compose`, else for each repository what the notes' files share."""
    from .service_import import Places

    places = Places(base.root)
    if base.settings.compose:
        return [path for path in map(places.path, base.settings.compose) if path.is_dir() and git.work_tree(path)]
    trees: dict[Path, list[Path]] = {}
    for note in base.of("service"):
        if isinstance(note, Service) and note.compose:
            folder = places.path(note.compose).parent
            tree = git.work_tree(folder)
            if tree:
                trees.setdefault(tree, []).append(folder)
    found = [Path(os.path.commonpath(folders)) for folders in trees.values()]
    # The last service of a folder may be gone, and the folder with it.
    return [next(path for path in (folder, *folder.parents) if path.is_dir()) for folder in found]


def _history(base: KnowledgeBase, folder: Path, since: datetime | None, quiet: bool) -> list[Event]:
    from .. import changes as rules

    revisions = git.revisions(folder, (*PATTERNS, *ENVS), since.timestamp() if since else None)
    cache = kb.cache_folder(base.root) / f"changes-{zlib.crc32(os.fsencode(folder)):08x}.json"
    known = _load(cache)
    fresh = [revision for revision in revisions if revision.commit not in known]
    texts = git.blobs(folder, list(dict.fromkeys(b for r in fresh for f in r.files for b in (f.old_blob, f.new_blob) if b)))
    variables = _Variables(folder, fresh)
    progress = screen.Progress("reading the history:")
    for done, revision in enumerate(fresh):
        if not quiet and done % 50 == 0:
            progress(done, len(fresh))
        before = {f.old_path: texts[f.old_blob] for f in revision.files if f.old_blob in texts}
        after = {f.new_path: texts[f.new_blob] for f in revision.files if f.new_blob in texts}
        variables.add(revision, before, after)
        known[revision.commit] = [[getattr(event, key) for key in _KEYS] for event in rules.by_variables(before, after)]
    progress.clear()
    if fresh:
        with suppress(OSError):  # without a place for it, the next command reads the history again
            entries.write_private(cache, json.dumps({"rules": rules.RULES, "commits": known}).encode())
    names = _names(base, folder)
    return [
        _placed(_event(row, revision), folder, names, revision.seconds)
        for revision in revisions
        for row in known[revision.commit]
    ]


class _Variables:
    """The `.env` files of a history, where they are kept in Git: a tag that changes only there is a change of its service."""

    def __init__(self, folder: Path, fresh: Sequence[git.Revision]) -> None:
        from .. import changes as rules

        touched = [path for revision in fresh for file in revision.files for path in (file.old_path, file.new_path) if path]
        paths = {*touched, *(git.tracked(folder, (*PATTERNS, *ENVS)) if fresh else ())}
        self.envs = {path for path in paths if rules.is_env(path)}
        self.others: dict[str, list[str]] = {}  # the folder of an `.env` → the files that it is for
        for path in sorted(paths - self.envs) if self.envs else ():
            for env in self._above(path):
                self.others.setdefault(env, []).append(path)
        self.texts = git.blobs(folder, list(dict.fromkeys(spec for revision in fresh for spec in self._specs(revision))))

    def _above(self, path: str) -> list[str]:
        """The `.env` files whose variables a file may have, the nearest first."""
        folders = [path.rpartition("/")[0]]
        while folders[-1]:
            folders.append(folders[-1].rpartition("/")[0])
        return [env for folder in folders for env in sorted(self.envs) if env.rpartition("/")[0] == folder]

    def _specs(self, revision: git.Revision) -> Iterator[str]:
        """What stands beside the files of a commit, without having changed in it."""
        touched = {file.new_path for file in revision.files} | {file.old_path for file in revision.files}
        for path in sorted(touched - {""}) if self.envs else ():
            for other in self.others.get(path, ()) if path in self.envs else self._above(path):
                for near in (other, *(self._above(other) if path in self.envs else ())):
                    if near not in touched:
                        yield f"{revision.commit}:./{near}"

    def add(self, revision: git.Revision, before: dict[str, str], after: dict[str, str]) -> None:
        """Put beside a commit's files what belongs to them; of an `.env` nothing but the variables of images and ports stays."""
        from .. import changes as rules

        for spec in dict.fromkeys(self._specs(revision)):
            if spec in self.texts:
                path = spec.partition(":./")[2]
                before.setdefault(path, self.texts[spec])
                after.setdefault(path, self.texts[spec])
        for state in (before, after):
            described = [text for path, text in state.items() if not rules.is_env(path)]
            for path in [path for path in state if path.endswith(".env")]:
                state[path] = rules.shown_variables(state[path], described) if rules.is_env(path) else ""


def _event(row: Sequence[str], revision: git.Revision) -> Event:
    from ..changes import Event

    service, what, before, after, file, by = row
    return Event(service, what, before, after, file, revision.commit, revision.subject, by=by)


def _load(cache: Path) -> dict[str, list[list[str]]]:
    from .. import changes as rules

    try:
        loaded = json.loads(cache.read_bytes())
        return dict(loaded["commits"]) if loaded["rules"] == rules.RULES else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _names(base: KnowledgeBase, folder: Path) -> dict[tuple[str, str], str]:
    """The folder and the name in a compose file → the name of the note."""
    from ..imports.into_notes import marks
    from .service_import import Places

    places = Places(base.root)
    notes = [note for note in base.of("service") if isinstance(note, Service) and note.compose]
    return {
        (os.path.relpath(places.path(note.compose).parent, folder), marks(note)[0] or note.name): note.name for note in notes
    }


def _placed(event: Event, folder: Path, names: dict[tuple[str, str], str], seconds: int) -> Event:
    from .. import changes as rules

    own = names.get((os.path.dirname(event.file) or ".", event.service))
    home = Path.home()
    shown = f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) and folder != home else str(folder)
    undo = rules.undo(event, shown)
    return replace(event, service=own or event.service, at=datetime.fromtimestamp(seconds, UTC), undo=undo)


# ---- showing ---------------------------------------------------------------------------------------------------------


def _show(events: Sequence[Event]) -> None:
    now = options.now()
    last = ""
    for event in events:
        local = event.at.astimezone(now.tzinfo) if event.at else now
        day = f"{local:%a} {local.day} {local:%b}" + (f" {local.year}" if local.year != now.year else "")
        if day != last:
            screen.say(("\n" if last else "") + screen.strong(day))
            last = day
        where = event.commit[:6] or event.ref
        words = f"{event.service}  {event.said()}" if event.service else event.said()
        room = max(20, screen.width() - len(where) - 13)
        screen.say(f"  {local:%H:%M}  {screen.cut(screen.visible(words), room)}  {screen.faint(screen.visible(where))}")
        if event.undo:
            screen.say(f"         {screen.faint('undo: ' + screen.visible(' '.join(event.undo.split())))}")


def _document(event: Event) -> dict[str, Any]:
    return {
        "at": event.at.isoformat() if event.at else "",
        "service": event.service,
        "services": list(event.services),
        "what": event.what,
        "before": event.before,
        "after": event.after,
        "text": event.said(),
        "file": event.file,
        "commit": event.commit,
        "subject": event.subject,
        "ref": event.ref,
        "undo": event.undo,
    }
