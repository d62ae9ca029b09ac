"""A site that is built warm is the site that would have been built cold, byte for byte, whatever changed in between."""

from __future__ import annotations

import datetime
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sites import LAB, MKDOCS_YML, make

import kb
from kb.exceptions import SiteNotBuilt
from kb.site.build import builder
from kb.site.inputs import site_record
from kb.site.sitemap import markup
from kb.storage import cache

DAY = datetime.date(2026, 11, 21)


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def fine_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pictures of these tests are seconds old, and change at different nanoseconds."""
    monkeypatch.setattr(cache, "GRAIN", 0)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def cold(root: Path, day: datetime.date, beside: Path) -> dict[str, bytes]:
    """The site as somebody builds it who has never built it before."""
    copy = beside / f"cold-{len(list(beside.iterdir()))}"
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("site"))
    return bytes_of(builder.build(copy, day=day).folder)


def inodes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_ino for path in folder.rglob("*.html")}


# ---- what people do between two builds -----------------------------------------------------------------------------------


def notes(root: Path) -> list[Path]:
    return sorted((root / "entries").rglob("*.md"))


def edit_a_text(root: Path, dice: random.Random) -> None:
    with dice.choice(notes(root)).open("a") as note:
        note.write(f"\nmore {dice.random()} [[services/nas]] and [[decisions/0001-borg|the old one]]\n")


def change_a_title(root: Path, dice: random.Random) -> None:
    path = dice.choice(notes(root))
    path.write_text(path.read_text().replace("title: ", f"title: {dice.choice('<&>Xyz')} ", 1))


def rename_a_note(root: Path, dice: random.Random) -> None:
    path = dice.choice(notes(root))
    path.rename(path.with_name(f"{path.stem}-{dice.randrange(9)}.md"))


def delete_a_note(root: Path, dice: random.Random) -> None:
    dice.choice(notes(root)).unlink()


def add_a_note(root: Path, dice: random.Random) -> None:
    name = dice.choice(("incidents/2026-11-2", "services/nas", "experiments/2026-11-1", "decisions/000"))
    text = f"---\ntitle: New {dice.random()}\nservices: [jellyfin]\ndate: 2026-11-19\n---\n## Fix\n\n```\nturn it {dice.random()}\n```\n"
    (root / f"entries/{name}{dice.randrange(4)}.md").write_text(text)


def hide_a_note(root: Path, dice: random.Random) -> None:
    path = dice.choice(notes(root))
    path.write_text(path.read_text().replace("title: ", "private: true\ntitle: ", 1))


def break_a_note(root: Path, dice: random.Random) -> None:
    path = dice.choice(notes(root))
    path.write_text(path.read_text().replace("---\n", "---\n[", 1))


def change_the_picture(root: Path, dice: random.Random) -> None:
    picture = root / "entries/incidents/rack.png"
    if picture.exists() and dice.random() < 0.5:
        picture.unlink()
    else:
        picture.write_text(f"another picture {dice.random()}")


def change_mkdocs_yml(root: Path, dice: random.Random) -> None:
    (root / "mkdocs.yml").write_text(
        dice.choice(
            (
                MKDOCS_YML,
                MKDOCS_YML.replace("Attic", "Cellar"),
                MKDOCS_YML + "markdown_extensions:\n  - pymdownx.keys\n  - toc: {permalink: false}\n",
                MKDOCS_YML + "use_directory_urls: true\n",
                MKDOCS_YML + "nav:\n  - index.md\n  - incidents/index.md\n  - services/nas.md\n",
                MKDOCS_YML + "repo_url: https://github.com/me/lab\nedit_uri: edit/main/\n",
                MKDOCS_YML.replace("  - kb\n", "  - search\n  - kb: {headings: {Look: fix}}\n"),
                MKDOCS_YML.replace("  name: material\n", "  name: material\n  custom_dir: looks\n"),
                MKDOCS_YML.replace("  name: material\n", "  name: material\n  language: de\n  features: []\n"),
            )
        )
    )


def change_a_template(root: Path, dice: random.Random) -> None:
    (root / "looks/partials").mkdir(exist_ok=True, parents=True)
    (root / "looks/partials/copyright.html").write_text(
        dice.choice((f"<p>Mine {dice.random()}</p>", "<p>{{ pages | length }} pages</p>", "<p>{{ config.site_name }}</p>"))
    )


def write_into_the_site(root: Path, dice: random.Random) -> None:
    page = dice.choice(sorted((root / "site").rglob("*.html")))
    dice.choice(
        (
            page.unlink,
            lambda: page.write_text("<p>by hand</p>"),
            lambda: page.with_name("new.html").write_text("a new one"),
            lambda: (root / "site/assets/kb.css").write_text("body { color: red }"),
            lambda: shutil.rmtree(root / "site"),
        )
    )()


def spoil_the_record(root: Path, dice: random.Random) -> None:
    record = kb.cache_folder(root) / "site.json"
    data = bytearray(record.read_bytes())
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    record.write_bytes(data[: dice.choice((None, len(data) // 2))])


def see_a_backup(root: Path, dice: random.Random) -> None:
    (root / ".kb/beats").mkdir(parents=True, exist_ok=True)
    (root / ".kb/beats/jellyfin").write_text(f"2026-11-{dice.randrange(10, 20)}T01:00+00:00\n")


def give_a_date(root: Path, dice: random.Random) -> None:
    key = dice.choice(("restore_tested", "secrets_rotated", "cert_expires", "backup_seen", "review", "resolved"))
    path = dice.choice(notes(root))
    path.write_text(
        path.read_text().replace("title: ", f"{key}: 2026-1{dice.choice('12')}-{dice.randrange(10, 29)}\ntitle: ", 1)
    )


EVENTS: tuple[Callable[[Path, random.Random], None], ...] = (
    edit_a_text,
    edit_a_text,
    change_a_title,
    rename_a_note,
    delete_a_note,
    add_a_note,
    add_a_note,
    hide_a_note,
    break_a_note,
    change_the_picture,
    change_mkdocs_yml,
    change_mkdocs_yml,
    change_a_template,
    write_into_the_site,
    spoil_the_record,
    see_a_backup,
    give_a_date,
    give_a_date,
)


@pytest.mark.usefixtures("fine_clock")
@pytest.mark.parametrize("seed", range(3))
def test_after_any_changes_a_warm_site_is_the_cold_one_byte_for_byte(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    root = make(tmp_path / "lab")
    (root / "looks").mkdir()
    (tmp_path / "others").mkdir()
    builder.build(root, day=DAY)
    day, story = DAY, []
    for _ in range(10):
        for event in dice.sample(EVENTS, dice.choice((1, 1, 2, 3))):
            if notes(root) and (root / "site").is_dir():
                event(root, dice)
                story.append(event.__name__)
        if dice.random() < 0.6:
            day += datetime.timedelta(days=dice.choice((1, 1, 2, dice.randrange(400))))
            story.append(f"sleep until {day}")
        warm = bytes_of(builder.build(root, day=day).folder)
        expected = cold(root, day, tmp_path / "others")
        differing = sorted(path for path in warm.keys() | expected.keys() if warm.get(path) != expected.get(path))
        assert not differing, f"{story} → {differing}"


# ---- what is kept, and what is not ---------------------------------------------------------------------------------------


def test_only_the_pages_that_say_something_else_are_written_anew(tmp_path: Path) -> None:
    root = make(tmp_path)
    site = builder.build(root, day=DAY).folder
    before = inodes(site)
    with (root / "entries/experiments/2026-11-08-pull-a-disk.md").open("a") as note:
        note.write("\nAnd again.\n")
    builder.build(root, day=DAY)
    changed = {path for path, inode in inodes(site).items() if before[path] != inode}
    assert "experiments/2026-11-08-pull-a-disk.html" in changed
    assert not [path for path in changed if path.startswith(("incidents/2", "decisions/0"))]


def test_on_a_new_day_only_the_pages_that_say_the_day_are_written_anew(tmp_path: Path) -> None:
    root = make(tmp_path, {**LAB, "services/jellyfin.md": "---\ntitle: Jellyfin\nsecrets_rotated: 2026-11-20\n---\n"})
    site = builder.build(root, day=DAY).folder
    before = inodes(site)
    builder.build(root, day=DAY + datetime.timedelta(days=1))
    changed = {path for path, inode in inodes(site).items() if before[path] != inode}
    assert {"index.html", "services/jellyfin.html"} <= changed
    assert "2 days ago" in (site / "services/jellyfin.html").read_text()
    kept = before.keys() - changed
    assert {"services/nas.html", "tags/index.html", "incidents/index.html", "incidents/2026-04-24-jellyfin-502.html"} <= kept


@pytest.mark.usefixtures("fine_clock")
def test_where_nothing_changed_nothing_is_built_and_the_same_is_said(tmp_path: Path) -> None:
    root = make(tmp_path, {**LAB, "incidents/x.md": "---\ntitle: X\n---\n[[nowhere]]\n"})
    first = builder.build(root, day=DAY)
    folder = first.folder.stat().st_ino
    assert first.warnings
    assert builder.build(root, day=DAY) == first
    assert first.folder.stat().st_ino == folder
    with pytest.raises(SiteNotBuilt, match="dead link"):
        builder.build(root, strict=True, day=DAY)
    builder.build(root, day=DAY + datetime.timedelta(days=1))
    assert first.folder.stat().st_ino != folder


def test_a_file_that_may_change_again_within_the_clocks_grain_is_not_taken_for_unchanged(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("a")
    now = (tmp_path / "a.png").stat().st_ctime_ns
    assert cache.stamps(tmp_path, ["a.png"], now + 10_000_000_000)
    assert cache.stamps(tmp_path, ["a.png"], now + 1_000_000) is None
    assert cache.stamps(tmp_path, ["b.png"], now + 10_000_000_000) is None


def test_another_kb_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make(tmp_path)
    site = builder.build(root, day=DAY).folder
    monkeypatch.setattr(markup, "state", lambda word: f"<b>{word}!</b>")
    monkeypatch.setattr(cache, "program", lambda: "another version")
    builder.build(root, day=DAY)
    assert "<b>resolved!</b>" in (site / "incidents/2026-04-24-jellyfin-502.html").read_text()


def test_an_update_of_anything_that_is_installed_counts_as_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cache.program()
    assert cache.program() == before
    (tmp_path / "markdown-99.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert cache.program() != before


@pytest.mark.parametrize("foreign", ["hooks: [hook.py]\n", "  - meta\n", "markdown_extensions: [pymdownx.snippets]\n"])
def test_with_code_of_others_in_it_every_build_is_a_cold_one(tmp_path: Path, foreign: str) -> None:
    root = make(tmp_path, {"services/x.md": "---\ntitle: X\n---\nText\n"}, MKDOCS_YML + foreign)
    (root / "hook.py").write_text(
        "import itertools\nCOUNT = itertools.count()\ndef on_page_content(html, **_): return html + str(next(COUNT))\n"
    )
    site = builder.build(root, day=DAY).folder
    before = inodes(site)
    builder.build(root, day=DAY)
    assert not set(before.items()) & set(inodes(site).items())


def test_a_record_that_somebody_else_could_have_written_is_not_read(tmp_path: Path) -> None:
    record = tmp_path / "cache" / "site.json"
    site_record.save(record, site_record.SiteRecord("whole", {}, {"index.html": "0"}, {}))
    assert site_record.load(record).whole == "whole"
    assert record.stat().st_mode & 0o777 == 0o600
    assert record.parent.stat().st_mode & 0o777 == 0o700
    record.rename(tmp_path / "elsewhere")
    record.symlink_to(tmp_path / "elsewhere")
    assert site_record.load(record) == site_record.SiteRecord()


def test_every_damage_to_the_record_is_seen(tmp_path: Path) -> None:
    record, dice = tmp_path / "cache" / "site.json", random.Random(0)
    kept = site_record.row_of(site_record.CachedPage("a", {"x.md": "x.html"}, "b"))
    site_record.save(record, site_record.SiteRecord("whole", {"pages": 1}, {"index.html": "0"}, {"index.md": kept}))
    whole = record.read_bytes()
    assert site_record.load(record).pages == {"index.md": kept}
    for _ in range(200):
        data = bytearray(whole)
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        record.write_bytes(data if dice.random() < 0.7 else whole[: dice.randrange(len(whole))])
        assert site_record.load(record) == site_record.SiteRecord()


def test_a_damaged_compiled_template_is_compiled_anew_and_never_run(tmp_path: Path) -> None:
    root = make(tmp_path / "lab", LAB)
    builder.build(root, day=DAY)
    compiled = sorted((kb.cache_folder(root) / "templates").iterdir())
    assert len(compiled) > 10
    whole = {path: path.read_bytes() for path in compiled}
    for number, path in enumerate(compiled):
        data = bytearray(whole[path])
        data[(number * 97) % len(data)] ^= 1 << number % 8
        path.write_bytes(data if number % 3 else data[: len(data) // 2])
    edit_a_text(root, random.Random(1))
    assert bytes_of(builder.build(root, day=DAY).folder) == cold(root, DAY, tmp_path)
    assert {path: path.read_bytes() for path in compiled} == whole
