"""The site with MkDocs and Material: the plugin `kb`, and building and serving through it. The only home of mkdocs."""

from __future__ import annotations

import errno
import gc
import html
import logging
import os
import posixpath
import re
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from time import time_ns
from typing import Any, Literal

from mkdocs.config.base import Config
from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException, PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.localization import Locale  # type: ignore[attr-defined]
from mkdocs.plugins import BasePlugin, event_priority, get_plugins
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.structure.toc import get_toc
from mkdocs.utils import get_build_date, get_relative_url

import kb

from . import attachments, csp, entries, pages, site_cache, surroundings, swap, watch
from .compiled_templates import CompiledTemplates
from .exceptions import KbError, SiteNotBuilt, WrongUse, system_reason
from .knowledge_base import KnowledgeBase
from .page_maker import LastSite, PageMaker, Surroundings
from .pages import Given, Page
from .pages.markup import one_line
from .rendering import MOST_CHARACTERS, Renderer
from .settings import Settings, settings_of
from .site_cache import Record, digest

log = logging.getLogger("mkdocs.plugins.kb")

THEME = Path(__file__).parent / "theme"
STYLES = Path(__file__).parent / "styles"
RECORD = "site.json"
RELOAD = "assets/kb-reload.js"
RELOAD_SCRIPT = """"use strict"
{
  const epoch = Number(new URL(document.currentScript.src).search.slice(1))
  let asking
  const ask = () => {
    asking = new AbortController()
    fetch(`/livereload/${epoch}/${Date.now()}`, { signal: asking.signal })
      .then(answer => answer.text())
      .then(now => Number(now) > epoch ? location.reload() : ask())
      .catch(error => error.name === "AbortError" || setTimeout(ask, 2000))
  }
  addEventListener("load", () => document.hidden || ask())
  addEventListener("visibilitychange", () => document.hidden ? asking?.abort() : ask())
}
"""
Progress = Callable[[int, int], None]

PALETTE = [
    {
        "media": f"(prefers-color-scheme: {name})",
        "scheme": scheme,
        "primary": "custom",
        "accent": "custom",
        "toggle": {"icon": icon, "name": f"Switch to {other} mode"},
    }
    for name, scheme, icon, other in (
        ("light", "default", "material/weather-night", "dark"),
        ("dark", "slate", "material/weather-sunny", "light"),
    )
]
FEATURES = ["navigation.tabs", "navigation.top", "content.code.copy", "toc.follow"]
# Words as people paste them: broken at all that stands between words in a log, and inside CamelCase.
SEPARATOR = r"[\s\u200b\-_,:;!?=\[\]()<>{}\"'`/\\|@#&*+~^$%]+|\.(?!\d)|&[lg]t;|&quot;|&amp;|(?<=[a-z])(?=[A-Z][a-z])"


class KbConfig(Config):  # type: ignore[no-untyped-call]
    """Empty: kb reads its settings itself, with one parser for the command line and the site."""


