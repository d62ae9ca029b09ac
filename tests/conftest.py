"""What several test files share: a fixed world, the switch that rewrites expectations, and the rule about the browser."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsers import CHROMIUM
from commands import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="Rewrite the expected output of transcripts and the README.")


def pytest_sessionstart() -> None:
    """In CI a missing browser stops the run; elsewhere the tests that need one are skipped."""
    if os.environ.get("KB_REQUIRE_BROWSER") and CHROMIUM is None:
        raise pytest.UsageError("KB_REQUIRE_BROWSER is set and there is no Chromium here: apt-get install chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether expectations are rewritten rather than compared."""
    return bool(request.config.getoption("--update"))


@pytest.fixture
def empty_world() -> Iterator[World]:
    """A home folder and an empty folder `lab` in it. Its path is always as long, since lines are broken at 80 columns."""
    with tempfile.TemporaryDirectory(prefix="kb-", ignore_cleanup_errors=True) as home:
        lab = Path(home).resolve() / "lab"
        lab.mkdir()
        yield World(lab.parent, lab)


@pytest.fixture(scope="session")
def as_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder after `kb init` in its folder `lab`."""
    home = tmp_path_factory.mktemp("home")
    (home / "lab").mkdir()
    made = World(home, home / "lab").kb("init")
    assert made.status == 0, made.err
    return home


@pytest.fixture
def lab(empty_world: World, as_made: Path) -> World:
    """A knowledge base of its own, in Git."""
    shutil.copytree(as_made, empty_world.home, symlinks=True, dirs_exist_ok=True)
    (empty_world.home / ".config/kb/root").write_text(f"{empty_world.folder}\n")
    return empty_world
