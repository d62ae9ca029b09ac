"""The house: imports go down only, each outside library has one home, and what must start fast loads nothing heavy."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import World

KB = Path(__file__).parent.parent / "kb"

# From the ground up. A folder is one name.
FLOORS = {
    "words": "note body exceptions",
    "rules": "front_matter compose_yaml settings scaffold knowledge_base changes decisions renumbering renaming attention drills impact readiness stats signature causes matching finding words picking hints secrets layers javascript rendering pages imports csp deploying",
    "world": "disk entries beats index git sync programs terminal watch swap last staging surroundings history places compiled_templates attachments packing site_cache page_maker garbage",
    "doors": "__init__ __main__ cli made_of site_defaults reloading mkdocs_plugin building serving",
}
LEVEL = {name: level for level, names in enumerate(FLOORS.values()) for name in names.split()}
HOMES = {
    "click": "cli",
    "frontmatter": "front_matter",
    "jinja2": "compiled_templates",
    "markdown": "rendering",
    "mkdocs": "mkdocs_plugin site_defaults made_of reloading building serving",
    "platformdirs": "__init__ cli",
    "rich": "cli",
    "slugify": "scaffold",
    "subprocess": "git programs terminal",
    "watchdog": "watch",
    "whoosh": "index",
    "yaml": "front_matter compose_yaml",
}

# Below the doors these are arguments, so that a test or another door can give its own.
DOORS_ONLY = {("datetime", "now"), ("date", "today"), ("sys", "stdin"), ("sys", "stdout"), ("sys", "stderr"), ("sys", "exit")}
DOORS_ONLY_CALLS = {"print", "input", "exit"}
HEAVY = ["whoosh", "mkdocs", "rich", "watchdog", "material", "markdown", "urllib.request", "ssl"]

FILES = sorted(KB.rglob("*.py"))


def part(file: Path) -> str:
    """The name that a file has on its floor: its module, or the folder right below kb/."""
    inside = file.relative_to(KB)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imported(file: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that a file imports, wherever in it."""
    package = ["kb", *file.relative_to(KB).parent.parts]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{module}.{alias.name}" if module.startswith("kb") else module) for alias in node.names)


def target(name: str) -> str:
    """The part of kb that a dotted name means."""
    first = name.split(".")[1:2]
    return first[0] if first and ((KB / first[0]).is_dir() or (KB / f"{first[0]}.py").is_file()) else "__init__"


@pytest.mark.parametrize("name", sorted({part(file) for file in FILES}))
def test_every_module_stands_on_a_floor(name: str) -> None:
    assert name in LEVEL, f"say on which floor kb/{name} lives: add it to FLOORS in tests/test_architecture.py"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(KB)))
def test_imports_go_down_only(file: Path) -> None:
    own = LEVEL.get(part(file), 0)
    for line, name in imported(file):
        if name.split(".")[0] == "kb" and LEVEL.get(target(name), 0) > own:
            floors = list(FLOORS)
            pytest.fail(
                f"kb/{file.relative_to(KB)}:{line} is on the floor of {floors[own]} and imports kb.{target(name)} from "
                f"{floors[LEVEL[target(name)]]}, above it: pass in what it needs, or move the code down"
            )


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(KB)))
def test_each_library_has_one_home(file: Path) -> None:
    for line, name in imported(file):
        library = name.split(".")[0]
        if library in HOMES:
            where = " and ".join(HOMES[library].split())
            assert part(file) in HOMES[library].split(), f"kb/{file.relative_to(KB)}:{line}: only {where} may import {library}"
        else:
            known = library in sys.stdlib_module_names or library == "kb"
            assert known, f"kb/{file.relative_to(KB)}:{line}: {library} has no home yet: name one in HOMES"


@pytest.mark.parametrize("file", [f for f in FILES if LEVEL.get(part(f), 3) < 3], ids=lambda file: str(file.relative_to(KB)))
def test_below_the_doors_nothing_reads_the_clock_or_talks_to_the_terminal(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used = f"{node.value.id}.{node.attr}"
            allowed = (node.value.id, node.attr) not in DOORS_ONLY
            assert allowed, f"kb/{file.relative_to(KB)}:{node.lineno} uses {used}: only a door may; take it as an argument"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            allowed = node.func.id not in DOORS_ONLY_CALLS
            assert allowed, f"kb/{file.relative_to(KB)}:{node.lineno} calls {node.func.id}(): only a door talks to the user"


def test_no_pattern_repeats_a_group_possessively() -> None:
    found = [
        f"kb/{file.relative_to(KB)}:{number}"
        for file in FILES
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if re.search(r"(?<!\\)\)(?:[*+?]|\{\d*,?\d*\})\+", line) and 'r"' in line
    ]
    assert not found, (
        f"{found}: before Python 3.11.5 (Debian 12 has 3.11.2) a possessive group keeps what its failed last round read: "
        "write (?>(?:…)*) instead of (?:…)*+"
    )


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "base", "manager", "search", "seen"])
def test_no_module_has_a_name_that_says_nothing_or_hides_a_function(name: str) -> None:
    why = "it would hide the function of that name in kb" if name in ("search", "seen") else "it says nothing of its contents"
    assert not list(KB.rglob(f"{name}.py")), f"no module of kb is called {name}.py: {why}"


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
