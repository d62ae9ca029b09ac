"""The pages as Markdown: what stands where, what never gets there, and that nothing in a note is markup by accident."""

from __future__ import annotations

import gc
import re
import weakref
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.notes import front_matter, front_matter_edit
from kb.notes.kinds import Note, kind_of_folder
from kb.notes.knowledge_base import KnowledgeBase
from kb.notes.problem import Problem
from kb.notes.settings import Settings
from kb.services.service_changes import Event
from kb.site import catalog
from kb.site.drawing.heat_map import heat_map
from kb.site.drawing.timeline import MOST_LANES, Edge, Row, rail
from kb.site.html import plain_markdown
from kb.site.html.markdown_html import Renderer, Resolved
from kb.site.html.own_markdown import own
from kb.site.pages import decision_list, error_list, long_list, tags, year_page
from kb.site.sitemap import markup, note_text, site_facts
from kb.site.sitemap.page import Page

TODAY = date(2026, 11, 21)


def lab(files: Mapping[str, str], attachments: tuple[str, ...] = ()) -> KnowledgeBase:
    """A knowledge base from files as they would stand under entries/."""
    notes = []
    for ref, text in files.items():
        parsed = front_matter.read(text.encode())
        path = f"entries/{ref}.md"
        problem = Problem(path, *parsed.problem) if parsed.problem else None
        kind = kind_of_folder(ref.partition("/")[0])
        notes.append(kind(ref, path, parsed.front, parsed.key_lines, parsed.body, parsed.body_line, problem))
    return KnowledgeBase(Path("/lab"), tuple(sorted(notes, key=lambda n: n.ref)), Settings(site_name="Attic"), (), attachments)


def built(files: Mapping[str, str], attachments: tuple[str, ...] = ()) -> dict[str, str]:
    """Every page as plain Markdown, by path."""
    base = lab(files, attachments)
    site = catalog.site_map(base)
    return {path: plain_markdown.plain(site, page) for path, page in catalog.all_pages(base, TODAY, site).items()}


def made(
    files: Mapping[str, str], told: site_facts.SiteFacts | None = None, **settings: Any
) -> tuple[dict[str, Page], Mapping[str, str]]:
    """Every page and every file besides, by path."""
    base = lab(files)
    base = replace(base, settings=replace(base.settings, **settings))
    site = catalog.site_map(base, told)
    return dict(catalog.all_pages(base, TODAY, site)), catalog.all_files(site, TODAY)


def nowhere(_address: str, _kind: str) -> Resolved:
    return Resolved()


def itself(address: str, _kind: str) -> Resolved:
    return Resolved(address)


JELLYFIN = """---
title: Jellyfin answers 502
date: 2026-04-24T01:07+01:00
resolved: 2026-04-24T01:41+01:00
status: resolved
services: [jf, nginx]
tags: [docker]
---
## Error
```
connect() failed (113: No route to host)
```
## Fix
`docker network connect proxy jellyfin`, see [[decisions/0003-traefik]].
## Why
<!-- nobody knows -->
## Next time
- [ ] alert on 502
- [x] pin the image
"""
TRAEFIK = "---\ntitle: Put Traefik in front\nstatus: accepted\ndate: 2026-01-10\n---\n## Decision Outcome\n\nBecause.\n"
SERVICE = "---\ntitle: Jellyfin\naliases: [jf]\ndepends_on: [nas]\n---\n## What it is and why\n\nFilms.\n"
NAS = "---\ntitle: NAS\ntype: host\n---\n"
LAB = {
    "incidents/2026-04-24-jellyfin": JELLYFIN,
    "decisions/0003-traefik": TRAEFIK,
    "services/jellyfin": SERVICE,
    "services/nas": NAS,
}


# ---- what stands where -------------------------------------------------------------------------------------------------


def test_an_empty_knowledge_base_says_how_to_begin() -> None:
    home = built({})["index.md"]
    assert "Never debug the same thing twice" in home
    assert "kb incident new" in home


def test_services_alone_are_told_by_what_hangs_on_them_and_how_to_go_on() -> None:
    users = {f"services/{name}": f"---\ntitle: {name}\ndepends_on: [db]\n---\n" for name in "abcdef"}
    home = built({**users, "services/db": "---\ntitle: db\n---\n"})["index.md"]
    assert "[db](services/db.md) (needed by 6)" in home
    assert home.index("How to go on") < home.index("kb incident new")


def test_one_of_a_thing_is_not_called_by_its_plural() -> None:
    home = built({"incidents/2026-01-01-x": "---\ntitle: It broke\n---\n"})["index.md"]
    assert "- **1** [incident](incidents/index.md)" in home


def test_all_that_is_to_do_says_its_command_and_how_often_as_one_says_it() -> None:
    found = built({"services/db": "---\ntitle: db\nbackup: restic\nbackup_every: 2w\nbackup_seen: 2026-01-01\n---\n"})[
        "to-do.md"
    ]
    assert "due every 2 weeks" in found
    assert "kb service readiness db" in found


def test_a_line_of_small_facts_ends_after_a_dot_and_never_begins_with_one() -> None:
    assert markup.dotted(["nas", "", "2 hours"], "kb-about") == '<span class="kb-about">nas\u00a0· 2 hours</span>'


