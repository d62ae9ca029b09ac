"""Building the site whole, beside the live one, and exchanging the two: what `kb site build` does."""

from __future__ import annotations

import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from ..mkdocs.plugin import KbPlugin, Progress

RECORD = "site.json"  # where it is remembered what the last site was made of
_TIME = re.compile(r"^\[\d\d:\d\d:\d\d\] ")


@dataclass(frozen=True)
class Built:
    """A site that was built: where it is, how many pages it has, and what was not right."""

    folder: Path
    pages: int
    warnings: tuple[str, ...]
    withheld: int = 0  # notes and files that are not on it because of a secret


def build(root: Path, strict: bool = False, progress: Progress | None = None, day: date | None = None) -> Built:
    """Build the site of the knowledge base in `root` beside the live one, check that it is whole, and exchange the two.

    `progress(done, all)` is called for each page. With `strict`, warnings keep the old site. Raises SiteNotBuilt.
    """
    with gc_tuning.gc_paused():
        return _build(root.absolute(), strict, progress, day or today())


def _build(root: Path, strict: bool, progress: Progress | None, day: date) -> Built:
    user = root_folder.read_mkdocs_yml(root / "mkdocs.yml")  # first with kb's own reader, which names the line that is wrong
    strict = strict or user.get("strict") is True
    live = site_folder(root, user)
    folder_swap.mend(live)
    known = read(root, day)
    record = folders.cache_folder(root) / RECORD
    last = LastSite(live, site_record.load(record))
    whole = inputs_digest(root, known, user)
    if whole and whole == last.record.whole and _is_there(last):
        built = _built(live, last.record.said)
        _strictly(strict, built.warnings)
        return built
    return build_site(BuildJob(root, live, record, known, whole, strict), [last], progress)


def _strictly(strict: bool, warnings: Sequence[str]) -> None:
    if strict and warnings:
        raise SiteNotBuilt("; ".join(warnings))


@dataclass(frozen=True)
class BuildJob:
    """A site to be built."""

    root: Path
    live: Path
    record: Path  # where it is remembered what the site was made of
    known: SiteInputs
    whole: str = ""  # the digest of all that
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
    """Do a job: make the site anew where it differs from the `last` ones, and exchange it for the live one.

    `site_url` stands in for the one of mkdocs.yml. Raises SiteNotBuilt.
    """
    with folder_swap.beside(job.live) as new, listening() as heard, _complaining(heard):
        config = _config(job.root, site_dir=str(new), **({"site_url": site_url} if site_url else {}))
        plugin = _plugin(config)
        plugin.progress, plugin.known, plugin.last, plugin.serving = progress, job.known, last, job.serving
        _run(config)
        warnings = tuple(_said(heard))
        built = Built(job.live, len(plugin.pages), warnings, plugin.withheld + sum(bool(n.secrets) for n in plugin.base.notes))
        _strictly(job.strict, warnings)
        _check_whole(new, plugin)
        record = _record(job, plugin, new, built)
        folder_swap.exchange(new, job.live)
        site_record.save(job.record, record)
    return built


def _record(job: BuildJob, plugin: KbPlugin, new: Path, built: Built) -> SiteRecord:
    """What there is to remember of a site that was built. What changed meanwhile is not taken for what was built."""
    around = plugin.maker.around
    if not around.rendering or plugin.what_is_around() != around:
        return SiteRecord(made_by=plugin.made_by, made=plugin.site.kept)
    said = {"pages": built.pages, "warnings": built.warnings, "withheld": built.withheld}
    files = {plugin.file_of(path): digest for path, digest in plugin.maker.digests.items()}
    user = root_folder.read_mkdocs_yml(job.root / "mkdocs.yml")
    same = around.frame and job.whole == inputs_digest(job.root, job.known, user)
    tree = cache.tree(new, files)
    return SiteRecord(job.whole if same else "", said, tree, plugin.maker.record, plugin.made_by, plugin.site.kept)


def site_folder(root: Path, user: Mapping[str, Any]) -> Path:
    """Where the live site of the knowledge base in `root` is. Raises SiteNotBuilt when it would overwrite something else."""
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


def _config(root: Path, **overrides: Any) -> MkDocsConfig:  # noqa: ANN401 - whatever MkDocs takes
    from mkdocs.config import load_config

    # docs_dir must exist before any plugin is asked, and a knowledge base needs none.
    with tempfile.TemporaryDirectory(prefix="kb-docs-") as empty:
        return load_config(config_file=str(root / "mkdocs.yml"), docs_dir=empty, strict=False, **overrides)


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
    """Whatever MkDocs, a theme or another plugin stumbles over is one error for the user."""
    try:
        yield
    except KbError:
        raise
    except (MkDocsException, SystemExit) as error:
        said = [record.getMessage() for record in heard if record.levelno >= logging.ERROR]
        raise SiteNotBuilt("; ".join(said) or str(error)) from error
    except OSError as error:
        raise SiteNotBuilt(f"{error.filename or 'the disk'}: {system_reason(error)}") from error
    except Exception as error:
        raise SiteNotBuilt(f"{type(error).__name__}: {error}") from error


@contextmanager
def listening(say: Callable[[str], None] | None = None) -> Iterator[list[logging.LogRecord]]:
    """Hear what MkDocs would print; `say` is called with the address that is served."""
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    heard: list[logging.LogRecord] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING:
                heard.append(record)
            if say and "Serving on" in str(record.msg):
                say(_TIME.sub("", record.getMessage()))

    logger = logging.getLogger("mkdocs")
    before = logger.level, logger.propagate, logger.handlers[:]
    logger.setLevel(logging.INFO if say else logging.WARNING)
    logger.propagate = False
    logger.handlers[:] = [Ear()]
    try:
        yield heard
    finally:
        logger.setLevel(before[0])
        logger.propagate = before[1]
        logger.handlers[:] = before[2]


def _said(heard: list[logging.LogRecord]) -> Iterator[str]:
    seen = set()
    for record in heard:
        message = record.getMessage()
        if record.levelno >= logging.WARNING and message not in seen:
            seen.add(message)
            yield message


def _check_whole(folder: Path, plugin: KbPlugin) -> None:
    """Every page is there and has an end; of those that are as before, every byte was looked at. Raises SiteNotBuilt."""
    for path in plugin.pages.keys() - plugin.as_before:
        written = folder / plugin.file_of(path)
        if not written.is_file():
            raise SiteNotBuilt(f"the page of {path} is missing")
        with written.open("rb") as page:
            page.seek(max(0, written.stat().st_size - 4096))
            if b"</html>" not in page.read():
                raise SiteNotBuilt(f"the page of {path} has no end")
