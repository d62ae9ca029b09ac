"""What a site is made of, read once, and digested so that the same is not built again."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from time import time_ns
from typing import Any

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.localization import Locale  # type: ignore[attr-defined]
from mkdocs.utils import get_build_date

from ...notes.knowledge_base import KnowledgeBase
from ...notes.settings import Settings
from ...storage import folders, loader
from ..catalog import Given, Page
from ..html.page_cache import Surroundings
from . import gather_facts, site_record
from .site_record import digest


@dataclass(frozen=True)
class Known:
    """What a site is made of: the notes, what pages say besides, and the day."""

    base: KnowledgeBase
    given: Given
    day: date


def read(root: Path, day: date) -> Known:
    """All that the site of the knowledge base in `root` is made of. Raises KbError."""
    base = loader.read(root)
    moment = datetime.combine(day, time(12)).astimezone()
    return Known(base, gather_facts.given(base, moment, folders.cache_folder(base.root)), day)


def today() -> date:
    """The day of the build; `KB_NOW` says another, for reproducible sites."""
    fixed = os.environ.get("KB_NOW", "")[:10]
    try:
        return date.fromisoformat(fixed)
    except ValueError:
        return date.today()


def watched_folders(settings: Settings) -> list[str]:
    """The folders whose files the site is made of."""
    return list(dict.fromkeys((loader.ENTRIES, settings.decisions)))


# ---- what has to be the same for a page, and for the site, to stay as it is ---------------------------------------------

# Whatever else there is may read the clock, other files or the network: then nothing of the last site is kept.
PLUGINS = frozenset(("kb",))
EXTENSIONS = re.compile(r"(?:markdown\.extensions\.)?\w+|pymdownx\.(?!snippets|blocks\.html|b64|pathconverter)[\w.]+")
LIBRARIES = ("material.", "pymdownx.", "markdown.")

# What a template of the user's can see besides its own page, the configuration and the navigation.
UNSEEN = re.compile(rb"\b(?:pages|files|build_date\w*|update_date|random|lipsum)\b")


class _Unknown(Exception):
    """Something that can't be compared with what it was."""


def what_is_around(config: MkDocsConfig, settings: Settings, listed: Sequence[tuple[str, Page]]) -> Surroundings:
    """What all pages have in common, digested; nothing where somebody else's code has a hand in it.

    `listed` are the pages in the navigation, whose titles stand on every page.
    """
    try:
        if config.theme.name != "material" or not PLUGINS.issuperset(config.plugins) or config.hooks or config.extra_templates:
            return Surroundings()
        extensions = [str(name) for name in config.markdown_extensions]
        if not all(map(EXTENSIONS.fullmatch, extensions)):
            return Surroundings()
        how = _plain({"extensions": extensions, "options": config.mdx_configs or {}, "kb": repr(settings)})
        rendering = digest(site_record.program(), how)
        own = Path(config.theme.custom_dir) if config.theme.custom_dir else None
        templates = site_record.tree(own) if own else {}
        if own and any(path.endswith(".html") and UNSEEN.search((own / path).read_bytes()) for path in templates):
            return Surroundings(rendering)
        passing = ("docs_dir", "site_dir", "plugins", "hooks", "theme", "config_file_path", "watch", "dev_addr")
        rest = {key: value for key, value in config.items() if key not in passing}
        titles = [(path, page.title, page.nav) for path, page in listed]
        return Surroundings(rendering, digest(rendering, _plain([rest, dict(config.theme), templates, titles])))
    except (_Unknown, OSError):
        return Surroundings()


def _plain(value: Any) -> str:
    """A value of the configuration as a text that is the same for the same value. Raises _Unknown."""
    if value is None or isinstance(value, str | int | float | date):
        return repr(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {_plain(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_plain, value))}]"
    if isinstance(value, ExtraScriptValue):
        return repr((value.path, value.type, value.defer, getattr(value, "async")))
    if isinstance(value, Locale):
        return str(value)
    name = f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
    if callable(value) and name.startswith(LIBRARIES):
        return name
    raise _Unknown(type(value).__name__)


def everything(root: Path, known: Known, user: Mapping[str, Any]) -> str:
    """The digest of all that a site is made of, so that the same need not be built again; empty where nobody can tell."""
    mkdocs_yml = (root / "mkdocs.yml").read_bytes()
    theme = user.get("theme")
    own_theme = theme.get("custom_dir") if isinstance(theme, Mapping) else None
    stamps = site_record.stamps(root, known.base.attachments, time_ns())
    if stamps is None or b"INHERIT" in mkdocs_yml or b"!ENV" in mkdocs_yml:
        return ""
    try:
        templates = site_record.tree(root / str(own_theme)) if own_theme else {}
    except OSError:
        return ""
    notes = [(note.path, note.digest) for note in known.base.notes]
    rest = (known.given, known.base.problems, known.day, get_build_date(), stamps, templates)
    return digest(site_record.program(), site_record.digest_of(mkdocs_yml), repr(notes), repr(rest))