def test_a_tiny_one_shows_its_notes_and_what_to_do_next() -> None:
    home = built({"incidents/2026-01-01-x": "---\ntitle: It broke\n---\n"})["index.md"]
    assert "It broke" in home
    assert "**Done:** Write down what broke last" in home
    assert "kb decision new" in home


def test_every_section_has_a_page_even_when_there_is_nothing_in_it() -> None:
    sections = {
        f"{name}/index.md" for name in ("incidents", "errors", "decisions", "services", "experiments", "changes", "tags")
    }
    assert sections < built({}).keys()


def test_home_shows_open_incidents_first_and_follow_ups_that_are_not_done() -> None:
    home = built({**LAB, "incidents/2026-11-20-y": "---\ntitle: Still broken\ndate: 2026-11-20\n---\n"})["index.md"]
    assert home.index("1 incident open") < home.index("Still broken") < home.index("Latest incidents")
    assert "alert on 502" in home
    assert "pin the image" not in home


def test_home_reminds_of_decisions_whose_review_is_due() -> None:
    home = built({"decisions/0001-x": "---\ntitle: One server\nstatus: accepted\nreview: 2026-11-01\n---\n"})["index.md"]
    assert "[One server](decisions/0001-x.md), due 1 Nov 2026" in home.partition("Decisions to look at again")[2]


def test_an_error_that_came_back_is_counted() -> None:
    again = JELLYFIN.replace("---\n## Error", "recurrence_of: incidents/2026-04-24-jellyfin\n---\n## Error").replace(
        "answers 502", "again"
    )
    home = built({**LAB, "incidents/2026-05-01-again": again})["index.md"]
    assert "What keeps coming back" in home
    assert "(2 times)" in home


def test_an_incident_has_its_facts_at_the_top_and_no_empty_sections() -> None:
    page = built(LAB)["incidents/2026-04-24-jellyfin.md"]
    assert page.index("**Took** 34 minutes") < page.index("## Error")
    assert "[jellyfin](../services/jellyfin.md), nginx" in page
    assert "## Why" not in page
    assert "nobody knows" not in page


def test_a_service_page_collects_what_the_other_notes_know() -> None:
    page = built(LAB)["services/jellyfin.md"]
    assert "It needs [nas](nas.md)." in page
    assert "connect() failed" in page
    assert "[Jellyfin answers 502](../incidents/2026-04-24-jellyfin.md)" in page


def test_impact_is_followed_all_the_way() -> None:
    chain = {f"services/s{n}": f"---\ntitle: S{n}\ndepends_on: [s{n + 1}]\n---\n" for n in range(4)}
    assert (
        "If it stops, so do [s2](s2.md), [s1](s1.md) (through s2), [s0](s0.md) (through s1)." in built(chain)["services/s3.md"]
    )


def test_services_that_need_one_another_are_no_endless_loop() -> None:
    ring = {"services/a": "---\ntitle: A\ndepends_on: [b]\n---\n", "services/b": "---\ntitle: B\ndepends_on: [a]\n---\n"}
    assert "If it stops, so does [b](b.md)." in built(ring)["services/a.md"]


def test_a_decision_shows_the_line_it_stands_in_from_either_side() -> None:
    line = {
        "decisions/0001-borg": "---\ntitle: Borg\nstatus: superseded\n---\n",
        "decisions/0002-restic": "---\ntitle: Restic\nstatus: superseded\nsupersedes: [decisions/0001-borg]\n---\n",
        "decisions/0003-server": "---\ntitle: Server\nstatus: accepted\nsupersedes: [decisions/0002-restic]\n---\n",
    }
    page = built(line)["decisions/0001-borg.md"]
    assert re.search(r"How it came to this.*\*\*Borg\*\*.*\[Restic\].*\[Server\]", page, re.DOTALL)
    assert "Linked from" not in page


def test_backlinks_stand_on_the_page_they_lead_to() -> None:
    _, _, tail = built(LAB)["decisions/0003-traefik.md"].partition("## Incidents and experiments")
    assert "[Jellyfin answers 502](../incidents/2026-04-24-jellyfin.md)" in tail
    changed = {**LAB, "changes/x": "---\ntitle: Moved it\n---\nas [[decisions/0003-traefik]] says\n"}
    _, _, tail = built(changed)["decisions/0003-traefik.md"].partition("## Linked from")
    assert "[Moved it](../changes/x.md)" in tail


def test_errors_stand_under_their_service_from_a_to_z() -> None:
    page = built(LAB)["errors/index.md"]
    assert page.index("## jellyfin") < page.index("## nginx")


def test_many_incidents_get_a_page_for_each_year() -> None:
    many = {f"incidents/{2020 + n % 5}-01-01-{n}": f"---\ntitle: N{n}\ndate: {2020 + n % 5}-01-01\n---\n" for n in range(301)}
    found = built(many)
    assert "incidents/year-2023.md" in found
    assert "N3\n" not in found["incidents/index.md"]


def test_of_decisions_made_on_one_day_the_higher_number_is_the_newer() -> None:
    page = built({f"decisions/000{n}-d": f"---\ntitle: D{n}\nstatus: accepted\ndate: 2026-11-21\n---\n" for n in (1, 2, 3)})[
        "index.md"
    ]
    assert page.index("D3") < page.index("D2") < page.index("D1")


