"""One service of compose files: from its merged mapping to an import's record. Values of variables are left out."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...secrets import masking
from ..service_record import ServiceRecord, Volume, exposure, on_dashboard, project_of, url_of, volume
from .compose_merge import as_map, colon_parts, items, plain
from .compose_parts import ComposePart
from .env_variables import interpolate, is_secret


def describe(
    base: ComposePart, parts: Sequence[ComposePart], raw: Mapping[str, Any], variables: Mapping[str, str]
) -> ServiceRecord:
    """Describe a service: `raw` is all its parts merged, `base` the part that it is in, `variables` are for `${…}`."""

    def filled(value: Any) -> str:
        value = plain(value)
        return interpolate(value, variables).strip() if isinstance(value, str) else ""

    labels = {key: filled(value) for key, value in as_map(raw.get("labels")).items()}
    deploy = plain(raw.get("deploy"))
    if isinstance(deploy, dict):
        labels = {key: filled(value) for key, value in as_map(deploy.get("labels")).items()} | labels
    own = _own_words(parts, raw, labels)
    ports = tuple(interpolate(port, variables) for port in dict.fromkeys(map(_port, items(raw.get("ports")))) if port)
    volumes = tuple(
        dict.fromkeys(
            volume(interpolate(source, variables), interpolate(target, variables), mode, kind)
            for source, target, mode, kind in map(_mount, items(raw.get("volumes")))
            if target
        )
    )
    network_mode = filled(raw.get("network_mode"))
    url = filled(own.get("url")) or url_of(labels)
    folder = posixpath.dirname(base.home)
    project = next((filled(part.project) for part in parts if part.project), "")
    project = "" if "$" in project else project  # without a value here it names nothing
    described = ServiceRecord(
        name=base.name,
        project=project or project_of(folder),
        folder=folder,
        file=base.home,
        line=base.line if base.home == base.file else 1,
        files=tuple(dict.fromkeys(file for part in parts for file in (part.home, part.file))),
        image=filled(raw.get("image")),
        built=bool(raw.get("build")),
        container=filled(raw.get("container_name")),
        title=on_dashboard(labels, "name"),
        description=on_dashboard(labels, "description"),
        group=on_dashboard(labels, "group"),
        url=url,
        ports=ports,
        volumes=volumes,
        networks=tuple(interpolate(name, variables) for name in _networks(base, raw, network_mode)),
        depends_on=tuple(dict.fromkeys(_needs(raw, network_mode))),
        restart=filled(raw.get("restart")),
        profiles=tuple(filled(item) for item in items(raw.get("profiles"))),
        check=_check(raw.get("healthcheck")),
        exposed=filled(own.get("exposed")) or exposure(ports, network_mode, bool(url)),
        environment=tuple(sorted(as_map(raw.get("environment")))),
        secrets=tuple(dict.fromkeys(_names(raw.get("secrets")))),
        own={key: value for key, value in own.items() if key not in ("url", "exposed")},
        off=_is_off(deploy, raw),
        hosts=_machines_of(deploy),
    )
    return _without_values(described, raw, variables)


def _names(value: Any) -> Iterator[str]:
    for item in items(value):
        name = item.get("source") if isinstance(item, dict) else item
        if isinstance(name, str):
            yield name


def _own_words(parts: Sequence[ComposePart], raw: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    """What the user tells kb: `x-kb` of the files, `x-kb` of the service, labels `kb.…`; the nearest one counts."""
    own: dict[str, Any] = {}
    for part in parts:
        own |= part.shared
    block = plain(raw.get("x-kb"))
    own |= block if isinstance(block, dict) else {}
    own |= {key.removeprefix("kb."): value for key, value in labels.items() if key.startswith("kb.")}
    return {key: value for key, value in own.items() if isinstance(value, (str, list)) and value}


def _port(port: Any) -> str:
    """A published port in compose's short form: `127.0.0.1:8096:8096/udp`; empty if it has no fixed host port."""
    if isinstance(port, dict):
        target, published = str(port.get("target") or ""), str(port.get("published") or "")
        host = f"{port['host_ip']}:" if port.get("host_ip") else ""
        protocol = f"/{port['protocol']}" if port.get("protocol") not in (None, "tcp") else ""
        return f"{host}{published}:{target}{protocol}" if published else f"{target}{protocol}"
    return port.strip() if isinstance(port, str) else ""


