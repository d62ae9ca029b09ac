"""What a site is like unless its mkdocs.yml says otherwise: theme, scripts, styles, search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugins
from mkdocs.theme import Theme

from ...storage.folders import PACKAGE
from ..pages import more_pages, section_nav

THEME = PACKAGE / "site/theme"
STYLES = PACKAGE / "site/styles"
PALETTE = [
    {
        "media": f"(prefers-color-scheme: {name})",
        "scheme": scheme,
        "primary": "custom",
        "accent": "custom",
        "toggle": {"icon": icon, "name": f"Switch to {other} mode"},
    }
    for name, scheme, icon, other in (
        ("light", "default", "material/weather-night", "dark"),
        ("dark", "slate", "material/weather-sunny", "light"),
    )
]
FEATURES = ["navigation.tabs", "navigation.top", "content.code.copy", "toc.follow"]

# Words as people paste them: split at everything that separates words in a log, and inside CamelCase.
SEPARATOR = r"[\s\u200b\-_,:;!?=\[\]()<>{}\"'`/\\|@#&*+~^$%]+|\.(?!\d)|&[lg]t;|&quot;|&amp;|(?<=[a-z])(?=[A-Z][a-z])"


def set_defaults(config: MkDocsConfig, user: Mapping[str, Any]) -> None:
    """Make a site with a `mkdocs.yml` of three lines beautiful; whatever that says takes precedence."""
    if "use_directory_urls" not in user:
        config.use_directory_urls = False  # so that the site opens from a folder, without a server
    if not {"edit_uri", "edit_uri_template"} & set(user):
        config.edit_uri = None  # MkDocs' guess leads to a docs folder that doesn't exist
    if "theme" not in user:
        # MkDocs' own theme loads scripts and fonts from elsewhere, and is under no policy.
        config.theme = Theme(name="material")
    if config.theme.name == "material":
        _set_theme(config, user.get("theme"))
        config.extra_css.insert(0, "assets/kb.css")
        config.extra_javascript[:0] = [
            "assets/filter.js",
            "assets/map.js",
            "assets/sideways.js",
            "assets/search-words.js",
            "assets/search.js",
            "assets/search-box.js",
            "assets/paste-key.js",
            "assets/keyboard.js",
        ]
    toc = config.mdx_configs.setdefault("toc", {})
    toc.setdefault("title", "On this page")
    _set_search(config)


def _set_theme(config: MkDocsConfig, user: object) -> None:
    chosen = user if isinstance(user, Mapping) else {}
    theme = config.theme
    # Below the user's own custom_dir, above the theme's templates.
    theme.dirs.insert(1 if theme.custom_dir else 0, str(THEME))
    theme["about_services"] = [path.split("/")[0] for path, _ in section_nav.PAGES]  # whose tab is the services'
    theme["under_more"] = [path.split("/")[0] for path, _, _ in more_pages.ways()]  # unless an earlier tab has it
    defaults: dict[str, Any] = {"font": False, "palette": PALETTE, "features": FEATURES}
    for key, value in defaults.items():
        if key not in chosen:
            theme[key] = value
    icons = theme["icon"] if isinstance(theme.get("icon"), Mapping) else {}
    theme["icon"] = {"logo": "material/notebook-heart-outline", **icons}
    if "favicon" not in chosen:
        theme["favicon"] = "assets/kb.svg"


def styles(config: MkDocsConfig) -> dict[str, str]:
    """The style sheet of kb's pages: one file made of several, one per topic, in the order of their names."""
    if config.theme.name != "material":
        return {}
    return {"assets/kb.css": "\n".join(path.read_text("utf-8") for path in sorted(STYLES.glob("*.css")))}


def _set_search(config: MkDocsConfig) -> None:
    """Use kb's own search instead of Material's. Other themes get MkDocs' search, which is missing if `plugins` doesn't list it."""
    named = [name for name in config.plugins if name.rpartition("/")[2] == "search"]
    if config.theme.name == "material":
        for name in named:
            config.plugins.pop(name).config["enabled"] = False  # it would read every page for an index that nothing uses
    elif not named:
        search = get_plugins()["search"].load()()
        search.load_config({"separator": SEPARATOR})
        config.plugins["search"] = search
