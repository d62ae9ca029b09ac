"""The MkDocs plugin `kb`: what it does at each of MkDocs' events, from the notes to the bytes of a page."""

from __future__ import annotations

import html
import logging
import re
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.structure.toc import get_toc

from ... import plugins
from ...exceptions import KbError
from ...notes.settings import settings_of
from ...storage import file_watch, folders, root_folder
from ..html import csp
from ..html.markdown_html import Renderer
from ..html.page_cache import PageMaker
from ..html.size_limits import MOST_CHARACTERS
from ..inputs import attachments
from ..inputs.site_inputs import read, today, watched_folders
from ..sitemap.markup import one_line
from ..sitemap.page import Page
from . import gc_tuning
from .build_state import BuildState, PageAddresses, PageRun
from .config_digest import shared_digests
from .live_reload import RELOAD, RELOAD_SCRIPT, answer_own_visitors, reload_by_a_file, reload_on_change
from .template_cache import CompiledTemplates
from .theme_defaults import set_defaults, styles

log = logging.getLogger("mkdocs.plugins.kb")

NO_HEADINGS = get_toc([])
_BLANK = re.compile(r"[ \t]*\n\s*")

# What the theme brings along for its own search, in thirty languages, and for its developers: three quarters of its scripts.
_UNUSED = re.compile(r"assets/javascripts/(?:lunr|workers)/|assets/.*\.map$")


class KbConfig(Config):  # type: ignore[no-untyped-call]
    """Empty: kb reads its settings itself, with one parser for the command line and the site."""


