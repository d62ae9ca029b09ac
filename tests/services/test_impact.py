"""What stops with what: all the way, through capabilities, spares and circles; the start order; who may retire."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

import pytest
from commands import World

from kb.notes.kinds import Service
from kb.notes.knowledge_base import KnowledgeBase
from kb.services import service_needs
from kb.services.dependency_graph import Graph, Impact


def service(name: str, **front: object) -> Service:
    return Service(f"services/{name}", f"entries/services/{name}.md", {"title": name, **front})


def graph(*services: Service) -> Graph:
    return service_needs.graph(KnowledgeBase(Path("/lab"), services))


def impact(found: Graph, name: str) -> Impact:
    node = found.find(name)
    assert node is not None
    return found.impact(node)


def names(found: Impact) -> set[str]:
    return {stop.node.name for stop in found.services}


def order(found: Graph) -> list[str]:
    return [step.node.name for step in found.order()]


# ---- impact ----------------------------------------------------------------------------------------------------------


def test_what_stops_is_followed_all_the_way_by_its_path() -> None:
    lab = graph(service("nas", type="host"), service("postgres", hosts=["nas"]), service("gitea", depends_on=["postgres"]))
    found = impact(lab, "nas")
    assert names(found) == {"postgres", "gitea"}
    assert [node.name for node in found.path(found.stops["services/gitea"])] == ["nas", "postgres", "gitea"]


def test_an_alias_is_the_service() -> None:
    lab = graph(service("postgres", aliases=["db"]), service("gitea", depends_on=["DB"]))
    assert names(impact(lab, "db")) == {"gitea"}


def test_a_capability_stops_only_with_the_last_that_provides_it() -> None:
    users = service("gitea", needs=["dns"])
    one = graph(service("pihole", provides=["dns"]), users)
    two = graph(service("pihole", provides=["dns"]), service("router", provides=["DNS"]), users)
    assert names(impact(one, "pihole")) == {"gitea"}
    assert names(impact(two, "pihole")) == set()
    assert [(row.node.name, row.left) for row in impact(two, "pihole").weaker] == [("dns", ("router",))]
    assert names(impact(two, "dns")) == {"gitea"}


def test_what_runs_on_two_hosts_goes_on_with_one() -> None:
    lab = graph(service("nas", type="host"), service("mini", type="host"), service("pihole", hosts=["nas", "mini"]))
    assert names(impact(lab, "nas")) == set()
    assert [row.left for row in impact(lab, "nas").weaker] == [("mini",)]


def test_both_hosts_on_one_plug_are_no_spare() -> None:
    lab = graph(
        service("ups", type="device", provides=["power"]),
        service("nas", type="host", needs=["power"]),
        service("mini", type="host", needs=["power"]),
        service("pihole", hosts=["nas", "mini"]),
    )
    assert names(impact(lab, "ups")) == {"nas", "mini", "pihole"}
    assert not impact(lab, "ups").weaker


def test_a_host_without_a_note_has_an_impact_too() -> None:
    assert names(impact(graph(service("gitea", hosts=["attic"])), "Attic")) == {"gitea"}


def test_retired_services_neither_provide_nor_stop() -> None:
    lab = graph(
        service("old", provides=["dns"], retired="2026-01-01"),
        service("new", provides=["dns"]),
        service("gitea", needs=["dns"], depends_on=["old"]),
    )
    assert names(impact(lab, "new")) == {"gitea"}
    assert lab.find("old") is None


def test_circles_are_named_and_end() -> None:
    lab = graph(
        service("a", depends_on=["b"]),
        service("b", depends_on=["c"]),
        service("c", needs=["x"]),
        service("d", provides=["x"], hosts=["a"]),
    )
    assert names(impact(lab, "a")) == {"b", "c", "d"}
    assert [[node.name for node in circle] for circle in lab.circles] == [["a", "b", "c", "x", "d", "a"]]


# ---- order -----------------------------------------------------------------------------------------------------------


def test_hosts_and_disks_start_first_and_nothing_before_what_it_needs() -> None:
    lab = graph(
        service("app", depends_on=["db"], hosts=["nas"]),
        service("another"),
        service("db", hosts=["nas"], needs=["storage"]),
        service("tank", type="disk", hosts=["nas"], provides=["storage"]),
        service("nas", type="host"),
    )
    assert order(lab) == ["nas", "tank", "db", "another", "app"]


def test_a_name_without_a_note_is_taken_for_a_machine() -> None:
    lab = graph(service("lamp", type="network"), service("disk", type="disk"), service("app", hosts=["attic"]))
    assert [step.node.name for step in lab.order()] == ["lamp", "attic", "disk", "app"]


def test_a_circle_is_broken_at_one_place_and_that_is_said() -> None:
    lab = graph(service("a", depends_on=["b"]), service("b", depends_on=["c"]), service("c", depends_on=["a"]))
    steps = lab.order()
    assert len(steps) == 3
    assert [bool(step.before) for step in steps] == [True, False, False]


def test_a_circle_that_a_spare_breaks_costs_nothing() -> None:
    lab = graph(
        service("pihole", provides=["dns"], hosts=["nas"]),
        service("router", provides=["dns"], type="network"),
        service("nas", type="host", needs=["dns"]),
    )
    assert order(lab) == ["router", "nas", "pihole"]
    assert not any(step.before for step in lab.order())


def test_a_chain_of_ten_thousand_is_no_deeper_than_the_stack() -> None:
    lab = graph(service("s0"), *(service(f"s{i}", depends_on=[f"s{i - 1}"]) for i in range(1, 10_000)))
    assert len(names(impact(lab, "s0"))) == 9_999
    assert order(lab)[-1] == "s9999"


def test_a_thousand_providers_for_a_thousand_users_are_two_thousand_edges() -> None:
    lab = graph(
        *(service(f"p{i}", provides=["dns"]) for i in range(1000)), *(service(f"u{i}", needs=["dns"]) for i in range(1000))
    )
    assert sum(len(users) for users in lab.users.values()) == 2000
    assert names(impact(lab, "p1")) == set()


# ---- commands --------------------------------------------------------------------------------------------------------


def write(lab: World, notes: Iterable[Service]) -> None:
    for note in notes:
        lines = "".join(f"{key}: {json.dumps(value)}\n" for key, value in note.front.items())
        (lab.folder / note.path).write_text(f"---\n{lines}---\n")


@pytest.fixture
def house(lab: World) -> World:
    write(
        lab,
        [
            service("nas", type="host"),
            service("postgres", aliases=["db"], hosts=["nas"], mode="production"),
            service("gitea", depends_on=["postgres"], url="https://git.example.org", mode="production"),
            service("pihole", provides=["dns"]),
            service("router", provides=["dns"], type="network"),
            service("old", retired="2026-01-01"),
        ],
    )
    return lab


def test_impact_draws_a_tree_and_says_what_people_notice(house: World) -> None:
    shown = house.kb("service", "impact", "db")
    assert shown.out.splitlines() == [
        "postgres   app, on nas, production",
        "└─ gitea   depends on it",
        "",
        "1 service stops with it, 1 of them production",
        "people notice  gitea",
    ]


def test_impact_as_json_has_the_path(house: World) -> None:
    found = json.loads(house.kb("service", "impact", "nas", "--format", "json").out)
    assert [row["path"] for row in found["stops"]] == [["nas", "postgres"], ["nas", "postgres", "gitea"]]


def test_impact_as_svg_is_xml_and_as_mermaid_quotes_names(house: World) -> None:
    write(house, [service('ho"st]', type="host"), service("app", hosts=['ho"st]'])])
    ET.fromstring(house.kb("service", "impact", "nas", "--format", "svg").out)
    ET.fromstring(house.kb("service", "impact", 'ho"st]', "--format", "svg").out)
    assert 'n0["ho#34;st#93;"]' in house.kb("service", "impact", 'ho"st]', "--format", "mermaid").out


def test_an_unknown_or_retired_name_is_wrong_use(house: World) -> None:
    assert house.kb("service", "impact", "postgre5").status == 2
    assert "retired since 1 Jan 2026" in house.kb("service", "impact", "old").err


def test_the_order_is_a_list_that_a_person_can_follow(house: World) -> None:
    found = json.loads(house.kb("service", "order", "--json").out)
    assert [step["name"] for step in found["steps"]] == ["router", "nas", "postgres", "gitea", "pihole"]
    assert house.kb("service", "order").out.splitlines()[3] == "4  gitea     app      after postgres"


def test_retiring_the_only_provider_is_refused_and_says_who_needs_it(house: World) -> None:
    refused = house.kb("service", "retire", "db")
    assert refused.status == 2
    assert "gitea depends on it" in refused.err
    assert house.git("status", "--porcelain", "entries/services/postgres.md").startswith("??")
    assert "retired" not in (house.folder / "entries/services/postgres.md").read_text()
    assert house.kb("service", "retire", "db", "--yes", "--no-commit").status == 0


def test_retiring_writes_one_line_and_commits_it(house: World) -> None:
    house.git("add", "-A")
    house.git("commit", "-qm", "all")
    assert house.kb("service", "retire", "pihole").status == 0
    assert house.git("show", "--format=%s", "--numstat").split("\n")[0] == "service: pihole, retired"
    assert "retired: 2026-11-21\n" in (house.folder / "entries/services/pihole.md").read_text()
    assert house.kb("service", "retire", "router").status == 0, "nobody needs dns in this house"
