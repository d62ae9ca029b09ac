"""Filters above lists, in a real browser."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import needs_chromium
from playwright import sync_api as playwright
from sites import make

from kb.site.build import builder

pytestmark = needs_chromium

NAMES = ("jellyfin, nginx", "nginx", "pihole", "pihole", "Größe|2", "jellyfin")
FILES = {
    f"incidents/2026-0{number + 1}-01-broken-{number}.md": (
        f"---\ntitle: Étage {number} broke\ndate: 202{number % 2 + 5}-0{number + 1}-01\nservices: [{names}]\n"
        f"status: {'open' if number == 2 else 'resolved'}\nseverity: {'high' if number < 2 else 'low'}\n---\n"
    )
    for number, names in enumerate(NAMES)
}
LIST = "incidents/index.html"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        root = make(tmp_path_factory.mktemp("lab"), FILES)
        yield builder.build(root, day=datetime.date(2026, 11, 21)).folder


@pytest.fixture
def page(chromium: playwright.Browser) -> Iterator[playwright.Page]:
    context = chromium.new_context(viewport={"width": 1000, "height": 800})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []
    context.close()


def shown(page: playwright.Page) -> list[str]:
    """The numbers of the incidents that can be seen."""
    titles = page.locator(".kb-rows li:visible a").all_inner_texts()
    return sorted(title.split()[1] for title in titles)


def test_a_list_is_whole_without_scripts(site: Path, chromium: playwright.Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / LIST).as_uri())
    assert shown(page) == ["0", "1", "2", "3", "4", "5"]
    assert page.locator(".kb-filter__bar").count() == 0
    context.close()


def test_a_choice_hides_the_others_is_counted_aloud_and_stands_in_the_address(site: Path, page: playwright.Page) -> None:
    page.goto((site / LIST).as_uri())
    page.get_by_label("Service", exact=True).select_option("nginx")
    assert shown(page) == ["0", "1"]
    assert page.get_by_role("status").inner_text() == "2 of 6"
    assert page.url.endswith("#service=nginx")
    page.get_by_label("Year").select_option("2026")
    assert shown(page) == ["1"]
    assert page.locator("h2:visible").all_inner_texts() == ["2026"]


def test_a_link_can_lead_to_a_part_of_a_list(site: Path, page: playwright.Page) -> None:
    page.goto((site / LIST).as_uri() + "#status=open&text=broke")
    assert shown(page) == ["2"]
    assert page.get_by_label("Status").input_value() == "open"
    page.goto((site / LIST).as_uri() + "#severity=high")
    assert shown(page) == ["0", "1"]
    page.go_back()
    page.wait_for_function("document.querySelectorAll('.kb-rows li:not([hidden])').length === 1")


def test_a_link_to_a_heading_filters_nothing(site: Path, page: playwright.Page) -> None:
    page.goto((site / LIST).as_uri() + "#m2025")
    assert len(shown(page)) == 6


def test_words_are_found_without_their_accents(site: Path, page: playwright.Page) -> None:
    page.goto((site / LIST).as_uri())
    page.get_by_label("Text").fill("ETAGE 4")
    assert shown(page) == ["4"]


def test_when_nothing_matches_one_key_shows_all(site: Path, page: playwright.Page) -> None:
    page.goto((site / LIST).as_uri())
    page.get_by_label("Text").fill("no such thing")
    assert page.locator(".kb-filter__none").is_visible()
    page.keyboard.press("Escape")
    assert len(shown(page)) == 6
    assert "#" not in page.url
    page.get_by_label("Text").fill("no such thing")
    page.locator(".kb-filter__none button").press("Enter")
    assert len(shown(page)) == 6
    assert page.evaluate("document.activeElement.name") == "text"


def test_a_choice_that_the_list_does_not_have_is_said_and_matches_nothing(site: Path, page: playwright.Page) -> None:
    page.goto((site / LIST).as_uri() + "#service=" + "<img src=x onerror=alert(1)>")
    assert shown(page) == []
    assert page.locator(".kb-filter__bar img").count() == 0


def test_on_a_phone_the_choices_open_with_a_button(site: Path, page: playwright.Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((site / LIST).as_uri())
    assert not page.get_by_label("Service", exact=True).is_visible()
    page.get_by_role("button", name="More filters").press("Enter")
    page.get_by_label("Service", exact=True).select_option("pihole")
    assert shown(page) == ["2", "3"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto((site / LIST).as_uri() + "?again#service=jellyfin")
    assert page.get_by_label("Service", exact=True).is_visible()
