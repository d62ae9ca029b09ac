"""The plugin `kb` of MkDocs: what it does at each of MkDocs' events, from the notes to the bytes of a page."""

from __future__ import annotations

import html
import logging
import posixpath
import re
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Sequence
from datetime import date
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
from mkdocs.utils import get_relative_url

from ...exceptions import KbError
from ...notes.settings import settings_of
from ...storage import cache, file_watch, folders, root_folder
from .. import catalog
from ..html import csp
from ..html.markdown_html import Renderer
from ..html.page_cache import LastSite, PageMaker
from ..html.size_limits import MOST_CHARACTERS
from ..inputs import attachments
from ..inputs.site_inputs import SiteInputs, read, today, watched_folders
from ..sitemap.markup import one_line
from ..sitemap.page import Page
from . import gc_tuning
from .config_digest import shared_digests
from .live_reload import RELOAD, RELOAD_SCRIPT, reload_by_a_file, reload_on_change
from .template_cache import CompiledTemplates
from .theme_defaults import set_defaults, styles

log = logging.getLogger("mkdocs.plugins.kb")

Progress = Callable[[int, int], None]
NO_HEADINGS = get_toc([])
_BLANK = re.compile(r"[ \t]*\n\s*")

# What the theme brings along for its own search, in thirty languages, and for its developers: three quarters of its scripts.
_UNUSED = re.compile(r"assets/javascripts/(?:lunr|workers)/|assets/.*\.map$")


class KbConfig(Config):  # type: ignore[no-untyped-call]
    """Empty: kb reads its settings itself, with one parser for the command line and the site."""


