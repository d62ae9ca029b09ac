"""The pages about services: the map and its drawing, hosts, readiness, start order, and what must stay private in them."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_pages import built, made

from kb.notes.knowledge_base import KnowledgeBase
from kb.services.service_changes import Event
from kb.site import catalog
from kb.site.drawing.graph_layout import Size, drawing
from kb.site.sitemap.site_facts import SiteFacts

GENERATED = {
    "map": "services/map.md",
    "hosts": "hosts/index.md",
    "readiness": "readiness.md",
    "order": "services/start-order.md",
    "down": "down.md",
}


def service(title: str, **front: str) -> str:
    return f"---\ntitle: {title}\n" + "".join(f"{key}: {value}\n" for key, value in front.items()) + "---\n"


HOUSE = {
    "services/nas": service("NAS", type="host"),
    "services/pg": service("PG", hosts="[nas]", data="[/srv/pg]"),
    "services/web": service("Web", hosts="[nas]", depends_on="[pg]", needs="[dns]", url="https://web.home"),
    "services/hole": service("Hole", hosts="[nas]", provides="[dns]"),
    "services/toy": service("Toy", hosts="[nas]", mode="sandbox"),
    "services/old": service("Old", hosts="[nas]", depends_on="[pg]", retired="2026-01-01"),
}


def whole(files: Mapping[str, str], path: str) -> str:
    """A page with its pictures and facts, which plain Markdown leaves out."""
    page = made(files)[0][path]
    return page.head + page.tail


def svg(page: str) -> ElementTree.Element:
    """The first picture of a page."""
    found = re.search(r"<svg.*?</svg>", page, re.S)
    assert found, page
    return ElementTree.fromstring(found[0])


def lines(page: str) -> set[tuple[str, str]]:
    return {(line.attrib["data-from"], line.attrib["data-to"]) for line in svg(page).iter("path") if "data-from" in line.attrib}


# ---- the drawing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(8))
def test_boxes_never_overlap_and_lines_lead_from_left_to_right(number: int) -> None:
    chance = random.Random(number)
    names = [f"s{n}" for n in range(12 * (number + 1))]
    sizes = {name: Size(chance.randrange(70, 190), chance.choice((32, 42))) for name in names}
    edges = {(chance.choice(names[n:]), chance.choice(names[: n + 1])) for n in range(len(names)) for _ in range(2)}
    found = drawing(sizes, edges, 1100)
    assert set(found.places) == set(names)
    for one, other in combinations(found.places.values(), 2):
        beside = one.x + one.size.width <= other.x or other.x + other.size.width <= one.x
        above = one.y + one.size.height <= other.y or other.y + other.size.height <= one.y
        assert beside or above, (one, other)
    for line in found.lines:
        assert line.back or line.points[0][0] < line.points[-1][0], line
    assert all(place.x >= 0 and place.x + place.size.width <= found.width for place in found.places.values())
    assert all(place.y >= 0 and place.y + place.size.height <= found.height for place in found.places.values())


def test_a_long_line_runs_past_the_boxes_between_its_ends() -> None:
    sizes = {name: Size(80, 32) for name in "abcd"}
    found = drawing(sizes, [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")], 1100)
    (far,) = (line for line in found.lines if (line.start, line.end) == ("a", "d"))
    for name in "bc":
        place = found.places[name]
        inside = [y for x, y in far.points if place.x <= x <= place.x + place.size.width]
        assert inside, (name, far)
        assert all(not place.y < y < place.y + place.size.height for y in inside), (name, far)


def test_a_circle_is_drawn_with_one_line_that_leads_back() -> None:
    found = drawing({name: Size(80, 32) for name in "abc"}, [("a", "b"), ("b", "c"), ("c", "a")], 1100)
    assert [line.back for line in found.lines].count(True) == 1


# ---- the map ---------------------------------------------------------------------------------------------------------


def test_the_map_draws_who_needs_whom_through_capabilities_too_and_leaves_the_retired_out() -> None:
    page = whole(HOUSE, "services/map.md")
    assert lines(page) == {("web", "pg"), ("web", "dns"), ("dns", "hole")}
    assert "old" not in {box.attrib["data-name"] for box in svg(page).iter() if "data-name" in box.attrib}


def test_the_map_names_circles() -> None:
    ring = {f"services/{a}": service(a.upper(), depends_on=f"[{b}]") for a, b in ("ab", "bc", "ca")}
    page = whole(ring, "services/map.md")
    assert "[a](a.md) → [b](b.md) → [c](c.md) → [a](a.md)" in page
    assert len(lines(page)) == 3


def test_a_map_of_hundreds_draws_those_that_need_the_same_as_one_box_and_lists_all() -> None:
    many = {f"services/leaf{n}": service(f"Leaf {n}", depends_on=f"[hub{n % 5}]") for n in range(300)}
    many |= {f"services/hub{n}": service(f"Hub {n}", depends_on="[hub0]" if n else "[]") for n in range(5)}
    page = whole(many, "services/map.md")
    assert len(lines(page)) == 9
    assert ("leaf1 and 59 more", "hub1") in lines(page)
    assert ("hub1", "hub0") in lines(page)
    assert page.count("[leaf77](leaf77.md)") == 3  # in its box, in its row of the list, and in that of its hub
    assert all(f"[leaf{n}](leaf{n}.md)" in page for n in range(300))


def test_a_large_map_draws_a_stack_as_one_box_wherever_its_parts_are_named() -> None:
    many = {"services/tls": service("Proxy", provides="[tls]")}
    for n in range(40):
        needs = "[tls, storage]" if n % 4 else "[tls]"
        many[f"services/app{n}"] = service(f"App {n}", depends_on=f"[app{n}-db]", needs=needs, compose=f"/srv/{n}/compose.yaml")
        many[f"services/app{n}-db"] = service(f"Db {n}", compose=f"/srv/{n}/compose.yaml")
        many[f"services/app{n}-worker"] = service(f"Worker {n}", depends_on=f"[app{n}-db]", compose=f"/srv/{n}/compose.yaml")
    many["services/tank"] = service("Tank", type="disk", provides="[storage]")
    page = whole(many, "services/map.md")
    drawn = {box.attrib["data-name"] for box in svg(page).iter() if "data-name" in box.attrib}
    assert drawn == {"app0 and 9 more", "app1 and 29 more", "tls", "storage", "tank"} | (drawn & {"tls"})
    assert 'id="box-1" class="kb-what">app' in page


def test_a_large_map_tells_small_groups_in_words() -> None:
    many = {f"services/s{n}": service(f"S {n}", depends_on=f"[d{n}]") for n in range(40)}
    many |= {f"services/d{n}": service(f"D {n}") for n in range(40)}
    page = whole(many, "services/map.md")
    assert "<svg" not in page
    assert '[s3](s3.md) <span class="kb-about">with [d3](d3.md)</span>' in page


def test_a_large_map_names_no_private_service() -> None:
    many = {f"services/leaf{n}": service(f"Leaf {n}", depends_on="[hub, vault]") for n in range(80)}
    many |= {"services/hub": service("Hub"), "services/vault": service("Vault", private="true")}
    assert "vault" not in whole(many, "services/map.md").lower()


# ---- how many services there are -------------------------------------------------------------------------------------


def test_without_services_there_are_no_pages_about_them_but_the_list() -> None:
    found = built({"incidents/x": "---\ntitle: X\n---\n"})
    assert not set(GENERATED.values()) & set(found)
    assert "No service has a note yet" in found["services/index.md"]
    assert "kb-ways" not in found["services/index.md"]


def test_one_service_has_no_map_and_no_order() -> None:
    found = built({"services/only": service("Only")})
    assert {name for name, path in GENERATED.items() if path in found} == {"readiness", "down"}


# ---- hosts, readiness, order -----------------------------------------------------------------------------------------


def test_a_machine_shows_production_and_sandbox_apart_and_what_stops_with_it() -> None:
    page = built(HOUSE)["hosts/index.md"]
    used, sandbox = page.split("### Sandbox")
    assert "[Toy]" in sandbox
    assert "[Toy]" not in used
    assert "[PG]" in used
    assert "when it stops, 4 services stop" in page
    assert "Old" not in page


def test_what_is_needed_is_started_before_what_needs_it() -> None:
    page = built(HOUSE)["services/start-order.md"]
    order = re.findall(r"^1\. \[([^\]]*)\]", page, re.M)
    assert order[0] == "nas"
    assert order.index("pg") < order.index("web")
    assert order.index("hole") < order.index("web")
    assert "old" not in order


def test_each_answer_of_readiness_leads_to_its_reason() -> None:
    page = whole(HOUSE, "readiness.md")
    row = next(row for row in page.split("<tr") if ">pg</a>" in row)
    assert 'href="services/pg.md#kb-readiness"' in row
    assert "kb-state--no" in row
    assert "Could I bring it back?" in built(HOUSE)["services/pg.md"]
    assert ">old</a>" not in page


def test_the_list_of_services_says_how_ready_each_is_and_filters_by_it() -> None:
    page = whole(HOUSE, "services/index.md")
    row = next(line for line in page.splitlines() if line.startswith("- [PG]"))
    assert "%\xa0ready" in row
    assert re.search(r'data-ready="(yes|partly|no)"', row)


# ---- for somebody else -----------------------------------------------------------------------------------------------


def test_what_the_owner_wrote_stands_first_and_what_is_missing_is_asked_for_last() -> None:
    without = built(HOUSE)["down.md"]
    assert "entries/if-i-am-not-here.md" in without.split("## What is missing here")[1]
    page = built({**HOUSE, "if-i-am-not-here": "---\ntitle: Call first\n---\nCall Ada: 555 0101.\n"})["down.md"]
    assert page.index("Call Ada") < page.index("## What is in the house")
    assert "if-i-am-not-here.md" not in page.partition("## What is missing here")[2]


def test_what_holds_data_is_to_be_left_alone_and_only_what_nothing_needs_may_be_switched_off() -> None:
    page = built(HOUSE)["down.md"]
    off = page.split("## These may be switched off")[1].split("##")[0]
    assert "[Toy]" in off
    assert "[PG]" not in off
    assert "[PG]" in page.split("## Leave these alone")[1].split("##")[0]


def test_what_nobody_described_is_not_said_to_be_spare() -> None:
    """A VPN or a share without an address is used all the same: only a sandbox is one, because its owner said so."""
    page = built({"services/samba": service("Samba", hosts="[attic]")})["down.md"]
    assert "may be switched off" not in page
    assert "which machines these are: attic" in page.split("## What is missing here")[1]


def test_whoever_has_no_internet_reads_first_what_to_turn_off_and_on_and_a_rented_server_is_not_among_it() -> None:
    about = "## What it is and why\n\nThe white box in the hall. It is old.\n"
    files = {
        "services/lan": service("lan", type="network") + about,
        "services/nas": service("NAS", type="host"),
        "services/vps": service("Far", type="host", responsibility="2"),
    }
    page = built(files)["down.md"]
    tried = page.split("## When something does not work")[1].split("##")[0]
    assert page.index("## When something does not work") < page.index("## After a power cut")
    assert "(The white box in the hall), count to thirty" in tried
    assert "NAS" in tried
    assert "Far" not in tried
    assert "the box that the internet comes from" in built({"services/nas": files["services/nas"]})["down.md"]


def test_after_a_power_cut_nobody_needs_a_command_line() -> None:
    files = {**HOUSE, "services/nas": service("NAS", type="host") + "## What it is and why\n\nThe grey box under the stairs.\n"}
    files["services/nas"] += "\n## How to check it\n\n```\nzpool status -x\n```\n"
    power = built(files)["down.md"].split("## After a power cut")[1].split("##")[0]
    assert "The grey box under the stairs" in power
    assert "zpool" not in power
    assert "zpool status -x" in built(files)["services/start-order.md"]


def test_a_link_in_how_to_check_it_is_shown_by_its_words() -> None:
    check = "\n## How to check it\n\nas [[incidents/x|the first time]], or [here](https://a.example/b)\n"
    page = built({**HOUSE, "services/pg": HOUSE["services/pg"] + check})["services/start-order.md"]
    assert "as the first time, or here" in page


# ---- private ---------------------------------------------------------------------------------------------------------


def test_a_private_service_is_in_no_page_about_services() -> None:
    hidden = {
        "services/ghost": service("Ghost", private="true", hosts="[nas]", depends_on="[pg]", needs="[dns]"),
        "services/web": service("Web", hosts="[ghost]", depends_on="[ghost, pg]"),
    }
    found, besides = made({**HOUSE, **hidden})
    texts = {path: page.head + page.body + page.tail for path, page in found.items()} | dict(besides)
    assert not [path for path, text in texts.items() if "ghost" in text.lower()]


def test_a_name_of_a_service_is_no_markup_in_its_picture() -> None:
    hostile = '"><script>alert(1)</script>'
    files = {
        "services/a": service(f"'{hostile}'", depends_on=f"['{hostile}']", provides=f"['{hostile}x']"),
        "services/b": service("B", needs=f"['{hostile}x']", depends_on="[a]"),
    }
    for path in ("services/map.md", "services/a.md", "services/b.md"):
        page = whole(files, path)
        assert "<script" not in page
        assert svg(page) is not None


def test_the_history_tells_only_of_services_with_a_public_note_and_names_no_other() -> None:
    def upgraded(name: str, subject: str, after: str = "2.0") -> Event:
        return Event(name, "image", "1.0", after, commit="4be1e7a", subject=subject, at=datetime(2026, 11, 1, 12, tzinfo=UTC))

    told = SiteFacts(
        events=[
            upgraded("pg", "Upgrade the database"),
            upgraded("pg", "Upgrade ghost and pg", "3.0"),
            upgraded("pg", "Upgrade ghost-db and pg", "4.0"),
            upgraded("pg", "token", "https://ada:hunter2hunter2@registry.example/pg"),
            upgraded("ghost", "Upgrade"),
            upgraded("never-told", "Try it"),
        ]
    )
    found, besides = made({**HOUSE, "services/ghost": service("Ghost", private="true")}, told)
    texts = {path: page.head + page.body + page.tail for path, page in found.items()} | dict(besides)
    for word in ("ghost", "never-told", "hunter2hunter2"):
        assert not [path for path, text in texts.items() if word in text.lower()], word
    for path in ("services/pg.md", "changes/index.md"):
        assert "Upgrade the database" in texts[path]
        assert all(f"image 1.0 → {version}" in texts[path] for version in ("2.0", "3.0", "4.0")), path


def test_a_commit_that_added_a_crowd_is_one_line_of_the_changes() -> None:
    files = {f"services/s{n:02}": service(f"S {n}") for n in range(40)}
    crowd = [
        Event(f"s{n:02}", "added", commit="4be1e7a", subject="The stacks", at=datetime(2026, 11, 1, tzinfo=UTC))
        for n in range(40)
    ]
    found, _ = made(files, SiteFacts(events=crowd))
    assert found["changes/index.md"].head.count("The stacks") == 1
    assert "The stacks" in found["services/s39.md"].tail


def test_each_change_says_how_to_undo_it_without_the_folders_of_its_owner_and_without_what_is_private() -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    told = [
        Event("pg", "image", "1", "2", at=at, undo="image: pg:1 in db/compose.yaml, then cd ~/my/lab && docker compose up -d"),
        Event("pg", "ports", "1", "2", at=at, undo="cd '/srv/my lab' && git revert --no-edit 4be1e7a"),
        Event("pg", "volumes", "1", "2", at=at, undo="cd /srv && git checkout 4be1e7a^ -- ghost/compose.yaml"),
    ]
    note = "---\ntitle: Tidied up\ndate: 2026-10-31\nundo: docker start pihole-old\n---\n"
    files = {**HOUSE, "services/ghost": service("Ghost", private="true"), "changes/tidy": note}
    for path in ("changes/index.md", "services/pg.md"):
        page = made(files, SiteFacts(events=told))[0][path]
        shown = page.head + page.tail
        assert "<code>image: pg:1 in db/compose.yaml, then docker compose up -d</code></details>" in shown
        assert "<code>git revert --no-edit 4be1e7a</code></details>" in shown.replace("&#45;", "-")
        assert "my/lab" not in shown
        assert "my lab" not in shown
        assert "ghost" not in shown
    assert "<code>docker start pihole-old</code></details>" in made(files)[0]["changes/index.md"].head


def test_many_changes_of_files_have_a_page_for_each_year_and_in_a_full_year_for_each_month() -> None:
    def found(number: int) -> dict[str, str]:
        start = datetime(2026, 11, 20, tzinfo=UTC)
        told = [Event("pg", "image", "1", f"of-{n}-", at=start - timedelta(days=n * 360 / number)) for n in range(number)]
        return {path: page.head for path, page in made(HOUSE, SiteFacts(events=told))[0].items() if path.startswith("changes/")}

    assert set(found(200)) == {"changes/index.md"}
    pages = found(300)
    assert set(pages) == {"changes/index.md", "changes/files-2026.md", "changes/files-2025.md"}
    assert pages["changes/index.md"].count("of-") == 50
    assert "[2025](files-2025.md)" in pages["changes/index.md"]
    assert sum(pages[f"changes/files-{year}.md"].count("of-") for year in (2025, 2026)) == 300
    assert {"changes/files-2026-11.md", "changes/files-2026-02.md", "changes/files-2025.md"} <= set(found(600))


# ---- many notes --------------------------------------------------------------------------------------------------------


def test_a_service_with_many_incidents_shows_the_newest_and_where_all_of_them_are() -> None:
    incident = "---\ntitle: Stop {n}\ndate: {year}-03-{day:02}\nservices: [pg]\nstatus: resolved\n---\n## Error\n```\nFATAL number {n} of many\n```\n"
    files = {
        f"incidents/{year}-03-{n % 28 + 1:02}-stop-{n}": incident.format(n=n, year=year, day=n % 28 + 1)
        for year in (2025, 2026)
        for n in range(200)
    }
    page = whole({**HOUSE, **files}, "services/pg.md")
    assert page.count("[Stop ") == 2 * 30
    assert "[200 incidents of 2026](../incidents/year-2026.md#service=pg)" in page
    assert "[200 incidents of 2025](../incidents/year-2025.md#service=pg)" in page
    assert "[All 400 errors](../errors/" in page


def test_a_reference_in_a_first_line_shows_the_title_and_never_a_private_name() -> None:
    told = service("Web") + "## How to check it\n\nLook at [[services/pg]] and [[services/vault]].\n"
    private = service("Vault", private="true")
    page = whole({**HOUSE, "services/web": told, "services/vault": private}, GENERATED["order"])
    assert "Look at PG and a private note." in page


def test_an_address_with_a_variable_is_no_link() -> None:
    page = whole({**HOUSE, "services/web": service("Web", url="https://web.${DOMAIN}")}, "services/web.md")
    assert 'href="https://web' not in page
    assert "<code>https://web.&#36;&#123;DOMAIN&#125;</code>" in page


def test_a_history_that_cannot_be_read_is_no_fault_of_the_notes() -> None:
    site = catalog.site_map(KnowledgeBase(Path("/nowhere"), ()), SiteFacts(unread=["the history of x can't be read: no"]))
    assert site.problems() == []


def test_a_long_path_has_the_room_of_two_facts_and_breaks_after_a_slash() -> None:
    page = whole({**HOUSE, "services/web": service("Web", compose="/opt/stacks/mini/postgres/compose.yaml")}, "services/web.md")
    assert '- **Compose file** <span class="kb-wide"><code>/opt/<wbr>stacks/' in page


def test_of_hundreds_of_boxes_that_have_nothing_alike_those_with_most_lines_are_drawn() -> None:
    files = {f"services/s{n}": service(f"s{n}", depends_on=f"[s{n * 7 % 300}, s{(n * 13 + 1) % 300}]") for n in range(300)}
    page = whole(files, "services/map.md")
    assert "boxes these have most lines; the list below has all" in page
    assert 2 < page.count("<rect") <= 61
    assert "[s299](s299.md)" in page
