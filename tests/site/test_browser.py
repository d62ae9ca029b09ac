"""The site in a real browser: nothing runs, nothing is fetched, everything fits, and the search answers."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import pytest
from browsers import needs_chromium
from playwright import sync_api as playwright
from sites import LAB, make

from kb.site.build import builder

pytestmark = needs_chromium

EVIL = [
    "<script>window.pwned=1</script>",
    '"><img src=x onerror="window.pwned=1">',
    "</title><script>window.pwned=1</script>",
    "</textarea></style></script><svg onload=window.pwned=1>",
]
EVIL_BODY = """
<script>window.pwned=1</script> <img src=x onerror="window.pwned=1">
<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>
[press](javascript:window.pwned=1) **bold**{onmouseover=window.pwned=1 style="position:fixed;inset:0"}
![far](http://192.0.2.1/far.png) ![near](//192.0.2.1/near.png)

# heading {#__config}

``` {.mermaid}
graph TD
```

```mermaid
graph TD
```

p
{.mermaid}
"""


def evil_files() -> dict[str, str]:
    files = {}
    for number, text in enumerate(EVIL):
        quoted = "'" + text.replace("'", "''") + "'"
        front = f"title: {quoted}\ntags: [{quoted}]\nservices: [{quoted}]\nlayer: {quoted}\n"
        files[f"incidents/evil-{number}.md"] = (
            f"---\n{front}date: 2026-11-1{number}\n---\n## Error\n```\n{text}\n```\n{EVIL_BODY}\n{text}\n"
        )
        files[f"services/evil-{number}.md"] = (
            f"---\ntitle: {quoted}\nurl: {quoted}\ndepends_on: [jellyfin, {quoted}]\n---\n{text}\n"
        )
    return files


@dataclass
class Browser:
    """A page of a browser, and what it asked for and ran."""

    page: playwright.Page
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def dismiss(self, dialog: playwright.Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def open(self, path: Path, fragment: str = "") -> None:
        self.page.goto(path.as_uri() + fragment)
        self.page.wait_for_timeout(60)  # for what scripts ask for after the page is there


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        root = make(tmp_path_factory.mktemp("lab"), {**LAB, **evil_files()})
        yield builder.build(root, day=datetime.date(2026, 11, 21)).folder


@pytest.fixture
def browser(chromium: playwright.Browser, request: pytest.FixtureRequest) -> Iterator[Browser]:
    """A phone; what depends on colours is looked at in both schemes."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=getattr(request, "param", "light"))
    found = Browser(context.new_page())
    found.page.on("request", lambda asked: found.requests.append(asked.url))
    found.page.on("dialog", found.dismiss)
    found.page.on("pageerror", lambda error: found.errors.append(str(error)))
    yield found
    context.close()


in_both_schemes = pytest.mark.parametrize("browser", ["light", "dark"], indirect=True)
PAGES = [
    "index.html",
    "incidents/index.html",
    "incidents/2026-04-24-jellyfin-502.html",
    "incidents/evil-0.html",
    "incidents/evil-1.html",
    "incidents/evil-2.html",
    "incidents/evil-3.html",
    "errors/index.html",
    "decisions/index.html",
    "decisions/0002-restic.html",
    "services/index.html",
    "services/jellyfin.html",
    "services/evil-1.html",
    "experiments/index.html",
    "changes/index.html",
    "tags/index.html",
    "404.html",
]


def test_no_page_runs_or_fetches_anything_or_is_wider_than_a_phone(site: Path, browser: Browser) -> None:
    for path in PAGES:
        browser.open(site / path)
        assert browser.page.evaluate("window.pwned") is None, path
        width = browser.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path} is {width} wide"
    outside = [url for url in browser.requests if not url.startswith(("file://", "about:", "data:", "blob:"))]
    assert (outside, browser.dialogs, browser.errors) == ([], [], [])


