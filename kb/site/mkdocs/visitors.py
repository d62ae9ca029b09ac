"""Which requests the site's server answers: those made by its own name, and none from a page of another site.

Any web page can point a name of its own at 127.0.0.1 (DNS rebinding), or load a script from there: both are refused because of
the headers that browsers themselves send.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

Start = Callable[..., Any]
App = Callable[[dict[str, Any], Start], Iterable[bytes]]

HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
)

# What home routers add to the name of a machine.
SUFFIXES = ("local", "lan", "home", "home.arpa", "internal", "fritz.box", "localdomain")


def own_names(host: str, machine: str, site_url: str = "") -> frozenset[str]:
    """The names under which a server that listens on `host` may be reached, without addresses."""
    names = {"localhost"}
    if not _is_loopback(host):
        short = machine.partition(".")[0]
        names |= {host, machine, short, *(f"{short}.{suffix}" for suffix in SUFFIXES)}
        names.add(urlsplit(site_url).hostname or "")
    return frozenset(name.lower() for name in names if name)


def refusal(asked: Mapping[str, Any], names: frozenset[str], everywhere: bool) -> str:
    """Why a request (its WSGI variables) is refused; empty if it isn't.

    `everywhere` says that the server listens on more than loopback, so that any address may be its own.
    """
    if asked.get("REQUEST_METHOD") not in ("GET", "HEAD"):
        return "405 Method Not Allowed"
    if not _is_own(f"//{asked.get('HTTP_HOST', '')}", names, everywhere):
        return "421 Misdirected Request"
    origin = asked.get("HTTP_ORIGIN", "")
    if origin and not _is_own(origin, names, everywhere):
        return "403 Forbidden"
    # A clicked link may come from anywhere; a script, a picture or a frame on another site may not.
    followed = asked.get("HTTP_SEC_FETCH_MODE") == "navigate" and asked.get("HTTP_SEC_FETCH_DEST", "document") == "document"
    if asked.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin") and not followed:
        return "403 Forbidden"
    return ""


def guarded(app: App, names: frozenset[str], everywhere: bool) -> App:
    """The application, answering only requests made by its own name."""

    def answer(asked: dict[str, Any], start: Start) -> Iterable[bytes]:
        if refused := refusal(asked, names, everywhere):
            start(refused, [("Content-Type", "text/plain; charset=utf-8"), *HEADERS])
            return [
                b"kb site serve answers only to its own name: localhost, an address, or the host of site_url in mkdocs.yml\n"
            ]

        def with_headers(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start(status, [*headers, *HEADERS], *rest)

        return app(asked, with_headers)

    return answer


def is_everywhere(host: str) -> bool:
    """Whether a server that listens on `host` can be reached from other machines."""
    return not _is_loopback(host)


def _is_own(address: str, names: frozenset[str], everywhere: bool) -> bool:
    try:
        name = urlsplit(address).hostname or ""
    except ValueError:
        return False
    try:
        given = ipaddress.ip_address(name)
    except ValueError:
        return name in names
    return everywhere or given.is_loopback


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