class KbPlugin(BasePlugin[KbConfig]):  # type: ignore[no-untyped-call]
    """Gives MkDocs the notes of a knowledge base and the pages about them, made safe."""

    def __init__(self) -> None:
        self._handed_in: BuildState | None = None  # the build that MkDocs is to run, if kb runs MkDocs
        self._state: BuildState | None = None  # the one that is running; MkDocs keeps the plugin from one build to the next
        self.serving = False
        self.stop = threading.Event()
        self.seen: file_watch.Snapshot = {}
        self.folders: list[str] = []
        self.empty = tempfile.mkdtemp(prefix="kb-docs-")
        weakref.finalize(self, shutil.rmtree, self.empty, ignore_errors=True)

    @property
    def state(self) -> BuildState:
        """The running build, from MkDocs' event `config` on."""
        assert self._state is not None
        return self._state

    @contextmanager
    def doing(self, state: BuildState) -> Iterator[None]:
        """Within this context, MkDocs runs this build."""
        self._handed_in = state
        try:
            yield
        finally:
            self._handed_in = self._state = None

    def load_config(self, options: Any, config_file_path: str | None = None) -> Any:
        """Nothing for MkDocs to check."""
        del options
        return super().load_config({}, config_file_path)

    # ---- events of MkDocs ------------------------------------------------------------------------------------------------

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Makes MkDocs keep the plugin across the rebuilds of `mkdocs serve`, just by existing."""
        del dirty
        self.serving = command == "serve"

    @event_priority(100)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read the notes, and set whatever the user's mkdocs.yml leaves open."""
        if not config.config_file_path or not Path(config.config_file_path).is_file():
            raise PluginError("kb needs a mkdocs.yml on the disk: its notes are beside it")
        path = Path(config.config_file_path).absolute()
        try:
            state = self._state = self._handed_in or self._read(path.parent)
        except KbError as error:
            raise PluginError(str(error)) from error
        # MkDocs would follow symbolic links in docs_dir and stop at odd files before any plugin runs.
        config.docs_dir = self.empty
        state.extras |= styles(config)
        set_defaults(config, state.inputs.user)
        scripts = [str(script) for script in config.extra_javascript]
        guarded = state.base.settings.csp and config.theme.name == "material"
        state.policy = csp.policy(scripts, config.extra_css) if guarded else ""
        if state.serving:
            state.extras[RELOAD] = RELOAD_SCRIPT
        if "nav" not in state.inputs.user:
            config.nav = [{page.nav: page.path} for page in state.pages.values() if page.nav]
        return config

    def _read(self, root: Path) -> BuildState:
        """A build of the notes as they are now. Raises KbError."""
        if self.serving:
            # Before they are read: what changes from now on is another build.
            self.folders = watched_folders(settings_of(root_folder.read_mkdocs_yml(root / "mkdocs.yml")))
            self.seen = file_watch.snapshot(root, self.folders)
        return BuildState.of(read(root, today()), serving=self.serving)

    @event_priority(100)
    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Every page and every file that a note links to, generated; the folder itself is empty."""
        state = self.state
        broken = [fault.message for fault in plugins.faults_of("kb.pages", "kb.log_headers")]
        for message in (*state.base.settings.unknown, *map(str, state.site.problems()), *broken):
            log.warning(message)
        for message in state.site.given.unread:
            log.info(
                message
            )  # nothing is wrong with the notes: a strict build doesn't stop for this, and `kb changes` says it too
        if config.theme.name == "material":
            for file in [file for file in files if _UNUSED.match(file.src_uri)]:
                files.remove(file)
        in_nav = InclusionLevel.INCLUDED
        for page in state.pages.values():
            file = File.generated(config, page.path, content="", inclusion=in_nav if page.nav else InclusionLevel.NOT_IN_NAV)
            file.edit_uri = page.note.path if page.note else None
            files.append(file)
        for path, text in state.extras.items():
            files.append(File.generated(config, path, content=text))
        published, withheld = attachments.published(state.site)
        state.withheld = len(withheld)
        for message in withheld.values():
            log.warning(message)
        for path, source in published.items():
            if files.get_file_from_path(path) is None:
                files.append(File.generated(config, path, abs_src_path=str(source)))
        state.addresses = PageAddresses(files)
        return files

    @event_priority(-100)
    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Everything around the pages is known now."""
        del files
        state = self.state
        extensions = [name for name in config.markdown_extensions if name not in ("toc", "tables", "fenced_code")]
        listed = [(page.file.src_uri, state.pages[page.file.src_uri]) for page in nav.pages if page.file.src_uri in state.pages]
        around = partial(shared_digests, config, state.base.settings, listed)
        renderer = Renderer(extensions, config.mdx_configs or {})
        maker = PageMaker(state.site, state.addresses.url, renderer, around(), state.last)
        state.run = PageRun(maker, around)
        gc_tuning.settle()
        return nav

    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """Templates are compiled once, not in every build."""
        del config, files
        env.bytecode_cache = CompiledTemplates(folders.cache_folder(self.state.base.root) / "templates")
        return env

    def on_page_read_source(self, *, page: MkDocsPage, config: MkDocsConfig) -> str | None:
        """Nothing for MkDocs to read: it would take lines like `error: …` for front matter, and the text would vanish."""
        del config
        return "" if page.file.src_uri in self.state.pages else None

    @event_priority(100)
    def on_page_markdown(self, markdown: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> str | None:
        """Give the page its Markdown, the few keys that templates may see, and the way it is rendered."""
        del markdown, config, files
        ours = self.state.pages.get(page.file.src_uri)
        if not ours:
            return None
        title = html.escape(one_line(ours.title))
        page.title = ours.nav or title
        page.meta = _meta(ours, title)
        page.render = lambda config, files: self._render(page, ours, config)  # type: ignore[method-assign]  # noqa: ARG005
        return "" if self.state.making.is_alone else _markdown(ours)

    @event_priority(100)
    def on_page_context(self, context: Any, *, page: MkDocsPage, config: MkDocsConfig, nav: Navigation) -> Any:
        """Give the page its content, if it has none yet."""
        del config, nav
        state, path = self.state, page.file.src_uri
        state.tell()
        if state.making.is_alone and path in state.pages and path not in state.as_before:
            page.markdown = _markdown(state.pages[path])
            self._fill(page, state.pages[path])
        return context

    def on_post_page(self, output: str, *, page: MkDocsPage, config: MkDocsConfig) -> str:
        """Drop the blank lines of the theme's templates: a sixth of a page. Notes keep every character."""
        del config
        if page.file.src_uri in self.state.as_before:
            return ""  # MkDocs writes nothing then, and the file is there
        before, start, rest = output.partition("<article")
        content, end, after = rest.rpartition("</article>")
        opening, bracket, content = content.partition(">")
        around = self._guarded(_BLANK.sub("\n", before)), _BLANK.sub("\n", after)
        output = f"{around[0]}{start}{opening}{bracket}\n{content.strip()}\n{end}{around[1]}"
        making = self.state.making
        making.maker.finished(page.file.src_uri, output.encode("utf-8", "xmlcharrefreplace"))
        if making.is_alone:
            page.markdown, page.content, page.toc = "", "", NO_HEADINGS
        return output

    def on_post_template(self, output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
        """Treat the 404 page like the others; it too may contain what the user's templates hold."""
        del config
        if not self.state.policy or not template_name.endswith(".html"):
            return output_content
        if csp.has_inline_script(output_content):
            log.warning(
                "mkdocs.yml:1: a template or a feature of the theme has an inline script, which the site's Content-Security-Policy "
                "keeps from running: put it into a file under extra_javascript, or set csp: false under the plugin kb"
            )
        return self._guarded(output_content)

    def _guarded(self, page: str) -> str:
        return csp.with_policy(page, self.state.policy) if self.state.policy else page

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Callable[..., None]) -> LiveReloadServer:
        """Let the server watch one file, which our own watcher touches: MkDocs' watcher looks at every file twice a second."""
        del builder
        root = Path(config.config_file_path).absolute().parent
        server.unwatch(config.docs_dir)
        reload_by_a_file(server)
        answer_own_visitors(server, config.site_url or "")
        reload_on_change(server, root, self.folders, self.seen, Path(self.empty), self.stop)
        return server

    def on_shutdown(self) -> None:
        """End the watcher."""
        self.stop.set()

    # ---- rendering -------------------------------------------------------------------------------------------------------

    def _render(self, page: MkDocsPage, ours: Page, config: MkDocsConfig) -> None:
        state = self.state
        state.tell()
        page.present_anchor_ids = page.links_to_anchors = None
        if state.making.maker.keep(ours, page.file.dest_uri, Path(config.site_dir)):
            state.as_before.add(ours.path)
            page.meta["template"], page.content, page.toc = "kept.html", "", NO_HEADINGS
        elif state.making.is_alone:
            page.content, page.toc = "", NO_HEADINGS
        else:
            self._fill(page, ours)

    def _fill(self, page: MkDocsPage, ours: Page) -> None:
        head, body, tail = self.state.making.maker.head_body_tail(ours, page.file.dest_uri)
        parts = [head.html]
        if len(ours.body) > MOST_CHARACTERS:
            page.meta["search"] = {"exclude": True}  # a log of megabytes would double the index that every reader loads
        if body.plain and ours.note:
            parts.append(f'<p class="kb-about">This note {html.escape(body.plain)}, so here is its text as it stands.</p>')
        if body.html:
            parts.append(f'<div class="kb-body">{body.html}</div>')
        if tail.html:
            parts.append(f'<div class="kb-tail">{tail.html}</div>')
        page.content = "\n".join(parts)
        page.toc = get_toc(_under_title([*head.headings, *body.headings, *tail.headings]))  # type: ignore[arg-type]


def _markdown(page: Page) -> str:
    return f"{page.head}\n{page.body}\n{page.tail}"


def _meta(page: Page, title: str) -> dict[str, Any]:
    """The keys that the theme's templates may see. Nothing from a note's front matter gets here unescaped."""
    meta: dict[str, Any] = {"hide": ["navigation"] if page.note else ["navigation", "toc"]}
    if page.path != "index.md":  # the theme names the home page after the site
        meta["title"] = title
    if page.summary:
        meta["description"] = html.escape(one_line(page.summary))
    if page.note is None:
        meta["search"] = {"exclude": True}
    return meta


def _under_title(headings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The headings of head, text and tail as one tree below the page's title."""
    if not headings or headings[0]["level"] != 1:
        return headings
    return [{**headings[0], "children": [*headings[0]["children"], *headings[1:]]}]
