"""The theme's templates, compiled once: compiling them anew is a fifth of a build after one edit. The only home of jinja2."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from ...storage import cache


class CompiledTemplates(BytecodeCache):
    """Compiled templates in a folder of ours, each after its checksum: what is damaged is compiled anew, and never run.

    Jinja knows by itself whether a template's text is still the one that was compiled.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.made_by = folder, cache.stamp("templates")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give Jinja what was kept, if it is there, ours and whole."""
        if data := cache.load(self._path(bucket), self.made_by):
            bucket.bytecode_from_string(data)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what Jinja compiled; without a place for it, it is compiled again next time."""
        with suppress(OSError):
            cache.save(self._path(bucket), self.made_by, bucket.bytecode_to_string())

    def _path(self, bucket: Bucket) -> Path:
        return self.folder / f"{bucket.key}.template"
