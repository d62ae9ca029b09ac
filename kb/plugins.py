"""What other packages add to kb's tables: found through entry points, loaded when a table is first read.

`docs/plugins.md` says what a row of each group is. kb's own rows are in the same tables, before those of plugins.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# The groups of entry points, and where in kb each one's table is.
GROUPS: Mapping[str, str] = {
    "kb.kinds": "notes.kinds:KINDS",
    "kb.pages": "site.catalog:PAGES",
    "kb.importers": "importers.registry:IMPORTERS",
    "kb.secret_rules": "secrets.rule_table:TABLES",
    "kb.log_headers": "logs.headers:TABLES",
    "kb.commands": "cli.command_table:COMMANDS",
}


class Plugin(NamedTuple):
    """One entry point of an installed package."""

    group: str
    name: str
    value: str  # module:attribute
    package: str
    version: str
    file: str  # its entry_points.txt
    line: int = 1


class Fault(NamedTuple):
    """A plugin that kb goes on without, and why."""

    plugin: Plugin
    why: str

    @property
    def message(self) -> str:
        """The plugin, what is wrong, and what to do."""
        name = f"{self.plugin.package} {self.plugin.version}"
        row = f"{self.plugin.name} of {self.plugin.group}"
        return f"the plugin {name}: {row} is passed over: {self.why}; update it, or uninstall it"


_faults: dict[Plugin, str] = {}


# ---- what is installed -----------------------------------------------------------------------------------------------


@cache
def distributions(path: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The folder and name of each installed package's metadata (`labkb-0.1.0.dist-info`) on that `sys.path`."""
    found = []
    for folder in dict.fromkeys(path):
        try:
            found += [
                (folder, name) for name in sorted(os.listdir(folder or ".")) if name.endswith((".dist-info", ".egg-info"))
            ]
        except OSError:  # an archive, or nothing
            continue
    return tuple(found)


def plugins(group: str = "") -> list[Plugin]:
    """The entry points of a group, or of all of them, in the order of their packages' names."""
    return [plugin for plugin in _plugins(tuple(sys.path)) if plugin.group == group or not group]


@cache
def _plugins(path: tuple[str, ...]) -> tuple[Plugin, ...]:
    """The entry points for kb. Importing `importlib.metadata` takes longer than this search, so it waits until there are any."""
    found: dict[str, tuple[Plugin, ...]] = {}
    for folder, name in distributions(path):
        file = f"{folder}/{name}/entry_points.txt"
        try:
            with open(file, "rb", buffering=0) as opened:
                data = opened.read()
        except OSError:  # most packages have none
            continue
        if b"[kb." in data and (rows := tuple(_entry_points(Path(file), data.decode("utf-8", "replace")))):
            found.setdefault(rows[0].package, rows)  # Python imports the first one on the path
    return tuple(plugin for _, rows in sorted(found.items()) for plugin in rows)


def _entry_points(file: Path, text: str) -> Iterator[Plugin]:
    from importlib.metadata import Distribution

    package, _, version = file.parent.name.rpartition(".")[0].partition("-")
    lines: dict[tuple[str, str], int] = {}
    group = ""
    for number, line in enumerate(text.splitlines(), 1):
        group = line.strip()[1:-1] if line.startswith("[") else group
        lines.setdefault((group, line.partition("=")[0].strip()), number)
    try:
        entries = [entry for entry in Distribution.at(file.parent).entry_points if entry.group.startswith("kb.")]
    except Exception as error:  # noqa: BLE001 - a line without a name, and whatever else the standard library stumbles over
        unread = Plugin("kb", "entry_points.txt", "", package, version, str(file))
        _faults[unread] = f"can't be read ({type(error).__name__}: {error})"
        yield unread
        return
    for entry in entries:
        yield Plugin(entry.group, entry.name, entry.value, package, version, str(file), lines.get((entry.group, entry.name), 1))


