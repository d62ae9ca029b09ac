"""A build leaves the process that it runs in as it was, and reads each thing once."""

from __future__ import annotations

import datetime
import io
import logging
import os
import threading
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sites import LAB, make

from kb.exceptions import SiteNotBuilt
from kb.site.build import builder
from kb.site.mkdocs.build_state import BuildState
from kb.site.mkdocs.plugin import KbPlugin

DAY = datetime.date(2026, 11, 21)
DEAD_LINK = {"incidents/x.md": "---\ntitle: X\n---\n[[nowhere]]\n"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_build_changes_no_logger_and_no_environment(tmp_path: Path) -> None:
    logger = logging.getLogger("mkdocs")
    heard = io.StringIO()
    own = logging.StreamHandler(heard)
    logger.addHandler(own)
    import material.templates  # type: ignore[import-untyped]  # noqa: F401  # which sets a variable when it is imported

    before = logger.handlers[:], logger.level, logger.propagate, dict(os.environ)
    seen_inside: list[object] = []

    def progress(done: int, of: int) -> None:
        del done, of
        seen_inside.append((logger.handlers[:], logger.level, logger.propagate, dict(os.environ)) == before)

    try:
        built = builder.build(make(tmp_path / "lab", DEAD_LINK), day=DAY, progress=progress)
    finally:
        logger.removeHandler(own)
    assert seen_inside
    assert all(seen_inside)
    assert "dead link" in built.warnings[0]
    assert "dead link" in heard.getvalue()  # who listens to Python's logging hears it too


def test_two_builds_at_a_time_hear_each_its_own_warnings(tmp_path: Path) -> None:
    said: dict[str, tuple[str, ...]] = {}

    def build(name: str) -> None:
        notes = {"incidents/x.md": f"---\ntitle: X\n---\n[[nowhere-{name}]]\n"}
        said[name] = builder.build(make(tmp_path / name, notes), day=DAY).warnings

    threads = [threading.Thread(target=build, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ["nowhere-one" in warning for warning in said["one"]] == [True]
    assert ["nowhere-two" in warning for warning in said["two"]] == [True]


def test_mkdocs_yml_is_read_once_a_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make(tmp_path / "lab", LAB)
    reads: list[str] = []
    opened, read_bytes = io.open, Path.read_bytes

    def counted_open(file: object, *words: object, **named: object) -> object:
        if str(file).endswith("mkdocs.yml"):
            reads.append("open")
        return opened(file, *words, **named)  # type: ignore[call-overload]

    def counted_read(path: Path) -> bytes:
        if path.name == "mkdocs.yml":
            reads.append("read_bytes")
        return read_bytes(path)

    monkeypatch.setattr("builtins.open", counted_open)
    monkeypatch.setattr(Path, "read_bytes", counted_read)
    builder.build(root, day=DAY)
    assert reads == ["read_bytes"]


def test_a_plugin_has_the_same_attributes_after_a_build_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[KbPlugin] = []
    doing = KbPlugin.doing

    def noted(plugin: KbPlugin, state: BuildState) -> AbstractContextManager[None]:
        seen.append(plugin)
        return doing(plugin, state)

    monkeypatch.setattr(KbPlugin, "doing", noted)
    builder.build(make(tmp_path / "lab", LAB), day=DAY)
    fresh = KbPlugin()
    fresh.load_config({})
    (built,) = seen
    assert vars(built).keys() == vars(fresh).keys()
    assert vars(built)["_state"] is None  # nothing of the site stays in memory


def test_what_mkdocs_complains_of_is_one_sentence(tmp_path: Path) -> None:
    root = make(tmp_path / "lab", LAB, "site_name: X\ntheme: no-such-theme\nplugins: [kb]\n")
    with pytest.raises(SiteNotBuilt, match="no-such-theme"):
        builder.build(root, day=DAY)