class KbPlugin(BasePlugin[KbConfig]):  # type: ignore[no-untyped-call]
    """Gives MkDocs the notes of a knowledge base and the pages about them, made safe."""

    def __init__(self) -> None:
        self.today: date | None = None
        self.progress: Progress | None = None
        self.serving = False
        self.known: Known | None = None  # what is read already
        self.last: Sequence[LastSite] = ()  # whose pages may be kept
        self.stop = threading.Event()
        self.seen: watch.Snapshot = {}
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
            user = entries.read_mkdocs_yml(path)
            self.folders = watched_folders(settings_of(user))
            if self.serving and not self.known:
                self.seen = watch.snapshot(path.parent, self.folders)
            known = self.known or read(path.parent, self.today or today())
        except KbError as error:
            raise PluginError(str(error)) from error
        # MkDocs would follow symbolic links in docs_dir and stop at odd files, before any plugin is asked.
        config.docs_dir = self.empty
        self.base = known.base
        self.made_by = digest(site_cache.program(), repr(self.base.settings))
        made = next((last.record.made for last in self.last if last.record.made_by == self.made_by), {})
        self.site = pages.site_map(self.base, known.given, made)
        self.pages = pages.all_pages(self.base, known.day, self.site)
        self.extras = {**pages.all_files(self.site, known.day), **styles(config)}
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
        self.what_is_around = partial(what_is_around, config, self.base.settings, listed)
        renderer = Renderer(extensions, config.mdx_configs or {})
        self.maker = PageMaker(self.site, self._url, renderer, self.what_is_around(), self.last)
        return nav

    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """Templates are compiled once, not in every build."""
        del config, files
        env.bytecode_cache = CompiledTemplates(kb.cache_folder(self.base.root) / "templates")
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
        return f"{ours.head}\n{ours.body}\n{ours.tail}"

    def on_page_context(self, context: Any, *, page: MkDocsPage, config: MkDocsConfig, nav: Navigation) -> Any:
        """Count the pages that are written."""
        del page, config, nav
        self._tell()
        return context

    def on_post_page(self, output: str, *, page: MkDocsPage, config: MkDocsConfig) -> str:
        """Drop the blank lines of the theme's templates: a sixth of a page. Notes keep every character."""
        del config
        if page.file.src_uri in self.as_before:
            return ""  # MkDocs writes nothing then, and the file is there
        before, start, rest = output.partition("<article")
        content, end, after = rest.rpartition("</article>")
        output = self._guarded(_BLANK.sub("\n", before)) + start + content + end + _BLANK.sub("\n", after)
        self.maker.finished(page.file.src_uri, output.encode("utf-8", "xmlcharrefreplace"))
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
        _reload_by_a_file(server)
        _reload_on_change(server, root, self.folders, self.seen, Path(self.empty), self.stop)
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
            page.meta["template"], page.content, page.toc = "kept.html", "", get_toc([])
            return
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


_BLANK = re.compile(r"[ \t]*\n\s*")
# What the theme brings along for its own search, in thirty languages, and for its developers: three quarters of its scripts.
_UNUSED = re.compile(r"assets/javascripts/(?:lunr|workers)/|assets/.*\.map$")
_TIME = re.compile(r"^\[\d\d:\d\d:\d\d\] ")


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


def _reload_on_change(
    server: LiveReloadServer,
    root: Path,
    folders: Sequence[str],
    seen: watch.Snapshot,
    own_folder: Path,
    stop: threading.Event,
) -> None:
    """Let the server build anew when a note changes: it looks at a stamp file, and our watcher touches that."""
    stamp = own_folder / "stamp"
    stamp.touch()
    server.watch(str(stamp))

    def touch(changed: frozenset[str]) -> None:
        del changed
        with suppress(OSError):
            os.utime(stamp)

    def follow() -> None:
        # The server looks at the stamp for the first time when it starts: touched before, nothing would follow.
        while not server.serve_thread.is_alive() and not stop.wait(0.05):
            pass
        watch.watch(root, touch, folders, stop, before=seen)

    threading.Thread(target=follow, daemon=True).start()


def _reload_by_a_file(server: LiveReloadServer) -> None:
    """MkDocs puts its script into the page itself, where the pages' policy lets none run: let it name a file instead."""

    def inject(content: bytes, epoch: int) -> bytes:
        before, end, after = content.rpartition(b"</body>")
        script = f'<script src="{server.mount_path}{RELOAD}?{epoch}"></script>'
        return before + script.encode() + end + after

    server._inject_js_into_html = inject  # type: ignore[method-assign]


def watched_folders(settings: Settings) -> list[str]:
    """The folders whose files the site is made of."""
    return list(dict.fromkeys((entries.ENTRIES, settings.decisions)))


@dataclass(frozen=True)
class Known:
    """What a site is made of: the notes, what pages say besides, and the day."""

    base: KnowledgeBase
    given: Given
    day: date


def read(root: Path, day: date) -> Known:
    """All that the site of the knowledge base in `root` is made of. Raises KbError."""
    base = kb.read(root)
    moment = datetime.combine(day, time(12)).astimezone()
    return Known(base, surroundings.given(base, moment, kb.cache_folder(base.root)), day)


def today() -> date:
    """The day of the build; `KB_NOW` says another, for reproducible sites."""
    fixed = os.environ.get("KB_NOW", "")[:10]
    try:
        return date.fromisoformat(fixed)
    except ValueError:
        return date.today()


