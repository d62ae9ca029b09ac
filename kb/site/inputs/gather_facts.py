"""What the site says beyond the notes: read from Git and the files beside them, for the pages, which read nothing themselves."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...notes.knowledge_base import KnowledgeBase
from ...services import compose_history, heartbeats
from ...services import service_changes as rules
from ...services.service_changes import Event
from ...storage import cache as store
from ...storage import git, git_history, root_folder
from ..sitemap.site_facts import SiteFacts

LATELY = timedelta(days=365)


def gather(base: KnowledgeBase, now: datetime, cache: Path, mkdocs_yml: Mapping[str, Any]) -> SiteFacts:
    """Everything that pages may say beyond the notes. `cache` is kb's own folder for what it can rebuild."""
    place = git_history.work_tree_state(base.root)
    unread: list[str] = []
    return SiteFacts(
        now=now,
        beats=heartbeats.read(base.root),
        events=changed(base, now, cache, unread),
        edited=edited(base, place, cache / "edited.json") if place else {},
        edit_url=edit_url(mkdocs_yml, place),
        unread=unread,
    )


def changed(base: KnowledgeBase, now: datetime, cache: Path, unread: list[str]) -> Sequence[Event]:
    """What changed in the last year, newest first, as `kb changes` reports it; adds to `unread` what could not be read."""
    since = now - LATELY
    found = compose_history.events(
        base, since, cache, lambda folder, why: unread.append(f"the history of {folder} can't be read: {why}")
    )
    return rules.chosen(found, None, since)


# ---- the last change of each note ------------------------------------------------------------------------------------


def edited(base: KnowledgeBase, place: git_history.WorkTreeState, cache: Path) -> Mapping[str, date]:
    """The path of each note → the day of its last commit. Only commits since the last time are read."""
    folders = [root_folder.ENTRIES, base.settings.decisions]
    reach = [sorted(place.cut), folders, place.folder]
    made_by = store.stamp("edited", reach)
    commit, days = _load(cache, made_by)
    try:
        if commit != place.commit:
            goes_on = commit and git_history.is_ancestor(base.root, commit, place.commit)
            new = git_history.last_days(base.root, folders, place.cut, after=commit if goes_on else "")
            old = days if goes_on else {}
            days = {**old, **{path: max(day, old.get(path, "")) for path, day in new.items()}}
            with contextlib.suppress(OSError):
                store.save_json(cache, made_by, [place.commit, days])
    except git.GitFailed:
        return {}
    found = {}
    for note in base.notes:
        with contextlib.suppress(KeyError, ValueError):
            found[note.path] = date.fromisoformat(days[note.path])
    return found


def _load(cache: Path, made_by: str) -> tuple[str, dict[str, str]]:
    """The last commit that was read, and the days; nothing if they were read in another way."""
    loaded = store.load_json(cache, made_by)
    return (str(loaded[0]), dict(loaded[1])) if isinstance(loaded, list) else ("", {})


# ---- where a note is edited --------------------------------------------------------------------------------------------

# The name of a host, and the address of its editor.
_EDITORS = (
    (("github",), "edit/{branch}/{path}"),
    (("gitlab",), "-/edit/{branch}/{path}"),
    (("codeberg", "forgejo", "gitea"), "_edit/{branch}/{path}"),
    (("bitbucket",), "src/{branch}/{path}?mode=edit"),
)


def edit_url(mkdocs_yml: Mapping[str, Any], place: git_history.WorkTreeState | None) -> str:
    """Where a note is edited, with `{path}` for its path; empty if mkdocs.yml names no repository.

    `edit_uri_template` and `edit_uri` are MkDocs' own; without them, the editors of the usual hosts are used.
    """
    repository = str(mkdocs_yml.get("repo_url") or "").rstrip("/")
    parts = urlsplit(repository)
    if (
        parts.scheme not in ("http", "https")
        or not parts.netloc
        or "@" in parts.netloc
        or set(repository) & set(" <>\"'()[]\\{}`")
    ):
        return ""
    template, uri = mkdocs_yml.get("edit_uri_template"), mkdocs_yml.get("edit_uri")
    if isinstance(template, str) and template:
        found = template.replace("{path_noext}.md", "{path}").replace("{path!q}", "{path}")
    elif isinstance(uri, str) and uri:
        found = uri.rstrip("/") + "/{path}" if not uri.startswith(("?", "#")) else uri + "{path}"
    else:
        editor = next((editor for names, editor in _EDITORS if any(name in parts.netloc for name in names)), "")
        branch = place.branch if place and place.branch else "main"
        found = editor.replace("{branch}", branch).replace("{path}", f"{place.folder if place else ''}{{path}}")
    if not found or set(found) & set(" <>\"'()[]\\`"):
        return ""
    if found.startswith(("http://", "https://")):
        return found
    return repository + found if found.startswith(("?", "#")) else f"{repository}/{found.lstrip('/')}"
