"""Digests of MkDocs' configuration, plugins and extensions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.localization import Locale  # type: ignore[attr-defined]

from ...notes.settings import Settings
from ...storage import cache
from ...storage.cache import digest
from ..html.page_cache import SharedDigests
from ..sitemap.page import Page

# Anything else may read the clock, other files or the network: then nothing of the last site is kept.
PLUGINS = frozenset(("kb",))
EXTENSIONS = re.compile(r"(?:markdown\.extensions\.)?\w+|pymdownx\.(?!snippets|blocks\.html|b64|pathconverter)[\w.]+")
LIBRARIES = ("material.", "pymdownx.", "markdown.")

# What a user's template can see besides its own page, the configuration and the navigation.
UNSEEN = re.compile(rb"\b(?:pages|files|build_date\w*|update_date|random|lipsum)\b")


class _Unknown(Exception):
    """Something that can't be compared with its earlier state."""


def shared_digests(config: MkDocsConfig, settings: Settings, listed: Sequence[tuple[str, Page]]) -> SharedDigests:
    """What all pages have in common, as digests; empty if third-party code is involved.

    `listed` are the pages in the navigation, whose titles are on every page.
    """
    try:
        if config.theme.name != "material" or not PLUGINS.issuperset(config.plugins) or config.hooks or config.extra_templates:
            return SharedDigests()
        extensions = [str(name) for name in config.markdown_extensions]
        if not all(map(EXTENSIONS.fullmatch, extensions)):
            return SharedDigests()
        how = _plain({"extensions": extensions, "options": config.mdx_configs or {}, "kb": repr(settings)})
        rendering = cache.stamp("rendering", how)
        own = Path(config.theme.custom_dir) if config.theme.custom_dir else None
        templates = cache.tree(own) if own else {}
        if own and any(path.endswith(".html") and UNSEEN.search((own / path).read_bytes()) for path in templates):
            return SharedDigests(rendering)
        passing = ("docs_dir", "site_dir", "plugins", "hooks", "theme", "config_file_path", "watch", "dev_addr")
        rest = {key: value for key, value in config.items() if key not in passing}
        titles = [(path, page.title, page.nav) for path, page in listed]
        return SharedDigests(rendering, digest(rendering, _plain([rest, dict(config.theme), templates, titles])))
    except (_Unknown, OSError):
        return SharedDigests()


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