# ---- what the plugin sets when mkdocs.yml does not ---------------------------------------------------------------------


def set_defaults(config: MkDocsConfig, user: Mapping[str, Any]) -> None:
    """Make a `mkdocs.yml` of three lines beautiful; what it says itself stays."""
    if "use_directory_urls" not in user:
        config.use_directory_urls = False  # so that the site opens from a folder, without a server
    if not {"edit_uri", "edit_uri_template"} & set(user):
        config.edit_uri = None  # MkDocs' guess leads into a docs folder that is not there
    if config.theme.name == "material":
        _set_theme(config, user.get("theme"))
        config.extra_css.insert(0, "assets/kb.css")
        config.extra_javascript[:0] = [
            "assets/filter.js",
            "assets/map.js",
            "assets/search.js",
            "assets/search-box.js",
            "assets/paste-key.js",
            "assets/keyboard.js",
        ]
    _set_search(config)


def _set_theme(config: MkDocsConfig, user: object) -> None:
    chosen = user if isinstance(user, Mapping) else {}
    theme = config.theme
    # Below the user's own custom_dir, above the theme's templates.
    theme.dirs.insert(1 if theme.custom_dir else 0, str(THEME))
    defaults: dict[str, Any] = {"font": False, "palette": PALETTE, "features": FEATURES}
    for key, value in defaults.items():
        if key not in chosen:
            theme[key] = value
    icons = theme["icon"] if isinstance(theme.get("icon"), Mapping) else {}
    theme["icon"] = {"logo": "material/notebook-heart-outline", **icons}
    if "favicon" not in chosen:
        theme["favicon"] = "assets/kb.svg"


def styles(config: MkDocsConfig) -> dict[str, str]:
    """The style sheet of kb's pages: one file of several that each speak of one thing, in the order of their names."""
    if config.theme.name != "material":
        return {}
    return {"assets/kb.css": "\n".join(path.read_text("utf-8") for path in sorted(STYLES.glob("*.css")))}


def _set_search(config: MkDocsConfig) -> None:
    """kb's own search in Material's place. For other themes MkDocs' search, which is left out when `plugins` is written without it."""
    named = [name for name in config.plugins if name.rpartition("/")[2] == "search"]
    if config.theme.name == "material":
        for name in named:
            config.plugins.pop(name).config["enabled"] = False  # it would read every page for an index that nobody asks
    elif not named:
        search = get_plugins()["search"].load()()
        search.load_config({"separator": SEPARATOR})
        config.plugins["search"] = search


# ---- what is around the pages ------------------------------------------------------------------------------------------

# Whatever else there is may read the clock, other files or the network: then nothing of the last site is kept.
PLUGINS = frozenset(("kb",))
EXTENSIONS = re.compile(r"(?:markdown\.extensions\.)?\w+|pymdownx\.(?!snippets|blocks\.html|b64|pathconverter)[\w.]+")
LIBRARIES = ("material.", "pymdownx.", "markdown.")
# What a template of the user's can see besides its own page, the configuration and the navigation.
UNSEEN = re.compile(rb"\b(?:pages|files|build_date\w*|update_date|random|lipsum)\b")


class _Unknown(Exception):
    """Something that can't be compared with what it was."""


def what_is_around(config: MkDocsConfig, settings: Settings, listed: Sequence[tuple[str, Page]]) -> Surroundings:
    """What all pages have in common, digested; nothing where somebody else's code has a hand in it.

    `listed` are the pages in the navigation, whose titles stand on every page.
    """
    try:
        if config.theme.name != "material" or not PLUGINS.issuperset(config.plugins) or config.hooks:
            return Surroundings()
        extensions = [str(name) for name in config.markdown_extensions]
        if not all(map(EXTENSIONS.fullmatch, extensions)):
            return Surroundings()
        how = _plain({"extensions": extensions, "options": config.mdx_configs or {}, "kb": repr(settings)})
        rendering = digest(site_cache.program(), how)
        own = Path(config.theme.custom_dir) if config.theme.custom_dir else None
        templates = site_cache.tree(own) if own else {}
        if own and any(path.endswith(".html") and UNSEEN.search((own / path).read_bytes()) for path in templates):
            return Surroundings(rendering)
        passing = ("docs_dir", "site_dir", "plugins", "hooks", "theme", "config_file_path", "watch", "dev_addr")
        rest = {key: value for key, value in config.items() if key not in passing}
        titles = [(path, page.title, page.nav) for path, page in listed]
        return Surroundings(rendering, digest(rendering, _plain([rest, dict(config.theme), templates, titles])))
    except (_Unknown, OSError):
        return Surroundings()


