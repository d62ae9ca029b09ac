"""The search on the site, in a real browser: the right note comes first, whatever is pasted, and nothing makes it fail."""

from __future__ import annotations

import datetime
import functools
import http.server
import json
import random
import re
import shutil
import threading
import tomllib
import unicodedata
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from browsers import needs_chromium
from playwright import sync_api as playwright
from sites import LAB, make
from small_lab import LAB as MATCHING_LAB

import kb
from kb.notes.kinds import Incident, Note
from kb.notes.knowledge_base import KnowledgeBase
from kb.retrieval import terms as search_terms
from kb.retrieval import whoosh_index, word_search
from kb.retrieval.query import filter_of, query_of
from kb.retrieval.stemming import stem
from kb.retrieval.synonyms import synonym_rows, synonyms
from kb.site import catalog
from kb.site.browser import search_data, seen_data
from kb.site.build import builder
from kb.storage import folders

pytestmark = needs_chromium

DAY = datetime.date(2026, 11, 21)
ASSETS = folders.PACKAGE / "site/theme/assets"
FIRST = """async text => {
  const answer = await kbSearch.find(text)
  const shown = await kbSearch.show(answer.found.slice(0, 1).map(row => row[0]))
  return shown.length ? shown[0].path : ""
}"""

FIRST_THREE = """async text => {
  const answer = await kbSearch.find(text)
  return (await kbSearch.show(answer.found.slice(0, 3).map(row => row[0]))).map(shown => shown.path)
}"""


def write(folder: Path, base: KnowledgeBase) -> None:
    """The search's own files, and a page that has nothing but them."""
    for module in (search_data, seen_data):
        shutil.rmtree(folder / module.FOLDER, ignore_errors=True)
        (folder / module.FOLDER).mkdir(parents=True)
        for path, text in module.files(catalog.site_map(base), DAY):
            (folder / path).write_text(text, "utf-8")
    for name in ("search-words", "search", "signature", "seen"):
        shutil.copy(ASSETS / f"{name}.js", folder / f"assets/{name}.js")
    (folder / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>t</title><script src=assets/search-words.js></script><script src=assets/search.js></script>"
    )


def opened(chromium: playwright.Browser, folder: Path, base: KnowledgeBase) -> playwright.Page:
    write(folder, base)
    page = chromium.new_page()
    page.goto((folder / "index.html").as_uri())
    return page


def note(name: str, title: str, body: str, **front: object) -> Note:
    return Incident(f"incidents/{name}", f"entries/incidents/{name}.md", {"title": title, **front}, {}, body, 5, digest=name)


# ---- quality -----------------------------------------------------------------------------------------------------------

CASES = tomllib.loads((Path(__file__).parents[1] / "searches.toml").read_text("utf-8"))


def test_words_find_the_note_that_they_find_on_the_command_line(chromium: playwright.Browser, tmp_path: Path) -> None:
    page = opened(chromium, tmp_path, MATCHING_LAB)
    asked = {case["query"]: case["first"] for case in CASES["search"]}
    assert {query: page.evaluate(FIRST, query) for query in asked} == asked


def test_a_pasted_error_finds_its_note(chromium: playwright.Browser, tmp_path: Path) -> None:
    page = opened(chromium, tmp_path, MATCHING_LAB)
    asked = {case["query"]: case["first"] for case in CASES["seen"] if case["first"]}
    assert len(asked) > 5
    assert {query: page.evaluate(FIRST, query) for query in asked} == asked


ERRORS = (
    "2026/0{n}/1{n} 01:07:4{n} [error] {n}#{n}: *{n}{n} {a} {b} while connecting to {c}, client: 10.0.{n}.{n}, host: {d}",
    "{a}-1  | 2026-0{n}-1{n}T04:11:00.{n}{n}Z level=error msg=\"{b} {c} failed\" err=\"{d}: {e}\" id={n}{n}{n}",
    "Jul 2{n} 14:41:5{n} nas {a}[{n}{n}]: ORA-0{k}: {b}: -{c} {d} (code {k})",
    "Traceback (most recent call last):\n  File \"/app/{a}.py\", line {n}{n}, in {b}\n{c}.{d}Error: {e} is not a {b}",
    "{{\"time\":\"2026-0{n}-11T10:00:0{n}Z\",\"msg\":\"{a} {b} {c} timed out after {n}{n} ms\",\"{d}\":\"{e}\"}}",
)  # fmt: skip
FIELD = sorted({word for row in synonym_rows() for word in row.split() if word.isalpha() and len(word) > 3})


