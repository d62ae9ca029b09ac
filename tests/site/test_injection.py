"""Forty ways to smuggle a script into a site, in every field of every kind of note: in Chromium none runs, none asks for anything."""

from __future__ import annotations

import datetime
import functools
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from browsers import needs_chromium
from playwright import sync_api as playwright
from sites import make

from kb.site.build import builder

pytestmark = needs_chromium

RUN = "window.pwned=1"
STRINGS = (
    # tags that run or ask
    f"<script>{RUN}</script>",
    f"<ScRiPt\n>{RUN}</ScRiPt >",
    f"<img src=pwned.png onerror={RUN}>",
    f"<svg/onload={RUN}>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<video><source onerror={RUN}></video>",
    f'<iframe srcdoc="&lt;script&gt;parent.{RUN}&lt;/script&gt;"></iframe>',
    f'<object data="data:text/html,<script>opener.{RUN}</script>"></object>',
    f"<embed src=javascript:{RUN}>",
    f'<meta http-equiv="refresh" content="0;url=javascript:{RUN}">',
    '<base href="http://192.0.2.7/">',
    '<link rel=stylesheet href="//192.0.2.7/pwned.css"><style>@import "//192.0.2.7/pwned.css"</style>',
    f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={RUN}&gt;">',
    f"<input autofocus onfocus={RUN}>",
    f"<body onpageshow={RUN}>",
    f"<template shadowrootmode=open><script>{RUN}</script></template>",
    # out of an attribute, a title, a script, a comment, a text area
    f'" autofocus onfocus={RUN} x="',
    f"' onmouseover='{RUN}' style='position:fixed;inset:0' '",
    f"`onpointerenter={RUN}`",
    f"</title></head><body><script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"]]><script>{RUN}</script>",
    f"</textarea></style></noscript></template><script>{RUN}</script>",
    # out of a string of a script, a JSON text, a template
    f"';{RUN}//\";{RUN}//\\';{RUN}//",
    f"\u2028{RUN}\u2029*/{RUN}/*",
    f"${{{RUN}}} {{{{constructor.constructor('{RUN}')()}}}} {{% import os %}}",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e %3Cscript%3E{RUN}%3C/script%3E",
    f"&lt;script&gt;{RUN}&lt;/script&gt; &#60;script&#62;{RUN}&#60;/script&#62;",
    "__proto__ constructor toString pwned",
    # Markdown
    f"[press](javascript:{RUN}) [press](JaVaScRiPt&colon;{RUN}) <javascript:{RUN}>",
    f"[a]: javascript:{RUN}\n[a] [press][a]",
    f"[press](java\tscript:{RUN}) [press](&#x6A;avascript:{RUN}) [press](data:text/html,<script>{RUN}</script>)",
    f'![far](http://192.0.2.7/pwned.png){{onerror={RUN}}} ![near](pwned2.png "x\\" onerror={RUN}")',
    f"**bold**{{onclick={RUN} style=position:fixed;inset:0}} {{: onload={RUN}}}",
    f'<div markdown="1"><a href="javascript:{RUN}">press</a></div>',
    f"[[pwned|<img src=pwned3.png onerror={RUN}>]] [[javascript:{RUN}]]",
    f'--8<-- "/etc/passwd"\n\n*[pwned]: <img src=pwned4.png onerror={RUN}>\n\n:smile:{{onclick={RUN}}}',
    f"```mermaid\ngraph TD; A[\"<img src=pwned5.png onerror={RUN}>\"]; click A call eval('{RUN}')\n```",
    f"$$\\href{{javascript:{RUN}}}{{press}}$$ !!! note \"<script>{RUN}</script>\"",
)  # fmt: skip


def _yaml(text: str) -> str:
    """The text as a scalar in one line."""
    return '"' + "".join(f"\\u{ord(c):04x}" if c in '"\\\n\t\u2028\u2029' else c for c in text) + '"'


