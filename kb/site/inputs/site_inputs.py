"""What a site is made of, read once, with a digest so that the same site isn't built twice."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import time_ns
from typing import Any

from ...exceptions import CannotRead, WrongUse, system_reason
from ...notes import dates
from ...notes.knowledge_base import KnowledgeBase
from ...notes.settings import Settings
from ...storage import cache, folders, loader, root_folder
from ..sitemap.site_facts import SiteFacts
from . import gather_facts


@dataclass(frozen=True)
class SiteInputs:
    """What a site is made of: mkdocs.yml, the notes, what pages say beyond them, and the day."""

    root: Path
    mkdocs_yml: bytes
    user: Mapping[str, Any]  # what mkdocs.yml says, with what it inherits
    base: KnowledgeBase
    given: SiteFacts
    day: date


def read(root: Path, day: date) -> SiteInputs:
    """Everything that the site of the knowledge base in `root` is made of. Raises KbError."""
    path = root / "mkdocs.yml"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CannotRead(path, system_reason(error)) from error
    user = root_folder.parse_mkdocs_yml(path, data)  # kb's own reader names the line that is wrong
    base = loader.read(root, mkdocs_yml=user)
    moment = datetime.combine(day, time(12)).astimezone()
    return SiteInputs(root, data, user, base, gather_facts.gather(base, moment, folders.cache_folder(base.root), user), day)


def today() -> date:
    """The day of the build; `KB_NOW` sets another, for reproducible sites.

    Raises WrongUse if that isn't a moment, or if SOURCE_DATE_EPOCH, which MkDocs reads, isn't one.
    """
    if (epoch := os.environ.get("SOURCE_DATE_EPOCH")) is not None:
        try:
            datetime.fromtimestamp(int(epoch), UTC)
        except (ValueError, OverflowError, OSError):
            message = f"SOURCE_DATE_EPOCH is {epoch!r}, no number of seconds since 1970: correct it, or unset it"
            raise WrongUse(message) from None
    return dates.read_clock(os.environ.get("KB_NOW", ""), datetime.now().astimezone()).date()


def watched_folders(settings: Settings) -> list[str]:
    """The folders whose files the site is made of."""
    return list(dict.fromkeys((root_folder.ENTRIES, settings.decisions)))


def inputs_digest(inputs: SiteInputs) -> str:
    """The digest of everything that a site is made of, so that the same site isn't built twice; empty if that can't be known."""
    root, theme = inputs.root, inputs.user.get("theme")
    own_theme = theme.get("custom_dir") if isinstance(theme, Mapping) else None
    stamps = cache.stamps(root, inputs.base.attachments, time_ns())
    if stamps is None or b"INHERIT" in inputs.mkdocs_yml or b"!ENV" in inputs.mkdocs_yml:
        return ""
    try:
        templates = cache.tree(root / str(own_theme)) if own_theme else {}
    except OSError:
        return ""
    notes = [(note.path, note.digest) for note in inputs.base.notes]
    rest = (inputs.given, inputs.base.problems, inputs.day, os.environ.get("SOURCE_DATE_EPOCH"), stamps, templates)
    return cache.stamp("whole site", cache.digest_of(inputs.mkdocs_yml), notes, rest)
