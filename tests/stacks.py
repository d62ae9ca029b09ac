"""Two stacks of containers beside the notes of a lab, for the tests of all that reads compose files."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import World

JELLYFIN = """services:
  jellyfin:
    image: jellyfin/jellyfin:10.10.3
    ports: ["8096:8096"]
    volumes: ["config:/config", "/etc/localtime:/etc/localtime:ro"]
    depends_on: [db]
    environment: {ADMIN_PASSWORD: s3cretvalue, TZ: UTC}
    labels: {homepage.group: Media, homepage.name: Jellyfin, homepage.description: Films and series, homepage.href: "https://tv.home"}
  db: {image: "postgres:16"}
"""
WIKI = "services:\n  wiki: {image: 'wiki:2', depends_on: [db]}\n  db: {image: 'postgres:12'}\n"


def write(lab: World, name: str, text: str) -> Path:
    path = lab.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def stacks(lab: World) -> World:
    """A knowledge base with two stacks beside its notes, imported."""
    write(lab, "docker/jellyfin/compose.yaml", JELLYFIN)
    write(lab, "docker/wiki/compose.yaml", WIKI)
    done = lab.kb("service", "import", "docker", "--host", "nas")
    assert done.status == 0, done.err
    return lab


def note(lab: World, name: str) -> Path:
    return lab.folder / "entries" / "services" / f"{name}.md"
