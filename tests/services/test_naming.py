"""What the services of an import are called, on which machines they run, and which note is whose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from kb.importers.service_files import read_all
from kb.notes.kinds import Service
from kb.notes.knowledge_base import KnowledgeBase
from kb.services import note_sync
from kb.services.note_sync import ServiceUpdate


def wanted(files: Mapping[str, str], *notes: Service) -> list[ServiceUpdate]:
    """What the import of these files into a knowledge base with these notes wants."""
    found, problems = note_sync.wanted(
        KnowledgeBase(Path("/lab"), notes), read_all(list(files), files.get), (), files.__contains__
    )
    assert not problems
    return found


def named(*files: str) -> list[str]:
    """What services are called, each written as `folder/file.yml service`."""
    texts: dict[str, str] = {}
    for name, _, service in (file.partition(" ") for file in files):
        texts[name] = texts.get(name, "services:\n") + f"  {service}: {{image: {service}}}\n"
    return [want.name for want in wanted(texts)]


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["media/compose.yml tv"], ["tv"]),
        (["wiki/compose.yml db", "photos/compose.yml db"], ["photos-db", "wiki-db"]),
        (
            ["immich/compose.yml server", "immich/compose.yml immich-server", "b/compose.yml server"],
            ["b-server", "immich-server-2", "immich-server"],
        ),
        # One project on two machines: the machine tells them apart, and the number in front of a folder is no name.
        (["services/pi/01-infra/c.yml tr", "services/nas/01-infra/c.yml tr"], ["nas-tr", "pi-tr"]),
        (["pi/pihole/compose.yml pihole", "nas/pihole/compose.yml pihole"], ["nas-pihole", "pi-pihole"]),
        (["nas/docker/n8n/compose.yml n8n", "pi/n8n/containers/n8n.yml n8n"], ["nas-n8n", "pi-n8n"]),
        (["docker/n8n/compose.yml n8n", "containers/n8n/compose.yml n8n"], ["containers-n8n", "docker-n8n"]),
        (["pihole/compose.yml pihole", "pihole-old/compose.yml pihole"], ["pihole", "pihole-old"]),
        # One folder with a file for each machine: none of them is the one. `backup.yml` of `backup` is.
        (["backup/compose.nas.yml backup", "backup/compose.pi.yml backup"], ["nas-backup", "pi-backup"]),
        (["backup/backup.yml backup", "backup/old.yml backup"], ["backup", "old-backup"]),
        # All that there is of `portainer-agent` is called so.
        (["a/portainer/compose.yml portainer", "b/portainer-agent/compose.yml portainer"], ["portainer", "portainer-agent"]),
        (
            ["docker/portainer-docker-compose.yml app", "docker/photo.compose.yml db", "docker/auth.compose.yml db"],
            ["auth-db", "photo-db", "app"],
        ),
        (
            [
                "desk/portainer/portainer-agent-compose.yml agent",
                "desk/portainer/compose.yml agent",
                "nas/agent/compose.yml agent",
            ],
            ["desk-portainer-agent", "portainer-agent", "agent"],
        ),
        (
            [
                "a/portainer/compose.yml portainer",
                "a/portainer/portainer-agent-compose.yml portainer",
                "b/portainer-agent/compose.yml portainer",
            ],
            ["portainer", "portainer-agent", "b-portainer-agent"],
        ),
        (["tv/docker-compose.yml tv", "tv/tv-docker-compose.yml tv"], ["tv", "tv-tv"]),
        (
            ["postgres-admin/c.yml postgres", "postgres-admin/c.yml admin", "x/c.yml postgres"],
            ["postgres-admin-postgres", "admin", "x-postgres"],
        ),
        # Nothing tells them apart but a number.
        (["a/x.yml db", "a/y.yml db", "x/x.yml db"], ["x-db", "y-db", "x-db-2"]),
    ],
)
def test_names_are_short_and_equal_ones_get_the_word_that_tells_them_apart(files: list[str], names: list[str]) -> None:
    assert named(*files) == names


def test_the_order_of_the_files_changes_no_name() -> None:
    files = ["pi/dns/compose.yml pihole", "nas/dns/compose.yml pihole", "nas/wiki/compose.yml db", "nas/tv/compose.yml db"]
    assert sorted(named(*files)) == sorted(named(*reversed(files)))


@pytest.mark.parametrize(
    ("file", "title"),
    [
        ("umami/compose.yml db", "umami db"),
        ("01-infra/compose.yml redis", "infra redis"),
        ("redis/compose.yml redis", "redis"),
        ("~/containers/systemd/compose.yml db", "db"),
        ("umami/compose.yml umami", "umami"),
        ("media/compose.yml tv", "tv"),
    ],
)
def test_a_name_that_says_little_has_a_title_with_its_project(file: str, title: str) -> None:
    name, _, service = file.partition(" ")
    (want,) = wanted({name: f"services: {{{service}: {{image: x}}}}"})
    assert want.title == title


def note(name: str, compose: str, of: str) -> Service:
    return Service(f"services/{name}", f"entries/services/{name}.md", {"compose": compose, "imported": [of]})


def test_a_note_keeps_its_name_whatever_the_rules_say_today() -> None:
    files = {"pi/dns/compose.yml": "services: {pihole: {image: p}}", "nas/dns/compose.yml": "services: {pihole: {image: p}}"}
    old = note("dns-pihole", "pi/dns/compose.yml", "pihole")
    assert [(want.name, want.note) for want in wanted(files, old)] == [("nas-pihole", None), ("dns-pihole", old)]


def test_a_file_that_becomes_a_part_of_another_project_keeps_its_notes_when_one_includes_it() -> None:
    part = "services: {app: {image: samba}}"
    include = "include: [{path: ../../parts/samba/compose.yml, project_directory: .}]"
    old = note("samba-app", "parts/samba/compose.yml", "app")
    files = {"parts/samba/compose.yml": part, "nas/files/compose.yml": include}
    assert [want.name for want in wanted(files, old)] == ["samba-app"]
    twice = {**files, "pi/music/compose.yml": include}
    assert [want.name for want in wanted(twice, old)] == ["files-app", "music-app"]


def hosts(files: Mapping[str, str], *notes: Service) -> list[object]:
    return [want.fields.get("hosts") for want in wanted(files, *notes)]


def test_a_machine_is_a_folder_of_machines_a_note_or_a_host_of_ansible() -> None:
    web = "services: {web: {image: w}}"
    assert hosts({"hosts/nas/web/compose.yml": web}) == [["nas"]]
    assert hosts({"web/pi/compose.yml": web}) == [None]
    assert hosts({"web/pi/compose.yml": web}, Service("services/pi", "pi.md", {"type": "host"})) == [["pi"]]
    assert hosts({"web/pi/compose.yml": web, "host_vars/pi.yml": "a: 1"}) == [["pi"]]
    assert hosts({"web/Pi/compose.yml": web, "host_vars/pi/main.yml": "a: 1"}) == [["Pi"]]
    assert hosts({"web/compose.pi.yml": web}, Service("services/pi", "pi.md", {"type": "host"})) == [["pi"]]
    assert hosts({"web/compose.pi.yml": web}) == [None], "it may be dev or gpu as well"
    placed = "services: {web: {image: w, deploy: {placement: {constraints: ['node.hostname == pi']}}}}"
    assert hosts({"hosts/nas/web/compose.yml": placed}) == [["pi"]]


def test_a_containers_name_is_an_alias_unless_it_is_made_of_variables_or_another_has_it() -> None:
    said = ["container_name: wiki-db", "container_name: '${STACK}-db'", "container_name: web"]
    found = [wanted({"wiki/compose.yml": f"services: {{db: {{image: x, {one}}}, web: {{image: w}}}}"})[0] for one in said]
    assert [want.fields["aliases"] for want in found] == [["wiki-db"], [], []]