def test_an_incident_that_was_written_down_afterwards_took_no_zero_minutes() -> None:
    moment = "2026-11-21T03:00+00:00"
    found = built({"incidents/x": f"---\ntitle: X\ndate: {moment}\nresolved: {moment}\nstatus: resolved\n---\n"})
    assert "0 min" not in "".join(found.values())


def test_pages_of_no_kind_are_linked_from_home() -> None:
    assert "[Network plan](network/plan.md)" in built({"network/plan": "# Network plan\n\ntext\n"})["index.md"]


# ---- decisions -----------------------------------------------------------------------------------------------------------


def decision(title: str, **fields: str) -> str:
    front = "".join(f"{key.replace('_', '-')}: {value}\n" for key, value in fields.items())
    return f"---\ntitle: {title}\n{front}---\ntext\n"


CHAIN = {
    "decisions/0001-borg": decision("Borg", status="superseded", date="2024-01-01"),
    "decisions/0002-restic": decision("Restic", status="accepted", date="2025-01-01", supersedes="[decisions/0001-borg]"),
    "decisions/0003-twice": decision("Twice a day", status="accepted", date="2026-01-01", amends="[decisions/0002-restic]"),
    "decisions/0004-alone": decision("Alone", status="accepted", date="2026-02-01", review="2027-03-01"),
}


def test_chains_are_drawn_with_what_replaced_and_what_amended() -> None:
    page = made(CHAIN)[0]["decisions/chains.md"].head
    assert page.index("[Borg]") < page.index("[Restic]") < page.index("[Twice a day]")
    assert "3 decisions in 1 chain" in page
    assert "replaces 0001" in page
    assert "amends 0002" in page
    assert page.count("kb-line--dashed") == 2
    assert "[Alone]" not in page


def test_a_circle_of_superseding_is_drawn_all_the_same() -> None:
    ring = {
        f"decisions/000{n}-d": decision(f"D{n}", status="superseded", supersedes=f"[decisions/000{n % 3 + 1}-d]")
        for n in (1, 2, 3)
    }
    found = built(ring)
    assert all(f"D{n}" in found["decisions/0001-d.md"] for n in (1, 2, 3))


def test_decisions_stand_by_time_with_the_reviews_that_are_ahead() -> None:
    page = built(CHAIN)["decisions/timeline.md"]
    assert page.index("## Ahead") < page.index("## 2026") < page.index("## 2025") < page.index("## 2024")
    assert "1 Mar 2027 [Alone](0004-alone.md)" in page
    assert "replaced Borg" in page


def test_a_review_that_is_due_stands_above_the_decisions() -> None:
    page = built({"decisions/0001-x": decision("One server", status="accepted", review="2026-11-01")})["decisions/index.md"]
    assert page.index("## To be looked at again") < page.index("review was due 1 Nov 2026") < page.index("## In force")


# ---- what stands around a note ---------------------------------------------------------------------------------------------


def incident(title: str, date: str, error: str = "", **fields: str) -> str:
    front = "".join(f"{key}: {value}\n" for key, value in fields.items())
    return f"---\ntitle: {title}\ndate: {date}\n{front}---\n" + (f"## Error\n```\n{error}\n```\n" if error else "text\n")


def test_an_incident_that_came_back_says_each_time_whether_the_old_fix_held() -> None:
    files = {
        "incidents/a": incident("First", "2026-01-01"),
        "incidents/b": incident("Second", "2026-02-01", recurrence_of="incidents/a", held="true"),
        "incidents/c": incident("Third", "2026-03-01", recurrence_of="incidents/b", held="false"),
    }
    _, _, page = built(files)["incidents/b.md"].partition("## It came back")
    assert re.search(r"First.*first seen.*\*\*Second\*\*.*the old fix held.*Third.*the old fix did not hold", page, re.DOTALL)


def test_an_incident_shows_what_changed_in_its_services_in_the_two_days_before() -> None:
    def event(service: str, day: int, after: str) -> Event:
        return Event(service, "image", "1", after, at=datetime(2026, 4, day, 12, tzinfo=UTC))

    told = site_facts.SiteFacts(events=(event("jellyfin", 23, "2.5"), event("jellyfin", 20, "2.4"), event("gitea", 23, "2.3")))
    page = made(LAB, told)[0]["incidents/2026-04-24-jellyfin.md"].tail
    assert "Changed shortly before" in page
    assert "2.5" in page
    assert "2.4" not in page
    assert "2.3" not in page


def test_home_says_what_changed_in_the_last_two_weeks() -> None:
    def event(day: int, after: str) -> Event:
        return Event("jellyfin", "image", "1", after, at=datetime(2026, 11, day, 12, tzinfo=UTC))

    home = made(LAB, site_facts.SiteFacts(events=(event(20, "2.5"), event(2, "2.4"))))[0]["index.md"].head
    assert "Changed lately" in home
    assert "2.5" in home
    assert "2.4" not in home


def test_no_change_of_a_private_service_is_shown() -> None:
    files = {"services/ghost": "---\ntitle: Ghost\nprivate: true\n---\n", "changes/x": "---\ntitle: X\ndate: 2026-04-01\n---\n"}
    told = site_facts.SiteFacts(events=(Event("ghost", "image", "1", "9.9", at=datetime(2026, 4, 1, tzinfo=UTC)),))
    assert "9.9" not in made(files, told)[0]["changes/index.md"].head


