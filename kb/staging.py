"""The site's pages as plain Markdown files in a folder, for any builder that is not MkDocs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

from . import entries, pages, swap
from .exceptions import CannotWrite, WrongUse, system_reason
from .knowledge_base import KnowledgeBase

MARKER = ".kb-staged"


def stage(
    base: KnowledgeBase,
    folder: Path,
    today: date,
    given: pages.Given | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write every page and every file that a public note links to into `folder`; it is exchanged whole.

    Returns the pages that were written. Raises WrongUse when the folder holds something else, or CannotWrite.
    """
    folder = folder.absolute()
    root = base.root.absolute()
    if folder == root or folder in root.parents or (root / "entries") in (folder, *folder.parents):
        raise WrongUse(f"{folder} holds your notes: name a folder of its own")
    if folder.exists() and not folder.is_dir():
        raise WrongUse(f"{folder} is no folder: name another one")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise WrongUse(f"{folder} holds something that kb did not stage: empty it, or name another folder")
    site = pages.site_map(base, given)
    found = pages.all_pages(base, today, site)
    try:
        swap.mend(folder)
        with swap.beside(folder) as new:
            for done, page in enumerate(found.values()):
                _write(new / page.path, pages.plain(site, page))
                if progress:
                    progress(done + 1, len(found))
            for path, source in site.attachments.items():
                if _holds_secret(base.root / source):
                    continue
                (new / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(base.root / source, new / path, follow_symlinks=False)
            _write(new / MARKER, "Written by `kb site stage`, which exchanges this folder as a whole.\n")
            swap.exchange(new, folder)
    except OSError as error:
        raise CannotWrite(Path(error.filename or folder), system_reason(error)) from error
    return [folder / path for path in found]


def _holds_secret(path: Path) -> bool:
    return path.stat().st_size <= entries.MAX_NOTE_BYTES and bool(entries.secrets_in(path.read_bytes()))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", errors="replace", newline="\n")