@pytest.mark.parametrize("row", synonym_rows())
def test_each_word_of_a_row_finds_the_others(row: str) -> None:
    single, several = synonyms()
    meant = {stem(word) for word in row.split() if "+" not in word}
    assert len(row.split()) > 1
    for word in row.split():
        found = several[tuple(map(stem, word.split("+")))] if "+" in word else single[stem(word)] | {stem(word)}
        assert meant <= found


def many() -> tuple[KnowledgeBase, list[tuple[str, str, str]]]:
    """A thousand notes, and for each (its ref, its error with other numbers, words of its title in another order)."""
    dice = random.Random(11)
    notes, asked = [], []
    for number in range(1_000):
        words = dict(zip("abcde", dice.sample(FIELD, 5), strict=True), k=str(dice.randrange(100, 999)))
        error = dice.choice(ERRORS)
        title = dice.sample(FIELD, 4)
        body = f"{' '.join(dice.choices(FIELD, k=40))}\n\n## Error\n```\n{error.format(n=number % 10, **words)}\n```\n## Fix\n{dice.choice(FIELD)} it.\n"
        notes.append(note(f"n{number:04}", " ".join(title), body))
        asked.append((notes[-1].ref, error.format(n=dice.randrange(10), **words), " ".join(dice.sample(title, 4))))
    return KnowledgeBase(Path("/lab"), tuple(notes)), asked


def test_over_a_thousand_notes_the_right_one_comes_first(chromium: playwright.Browser, tmp_path: Path) -> None:
    base, asked = many()
    page = opened(chromium, tmp_path, base)
    pasted = [page.evaluate(FIRST, error) == ref for ref, error, _ in asked[::10]]
    typed = [page.evaluate(FIRST, words) == ref for ref, _, words in asked[5::10]]
    assert (sum(pasted) >= 97, sum(typed) >= 97) == (True, True), (sum(pasted), sum(typed))
    size = sum(path.stat().st_size for path in tmp_path.glob(f"{search_data.FOLDER}/*.js"))
    assert size < 2_000 * len(base.notes)
    slips = ["".join((w[:2], w[3], w[2], w[4:])) if len(w) > 5 else w for w in asked[7][2].split()]
    assert slips != asked[7][2].split()
    assert page.evaluate(FIRST, " ".join(slips)) == asked[7][0]


# ---- one search ----------------------------------------------------------------------------------------------------------

ODD_WORDS = (
    note("java", "The importer stops", "## Error\n```\njava.net.SocketTimeoutException: Read timed out\n```\n## Fix\nA longer timeout.\n", services=["importer"]),
    note("node", "Dashboard is blank", "## Error\n```\nError: connect ECONNREFUSED 10.0.0.7:5432\n```\n## Fix\nStart postgres.\n", services=["dashboard"], tags=["ui"]),
    note("php", "Uploads of photos stop", "## Symptoms\nThe phone denied it and retried.\n## Fix\nRaise pm.max_children in www.conf.\n", services=["nextcloud"], hosts=["nas"]),
    note("chinese", "数据库无法启动", "## Symptoms\n网页打开是空白的。\n## Fix\n重启容器。\n"),
    note("japanese", "バックアップが失敗する", "## Symptoms\n夜間のバックアップが終わらない。\n## Fix\nロックを外す。\n"),
    note("german", "Die Sicherung schlägt fehl", "## Symptoms\nDie nächtliche Sicherung ist nicht mehr gelaufen, weil der Speicher voll ist.\n## Fix\nAlte Stände löschen.\n"),
    note("english", "Certificate expired", "## Symptoms\nThe browser warns.\n## Fix\nRenew it.\n", services=["traefik"], status="open"),
)  # fmt: skip
ODD = KnowledgeBase(Path("/lab"), ODD_WORDS)
ODD_QUESTIONS = {
    "timeout": "java", "socket timeout": "java", "SocketTimeoutException": "java", "sockettimeoutexception": "java", "connection refused": "node",
    "ECONNREFUSED": "node", "max_children": "php", "children": "php", "www.conf": "php", "deny": "php", "retry": "php", "数据库": "chinese", "启动": "chinese",
    "网页空白": "chinese", "バックアップ": "japanese", "夜間": "japanese", "nightly backup": "german", "backup storage full": "german",
    "Zertifikat abgelaufen": "english", "certificat expiré": "english", "certificado caducado": "english", "certficate": "english", "certif": "english",
    "service:dashboard blank": "node", "tag:ui": "node", "host:nas photos": "php", "status:open certificate": "english",
}  # fmt: skip