def _note(number: int, text: str) -> tuple[str, str]:
    """The path and the text of a note that holds the string wherever a note can."""
    y, other = _yaml(text), _yaml(STRINGS[(number + 7) % len(STRINGS)])
    kind = ("incidents", "decisions", "services", "experiments", "changes")[number % 5]
    names = f"title: {y}\ntags: [{y}, {other}]\nservices: [{y}, svc{number}]\nhosts: [{y}]\n{y}: {y}\n"
    day = f"2026-{1 + number % 11:02}-{1 + number % 27:02}"
    own = {
        "incidents": f"date: {day}\nlayer: {y}\nnoticed_by: {y}\nseverity: {y}\ncaused_by: {y}\nverified: true\n",
        "decisions": f"date: {day}\nstatus: {y if number % 2 else 'accepted'}\ndecision-makers: [{y}]\nsupersedes: [{y}]\n",
        "services": f"aliases: [{other}]\nurl: {y}\nimage: {y}\ncompose: {y}\ndepends_on: [{y}]\nneeds: [{y}]\nprovides: [{other}]\n"
        f"exposed: {y}\nbackup: {y}\ndata: {y}\ntype: {y}\nmonitored_by: {y}\n",
        "experiments": f"date: {day}\ngoal: {y}\ntype: {y}\ntimebox: {y}\noutcome: {y}\ndecisions: [{y}]\n",
        "changes": f"date: {day}\nundo: {y}\ncommit: {y}\n",
    }[kind]
    body = (
        f"{text}\n\n## {text.splitlines()[0]}\n\n{text}\n\n## Error\n```\nE{number}: {text}\n```\n## Fix\n{text}\n\n```\n{text}\n```\n"
        f'## Next time\n- [ ] {text}\n\n| a | b |\n|---|---|\n| {text.splitlines()[0]} | x |\n\n![{text.splitlines()[0]}](p{number}.png "{text.splitlines()[0]}")\n'
        f"[link](<{text.splitlines()[0]}>) [[{text.splitlines()[0]}]]\n"
    )
    slug = f"{'2026-01-01-' if kind == 'incidents' else f'{number:04}-' if kind == 'decisions' else ''}n{number}"
    tricky = f"{slug}-'onload={RUN} x=" if number % 4 == 0 else slug  # a file's name is an id and an address
    return f"{kind}/{tricky}.md", f"---\n{names}{own}---\n{body}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        notes = dict(_note(number, text) for number, text in enumerate(STRINGS))
        root = make(tmp_path_factory.mktemp("lab"), {**notes, "incidents/p0.png": "no picture"})
        yield builder.build(root, day=datetime.date(2026, 11, 21)).folder


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        del format, args


@dataclass
class Visit:
    """A tab, and all that happened in it."""

    page: playwright.Page
    requests: list[str] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)

    def dismiss(self, dialog: playwright.Dialog) -> None:
        self.happened.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def listen(self, said: playwright.ConsoleMessage) -> None:
        """What the page's policy refused had come through the escaping."""
        if "Refused" in said.text or "Content Security Policy" in said.text:
            self.happened.append(f"{self.page.url}: {said.text}")

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.happened += self.page.evaluate(RUNNABLE)

    def outside(self, base: str, folder: Path) -> list[str]:
        """What was asked for that is no file of the site."""
        found = []
        for url in self.requests:
            path = folder / unquote(urlsplit(url.removeprefix(base)).path).lstrip("/")
            if not url.startswith((base, "data:", "blob:")) or (url.startswith(base) and not path.exists()):
                found.append(url)
        return found