def test_notes_that_share_rare_words_of_an_error_are_related_and_a_common_service_relates_none() -> None:
    files = {
        "incidents/a": incident("One", "2026-01-01", "zpool vdev degraded", services="[nas]"),
        "incidents/b": incident("Two", "2025-06-01", "zpool: vdev tank degraded again", services="[nas]"),
        "incidents/c": incident("Other", "2025-01-01", "certificate expired", services="[nas]"),
    }
    _, _, page = built(files)["incidents/a.md"].partition("## Related")
    assert "[Two](b.md)" in page.partition("before it")[0]
    assert "[Other]" not in page.partition("before it")[0]


def test_each_note_leads_to_the_one_before_it_and_the_one_after_it() -> None:
    page = built({f"incidents/{n}": incident(f"N{n}", f"2026-0{n + 1}-01") for n in range(3)})["incidents/1.md"]
    assert "(before it) [N0](0.md)" in page
    assert "(after it) [N2](2.md)" in page


def test_notes_that_link_to_one_another_make_a_thread() -> None:
    files = {
        "incidents/a": "---\ntitle: Broke\ndate: 2026-01-01\nservices: [nas]\n---\nled to [[decisions/0001-x]]\n",
        "decisions/0001-x": decision("Buy a UPS", status="accepted", date="2026-02-01", services="[nas]"),
        "incidents/b": incident("Not linked", "2026-03-01", services="[nas]"),
    }
    page = made(files)[0]["graph.md"].head
    assert "2 notes link to one another, in 1 thread" in page
    assert page.count("kb-node--circle") == 2  # the note, and the sign in the key
    assert "Not linked" not in page


def test_a_table_is_markdown_in_a_staged_page() -> None:
    head = (
        '<div class="kb-x"><table class="kb-table"><thead><tr><th scope="col">a</th><th>b</th></tr></thead>'
        '<tbody><tr data-x="1"><th><a href="s/x.md" title="t">x|y</a></th><td><span class="kb-state">no</span></td></tr></tbody></table></div>'
    )
    text = plain_markdown.plain(catalog.site_map(lab({})), Page("x.md", "X", head))
    assert text.split("\n") == ["| a | b |", "|---|---|", "| [x&#124;y](s/x.md) | *no* |", ""]


# ---- many notes ------------------------------------------------------------------------------------------------------------

SMALL = (
    (long_list, "ON_ONE_PAGE", 3),
    (long_list, "IN_A_YEAR", 4),
    (year_page, "IN_A_YEAR", 6),
    (error_list, "ON_ONE_PAGE", 3),
    (error_list, "ON_A_LETTER", 4),
    (error_list, "ON_A_SERVICE", 3),
    (tags, "ON_ONE_PAGE", 3),
    (decision_list, "ON_ONE_PAGE", 3),
    (decision_list, "OF_A_GROUP", 2),
)


def busy() -> dict[str, str]:
    """Notes of every kind that refer to one another, in three years."""
    files = dict(LAB) | CHAIN
    for n in range(24):
        files[f"incidents/{n:02}"] = incident(
            f"N{n}",
            f"202{4 + n % 3}-0{n % 9 + 1}-0{n % 2 + 1}T10:00+00:00",
            f"kernel: oops {n} in module{n % 5}",
            services=f"[jf, 'odd name {n % 3}', s{n % 2}]",
            tags=f"[a, 'b c', T{n % 4}, t{n % 4}, ä]",
            resolved=f"202{4 + n % 3}-0{n % 9 + 1}-0{n % 2 + 1}T1{n % 9}:30+00:00",
            **({"recurrence_of": f"incidents/{n - 5:02}"} if n > 5 else {}),
        )
        files[f"decisions/00{n + 10}-d"] = decision(
            f"D{n}", status="accepted" if n % 2 else "proposed", date=f"2025-03-0{n % 9 + 1}"
        )
    files["experiments/e"] = "---\ntitle: Drill\ndate: 2026-05-05\ndecisions: [decisions/0010-d]\n---\nx\n"
    files["network/plan"] = "# Plan\n\nsee [[incidents/03]]\n"
    return files


