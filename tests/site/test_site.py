"""The site as MkDocs builds it: plain `mkdocs build`, `kb`'s own building and serving, and staging."""

from __future__ import annotations

import datetime
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from sites import LAB, MKDOCS_YML, addresses, broken_addresses, make

import kb
import kb.site.catalog
from kb.exceptions import SiteNotBuilt, WrongUse
from kb.site.build import builder, staging
from kb.site.build.server import serve
from kb.site.build.staging import stage
from kb.site.sitemap.site_facts import SiteFacts

DAY = datetime.date(2026, 11, 21)


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = builder.build(make(tmp_path_factory.mktemp("lab")), strict=True, day=DAY)
    assert built.warnings == ()
    return built.folder


def mkdocs(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What a user gets who types `mkdocs` in the knowledge base."""
    command = [sys.executable, "-m", "mkdocs", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)


# ---- a good knowledge base ---------------------------------------------------------------------------------------------


def test_every_note_and_every_section_has_a_page(site: Path) -> None:
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert {f"{name.removesuffix('.md')}.html" for name in LAB if name.endswith(".md")} < pages
    assert {"index.html", "errors/index.html", "tags/index.html"} < pages


def test_all_links_lead_somewhere(site: Path) -> None:
    assert broken_addresses(site) == []


def test_one_tab_is_marked_on_each_page(site: Path) -> None:
    marked = {page: page.read_text().count("md-tabs__item--active") for page in site.rglob("*.html") if page.name != "404.html"}
    assert {page.relative_to(site).as_posix(): count for page, count in marked.items() if count != 1} == {}


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    loaded = [(tag, address) for _, tag, address in addresses(site) if tag not in ("a", "use")]
    assert not [found for found in loaded if re.match(r"(?:[a-z]+:)?//", found[1])]
    styles = "".join(path.read_text() for path in site.rglob("kb.css"))
    assert not re.search(r"url\(\s*['\"]?(?:https?:)?//|@import", styles)


def test_text_that_mkdocs_takes_for_front_matter_is_still_there(site: Path) -> None:
    assert "error: it" in (site / "incidents/2026-11-20-still-open.html").read_text()


def test_errors_and_fixes_are_sections_of_their_own(site: Path) -> None:
    page = (site / "incidents/2026-04-24-jellyfin-502.html").read_text().partition("<article")[2]
    assert page.index("kb-section--error") < page.index("kb-section--fix") < page.index("docker network connect")


def test_the_picture_beside_a_note_is_there(site: Path) -> None:
    assert (site / "incidents/rack.png").read_text() == "not really a picture"


# ---- plain MkDocs ------------------------------------------------------------------------------------------------------


def test_plain_mkdocs_builds_it_strictly(tmp_path: Path) -> None:
    root = make(tmp_path, mkdocs_yml=MKDOCS_YML + "docs_dir: entries\n")
    done = mkdocs(root, "build", "--strict")
    assert done.returncode == 0, done.stderr
    assert "WARNING  -" not in done.stderr
    assert (root / "site/services/jellyfin.html").is_file()


def test_plain_mkdocs_stops_strictly_at_a_dead_link_with_its_file_and_line(tmp_path: Path) -> None:
    root = make(tmp_path, {"incidents/x.md": "---\ntitle: X\n---\nsee [[nowhere]]\n"}, MKDOCS_YML + "docs_dir: entries\n")
    done = mkdocs(root, "build", "--strict")
    assert done.returncode == 1
    assert "entries/incidents/x.md:4: a dead link to nowhere" in " ".join(done.stderr.split())


def test_what_the_user_sets_stays(tmp_path: Path) -> None:
    mkdocs_yml = (
        "site_name: Mine\nuse_directory_urls: true\ntheme:\n  name: material\n  features: [navigation.instant]\n"
        "  palette: {primary: red}\nplugins:\n  - search\n  - kb\nmarkdown_extensions:\n  - toc: {permalink: false}\n  - pymdownx.keys\n"
    )
    built = builder.build(make(tmp_path, {"services/x.md": "---\ntitle: X\n---\n## H\n\n++ctrl+c++\n"}, mkdocs_yml), day=DAY)
    page = (built.folder / "services/x/index.html").read_text()
    assert 'data-md-color-primary="red"' in page
    assert "<kbd" in page
    assert broken_addresses(built.folder) == []
    assert not list(built.folder.rglob("search_index*"))  # kb's search has an index of its own


def test_a_repository_is_linked_but_never_asked(tmp_path: Path) -> None:
    mkdocs_yml = MKDOCS_YML + "repo_url: https://github.com/me/lab\n"
    page = (builder.build(make(tmp_path, {}, mkdocs_yml), day=DAY).folder / "index.html").read_text()
    assert 'href="https://github.com/me/lab"' in page
    assert 'data-md-component="source"' not in page


def test_another_theme_works_too(tmp_path: Path) -> None:
    built = builder.build(make(tmp_path, mkdocs_yml="site_name: Plain\ntheme: readthedocs\nplugins: [kb]\n"), day=DAY)
    assert "docker network connect" in (built.folder / "incidents/2026-04-24-jellyfin-502.html").read_text()
    assert "docker network connect" in (built.folder / "search/search_index.json").read_text()


def test_decisions_kept_elsewhere_are_there_with_their_links(tmp_path: Path) -> None:
    mkdocs_yml = "site_name: X\ntheme: {name: material}\nplugins:\n  - kb: {decisions: docs/adr}\n"
    root = make(
        tmp_path,
        {"services/x.md": "---\ntitle: X\n---\n[one](../../docs/adr/0001-one.md) [[decisions/0001-one]]\n"},
        mkdocs_yml,
    )
    (root / "docs/adr").mkdir(parents=True)
    (root / "docs/adr/0001-one.md").write_text("---\ntitle: One\n---\n[x](../../entries/services/x.md)\n")
    built = builder.build(root, strict=True, day=DAY)
    assert broken_addresses(built.folder) == []
    assert (built.folder / "services/x.html").read_text().count('href="../decisions/0001-one.html"') == 3


# ---- bad notes -----------------------------------------------------------------------------------------------------------

BAD = {
    "latin1": "---\ntitle: Caf\xe9\n---\ntext\n".encode("latin-1"),
    "template": b"---\ntitle: T\ntemplate: /etc/passwd\n---\n",
    "icon": b"---\ntitle: T\nicon: ../../../etc/passwd\nstatus: new\n---\n",
    "tags-string": b"---\ntitle: T\ntags: dns\nhide: nothing\nsearch: no\n---\n",
    "tags-odd": b"---\ntitle: T\ntags: [[a], {b: c}, 1]\n---\n",
    "bom-crlf": b"\xef\xbb\xbf---\r\ntitle: T\r\n---\r\ntext\r\n",
    "utf16": "---\ntitle: T\n---\ntext".encode("utf-16"),
    "nul": b"---\ntitle: T\n---\na\x00b\x02c\x03\n",
    "unclosed": b"---\ntitle: T\n",
    "list": b"---\n- a\n---\ntext\n",
    "empty": b"",
    "yaml-in-body": b"---\ntitle: T\n---\n---\nnot: front\n---\n",
    "jinja": b"---\ntitle: '{{ config }} {% include \"x\" %}'\n---\n{{ 7 * 7 }}\n",
    "name with (brackets) & \xc3\xbcml#ut?%41": b"---\ntitle: T\n---\n[self](<name with (brackets) & x.md>)\n",
    "title-list": b"---\ntitle: [a, b]\ndate: never\nresolved: 7\nservices: {a: b}\n---\n",
}


def test_no_bad_note_stops_the_build_and_each_has_a_page(tmp_path: Path) -> None:
    files = {f"incidents/{name.encode('latin-1').decode() if name.isascii() else name}.md": data for name, data in BAD.items()}
    built = builder.build(make(tmp_path, files), day=DAY)
    for name in BAD:
        assert (built.folder / "incidents" / f"{name}.html").is_file(), name
    assert "Caf\ufffd" in (built.folder / "incidents/latin1.html").read_text()
    assert any("latin1.md:2" in warning for warning in built.warnings)
    assert "{{ 7 * 7 }}" in (built.folder / "incidents/jinja.html").read_text()


def test_nothing_private_is_in_any_file_of_the_site(tmp_path: Path) -> None:
    hidden = "---\ntitle: Zebra\nprivate: true\ntags: [stripes]\n---\n## Fix\n\nhoof ![p](savanna.png)\n"
    files = {**LAB, "incidents/zebra.md": hidden, "incidents/savanna.png": "grass"}
    built = builder.build(make(tmp_path, files), day=DAY)
    for path in built.folder.rglob("*"):
        assert not re.search("zebra|savanna|stripes", path.name, re.IGNORECASE)
        if path.is_file() and path.suffix in (".html", ".json", ".xml", ".js"):
            assert not re.search("zebra|hoof|savanna|stripes", path.read_text(), re.IGNORECASE), path


def test_a_drawing_that_holds_a_script_is_not_published(tmp_path: Path) -> None:
    files = {
        "incidents/x.md": "---\ntitle: X\n---\n![good](good.svg) ![bad](bad.svg)\n",
        "incidents/good.svg": "<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0'/></svg>",
        "incidents/bad.svg": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    }
    built = builder.build(make(tmp_path, files), day=DAY)
    assert (built.folder / "incidents/good.svg").is_file()
    assert not (built.folder / "incidents/bad.svg").exists()
    assert broken_addresses(built.folder) == []


# ---- building beside the live site ---------------------------------------------------------------------------------------


def test_a_failed_build_leaves_the_live_site_as_it_was(tmp_path: Path) -> None:
    root = make(tmp_path, {"incidents/x.md": "---\ntitle: X\n---\n"})
    builder.build(root, day=DAY)
    before = (root / "site/index.html").read_bytes()
    (root / "entries/incidents/y.md").write_text("---\ntitle: Y\n---\n[[nowhere]]\n")
    with pytest.raises(SiteNotBuilt, match=r"y\.md:4: a dead link to nowhere"):
        builder.build(root, strict=True, day=DAY)
    (root / "mkdocs.yml").write_text(MKDOCS_YML + "  - no-such-plugin\n")
    with pytest.raises(SiteNotBuilt, match="no-such-plugin"):
        builder.build(root, day=DAY)
    assert (root / "site/index.html").read_bytes() == before
    assert sorted(path.name for path in root.iterdir()) == ["entries", "mkdocs.yml", "site"]


def test_progress_ends_at_the_number_of_all(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    builder.build(make(tmp_path, {}), progress=lambda done, of: seen.append((done, of)), day=DAY)
    assert seen[-1][0] == seen[-1][1]
    assert seen == sorted(seen)


@pytest.mark.parametrize("site_dir", [".", "..", "entries/site", "entries", "mine", "/proc"])
def test_a_site_never_takes_the_place_of_something_else(tmp_path: Path, site_dir: str) -> None:
    root = make(tmp_path / "lab", {}, MKDOCS_YML + f"site_dir: {site_dir}\n")
    (root / "mine").mkdir()
    (root / "mine/thesis.txt").write_text("ten years")
    with pytest.raises(SiteNotBuilt, match=r"name .*folder"):
        builder.build(root, day=DAY)
    assert (root / "mine/thesis.txt").is_file()


def test_the_same_notes_on_the_same_day_give_the_same_site(tmp_path: Path) -> None:
    root = make(tmp_path)
    first = {path.name: path.read_bytes() for path in builder.build(root, day=DAY).folder.rglob("*.html")}
    second = {path.name: path.read_bytes() for path in builder.build(root, day=DAY).folder.rglob("*.html")}
    assert first == second


# ---- staging -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    """A folder `docs` of staged pages with its mkdocs.yml beside it."""
    root = make(tmp_path / "lab", {**LAB, "incidents/drawing.svg": "<svg onload='x()'/>", "incidents/x.md": STAGED})
    base = kb.read(root)
    given = SiteFacts(edited={"entries/incidents/x.md": DAY}, edit_url="https://git.example.org/edit/{path}")
    written = stage(base, tmp_path / "docs", DAY, given)
    assert [page for page in written.pages if not page.is_file()] == []
    assert len(written.pages) == len(kb.site.catalog.all_pages(base, DAY))
    assert [sentence for sentence in written.withheld if "drawing.svg" in sentence]
    (tmp_path / "mkdocs.yml").write_text(staging.config(base, tmp_path / "docs") + "validation: {anchors: warn}\n")
    return tmp_path


STAGED = "---\ntitle: X\n---\n- [x] done ![d](drawing.svg)\n\n??? note\n    in it\n"


def names(folder: Path, ending: str) -> set[str]:
    return {path.relative_to(folder).as_posix().removesuffix(ending) for path in folder.rglob(f"*{ending}")}


def test_staged_pages_are_plain_markdown_whose_links_hold_in_mkdocs(staged: Path) -> None:
    done = mkdocs(staged, "build", "--strict")
    assert done.returncode == 0, done.stderr
    assert names(staged / "site", ".html") - {"404"} == names(staged / "docs", ".md")
    assert broken_addresses(staged / "site") == []
    page = (staged / "site/incidents/x.html").read_text()
    assert 'Last changed 21 Nov 2026 · <a href="https://git.example.org/edit/entries/incidents/x.md">edit this note</a>' in page
    assert not (staged / "docs/incidents/drawing.svg").exists()


@pytest.mark.skipif(find_spec("zensical") is None, reason="Zensical isn't installed here; CI has it")
def test_staged_pages_are_built_by_zensical_too(staged: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "zensical", "build"], cwd=staged, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert names(staged / "site", ".html") - {"404"} == names(staged / "docs", ".md")
    assert "Last changed 21 Nov 2026" in (staged / "site/incidents/x.html").read_text()


def test_staging_does_not_touch_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    root = make(tmp_path / "lab", {})
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("ten years")
    for folder in (tmp_path / "mine", root, root / "entries", tmp_path, tmp_path / "mine/thesis.txt"):
        with pytest.raises(WrongUse):
            stage(kb.read(root), folder, DAY)
    assert (tmp_path / "mine/thesis.txt").is_file()


def test_staging_again_leaves_nothing_old_behind(tmp_path: Path) -> None:
    root = make(tmp_path / "lab", {"incidents/x.md": "---\ntitle: X\n---\n"})
    stage(kb.read(root), tmp_path / "staged", DAY)
    (root / "entries/incidents/x.md").unlink()
    stage(kb.read(root), tmp_path / "staged", DAY)
    assert not (tmp_path / "staged/incidents/x.md").exists()


# ---- serving -------------------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_served_page_shows_an_edit_within_seconds_and_a_mistake_leaves_it_as_it_was(tmp_path: Path) -> None:
    root = make(tmp_path, {"incidents/x.md": "---\ntitle: X\n---\nbefore\n"})
    port = free_port()
    code = (
        f"from pathlib import Path; from kb.site.build.server import serve; serve(Path({str(root)!r}), port={port}, say=print)"
    )
    server = subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert server.stdout is not None
        assert "Serving on" in server.stdout.readline()
        url = f"http://127.0.0.1:{port}/incidents/x.html"
        assert "before" in fetch(url)
        (root / "entries/incidents/x.md").write_text("---\ntitle: X\n---\nafter\n")
        begun = time.monotonic()
        while "after" not in fetch(url):
            assert time.monotonic() - begun < 20
            time.sleep(0.1)
        (root / "mkdocs.yml").write_text("plugins: [\n")
        assert "mkdocs.yml:2" in server.stdout.readline()
        assert "after" in fetch(url)
        (root / "mkdocs.yml").write_text(MKDOCS_YML.replace("Attic", "Cellar"))
        while "Cellar" not in fetch(url):
            assert time.monotonic() - begun < 40
            time.sleep(0.1)
    finally:
        server.terminate()
        server.communicate(timeout=10)


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        text: str = answer.read().decode()
        return text


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(WrongUse, match="choose another port with --port"):
            serve(make(tmp_path, {}), port=taken.getsockname()[1])
