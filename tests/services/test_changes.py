"""`kb changes`: what changed lately, from the history of the compose files and from the notes, and how to undo it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from commands import World
from stacks import JELLYFIN, stacks, write

from kb.services import service_changes
from kb.services.service_changes import Event

__all__ = ["stacks"]


def said(before: str, after: str, name: str = "app/compose.yml") -> list[str]:
    old, new = ({name: text} if text else {} for text in (before, after))
    return [f"{event.service} {event.said()}" for event in service_changes.between(old, new)]


def commit(lab: World, message: str, when: str) -> str:
    """Commit everything under docker/ at this moment; its hash."""
    lab.env |= {"GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when}
    lab.git("add", "-A", "docker")
    lab.git("commit", "-qm", message)
    return lab.git("rev-parse", "HEAD").strip()


@pytest.fixture
def history(stacks: World) -> World:
    """The stacks, upgraded two days ago and without the wiki since yesterday."""
    commit(stacks, "The stacks", "2026-09-01T12:00+01:00")
    write(stacks, "docker/jellyfin/compose.yaml", JELLYFIN.replace("10.10.3", "10.10.5"))
    commit(stacks, "Upgrade", "2026-11-19T18:20+01:00")
    (stacks.folder / "docker/wiki/compose.yaml").unlink()
    commit(stacks, "Nobody reads it", "2026-11-20T18:20+01:00")
    return stacks


# ---- comparing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("image: 'a:1'", "image: 'a:2'", "a image 1 → 2"),
        ("image: 'a:1'", "image: 'b:1'", "a image a:1 → b:1"),
        ("image: 'reg:5000/a'", "image: 'reg:5000/a:2'", "a image reg:5000/a → reg:5000/a:2"),
        ("image: a, ports: ['1:1', '2:2']", "image: a, ports: ['1:1', '3:2']", "a ports +3:2 -2:2"),
        ("image: a", "image: a, volumes: ['d:/d']", "a volumes +d:/d"),
        ("image: a, networks: [x]", "image: a, networks: [y]", "a networks +y -x"),
        ("image: a", "image: a, deploy: {replicas: 0}", "a retired (no replicas)"),
        ("image: a", "image: a, environment: [NEW=1]", ""),
    ],
)
def test_two_states_of_a_file_differ_in_words(old: str, new: str, expected: str) -> None:
    states = [f"services: {{a: {{{body}}}}}" for body in (old, new)]
    assert said(*states) == ([expected] if expected else [])


def test_services_come_and_go() -> None:
    one = "services:\n  a: {image: 'a:1'}\n"
    assert said("", one) == ["a added (a:1)"]
    assert said(one, "") == ["a removed (a:1)"]
    assert said(one, one + "  b: {image: b}\n") == ["b added (b)"]


def test_a_moved_file_changes_nothing() -> None:
    text = "services:\n  a: {image: 'a:1'}\n"
    assert service_changes.between({"old/compose.yml": text}, {"new/compose.yml": text}) == []


def test_an_override_alone_adds_no_service_but_what_it_says() -> None:
    assert said("", "services:\n  a: {ports: ['80:80']}\n", "compose.override.yml") == ["a ports +80:80"]
    assert said("services:\n  a: {ports: ['80:80']}\n", "", "compose.override.yml") == ["a ports -80:80"]


def test_a_file_that_was_broken_for_a_while_costs_nothing() -> None:
    assert said("services:\n\ta: 1\n", "services:\n  a: {image: a}\n") == ["a added (a)"]


def test_an_undo_can_be_copied_whatever_the_names() -> None:
    event = Event("a b", "removed", before="x", file="my apps/compose.yml", commit="4be1e7" + "0" * 34)
    assert service_changes.undo(event, "~/my lab") == (
        "cd ~/'my lab' && git checkout 4be1e70^ -- 'my apps/compose.yml' && docker compose -f 'my apps/compose.yml' up -d 'a b'"
    )


@pytest.mark.parametrize(
    ("what", "file", "by", "expected"),
    [
        ("image", "q/web.container", "", "Image=w:1 in q/web.container, then cd /etc && systemctl daemon-reload && systemctl restart web"),
        ("ports", "q/web.container", "", "cd /etc && git revert --no-edit 4be1e70 && systemctl daemon-reload && systemctl restart web"),
        (
            "ports",
            "q/web.container",
            "q/hub.pod",
            "take back what 4be1e70 did to q/hub.pod, then cd /etc && systemctl daemon-reload && systemctl restart hub-pod",
        ),
        ("added", "q/web.container", "", "systemctl stop web, take q/web.container away, then systemctl daemon-reload"),
        (
            "removed",
            ".config/containers/systemd/web.container",
            "",
            "cd /etc && git checkout 4be1e70^ -- .config/containers/systemd/web.container && systemctl --user daemon-reload && "
            "systemctl --user restart web",
        ),
        ("added", "web/compose.yml", "", "take it out of web/compose.yml, then cd /etc && docker compose -f web/compose.yml up -d --remove-orphans"),
        ("volumes", "web/compose.yml", "", "cd /etc && git revert --no-edit 4be1e70 && docker compose -f web/compose.yml up -d web"),
    ],
)  # fmt: skip
def test_each_change_is_undone_by_what_runs_the_service(what: str, file: str, by: str, expected: str) -> None:
    assert (
        service_changes.undo(Event("web", what, before="w:1", file=file, commit="4be1e7" + "0" * 34, by=by), "/etc") == expected
    )


# ---- the command -----------------------------------------------------------------------------------------------------


def test_each_change_has_its_commit_and_how_to_undo_it(history: World) -> None:
    upgrade = history.git("log", "--format=%h", "--abbrev=6", "-1", "--grep", "Upgrade").strip()
    done = history.kb("changes")
    assert done.status == 0
    lines = done.out.splitlines()
    assert lines[0] == "Fri 20 Nov"
    assert "wiki  removed (wiki:2)" in done.out
    assert "wiki-db  removed (postgres:12)" in done.out
    assert f"jellyfin  image 10.10.3 → 10.10.5  {upgrade}" in done.out
    assert "undo: image: jellyfin/jellyfin:10.10.3 in jellyfin/compose.yaml, then cd ~/lab/docker && docker compose" in done.out
    assert "added" not in done.out, "September is more than four weeks ago"


def test_a_tag_that_changes_in_env_alone_is_seen_and_no_other_value_is_kept(lab: World) -> None:
    compose = (
        "services:\n  web:\n    image: nginx:${TAG:-1}\n    ports:\n      - ${WEB_PORT}:80\n    volumes: ['${PLACE}/x:/data']\n"
    )
    write(lab, "docker/compose.yaml", compose)
    write(lab, "docker/sub/compose.yaml", "services: {api: {image: 'api:${TAG}'}}\n")
    write(lab, "docker/other/.env", "TAG=elsewhere\n")
    write(lab, "docker/.env", "TAG=1.27\nWEB_PORT=80\nPLACE=/mnt/hidden1\nDB_PASSWORD=verysecret1\n")
    lab.kb("service", "import", "docker")
    commit(lab, "First", "2026-11-19T20:00+01:00")
    write(lab, "docker/.env", "TAG=1.28\nWEB_PORT=81\nPLACE=/mnt/hidden2\nDB_PASSWORD=verysecret2\n")
    commit(lab, "Bump", "2026-11-20T20:00+01:00")
    write(lab, "docker/compose.yaml", compose.replace("nginx", "caddy"))
    commit(lab, "Other server", "2026-11-20T21:00+01:00")
    rows = [(row["service"], row["text"]) for row in json.loads(lab.kb("changes", "--since", "2026-11-20", "--json").out)]
    assert rows == [
        ("web", "image nginx:1.28 → caddy:1.28"),
        ("web", "image 1.27 → 1.28"),
        ("web", "ports +81:80 -80:80"),
        ("api", "image 1.27 → 1.28"),
    ]
    said = lab.kb("changes", "--since", "2026-11-20").out
    assert "to .env, then cd ~/lab/docker && docker compose -f compose.yaml up -d web" in said
    kept = "".join(path.read_text() for path in lab.home.rglob("changes-*.json"))
    assert "1.28" in kept
    assert not any(word in kept + said for word in ("hidden", "verysecret"))
    assert lab.kb("changes", "--since", "2026-11-20").out == said


def test_what_changes_in_a_pod_a_network_a_volume_or_a_manifest_changes_what_names_it(lab: World) -> None:
    write(lab, "docker/hub.pod", "[Pod]\nPublishPort=80:80\n")
    write(lab, "docker/data.volume", "[Volume]\nDevice=/old\nOptions=bind\n")
    write(lab, "docker/edge.network", "[Network]\nNetworkName=edge\n")
    write(
        lab, "docker/db.container", "[Container]\nImage=postgres:16\nPod=hub.pod\nVolume=data.volume:/var/lib/postgresql/data\n"
    )
    write(lab, "docker/web.container", "[Unit]\nRequires=db.service\n[Container]\nImage=web:1\nPod=hub.pod\n")
    write(lab, "docker/proxy.container", "[Container]\nImage=caddy:2\nNetwork=edge.network\n")
    write(lab, "docker/other.container", "[Container]\nImage=o:1\nNetwork=podman\n")
    write(lab, "docker/wiki.kube", "[Kube]\nYaml=wiki.yml\n")
    write(lab, "docker/wiki.yml", "kind: Pod\nspec: {containers: [\n {name: w,\n image: 'wiki:1'}]}\n")
    lab.kb("service", "import", "docker")
    commit(lab, "First", "2026-11-19T20:00+01:00")
    write(lab, "docker/hub.pod", "[Pod]\nPublishPort=8080:80\n")
    commit(lab, "Other port", "2026-11-20T20:00+01:00")
    write(lab, "docker/edge.network", "[Network]\nNetworkName=outside\n")
    write(lab, "docker/data.volume", "[Volume]\nDevice=/new\nOptions=bind\n")
    commit(lab, "Moved", "2026-11-20T21:00+01:00")
    write(lab, "docker/wiki.yml", "kind: Pod\nspec: {containers: [\n {name: w,\n image: 'wiki:2'}]}\n")
    commit(lab, "Newer", "2026-11-20T22:00+01:00")
    rows = json.loads(lab.kb("changes", "--since", "2026-11-20", "--json").out)
    assert sorted((row["service"], row["text"]) for row in rows) == [
        ("db", "volumes +/new:/var/lib/postgresql/data -/old:/var/lib/postgresql/data"),
        ("proxy", "networks +outside -edge"),
        ("web", "ports +8080:80 -80:80"),
        ("wiki", "image 1 → 2"),
    ]
    undo = {row["service"]: row["undo"] for row in rows}
    assert undo["web"].endswith("to hub.pod, then cd ~/lab/docker && systemctl daemon-reload && systemctl restart hub-pod")
    assert undo["proxy"].endswith("to edge.network, then cd ~/lab/docker && systemctl daemon-reload && systemctl restart proxy")
    assert undo["wiki"].endswith("to wiki.yml, then cd ~/lab/docker && systemctl daemon-reload && systemctl restart wiki")
    assert undo["db"].endswith("to data.volume, then cd ~/lab/docker && systemctl daemon-reload && systemctl restart db")


def test_what_undo_says_brings_a_removed_file_back(history: World) -> None:
    said = json.loads(history.kb("changes", "--service", "wiki", "--json").out)
    command = said[0]["undo"].split(" && docker")[0]
    subprocess.run(["sh", "-c", command], env=history.environment(), check=True, capture_output=True)
    assert (history.folder / "docker/wiki/compose.yaml").is_file()


def test_older_changes_show_when_asked_and_a_crowd_is_one_line(history: World) -> None:
    for number in range(9):
        write(history, f"docker/many/{number}.yml", f"services: {{app{number}: {{image: a}}}}")
    commit(history, "Many", "2026-11-20T20:00+01:00")
    done = history.kb("changes", "--since", "1y")
    assert "9 services  added: app0, app1, app2, app3 and 5 more" in done.out
    assert "jellyfin  added (jellyfin/jellyfin:10.10.3)" in done.out


def test_one_service_or_what_bears_on_dns(history: World) -> None:
    assert "jellyfin" not in history.kb("changes", "--service", "wiki").out
    history.kb("edit", "jellyfin", "--set", "provides=dns")
    history.kb("change", "new", "Moved dns to the router", "--undo", "point it back", "--no-commit")
    done = history.kb("changes", "--for", "dns")
    assert "10.10.3 → 10.10.5" in done.out
    assert "Moved dns to the router" in done.out
    assert "undo: point it back" in done.out
    assert "wiki" not in done.out


def test_decisions_and_retired_services_are_changes(history: World) -> None:
    history.kb("decision", "new", "One wiki is enough", "--no-edit", "--set", "status=accepted", "--set", "date=2026-11-20")
    history.kb("edit", "wiki", "--set", "retired=2026-11-20")
    done = history.kb("changes", "--since", "2w")
    assert "\n         One wiki is enough  @1\n" in done.out  # of a day without an hour, none is claimed
    assert "One wiki is enough" in history.kb("show", "@1").out
    # A day is the same day everywhere, also where midnight of UTC is the evening before.
    far = history.kb("changes", "--since", "2w", env={"TZ": "America/New_York", "KB_NOW": "2026-11-20T20:00-05:00"})
    assert far.out.index("Fri 20 Nov") < far.out.index("One wiki is enough")
    assert "Thu 19 Nov" not in far.out.partition("One wiki is enough")[0]
    assert "wiki  retired (wiki:2)" in done.out


def test_the_second_time_comes_from_the_cache_and_a_damaged_one_is_made_anew(history: World) -> None:
    first = history.kb("changes").out
    (cache,) = (history.home / ".cache" / "kb").rglob("changes-*.json")
    whole = cache.read_bytes()
    for damage in ("", "{}", '{"rules": 0, "commits": {}}', "[]"):
        cache.write_text(damage)
        assert history.kb("changes").out == first
        assert cache.read_bytes() == whole


def test_history_outside_the_knowledge_base_is_read_by_the_setting(lab: World) -> None:
    other = lab.home / "stacks"
    (other / "a").mkdir(parents=True)
    (other / "a" / "compose.yml").write_text("services: {tv: {image: 'tv:1'}}")
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "First"]):
        subprocess.run(["git", *arguments], cwd=other, env=lab.environment(), check=True)
    mkdocs = lab.folder / "mkdocs.yml"
    mkdocs.write_text(mkdocs.read_text().replace("  - kb\n", "  - kb: {compose: ['~/stacks']}\n"))
    assert "tv  added (tv:1)" in lab.kb("changes").out


def test_without_any_history_it_says_so(lab: World) -> None:
    done = lab.kb("changes", "--since", "2026-11-01")
    assert (done.status, done.out) == (0, "")
    assert "nothing changed since 01 Nov 2026, as far as Git and the notes say" in done.err


# ---- near trouble ----------------------------------------------------------------------------------------------------

NEAR = """
import sys, time, kb
from datetime import datetime
import kb.cli.views.answer
base = kb.read(sys.argv[1])
began = time.process_time()
from kb.services.recent_changes import near_trouble
for line in near_trouble(base, sys.argv[3:], datetime.fromisoformat(sys.argv[2])):
    print(line)