def _plain(value: Any) -> str:
    """A value of the configuration as a text that is the same for the same value. Raises _Unknown."""
    if value is None or isinstance(value, str | int | float | date):
        return repr(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {_plain(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_plain, value))}]"
    if isinstance(value, ExtraScriptValue):
        return repr((value.path, value.type, value.defer, getattr(value, "async")))
    if isinstance(value, Locale):
        return str(value)
    name = f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
    if callable(value) and name.startswith(LIBRARIES):
        return name
    raise _Unknown(type(value).__name__)


def everything(root: Path, known: Known, user: Mapping[str, Any]) -> str:
    """The digest of all that a site is made of, so that the same need not be built again; empty where nobody can tell."""
    mkdocs_yml = (root / "mkdocs.yml").read_bytes()
    theme = user.get("theme")
    own_theme = theme.get("custom_dir") if isinstance(theme, Mapping) else None
    stamps = site_cache.stamps(root, known.base.attachments, time_ns())
    if stamps is None or b"INHERIT" in mkdocs_yml or b"!ENV" in mkdocs_yml:
        return ""
    try:
        templates = site_cache.tree(root / str(own_theme)) if own_theme else {}
    except OSError:
        return ""
    notes = [(note.path, note.digest) for note in known.base.notes]
    rest = (known.given, known.base.problems, known.day, get_build_date(), stamps, templates)
    return digest(site_cache.program(), site_cache.digest_of(mkdocs_yml), repr(notes), repr(rest))


# ---- building ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Built:
    """A site that was built: where it is, how many pages it has, and what was not right."""

    folder: Path
    pages: int
    warnings: tuple[str, ...]
    withheld: int = 0  # notes and files that are not on it because of a secret


def build(root: Path, strict: bool = False, progress: Progress | None = None, day: date | None = None) -> Built:
    """Build the site of the knowledge base in `root` beside the live one, check that it is whole, and exchange the two.

    `progress(done, all)` is called for each page. With `strict`, warnings keep the old site. Raises SiteNotBuilt.
    """
    root = root.absolute()
    user = entries.read_mkdocs_yml(root / "mkdocs.yml")  # first with kb's own reader, which names the line that is wrong
    strict = strict or user.get("strict") is True
    live = site_folder(root, user)
    swap.mend(live)
    known = read(root, day or today())
    record = kb.cache_folder(root) / RECORD
    last = LastSite(live, site_cache.load(record))
    whole = everything(root, known, user)
    if whole and whole == last.record.whole and _is_there(last):
        built = _built(live, last.record.said)
        _strictly(strict, built.warnings)
        return built
    return _build(Job(root, live, record, known, whole, strict), [last], progress)


def _strictly(strict: bool, warnings: Sequence[str]) -> None:
    if strict and warnings:
        raise SiteNotBuilt("; ".join(warnings))


@dataclass(frozen=True)
class Job:
    """A site to be built."""

    root: Path
    live: Path
    record: Path  # where it is remembered what the site was made of
    known: Known
    whole: str = ""  # the digest of all that
    strict: bool = False
    serving: bool = False


def _built(live: Path, said: Mapping[str, Any]) -> Built:
    return Built(live, int(said["pages"]), tuple(map(str, said["warnings"])), int(said["withheld"]))


def _is_there(last: LastSite) -> bool:
    """Whether the live site is the one that was built, byte for byte."""
    try:
        return site_cache.tree(last.folder) == last.record.files
    except OSError:
        return False


