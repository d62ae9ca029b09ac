"""The theme's templates, compiled once: compiling them again is a fifth of a build after one edit. The only module that imports jinja2."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from ...storage import cache


class CompiledTemplates(BytecodeCache):
    """Compiled templates in kb's own folder, each after its checksum: a damaged one is compiled again, and never run.

    Jinja itself knows whether a template's text has changed since.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.made_by = folder, cache.stamp("templates")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give Jinja what was kept, if it exists, is ours and is undamaged."""
        if data := cache.load(self._path(bucket), self.made_by):
            bucket.bytecode_from_string(data)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what Jinja compiled; if that fails, it is compiled again next time."""
        with suppress(OSError):
            cache.save(self._path(bucket), self.made_by, bucket.bytecode_to_string())

    def _path(self, bucket: Bucket) -> Path:
        return self.folder / f"{bucket.key}.template"
