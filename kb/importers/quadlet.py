"""Podman's quadlets: a `*.container` file is a systemd unit that describes one container; pods and networks are beside it.

A `*.kube` file is one service too; its Kubernetes manifest names the image.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ..secrets import masking
from .service_record import ServiceRecord, exposure, on_dashboard, project_of, url_of, volume

_KEY = re.compile(r"\s*([A-Za-z][\w-]*)\s*=\s*(.*?)\s*$")

QUADLETS = (".container", ".kube")

# Files beside `*.container` files that say something about them, or that describe something that kb doesn't read.
UNITS = (".pod", ".network", ".volume", ".build", ".image")

# An image with such a name keeps data for others: the ports of its pod aren't its own.
_BEHIND = re.compile(
    r"(?:^|[/_-])(?:postgres|postgis|pgvecto|mariadb|mysql|mongo|redis|valkey|keydb|memcached|dragonfly)", re.IGNORECASE
)


def read_quadlet(path: str, text: str, opened: Callable[[str], str | None] = lambda _: None) -> ServiceRecord:
    """The service of a `*.container` or `*.kube` file. Values of `Environment=` and `Secret=` are never taken.

    `opened` reads the units beside it: its pod, whose networks are its own, and its networks, for their names.
    """
    rows = _rows(text)
    section = "Kube" if path.endswith(".kube") else "Container"
    container = rows[section]
    folder = posixpath.dirname(path)

    def last(section: str, key: str) -> str:
        found = rows[section].get(key, [])
        # The value of a variable doesn't belong in any of these keys, but nothing prevents it.
        return masking.mask(found[-1])[0] if found else ""

    def beside(unit: str) -> Mapping[str, dict[str, list[str]]]:
        return _rows(opened(posixpath.join(folder, unit)) or "")

    manifests = _manifests(path, container, opened)
    pod = last(section, "Pod").removesuffix(".pod")
    inside = beside(f"{pod}.pod")["Pod"] if pod else {}
    networks, shared = _networks([*container.get("Network", []), *inside.get("Network", [])], beside)
    # Order alone isn't a need; but if you start one of your containers after another, you mean that it needs it.
    after = [unit for unit in _named(rows["Unit"], "After") if beside(f"{unit}.container")["Container"]]
    mounts = (_mount(item, beside) for item in (*container.get("Volume", []), *inside.get("Volume", [])))
    ports = tuple(container.get("PublishPort", []))
    labels = _labels(container)
    url = url_of(labels)
    return ServiceRecord(
        name=posixpath.splitext(posixpath.basename(path))[0].removesuffix("@"),
        project=pod or project_of(folder),
        folder=folder,
        file=path,
        files=(path, *manifests),
        image=last(section, "Image").removesuffix(".image").removesuffix(".build") or _image(manifests, opened),
        container=last(section, "ContainerName"),
        title=on_dashboard(labels, "name"),
        description=on_dashboard(labels, "description") or last("Unit", "Description"),
        group=on_dashboard(labels, "group"),
        url=url,
        ports=ports,
        volumes=tuple(volume(*mount) for mount in mounts),
        networks=tuple(dict.fromkeys(item for item in networks if item)),
        depends_on=tuple(dict.fromkeys([*_needs(rows["Unit"]), *after, *shared])),
        restart=last("Service", "Restart"),
        check=last(section, "HealthCmd").split(" ")[0],
        exposed=exposure(ports, "host" if "host" in networks else "", has_url=bool(url)),
        environment=_variables(container),
        secrets=tuple(dict.fromkeys(item.partition(",")[0] for item in container.get("Secret", []))),
        pod=pod,
    )


def _networks(items: Sequence[str], beside: Callable[[str], Mapping[str, dict[str, list[str]]]]) -> tuple[list[str], list[str]]:
    """The names of the networks of `Network=` lines, and the containers whose network is shared."""
    said = [item.partition(":") for item in items]
    networks = [_network(item, beside) for item, _, _ in said if item != "container"]
    shared = [rest for item, _, rest in said if item == "container"]
    return networks, [*shared, *(item.removesuffix(".container") for item, _, _ in said if item.endswith(".container"))]


def _labels(container: Mapping[str, list[str]]) -> dict[str, str]:
    """The labels of a container, without quotes around each or its parts."""
    pairs = [word.strip("\"'").partition("=") for line in container.get("Label", []) for word in _words(line)]
    return {key.strip("\"'"): value.strip("\"'") for key, _, value in pairs}


def _variables(container: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The names of the variables of `Environment=`, never their values."""
    names = [word.partition("=")[0].strip("\"'") for line in container.get("Environment", []) for word in _words(line)]
    return tuple(sorted({name for name in names if re.fullmatch(r"\w+", name)}))