@pytest.mark.parametrize("many", [False, True])
def test_every_link_of_every_page_leads_to_a_page_and_its_anchor(many: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, number in SMALL if many else ():
        monkeypatch.setattr(module, name, number)
    found, _ = made(busy())
    anchors = {
        path: {*re.findall(r"\{#([\w-]+)\}", page.head + page.tail), *re.findall(r' id="([\w-]+)"', page.head + page.tail)}
        for path, page in found.items()
    }
    dead = []
    for path, page in found.items():
        for pair in re.findall(r'\]\(([^()\s]+)\)|href="([^":]+)"', page.head + page.tail):
            href, _, anchor = next(filter(None, pair)).partition("#")
            goal = normpath(join(dirname(path), unquote(href))) if href else path
            if goal != "feed.atom" and (goal not in found or (anchor and "=" not in anchor and anchor not in anchors[goal])):
                dead.append((path, next(filter(None, pair))))
    assert dead == []
    assert ("errors/of-s0-2.md" in found) == many
    assert ("incidents/year-2025-02.md" in found) == many


def test_every_dated_note_stands_once_in_its_year() -> None:
    found, _ = made(busy())
    text = "".join(found[f"years/{year}.md"].head for year in (2024, 2025, 2026))
    for ref in ("incidents/07", "decisions/0012-d", "experiments/e", "decisions/0001-borg"):
        assert text.count(f"(../{ref}.md)") == 1


def test_no_page_grows_beyond_what_a_phone_loads() -> None:
    files = {
        f"incidents/{n:04}": incident(f"N{n}", f"2026-0{n % 9 + 1}-01", f"error {n} x{n}", services="[one]", tags="[tag]")
        for n in range(1500)
    }
    found, besides = made(files)
    assert max(len(page.head) + len(page.tail) for page in found.values()) < 250_000
    assert len(besides["llms.txt"]) < 250_000


# ---- for programs ----------------------------------------------------------------------------------------------------------

ATOM = "{http://www.w3.org/2005/Atom}"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")


@pytest.mark.parametrize("files", [{}, LAB, {"incidents/x": '---\ntitle: "<b>\\u0007 & ]]>"\ndate: 2026-01-01\n---\n'}])
@pytest.mark.parametrize("url", ["", "https://lab.example/kb"])
def test_the_feed_keeps_the_rules_of_rfc_4287(files: Mapping[str, str], url: str) -> None:
    _, besides = made(files, site_url=url)
    feed = ElementTree.fromstring(besides["feed.atom"])
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert str(element.findtext(f"{ATOM}id")).startswith("urn:uuid:")
        assert all(
            MOMENT.fullmatch(str(found.text)) for found in element if found.tag in (f"{ATOM}updated", f"{ATOM}published")
        )
        links = [found.get("href", "") for found in element.findall(f"{ATOM}link") if found.get("rel") == "alternate"]
        assert len(links) == 1
        assert links[0].startswith(url or ("index.html", "incidents/", "decisions/"))
    assert len(feed.findall(f"{ATOM}author/{ATOM}name")) == 1  # of the feed, and so of its entries
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids) == len([ref for ref in files if ref.startswith(("incidents", "decisions"))])
    assert feed.findtext(f"{ATOM}updated") == max(
        (str(e.findtext(f"{ATOM}updated")) for e in entries), default="2026-11-21T00:00:00+00:00"
    )


def test_llms_txt_names_every_note_with_its_page_and_its_fix() -> None:
    _, besides = made(LAB, directory_urls=True)
    lines = besides["llms.txt"].splitlines()
    assert lines[0] == "# Attic"
    assert lines[2].startswith("> ")
    assert (
        "- [Jellyfin answers 502](incidents/2026-04-24-jellyfin/): 2026-04-24, resolved, jellyfin, nginx; "
        "docker network connect proxy jellyfin, see Put Traefik in front." in lines
    )


# ---- links -------------------------------------------------------------------------------------------------------------


def test_a_reference_becomes_a_link_with_the_title_of_its_note() -> None:
    assert "see [Put Traefik in front](../decisions/0003-traefik.md)" in built(LAB)["incidents/2026-04-24-jellyfin.md"]


def test_a_reference_can_name_a_heading() -> None:
    page = built({**LAB, "changes/x": "---\ntitle: X\n---\n[[services/jellyfin#What it is, and why?]]\n"})["changes/x.md"]
    assert "[Jellyfin](../services/jellyfin.md#what-it-is-and-why)" in page


def test_what_looks_like_a_reference_in_code_stays_code() -> None:
    page = built({"incidents/x": "---\ntitle: X\n---\n`[[ -f a ]]` and\n```\n[[ -d b ]]\n```\n"})["incidents/x.md"]
    assert "`[[ -f a ]]`" in page
    assert "[[ -d b ]]" in page


def test_a_dead_link_is_text_and_a_problem_with_its_line() -> None:
    base = lab({"incidents/x": "---\ntitle: X\n---\nsee [[nowhere]]\n"})
    (problem,) = catalog.site_map(base).problems()
    assert str(problem) == "entries/incidents/x.md:4: a dead link to nowhere: `kb list` shows the refs"


def test_a_file_outside_the_notes_is_no_dead_link() -> None:
    base = lab({"services/x": "---\ntitle: X\n---\nsee [compose](../../stacks/compose.yml) and [gone](gone.png)\n"})
    assert [problem.message for problem in catalog.site_map(base).problems()] == [
        "a dead link to gone.png: correct it or remove it"
    ]


def test_a_name_without_a_note_is_no_dead_link() -> None:
    assert (
        catalog.site_map(lab({"incidents/x": "---\ntitle: X\nservices: [nginx]\ncaused_by: 4be1e7a\n---\n"})).problems() == []
    )


def test_only_files_that_a_note_links_to_are_published() -> None:
    files = ("entries/incidents/a.png", "entries/incidents/b.png", "entries/incidents/run.html", "entries/assets/c.png")
    text = "---\ntitle: X\n---\n![a](a.png) [r](run.html) ![c](../assets/c.png)\n"
    found = catalog.site_map(lab({"incidents/x": text}, files)).attachments
    assert found == {"incidents/a.png": "entries/incidents/a.png", "files/assets/c.png": "entries/assets/c.png"}


@pytest.mark.parametrize("ref", ["incidents/index", "incidents/README", "index", "tags/Index", "incidents/INDEX_"])
def test_a_generated_page_never_meets_a_note(ref: str) -> None:
    found = built({ref: "---\ntitle: Mine\n---\nmy text\n"})
    mine = [path for path, text in found.items() if "my text" in text]
    assert len(mine) == 1
    folded = [re.sub(r"readme\.md$", "index.md", path.casefold()) for path in found]
    assert len(folded) == len(set(folded))


