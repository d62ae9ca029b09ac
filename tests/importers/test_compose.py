"""Importing services: what compose files and quadlets say, and what a second import may change."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
import stacks as shared
from commands import World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stacks import JELLYFIN, WIKI, note, write

from kb.importers.compose import env_variables
from kb.importers.quadlet import read_quadlet
from kb.importers.service_files import Reading, read_all
from kb.importers.service_record import ServiceRecord, project_of, volume
from kb.notes import front_matter


def read(files: dict[str, str], env: Mapping[str, str] = {}) -> Reading:
    """The services of files that stand here as texts."""
    named = [path for path in files if not path.endswith(".env")]
    return read_all(named, files.get, env, [path for path in named if path.endswith(".md")])


def one(text: str, env: Mapping[str, str] = {}, **others: str) -> ServiceRecord:
    """The only service of one file."""
    reading = read({"app/compose.yaml": text, **others}, env)
    assert not reading.problems, reading.problems
    (service,) = reading.services
    return service


def complaints(files: dict[str, str]) -> list[str]:
    return [str(problem) for problem in read(files).problems]


# ---- reading ---------------------------------------------------------------------------------------------------------


def test_a_service_has_its_image_ports_networks_and_needs() -> None:
    service = one("""
services:
  tv:
    image: jellyfin/jellyfin:10.10.5
    container_name: jellyfin
    restart: unless-stopped
    profiles: [media]
    ports: ["8096:8096", {target: 1900, published: "1900", protocol: udp, host_ip: 127.0.0.1}]
    networks: {proxy: {aliases: [tv]}}
    depends_on: {db: {condition: service_healthy}}
    network_mode: service:vpn
    healthcheck: {test: [CMD, curl, "-fu", "me:hunter22", "http://me:hunter22@localhost:8096/health?key=hunter22"]}
    environment: [TZ=Europe/Berlin, API_TOKEN=abcdefgh]
    secrets: [tv_key]
networks: {proxy: {external: true, name: outside}}
""")
    assert (service.image, service.container, service.restart) == ("jellyfin/jellyfin:10.10.5", "jellyfin", "unless-stopped")
    assert service.ports == ("8096:8096", "127.0.0.1:1900:1900/udp")
    assert (service.networks, service.depends_on, service.profiles) == (("outside",), ("db", "vpn"), ("media",))
    assert (service.environment, service.secrets) == (("API_TOKEN", "TZ"), ("tv_key",))
    assert service.check == "curl http://localhost:8096/health", "arguments of a healthcheck may hold passwords"
    assert service.exposed == "lan"


def test_depends_on_is_a_list_or_a_map() -> None:
    for form in ("[a, b]", "{a: {condition: service_started}, b: {}}"):
        found = read({"c.yml": f"services: {{x: {{image: x, depends_on: {form}}}, a: {{image: a}}, b: {{image: b}}}}"})
        assert found.services[0].depends_on == ("a", "b")


def test_anchors_and_merge_keys_are_followed() -> None:
    service = one("""
x-common: &common {restart: always, environment: {TZ: UTC}}
x-more: &more {restart: never, cpu_shares: 5, networks: [lan]}
services:
  a:
    <<: [*common, *more]
    image: a:1
