"""`kb site serve` answers only who asked for it by its own name: a page of another site reads nothing, by DNS rebinding or as a script."""

from __future__ import annotations

import http.client
import re
import subprocess
from collections.abc import Iterator

import pytest
from commands import KB, World

from kb.site.mkdocs.visitors import is_everywhere, own_names, refusal

HOME = own_names("127.0.0.1", "nas.lan")
HOUSE = own_names("0.0.0.0", "nas", "https://kb.example.org/lab/")


@pytest.mark.parametrize(
    ("host", "asked", "refused"),
    [
        ("127.0.0.1", {"HTTP_HOST": "localhost:8000"}, ""),
        ("127.0.0.1", {"HTTP_HOST": "127.0.0.1:8000"}, ""),
        ("127.0.0.1", {"HTTP_HOST": "[::1]:8000"}, ""),
        ("127.0.0.1", {"HTTP_HOST": "LOCALHOST"}, ""),
        ("127.0.0.1", {"HTTP_HOST": "evil.example:8000"}, "421 Misdirected Request"),
        ("127.0.0.1", {"HTTP_HOST": "localhost.evil.example"}, "421 Misdirected Request"),
        ("127.0.0.1", {"HTTP_HOST": "192.168.1.5:8000"}, "421 Misdirected Request"),
        ("127.0.0.1", {"HTTP_HOST": ""}, "421 Misdirected Request"),
        ("127.0.0.1", {"HTTP_HOST": "[::1"}, "421 Misdirected Request"),
        ("127.0.0.1", {"HTTP_HOST": "nas.lan"}, "421 Misdirected Request"),
        ("0.0.0.0", {"HTTP_HOST": "192.168.1.5:8000"}, ""),
        ("0.0.0.0", {"HTTP_HOST": "nas:8000"}, ""),
        ("0.0.0.0", {"HTTP_HOST": "nas.local:8000"}, ""),
        ("0.0.0.0", {"HTTP_HOST": "kb.example.org"}, ""),
        ("0.0.0.0", {"HTTP_HOST": "nas.evil.example"}, "421 Misdirected Request"),
        ("127.0.0.1", {"HTTP_HOST": "localhost", "HTTP_ORIGIN": "http://localhost:8000"}, ""),
        ("127.0.0.1", {"HTTP_HOST": "localhost", "HTTP_ORIGIN": "http://evil.example"}, "403 Forbidden"),
        ("127.0.0.1", {"HTTP_HOST": "localhost", "HTTP_ORIGIN": "null"}, "403 Forbidden"),
        ("127.0.0.1", {"HTTP_HOST": "localhost", "REQUEST_METHOD": "POST"}, "405 Method Not Allowed"),
        ("127.0.0.1", {"HTTP_HOST": "localhost", "HTTP_SEC_FETCH_SITE": "same-origin"}, ""),
        ("127.0.0.1", {"HTTP_HOST": "localhost", "HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "no-cors"}, "403 Forbidden"),
        ("127.0.0.1", {"HTTP_HOST": "localhost", "HTTP_SEC_FETCH_SITE": "same-site", "HTTP_SEC_FETCH_MODE": "cors"}, "403 Forbidden"),
        ("127.0.0.1", {"HTTP_HOST": "localhost", "HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_FETCH_DEST": "document"}, ""),
        ("127.0.0.1", {"HTTP_HOST": "localhost", "HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_FETCH_DEST": "iframe"}, "403 Forbidden"),
    ],
)  # fmt: skip
def test_who_gets_an_answer(host: str, asked: dict[str, str], refused: str) -> None:
    names = HOUSE if host == "0.0.0.0" else HOME
    assert refusal({"REQUEST_METHOD": "GET", **asked}, names, is_everywhere(host)) == refused


@pytest.fixture
def port(lab: World) -> Iterator[int]:
    """The port of a server of the site."""
    lab.kb("incident", "new", "No DNS", "--no-edit")
    number = 18731
    process = subprocess.Popen(
        [*KB, "site", "serve", "--port", str(number)], cwd=lab.folder, env=lab.environment(), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    for line in process.stderr:
        if "Serving on" in line:
            break
    yield number
    process.terminate()
    process.wait(20)
    process.stderr.close()


def test_a_real_server_gives_the_notes_to_its_own_name_alone(port: int) -> None:
    def asked(host: str, path: str = "/") -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse()

    mine, rebound = asked(f"localhost:{port}"), asked(f"evil.example:{port}")
    assert (mine.status, mine.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert b"No DNS" in mine.read()
    assert (rebound.status, b"DNS" in rebound.read()) == (421, False)
    assert asked("localhost", "/assets/").status == 404  # no listing


def test_a_mkdocs_yml_of_two_lines_has_the_policy_and_asks_nobody(lab: World) -> None:
    (lab.folder / "mkdocs.yml").write_text("site_name: Lab\nplugins: [kb]\n")
    assert lab.kb("site", "build").status == 0
    page = (lab.folder / "site/index.html").read_text()
    assert 'http-equiv="Content-Security-Policy"' in page
    assert re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(?:https?:)?//[^"]*"', page) == []


@pytest.mark.parametrize("epoch", ["x", "", "9" * 20])
def test_a_source_date_epoch_that_is_none_is_one_clear_line(lab: World, epoch: str) -> None:
    built = lab.kb("site", "build", env={"SOURCE_DATE_EPOCH": epoch})
    assert built.status == 2
    assert built.err == f"kb: SOURCE_DATE_EPOCH is {epoch!r}, no number of seconds since 1970: correct it, or unset it\n"