# What would run or lead to a script in the page as it stands, and what has run.
RUNNABLE = """() => [
  ...(window.pwned ? [`ran: ${location.href}`] : []),
  ...[...document.querySelectorAll('*')].flatMap(e => [...e.attributes].filter(a => /^on/i.test(a.name)).map(a => `${location.href}: ${e.outerHTML.slice(0, 200)}`)),
  ...[...document.querySelectorAll('script:not([src]):not([type*=json]), base, iframe, object, embed, meta[http-equiv=refresh i]')].map(e => `${location.href}: ${e.outerHTML.slice(0, 200)}`),
  ...[...document.querySelectorAll('[href], [src], [action], [formaction]')].flatMap(e => [...e.attributes]).filter(a => /^\\s*(javascript|vbscript|data:text)/i.test(a.value.replace(/[\\t\\n\\r]/g, ''))).map(a => `${location.href}: ${a.value}`),
]"""


@pytest.fixture(params=["file", "http"])
def visit(chromium: playwright.Browser, request: pytest.FixtureRequest, site: Path, served: str) -> Iterator[tuple[Visit, str]]:
    context = chromium.new_context()
    found = Visit(context.new_page())
    found.page.on("request", lambda asked: found.requests.append(asked.url))
    found.page.on("dialog", found.dismiss)
    found.page.on("pageerror", lambda error: found.happened.append(f"{found.page.url}: {error}"))
    found.page.on("console", found.listen)
    yield found, site.as_uri() if request.param == "file" else served
    context.close()


def _address(base: str, site: Path, page: Path) -> str:
    return f"{base}/{quote(str(page.relative_to(site)))}"


def test_no_page_runs_or_asks_for_what_a_note_says(visit: tuple[Visit, str], site: Path) -> None:
    tab, base = visit
    # The page of an error 404 is only ever sent by a server: its addresses begin with /.
    pages = sorted(page for page in site.rglob("*.html") if page.name != "404.html" or base.startswith("http"))
    notes = {site / f"{_note(number, text)[0].removesuffix('.md')}.html" for number, text in enumerate(STRINGS)}
    assert notes < set(pages)
    # Each note's page by one of the two ways, all others by both.
    for number, page in enumerate(pages):
        if page not in notes or number % 2 == base.startswith("http"):
            tab.open(_address(base, site, page))
    assert tab.happened == []
    assert tab.outside(base, site) == []


def test_the_search_and_the_paste_page_show_it_as_text(visit: tuple[Visit, str], site: Path) -> None:
    tab, base = visit
    tab.open(f"{base}/index.html")
    tab.page.focus("#kb-search")
    for words in ("pwned", "<img src=x onerror=window.pwned=1>", "__proto__", "constructor"):
        tab.page.fill("#kb-search", "")
        tab.page.locator("#kb-search").press_sequentially(words)
        tab.page.wait_for_timeout(150)
        tab.happened += tab.page.evaluate(RUNNABLE)
    tab.page.wait_for_selector("#kb-search-list a")
    tab.open(f"{base}/paste.html")
    for number in (0, 2, 16, 20, 29, 38):
        tab.page.fill("#kb-paste-box", f"E{number}: {STRINGS[number]}")
        tab.page.wait_for_timeout(400)
        tab.happened += tab.page.evaluate(RUNNABLE)
    assert tab.page.inner_text(".kb-paste__answers").strip()
    assert tab.happened == []
    assert tab.outside(base, site) == []


def test_an_address_says_nothing_that_runs(visit: tuple[Visit, str], site: Path) -> None:
    tab, base = visit
    evil = quote(f'"><img src=pwned6.png onerror={RUN}><script>{RUN}</script>')
    for page in ("index", "incidents/index", "decisions/index", "services/index", "changes/index", "paste"):
        if (site / f"{page}.html").exists():
            for tail in (
                f"#q={evil}",
                f"?q={evil}&h={evil}&service={evil}&tag={evil}",
                f"#{evil}",
                f"#service={evil}&tag={evil}",
            ):
                tab.open(f"{base}/{page}.html{tail}")
                tab.page.wait_for_timeout(60)
                tab.happened += tab.page.evaluate(RUNNABLE)
    assert tab.happened == []
    assert tab.outside(base, site) == []
