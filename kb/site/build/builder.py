"""Building the whole site beside the live one and swapping the two: what `kb site build` does."""

from __future__ import annotations

import io
import logging
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException

from ...exceptions import KbError, SiteNotBuilt, system_reason
from ...storage import cache, folder_swap, folders, root_folder
from ..html.page_cache import LastSite
from ..inputs import site_record
from ..inputs.site_inputs import SiteInputs, inputs_digest, read, today
from ..inputs.site_record import SiteRecord
from ..mkdocs import gc_tuning
from ..mkdocs.build_state import BuildState, Progress
from ..mkdocs.plugin import KbPlugin
from . import mkdocs_log

# MkDocs keeps a plugin that `mkdocs serve` uses for all builds of a process: two builds at a time would share it.
_ONE_AT_A_TIME = threading.Lock()
RECORD = "site.json"  # where the record of the last site is


@dataclass(frozen=True)
class Built:
    """A site that was built: where it is, how many pages it has, and what went wrong."""

    folder: Path
    pages: int
    warnings: tuple[str, ...]
    withheld: int = 0  # notes and files that are not on it because of a secret


def build(root: Path, strict: bool = False, progress: Progress | None = None, day: date | None = None) -> Built:
    """Build the site of the knowledge base in `root` beside the live one, check that it is complete, and swap the two.

    `progress(done, all)` is called for each page. With `strict`, a warning keeps the old site. Raises SiteNotBuilt.
    """
    with gc_tuning.gc_paused():
        return _build(root.absolute(), strict, progress, day or today())


def _build(root: Path, strict: bool, progress: Progress | None, day: date) -> Built:
    inputs = read(root, day)
    strict = strict or inputs.user.get("strict") is True
    live = site_folder(root, inputs.user)
    folder_swap.mend(live)
    record = folders.cache_folder(root) / RECORD
    last = LastSite(live, site_record.load(record))
    whole = inputs_digest(inputs)
    if whole and whole == last.record.whole and _is_there(last):
        built = _built(live, last.record.said)
        _strictly(strict, built.warnings)
        return built
    return build_site(BuildJob(inputs, live, record, whole, strict), [last], progress)


def _strictly(strict: bool, warnings: Sequence[str]) -> None:
    if strict and warnings:
        raise SiteNotBuilt("; ".join(warnings))


@dataclass(frozen=True)
class BuildJob:
    """A site to be built."""

    inputs: SiteInputs
    live: Path
    record: Path  # where the record of the site is
    whole: str = ""  # the digest of the inputs
    strict: bool = False
    serving: bool = False


def _built(live: Path, said: Mapping[str, Any]) -> Built:
    return Built(live, int(said["pages"]), tuple(map(str, said["warnings"])), int(said["withheld"]))


def _is_there(last: LastSite) -> bool:
    """Whether the live site is the one that was built, byte for byte."""
    try:
        return cache.tree(last.folder) == last.record.files
    except OSError:
        return False


def build_site(job: BuildJob, last: Sequence[LastSite], progress: Progress | None = None, site_url: str = "") -> Built:
    """Do a job: build the parts of the site that differ from the `last` ones, and swap it for the live one.

    `site_url` replaces the one in mkdocs.yml. Raises SiteNotBuilt.
    """
    with _ONE_AT_A_TIME, folder_swap.beside(job.live) as new, mkdocs_log.listening() as heard, _complaining(heard):
        state = BuildState.of(job.inputs, last, job.serving, progress)
        config = _config(job.inputs, site_dir=str(new), **({"site_url": site_url} if site_url else {}))
        with _plugin(config).doing(state):
            _run(config)
        warnings = tuple(mkdocs_log.warnings(heard))
        withheld = state.withheld + sum(bool(note.secrets) for note in state.base.notes)
        built = Built(job.live, len(state.pages), warnings, withheld)
        _strictly(job.strict, warnings)
        _check_whole(new, state)
        record = _record(job, state, new, built)
        folder_swap.exchange(new, job.live)
        site_record.save(job.record, record)
    return built