""")
    assert (service.restart, service.networks, service.environment) == ("always", ("lan",), ("TZ",))


def test_an_override_goes_on_top_and_can_reset() -> None:
    files = {
        "app/compose.yaml": "services: {a: {image: 'a:1', ports: ['80:80', '81:81'], volumes: ['old:/data'], labels: [x=1]}}",
        "app/compose.override.yaml": (
            "services: {a: {image: 'a:2', ports: !override ['90:80'], volumes: ['new:/data'], restart: always, networks: !reset []}}"
        ),
    }
    (service,) = read(files).services
    assert (service.image, service.ports, service.data, service.restart) == ("a:2", ("90:80",), ("new",), "always")
    assert service.files == tuple(files)


def test_an_alternative_beside_the_base_only_adds() -> None:
    files = {
        "ollama/ollama-gpu.yaml": "services: {ollama: {image: 'ollama:rocm', devices: [/dev/dri]}}",
        "ollama/ollama.yaml": "services: {ollama: {image: 'ollama:1'}}",
    }
    (service,) = read(files).services
    assert service.image == "ollama:1"
    assert service.file == "ollama/ollama.yaml"


def test_two_stacks_in_one_folder_keep_a_database_each() -> None:
    files = {
        "immich.yml": "services: {immich: {image: immich}, db: {image: 'postgres:16'}}",
        "wiki.yml": "services: {wiki: {image: wiki}, db: {image: 'postgres:12'}}",
    }
    assert sorted(s.image for s in read(files).services if s.name == "db") == ["postgres:12", "postgres:16"]


def test_extends_reaches_the_same_file_and_another() -> None:
    files = {
        "app/compose.yaml": (
            "services:\n  base: {image: 'app:1', volumes: ['data:/data']}\n  web: {extends: base, ports: ['80:80']}\n"
            "  job: {extends: {file: ../common.yml, service: worker}, command: run}\n"
        ),
        "common.yml": "services: {worker: {image: 'worker:3', depends_on: [base]}}",
    }
    found = {service.name: service for service in read(files).services}
    assert (found["web"].image, found["web"].data) == ("app:1", ("data",))
    assert (found["job"].image, found["job"].depends_on) == ("worker:3", ("base",))


def test_a_service_with_a_dot_before_its_name_is_there_for_others_to_extend() -> None:
    files = {
        "parts/wiki.yml": "services:\n  .wiki: {image: 'wiki:1'}\n  .wiki-web: {extends: .wiki, ports: ['80:80']}\n",
        "stacks/wiki/compose.yml": "services: {wiki: {extends: {file: ../../parts/wiki.yml, service: .wiki-web}}}",
        "stacks/web/compose.yml": "services:\n  .web: {image: 'web:1'}\n  one: {extends: .web}\n  two: {extends: .web}\n",
    }
    reading = read(files)
    assert {(s.name, s.image, s.ports) for s in reading.services} == {
        ("wiki", "wiki:1", ("80:80",)),
        ("one", "web:1", ()),
        ("two", "web:1", ()),
    }
    assert (reading.problems, reading.passed_over) == ((), {"parts/wiki.yml": "parts for others to extend"})


def test_a_project_that_a_variable_names_is_called_after_its_folder_until_there_is_a_value() -> None:
    files = {"wiki/compose.yml": "name: ${STACK}\nservices: {db: {image: db}}"}
    assert [service.project for service in read(files).services] == ["wiki"]
    assert [service.project for service in read(files, {"STACK": "notes"}).services] == ["notes"]


def test_what_extends_goes_wrong_is_named_and_the_rest_goes_on() -> None:
    text = "services:\n  a: {extends: b}\n  b: {extends: a}\n  c: {extends: {file: gone.yml, service: x}, ports: ['1:1']}\n  d: {image: d}\n"
    reading = read({"compose.yml": text})
    assert {"c", "d"} <= {service.name for service in reading.services}
    said = " ".join(str(problem) for problem in reading.problems)
    assert "compose.yml:4: c extends x of gone.yml, which isn't here" in said
    assert "extends itself" in said


def test_what_many_services_of_a_file_extend_in_vain_is_one_problem() -> None:
    text = "services:\n" + "".join(f"  {name}: {{image: {name}, extends: {{file: base.yml, service: x}}}}\n" for name in "abc")
    said = [str(problem) for problem in read({"compose.yml": text}).problems]
    assert said == ["compose.yml:2: a, b and c extend services of base.yml that aren't here"]


def test_includes_are_read_and_a_missing_one_is_named() -> None:
    files = {
        "compose.yaml": "include: [db/compose.yaml, {path: [gone.yaml]}]\nservices: {a: {image: a, depends_on: [db]}}",
        "db/compose.yaml": "include: [../compose.yaml]\nservices: {db: {image: postgres}}",
    }
    reading = read_all(["compose.yaml"], files.get)
    assert [service.name for service in reading.services] == ["a", "db"]
    assert [str(problem) for problem in reading.problems] == ["compose.yaml:1: includes gone.yaml, which isn't here"]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("a:${TAG}", "a:1.2"),
        ("a:$TAG", "a:1.2"),
        ("a:${TAG:-9}", "a:1.2"),
        ("a:${NONE:-9}", "a:9"),
        ("a:${EMPTY:-9}", "a:9"),
        ("a:${EMPTY-9}", "a:"),
        ("a:${NONE:-${TAG}}", "a:1.2"),
        ("a:${TAG:+set}", "a:set"),
        ("a:${NONE:?say which}", "a:${NONE}"),
        ("a:${NONE}", "a:${NONE}"),
        ("a:$$TAG", "a:$TAG"),
        ("a:${TAG", "a:$" + "{TAG"),
        ("a:${DB_PASSWORD:-hunter22}", "a:${DB_PASSWORD}"),
    ],
)
def test_variables_are_filled_in_from_env_but_never_a_secret(written: str, read_as: str) -> None:
    env = {"TAG": "1.2", "EMPTY": "", "DB_PASSWORD": "hunter22"}
    assert env_variables.interpolate(written, env) == read_as


def test_the_nearest_env_file_counts() -> None:
    files = {
        ".env": "TAG=far\nDOMAIN=home # a remark\n",
        "app/.env": "export TAG='near'\n",
        "app/compose.yml": "services: {a: {image: 'a:${TAG}'}}",
        "b/compose.yml": "services: {b: {image: 'b:${TAG}', labels: {homepage.href: 'https://b.${DOMAIN}'}}}",
    }
    found = read(files).services
    assert [service.image for service in found] == ["a:near", "b:far"]
    assert found[1].url == "https://b.home"


@pytest.mark.parametrize(
    ("labels", "url"),
    [
        ("{homepage.href: 'https://tv.home/'}", "https://tv.home/"),
        ("{glance.url: 'https://tv.home/', glance.name: TV}", "https://tv.home/"),
        ("['traefik.http.routers.tv.rule=Host(`tv.home`) && PathPrefix(`/web`)']", "https://tv.home/web"),
        ("{traefik.http.routers.tv.rule: 'Host(`tv.home`)', traefik.http.routers.tv.entrypoints: web}", "http://tv.home"),
        ("['traefik.frontend.rule=Host:tv.home']", "https://tv.home"),
        ("{caddy: 'tv.home, tv2.home', caddy.reverse_proxy: '{{upstreams 8096}}'}", "https://tv.home"),
        ("{caddy_0: 'http://tv.home'}", "http://tv.home"),
        ("{caddy: '(snippet)'}", ""),
        ("{traefik.enable: 'false', traefik.http.routers.tv.rule: 'Host(`tv.home`)'}", ""),
    ],
)
def test_the_url_comes_from_labels(labels: str, url: str) -> None:
    assert one(f"services: {{tv: {{image: tv, labels: {labels}}}}}").url == url


@pytest.mark.parametrize(
    ("source", "target", "mode", "kind"),
    [
        ("pgdata", "/var/lib/postgresql/data", "", "data"),
        ("/srv/photos", "/photos", "", "data"),
        ("./config", "/config", "", "data"),
        ("./config", "/etc/traefik", "", "config"),
        ("./nginx.conf", "/etc/nginx/nginx.conf", "ro", "config"),
        ("/srv/media", "/media", "ro", "reads"),
        ("/var/run/docker.sock", "/var/run/docker.sock", "ro", "system"),
        ("/etc/localtime", "/etc/localtime", "ro", "system"),
        ("/dev/dri", "/dev/dri", "", "system"),
        ("/", "/rootfs", "ro", "system"),
        ("/tmp", "/transcode", "", "scratch"),
        ("app", "/var/log", "", "scratch"),
        ("", "/code/node_modules", "", "scratch"),
    ],
)
def test_data_is_told_from_what_is_none(source: str, target: str, mode: str, kind: str) -> None:
    assert volume(source, target, mode).kind == kind


@pytest.mark.parametrize(
    ("said", "exposed"),
    [
        ("ports: ['80:80']", "lan"),
        ("ports: ['127.0.0.1:80:80']", ""),
        ("ports: ['80']", ""),
        ("network_mode: host", "lan"),
        ("x-kb: {exposed: internet}", "internet"),
        ("labels: {kb.exposed: vpn}", "vpn"),
    ],
)
def test_the_internet_is_never_guessed(said: str, exposed: str) -> None:
    assert one(f"services: {{a: {{image: a, {said}}}}}").exposed == exposed


def test_values_of_secrets_stay_where_they_are_and_names_that_equal_them_too() -> None:
    service = one("""
