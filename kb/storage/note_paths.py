"""Translates between files on the disk and the paths that notes use for them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from . import git

MAX_BYTES = 1 << 20


@dataclass
class NotePaths:
    """Files on the disk and the paths that notes use for them: relative to the knowledge base if it shares their repository."""

    root: Path
    tops: list[Path] = field(default_factory=list)

    def name(self, path: Path) -> str:
        """The path that a note uses for this file."""
        tree = git.work_tree(self.root) or self.root
        if path.is_relative_to(tree):
            return Path(os.path.relpath(path, self.root)).as_posix()
        home = Path.home()
        return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else path.as_posix()

    def path(self, name: str) -> Path:
        """The file that a note means."""
        return Path(os.path.normpath(self.root / Path(name).expanduser()))

    def has(self, name: str) -> bool:
        """Whether the file that a note means is there."""
        return self.path(name).is_file()

    def read(self, name: str) -> str | None:
        """The text of a file; None if it can't be read. Doesn't look for an `.env` above the folders that were named."""
        path = self.path(name)
        if path.name == ".env" and not any(path.is_relative_to(top) for top in self.tops):
            return None
        try:
            if not path.is_file():
                return None
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1).decode("utf-8-sig", "replace")
        except OSError:
            return None