def test_the_search_answers_from_a_folder_and_runs_nothing(site: Path, browser: Browser) -> None:
    browser.open(site / "index.html")
    browser.page.click("label.kb-search__open")
    for words, title in (("route host", "Jellyfin answers 502"), ("pwned", "pwned=1")):
        browser.page.fill("#kb-search", "")
        browser.page.locator("#kb-search").press_sequentially(words)
        browser.page.wait_for_selector(f"#kb-search-list >> text={title}")
    assert browser.page.evaluate("window.pwned") is None
    assert [url for url in browser.requests if not url.startswith(("file://", "about:"))] == []
    assert (browser.dialogs, browser.errors) == ([], [])


@in_both_schemes
def test_the_page_follows_the_scheme_of_the_system(site: Path, browser: Browser, request: pytest.FixtureRequest) -> None:
    browser.open(site / "index.html")
    scheme = browser.page.evaluate("document.body.getAttribute('data-md-color-scheme')")
    assert scheme == {"light": "default", "dark": "slate"}[request.node.callspec.params["browser"]]


TEXTS = (
    ".md-typeset p, .md-typeset li, .md-typeset a, .kb-about, .kb-date, .kb-state, .kb-fixed, .md-tabs__link, .md-typeset code"
)

# Relative luminance and contrast as WCAG defines them, over the first opaque background behind a text.
CONTRAST = """selector => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 1, height: 1}).getContext('2d', {willReadFrequently: true})
  const rgba = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data }
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
  const behind = element => { for (; element; element = element.parentElement) {
    const colour = rgba(getComputedStyle(element).backgroundColor); if (colour[3] > 250) return colour } return [255, 255, 255] }
  return [...document.querySelectorAll(selector)].filter(e => e.offsetParent && e.textContent.trim()).map(e => {
    const [a, b] = [light(rgba(getComputedStyle(e).color)), light(behind(e))]
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.className, e.textContent.trim().slice(0, 30)]
  }).filter(found => found[0] < 4.5)
}"""


@in_both_schemes
def test_the_first_page_that_one_opens_has_the_systems_scheme_before_the_themes_script_has_run(
    site: Path, browser: Browser
) -> None:
    browser.page.route("**/bundle.*.js", lambda route: route.abort())
    browser.open(site / "index.html")
    dark = browser.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert browser.page.evaluate("document.body.dataset.mdColorScheme") == ("slate" if dark else "default")


@in_both_schemes
def test_every_text_has_enough_contrast(site: Path, browser: Browser) -> None:
    for path in PAGES[:3] + PAGES[7:12]:
        browser.open(site / path)
        assert browser.page.evaluate(CONTRAST, TEXTS) == [], path


@in_both_schemes
def test_paper_is_light_whatever_the_screen_is(site: Path, browser: Browser) -> None:
    browser.page.emulate_media(media="print")
    for path in ("index.html", "incidents/2026-04-24-jellyfin-502.html", "decisions/index.html"):
        browser.open(site / path)
        assert browser.page.evaluate(CONTRAST, TEXTS) == [], path
        assert browser.page.evaluate("getComputedStyle(document.body).getPropertyValue('--kb-paper').trim()") == "#fff"


COLOURS = """() => {
    const named = name => { const box = document.body.appendChild(document.createElement("i")); box.style.color = name;
        const found = getComputedStyle(box).color; box.remove(); return found; };
    const of = (css, what, before) => [...document.querySelectorAll(css)].map(box => getComputedStyle(box, before)[what]);
    return { paper: named("Canvas"), ink: [named("CanvasText"), named("LinkText")], boxes: of(".kb-graph rect.kb-box:not(.kb-box--here)", "fill"),
        words: of(".kb-graph .kb-box:not(.kb-box--here) + text", "fill"), lines: of(".kb-graph path.kb-line", "stroke"),
        signs: of(".kb-state[class*='--']", "backgroundColor", "::before") };
}"""


@in_both_schemes
def test_pictures_and_signs_take_the_colours_that_a_system_forces(site: Path, browser: Browser) -> None:
    browser.page.emulate_media(forced_colors="active")
    browser.open(site / "services/jellyfin.html")
    found = browser.page.evaluate(COLOURS)
    assert found["words"]
    assert found["lines"]
    assert found["signs"]
    assert set(found["boxes"]) == {found["paper"]}
    assert set(found["words"] + found["lines"] + found["signs"]) <= set(found["ink"])