def test_two_notes_that_differ_in_case_alone_get_two_pages() -> None:
    found = built({"incidents/Case": "---\ntitle: One\n---\n", "incidents/case": "---\ntitle: Two\n---\n"})
    assert {"incidents/Case.md", "incidents/case_.md"} < found.keys()


# ---- what never gets there -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["true", "yes", "on", "maybe", "[1]", '"true"'])
def test_nothing_of_a_private_note_is_on_any_page(value: str) -> None:
    secret = f"---\ntitle: Zebra\nprivate: {value}\ntags: [stripes]\nservices: [jellyfin]\n---\n## Error\n```\nhoof\n```\n"
    ghost = f"---\ntitle: Phantom\naliases: [spook]\nprivate: {value}\n---\n"
    public = "---\ntitle: Open\nservices: [phantom, jellyfin]\nhosts: [spook]\nrecurrence_of: incidents/z\n---\nsee [[incidents/z]] and [[spook]]\n"
    found = built({**LAB, "incidents/z": secret, "services/phantom": ghost, "incidents/open": public})
    _, besides = made({**LAB, "incidents/z": secret, "services/phantom": ghost, "incidents/open": public})
    text = "\n".join([*found, *found.values(), *besides.values()]).lower()
    for word in ("zebra", "stripes", "hoof", "phantom", "spook", "incidents/z"):
        assert word not in text
    assert found["incidents/open.md"].count("a private note") == 2


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: [Zebra\nprivate: true\n---\nhoof\n",
        "---\ntitle: Zebra\nprivate: true\nhoof\n",
        "---\nprivate: true\nprivate: true\n---\nhoof\n",
    ],
)
def test_a_broken_note_that_was_meant_to_be_private_stays_private(text: str) -> None:
    found = built({"incidents/z": text})
    assert "hoof" not in "\n".join(found.values())


def test_a_broken_note_shows_its_text_and_what_is_wrong() -> None:
    page = built({"incidents/broken": "---\ntitle: a: b\n---\nhere is text\n"})["incidents/broken.md"]
    assert page.index("This note needs mending") < page.index("here is text")
    assert "entries/incidents/broken.md:2" in page


# ---- text stays text ------------------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[x](javascript:alert(1))",
    "**bold** _it_ `code` | # - +",
    "</title><script>alert(1)</script>",
    "&lt;script&gt; &#60;b&#62;",
    "a\u202eb\x1b[31m\x00c",
    "{{ config }} {% raw %} ${x} \\",
    "[[incidents/x]] ![i](http://evil/i.png)",
]


def rendered(files: Mapping[str, str]) -> str:
    """The HTML of every page, as the site has it between the theme's frame."""
    base = lab(files)
    site = catalog.site_map(base)
    renderer = Renderer()
    parts = []
    for page in catalog.all_pages(base, TODAY, site).values():
        parts += [
            own(page.head, itself).html,
            own(page.tail, itself).html,
        ]
        if page.note:
            parts.append(renderer.note(page.body, nowhere, str.lower).html)
    return "\n".join(parts)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_note_becomes_markup_of_a_page(text: str) -> None:
    quoted = front_matter_edit.quoted(text)
    fields = f"title: {quoted}\ndate: 2026-01-01\nservices: [{quoted}]\ntags: [{quoted}]\nlayer: {quoted}\nhosts: [{quoted}]\nreview: {quoted}\n"
    service = (
        f"---\ntitle: {quoted}\naliases: [{quoted}]\nurl: {quoted}\nimage: {quoted}\ndepends_on: [{quoted}]\n---\n{text}\n"
    )
    html = rendered(
        {
            "incidents/x": f"---\n{fields}---\n## Error\n```\n{text}\n```\n## Fix\n{text}\n## Next time\n- [ ] {text}\n",
            "decisions/0001-x": f"---\n{fields}---\n{text}\n",
            "services/x": service,
            "services/y": service,
        }
    )
    assert_inert(html)


def assert_inert(html: str) -> None:
    tags = re.findall(r"<[a-zA-Z][^>]*>", html)
    assert not [
        tag for tag in tags if re.match(r"<(script|iframe|object|embed|link|meta|style|base|form)\b", tag, re.IGNORECASE)
    ]
    assert not [tag for tag in tags if re.search(r"\son\w+\s*=", re.sub(r'"[^"]*"', '""', tag), re.IGNORECASE)]
    assert not re.search(r"(?:href|src)=\"\s*(?:javascript|data|vbscript|file):", html, re.IGNORECASE)
    assert not re.search(r"<img[^>]*src=\"(?:https?:)?//", html, re.IGNORECASE)


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "<div markdown=1><script>alert(1)</script></div>",
        "[a](javascript:alert(1)) [b](JaVa\tScript:alert(1)) [c](&#106;avascript:alert(1)) [d](%6Aavascript:alert(1)) [e](data:text/html,x)",
        "[r][1]\n\n[1]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "text{onclick=alert(1)} **b**{style=position:fixed onmouseover=alert(1)}",
        "# h {#__config}\n\np\n{#__search data-md-component=search}",
        "![x](http://evil.example/x.png) ![y](//evil.example/y.png) ![z](data:image/svg+xml,x)",
        "``` {.mermaid onclick=alert(1)}\ngraph\n```",
        "```mermaid\ngraph\n```",
        "p\n{.mermaid}",
        "[x]: <javascript:alert(1)>\n\n[x]",
        "x[^1]\n\n[^1]: <script>alert(1)</script>",
        '*[HTML]: "><script>alert(1)</script>\n\nHTML',
        '!!! note "<script>alert(1)</script>"\n    x',
        '??? tip "<img src=x onerror=alert(1)>"\n    x',
        '=== "<script>alert(1)</script>"\n    x',
        "| a |\n|---|\n| <script>alert(1)</script> |",
        "\\<script>alert(1)\\</script>",
        "a <!-- b --> <!--><script>alert(1)</script> -->",
        '<https://x/"onmouseover=alert(1)>',
        "\x02wzxhzdk:0\x03 \x02klzzwxh:0001\x03",
    ],
)
def test_the_text_of_a_note_can_do_nothing(text: str) -> None:
    html = Renderer().note(text, nowhere, str.lower).html
    assert_inert(html)
    assert not re.search(r'(?:id="__(?:config|search)|data-md-|class="[^"]*\bmermaid\b)', html)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
