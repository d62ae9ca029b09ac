"""Serving the site while you write: what `kb site serve` does."""

from __future__ import annotations

import errno
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mkdocs.livereload import LiveReloadServer

from ...exceptions import KbError, WrongUse, system_reason
from ...notes.settings import settings_of
from ...storage import file_watch, root_folder
from ...storage.folders import cache_folder
from ..html.page_cache import LastSite
from ..inputs import site_record
from ..inputs.site_inputs import read, today, watched_folders
from ..mkdocs import gc_tuning
from ..mkdocs.live_reload import answer_own_visitors, reload_by_a_file, reload_on_change
from .builder import RECORD, BuildJob, build_site, site_folder

Say = Callable[[str], None]


def serve(root: Path, host: str = "127.0.0.1", port: int = 8000, open_browser: bool = False, say: Say | None = None) -> None:
    """Build the site and serve it until Ctrl-C; the browser reloads when a note changes.

    `say` is called with the address once it is known, and with what is wrong after each build. Raises WrongUse if the port
    is taken, or SiteNotBuilt.
    """
    tell: Say = say or (lambda message: None)  # noqa: ARG005 - says nothing to anyone
    root = root.absolute()
    with tempfile.TemporaryDirectory(prefix="kb-site-") as name:
        folder, stop = Path(name), threading.Event()
        live = folder / "site"
        folders = watched_folders(settings_of(root_folder.read_mkdocs_yml(root / "mkdocs.yml")))
        seen = file_watch.snapshot(root, folders)
        build = _builder(root, live, folder / "kept" / RECORD, _url(host, port), tell)
        build()
        server = _server(lambda: _rebuild(build, tell), host, port, live, tell)
        answer_own_visitors(server, str(root_folder.read_mkdocs_yml(root / "mkdocs.yml").get("site_url") or ""))
        reload_on_change(server, root, folders, seen, folder, stop)
        try:
            with _a_taken_port_named(host, port):
                server.serve(open_in_browser=open_browser)  # type: ignore[no-untyped-call]
        finally:
            stop.set()
            server.shutdown()


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _builder(root: Path, live: Path, record: Path, url: str, tell: Say) -> Callable[[], None]:
    """A function that builds the site into `live` and raises KbError."""
    user = root_folder.read_mkdocs_yml(root / "mkdocs.yml")
    # The pages that `kb site build` made can be used too, as long as they don't contain the site's address.
    built_before = LastSite(site_folder(root, user), site_record.load(cache_folder(root) / RECORD))
    own_address = url if user.get("site_url") else ""

    def build() -> None:
        last = [LastSite(live, site_record.load(record)), built_before]
        with gc_tuning.gc_paused():
            inputs = read(root, today())
            job = BuildJob(inputs, live, record, strict=inputs.user.get("strict") is True, serving=True)
            built = build_site(job, last, site_url=own_address)
        for warning in built.warnings:
            tell(warning)

    return build


def _rebuild(build: Callable[[], None], tell: Say) -> None:
    """Build again; a mistake leaves the last good site in place, and one line says what is wrong."""
    try:
        build()
    except KbError as error:
        tell(str(error))


class _Server(LiveReloadServer):
    """MkDocs' server, which says where it is."""

    say: Say = staticmethod(lambda message: None)  # noqa: ARG005 - says nothing to anyone

    def server_activate(self) -> None:
        """Called once the address is ours."""
        super().server_activate()
        self.say(f"Serving on {self.url}")


def _server(rebuild: Callable[[], None], host: str, port: int, live: Path, say: Say) -> LiveReloadServer:
    server = _Server(rebuild, host, port, str(live), polling_interval=0.1)
    server.say = say
    server.build_delay = 0.02  # our watcher has already waited for the end of a burst
    server.error_handler = lambda code: _page_for(live, code)
    reload_by_a_file(server)
    return server


def _page_for(live: Path, code: int) -> bytes | None:
    page = live / f"{code}.html"
    return page.read_bytes() if page.is_file() else None


@contextmanager
def _a_taken_port_named(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            raise
        reason = system_reason(error)
        raise WrongUse(f"can't serve on {host}:{port} ({reason}): choose another port with --port") from error
