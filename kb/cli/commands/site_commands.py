"""`kb site`: the second brain as a website."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...exceptions import WrongUse, listed
from ...notes.settings import settings_of
from ...site.build.deploy_files import FILES, Site
from ...storage import folders, git, git_history, root_folder
from .. import clock, context, options
from ..terminal import screen

if TYPE_CHECKING:
    from ...site.build.builder import Built


@click.group()
def site() -> None:
    """The notes as a website: build, serve, publish."""
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")  # Material's banner is for those who chose it


@site.command()
@click.option("--strict", is_flag=True, help="Dead links and broken notes stop the build.")
@options.root_option
def build(strict: bool) -> int:
    """Build the site into site/. It is built beside and swapped in whole: the old one or the new one, never half.

    It opens from a file, a USB stick or any web server, and asks nothing of the network. A note that holds what looks
    like a secret is left out and named, and the exit status is then 1.

    \b
    Examples:
      kb site build
      kb site build --strict          in CI
    """
    built = _built(context.the_root(), strict)
    screen.say_path(built.folder)
    screen.remark(f"{screen.plural(built.pages, 'page')}; open {built.folder / 'index.html'}")
    return 1 if built.withheld else 0


def _built(root: Path, strict: bool) -> Built:
    """Build the site, with a line of progress, and say what is wrong with it."""
    from ...site.build import builder

    progress = screen.Progress("building pages:")
    try:
        built = builder.build(root, strict, progress)
    finally:
        progress.clear()
    for warning in built.warnings:
        screen.remark(warning)
    return built


@site.command()
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; 0.0.0.0 is for all in the house.",
)
@click.option("--port", metavar="PORT", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--open", "open_browser", is_flag=True, help="Open the browser.")
@options.root_option
def serve(host: str, port: int, open_browser: bool) -> int:
    """Serve the site while you write. The browser reloads when a note changes. Ctrl-C ends it.

    \b
    Examples:
      kb site serve
      kb site serve --host 0.0.0.0 --port 8080
    """
    from ...site.build import server

    server.serve(context.the_root(), host, port, open_browser, say=screen.remark)
    return 0


@site.command()
@click.argument("file", metavar="[FILE.zip|DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Dead links and broken notes stop it.")
@options.root_option
def pack(file: Path | None, strict: bool) -> int:
    """Build the site into one zip. For a USB stick, a phone or a friend.

    Unpacked anywhere, its index.html opens with links, search and pictures. The same notes give the same file.

    \b
    Examples:
      kb site pack                     writes NAME-site.zip here
      kb site pack /media/stick        the same, there
      kb site pack /media/stick/lab.zip
    """
    from ...site.build import site_zip

    root = context.the_root()
    built = _built(root, strict)
    progress = screen.Progress("packing files:")
    try:
        packed = site_zip.pack(built.folder, _zip(file or Path.cwd(), root), progress)
    finally:
        progress.clear()
    screen.say_path(packed)
    screen.remark(f"{packed.stat().st_size / 1e6:.1f} MB; unpack it, then open index.html")
    return 1 if built.withheld else 0


def _zip(place: Path, root: Path) -> Path:
    """The file to write: in a folder, it is called as the knowledge base is."""
    return place / f"{root.name or 'kb'}-site.zip" if place.is_dir() else place


@site.command("deploy-files")
@click.argument("where", metavar="WHERE...", nargs=-1, required=True, type=click.Choice([*FILES, "all"]))
@click.option("--force", is_flag=True, help="Write over files that are there.")
@options.root_option
def deploy_files(where: tuple[str, ...], force: bool) -> int:
    """Write the files that publish the site. For github, gitlab, forgejo, gitea, caddy, nginx, or all.

    Workflows build it at each push; the files for web servers have a Content-Security-Policy and no open listing.

    \b
    Examples:
      kb site deploy-files github
      kb site deploy-files caddy nginx
    """
    from ...storage import root_folder

    root = context.the_root()
    place = git_history.work_tree_state(root)
    top = git.work_tree(root) or root
    mkdocs_yml = root_folder.read_mkdocs_yml(root / "mkdocs.yml")
    live = root / str(mkdocs_yml.get("site_dir") or "site")
    said = Site(
        version=version("labkb"),
        branch=place.branch if place and place.branch else "main",
        folder="" if top == root else f"{root.relative_to(top).as_posix()}/",
        live=str(live),
        built=Path(os.path.relpath(live, top)).as_posix(),
        guarded=settings_of(mkdocs_yml).csp,
    )
    chosen = FILES if "all" in where else {name: FILES[name] for name in dict.fromkeys(where)}
    files = {top / path: text(said) for path, text in chosen.values()}
    if not force and (there := [str(path) for path in files if path.exists()]):
        raise WrongUse(f"{listed(there, 'and')} is there already: --force writes over it")
    for path, content in files.items():
        _write(path, content)
        screen.say_path(path)
    screen.remark("read them, commit them; they say what is to be set where")
    return 0


def _write(path: Path, text: str) -> None:
    from ...storage.files import add, replace

    if path.exists():
        replace(path, path.read_bytes(), text.encode())
    else:
        add(path, text.encode())


@site.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--config", "with_config", is_flag=True, help="Write a mkdocs.yml beside DIR too, where there is none.")
@options.root_option
def stage(folder: Path, with_config: bool) -> int:
    """Write the site's pages as plain Markdown. For any other site builder.

    MkDocs and Zensical build them as they are. The folder is exchanged whole; --config writes what either builder needs.

    \b
    Examples:
      kb site stage /tmp/lab/docs --config && cd /tmp/lab && zensical build
    """
    from ...notes.note_problems import exposed
    from ...site.build import staging
    from ...site.inputs import gather_facts
    from ...storage.files import add

    folder = folder.absolute()
    progress = screen.Progress("writing pages:")
    try:
        base = context.the_base()
        user = root_folder.read_mkdocs_yml(base.root / "mkdocs.yml")
        given = gather_facts.gather(base, clock.now(), folders.cache_folder(base.root), user)
        staged = staging.stage(base, folder, clock.now().date(), given, progress)
    finally:
        progress.clear()
    screen.say_path(folder)
    mkdocs_yml = folder.parent / "mkdocs.yml"
    if with_config and mkdocs_yml.exists():
        screen.remark(f"{mkdocs_yml} is there already, and stays as it is")
    elif with_config:
        add(mkdocs_yml, staging.config(base, folder).encode())
        screen.say_path(mkdocs_yml)
    screen.remark(f"{screen.plural(len(staged.pages), 'page')} written")
    withheld = [*(f"left out: {problem}" for note in base.notes for problem in exposed(note)), *staged.withheld]
    for sentence in withheld:
        screen.remark(sentence)
    return 1 if withheld else 0
