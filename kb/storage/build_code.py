"""Warns of code from others that a build of the site would run because a `mkdocs.yml` names it."""

from __future__ import annotations

from pathlib import Path

from ..notes import yaml_reader
from . import git, git_history


def remarks(root: Path, start: str) -> tuple[str, ...]:
    """Remarks on what came since the commit `start`, if a build of the site would run other code because of it. Never raises."""
    try:
        return tuple(_code_that_came(root, start))
    except git.GitFailed as failed:  # all is synced by now
        return (f"whether the mkdocs.yml that came runs other code than before is not known ({failed}): look before you build",)


def _code_that_came(root: Path, start: str) -> list[str]:
    """Remarks on a `mkdocs.yml` from others that makes a build of the site run code that it did not run before."""
    names = ("mkdocs.yml",)
    before = git_history.blobs(root, [f"{start}:./{name}" for name in names]) if start else {}
    after = git_history.blobs(root, [f"HEAD:./{name}" for name in names])
    had, has = (_code_in(next(iter(texts.values()), "")) for texts in (before, after))
    new = [what for what in has if what not in had]
    hooks = [what.removeprefix("hooks: ") for what in has if what.startswith("hooks: ")]
    if start and hooks:
        came = git.run(root, "diff", "--name-only", "-z", "--relative", start, "HEAD", "--", *hooks).split("\0")
        new += [f"hooks: {name}, changed" for name in came if name and f"hooks: {name}" not in new]
    if not new:
        return []
    look = f"git diff {start[:10]} -- mkdocs.yml" if start else "look at mkdocs.yml"
    return [f"others changed what kb site runs ({'; '.join(new)}): {look}, before you build the site"]


def _code_in(text: str) -> list[str]:
    """What in a `mkdocs.yml` makes a build run code of the repository or of other packages."""
    try:
        settings = yaml_reader.read_yaml_settings(text)
    except yaml_reader.Broken:
        return []
    found = [f"hooks: {name}" for name in _names(settings.get("hooks"))]
    found += [f"plugins: {name}" for name in _names(settings.get("plugins")) if name not in ("kb", "search")]
    theme = settings.get("theme")
    if isinstance(theme, dict) and theme.get("custom_dir"):
        found.append(f"theme: custom_dir: {theme['custom_dir']}")
    if settings.get("INHERIT"):
        found.append(f"INHERIT: {settings['INHERIT']}")
    if "!!python" in text:
        found.append("!!python")
    return found


def _names(value: object) -> list[str]:
    if isinstance(value, dict):
        return [str(name) for name in value]
    rows = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    return [str(next(iter(row), "")) if isinstance(row, dict) else str(row) for row in rows]