def _mount(mount: Any) -> tuple[str, str, str, str]:
    """Source, target, mode and type of a volume in either form."""
    if isinstance(mount, dict):
        mode = "ro" if str(mount.get("read_only", "")).lower() == "true" else ""
        return str(mount.get("source") or ""), str(mount.get("target") or ""), mode, str(mount.get("type") or "volume")
    if not isinstance(mount, str):
        return "", "", "", ""
    parts = colon_parts(mount.strip())
    if len(parts) == 1:
        return "", parts[0], "", "volume"
    return parts[0], parts[1], parts[2] if len(parts) > 2 else "", ""


def _networks(base: ComposePart, raw: Mapping[str, Any], network_mode: str) -> tuple[str, ...]:
    if network_mode in ("host", "none"):
        return (network_mode,)
    return tuple(base.networks.get(name, name) for name in as_map(raw.get("networks")))


def _needs(raw: Mapping[str, Any], network_mode: str) -> Iterator[str]:
    """The services it can't start without: `depends_on` in both forms, links, and those whose network or volumes it uses."""
    yield from as_map(raw.get("depends_on"))
    for link in [*items(raw.get("links")), *items(raw.get("external_links")), *items(raw.get("volumes_from"))]:
        if isinstance(link, str):
            yield link.removeprefix("container:").partition(":")[0]
    for key in (network_mode, raw.get("pid"), raw.get("ipc")):
        if isinstance(key, str) and key.startswith(("service:", "container:")):
            yield key.partition(":")[2]


def _machines_of(deploy: Any) -> tuple[str, ...]:
    """The machines that a swarm may run it on, if named."""
    placement = plain(deploy.get("placement")) if isinstance(deploy, dict) else None
    said = items(placement.get("constraints")) if isinstance(placement, dict) else []
    found = (re.fullmatch(r"node\.hostname\s*==\s*([\w.-]+)", word.strip()) for word in said if isinstance(word, str))
    return tuple(match[1] for match in found if match)


def _is_off(deploy: Any, raw: Mapping[str, Any]) -> bool:
    replicas = deploy.get("replicas") if isinstance(deploy, dict) else None
    return "0" in (str(replicas), str(raw.get("scale")))


def _check(healthcheck: Any) -> str:
    """What the healthcheck runs: the program and the addresses it queries, without arguments, which may contain passwords."""
    healthcheck = plain(healthcheck)
    if not isinstance(healthcheck, dict) or str(healthcheck.get("disable", "")).lower() == "true":
        return ""
    test = plain(healthcheck.get("test"))
    words = [word for word in (test if isinstance(test, list) else str(test or "").split()) if isinstance(word, str)]
    if words and words[0] in ("CMD", "CMD-SHELL", "NONE"):
        words = words[1:] if words[0] != "NONE" else []
    flat = " ".join(words).split()
    if not flat:
        return ""
    addresses = [re.sub(r"//[^/@\s]*@", "//", found) for found in re.findall(r"https?://[^\s'\"?;|&)$]+", " ".join(words))]
    return " ".join([flat[0].strip("'\"[]"), *dict.fromkeys(addresses)])


# ---- values are left out ---------------------------------------------------------------------------------------------


def _without_values(described: ServiceRecord, raw: Mapping[str, Any], variables: Mapping[str, str]) -> ServiceRecord:
    """Every text with known secrets masked, and with the values of secret variables left out wherever they appear."""
    # WORDPRESS_DB_PASSWORD=wordpress hides nothing, and removing it would take the name out of the image.
    public = f"{described.name} {described.project} {described.folder} {described.image} {described.container}"
    values = {
        value
        for name, value in [*as_map(raw.get("environment")).items(), *variables.items()]
        if isinstance(value, str) and len(value) >= 6 and is_secret(name) and "$" not in value and value not in public
    }

    def clean(text: str) -> str:
        for value in values:
            text = text.replace(value, "…")
        # Most texts are short: no rule for secrets matches so few letters.
        return masking.mask(text)[0] if len(text) > 12 else text

    def each(value: Any) -> Any:
        if isinstance(value, str):
            return clean(value)
        if isinstance(value, Volume):
            return replace(value, source=clean(value.source))
        if isinstance(value, (tuple, list)):
            return type(value)(each(item) for item in value)
        return value

    words = ("image", "title", "description", "group", "url", "ports", "volumes", "check")
    own = {key: each(value) for key, value in described.own.items()}
    return replace(described, own=own, **{word: each(getattr(described, word)) for word in words})