def _build(job: Job, last: Sequence[LastSite], progress: Progress | None = None, site_url: str = "") -> Built:
    with swap.beside(job.live) as new, _listening() as heard, _complaining(heard):
        config = _config(job.root, site_dir=str(new), **({"site_url": site_url} if site_url else {}))
        plugin = _plugin(config)
        plugin.progress, plugin.known, plugin.last, plugin.serving = progress, job.known, last, job.serving
        _run(config)
        warnings = tuple(_said(heard))
        built = Built(job.live, len(plugin.pages), warnings, plugin.withheld + sum(bool(n.secrets) for n in plugin.base.notes))
        _strictly(job.strict, warnings)
        _check_whole(new, plugin)
        record = _record(job, plugin, new, built)
        swap.exchange(new, job.live)
        site_cache.save(job.record, record)
    return built


def _record(job: Job, plugin: KbPlugin, new: Path, built: Built) -> Record:
    """What there is to remember of a site that was built. What changed meanwhile is not taken for what was built."""
    around = plugin.maker.around
    if not around.rendering or plugin.what_is_around() != around:
        return Record(made_by=plugin.made_by, made=plugin.site.kept)
    said = {"pages": built.pages, "warnings": built.warnings, "withheld": built.withheld}
    files = {plugin.file_of(path): kept.digest for path, kept in plugin.maker.record.items()}
    user = entries.read_mkdocs_yml(job.root / "mkdocs.yml")
    same = around.frame and job.whole == everything(job.root, job.known, user)
    tree = site_cache.tree(new, files)
    return Record(job.whole if same else "", said, tree, plugin.maker.record, plugin.made_by, plugin.site.kept)


def site_folder(root: Path, user: Mapping[str, Any]) -> Path:
    """Where the live site of the knowledge base in `root` is. Raises SiteNotBuilt when it would overwrite something else."""
    named = user.get("site_dir")
    live = Path(os.path.realpath(root / (named if isinstance(named, str) and named else "site")))
    if live == root or live in root.parents or live == root / entries.ENTRIES or root / entries.ENTRIES in live.parents:
        raise SiteNotBuilt(f"site_dir is {live}, which holds your notes: name a folder of its own in mkdocs.yml")
    if os.path.ismount(live):
        raise SiteNotBuilt(
            f"{live} is a mount point, which can't be exchanged: name a folder inside it as site_dir in mkdocs.yml"
        )
    if live.exists() and not live.is_dir():
        raise SiteNotBuilt(f"{live} is no folder: remove it, or name another one as site_dir in mkdocs.yml")
    if (
        live.is_dir()
        and any(not child.name.startswith(".") for child in live.iterdir())
        and not (live / "index.html").is_file()
    ):
        raise SiteNotBuilt(
            f"{live} holds something that is no site: empty it, or name another folder as site_dir in mkdocs.yml"
        )
    return live


def _config(root: Path, **overrides: Any) -> MkDocsConfig:
    from mkdocs.config import load_config

    # docs_dir must exist before any plugin is asked, and a knowledge base needs none.
    with tempfile.TemporaryDirectory(prefix="kb-docs-") as empty:
        return load_config(config_file=str(root / "mkdocs.yml"), docs_dir=empty, strict=False, **overrides)


def _plugin(config: MkDocsConfig) -> KbPlugin:
    plugin = next((plugin for plugin in config.plugins.values() if isinstance(plugin, KbPlugin)), None)
    if plugin is None:
        raise SiteNotBuilt("mkdocs.yml does not list the plugin kb under plugins")
    return plugin


def _run(config: MkDocsConfig) -> None:
    from mkdocs.commands.build import build as build_with_mkdocs

    build_with_mkdocs(config)


@contextmanager
def _complaining(heard: list[logging.LogRecord]) -> Iterator[None]:
    """Whatever MkDocs, a theme or another plugin stumbles over is one error for the user."""
    try:
        yield
    except KbError:
        raise
    except (MkDocsException, SystemExit) as error:
        said = [record.getMessage() for record in heard if record.levelno >= logging.ERROR]
        raise SiteNotBuilt("; ".join(said) or str(error)) from error
    except OSError as error:
        raise SiteNotBuilt(f"{error.filename or 'the disk'}: {system_reason(error)}") from error
    except Exception as error:
        raise SiteNotBuilt(f"{type(error).__name__}: {error}") from error