MARKS = st.text(st.sampled_from("<>[](){}!*_`~|#&;:/\\\"'= \n\tajonscriptx-.1"), max_size=120)


@given(TEXT | MARKS)
def test_whatever_is_escaped_shows_as_text(text: str) -> None:
    html = own(
        f"- {markup.link(text, 'x.md')} {markup.span(text, 'kb-about')} {markup.code(text)}",
        itself,
    ).html
    assert set(re.findall(r"<(/?\w+)", html)) <= {"ul", "/ul", "li", "/li", "a", "/a", "span", "/span", "code", "/code"}
    assert html.count("<a ") == 1


@given(MARKS)
def test_no_note_renders_to_something_that_runs(text: str) -> None:
    assert_inert(RENDERER.note(text, nowhere, str.lower).html)


RENDERER = Renderer()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 30_000,
        ">" * 5_000,
        "- " * 3_000 + "x",
        "*a " * 10_000,
        "![" * 9_000,
        "<" * 30_000,
        "a" * 400_000,
        "`" * 9_999,
        "[a](" * 9_000,
        "---\n" * 9_000,
        "a\n---\n" * 6_000,
        "# a\n" * 8_000,
        '=== "tab"\n    x\n' * 3_000,
        "".join(f"*[A{number}]: x\n\n" for number in range(2_000)),
        "```\n" + "*a `b " * 300,  # a fence that is never closed is none
    ],
)
def test_a_text_made_to_be_slow_is_shown_as_it_is(text: str) -> None:
    found = RENDERER.note(text, nowhere, str.lower)
    assert found.plain.endswith(" to be rendered")
    assert found.html.startswith('<pre class="kb-as-is">')


@pytest.mark.parametrize(
    "text",
    [
        "```log\n" + "*a [b] `c <d>\n\n" * 900 + "```\n",
        "~~~\n" + "[x] " * 200 + "\n~~~\n",
        "a\n---\n\n" * 900,
        "| a | b |\n|---|---|\n" + "| *x* | `y` |\n" * 900,
        "- [ ] one\n" * 900,
        "See *this* and [that](x.md).\n\n" * 900,
    ],
)
def test_a_long_but_honest_text_is_rendered(text: str) -> None:
    assert RENDERER.note(text, nowhere, str.lower).plain == ""


def test_a_name_too_long_for_a_page_is_cut_and_two_of_them_stay_apart() -> None:
    found = built({f"incidents/{'a' * 251}": "---\ntitle: One\n---\n", f"incidents/{'a' * 250}é": "---\ntitle: Two\n---\n"})
    mine = {path for path in found if path.startswith("incidents/aaa")}
    assert mine == {f"incidents/{'a' * 240}.md", f"incidents/{'a' * 240}_.md"}


# ---- the note's text ---------------------------------------------------------------------------------------------------


def shown(text: str, title: str = "T") -> str:
    return note_text.shown(Note("incidents/x", "entries/incidents/x.md", {"title": title}, {}, text))


def test_remarks_are_dropped_but_not_those_inside_code() -> None:
    assert (
        shown("a <!-- b\nc --> d\n```xml\n<!-- kept -->\n```\n`<!-- too -->`\n")
        == "a  d\n\n```xml\n<!-- kept -->\n```\n\n`<!-- too -->`"
    )


def test_sections_without_anything_in_them_are_left_out_with_their_parents() -> None:
    assert shown("## A\n\n### B\n\n- [ ] \n\n## C\n\nx\n\n## D\n```\n\n```\n") == "## C\n\nx"


@pytest.mark.parametrize(
    "heading",
    [
        "T",
        "1. T",
        "ADR-0001: T",
        "0001 - T",
        "ADR 1 – T",
        "[ADR-7] T",
        "# 3 T",
        "t",
        "*T*",
        "0001 T",
        "Architecture Decision Record: T",
    ],
)
def test_a_heading_that_repeats_the_title_is_left_out_with_its_number(heading: str) -> None:
    assert shown(f"\n# {heading}\n\ntext") == "text"


