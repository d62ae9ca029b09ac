"""Podman's quadlets: a `*.container` file is a systemd unit that describes one container."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict

from .. import secrets
from .described import Described, exposure, volume

_KEY = re.compile(r"\s*([A-Za-z][\w-]*)\s*=\s*(.*?)\s*$")


def read_quadlet(path: str, text: str) -> Described:
    """The service of a `*.container` file. Values of `Environment=` and `Secret=` are left where they are."""
    rows = _rows(text)
    container = rows["Container"]

    def last(section: str, key: str) -> str:
        found = rows[section].get(key, [])
        # An environment value has no business in any of these keys, but nobody stops one.
        return secrets.mask(found[-1])[0] if found else ""

    name = posixpath.basename(path).removesuffix(".container")
    network = [item.partition(":")[0].removesuffix(".network") for item in container.get("Network", [])]
    volumes = tuple(volume(*_mount(item)) for item in container.get("Volume", []))
    ports = tuple(container.get("PublishPort", []))
    variables = [word.partition("=")[0].strip("\"'") for line in container.get("Environment", []) for word in _words(line)]
    return Described(
        name=name.removesuffix("@"),
        project=posixpath.basename(posixpath.dirname(path)),
        folder=posixpath.dirname(path),
        file=path,
        files=(path,),
        image=last("Container", "Image"),
        container=last("Container", "ContainerName"),
        description=last("Unit", "Description"),
        ports=ports,
        volumes=volumes,
        networks=tuple(dict.fromkeys(item for item in network if item)),
        depends_on=tuple(dict.fromkeys(_needs(rows["Unit"]))),
        restart=last("Service", "Restart"),
        check=last("Container", "HealthCmd").split(" ")[0],
        exposed=exposure(ports, "host" if "host" in network else "", has_url=False),
        environment=tuple(sorted({word for word in variables if re.fullmatch(r"\w+", word)})),
        secrets=tuple(dict.fromkeys(item.partition(",")[0] for item in container.get("Secret", []))),
    )


def _rows(text: str) -> defaultdict[str, dict[str, list[str]]]:
    """section → key → its values; an empty value forgets those before it, as systemd does."""
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    section = ""
    for line in re.sub(r"\\\n", " ", text.replace("\r\n", "\n")).split("\n"):
        if header := re.match(r"\s*\[(\w[\w-]*)\]\s*$", line):
            section = header[1]
        elif not line.lstrip().startswith(("#", ";")) and (row := _KEY.match(line)):
            values = found[section].setdefault(row[1], [])
            values.append(row[2]) if row[2] else values.clear()
    return found


def _words(line: str) -> list[str]:
    return re.findall(r"\"[^\"]*\"|'[^']*'|\S+", line)


def _mount(item: str) -> tuple[str, str, str]:
    source, _, rest = item.partition(":")
    target, _, mode = rest.partition(":")
    if not target:
        return "", source, ""
    return source.removesuffix(".volume"), target, mode


def _needs(unit: dict[str, list[str]]) -> list[str]:
    """The containers that this one is started after and can't do without."""
    wanted = [word for key in ("Requires", "BindsTo", "Wants") for line in unit.get(key, []) for word in line.split()]
    return [word.removesuffix(".service") for word in wanted if word.endswith(".service") and "%" not in word]