print(round((time.process_time() - began) * 1000))
"""


def near(lab: World, at: str, *services: str) -> list[str]:
    return subprocess.run(
        [sys.executable, "-c", NEAR, str(lab.folder), at, *services],
        env=lab.environment(), capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip


def test_what_changed_near_the_trouble_is_a_line_each(history: World) -> None:
    commit_of = history.git("log", "--format=%h", "--abbrev=6", "-1", "--grep", "Upgrade").strip()
    found = near(history, "2026-11-20T01:00+01:00", "jellyfin")
    assert found[:-1] == [f"jellyfin: image 10.10.3 → 10.10.5 (19 Nov 18:20, {commit_of})"]
    assert near(history, "2026-11-25T01:00+01:00")[:-1] == [], "days later it is no suspect"


def test_a_failing_service_hears_of_what_it_needs(history: World) -> None:
    history.kb("edit", "wiki", "--set", "depends_on=jellyfin")
    assert "jellyfin: image" in near(history, "2026-11-20T01:00+01:00", "wiki")[0]


def test_nothing_configured_costs_nothing(lab: World) -> None:
    assert int(near(lab, datetime(2026, 11, 20, 1, 0).astimezone().isoformat())[-1]) <= 20


def test_a_folder_without_git_is_no_trouble(lab: World) -> None:
    outside = Path(lab.home, "plain")
    outside.mkdir()
    (outside / "compose.yml").write_text("services: {a: {image: a}}")
    lab.kb("service", "import", str(outside))
    assert lab.kb("changes").status == 0
    assert os.listdir(outside) == ["compose.yml"]
