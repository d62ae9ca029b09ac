"""`kb service drift`: where the compose files and the notes say different things."""

from __future__ import annotations

import json
import shutil

import pytest
from commands import World
from stacks import JELLYFIN, note, stacks, write

__all__ = ["stacks"]


def test_nothing_drifts_after_an_import(stacks: World) -> None:
    done = stacks.kb("service", "drift")
    assert (done.status, done.out) == (0, "")
    assert "4 services: the notes say what the files say" in done.err


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("10.10.3", "10.10.5", "image: files say jellyfin/jellyfin:10.10.5, the note jellyfin/jellyfin:10.10.3"),
        ("8096:8096", "80:8096", "ports: files say 80:8096, the note 8096:8096"),
        ("config:/config", "cfg:/config", "volumes: files say cfg:/config, the note config:/config"),
        ("https://tv.home", "https://films.home", "url: files say https://films.home, the note https://tv.home"),
        ("    depends_on: [db]\n", "", "depends_on: files say nothing, the note jellyfin-db"),
    ],
)
def test_each_difference_is_a_line_and_exit_1(stacks: World, old: str, new: str, what: str) -> None:
    write(stacks, "docker/jellyfin/compose.yaml", JELLYFIN.replace(old, new))
    done = stacks.kb("service", "drift", "docker")
    assert (done.status, done.out) == (1, f"jellyfin: {what}\n")


def test_an_address_that_is_new_and_a_machine_that_is_another_one_are_drift(lab: World) -> None:
    write(lab, "hosts/nas/wiki/compose.yaml", "x-kb: {host: nas}\nservices: {wiki: {image: w}}\n")
    lab.kb("service", "import", "hosts")
    write(
        lab,
        "hosts/nas/wiki/compose.yaml",
        "x-kb: {host: pi}\nservices: {wiki: {image: w, ports: ['80:80'], labels: {caddy: w.home}}}\n",
    )
    assert lab.kb("service", "drift").out.splitlines() == [
        "wiki: url: files say https://w.home, the note nothing",
        "wiki: exposed: files say lan, the note nothing",
        "wiki: ports: files say 80:80, the note nothing",
        "wiki: hosts: files say pi, the note nas",
    ]
    lab.kb("edit", "wiki", "--set", "exposed=internet")
    assert "exposed" not in lab.kb("service", "drift").out


def test_new_and_gone_services_are_named(stacks: World) -> None:
    write(stacks, "docker/jellyfin/compose.yaml", JELLYFIN + "  redis: {image: redis}\n")
    shutil.rmtree(stacks.folder / "docker/wiki")
    for paths in ([], ["docker"]):
        said = json.loads(stacks.kb("service", "drift", *paths, "--json").out)
        assert {(one["service"], one["what"]) for one in said} == {("redis", "new"), ("wiki", "gone"), ("wiki-db", "gone")}


def test_a_retired_service_may_be_gone(stacks: World) -> None:
    shutil.rmtree(stacks.folder / "docker/wiki")
    for name in ("wiki", "wiki-db"):
        stacks.kb("edit", name, "--set", "retired=2026-11-01")
    assert stacks.kb("service", "drift").status == 0


def test_what_a_person_added_is_no_drift(stacks: World) -> None:
    stacks.kb("edit", "wiki", "--set", "depends_on=wiki-db,nas")
    assert stacks.kb("service", "drift").out == ""


def test_the_setting_names_the_folders_and_one_elsewhere_is_said_calmly(stacks: World) -> None:
    mkdocs = stacks.folder / "mkdocs.yml"
    assert "  - kb" in mkdocs.read_text()
    mkdocs.write_text(mkdocs.read_text().replace("  - kb\n", "  - kb: {compose: [docker, /srv/elsewhere]}\n"))
    write(stacks, "docker/new/compose.yml", "services: {fresh: {image: f}}")
    done = stacks.kb("service", "drift")
    assert done.out == "fresh: new in docker/new/compose.yml, no note yet\n"
    assert "/srv/elsewhere isn't on this machine: passed over" in done.err


def test_a_path_that_is_not_there_is_an_error_when_it_was_typed(lab: World) -> None:
    done = lab.kb("service", "drift", "nowhere")
    assert done.status == 4
    assert "can't read nowhere: no such file or folder" in done.err


def test_without_anything_to_compare_it_says_how_to_begin(lab: World) -> None:
    done = lab.kb("service", "drift")
    assert done.status == 0
    assert "kb service import PATH" in done.err


def test_hand_written_notes_need_not_list_ports(lab: World) -> None:
    write(lab, "docker/a/compose.yml", "services: {a: {image: 'a:2', ports: ['1:1'], volumes: ['d:/d']}}")
    write(lab, "entries/services/a.md", "---\ntitle: A\nimage: 'a:2'\ncompose: docker/a/compose.yml\n---\n")
    assert lab.kb("service", "drift").out == ""
    assert note(lab, "a").exists()
