"""`kb site`: the second brain as a website."""

from __future__ import annotations

from pathlib import Path

import click

import kb

from . import options, screen


@click.group()
def site() -> None:
    """The notes as a website: build, serve, stage."""


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
    from .. import mkdocs_plugin

    progress = screen.Progress("building pages:")
    try:
        built = mkdocs_plugin.build(options.the_root(), strict, progress)
    finally:
        progress.clear()
    for warning in built.warnings:
        screen.remark(warning)
    screen.say(str(built.folder))
    screen.remark(f"{screen.plural(built.pages, 'page')}; open {built.folder / 'index.html'}")
    return 1 if built.withheld else 0


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
    """Serve the site while you write; the browser reloads when a note changes. Ctrl-C ends it.

    \b
    Examples:
      kb site serve
      kb site serve --host 0.0.0.0 --port 8080
    """
    from .. import mkdocs_plugin

    mkdocs_plugin.serve(options.the_root(), host, port, open_browser, say=screen.remark)
    return 0


@site.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--config", "with_config", is_flag=True, help="Write a mkdocs.yml beside DIR too, where there is none.")
@options.root_option
def stage(folder: Path, with_config: bool) -> int:
    """Write the site's pages as plain Markdown files, for any other site builder.

    MkDocs and Zensical build them as they are. The folder is exchanged whole; --config writes what either builder needs.

    \b
    Examples:
      kb site stage /tmp/lab/docs --config && cd /tmp/lab && zensical build
    """
    from .. import entries, staging, surroundings
    from ..knowledge_base import exposed

    folder = folder.absolute()
    progress = screen.Progress("writing pages:")
    try:
        base = options.the_base()
        given = surroundings.given(base, options.now(), kb.cache_folder(base.root))
        staged = staging.stage(base, folder, options.now().date(), given, progress)
    finally:
        progress.clear()
    screen.say(str(folder))
    mkdocs_yml = folder.parent / "mkdocs.yml"
    if with_config and mkdocs_yml.exists():
        screen.remark(f"{mkdocs_yml} is there already, and stays as it is")
    elif with_config:
        entries.add(mkdocs_yml, staging.config(base, folder).encode())
        screen.say(str(mkdocs_yml))
    screen.remark(f"{screen.plural(len(staged.pages), 'page')} written")
    withheld = [*(f"left out: {problem}" for note in base.notes for problem in exposed(note)), *staged.withheld]
    for sentence in withheld:
        screen.remark(sentence)
    return 1 if withheld else 0
