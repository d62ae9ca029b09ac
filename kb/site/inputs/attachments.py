"""The files beside the notes that are published with them, and why some aren't: the same rule for every way to publish."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ...exceptions import system_reason
from ...storage import loader
from ..sitemap.site_map import SiteMap


def published(site: SiteMap) -> tuple[Mapping[str, Path], Mapping[str, str]]:
    """The files that a public note links to, by their path on the site; and those that are withheld, with a sentence for each."""
    found, withheld = {}, {}
    for path, source in site.attachments.items():
        if why := why_withheld(site.base.root / source):
            withheld[source] = f"{source}:1: isn't published: {why}"
        else:
            found[path] = site.base.root / source
    return found, withheld


def why_withheld(path: Path) -> str:
    """Why a file beside the notes must not be published, or empty: it contains a secret, or is a drawing with a script."""
    try:
        if path.suffix.lower() == ".svg" and _runs(path.read_bytes().lower()):
            return "this drawing holds a script; save it without"
        found = loader.secrets_in(path.read_bytes()) if path.stat().st_size <= loader.MAX_NOTE_BYTES else []
    except OSError as error:
        return f"it can't be read: {system_reason(error)}"
    return f"line {found[0][1]} looks like a secret ({found[0][0]})" if found else ""


def _runs(drawing: bytes) -> bool:
    words = (b"<script", b"javascript:", b"<foreignobject", b"<!entity", b"<?xml-stylesheet")
    return any(word in drawing for word in words) or _HANDLER.search(drawing) is not None


_HANDLER = re.compile(rb"[\s/\"']on[a-z]+\s*=")