@pytest.mark.parametrize(("query", "first"), ODD_QUESTIONS.items())
def test_codes_parts_of_names_and_other_languages_find_their_note(query: str, first: str) -> None:
    assert [hit.ref for hit in word_search.search(ODD, whoosh_index.of(ODD, Path("/dev/null")), query)][:1] == [
        f"incidents/{first}"
    ]


def asked_of(base: KnowledgeBase, count: int) -> list[str]:
    """Questions about notes of a knowledge base: words of it, whole and begun, misspelled, narrowed down, and pasted errors."""
    dice = random.Random(23)
    notes = sorted(base.notes, key=lambda one: one.ref)
    found = []
    for number in range(count):
        one = dice.choice(notes)
        words = re.findall(r"[^\W\d_]{4,}", f"{one.title} {one.body}") or ["backup", "slow"]
        some = dice.sample(words, min(len(words), 1 + number % 4))
        if number % 6 == 1:
            some[-1] = some[-1][:4]
        elif number % 6 == 2:
            some[0] = some[0][:2] + some[0][3:]
        elif number % 6 == 3:
            some.append(
                dice.choice(["slow", "broken", "photos", "videos", "wont", "disk full", "502", "langsam", "ne marche pas"])
            )
        elif number % 6 == 4 and one.services:
            some.append(f"service:{one.services[0]}")
        elif number % 6 == 5:
            lines = [line for error in one.errors for line in error.text.splitlines() if line.strip()]
            some = [dice.choice(lines)] if lines else some
        found.append(" ".join(some))
    return found


def demo(folder: Path) -> KnowledgeBase:
    """The sample lab."""
    shutil.copytree(folders.PACKAGE / "demo/entries", folder / "entries")
    (folder / "mkdocs.yml").write_text("site_name: Demo\nplugins: [kb]\n")
    return kb.read(folder)


def test_the_site_and_the_command_line_find_the_same(chromium: playwright.Browser, tmp_path: Path) -> None:
    bases = {"lab": MATCHING_LAB, "odd": ODD, "demo": demo(tmp_path / "demo"), "many": many()[0]}
    typed = [*ODD_QUESTIONS, *(case["query"] for case in (*CASES["search"], *CASES["seen"]))]
    differ, count = [], 0
    for name, base in bases.items():
        page = opened(chromium, tmp_path / name, base)
        index = whoosh_index.of(base, tmp_path / "index" / name)
        paths = catalog.site_map(base).paths
        for query in (*typed, *asked_of(base, 40 if name == "many" else 90)):
            asked = query_of(query)
            hits = word_search.find(base, index, asked, filter_of(base, asked, None, None, (), None), 3).hits
            here = [paths[hit.ref].removesuffix(".md") for hit in hits]
            there = page.evaluate(FIRST_THREE, query)
            count += 1
            if here != there:
                differ.append((name, query, here, there))
    assert count > 400
    assert len(differ) <= count / 100, differ


