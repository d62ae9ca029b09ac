"""Making a large map small: a stack becomes one box, a part that only one app uses goes into that app's box, and apps with the same needs share one.

In a lab with hundreds of services, most are an app with its own database behind the same proxy. Drawn one by one they are a
wall of boxes that says nothing; what matters is what they share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

LARGEST = 12  # apps of a stack; a file with more isn't a stack but a whole lab


@dataclass
class Reduced:
    """The boxes and lines that are left. `inside`: a box → the parts in it; `crowds`: a box → all the apps that it represents."""

    keys: list[str]
    edges: set[tuple[str, str]]
    inside: dict[str, list[str]] = field(default_factory=dict)
    crowds: dict[str, list[str]] = field(default_factory=dict)


def reduced(keys: Iterable[str], edges: Collection[tuple[str, str]], stacks: Mapping[str, str]) -> Reduced:
    """Fold the apps, which are the keys of `stacks`, each with the name of its stack.

    Machines, disks and capabilities stay as they are: they are what the map is for.
    """
    found = Reduced(list(keys), set(edges))
    _fold_stacks(found, stacks)
    _take_in_parts(found, stacks)
    _join_crowds(found, stacks)
    return found


def parts(found: Reduced) -> list[list[str]]:
    """The connected parts, the largest first."""
    beside: dict[str, set[str]] = {key: set() for key in found.keys}
    for start, end in found.edges:
        beside[start].add(end)
        beside[end].add(start)
    seen: set[str] = set()
    listed = []
    for key in found.keys:
        if key not in seen:
            seen.add(key)
            part = [key]
            for member in part:
                fresh = sorted(beside[member] - seen)
                seen.update(fresh)
                part += fresh
            listed.append(part)
    return sorted(listed, key=lambda part: -len(part))


def _fold_stacks(found: Reduced, stacks: Mapping[str, str]) -> None:
    """Make the apps of a stack one box, named after its main app, which needs others and is needed by none of them."""
    members: dict[str, list[str]] = defaultdict(list)
    for key in found.keys:
        if name := stacks.get(key):
            members[name].append(key)
    head: dict[str, str] = {}
    for stack in members.values():
        if 1 < len(stack) <= LARGEST:
            own = set(stack)
            within = [(start, end) for start, end in found.edges if start in own and end in own]
            owner = min(
                stack,
                key=lambda key: (sum(end == key for _, end in within), -sum(start == key for start, _ in within), len(key)),
            )
            head |= dict.fromkeys(stack, owner)
            found.inside[owner] = [key for key in stack if key != owner]
    found.keys = [key for key in found.keys if head.get(key, key) == key]
    moved = {(head.get(start, start), head.get(end, end)) for start, end in found.edges}
    found.edges = {(start, end) for start, end in moved if start != end}


def _take_in_parts(found: Reduced, apps: Collection[str]) -> None:
    """Put an app that only one other app needs, and that needs nothing more than that one does, inside it."""
    needs, users = _beside(found.edges)
    waiting = list(found.keys)
    gone: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key in gone or key not in apps or len(users[key]) != 1:
            continue
        (owner,) = users[key]
        if owner not in apps or owner in needs[key] or not needs[key] <= needs[owner]:
            continue
        gone.add(key)
        found.inside.setdefault(owner, []).extend([key, *found.inside.pop(key, ())])
        needs[owner].discard(key)
        for other in needs.pop(key):
            users[other].discard(key)
        waiting += [owner, *sorted(needs[owner])]
    found.keys = [key for key in found.keys if key not in gone]
    found.edges = {(start, end) for start, end in found.edges if start not in gone and end not in gone}


def _join_crowds(found: Reduced, apps: Collection[str]) -> None:
    """Make apps with the same lines one box, named after the first; repeat as long as that makes others alike."""
    while True:
        needs, users = _beside(found.edges)
        alike: dict[tuple[frozenset[str], frozenset[str]], list[str]] = defaultdict(list)
        for key in found.keys:
            if key in apps and (needs[key] or users[key]):
                alike[frozenset(needs[key]), frozenset(users[key])].append(key)
        crowds = [members for members in alike.values() if len(members) > 1]
        if not crowds:
            return
        head = {key: members[0] for members in crowds for key in members}
        for members in crowds:
            found.crowds[members[0]] = [one for key in members for one in found.crowds.pop(key, [key])]
        found.keys = [key for key in found.keys if head.get(key, key) == key]
        found.edges = {(head.get(start, start), head.get(end, end)) for start, end in found.edges}


def _beside(edges: Iterable[tuple[str, str]]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    needs: dict[str, set[str]] = defaultdict(set)
    users: dict[str, set[str]] = defaultdict(set)
    for start, end in edges:
        needs[start].add(end)
        users[end].add(start)
    return needs, users