@in_both_schemes
def test_more_contrast_leaves_no_small_print_grey(site: Path, browser: Browser) -> None:
    browser.page.emulate_media(contrast="more")
    browser.open(site / "incidents/index.html")
    assert browser.page.evaluate(
        "[...document.querySelectorAll('.kb-date, .kb-about')].every(box => getComputedStyle(box).color === getComputedStyle(document.querySelector('h1')).color)"
    )


def test_nothing_moves_for_those_who_asked_for_that(site: Path, browser: Browser) -> None:
    browser.page.emulate_media(reduced_motion="reduce")
    browser.open(site / "incidents/2026-04-24-jellyfin-502.html")
    browser.page.locator('.md-header__button[for="__drawer"]').click()
    assert browser.page.evaluate("document.getAnimations().length") == 0
    moving = "[...document.querySelectorAll('*')].filter(box => getComputedStyle(box).transitionDuration.split(', ').some(time => time !== '0s')).length"
    assert browser.page.evaluate(moving) == 0


def test_a_phone_shows_which_tab_one_is_on_and_that_a_picture_goes_on(site: Path, browser: Browser) -> None:
    browser.open(site / "services/map.html")
    for css in (".md-tabs__item--active", ".kb-ways li:has(strong)"):
        box = browser.page.locator(css).bounding_box()
        assert box, css
        assert box["x"] >= 0, css
        assert box["x"] + box["width"] <= 390, css
    browser.open(site / "index.html")
    picture = browser.page.locator(".kb-heat").first
    start = picture.get_attribute("class") or ""
    assert "kb-more-right" in start or "kb-more-left" in start
    picture.evaluate("box => { box.scrollLeft = box.scrollWidth }")
    browser.page.wait_for_function("document.querySelector('.kb-heat').matches('.kb-more-left:not(.kb-more-right)')")


def test_the_ways_between_pages_and_the_dates_of_a_timeline_stand_beside_each_other(site: Path, browser: Browser) -> None:
    browser.open(site / "services/jellyfin.html")
    assert browser.page.locator(".kb-ways li").first.evaluate(
        "box => box.scrollWidth <= box.clientWidth && box.clientHeight < 40"
    )
    browser.page.set_viewport_size({"width": 1280, "height": 800})
    browser.open(site / "decisions/timeline.html")
    date, title = (browser.page.locator(f"#ahead ~ .kb-timeline li > {css}").first.bounding_box() for css in ("time", "a"))
    assert date
    assert title
    assert date["x"] + date["width"] <= title["x"]


def test_an_error_can_be_copied(site: Path, browser: Browser) -> None:
    browser.open(site / "incidents/2026-04-24-jellyfin-502.html")
    assert browser.page.locator(".kb-section--error pre button, .kb-section--error .md-code__nav button").count() >= 1


def test_the_picture_of_dependencies_leads_to_the_services(site: Path, browser: Browser) -> None:
    browser.open(site / "services/jellyfin.html")
    browser.page.locator(".kb-graph a[href='nas.html']").first.click()
    browser.page.wait_for_url("**/services/nas.html")


def test_a_page_without_scripts_still_says_everything(site: Path, chromium: playwright.Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "incidents/2026-04-24-jellyfin-502.html").as_uri())
    assert "docker network connect proxy jellyfin" in page.inner_text("article")
    context.close()


# ---- for everybody ---------------------------------------------------------------------------------------------------

AXE = files("axe_playwright_python") / "axe.min.js"
KINDS_OF_PAGE = [
    "index.html",
    "incidents/index.html",
    "incidents/2026-04-24-jellyfin-502.html",
    "errors/index.html",
    "paste.html",
    "decisions/index.html",
    "decisions/0002-restic.html",
    "services/index.html",
    "services/jellyfin.html",
    "graph.html",
    "to-do.html",
    "404.html",
]


