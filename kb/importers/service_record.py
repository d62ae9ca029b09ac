"""What an import says about a service, whatever kind of file it came from, and the guesses that all kinds share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Volume:
    """Something mounted into a container, and what it is: data, config, reads, system or scratch."""

    source: str
    target: str
    kind: str

    def __str__(self) -> str:
        return f"{self.source}:{self.target}" if self.source else self.target


@dataclass(frozen=True)
class ServiceRecord:
    """A service as its files describe it; one is (folder, name)."""

    name: str
    project: str
    folder: str
    file: str
    line: int = 1
    files: tuple[str, ...] = ()
    image: str = ""
    built: bool = False
    container: str = ""
    title: str = ""
    description: str = ""
    group: str = ""
    url: str = ""
    ports: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()
    networks: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    restart: str = ""
    profiles: tuple[str, ...] = ()
    check: str = ""
    exposed: str = ""
    environment: tuple[str, ...] = ()  # names alone
    secrets: tuple[str, ...] = ()  # names alone
    hosts: tuple[str, ...] = ()  # the machines that the file itself names
    own: Mapping[str, Any] = field(default_factory=dict)  # what the user tells kb in `x-kb`
    off: bool = False
    pod: str = ""  # podman's: the group of containers that share a network

    @property
    def data(self) -> tuple[str, ...]:
        """What must not be lost: the sources of its volumes that hold data."""
        return tuple(dict.fromkeys(volume.source for volume in self.volumes if volume.kind == "data"))


@dataclass(frozen=True)
class ServiceImporter:
    """A kind of file that describes services, each whole in one file.

    `read(path, text, opened)` gives what the file says; `opened(path)` is the text of a file beside it, or None.
    """

    endings: tuple[str, ...]  # of the names of its files: `.container`
    read: Callable[[str, str, Callable[[str], str | None]], ServiceRecord | Sequence[ServiceRecord]]


# Folders that say what kind of files they hold, but not what for.
PLACES = frozenset(
    "systemd containers container quadlets quadlet podman compose docker docker-compose stacks config .config etc opt srv".split()
)


def folders_of(path: str) -> list[str]:
    """The folders that a path names, the innermost last."""
    return [part for part in path.split("/") if part not in ("", ".", "..", "~")]


def project_of(folder: str) -> str:
    """The name of a project folder: `garage` for `garage/containers/systemd`; empty if no folder says anything."""
    return next((part for part in reversed(folders_of(folder)) if part.lower() not in PLACES), "")


_SYSTEM = re.compile(
    r"(?:.*\.sock|/etc/(?:localtime|timezone|passwd|group|hosts|resolv\.conf|machine-id|os-release)|/(?:dev|proc|sys|run|lib|boot)"
    r"(?:/.*)?|/var/run(?:/.*)?|/var/lib/docker(?:/.*)?|/usr/share/zoneinfo.*|/etc/ssl/.*|/etc/pki/.*|/)"
)
_SCRATCH = re.compile(
    r"/tmp(?:/.*)?|/var/(?:tmp|log|cache)(?:/.*)?|.*/(?:logs?|cache|caches|transcodes?|tmp|temp|node_modules)/?"
)
_FILE = re.compile(
    r".*\.(?:ya?ml|json|toml|ini|conf|cfg|config|env|sql|sh|py|exs|xml|html|js|lua|pem|crt|key|properties|template|acl)"
)


def volume(source: str, target: str, mode: str = "", kind: str = "") -> Volume:
    """A mount with a guess at what it is. Data is what would be lost for good: when in doubt, that guess costs least."""
    if kind in ("tmpfs", "npipe", "cluster", "image"):
        return Volume(source, target, "scratch" if kind == "tmpfs" else "system")
    if not source:
        return Volume("", target, "scratch")  # anonymous: deleted with the container
    bind = kind == "bind" or source.startswith(("/", "./", "../", "~", ".", "$")) or source[1:2] == ":"
    if (bind and _SYSTEM.fullmatch(source)) or target.endswith(".sock"):
        return Volume(source, target, "system")
    if _SYSTEM.fullmatch(target) and target != "/":
        return Volume(source, target, "system")
    if _SCRATCH.fullmatch(source) or _SCRATCH.fullmatch(target):
        return Volume(source, target, "scratch")
    readonly = "ro" in re.split(r"[,\s]", mode)
    inside = source.startswith(("./", ".")) and not source.startswith("..")
    if bind and (_FILE.fullmatch(source) or (inside and (readonly or _is_config(source, target)))):
        return Volume(source, target, "config")
    return Volume(source, target, "reads" if readonly else "data")


def _is_config(source: str, target: str) -> bool:
    """Whether it is a folder of the repository with configuration: `./config:/etc/traefik`. `./config:/config` is where an app keeps everything."""
    return target.startswith("/etc/") or (bool(re.search(r"/(?:conf|config|conf\.d)/?$", source)) and target != "/config")


def exposure(ports: Sequence[str], network_mode: str, has_url: bool) -> str:
    """`lan` when anything but this machine can reach it, else nothing. `internet` is never guessed."""
    if network_mode == "host" or has_url:
        return "lan"
    published = [port for port in ports if ":" in port.partition("/")[0]]
    return "lan" if any(not re.match(r"127\.|localhost:|\[::1\]", port) for port in published) else ""


# ---- addresses -------------------------------------------------------------------------------------------------------

_DASHBOARDS = ("homepage", "glance")  # their labels: homepage.name, glance.name


def on_dashboard(labels: Mapping[str, str], *words: str) -> str:
    """What a dashboard shows of a service: the value of the first of these words with a label."""
    said = (labels.get(f"{dashboard}.{word}") for dashboard in _DASHBOARDS for word in words)
    return next(filter(None, said), "")


_HOST_RULE = re.compile(r"\bHost(?:SNI)?\(\s*[`'\"]([^`'\"]+)[`'\"]")


def url_of(labels: Mapping[str, str]) -> str:
    """Where a service answers, from its labels: the dashboard's link, traefik's rule, caddy's site."""
    if shown := on_dashboard(labels, "href", "url"):
        return shown
    if labels.get("traefik.enable", "true").lower() != "false":
        for key, value in labels.items():
            if re.fullmatch(r"traefik\.http\.routers\.[^.]+\.rule", key) and (host := _HOST_RULE.search(value)):
                path = re.search(r"PathPrefix\(\s*[`'\"]([^`'\"]+)[`'\"]", value)
                return f"{_scheme(labels, key)}://{host[1]}{path[1] if path else ''}"
            if key.endswith("frontend.rule") and (old := re.search(r"Host:\s*([^,;\s]+)", value)):
                return f"https://{old[1]}"
    for key, value in labels.items():
        if re.fullmatch(r"caddy(?:_\d+)?", key) and value:
            site = re.split(r"[,\s]+", value)[0]
            if not site.startswith(("(", ":", "{")):
                return site if "://" in site else f"https://{site}"
    return ""


def _scheme(labels: Mapping[str, str], rule: str) -> str:
    router = rule.removesuffix(".rule")
    entry = labels.get(f"{router}.entrypoints", "").lower()
    plain = entry in ("web", "http") and not any(key.startswith(f"{router}.tls") for key in labels)
    return "http" if plain else "https"