def test_what_stands_before_a_colon_narrows_down(chromium: playwright.Browser, tmp_path: Path) -> None:
    notes = [
        note("a", "Disk full", "x", services=["nas"], tags=["Disk"], hosts=["rack"], status="open"),
        note("b", "Disk full again", "x", services=["tank"], tags=["disk", "power"], status="resolved"),
    ]
    page = opened(chromium, tmp_path, KnowledgeBase(Path("/lab"), tuple(notes)))
    a, b = (made.ref for made in notes)
    asked = {
        "disk service:tank": b, "service:NAS": a, "tag:power full": b, "host:rack": a, "status:open disk": a, "kind:incidents again": b,
        "kind:decision disk": "", "tag:nothing": "", "error: disk again": b, 'service:"tank" disk': b, "ORA-01017: full": b,
    }  # fmt: skip
    assert {query: page.evaluate(FIRST, query) for query in asked} == asked


# ---- Python and JavaScript -----------------------------------------------------------------------------------------------


def texts() -> list[str]:
    """Texts of all letters there are (marks become marks of another kind from one Unicode to the next), words of the field in odd spellings, and pieces of logs."""
    dice = random.Random(3)
    known = [chr(code) for code in range(1, 0x323B0) if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Mn", "Mc")]
    made = ["".join(dice.choices(known, k=dice.randrange(1, 30))) for _ in range(2_000)]
    signs = "abcdefgsedxyzABCSTZéüßİſﬁÅ Δσς'’-_.,:/019 \n\t𝒜𐐨한क्षि"
    made += ["".join(dice.choices(signs, k=dice.randrange(1, 40))) for _ in range(3_000)]
    endings = ("", "s", "es", "ies", "ing", "ed", "ly", "ss", "us", "'s", "’t", "e", "Ing", "-upgrade", "tting", "xes")
    made += [" ".join(dice.choice(FIELD) + dice.choice(endings) for _ in range(6)) for _ in range(1_000)]
    return [*made, "x" * 59, "y" * 60, "a-" * 40, "NullPointerException TaskAttemptImpl", "\ud800 half \udc00", "", "-", "''"]


def test_python_and_javascript_make_the_same_terms(chromium: playwright.Browser, tmp_path: Path) -> None:
    page = opened(chromium, tmp_path, MATCHING_LAB)
    page.evaluate("kbSearch.ready()")
    asked = texts()
    found = page.evaluate("rows => rows.map(row => [kbWords.termsOf(row), kbWords.pairsOf(row), kbWords.nameKey(row)])", asked)
    for text, (terms, pairs, key) in zip(asked, found, strict=True):
        assert terms == search_terms.terms_of(text), ascii(text)
        assert pairs == list(search_terms.pairs_of(text)), ascii(text)
        assert key == search_terms.name_key(text), ascii(text)


def test_words_that_share_a_letter_outside_of_sixteen_bits_are_each_found(chromium: playwright.Browser, tmp_path: Path) -> None:
    notes = (note("noya", "𠮷野家 down", ""), note("noyama", "𠮷野山 slow", ""), note("ta", "𠮷田 full", ""))
    page = opened(chromium, tmp_path, KnowledgeBase(Path("/lab"), notes))
    asked = {"𠮷野家": "incidents/noya", "𠮷野山": "incidents/noyama", "𠮷田": "incidents/ta"}
    assert {word: page.evaluate(FIRST, word) for word in asked} == asked


def test_the_same_notes_make_the_same_files() -> None:
    first, second = (dict(search_data.files(catalog.site_map(MATCHING_LAB), DAY)) for _ in range(2))
    assert first == second


# ---- nothing fails -------------------------------------------------------------------------------------------------------

PIECES = [
    *"()[]{}*+?.\\^$|~:-\"'`<>&#%@!=/,;",
    "AND ", "OR ", "NOT ", "title:", "service:", "kind:\"", "tag:", "-a ", "+b ", "^2 ", "~1 ", "[1 TO 2]", "*:*", "\x00", "\x1b[31m",
    "constructor", "__proto__", "toString", "hasOwnProperty", "😀", "👩‍👩‍👧", "\u202e", "\u200b", "שלום", "مرحبا", "日本語", "e\u0301", "\ud83d", "\udc00",
    "jellyfin", "502", " ", "\n", "\t", "a" * 300, "192.168.1.20", "0x80070005", "%s%n", "${x}", "{{7*7}}", "<img src=x onerror=alert(1)>", "javascript:alert(1)",
]  # fmt: skip


def test_a_thousand_odd_questions_are_answered(chromium: playwright.Browser, tmp_path: Path) -> None:
    page = opened(chromium, tmp_path, MATCHING_LAB)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    dice = random.Random(7)
    asked = ["".join(dice.choices(PIECES, k=dice.randrange(1, 14))) for _ in range(1_000)]
    asked += [
        " ".join(dice.choices(FIELD, k=15_000)),
        "x" * 100_000,
        "[" * 20_000,
        "a=a " * 25_000,
        "::::" * 25_000,
        '"' * 100_000,
        "-" * 100_000,
    ]
    assert len(asked[1_000]) > 90_000
    done = page.evaluate(
        """async rows => {
          let done = 0
          for (const row of rows) {
            const answer = await kbSearch.find(row, { typing: done % 2 === 0 })
            for (const shown of await kbSearch.show(answer.found.slice(0, 5).map(found => found[0]))) {
              const part = kbSearch.excerpt(shown, answer.stems)
              if (kbSearch.marked(part.text, answer.stems).map(piece => piece[0]).join("") !== part.text) throw new Error(row)
            }
            done++
          }
          return done
        }""",
        asked,
    )
    assert (done, errors) == (len(asked), [])


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


def test_a_page_that_was_open_while_the_site_was_built_anew_still_answers(
    chromium: playwright.Browser, tmp_path: Path, served: str
) -> None:
    write(tmp_path, MATCHING_LAB)
    page = chromium.new_page()
    page.goto(served)
    assert page.evaluate(FIRST, "pi-hole") == "incidents/pihole-port-53"
    write(tmp_path, KnowledgeBase(Path("/lab"), (note("walrus", "A walrus ate the cable", "## Fix\nAnother cable.\n"),)))
    assert page.evaluate(FIRST, "walrus") == "incidents/walrus"


# ---- the box ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    evil = '---\ntitle: \'"><img src=x onerror="window.pwned=1">\'\nservices: ["<b onclick=1>"]\n---\n## Error\n```\n<script>window.pwned=1</script> walrus\n```\n'
    files: Mapping[str, str] = {
        **LAB,
        "incidents/evil.md": evil,
        "services/hidden.md": "---\ntitle: Zebra\nprivate: true\n---\nstripes\n",
        "incidents/links.md": "---\ntitle: Links\nservices: [hidden, zebra]\n---\nSee [[services/hidden]] and [it](../services/hidden.md).\n",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield builder.build(make(tmp_path_factory.mktemp("lab"), files), day=DAY).folder


class Box:
    """A page of the site with its search."""

    def __init__(self, page: playwright.Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text))
        page.on("request", lambda asked: self.requests.append(asked.url))

    def ask(self, text: str) -> list[str]:
        self.page.evaluate(
            "text => { const box = document.querySelector('#kb-search'); box.value = text; box.dispatchEvent(new Event('input')) }",
            text,
        )
        self.page.wait_for_selector("#kb-search-list[aria-busy=false]", state="attached")
        return self.page.locator(".kb-search__title").all_inner_texts()


PHONE, DESK = (390, "light"), (1280, "dark")
on_both_screens = pytest.mark.parametrize("box", [PHONE, DESK], ids=["phone", "desk"], indirect=True)


@pytest.fixture
def box(chromium: playwright.Browser, site: Path, request: pytest.FixtureRequest) -> Iterator[Box]:
    width, scheme = getattr(request, "param", PHONE)
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    made = Box(context.new_page())
    made.page.goto((site / "errors/index.html").as_uri())
    yield made
    assert made.errors == []
    assert [url for url in made.requests if not url.startswith("file://")] == []
    assert made.page.evaluate("window.pwned") is None
    context.close()


@on_both_screens
def test_the_keyboard_is_enough(box: Box) -> None:
    page = box.page
    page.keyboard.press("/")
    page.wait_for_selector(".kb-search__item")
    assert page.inner_text(".kb-search__status") == "Latest"
    page.keyboard.type("route host")
    page.wait_for_selector(".kb-search__item:has-text('Jellyfin answers 502')")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(".kb-search__item[aria-selected=true]:has-text('Jellyfin answers 502')")
    assert page.get_attribute("#kb-search", "aria-activedescendant") == page.get_attribute("[aria-selected=true]", "id")
    assert page.get_attribute("#kb-search", "aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert page.get_attribute("#kb-search", "aria-expanded") == "false"
    page.keyboard.press("s")
    page.wait_for_selector("#kb-search:focus")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/2026-04-24-jellyfin-502.html#error")
    assert page.evaluate("document.querySelector(':target').id") == "error"


def test_a_pasted_log_of_several_lines_stays_several_lines(box: Box) -> None:
    page = box.page
    page.locator("label.kb-search__open").click() if page.viewport_size == {"width": 390, "height": 800} else page.click(
        "#kb-search"
    )
    page.evaluate("""() => {
      const data = new DataTransfer()
      data.setData("text/plain", "starting\\nconnect() failed (113: No route to host)\\r\\n\\nbye\\n")
      document.querySelector("#kb-search").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, cancelable: true }))
    }""")
    assert page.input_value("#kb-search") == "starting ⏎ connect() failed (113: No route to host) ⏎ bye"
    page.wait_for_selector(".kb-search__item:first-child:has-text('Jellyfin answers 502') mark >> nth=2")


def test_an_error_that_is_known_stands_first_and_says_so_with_its_fix(box: Box) -> None:
    box.page.keyboard.press("/")
    box.ask(
        'nginx-1  | connect() failed (113: No route to host) while connecting to upstream, upstream: "http://10.9.8.7:8096/"'
    )
    box.page.wait_for_selector(".kb-search__item:first-child .kb-search__claim--same")
    first = box.page.inner_text(".kb-search__item:first-child")
    assert "Jellyfin answers 502" in first
    assert "docker network connect proxy jellyfin" in first
    assert box.page.locator(".kb-search__item", has_text="Jellyfin answers 502").count() == 1
    box.page.click(".kb-search__help a")
    box.page.wait_for_url("**/paste.html#q=*")


@on_both_screens
def test_what_is_found_is_only_text_and_fits(box: Box) -> None:
    box.page.keyboard.press("f")
    assert box.ask("walrus") == ['"><img src=x onerror="window.pwned=1">']
    assert "<script>" in box.page.inner_text(".kb-search__item")
    assert box.page.inner_text(".kb-search__status") == "1 result"
    # The panel slides in on a phone; then nothing of it is beside the screen.
    right = "Math.max(...[...document.querySelectorAll('.md-search__output *')].map(part => part.getBoundingClientRect().right)) - innerWidth"
    for _ in range(100):
        if box.page.evaluate(right) <= 1:
            break
        box.page.wait_for_timeout(20)
    assert box.page.evaluate(right) <= 1


def test_whatever_is_typed_into_the_box_it_shows_something_and_throws_nothing(box: Box) -> None:
    dice = random.Random(9)
    box.page.keyboard.press("/")
    for _ in range(60):
        box.ask("jellyfin " * dice.randrange(2) + "".join(dice.choices(PIECES, k=dice.randrange(1, 9))))
        assert box.page.inner_text(".kb-search__status")


def test_nothing_found_says_what_to_try(box: Box) -> None:
    box.page.keyboard.press("/")
    assert box.ask("it's qqqqxxxx") == []
    assert box.page.inner_text(".kb-search__status") == "Nothing found"
    assert "kb search 'it'\\''s qqqqxxxx'" in box.page.inner_text(".kb-search__help")
    assert box.ask("kind:experiment jellyfin") == []
    assert "filter" in box.page.inner_text(".kb-search__help")


def test_a_search_is_part_of_the_address_and_is_there_again_after_going_back(box: Box) -> None:
    box.page.keyboard.press("Control+k")
    box.ask("route host")
    assert box.page.url.endswith("errors/index.html#q=route%20host")
    box.page.click(".kb-search__item:has-text('Jellyfin answers 502')")
    box.page.wait_for_url("**/incidents/2026-04-24-jellyfin-502.html*")
    box.page.go_back()
    box.page.wait_for_selector(".kb-search__item:has-text('Jellyfin answers 502')")
    assert box.page.input_value("#kb-search") == "route host"
    box.ask("")
    assert box.page.url.endswith("errors/index.html")


def test_a_result_shows_the_fix_and_which_words_it_has_in_other_words(box: Box) -> None:
    box.page.keyboard.press("/")
    box.ask("films walrus")
    found = box.page.locator(".kb-search__item", has_text="Jellyfin answers 502").inner_text()
    assert "docker network connect proxy jellyfin" in found
    assert "for “films”" in found
    assert "without “walrus”" in found


def test_what_is_no_filter_is_said(box: Box) -> None:
    box.page.keyboard.press("/")
    box.ask("kind:foo jellyfin")
    assert "kind:foo is no kind of note" in box.page.inner_text(".kb-search__help")
    box.ask("service:jelyfin")
    assert "there is service:jellyfin" in box.page.inner_text(".kb-search__help")
    box.ask("servce:jellyfin")
    assert "service:jellyfin narrows down" in box.page.inner_text(".kb-search__help")


def test_lists_are_found_by_their_names(box: Box) -> None:
    box.page.keyboard.press("/")
    assert box.ask("Errors")[0] == "Errors"
    assert box.ask("decisions")[0] == "Decisions"
    box.page.keyboard.press("Enter")
    box.page.wait_for_url("**/decisions/index.html")


def results(site: Path) -> Iterator[tuple[str, str]]:
    """(the page, the anchor) of every place that a result can lead to."""
    for path in (site / search_data.FOLDER).glob("*.js"):
        call, _, arguments = path.read_text().rstrip().removesuffix(")").partition("(")
        for document in json.loads(arguments) if call == "kbSearch.documents" else ():
            for piece in document[-1]:
                yield document[1], piece[0]


def test_every_result_leads_to_a_page_and_a_place_that_are_there(site: Path) -> None:
    places = list(results(site))
    assert ("incidents/2026-04-24-jellyfin-502", "fix") in places
    for path, anchor in places:
        assert not anchor or f'id="{anchor}"' in (site / f"{path}.html").read_text(), (path, anchor)


def test_the_data_say_nothing_of_private_notes(site: Path) -> None:
    text = "".join(path.read_text() for path in (site / search_data.FOLDER).glob("*.js"))
    assert "a private note" in text
    assert not re.search("zebra|stripes|services/hidden", text, re.IGNORECASE)


def test_results_lead_to_folders_where_pages_are_folders(chromium: playwright.Browser, tmp_path: Path) -> None:
    mkdocs_yml = "site_name: Folders\nuse_directory_urls: true\ntheme:\n  name: material\nplugins:\n  - kb\n"
    files = {"incidents/a & b? 100%.md": "---\ntitle: Walrus\n---\n", "readme.md": "---\ntitle: Seal\n---\n"}
    built = builder.build(make(tmp_path, files, mkdocs_yml), day=DAY).folder
    box = Box(chromium.new_page())
    box.page.goto((built / "tags/index.html").as_uri())
    box.page.keyboard.press("/")
    for words in ("walrus", "seal", "tags", "home"):
        box.ask(words)
        address = box.page.get_attribute(".kb-search__item", "href") or ""
        assert (Path(urllib.parse.unquote(urllib.parse.urlsplit(address).path)) / "index.html").is_file(), address
    assert box.errors == []


def test_the_theme_s_own_search_is_gone(site: Path) -> None:
    names: list[Any] = [path.relative_to(site).as_posix() for path in site.rglob("*")]
    assert not [name for name in names if "search_index" in name]
    page = (site / "index.html").read_text()
    assert 'data-md-component="search' not in page
    assert 'name="search"' not in page