services:
  blog:
    image: wordpress:6
    environment: {DB_PASSWORD: wordpress, API_TOKEN: zq81kk02mm}
    labels: {homepage.href: "https://blog.home/?t=zq81kk02mm"}
""")
    assert service.image == "wordpress:6", "a password that is the image's own name hides nothing"
    assert "zq81kk02mm" not in repr(service)


def test_markdown_blocks_count_when_the_file_is_meant() -> None:
    text = "# TV\n\n```yaml\nservices:\n  tv: {image: tv}\n```\n\n```yaml\nservices:\n  bad: [\n```\n"
    reading = read({"tv.md": text})
    assert [(service.name, service.line) for service in reading.services] == [("tv", 5)]
    assert [problem.line for problem in reading.problems] == [11]
    assert read_all(["tv.md"], {"tv.md": text}.get).passed_over.keys() == {"tv.md"}


@pytest.mark.parametrize(
    ("block", "services"),
    [
        ("  # where we watch\n  tv:\n    image: tv\n    ports: ['80:80']\n", ["tv"]),
        ("tv:\n  build: .\n  restart: always\ndb:\n  image: db\n  volumes: ['db:/data']\n", ["tv", "db"]),
        ("build:\n  image: python\n  script: [make]\n", []),  # a job of a CI
        ("tv:\n  image: tv\n  ports: ['80:80']\nnotes: mine\n", []),
        ("  tv:\n    image: [\n", []),
    ],
)
def test_a_markdown_block_may_leave_out_the_word_services(block: str, services: list[str]) -> None:
    reading = read({"tv.md": f"# TV\n\n```yaml\n{block}```\n"})
    assert [service.name for service in reading.services] == services
    assert not reading.problems
    assert reading.passed_over == ({} if services else {"tv.md": "no compose block in it"})


def test_a_broken_file_is_named_with_its_line_and_the_rest_goes_on() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(20)
    )
    files = {
        "a.yml": "services:\n  a:\n\timage: x\n",
        "bomb.yml": bomb,
        "deep.yml": "[" * 5000,
        "twice.yml": "services:\n  a: {image: x}\n  a: {image: y}\n",
        "jinja.yml": "services:\n  {{ name }}:\n    image: x\n",
        "lonely.yml": "services:\n  ghost: {restart: always}\n",
        "flat.yml": "services:\n  fine: {image: fine}\n  flat: text\n",
        "prometheus.yml": "scrape_configs: []\n",
        "ci.yml": "services: [docker]\n",
    }
    began = time.perf_counter()
    reading = read(files)
    assert time.perf_counter() - began < 1, "a bomb costs nothing"
    assert [service.name for service in reading.services] == ["fine"]
    named = {problem.path for problem in reading.problems}
    assert named == {"a.yml", "bomb.yml", "deep.yml", "twice.yml", "jinja.yml", "lonely.yml", "flat.yml"}
    assert set(reading.passed_over) == {"prometheus.yml", "ci.yml"}


def test_a_file_from_before_services_is_read_by_its_name() -> None:
    text = "web:\n  image: nginx\n  links: [db]\ndb:\n  image: postgres\n"
    assert [service.name for service in read({"docker-compose.yml": text}).services] == ["web", "db"]
    assert not read({"values.yml": text}).services


KEYS = st.sampled_from(
    [
        "services",
        "name",
        "include",
        "image",
        "build",
        "ports",
        "volumes",
        "environment",
        "labels",
        "depends_on",
        "networks",
        "extends",
        "file",
        "service",
        "x-kb",
        "deploy",
        "healthcheck",
        "test",
        "secrets",
        "profiles",
        "links",
        "network_mode",
        "replicas",
        "external",
        "source",
        "target",
        "hosts",
        "exposed",
        "a",
        "b",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.text(max_size=8)
    | st.sampled_from(["a", "8:8", "d:/d", "${A:-b}", "${", "service:a", "a=b", "./x:/etc/y:ro"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=4),
    max_leaves=25,
)


@given(st.dictionaries(KEYS, VALUES), st.dictionaries(KEYS, VALUES))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_that_stands_in_a_file_raises(services: dict[str, Any], top: dict[str, Any]) -> None:
    """JSON is YAML, so any shape can stand where compose wants another."""
    reading = read({"compose.yml": json.dumps({**top, "services": services}), "compose.override.yml": json.dumps(top)})
    assert all(problem.line >= 1 for problem in reading.problems)


@given(st.text("$ {}:-+?AB_=\"'#\n", max_size=40))
def test_no_variable_raises_or_hangs(text: str) -> None:
    env_variables.interpolate(text, {"A": "1", "B": ""})
    env_variables.read_env(text)
    read_quadlet("a.container", text)


def test_a_quadlet_is_a_service_too() -> None:
    service = read_quadlet(
        "systemd/immich.container",
        "[Unit]\nDescription=Photos\nRequires=postgres.service redis.service\n[Container]\nImage=immich:1.2\n"
        "PublishPort=2283:2283\nVolume=photos.volume:/photos\nVolume=/etc/localtime:/etc/localtime:ro\nNetwork=lan.network\n"
        "Environment=A=1 SECRET_KEY=zzzzzz\nSecret=db,type=env\nHealthCmd=curl -u me:hunter22 http://x\n[Service]\nRestart=always\n",
    )
    assert (service.name, service.image, service.description) == ("immich", "immich:1.2", "Photos")
    assert (service.ports, service.data, service.networks) == (("2283:2283",), ("photos",), ("lan",))
    assert (service.depends_on, service.environment, service.secrets) == (("postgres", "redis"), ("A", "SECRET_KEY"), ("db",))
    assert (service.check, service.restart) == ("curl", "always")
    assert "zzzzzz" not in repr(service)


def test_quotes_of_a_quadlet_hold_words_together_wherever_in_a_word_they_begin() -> None:
    service = read_quadlet(
        "tv.container",
        '[Container]\nImage=tv\nEnvironment=PASS="hunter22 zq81kk02mm" "NAME=a b" WHO=Bob\'s\n'
        'Label=homepage.name=\'Our TV\' homepage.group="Films & series"\nLabel="homepage.description=What we watch"\n',
    )
    assert (service.title, service.group, service.description) == ("Our TV", "Films & series", "What we watch")
    assert service.environment == ("NAME", "PASS", "WHO"), "the half of a value is no name"


QUADLETS = {
    "q/hub.pod": "[Pod]\nPublishPort=3000:3000\nNetwork=proxy.network\n",
    "q/proxy.network": "[Network]\nNetworkName=edge\n",
    "q/hub-db.container": "[Unit]\nRequires=hub-pod.service\n[Container]\nImage=docker.io/postgres:16\nPod=hub.pod\nVolume=%h/db:/var/lib/postgresql/data\n",
    "q/hub-web.container": "[Unit]\nRequires=hub-db.service proxy-network.service\n[Container]\nImage=hub:1\nPod=hub.pod\n"
    "Label=traefik.http.routers.hub.rule=Host(`hub.home`)\n",
    "q/side.container": "[Container]\nImage=side:1\nNetwork=container:hub-web\nNetwork=systemd-photos:ip=10.1.1.1\n",
}  # fmt: skip


def test_a_quadlet_needs_the_containers_beside_it_that_it_is_started_after() -> None:
    cloud = "[Unit]\nAfter=network-online.target nginx.service cloud-db.service\n[Container]\nImage=cloud:1\n"
    reading = read({"q/cloud.container": cloud, "q/cloud-db.container": "[Container]\nImage=postgres:16\n"})
    assert {service.name: service.depends_on for service in reading.services} == {"cloud": ("cloud-db",), "cloud-db": ()}


def test_a_pod_groups_containers_and_its_ports_are_at_the_one_that_answers() -> None:
    reading = read(QUADLETS)
    assert {s.name: (s.project, s.pod, s.networks, s.ports, s.depends_on) for s in reading.services} == {
        "hub-db": ("hub", "hub", ("edge",), (), ()),
        "hub-web": ("hub", "hub", ("edge",), ("3000:3000",), ("hub-db",)),
        "side": ("q", "", ("photos",), (), ("hub-web",)),
    }
    web = next(s for s in reading.services if s.name == "hub-web")
    assert (web.url, web.exposed) == ("https://hub.home", "lan")
    assert next(s for s in reading.services if s.name == "hub-db").data == ("~/db",)
    assert (reading.problems, reading.passed_over) == ((), {})


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a/docker-compose.yml.j2", "services:\n  {{ name }}:\n", "a template of another program"),
        ("a/web.container.template", "[Container]", "a template of another program"),
        ("a/deploy.yaml", "apiVersion: v1\nkind: Pod\n", "a Kubernetes manifest"),
        ("a/spare.volume", "[Volume]", "no *.container file here names it"),
    ],
)
def test_what_no_service_comes_from_is_named_with_the_reason(name: str, text: str, reason: str) -> None:
    assert reason in read({name: text}).passed_over[name]


@pytest.mark.parametrize(
    ("unit", "source"),
    [
        ("[Volume]\nDevice=/mnt/photos\nType=none\nOptions=bind\n", "/mnt/photos"),
        ("[Volume]\nDevice=tmpfs\nType=tmpfs\n", "photos"),
        ("[Volume]\nVolumeName=pictures\n", "pictures"),
        ("[Volume]\n", "photos"),
    ],
)
def test_a_quadlets_volume_is_where_its_data_lies(unit: str, source: str) -> None:
    files = {"q/a.container": "[Container]\nImage=a\nVolume=photos.volume:/photos\n", "q/photos.volume": unit}
    assert read(files).services[0].data == (source,)


def test_a_kube_file_is_a_service_and_its_manifest_says_the_image() -> None:
    files = {
        "q/wiki.yml": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: web\n      image: wiki:1\n    - image: pg\n",
        "q/wiki.kube": "[Unit]\nDescription=Our wiki\nRequires=db.service\n[Kube]\nYaml=wiki.yml\nPublishPort=80:80\nNetwork=edge.network\n",
        "q/edge.network": "[Network]\n",
        "q/db.container": "[Container]\nImage=pg:16\n",
        "q/alone.yml": "apiVersion: v1\nkind: Pod\n",
    }
    reading = read(files)
    service = reading.services[1]
    assert (service.name, service.image, service.ports, service.networks) == ("wiki", "wiki:1", ("80:80",), ("edge",))
    assert (service.description, service.depends_on, service.exposed) == ("Our wiki", ("db",), "lan")
    assert service.files == ("q/wiki.kube", "q/wiki.yml")
    assert reading.passed_over == {"q/alone.yml": "a Kubernetes manifest that no *.kube file here names"}
    assert (read({"q/wiki.kube": files["q/wiki.kube"]}).services[0].image, reading.problems) == ("", ())


def test_of_a_pods_containers_the_one_that_no_other_needs_is_in_front() -> None:
    files = {
        "q/hub.pod": "[Pod]\nPublishPort=80:80\n",
        "q/ml.container": "[Container]\nImage=ml:1\nPod=hub.pod\n",
        "q/web.container": "[Unit]\nRequires=ml.service\n[Container]\nImage=web:1\nPod=hub.pod\n",
    }
    assert {service.name: service.ports for service in read(files).services} == {"ml": (), "web": ("80:80",)}


def test_another_containers_network_is_a_need() -> None:
    assert one("services:\n  a: {image: a, network_mode: 'container:vpn'}\n").depends_on == ("vpn",)


def test_a_project_that_includes_parts_into_its_own_folder_has_them_as_its_own() -> None:
    part = "services: {app: {image: samba, depends_on: [db]}, db: {image: pg}}"
    files = {
        "parts/samba/compose.yml": part,
        "servers/nas/one/compose.yml": "include: [{path: ../../../parts/samba/compose.yml, project_directory: .}]",
        "servers/nas/two/compose.yml": "include: [{path: ../../../parts/samba/compose.yml, project_directory: .}]",
    }
    found = read(files)
    assert read(dict(sorted(files.items(), reverse=True))).passed_over == {}
    assert {(s.folder, s.name) for s in found.services} == {
        ("servers/nas/one", "app"), ("servers/nas/one", "db"), ("servers/nas/two", "app"), ("servers/nas/two", "db"),
    }  # fmt: skip
    assert found.services[0].files == ("servers/nas/one/compose.yml", "parts/samba/compose.yml")
    assert (found.problems, found.passed_over) == ((), {})


def test_an_included_file_whose_own_folder_is_named_stays_a_project_of_its_own() -> None:
    files = {
        "compose.yml": "include: [{path: db/compose.yml, project_directory: ./db}]\nservices: {a: {image: a}}",
        "db/compose.yml": "services: {db: {image: pg}}",
    }
    assert [(s.folder, s.name) for s in read(files).services] == [("", "a"), ("db", "db")]


def test_includes_whose_variable_has_no_value_say_how_to_give_it() -> None:
    files = {
        "compose.yml": "include: [apps/$HOSTNAME/a.yml, 'apps/${HOSTNAME}/b.yml']",
        "apps/nas/a.yml": "services: {a: {image: a}}",
    }
    said = (
        "compose.yml:1: includes apps/$HOSTNAME/a.yml, apps/${HOSTNAME}/b.yml: $HOSTNAME has no value here (--env-file says it)"
    )
    assert complaints(files) == [said]
    assert "apps/nas/b.yml" not in files
    assert complaints({**files, "apps/nas/b.yml": "services: {b: {image: b}}", ".env": "HOSTNAME=nas"}) == []


def test_another_whole_way_to_run_the_same_adds_nothing_and_parts_do() -> None:
    base = "services: {a: {image: 'a:1'}, b: {image: b}}"
    whole = {"compose.yml": base, "compose.dev.yml": "services: {a: {image: 'a:dev', depends_on: [b]}}"}
    assert read(whole).services[0].depends_on == ()
    part = {"compose.yml": base, "compose.gpu.yml": "services: {a: {depends_on: [b]}}"}
    assert read(part).services[0].depends_on == ("b",)


@pytest.mark.parametrize(
    ("files", "passed_over", "said"),
    [
        (
            {"hw.yml": "services: {cpu: {devices: []}, gpu: {devices: [/dev/dri]}}"},
            {"hw.yml": "no image in it: parts for others to extend"},
            [],
        ),
        (
            {
                "hw.yml": "services: {cpu: {devices: []}}",
                "compose.yml": "services: {a: {image: a, extends: {file: hw.yml, service: cpu}}}",
            },
            {},
            [],
        ),
        (
            {"compose.override.yml": "services: {web: {ports: ['80:80']}, db: {restart: always}}"},
            {},
            [
                "compose.override.yml:1: web and db have neither image nor build, and no file here that it goes on top of: not imported"
            ],
        ),
    ],
)
def test_files_without_an_image_are_parts_or_named(files: dict[str, str], passed_over: dict[str, str], said: list[str]) -> None:
    reading = read(files)
    assert (reading.passed_over, [str(problem) for problem in reading.problems]) == (passed_over, said)


@pytest.mark.parametrize(
    "text", ["services:\n{% for a in apps %}\n  {{ a }}:\n", "{{- if .x }}\nservices:\n  a: [\n{{- end }}\n"]
)
def test_a_template_that_is_called_like_a_compose_file_is_named_as_one(text: str) -> None:
    reading = read({"compose.yml": text})
    assert (reading.services, reading.problems) == ((), ())
    assert "a template of another program" in reading.passed_over["compose.yml"]


def test_a_skeleton_to_fill_in_is_no_service() -> None:
    said = complaints({"compose.yml": "services:\n  <CONTAINER-NAME>:\n    image: x\n"})
    assert said == ["compose.yml:2: <CONTAINER-NAME> is a blank to fill in, not the name of a service"]


@pytest.mark.parametrize(
    ("comment", "description"),
    [
        ("# Plex - Media Server", "Media Server"),
        ("  ## Plex 2 \N{EN DASH} Films and series  ##", "Films and series"),
        ("  # plex \N{EM DASH} all our films, on the big disk", "all our films, on the big disk"),
        ("  # plex - needs the disk first", ""),
        ("  # --- PLEX (Media Server) ---", "Media Server"),
        ("  # ==== Plex (Films) ====", ""),
        ("  # Plex (Media Server)", ""),
        ("# Plex (Lite) - Films", ""),  # a single word may be anything
        ("# Plex (Lite) - All films", "All films"),
        ("# Plexamp - Music of all kinds", ""),
        ("# Plex Meta Manager - Another thing", ""),
        ("# P - Another thing", ""),
        ("# Plex: Requires host network", ""),
        ("# Plex - Uncomment this for hardware", ""),
        ("# Plex - Login with admin and films22", ""),
        ("# Plex - Claim token claim-8sJk2lQmZx91", ""),
        ("# Plex - See https://plex.tv for more", ""),
        ("# Plex - Key AKIAIOSFODNN7EXAMPLE of the store", ""),
        ("# Plex - Films behind user:hunter22", ""),
        ("# Plex - Open it by bw unlock hunter22", ""),
    ],
)
def test_a_comment_describes_a_service_when_it_says_so_and_gives_nothing_away(comment: str, description: str) -> None:
    assert one(f"services:\n{comment}\n  plex:\n    image: plex\n").description == description


def test_a_label_describes_better_than_a_comment() -> None:
    text = "services:\n  # Plex - Media Server\n  plex: {image: plex, labels: {homepage.description: Films}}\n"
    assert one(text).description == "Films"


def test_a_swarm_says_on_which_machine_it_runs() -> None:
    placed = "deploy: {placement: {constraints: [node.role == worker, 'node.hostname==nas']}}"
    assert one(f"services: {{a: {{image: a, {placed}}}}}").hosts == ("nas",)
    assert one("services: {a: {image: a, deploy: {placement: {constraints: [node.role == manager]}}}}").hosts == ()


def test_a_networks_name_is_filled_in() -> None:
    assert one("services: {a: {image: a, networks: [edge]}}\nnetworks: {edge: [odd], more: odd}").networks == ("edge",)
    text = "services: {a: {image: a, networks: [edge]}}\nnetworks: {edge: {external: true, name: '${NET:-proxy}'}}"
    assert one(text).networks == ("proxy",)


@pytest.mark.parametrize(
    ("folder", "project"),
    [
        ("umami", "umami"),
        ("garage/containers/systemd", "garage"),
        ("~/.config/containers/systemd", ""),
        ("/opt/stacks/wiki", "wiki"),
    ],
)
def test_a_project_is_called_after_the_nearest_folder_that_says_something(folder: str, project: str) -> None:
    assert project_of(folder) == project


def test_portainers_variables_are_read() -> None:
    reading = read({"app/compose.yaml": "services: {a: {image: 'a:${TAG}'}}", "app/stack.env": "TAG=1.2\n"})
    assert [service.image for service in reading.services] == ["a:1.2"]


# ---- the command -----------------------------------------------------------------------------------------------------


stacks = shared.stacks  # a fixture


def test_an_import_makes_notes_and_one_commit(stacks: World) -> None:
    front = front_matter.read(note(stacks, "jellyfin").read_bytes()).front
    assert front["title"] == "Jellyfin"
    assert (front["hosts"], front["tags"], front["url"]) == (["nas"], ["media"], "https://tv.home")
    assert (front["depends_on"], front["data"], front["exposed"]) == (["jellyfin-db"], ["config"], "lan")
    assert front["compose"] == "docker/jellyfin/compose.yaml"
    text = note(stacks, "jellyfin").read_text()
    assert "Films and series" in text
    assert "s3cretvalue" not in text
    assert "`ADMIN_PASSWORD`" in text
    assert {path.stem for path in note(stacks, "x").parent.glob("*.md")} == {"jellyfin", "wiki", "jellyfin-db", "wiki-db"}
    assert stacks.git("log", "--format=%s").splitlines()[0] == "services: import 4 notes"
    assert stacks.kb("check").status == 0


def test_a_second_lab_with_the_same_name_is_another_service(lab: World) -> None:
    for place in ("one", "two"):
        write(lab, f"{place}/pihole/compose.yaml", f"services: {{pihole: {{image: 'pihole:{place}'}}}}\n")
        lab.kb("service", "import", place)
    assert "image: pihole:one" in note(lab, "pihole").read_text()
    assert "image: pihole:two" in note(lab, "pihole-pihole").read_text()
    assert lab.kb("service", "import", "one").err.splitlines()[0].endswith("1 as they were")


def test_a_file_of_variables_that_never_ends_is_refused(lab: World) -> None:
    write(lab, "docker/compose.yml", "services:\n  photo: {image: 'p:${TAG}'}\n")
    done = lab.kb("service", "import", "docker", "--env-file", "/dev/zero")
    assert (done.status, done.err.splitlines()[0][:30]) == (4, "kb: can't read /dev/zero: it i")


def test_two_stacks_of_one_folder_need_their_own_database(lab: World) -> None:
    write(lab, "docker/photo.compose.yml", "services:\n  photo: {image: p, depends_on: [db]}\n  db: {image: 'pg:2'}\n")
    write(lab, "docker/docker-compose.auth.yml", "services:\n  auth: {image: a, depends_on: [db]}\n  db: {image: 'pg:1'}\n")
    assert lab.kb("service", "import", "docker").status == 0
    assert sorted(path.stem for path in note(lab, "x").parent.glob("*.md")) == ["auth", "auth-db", "photo", "photo-db"]
    assert "depends_on: [photo-db]" in note(lab, "photo").read_text()
    assert "depends_on: [auth-db]" in note(lab, "auth").read_text()


def test_a_second_import_changes_nothing(stacks: World) -> None:
    done = stacks.kb("service", "import", "docker", "--host", "nas")
    assert (done.status, done.out) == (0, "")
    assert "4 as they were" in done.err


def test_an_import_says_what_only_its_user_can_tell(lab: World) -> None:
    write(lab, "docker/compose.yaml", "services:\n  web:\n    image: nginx:1\n    volumes: ['${STORE}/web:/data']\n")
    done = lab.kb("service", "import", "docker", "--host", "nas")
    assert "no value is known for ${STORE}, so they stand in the notes: --env-file FILE fills them" in done.err
    assert "nas has no note yet: kb service new nas --type host" in done.err
    lab.kb("service", "new", "nas", "--type", "host", "--no-edit")
    (lab.folder / "values").write_text("STORE=/srv\n")
    filled = lab.kb("service", "import", "docker", "--host", "nas", "--env-file", "values")
    assert "- data: `/srv/web:/data`" in note(lab, "web").read_text()
    assert "no value" not in filled.err
    assert "no note yet" not in filled.err


def test_what_a_person_wrote_stays_to_the_byte(stacks: World) -> None:
    path = note(stacks, "jellyfin")
    text = path.read_text().replace("https://tv.home", "https://films.home  # ours").replace("tags: [media]", "tags: []")
    text = text.replace("## How to rebuild it\n", "## How to rebuild it\n\nAs it was: `10.10.3`, twice.\n")
    path.write_text(text)
    write(stacks, "docker/jellyfin/compose.yaml", JELLYFIN.replace("10.10.3", "10.10.5").replace("8096:8096", "80:8096"))
    done = stacks.kb("service", "import", "docker", "--host", "nas")
    assert done.paths == [path]
    now = path.read_text()
    changed = [line for line in now.splitlines() if line not in text.splitlines()]
    assert [line.split(":")[0] for line in changed] == ["image", "ports", "imported"]
    assert "url: https://films.home  # ours" in now
    assert "tags: []" in now, "an emptied key is not filled again"
    assert stacks.kb("service", "import", "docker", "--host", "nas").out == ""


def test_an_edited_block_is_a_persons(stacks: World) -> None:
    path = note(stacks, "jellyfin")
    path.write_text(path.read_text().replace("- data: `config:/config`", "- data: all films"))
    write(stacks, "docker/jellyfin/compose.yaml", JELLYFIN.replace("config:/config", "other:/config"))
    stacks.kb("service", "import", "docker")
    assert "- data: all films\n" in path.read_text()
    assert front_matter.read(path.read_bytes()).front["data"] == ["other"]


def test_a_note_written_by_hand_is_completed_where_it_is_empty(lab: World) -> None:
    hand = write(lab, "entries/services/wiki.md", "---\r\ntitle: Our wiki\r\nimage: 'wiki:1'\r\nurl:\r\n---\r\nMine.\r\n")
    write(lab, "docker/wiki/compose.yaml", WIKI)
    lab.kb("service", "import", "docker")
    data = hand.read_bytes()
    front = front_matter.read(data).front
    assert (front["title"], front["image"], front["depends_on"]) == ("Our wiki", "wiki:1", ["db"])
    assert data.startswith(b"---\r\ntitle: Our wiki\r\nimage: 'wiki:1'\r\nurl:\r\n")
    assert b"---\r\nMine.\r\n" in data


def test_a_dry_run_shows_the_difference_and_writes_nothing(stacks: World) -> None:
    write(stacks, "docker/jellyfin/compose.yaml", JELLYFIN.replace("10.10.3", "10.10.5"))
    before = note(stacks, "jellyfin").read_bytes()
    done = stacks.kb("service", "import", "docker", "--host", "nas", "--dry-run")
    assert "-image: jellyfin/jellyfin:10.10.3\n+image: jellyfin/jellyfin:10.10.5\n" in done.out
    assert note(stacks, "jellyfin").read_bytes() == before
    assert "1 would be changed" in done.err


def test_a_broken_file_is_told_and_json_names_all(lab: World) -> None:
    write(lab, "docker/a/compose.yml", "services:\n  a: {image: a}\n")
    write(lab, "docker/b/compose.yml", "services:\n\tb: 1\n")
    write(lab, "docker/c/prometheus.yml", "scrape_configs: []\n")
    done = lab.kb("service", "import", "docker", "--json", "--dry-run")
    said = json.loads(done.out)
    assert [service["name"] for service in said["services"]] == ["a"]
    assert [problem["path"] for problem in said["problems"]] == ["docker/b/compose.yml"]
    assert list(said["passed_over"]) == ["docker/c/prometheus.yml"]
    told = lab.kb("service", "import", "docker")
    assert "docker/b/compose.yml:2: " in told.err
    assert told.status == 0


def test_x_kb_says_what_compose_cannot(lab: World) -> None:
    write(
        lab,
        "docker/dns/compose.yml",
        "x-kb: {host: nas, mode: production}\nservices:\n  pihole:\n    image: pihole\n"
        "    x-kb: {provides: [dns], exposed: internet, watts: 5, colour: red}\n  helper: {image: h, x-kb: {skip: true}}\n",
    )
    done = lab.kb("service", "import", "docker")
    front = front_matter.read(note(lab, "pihole").read_bytes()).front
    assert (front["provides"], front["exposed"], front["hosts"]) == (["dns"], "internet", ["nas"])
    assert "kb has no field 'colour'" in done.err
    assert not note(lab, "helper").exists()


def test_a_renamed_folder_keeps_its_notes(stacks: World) -> None:
    (stacks.folder / "docker/wiki").rename(stacks.folder / "docker/book")
    stacks.kb("service", "import", "docker")
    assert front_matter.read(note(stacks, "wiki").read_bytes()).front["compose"] == "docker/book/compose.yaml"


def test_hosts_that_were_said_once_stay(stacks: World) -> None:
    assert stacks.kb("service", "import", "docker").out == ""
    assert front_matter.read(note(stacks, "wiki").read_bytes()).front["hosts"] == ["nas"]


def test_a_file_in_the_way_keeps_no_other_out(lab: World) -> None:
    write(lab, "docker/a/compose.yml", "services: {a: {image: a}, b: {image: b}}")
    note(lab, "a").symlink_to(lab.folder / "elsewhere.md")
    done = lab.kb("service", "import", "docker")
    assert done.paths == [note(lab, "b")]
    assert "a.md exists already" in done.err


def test_hidden_and_linked_files_are_named_and_podmans_own_folder_is_read(lab: World) -> None:
    write(lab, "docker/a/compose.yml", "services: {a: {image: a}}")
    write(lab, "docker/.old/compose.yml", "services: {b: {image: b}}")
    write(lab, "docker/.old/config.yml", "services: {c: {image: c}}")
    write(lab, "docker/web/.config/containers/systemd/web.container", "[Container]\nImage=web:1\n")
    (lab.folder / "docker/link.yml").symlink_to("a/compose.yml")
    (lab.folder / "docker/more").symlink_to("a")
    said = json.loads(lab.kb("service", "import", "docker", "--json").out)
    assert [service["name"] for service in said["services"]] == ["a", "web"]
    assert said["passed_over"] == {
        "docker/.old/compose.yml": "hidden: name the file to import it",
        "docker/link.yml": "a link: name the file to import it",
        "docker/more": "a link to a folder: name that folder to import it",
    }
    assert [
        s["name"] for s in json.loads(lab.kb("service", "import", "docker/.old/compose.yml", "--json").out)["services"]
    ] == ["b"]


def test_odd_names_make_odd_notes_but_whole_ones(lab: World) -> None:
    text = json.dumps({"services": {"../../x": {"image": "a\x1b[31m", "volumes": ["<!-- /kb-import -->`:/d"]}}})
    write(lab, "docker/a/compose.yml", text)
    for _ in range(2):
        done = lab.kb("service", "import", "docker")
        assert done.status == 0, done.err
    assert done.out == "", "the second finds all as it was"
    assert lab.kb("service", "drift").status == 0
    assert "\x1b" not in note(lab, "x").read_text()