def _record(job: BuildJob, state: BuildState, new: Path, built: Built) -> SiteRecord:
    """The record of a site that was built. What changed in the meantime isn't taken for what was built."""
    maker = state.making.maker
    if not maker.around.rendering or state.making.shared_digests() != maker.around:
        return SiteRecord(made_by=state.made_by, made=state.site.kept)
    said = {"pages": built.pages, "warnings": built.warnings, "withheld": built.withheld}
    files = {state.addresses.file(path): digest for path, digest in maker.digests.items()}
    same = maker.around.frame and job.whole == inputs_digest(job.inputs)
    tree = cache.tree(new, files)
    return SiteRecord(job.whole if same else "", said, tree, maker.record, state.made_by, state.site.kept)


def site_folder(root: Path, user: Mapping[str, Any]) -> Path:
    """Where the live site of the knowledge base in `root` is. Raises SiteNotBuilt if it would overwrite something else."""
    named = user.get("site_dir")
    live = Path(os.path.realpath(root / (named if isinstance(named, str) and named else "site")))
    if live == root or live in root.parents or live == root / root_folder.ENTRIES or root / root_folder.ENTRIES in live.parents:
        raise SiteNotBuilt(f"site_dir is {live}, which holds your notes: name a folder of its own in mkdocs.yml")
    if os.path.ismount(live):
        raise SiteNotBuilt(
            f"{live} is a mount point, which can't be exchanged: name a folder inside it as site_dir in mkdocs.yml"
        )
    if live.exists() and not live.is_dir():
        raise SiteNotBuilt(f"{live} is no folder: remove it, or name another one as site_dir in mkdocs.yml")
    if (
        live.is_dir()
        and any(not child.name.startswith(".") for child in live.iterdir())
        and not (live / "index.html").is_file()
    ):
        raise SiteNotBuilt(
            f"{live} holds something that is no site: empty it, or name another folder as site_dir in mkdocs.yml"
        )
    return live


class _File(io.BytesIO):
    """The mkdocs.yml that was read: MkDocs must not read another one, written in the meantime."""

    def __init__(self, inputs: SiteInputs) -> None:
        super().__init__(inputs.mkdocs_yml)
        self.name = str(inputs.root / "mkdocs.yml")  # what it inherits is beside it


def _config(inputs: SiteInputs, **overrides: Any) -> MkDocsConfig:  # noqa: ANN401 - whatever MkDocs takes
    from mkdocs.config import load_config

    # docs_dir must exist before any plugin runs, but a knowledge base needn't have one.
    with tempfile.TemporaryDirectory(prefix="kb-docs-") as empty:
        return load_config(config_file=_File(inputs), docs_dir=empty, strict=False, **overrides)


def _plugin(config: MkDocsConfig) -> KbPlugin:
    plugin = next((plugin for plugin in config.plugins.values() if isinstance(plugin, KbPlugin)), None)
    if plugin is None:
        raise SiteNotBuilt("mkdocs.yml does not list the plugin kb under plugins")
    return plugin


def _run(config: MkDocsConfig) -> None:
    from mkdocs.commands.build import build as build_with_mkdocs

    build_with_mkdocs(config)


@contextmanager
def _complaining(heard: list[logging.LogRecord]) -> Iterator[None]:
    """Turns whatever MkDocs, a theme or another plugin stumbles over into one error for the user."""
    try:
        yield
    except KbError:
        raise
    except (MkDocsException, SystemExit) as error:
        raise SiteNotBuilt("; ".join(mkdocs_log.errors(heard)) or str(error)) from error
    except OSError as error:
        raise SiteNotBuilt(f"{error.filename or 'the disk'}: {system_reason(error)}") from error
    except Exception as error:
        raise SiteNotBuilt(f"{type(error).__name__}: {error}") from error


def _check_whole(folder: Path, state: BuildState) -> None:
    """Check that every page is there and complete; unchanged ones were compared byte by byte. Raises SiteNotBuilt."""
    for path in state.pages.keys() - state.as_before:
        written = folder / state.addresses.file(path)
        if not written.is_file():
            raise SiteNotBuilt(f"the page of {path} is missing")
        with written.open("rb") as page:
            page.seek(max(0, written.stat().st_size - 4096))
            if b"</html>" not in page.read():
                raise SiteNotBuilt(f"the page of {path} has no end")
