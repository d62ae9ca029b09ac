"""Knowledge bases on disk for the tests of the site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

MKDOCS_YML = "site_name: Attic lab\ntheme:\n  name: material\nplugins:\n  - kb\n"

LAB: Mapping[str, str] = {
    "incidents/2026-04-24-jellyfin-502.md": """---
title: Jellyfin answers 502 after the upgrade
date: 2026-04-24T01:07+01:00
resolved: 2026-04-24T01:41+01:00
status: resolved
services: [jellyfin, nginx]
tags: [docker]
---
## Error
```
connect() failed (113: No route to host) while connecting to upstream, upstream: "http://172.20.0.7:8096/"
```
## Fix
```
docker network connect proxy jellyfin
```
See [[decisions/0002-restic]], the [service](../services/jellyfin.md#how-to-check-it) and ![rack](rack.png).
## Next time
- [ ] alert on 502
""",
    "incidents/2026-11-20-still-open.md": "---\ntitle: Thumbnails stop\ndate: 2026-11-20\nservices: [jellyfin]\n---\nerror: it\nstopped: yes\n",
    "incidents/rack.png": "not really a picture",
    "decisions/0001-borg.md": "---\ntitle: Use borg\nstatus: superseded\nsuperseded-by: [decisions/0002-restic]\n---\n## Decision Outcome\n\nBorg.\n",
    "decisions/0002-restic.md": "---\ntitle: Use restic\nstatus: accepted\nsupersedes: [decisions/0001-borg]\nreview: 2027-02-21\n---\nRestic.\n",
    "decisions/0003-caddy.md": "---\ntitle: Use Caddy\nstatus: proposed\ndate: 2026-10-03\n---\nCaddy.\n",
    "services/jellyfin.md": "---\ntitle: Jellyfin\naliases: [jf]\nhosts: [nas]\ndepends_on: [nas]\nurl: https://tv.home\n---\n## How to check it\n\nLook.\n",
    "services/nas.md": "---\ntitle: NAS\ntype: host\n---\n",
    "experiments/2026-11-08-pull-a-disk.md": "---\ntitle: Pull a disk\ndate: 2026-11-08\noutcome: held\nservices: [nas]\n---\nIt held.\n",
    "changes/2026-10-31-dns.md": "---\ntitle: Retired the old DNS\ndate: 2026-10-31\n---\n",
}


def make(root: Path, files: Mapping[str, str | bytes] = LAB, mkdocs_yml: str = MKDOCS_YML) -> Path:
    """A knowledge base in `root` with these files under entries/."""
    (root / "entries").mkdir(parents=True, exist_ok=True)
    (root / "mkdocs.yml").write_text(mkdocs_yml)
    for name, text in files.items():
        path = root / "entries" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags(page: Path) -> list[tuple[str, dict[str, str | None]]]:
    """All tags of a page with their attributes."""
    reader = _Reader()
    reader.feed(page.read_text())
    return reader.tags


def addresses(site: Path) -> Iterator[tuple[Path, str, str]]:
    """Every address in a site: the page, the tag, the address."""
    for page in sorted(site.rglob("*.html")):
        for tag, attributes in tags(page):
            for key in ("href", "src"):
                if value := attributes.get(key):
                    yield page, tag, value


def broken_addresses(site: Path) -> list[str]:
    """Addresses inside the site that lead to no file, or to an anchor that its page does not have."""
    anchors: dict[Path, set[str]] = {}
    found = []
    for page, _, address in addresses(site):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or page.name == "404.html":
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        if target.is_dir():
            target /= "index.html"
        if not target.is_file():
            found.append(f"{page.relative_to(site)}: {address}")
        elif parts.fragment and "=" not in parts.fragment and target.suffix == ".html":  # with =, it is the state of a filter
            if target not in anchors:
                anchors[target] = set(re.findall(r'\bid="([^"]*)"', target.read_text()))
            if unquote(parts.fragment) not in anchors[target]:
                found.append(f"{page.relative_to(site)}: {address} (no such anchor)")
    return found
