"""Shows a note in the browser as soon as it is saved, with `kb site serve` and with `mkdocs serve`."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mkdocs.livereload import LiveReloadServer

from ...storage import file_watch
from . import visitors

RELOAD = "assets/kb-reload.js"
RELOAD_SCRIPT = """"use strict"
{
  const epoch = Number(new URL(document.currentScript.src).search.slice(1))
  let asking
  const ask = () => {
    asking = new AbortController()
    fetch(`/livereload/${epoch}/${Date.now()}`, { signal: asking.signal })
      .then(answer => answer.text())
      .then(now => Number(now) > epoch ? location.reload() : ask())
      .catch(error => error.name === "AbortError" || setTimeout(ask, 2000))
  }
  addEventListener("load", () => document.hidden || ask())
  addEventListener("visibilitychange", () => document.hidden ? asking?.abort() : ask())
}
"""


def reload_on_change(
    server: LiveReloadServer,
    root: Path,
    folders: Sequence[str],
    seen: file_watch.Snapshot,
    own_folder: Path,
    stop: threading.Event,
) -> None:
    """Let the server rebuild when a note changes: it watches a stamp file, which our watcher touches."""
    stamp = own_folder / "stamp"
    stamp.touch()
    server.watch(str(stamp))

    def touch(changed: frozenset[str]) -> None:
        del changed
        with suppress(OSError):
            os.utime(stamp)

    def follow() -> None:
        # The server first looks at the stamp when it starts: touching it earlier would have no effect.
        while not server.serve_thread.is_alive() and not stop.wait(0.05):
            pass
        file_watch.watch(root, touch, folders, stop, before=seen)

    threading.Thread(target=follow, daemon=True).start()


def answer_own_visitors(server: LiveReloadServer, site_url: str = "") -> None:
    """Let the server answer those alone who asked for it by its own name: no page of another site (`visitors`)."""
    host = str(server.server_address[0])
    names = visitors.own_names(host, socket.gethostname(), site_url)
    app: Any = server.get_app()
    server.set_app(visitors.guarded(app, names, visitors.is_everywhere(host)))


def reload_by_a_file(server: LiveReloadServer) -> None:
    """Let MkDocs name its script as a file: it puts it into the page, where the policy lets no script run."""

    def inject(content: bytes, epoch: int) -> bytes:
        before, end, after = content.rpartition(b"</body>")
        script = f'<script src="{server.mount_path}{RELOAD}?{epoch}"></script>'
        return before + script.encode() + end + after

    server._inject_js_into_html = inject  # type: ignore[method-assign]  # noqa: SLF001 - MkDocs has no other door to it