def faults(page: playwright.Page, *rules: str) -> list[str]:
    """What axe-core finds, small things too; with `rules`, by these alone."""
    # The policy of the pages lets no script in but the site's own: axe stands outside of it.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("only => axe.run({resultTypes: ['violations'], ...(only.length && {runOnly: only})})", rules)
    return [
        f"{fault['impact']} {fault['id']}: {node['html'][:200]}" for fault in found["violations"] for node in fault["nodes"]
    ]


def serve(page: playwright.Page, site: Path) -> str:
    """Give a page the site as a web server would, which the page for wrong addresses is made for; its address."""
    page.route(
        "http://lab.test/**", lambda route: route.fulfill(path=site / route.request.url.removeprefix("http://lab.test/"))
    )
    return "http://lab.test/"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_kind_of_page(site: Path, chromium: playwright.Browser, width: int, scheme: str) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 844},
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=True,
    )
    page = context.new_page()
    address = serve(page, site)
    rules = ["color-contrast", "link-in-text-block"] if scheme == "dark" else []  # it changes colours and nothing else
    for path in KINDS_OF_PAGE:
        page.goto(address + path)
        assert (path, faults(page, *rules)) == (path, [])
    page.evaluate(
        """document.querySelector('article').insertAdjacentHTML('beforeend', '<img><p style="color: #888; background: #777">grey</p>')"""
    )
    found = " ".join(faults(page, *rules))
    assert "color-contrast" in found, "axe looks at no colours"
    assert ("image-alt" in found) == (scheme == "light"), "axe looks at nothing"
    context.close()


FOCUSED = """() => {
  const found = document.activeElement
  if (!found || found === document.body) return null
  const shown = found.matches('.md-option') ? document.querySelector(`label[for]:not([hidden])[title="${found.ariaLabel}"]`) : found
  const style = getComputedStyle(shown)
  const box = shown.getBoundingClientRect()
  const before = document.querySelector('[data-reached="last"]')
  if (before) before.dataset.reached = 'before'
  const again = 'reached' in found.dataset
  found.dataset.reached = 'last'
  return {
    forward: !again && (!before || Boolean(before.compareDocumentPosition(found) & Node.DOCUMENT_POSITION_FOLLOWING)),
    what: found.outerHTML.slice(0, 120),
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1 || style.boxShadow !== 'none' || found.matches('input.md-search__input'),
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  }
}"""
REACHABLE = """() => [...document.querySelectorAll('a[href], button, select, textarea')]
  .filter(one => one.tabIndex >= 0 && !one.closest('[inert]') && one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .filter(one => one.getClientRects().length)
  .map(one => [one.outerHTML.slice(0, 120), 'reached' in one.dataset])"""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["index.html", "incidents/2026-04-24-jellyfin-502.html"])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    site: Path, chromium: playwright.Browser, path: str, width: int
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 844}, reduced_motion="reduce")
    page.goto((site / path).as_uri())
    page.wait_for_selector("[role=button], .kb-search__list", state="attached")
    for _ in range(300):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            break
        assert stop["ring"], f"no ring around {stop['what']}"
        assert stop["inside"], f"out of sight: {stop['what']}"
        assert stop["forward"], f"out of order: {stop['what']}"
    wanted = page.evaluate(REACHABLE)
    assert len(wanted) > 10
    assert [what for what, reached in wanted if not reached] == []
    page.close()


def test_the_drawer_opens_keeps_and_gives_back_the_focus(site: Path, chromium: playwright.Browser) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page.goto((site / "index.html").as_uri())
    page.locator("[role=button][aria-label=Navigation]").focus()
    page.keyboard.press("Enter")
    in_drawer = "document.activeElement.closest('.md-sidebar--primary') !== null"
    page.wait_for_function(in_drawer)
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(in_drawer), page.evaluate("document.activeElement.outerHTML")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Navigation"
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "false"
    page.close()


def test_nothing_is_cut_off_at_320_pixels(site: Path, chromium: playwright.Browser) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 640})  # 1280 at a zoom of 400 %
    address = serve(page, site)
    for path in KINDS_OF_PAGE:
        page.goto(address + path)
        assert (path, page.evaluate("document.documentElement.scrollWidth")) == (path, 320)
    page.close()