class KbPlugin(BasePlugin[KbConfig]):  # type: ignore[no-untyped-call]
    """Gives MkDocs the notes of a knowledge base and the pages about them, made safe."""

    def __init__(self) -> None:
        self.today: date | None = None
        self.progress: Progress | None = None
        self.serving = False
        self.known: SiteInputs | None = None  # what is read already
        self.last: Sequence[LastSite] = ()  # whose pages may be kept
        self.stop = threading.Event()
        self.seen: file_watch.Snapshot = {}
        self.folders: list[str] = []
        self.empty = tempfile.mkdtemp(prefix="kb-docs-")
        weakref.finalize(self, shutil.rmtree, self.empty, ignore_errors=True)

    def load_config(self, options: Any, config_file_path: str | None = None) -> Any:
        """Nothing for MkDocs to check."""
        del options
        return super().load_config({}, config_file_path)

    # ---- events of MkDocs ------------------------------------------------------------------------------------------------

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Having this event makes MkDocs keep the plugin over the rebuilds of `mkdocs serve`."""
        del dirty
        self.serving = command == "serve"

    @event_priority(100)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read the notes, and set whatever the user's mkdocs.yml leaves open."""
        if not config.config_file_path or not Path(config.config_file_path).is_file():
            raise PluginError("kb needs a mkdocs.yml on the disk: its notes are beside it")
        path = Path(config.config_file_path).absolute()
        # MkDocs keeps the plugin from one build of a process to the next.
        self.withheld = 0  # files that are left out
        self.done = 0
        self.as_before: set[str] = set()  # the pages that are the last site's, byte for byte
        try:
            user = root_folder.read_mkdocs_yml(path)
            self.folders = watched_folders(settings_of(user))
            if self.serving and not self.known:
                self.seen = file_watch.snapshot(path.parent, self.folders)
            known = self.known or read(path.parent, self.today or today())
        except KbError as error:
            raise PluginError(str(error)) from error
        # MkDocs would follow symbolic links in docs_dir and stop at odd files, before any plugin is asked.
        config.docs_dir = self.empty
        self.base = known.base
        self.made_by = cache.stamp("made", self.base.settings)
        made = next((last.record.made for last in self.last if last.record.made_by == self.made_by), {})
        self.site = catalog.site_map(self.base, known.given, made)
        self.pages = catalog.all_pages(self.base, known.day, self.site)
        self.extras = {**catalog.all_files(self.site, known.day), **styles(config)}
        set_defaults(config, user)
        scripts = [str(script) for script in config.extra_javascript]
        guarded = self.base.settings.csp and config.theme.name == "material"
        self.policy = csp.policy(scripts, config.extra_css) if guarded else ""
        if self.serving:
            self.extras[RELOAD] = RELOAD_SCRIPT
        if "nav" not in user:
            config.nav = [{page.nav: page.path} for page in self.pages.values() if page.nav]
        return config

    @event_priority(100)
    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Every page and every file that a note links to, generated; the folder itself is empty."""
        for message in (*self.base.settings.unknown, *map(str, self.site.problems())):
            log.warning(message)
        for message in self.site.given.unread:
            log.info(message)  # nothing is wrong with the notes: no strict build stops at it, and `kb changes` says it too
        if config.theme.name == "material":
            for file in [file for file in files if _UNUSED.match(file.src_uri)]:
                files.remove(file)
        in_nav = InclusionLevel.INCLUDED
        for page in self.pages.values():
            file = File.generated(config, page.path, content="", inclusion=in_nav if page.nav else InclusionLevel.NOT_IN_NAV)
            file.edit_uri = page.note.path if page.note else None
            files.append(file)
        for path, text in self.extras.items():
            files.append(File.generated(config, path, content=text))
        published, withheld = attachments.published(self.site)
        self.withheld = len(withheld)
        for message in withheld.values():
            log.warning(message)
        for path, source in published.items():
            if files.get_file_from_path(path) is None:
                files.append(File.generated(config, path, abs_src_path=str(source)))
        self.files = files
        self.places = {file.src_uri: file.url for file in files}
        self.urls: dict[tuple[str, str], str] = {}
        return files

    @event_priority(-100)
    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """All is known now that stands around the pages."""
        del files
        extensions = [name for name in config.markdown_extensions if name not in ("toc", "tables", "fenced_code")]
        listed = [(page.file.src_uri, self.pages[page.file.src_uri]) for page in nav.pages if page.file.src_uri in self.pages]
        self.what_is_around = partial(shared_digests, config, self.base.settings, listed)
        renderer = Renderer(extensions, config.mdx_configs or {})
        around = self.what_is_around()
        self.maker = PageMaker(self.site, self._url, renderer, around, self.last)
        # Where nobody else looks at pages before they are written, each is rendered when its turn to be written comes:
        # MkDocs would have all of them in memory first.
        self.alone = bool(around.frame)
        gc_tuning.settle()
        return nav

    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """Templates are compiled once, not in every build."""
        del config, files
        env.bytecode_cache = CompiledTemplates(folders.cache_folder(self.base.root) / "templates")
        return env

    def on_page_read_source(self, *, page: MkDocsPage, config: MkDocsConfig) -> str | None:
        """Nothing for MkDocs to read: it would take lines like `error: …` for front matter, and the text would vanish."""
        del config
        return "" if page.file.src_uri in self.pages else None

    @event_priority(100)
    def on_page_markdown(self, markdown: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> str | None:
        """Give the page its Markdown, the few keys that templates may see, and its way to be rendered."""
        del markdown, config, files
        ours = self.pages.get(page.file.src_uri)
        if not ours:
            return None
        title = html.escape(one_line(ours.title))
        page.title = ours.nav or title
        page.meta = _meta(ours, title)
        page.render = lambda config, files: self._render(page, ours, config)  # type: ignore[method-assign]  # noqa: ARG005
        return "" if self.alone else _markdown(ours)

    @event_priority(100)
    def on_page_context(self, context: Any, *, page: MkDocsPage, config: MkDocsConfig, nav: Navigation) -> Any:
        """Give the page its content, where it has none yet."""
        del config, nav
        self._tell()
        path = page.file.src_uri
        if self.alone and path in self.pages and path not in self.as_before:
            page.markdown = _markdown(self.pages[path])
            self._fill(page, self.pages[path])
        return context

    def on_post_page(self, output: str, *, page: MkDocsPage, config: MkDocsConfig) -> str:
        """Drop the blank lines of the theme's templates: a sixth of a page. Notes keep every character."""
        del config
        if page.file.src_uri in self.as_before:
            return ""  # MkDocs writes nothing then, and the file is there
        before, start, rest = output.partition("<article")
        content, end, after = rest.rpartition("</article>")
        opening, bracket, content = content.partition(">")
        around = self._guarded(_BLANK.sub("\n", before)), _BLANK.sub("\n", after)
        output = f"{around[0]}{start}{opening}{bracket}\n{content.strip()}\n{end}{around[1]}"
        self.maker.finished(page.file.src_uri, output.encode("utf-8", "xmlcharrefreplace"))
        if self.alone:
            page.markdown, page.content, page.toc = "", "", NO_HEADINGS
        return output

    def on_post_template(self, output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
        """The page for what is not there is a page too; what templates of the user's hold is in it as well."""
        del config
        if not self.policy or not template_name.endswith(".html"):
            return output_content
        if csp.has_inline_script(output_content):
            log.warning(
                "mkdocs.yml:1: a template or a feature of the theme has an inline script, which the site's Content-Security-Policy "
                "keeps from running: put it into a file under extra_javascript, or set csp: false under the plugin kb"
            )
        return self._guarded(output_content)

    def _guarded(self, page: str) -> str:
        return csp.with_policy(page, self.policy) if self.policy else page

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Callable[..., None]) -> LiveReloadServer:
        """Let the server watch one file, which our own watcher touches: MkDocs' looks at every file twice a second."""
        del builder
        root = Path(config.config_file_path).absolute().parent
        server.unwatch(config.docs_dir)
        reload_by_a_file(server)
        reload_on_change(server, root, self.folders, self.seen, Path(self.empty), self.stop)
        return server

    def on_shutdown(self) -> None:
        """End the watcher."""
        self.stop.set()

    # ---- rendering -------------------------------------------------------------------------------------------------------

    def _render(self, page: MkDocsPage, ours: Page, config: MkDocsConfig) -> None:
        self._tell()
        page.present_anchor_ids = page.links_to_anchors = None
        if self.maker.keep(ours, page.file.dest_uri, Path(config.site_dir)):
            self.as_before.add(ours.path)
            page.meta["template"], page.content, page.toc = "kept.html", "", NO_HEADINGS
        elif self.alone:
            page.content, page.toc = "", NO_HEADINGS
        else:
            self._fill(page, ours)

    def _fill(self, page: MkDocsPage, ours: Page) -> None:
        head, body, tail = self.maker.head_body_tail(ours, page.file.dest_uri)
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

    def file_of(self, path: str) -> str:
        """The file that a page is written to."""
        file = self.files.get_file_from_path(path)
        assert file is not None
        return file.dest_uri

    def _tell(self) -> None:
        """Each page is done twice: rendered, and put into the theme's frame."""
        self.done += 1
        if self.progress:
            self.progress(min(self.done, 2 * len(self.pages)), 2 * len(self.pages))

    def _url(self, path: str, here: str) -> str:
        """The relative address from the page `here` to the page or file at `path`; empty when there is none."""
        target, source = self.places.get(path), self.places.get(here)
        if target is None or source is None:
            return ""
        # All pages of a folder say it in the same way, and the lists ask for thousands.
        key = path, source if source.endswith("/") else posixpath.dirname(source)
        found = self.urls.get(key)
        if found is None:
            found = self.urls[key] = get_relative_url(target, source)
        return found


def _markdown(page: Page) -> str:
    return f"{page.head}\n{page.body}\n{page.tail}"


def _meta(page: Page, title: str) -> dict[str, Any]:
    """The keys that the theme's templates may see. Nothing of a note's front matter gets here unescaped."""
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
