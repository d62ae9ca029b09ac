"""A site as one zip file, the same bytes for the same site."""

from __future__ import annotations

import contextlib
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from ...exceptions import CannotWrite, WrongUse, system_reason

# Files that are compressed already: doing it again would only cost time.
_PACKED = frozenset(
    (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".zip", ".gz", ".xz", ".zst", ".mp4", ".webm", ".mp3", ".ogg")
)


def pack(site: Path, file: Path, progress: Callable[[int, int], None] | None = None) -> Path:
    """Write the files of `site` into the zip `file`, in one folder of its name; whole or not at all.

    Raises WrongUse if `file` exists and isn't a zip, or is inside the site; CannotWrite.
    """
    file = file.absolute()
    if file == site or site in file.parents:
        raise WrongUse(f"{file} would be inside the site that it holds: name another place")
    if file.exists() and not (file.is_file() and zipfile.is_zipfile(file)):
        raise WrongUse(f"{file} is there, and no zip: name another file")
    temporary = file.with_name(f".{file.name}-{os.getpid()}-{time.monotonic_ns()}.tmp")
    try:
        with open(temporary, "xb") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
                paths = sorted(path for path in site.rglob("*") if _is_part(path, site))
                for done, path in enumerate(paths):
                    _add(packed, path, f"{file.stem}/{path.relative_to(site).as_posix()}")
                    if progress:
                        progress(done + 1, len(paths))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, file)
    except OSError as error:
        where = error.filename if error.filename and error.filename != str(temporary) else file
        raise CannotWrite(Path(where), system_reason(error)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
    return file


def _is_part(path: Path, site: Path) -> bool:
    """Whether it is a plain file, and not one of the hidden ones that others keep in a site's folder (`.git`)."""
    return path.is_file() and not path.is_symlink() and not path.relative_to(site).parts[0].startswith(".")


def _add(packed: zipfile.ZipFile, path: Path, name: str) -> None:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # no clock: the same site is the same file
    entry.external_attr = 0o100644 << 16
    entry.create_system = 3
    entry.compress_type = zipfile.ZIP_STORED if path.suffix.lower() in _PACKED else zipfile.ZIP_DEFLATED
    packed.writestr(entry, path.read_bytes())
