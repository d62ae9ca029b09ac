"""Publishing: the site as one zip, and the files that let a Git host or a web server show it."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import time
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from commands import World
from sites import LAB, broken_addresses, make

from kb.exceptions import CannotWrite, WrongUse
from kb.site.build import deploy_files, site_zip
from kb.site.html import csp

SITE = deploy_files.Site("1.2.3", "trunk", "notes/", "/srv/my lab/site", "notes/site")


# ---- one zip -------------------------------------------------------------------------------------------------------------


def test_a_packed_site_opens_with_all_its_links_and_is_the_same_file_each_time(empty_world: World, tmp_path: Path) -> None:
    make(empty_world.folder, LAB)
    packed = empty_world.kb("site", "pack").paths[0]
    assert packed.name == f"{empty_world.folder.name}-site.zip"
    with zipfile.ZipFile(packed) as file:
        names = file.namelist()
        file.extractall(tmp_path / "phone")
    assert {name.split("/")[0] for name in names} == {packed.stem}
    assert broken_addresses(tmp_path / "phone" / packed.stem) == []
    assert "docker network connect" in (tmp_path / "phone" / packed.stem / "incidents/2026-04-24-jellyfin-502.html").read_text()
    first = packed.read_bytes()
    empty_world.kb("site", "pack", ".")
    assert packed.read_bytes() == first


def test_packing_takes_the_place_of_a_zip_only_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / ".git").mkdir(parents=True)
    (site / ".git/config").write_text("mine")
    (site / "index.html").write_text("home")
    (tmp_path / "thesis.zip").write_text("ten years, and no zip")
    for file in (tmp_path / "thesis.zip", site / "x.zip", Path("/dev/zero")):
        with pytest.raises(WrongUse):
            site_zip.pack(site, file)
    with pytest.raises(CannotWrite, match=r"nowhere/x\.zip: no such file"):
        site_zip.pack(site, tmp_path / "nowhere/x.zip")
    assert zipfile.ZipFile(site_zip.pack(site, tmp_path / "x.zip")).namelist() == ["x/index.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", "thesis.zip", "x.zip"]


# ---- files that publish ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["github", "gitlab", "forgejo", "gitea"])
def test_a_workflow_is_yaml_that_builds_strictly_with_the_whole_history_and_this_version(name: str) -> None:
    text = deploy_files.FILES[name][1](SITE)
    assert isinstance(yaml.safe_load(text), dict)
    assert "pip install --quiet labkb==1.2.3\n" in text
    assert re.search(r"^ +kb --root \./notes/ site build --strict$", text, re.MULTILINE)
    assert "notes/site" in text
    assert '"trunk"' in text
    assert not re.search(r"uses: \S+@(?:main|master|latest)|image: \S+:latest", text)
    # A tag can be moved to other code afterwards, a commit can't; the version beside it is for people.
    unpinned = [
        line for line in text.splitlines() if " uses: " in line and not re.search(r"@[0-9a-f]{40}  # v\d+\.\d+\.\d+$", line)
    ]
    assert unpinned == []
    assert {"github": "fetch-depth: 0", "gitlab": 'GIT_DEPTH: "0"'}.get(name, "clone --branch") in text
    assert "--depth" not in text


@pytest.mark.parametrize("name", ["caddy", "nginx"])
def test_a_web_servers_file_has_the_policy_and_lists_no_folder(name: str) -> None:
    text = deploy_files.FILES[name][1](SITE)
    assert f"Content-Security-Policy \"{csp.policy()}; frame-ancestors 'none'\"" in text
    assert '"/srv/my lab/site"' in text
    assert "autoindex off" in text if name == "nginx" else not re.search(r"file_server\s+browse", text)
    assert text.count("{") == text.count("}")
    assert "Content-Security-Policy" not in deploy_files.FILES[name][1](
        deploy_files.Site("1", "b", "", "/s", "s", guarded=False)
    )


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _asked(port: int, path: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


@pytest.mark.parametrize("name", ["caddy", "nginx"])
def test_a_real_web_server_serves_the_pages_and_guards_the_page_of_errors_too(name: str, tmp_path: Path) -> None:
    program = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if not program:
        pytest.skip(f"{name} is not installed")
    site = tmp_path / "a site"
    for path in ("index.html", "404.html", "incidents/index.html", "assets/main.57a0d79d.min.css", ".git/config"):
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(path)
    port = _free_port()
    text = deploy_files.FILES[name][1](deploy_files.Site("1", "main", "", str(site), "site"))
    if name == "caddy":
        text = "{\n\tadmin off\n}\n" + text.replace("\nnotes.example.org {", f"\nhttp://127.0.0.1:{port} {{")
        command = [program, "run", "--adapter", "caddyfile", "--config"]
    else:
        text = text.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("    listen [::]:80;\n", "")
        places = "".join(
            f"{what}_temp_path {tmp_path}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        text = f"pid {tmp_path}/pid; daemon off; master_process off; events {{}} http {{ access_log off; {places} {text} }}"
        command = [program, "-e", str(tmp_path / "errors"), "-c"]
    (tmp_path / "conf").write_text(text)
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    server = subprocess.Popen(
        [*command, str(tmp_path / "conf")], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:  # pytest is ended from outside when it never comes up
            assert server.poll() is None
            try:
                _asked(port, "/")
                break
            except ConnectionError:
                time.sleep(0.05)
        for path, status, body in (
            ("/", 200, b"index.html"),
            ("/incidents/", 200, b"incidents/index.html"),
            ("/assets/main.57a0d79d.min.css", 200, b"assets/main.57a0d79d.min.css"),
            ("/nope/at/all.html", 404, b"404.html"),
            ("/.git/config", 404, b"404.html"),
            ("/assets/", 404, b"404.html"),
        ):
            found, headers, said = _asked(port, path)
            assert (found, said) == (status, body), path
            assert headers["Content-Security-Policy"] == csp.header(), path
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert headers["Cache-Control"] == ("public, max-age=31536000, immutable" if ".min." in path else "no-cache"), path
            assert "Caddy" not in headers.get("Server", ""), path
    finally:
        server.terminate()
        server.wait(10)


def test_the_build_of_a_workflow_works_in_a_clone(empty_world: World) -> None:
    make(empty_world.folder / "notes", {"services/a.md": "---\ntitle: A\n---\n"})
    subprocess.run(["git", "init", "-q"], cwd=empty_world.folder, check=True)
    paths = empty_world.kb("site", "deploy-files", "all", "--root", "notes").paths
    assert paths == [empty_world.folder / path for path, _ in deploy_files.FILES.values()]
    command = re.search(r"^ +kb (--root .*)$", (empty_world.folder / ".gitlab-ci.yml").read_text(), re.MULTILINE)
    assert command
    assert empty_world.kb(*command[1].split()).status == 0
    assert (empty_world.folder / "notes/site/services/a.html").is_file()


def test_files_that_are_there_are_never_written_over_without_being_told(empty_world: World) -> None:
    make(empty_world.folder, {})
    (empty_world.folder / ".gitlab-ci.yml").write_text("mine")
    refused = empty_world.kb("site", "deploy-files", "gitlab", "caddy")
    assert (refused.status, ".gitlab-ci.yml is there already" in refused.err) == (2, True)
    assert not (empty_world.folder / "deploy").exists()
    assert (empty_world.folder / ".gitlab-ci.yml").read_text() == "mine"
    empty_world.kb("site", "deploy-files", "gitlab", "--force")
    assert "pages:" in (empty_world.folder / ".gitlab-ci.yml").read_text()
