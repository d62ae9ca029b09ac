"""kb's settings: the options of the plugin `kb` in `mkdocs.yml`, each with its default and its meaning in one place."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..exceptions import close_to
from .dates import length
from .markdown import HEADINGS

# ---- reading a value of mkdocs.yml as its type, or ValueError ---------------------------------------------------------


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _length(value: object) -> str:
    if length(str(value)) <= timedelta(0):
        raise ValueError
    return str(value)


def _price(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 100:
        raise ValueError
    return float(value)


def _zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (KeyError, OSError) as unknown:
        raise ValueError from unknown


def _folder(value: object) -> str:
    """A folder below the one with mkdocs.yml, but not that folder itself, which holds kb's own notes and settings."""
    folder = posixpath.normpath(value.strip("/") or ".") if isinstance(value, str) else ".."
    if folder in (".", "..") or folder.startswith("../"):
        raise ValueError
    return folder


def _folders(value: object) -> tuple[str, ...]:
    if not isinstance(value, str | list):
        raise ValueError
    return tuple(str(folder) for folder in ([value] if isinstance(value, str) else value))


def _headings(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError
    return {**HEADINGS, **{str(word).lower().split()[0]: str(section) for section, word in value.items() if str(word).strip()}}


def _setting(default: Any, read: Callable[[object], Any], meaning: str) -> Any:
    """A setting: its default, how its value is read, and its meaning for the documentation."""
    made = {"default_factory": default} if callable(default) else {"default": default}
    return field(**made, metadata={"read": read, "meaning": meaning})


# ---- the settings ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """The settings of a knowledge base. Each is a key under `plugins: - kb:` in mkdocs.yml."""

    commit: bool = _setting(True, _flag, "commit a new or changed note to Git at once")
    decisions: str = _setting("entries/decisions", _folder, "the folder of the decision records, relative to mkdocs.yml")
    headings: Mapping[str, str] = _setting(
        lambda: HEADINGS, _headings, "other names for sections: `{Lösung: fix, Ursache: why}`"
    )
    backup_every: str = _setting(
        "1w",
        _length,
        "how often a backup must be seen, for a service whose note doesn't say; it may be late by a fifth, a day at most",
    )
    restore_within: str = _setting("1y", _length, "how long a tested restore counts; after that it is a hope again")
    review_within: str = _setting(
        "1y", _length, "how long a review of a service's security counts; half as long for one exposed to the internet"
    )
    rotate_within: str = _setting("1y", _length, "how long a secret may stay the same, once a rotation of it is recorded")
    rebuild_within: str = _setting("2y", _length, "how long a drill that followed the steps to rebuild counts")
    cert_warning: str = _setting("2w", _length, "how long before it expires a certificate needs attention")
    compose: tuple[str, ...] = _setting(
        (), _folders, "the folders of your compose files, for `drift` and `changes`: `[~/docker]`"
    )
    timezone: str = _setting("", _zone, "where times without a zone are meant: `Europe/Berlin`. By default that of the machine")
    csp: bool = _setting(True, _flag, "a Content-Security-Policy on each page of the site, under which no inline script runs")
    kwh_price: float = _setting(0.0, _price, "what a kilowatt hour costs, for `kb stats --cost`")
    site_name: str = "kb"  # MkDocs' own, at the top level
    site_url: str = ""  # MkDocs' own: the address of the site, when it is known
    directory_urls: bool = False  # MkDocs' own: each page is a folder with an index.html
    unknown: tuple[str, ...] = ()  # what is wrong with the settings, one sentence each


def has_plugin(mkdocs: Mapping[str, Any]) -> bool:
    """Whether this `mkdocs.yml` lists the plugin `kb`, which makes its folder a knowledge base."""
    return _options(mkdocs) is not None


def _options(mkdocs: Mapping[str, Any]) -> Mapping[str, Any] | None:
    plugins = mkdocs.get("plugins")
    if isinstance(plugins, Mapping):
        plugins = [{name: options} for name, options in plugins.items()]
    for plugin in plugins if isinstance(plugins, list) else []:
        if plugin == "kb":
            return {}
        if isinstance(plugin, Mapping) and "kb" in plugin:
            options = plugin["kb"]
            return options if isinstance(options, Mapping) else {}
    return None


def settings_of(mkdocs: Mapping[str, Any]) -> Settings:
    """The settings in a parsed `mkdocs.yml`. A wrong one is named in `unknown`, and its default is used."""
    options = _options(mkdocs) or {}
    readers = {row.name: row.metadata["read"] for row in fields(Settings) if row.metadata}
    url = mkdocs.get("site_url")
    values: dict[str, Any] = {
        "site_name": str(mkdocs.get("site_name") or "kb"),
        "site_url": url if isinstance(url, str) and url.startswith(("http://", "https://")) else "",
        "directory_urls": mkdocs.get("use_directory_urls") is True,
    }
    complaints = []
    for key, value in options.items():
        if key not in readers:
            close = close_to(str(key), readers)
            complaints.append(f"kb has no setting {key!r}" + (f": did you mean {close[0]}?" if close else ""))
            continue
        try:
            values[key] = readers[key](value)
        except ValueError:
            complaints.append(f"the setting {key} can't be {value!r}")
    return Settings(**values, unknown=tuple(complaints))
