"""The site's pages as plain Markdown files in a folder, for any builder that is not MkDocs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ...exceptions import CannotWrite, WrongUse, system_reason
from ...notes.kinds import added_kinds
from ...notes.knowledge_base import KnowledgeBase
from ...storage import folder_swap
from .. import catalog
from ..html import plain_markdown
from ..inputs import attachments
from ..sitemap import site_facts

MARKER = ".kb-staged"
SECTIONS = ("incidents", "errors", "decisions", "services", "experiments", "changes", "tags")

# The extensions that notes are written for and that all such builders have.
EXTENSIONS = (
    "admonition",
    "attr_list",
    "def_list",
    "footnotes",
    "tables",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.superfences",
    "pymdownx.tabbed",
    "pymdownx.tasklist",
)


@dataclass(frozen=True)
class Staged:
    """The pages that were written, and a sentence for each file that wasn't."""

    pages: list[Path]
    withheld: list[str]


def stage(
    base: KnowledgeBase,
    folder: Path,
    today: date,
    given: site_facts.SiteFacts | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Staged:
    """Write every page and every file that a public note links to into `folder`, which is replaced as a whole.

    Raises WrongUse if the folder contains something else, or CannotWrite.
    """
    folder = folder.absolute()
    root = base.root.absolute()
    if folder == root or folder in root.parents or (root / "entries") in (folder, *folder.parents):
        raise WrongUse(f"{folder} holds your notes: name a folder of its own")
    if folder.exists() and not folder.is_dir():
        raise WrongUse(f"{folder} is no folder: name another one")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise WrongUse(f"{folder} holds something that kb did not stage: empty it, or name another folder")
    site = catalog.site_map(base, given)
    published, withheld = attachments.published(site)
    site = replace(site, withheld=frozenset(withheld))  # links to those lead nowhere
    found = catalog.all_pages(base, today, site)
    try:
        folder_swap.mend(folder)
        with folder_swap.beside(folder) as new:
            for done, page in enumerate(found.values()):
                _write(new / page.path, plain_markdown.plain(site, page))
                if progress:
                    progress(done + 1, len(found))
            for path, text in catalog.all_files(site, today).items():
                if not path.startswith("assets/"):  # scripts and their data belong to kb's own theme
                    _write(new / path, text)
            for path, source in published.items():
                (new / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, new / path, follow_symlinks=False)
            _write(new / MARKER, "Written by `kb site stage`, which exchanges this folder as a whole.\n")
            folder_swap.exchange(new, folder)
    except OSError as error:
        raise CannotWrite(Path(error.filename or folder), system_reason(error)) from error
    return Staged([folder / path for path in found], [*withheld.values()])


def config(base: KnowledgeBase, folder: Path) -> str:
    """A `mkdocs.yml` for MkDocs or Zensical that builds the pages in `folder`, with the extensions that notes are written for."""
    sections = [*SECTIONS, *(kind.folder for kind in added_kinds())]
    listed = [("Home", "index.md"), *((name.capitalize(), f"{name}/index.md") for name in sections)]
    nav = "".join(f"  - {word}: {path}\n" for word, path in listed if (folder / path).is_file())
    return (
        f"site_name: {json.dumps(base.settings.site_name)}\ndocs_dir: {json.dumps(folder.name)}\n"
        "use_directory_urls: false\ntheme:\n  name: material\n  font: false\n"
        f"plugins: [search]\nmarkdown_extensions: {json.dumps([*EXTENSIONS])}\nnav:\n{nav}"
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", errors="replace", newline="\n")