@contextmanager
def _listening(say: Callable[[str], None] | None = None) -> Iterator[list[logging.LogRecord]]:
    """Hear what MkDocs would print; `say` is called with the address that is served."""
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    heard: list[logging.LogRecord] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING:
                heard.append(record)
            if say and "Serving on" in str(record.msg):
                say(_TIME.sub("", record.getMessage()))

    logger = logging.getLogger("mkdocs")
    before = logger.level, logger.propagate, logger.handlers[:]
    logger.setLevel(logging.INFO if say else logging.WARNING)
    logger.propagate = False
    logger.handlers[:] = [Ear()]
    try:
        yield heard
    finally:
        logger.setLevel(before[0])
        logger.propagate = before[1]
        logger.handlers[:] = before[2]


def _said(heard: list[logging.LogRecord]) -> Iterator[str]:
    seen = set()
    for record in heard:
        message = record.getMessage()
        if record.levelno >= logging.WARNING and message not in seen:
            seen.add(message)
            yield message


def _check_whole(folder: Path, plugin: KbPlugin) -> None:
    """Every page is there and has an end. Raises SiteNotBuilt."""
    for path in plugin.pages:
        written = folder / plugin.file_of(path)
        if not written.is_file():
            raise SiteNotBuilt(f"the page of {path} is missing")
        with written.open("rb") as page:
            page.seek(max(0, written.stat().st_size - 4096))
            if b"</html>" not in page.read():
                raise SiteNotBuilt(f"the page of {path} has no end")


# ---- serving -----------------------------------------------------------------------------------------------------------


def serve(
    root: Path, host: str = "127.0.0.1", port: int = 8000, open_browser: bool = False, say: Callable[[str], None] | None = None
) -> None:
    """Build the site and serve it until Ctrl-C; the browser reloads when a note changes.

    `say` is called with the address once it is there, and with what is wrong after each build. Raises WrongUse when the
    port is taken, or SiteNotBuilt.
    """
    say = say or (lambda message: None)  # noqa: ARG005
    root = root.absolute()
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    with tempfile.TemporaryDirectory(prefix="kb-site-") as folder:
        live, stop = Path(folder) / "site", threading.Event()
        user = entries.read_mkdocs_yml(root / "mkdocs.yml")
        folders = watched_folders(settings_of(user))
        seen = watch.snapshot(root, folders)
        record = Path(folder) / "kept" / RECORD
        # The pages of the site that `kb site build` made are as good, as long as they don't say where they are.
        built_before = LastSite(site_folder(root, user), site_cache.load(kb.cache_folder(root) / RECORD))
        own_address = url if user.get("site_url") else ""

        def build_it() -> None:
            last = [LastSite(live, site_cache.load(record)), built_before]
            for warning in _build(
                Job(root, live, record, read(root, today()), strict=user.get("strict") is True, serving=True),
                last,
                site_url=own_address,
            ).warnings:
                say(warning)

        def rebuild() -> None:
            """A mistake leaves the last good site where it is: one line says what is wrong."""
            gc.disable()  # looking for garbage takes a fifth of a build, and can wait until the reader has the page
            try:
                build_it()
            except KbError as error:
                say(str(error))
            finally:
                gc.enable()

        build_it()
        server = LiveReloadServer(rebuild, host, port, str(live), polling_interval=0.1)
        server.build_delay = 0.02  # our watcher has waited for the end of a burst already
        server.error_handler = lambda code: _page_for(live, code)
        _reload_by_a_file(server)
        _reload_on_change(server, root, folders, seen, Path(folder), stop)
        try:
            with _listening(say):
                server.serve(open_in_browser=open_browser)  # type: ignore[no-untyped-call]
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
                raise
            reason = system_reason(error)
            raise WrongUse(f"can't serve on {host}:{port} ({reason}): choose another port with --port") from error
        finally:
            stop.set()
            server.shutdown()


def _page_for(live: Path, code: int) -> bytes | None:
    page = live / f"{code}.html"
    return page.read_bytes() if page.is_file() else None
