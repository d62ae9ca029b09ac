"""The house: twelve rooms, arrows down only, each outside library in its home, and nothing heavy loaded by what must start fast.

Each test fails with a sentence that says what to do. `CONTRIBUTING.md` shows the same house on one screen.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from commands import World

KB = Path(__file__).parent.parent / "kb"

# What each room may import besides itself and `exceptions` and `plugins`, from the ground up.
ROOMS = {
    "exceptions": "",
    "plugins": "",
    "notes": "",
    "logs": "",
    "secrets": "",
    "importers": "notes secrets",
    "storage": "importers notes logs secrets",
    "decisions": "importers notes",
    "services": "storage importers notes",
    "retrieval": "storage logs notes",
    "capture": "retrieval storage importers notes logs secrets",
    "reports": "services decisions notes",
    "site": "reports services decisions retrieval storage notes logs secrets",
    "cli": "capture site reports services decisions retrieval storage importers notes logs secrets",
    "__init__": "capture retrieval storage notes",
    "__main__": "cli",
}
EVERYBODY_MAY = {"exceptions", "plugins"}

# The same within a room, top first: an arrow may go to the same group or to a later one.
INSIDE = {
    "site": "build / mkdocs / html / inputs catalog / pages / browser drawing / sitemap",
    "cli": "__init__ command_table / commands / new_command views / options / complete / context input_streams / clock / terminal",
    "importers": "registry / adr compose quadlet service_files / service_record",
}
HOMES = {
    "backports": "logs/log_formats",
    "compression": "logs/log_formats",
    "click": "cli",
    "rich": "cli",
    "platformdirs": "storage/folders",
    "slugify": "notes/templates",
    "yaml": "notes/yaml_reader importers/compose/compose_yaml",
    "frontmatter": "notes/yaml_reader",
    "whoosh": "retrieval/whoosh_index",
    "watchdog": "storage/file_watch",
    "mkdocs": "site/mkdocs site/build",
    "jinja2": "site/mkdocs/template_cache",
    "markdown": "site/html",
    "subprocess": "storage/git cli/terminal/editor cli/terminal/log_program cli/terminal/pty_run",
}
LONGEST = 350  # lines of a file: what one holds in mind while reading it

# Outside cli/ these are arguments, so that a test or another door can give its own.
DOORS_ONLY = {
    ("datetime", "now"), ("date", "today"), ("sys", "stdin"), ("sys", "stdout"), ("sys", "stderr"), ("sys", "exit"),
}  # fmt: skip
DOORS_ONLY_CALLS = {"print", "input", "exit"}
DOORS = ("cli/", "site/build/", "site/mkdocs/", "site/inputs/", "__init__", "__main__")
EMPTY_NAMES = {"utils", "helpers", "common", "base", "manager", "misc"}
HEAVY = ["whoosh", "mkdocs", "rich", "watchdog", "material", "markdown", "urllib.request", "ssl"]

FILES = sorted(KB.rglob("*.py"))
each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(KB)))


def inside(file: Path) -> str:
    """Its path below kb/ without the ending: `logs/masks`; a package is its folder."""
    path = str(file.relative_to(KB).with_suffix(""))
    return path.removesuffix("/__init__") if path != "__init__" else path


def room(place: str) -> str:
    return place.split("/")[0]


@cache
def imported(file: Path) -> tuple[tuple[int, str, str], ...]:
    """Line, module and name of everything that a file imports, wherever in it; modules of kb as paths below kb/."""
    package = [] if inside(file) == "__init__" else inside(file).split("/")
    if file.name != "__init__.py":
        package = package[:-1]
    found = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found += [(node.lineno, node.module or "", alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] + (node.module or "").split(".")
            found += [(node.lineno, "kb/" + "/".join(filter(None, base)), alias.name) for alias in node.names]
    return tuple(found)


@cache
def arrows(file: Path) -> tuple[tuple[int, str, str], ...]:
    """Line, place in kb and name of what a file imports of kb."""
    places = {inside(other) for other in FILES}
    found = []
    for line, module, name in imported(file):
        if module.startswith("kb/"):
            whole = f"{module[3:]}/{name}".strip("/")
            found.append((line, whole, "") if whole in places else (line, module[3:] or "__init__", name))
    return tuple(found)


def test_below_kb_are_the_rooms_and_nothing_else() -> None:
    there = {path.name.removesuffix(".py") for path in KB.iterdir() if path.name != "__pycache__"}
    assert there - {"demo", "py.typed"} <= set(ROOMS), (
        f"kb/ has {sorted(there - {'demo', 'py.typed'} - set(ROOMS))}: put it into a room, or say in ROOMS what a new room may import"
    )


@each_file
def test_rooms_import_only_what_they_may(file: Path) -> None:
    own = room(inside(file))
    may = {own, *ROOMS[own].split(), *EVERYBODY_MAY}
    for line, place, _ in arrows(file):
        assert room(place) in may, (
            f"kb/{inside(file)}.py:{line} imports {place}, and {own} may import {ROOMS[own] or 'nothing'} only: "
            "pass in what it needs, or move the code down"
        )


@pytest.mark.parametrize("name", INSIDE)
def test_within_a_room_imports_go_down(name: str) -> None:
    level = {part: floor for floor, parts in enumerate(INSIDE[name].split(" / ")) for part in parts.split()}

    def part(place: str) -> str:
        return place.split("/")[1] if "/" in place else "__init__"

    for file in FILES:
        if room(inside(file)) != name:
            continue
        own = part(inside(file))
        assert own in level or own == "__init__", f"say in INSIDE on which floor kb/{name}/{own} is"
        for line, place, _ in arrows(file):
            if room(place) == name and own in level and part(place) in level:
                assert level[part(place)] >= level[own], (
                    f"kb/{inside(file)}.py:{line} imports {place}, which is above it in {name}/: pass it in, or move it down"
                )


def test_no_files_import_each_other_in_a_circle() -> None:
    graph: Mapping[str, set[str]] = {inside(file): {place for _, place, _ in arrows(file)} - {inside(file)} for file in FILES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(f"a circle of imports: {' → '.join(circle.args[1])}; move what both need into a third file, below them")


@each_file
def test_each_library_has_one_home(file: Path) -> None:
    for line, module, _ in imported(file):
        library = module.split(".")[0]
        if library in HOMES:
            homes = HOMES[library].split()
            at_home = any(inside(file) == home or inside(file).startswith(f"{home}/") for home in homes)
            assert at_home, f"kb/{inside(file)}.py:{line}: only {' and '.join(homes)} may import {library}"
        else:
            known = library in sys.stdlib_module_names or module.startswith("kb/")
            assert known, f"kb/{inside(file)}.py:{line}: {library} has no home yet: name one in HOMES"


@each_file
def test_a_file_is_no_longer_than_one_can_hold_in_mind(file: Path) -> None:
    lines = file.read_text("utf-8").count("\n")
    assert lines <= LONGEST, f"kb/{inside(file)}.py has {lines} lines: cut it where its subject ends, at {LONGEST} or before"


def test_no_two_files_have_one_name_and_none_says_nothing() -> None:
    names: dict[str, list[str]] = {}
    for file in FILES:
        if file.name != "__init__.py":
            names.setdefault(file.stem, []).append(inside(file))
    for name, places in names.items():
        # A command has the name that is typed, which may be that of its subject.
        others = [place for place in places if not place.startswith("cli/commands/")]
        twice = len(others) > 1 or len(places) - len(others) > 1
        assert not twice, f"{places} have one name: say in each what it holds"
        assert name not in EMPTY_NAMES, f"{places[0]} says nothing of its contents by its name"
    assert not set(names) & (set(ROOMS) - {"__init__", "__main__", "exceptions", "plugins"} - {"decisions"}), (
        "a file has the name of a room"
    )


@pytest.mark.parametrize("name", ["search", "seen", "read", "explain"])
def test_nothing_right_below_kb_hides_a_public_function(name: str) -> None:
    """Importing a subpackage binds it as an attribute of its parent: kb/search/ would take the place of `kb.search`."""
    assert not list(KB.glob(f"{name}*")), f"kb/{name} would hide the function kb.{name}"


@each_file
def test_no_file_imports_kb_itself_nor_a_private_name_of_another(file: Path) -> None:
    for line, place, name in arrows(file):
        assert place != "__init__", f"kb/{inside(file)}.py:{line} imports the public API: import the room that does the work"
        private = name.startswith("_") and not name.startswith("__")
        assert not private, f"kb/{inside(file)}.py:{line} imports {name} of {place}: what another file needs has no underscore"
    for line, module, _ in imported(file):
        assert module.split(".")[0] != "kb", (
            f"kb/{inside(file)}.py:{line}: within kb imports are relative, and never of kb itself"
        )


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.name == "__init__.py"], ids=lambda file: str(file.relative_to(KB))
)
def test_what_a_room_is_for_is_all_that_its_init_says(file: Path) -> None:
    if inside(file) in ("__init__", "cli"):
        return
    module = ast.parse(file.read_text("utf-8"))
    assert [ast.get_docstring(module) is not None] == [True for _ in module.body], (
        f"kb/{inside(file)}/__init__.py is one docstring: a door that imports its whole room makes everything start slowly"
    )


@each_file
def test_only_doors_read_the_clock_or_talk_to_the_terminal(file: Path) -> None:
    if f"{inside(file)}/".startswith(DOORS):
        return
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used = f"{node.value.id}.{node.attr}"
            allowed = (node.value.id, node.attr) not in DOORS_ONLY
            assert allowed, f"kb/{inside(file)}.py:{node.lineno} uses {used}: only a door may; take it as an argument"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            allowed = node.func.id not in DOORS_ONLY_CALLS
            assert allowed, f"kb/{inside(file)}.py:{node.lineno} calls {node.func.id}(): only a door talks to the user"


def lines_of_patterns() -> Iterator[tuple[str, str]]:
    for file in FILES:
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            yield f"kb/{inside(file)}.py:{number}", line


def test_no_pattern_repeats_a_group_possessively() -> None:
    found = [
        where for where, line in lines_of_patterns() if re.search(r"(?<!\\)\)(?:[*+?]|\{\d*,?\d*\})\+", line) and 'r"' in line
    ]
    assert not found, (
        f"{found}: before Python 3.11.5 (Debian 12 has 3.11.2) a possessive group keeps what its failed last round read: "
        "write (?>(?:…)*) instead of (?:…)*+"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["incident", "new", "--help"],
        ["incident", "new", "A title", "--error", "E1: it broke", "--no-edit"],
        ["list"],
    ],
    ids=" ".join,
)
def test_what_must_start_fast_loads_nothing_heavy(arguments: list[str], lab: World) -> None:
    code = (
        f"import sys; from kb.cli import run; run({arguments!r}); print('loaded', *[m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=lab.folder, env=lab.environment(), capture_output=True, text=True, check=True
    )
    loaded = done.stdout.splitlines()[-1].split()[1:]
    assert not loaded, f"`kb {' '.join(arguments)}` loads {', '.join(loaded)}: import it inside the command that needs it"


def test_importing_kb_loads_no_dependency_at_all() -> None:
    code = f"import sys, kb; print(*[m for m in {sorted(HOMES)!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.split(), f"`import kb` loads {done.stdout}"
