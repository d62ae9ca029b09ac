"""The theme's templates, compiled once: compiling them anew is a fifth of a build after one edit. The only home of jinja2."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from ...storage import files

SUM = hashlib.blake2b().digest_size


class CompiledTemplates(BytecodeCache):
    """Compiled templates in a folder of ours, each after its checksum: what is damaged is compiled anew, and never run.

    Jinja knows by itself whether a template's text is still the one that was compiled.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give Jinja what was kept, if it is there, ours and whole."""
        with suppress(OSError):
            files.private_folder(self.folder)
            data = self._path(bucket).read_bytes()
            if hashlib.blake2b(data[SUM:]).digest() == data[:SUM]:
                bucket.bytecode_from_string(data[SUM:])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what Jinja compiled; without a place for it, it is compiled again next time."""
        data = bucket.bytecode_to_string()
        with suppress(OSError):
            files.private_folder(self.folder)
            files.write_private(self._path(bucket), hashlib.blake2b(data).digest() + data)

    def _path(self, bucket: Bucket) -> Path:
        return self.folder / f"{bucket.key}.template"
