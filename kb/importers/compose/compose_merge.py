"""Compose's rules for merging one mapping into another, and for values that may be written in two forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .compose_yaml import Tagged


def plain(value: Any) -> Any:
    """A value without its `!reset` or `!override`."""
    return value.value if isinstance(value, Tagged) else value


def items(value: Any) -> list[Any]:
    """A list, from a list or from a single text."""
    value = plain(value)
    return list(value) if isinstance(value, list) else [value] if isinstance(value, str) else []


# Lists that count as a single value: the later file's is used.
_WHOLE = ("command", "entrypoint", "test")

# Written as a list or as a map, and merged by key.
_EITHER = ("environment", "labels", "depends_on", "networks", "extra_hosts", "sysctls", "annotations", "args")


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two mappings of compose files put together, `above` on top: maps by key, lists one after the other."""
    result = dict(below)
    for key, value in above.items():
        old = plain(result.get(key))
        if isinstance(value, Tagged):
            result[key] = None if value.tag == "reset" else value.value
        elif key in _EITHER and old and value:
            result[key] = merged(as_map(old), as_map(value))
        elif isinstance(value, dict) and isinstance(old, dict):
            result[key] = merged(old, value)
        elif key in ("volumes", "devices") and isinstance(value, list) and isinstance(old, list):
            result[key] = [one for one in old if _target(one) not in {_target(new) for new in value}] + value
        elif isinstance(value, list) and isinstance(old, list) and key not in _WHOLE:
            result[key] = old + [one for one in value if one not in old]
        elif value is not None or key not in result:
            result[key] = value
    return result


def _target(mount: Any) -> str:
    """Where a volume is mounted: a later file's mount on the same place replaces the earlier one."""
    if isinstance(mount, dict):
        return str(mount.get("target"))
    parts = colon_parts(str(mount))
    return parts[1] if len(parts) > 1 else parts[0]


def as_map(value: Any) -> dict[str, Any]:
    """A map, from a map or from a list of `name=value` or plain names."""
    value = plain(value)
    if isinstance(value, dict):
        return dict(value)
    found: dict[str, Any] = {}
    for item in value if isinstance(value, list) else []:
        if isinstance(item, str):
            name, equals, said = item.partition("=")
            found[name.strip()] = said if equals else None
        elif isinstance(item, dict):
            found |= item
    return found


def colon_parts(mount: str) -> list[str]:
    """A short volume at its colons, but not at those inside `${…:-…}` or after a drive letter."""
    parts, start, at, level = [], 0, 0, 0
    while at < len(mount):
        if mount.startswith("${", at):
            level += 1
        elif mount[at] == "}" and level:
            level -= 1
        elif mount[at] == ":" and not level and not (at == 1 and mount[0].isalpha() and mount[2:3] in ("\\", "/")):
            parts.append(mount[start:at])
            start = at + 1
        at += 1
    return [*parts, mount[start:]]