def with_ports_of_pods(services: Sequence[ServiceRecord], opened: Callable[[str], str | None]) -> list[ServiceRecord]:
    """The services, with each pod's ports given to the container that answers there: the one that isn't a database behind the others."""
    groups: dict[tuple[str, str], list[ServiceRecord]] = defaultdict(list)
    for service in services:
        if service.pod:
            groups[service.folder, service.pod].append(service)
    front: dict[tuple[str, str], tuple[str, ...]] = {}
    for (folder, pod), inside in groups.items():
        ports = tuple(_rows(opened(posixpath.join(folder, f"{pod}.pod")) or "")["Pod"].get("PublishPort", []))
        needed = {name for one in inside for name in one.depends_on}
        named = [one for one in inside if one.name == pod]
        ahead = [one for one in inside if not _BEHIND.search(one.image)]
        for one in named or [one for one in ahead if one.name not in needed] or ahead or inside:
            front[folder, one.name] = ports
    return [
        replace(one, ports=(*one.ports, *more), exposed=one.exposed or exposure(more, "", has_url=False))
        if one.pod and (more := front.get((one.folder, one.name)))
        else one
        for one in services
    ]


def _manifests(path: str, kube: Mapping[str, list[str]], opened: Callable[[str], str | None]) -> list[str]:
    """The existing Kubernetes manifests that a `*.kube` file names."""
    named = (posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) for name in kube.get("Yaml", []))
    return [name for name in named if opened(name) is not None]


def _image(manifests: Sequence[str], opened: Callable[[str], str | None]) -> str:
    """The first image of a manifest: that of the pod's main container."""
    found = (re.search(r"^\s*(?:- )?image:\s*[\"']?([^\s\"'#]+)", opened(name) or "", re.MULTILINE) for name in manifests)
    return next((masking.mask(image[1])[0] for image in found if image), "")


def units_named(path: str, opened: Callable[[str], str | None]) -> list[str]:
    """The files beside a quadlet that it or its pod names: `web.pod`, `proxy.network`, a manifest."""
    rows, folder = _rows(opened(path) or ""), posixpath.dirname(path)
    said = [
        value
        for section in ("Container", "Kube", "Pod")
        for key in ("Pod", "Network", "Volume", "Image")
        for value in rows[section].get(key, [])
    ]
    names = [name for value in said if (name := value.partition(":")[0]).endswith(UNITS)]
    found = _manifests(path, rows["Kube"], opened)
    for unit in (posixpath.normpath(posixpath.join(folder, name)) for name in names):
        if opened(unit) is not None:
            found += [unit, *(units_named(unit, opened) if unit.endswith(".pod") else [])]
    return list(dict.fromkeys(found))


def _network(item: str, beside: Callable[[str], Mapping[str, dict[str, list[str]]]]) -> str:
    if item.endswith(".container"):
        return ""
    if not item.endswith(".network"):
        return item.removeprefix("systemd-")  # what podman calls the network of a unit
    named = beside(item)["Network"].get("NetworkName", [])
    return named[-1] if named else item.removesuffix(".network")


def _rows(text: str) -> defaultdict[str, dict[str, list[str]]]:
    """section → key → its values; an empty value drops those before it, as in systemd."""
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
    """The words of a line; a space in quotes doesn't end a word, wherever in the word they begin: `name="Films and series"`."""
    return re.findall(r"(?:\"[^\"]*\"|'[^']*'|\S)+", line)


def _mount(item: str, beside: Callable[[str], Mapping[str, dict[str, list[str]]]]) -> tuple[str, str, str]:
    source, _, rest = item.partition(":")
    target, _, mode = rest.partition(":")
    if not target:
        return "", source, ""
    if source.endswith(".volume"):
        source = _place(source, beside(source)["Volume"])
    return re.sub(r"^%h(?=/|$)", "~", source), target, mode


def _place(unit: str, said: Mapping[str, list[str]]) -> str:
    """Where the data of a volume is: the folder that it binds, else its name."""
    binds = any("bind" in option.split(",") for option in said.get("Options", []))
    found = said.get("Device", []) if binds else said.get("VolumeName", [])
    return found[-1] if found else unit.removesuffix(".volume")


_MADE = re.compile(r"-(?:network|volume|pod|build|image)$")  # services that podman makes from the other units


def _needs(unit: dict[str, list[str]]) -> list[str]:
    """The containers that this one starts after and can't do without."""
    return [name for key in ("Requires", "BindsTo", "Wants") for name in _named(unit, key)]


def _named(unit: dict[str, list[str]], key: str) -> list[str]:
    """The containers that a key of a unit names."""
    words = [word for line in unit.get(key, []) for word in line.split()]
    names = [
        word.removesuffix(".service").removesuffix(".container") for word in words if word.endswith((".service", ".container"))
    ]
    return [name for name in names if "%" not in name and not _MADE.search(name)]