def sources(path: tuple[str, ...]) -> list[Path]:
    """The files and folders that plugins are imported from, found without importing them."""
    names = {plugin.value.partition(":")[0].partition(".")[0] for plugin in _plugins(path)}
    return [source for name in sorted(names) if (source := _source(name))]


def _source(module: str) -> Path | None:
    from importlib.util import find_spec

    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.origin:
        return None
    return Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)


# ---- tables ----------------------------------------------------------------------------------------------------------


class Table(Mapping[str, T], Generic[T]):
    """One of kb's tables: its own rows by name, then those of plugins, which are loaded when it is first read.

    A plugin that can't be loaded, or whose row is of the wrong kind, is skipped; `faults` names it.
    """

    def __init__(self, group: str, own: Mapping[str, T], check: Callable[[str, object], T]) -> None:
        """`check(name, loaded)` returns the row, or raises ValueError with a sentence if what was loaded isn't one."""
        self.group, self.own, self._check = group, own, check
        self._rows: dict[str, T] | None = None
        self._loading: set[int] = set()

    def rows(self) -> Mapping[str, T]:
        """All rows."""
        if self._rows is not None:
            return self._rows
        thread = threading.get_ident()
        if thread in self._loading:  # a plugin that reads the table while it is imported
            return self.own
        self._loading.add(thread)
        try:
            found = dict(self.own)
            for plugin in plugins(self.group):
                self._add(plugin, found)
            self._rows = found
        finally:
            self._loading.discard(thread)
        return self._rows

    def _add(self, plugin: Plugin, found: dict[str, T]) -> None:
        if plugin.name in found:
            _faults[plugin] = f"the name {plugin.name} is taken"
            return
        try:
            found[plugin.name] = self._check(plugin.name, _loaded(plugin.value))
        except ValueError as error:
            _faults[plugin] = f"{plugin.value}: {error}"
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the code of others raises
            _faults[plugin] = _said(plugin.value, error)

    def guarded(self, name: str, do: Callable[[T], R], otherwise: R) -> R:
        """What `do` returns for a row. If a plugin's row fails, `faults` names it, and `otherwise` is returned."""
        row = self.rows()[name]
        if name in self.own:
            return do(row)
        try:
            return do(row)
        except Exception as error:  # noqa: BLE001 - whatever the code of others raises
            self.blame(name, error)
            return otherwise

    def blame(self, name: str, error: BaseException) -> None:
        """Note that the row of a plugin failed."""
        for plugin in plugins(self.group):
            if plugin.name == name:
                _faults[plugin] = _said(plugin.value, error)

    def __getitem__(self, name: str) -> T:
        return self.rows()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows())

    def __len__(self) -> int:
        return len(self.rows())


def names(group: str) -> list[str]:
    """The names of a group's plugins, without loading any."""
    return list(dict.fromkeys(plugin.name for plugin in plugins(group)))


def faults_of(*groups: str) -> list[Fault]:
    """The plugins of these groups that have failed so far."""
    return [Fault(plugin, why) for plugin, why in _faults.items() if plugin.group in groups]


def faults() -> list[Fault]:
    """All plugins that don't work; this reads every table that has plugins."""
    for group in dict.fromkeys(plugin.group for plugin in plugins()):
        if group in GROUPS:
            _loaded(f"{__package__}.{GROUPS[group]}").rows()  # type: ignore[attr-defined]
    unknown = {p: f"kb has no such table; there are {', '.join(GROUPS)}" for p in plugins() if p.group not in GROUPS}
    return [Fault(plugin, why) for plugin, why in (unknown | _faults).items()]


def _loaded(value: str) -> object:
    """What an entry point names: a module, or an attribute of one."""
    module, _, attributes = value.partition(":")
    found: object = import_module(module.strip())
    for name in filter(None, attributes.split("[")[0].strip().split(".")):
        found = getattr(found, name)
    return found


def _said(value: str, error: BaseException) -> str:
    return f"{value} fails with {type(error).__name__}: {' '.join(str(error).split())}"
