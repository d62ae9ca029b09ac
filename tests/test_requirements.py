"""The lock: every package with hashes, without an address, and fit for the oldest Python that kb runs on."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from packaging.specifiers import SpecifierSet

PROJECT = Path(__file__).parent.parent
LOCK = (PROJECT / "requirements" / "dev.txt").read_text("utf-8")
PINNED = dict(re.findall(r"^([\w.-]+)==([\w.]+)", LOCK, re.MULTILINE))


def test_every_package_has_hashes_and_none_an_address() -> None:
    unhashed = [block.split("==")[0] for block in re.split(r"\n(?=\w)", LOCK.strip()) if "--hash=sha256:" not in block]
    assert not unhashed, f"without hashes: {unhashed}"
    assert "://" not in LOCK
    assert "--index" not in LOCK


def test_what_the_project_names_is_locked_the_build_backend_too() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    asked = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    names = {re.split(r"[<>=~! \[]", name)[0].lower() for name in asked}
    assert names <= PINNED.keys(), "run `make lock UPGRADE=`"


def test_every_locked_package_runs_on_the_oldest_python() -> None:
    # Debian 12 has 3.11.2, and pymdown-extensions 13 asks for 3.11.5: pip then says "No matching distribution found".
    too_new = {}
    for name in PINNED:
        try:
            wanted = str(metadata(name).json.get("requires_python", ""))
        except PackageNotFoundError:
            continue  # of another system
        if not SpecifierSet(wanted).contains("3.11.0"):
            too_new[name] = wanted
    assert not too_new, f"hold these back in requirements/dev.in: {too_new}"