@pytest.mark.parametrize(
    ("title", "heading"), [("T", "Other"), ("502 Bad Gateway", "504 Bad Gateway"), ("1. T", "2. T"), ("T", "3 T")]
)
def test_a_heading_that_says_something_else_stays(title: str, heading: str) -> None:
    assert shown(f"# {heading}\n\ntext", title) == f"# {heading}\n\ntext"


# ---- pictures ----------------------------------------------------------------------------------------------------------


def test_the_heat_map_counts_each_day_and_leaves_the_future_out() -> None:
    notes = lab({f"incidents/{n}": f"---\ntitle: x\ndate: 2026-11-{20 + n}\n---\n" for n in range(3)}).notes
    picture = heat_map(notes, TODAY)
    assert "2 notes on 2 days" in picture
    assert "22 Nov" not in picture


def test_the_heat_map_of_nothing_is_nothing() -> None:
    assert heat_map([], TODAY) == ""


def test_a_day_with_one_note_leads_to_it_and_one_with_more_to_the_day_in_its_year() -> None:
    older = {f"decisions/{n}": f"---\ntitle: d{n}\ndate: 2026-10-0{n}\n---\n" for n in (1, 2)}
    found, _ = made({**older, **{f"incidents/{n}": f"---\ntitle: n{n}\ndate: 2026-11-{20 + n // 2}\n---\n" for n in range(3)}})
    assert '<a href="years/2026.md#d2026-11-20" tabindex="-1"><title>2 notes, 20 Nov 2026' in found["index.md"].head
    assert '<a href="incidents/2.md" tabindex="-1"><title>n2, 21 Nov 2026' in found["index.md"].head
    assert 'id="d2026-11-20"' in found["years/2026.md"].head


def test_times_to_fix_are_points_that_lead_to_their_incidents() -> None:
    files = {
        f"incidents/{n}": f"---\ntitle: n{n}\ndate: 2026-1{n % 2}-0{n + 1}T10:00+00:00\nresolved: 2026-1{n % 2}-0{n + 1}T1{n}:30+00:00\n---\n"
        for n in range(4)
    }
    found, _ = made(files)
    assert '<a href="incidents/3.md" tabindex="-1"><title>n3: 4 hours' in found["index.md"].head


EDGES = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 11), st.booleans()).filter(lambda e: e[0] < e[1]), max_size=MOST_LANES - 1
)


@given(EDGES)
def test_a_line_beside_a_list_runs_from_its_first_row_to_its_last(edges: list[tuple[int, int, bool]]) -> None:
    drawn = rail([Row(str(n)) for n in range(12)], [Edge(*edge) for edge in edges])
    assert drawn.count("kb-dot") == 12
    assert drawn.count('class="kb-line') == sum(end - start + 1 for start, end, _ in edges)
    assert drawn.count("kb-line--dashed") == sum(end - start + 1 for start, end, dashed in edges if dashed)


@pytest.mark.parametrize("here", ["index.md", "a/b.md", "a/c/d.md"])
@pytest.mark.parametrize("there", ["index.md", "a/x.md", "b/y (1).md", "a/c/ü#?.md"])
def test_relative_addresses_lead_back(here: str, there: str) -> None:
    assert normpath(join(dirname(here), unquote(markup.path_link(there, here)))) == there


# ---- what a site remembers -------------------------------------------------------------------------------------------

DRILLED = {
    "services/postgres": "---\ntitle: postgres\nbackup: restic\nbackup_seen: 2026-04-01\n---\n",
    "incidents/a": "---\ntitle: A\nservices: [postgres]\ndate: 2026-04-01\ntags: [disk]\n---\n## Error\n```\nE: no space\n```\n[[decisions/0001-x]]\n",
    "decisions/0001-x": "---\ntitle: X\ndate: 2026-04-01\n---\n",
    "decisions/0002-y": "---\ntitle: Y\ndate: 2026-04-01\nsupersedes: [0001]\n---\n",
}


def test_a_day_has_its_own_facts_whichever_day_was_asked_about_first() -> None:
    site = catalog.site_map(lab(DRILLED))
    first, later = date(2026, 4, 1), date(2027, 4, 1)
    assert [site.facts(day).now.date() for day in (first, later, first)] == [first, later, first]
    assert site.facts(first) is site.facts(first)
    assert [site.facts(day).is_backup_late(site.services[0]) for day in (first, later)] == [False, True]


def test_a_site_that_withholds_a_file_does_not_answer_as_the_one_before() -> None:
    base = lab({"incidents/x": "---\ntitle: X\n---\n[log](x.png)\n"}, ("entries/incidents/x.png",))
    site = catalog.site_map(base)
    assert site.target(base.notes[0], "x.png", "file").path == "incidents/x.png"
    without = replace(site, withheld=frozenset({"entries/incidents/x.png"}))
    assert without.target(base.notes[0], "x.png", "file").dead


def test_a_served_site_does_not_keep_the_notes_of_every_build() -> None:
    site = catalog.site_map(
        lab(DRILLED), site_facts.SiteFacts(events=[Event("postgres", "image", "1", "2", at=datetime(2026, 4, 1, tzinfo=UTC))])
    )
    catalog.all_pages(site.whole, TODAY, site)
    catalog.all_files(site, TODAY)
    gone: list[weakref.ref[Any]] = [weakref.ref(site), weakref.ref(site.base), weakref.ref(site.whole)]
    del site
    gc.collect()
    assert [of() for of in gone] == [None, None, None]
