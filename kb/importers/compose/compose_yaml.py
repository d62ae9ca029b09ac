"""Compose files as YAML: anchors, aliases and merge keys resolved, every limit checked before memory is spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...notes.yaml_reader import Broken, explained

MAX_COMPOSE_BYTES = 1024 * 1024
MAX_COMPOSE_DEPTH = 40
MAX_COMPOSE_NODES = 50_000  # with every alias counted in full


@dataclass(frozen=True)
class Tagged:
    """A value with `!reset` or `!override` before it, which say how it merges with the file below."""

    tag: str
    value: Any


@dataclass(frozen=True)
class ComposeYaml:
    """A YAML document as compose reads it: anchors and merge keys resolved, scalars as typed, an empty value None."""

    value: Any
    lines: Mapping[tuple[str, ...], int]  # of the keys down to the third level; lines of the file


def read_compose_yaml(text: str) -> list[ComposeYaml]:
    """The documents of a compose file. Unlike notes, these may have anchors, aliases, merge keys and tags.

    Aliases share their values, and the number of values that would be walked is counted, so a bomb is refused before it
    costs anything. Raises Broken with the line and what to do.
    """
    import yaml

    if len(text) > MAX_COMPOSE_BYTES:
        raise Broken(1, f"larger than {MAX_COMPOSE_BYTES >> 20} MB: no compose file")
    reader = _ComposeReader()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            reader.take(event)
    except yaml.YAMLError as error:
        raise explained(error, text) from None
    return reader.documents


@dataclass
class _Open:
    """A list or a dict that isn't closed yet."""

    value: Any
    anchor: str | None
    tag: str | None
    line: int
    nodes: int = 1
    key: str | None = None
    merged: list[Any] = field(default_factory=list)


class _ComposeReader:
    """Builds values from libyaml's events; every limit is checked before memory is spent."""

    def __init__(self) -> None:
        self.documents: list[ComposeYaml] = []
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.lines: dict[tuple[str, ...], int] = {}

    def take(self, event: Any) -> None:
        """One event of the parser."""
        import yaml

        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise Broken(line, f"*{event.anchor} stands for nothing: no &{event.anchor} comes before it")
            value, nodes = self.anchors[event.anchor]
            self._put(value, nodes, line)
        elif isinstance(event, yaml.ScalarEvent):
            plain = event.implicit[0] and event.style in (None, "")
            value = None if plain and event.value in ("", "~", "null", "Null", "NULL") else event.value
            if self.stack and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None:
                value = event.value
            if event.anchor:
                self.anchors[event.anchor] = (value, 1)
            self._put(_with_tag(event.tag, value), 1, line)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(self.stack) >= MAX_COMPOSE_DEPTH:
                raise Broken(line, f"nested deeper than {MAX_COMPOSE_DEPTH} levels: no compose file is")
            fresh: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            self.stack.append(_Open(fresh, event.anchor, event.tag, line))
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close()
        elif isinstance(event, yaml.DocumentStartEvent):
            self.anchors, self.lines = {}, {}

    def _close(self) -> None:
        done = self.stack.pop()
        for merged in done.merged:
            for source in merged if isinstance(merged, list) else [merged]:
                if not isinstance(source, dict):
                    raise Broken(done.line, "<<: wants a mapping, like *common")
                for key, value in source.items():
                    done.value.setdefault(key, value)
        if done.anchor:
            self.anchors[done.anchor] = (done.value, done.nodes)
        self._put(_with_tag(done.tag, done.value), done.nodes, done.line)

    def _put(self, value: Any, nodes: int, line: int) -> None:
        if not self.stack:
            self.documents.append(ComposeYaml(value, self.lines))
            return
        holder = self.stack[-1]
        holder.nodes += nodes
        if holder.nodes > MAX_COMPOSE_NODES:
            raise Broken(line, f"its aliases stand for more than {MAX_COMPOSE_NODES:,} values: an alias bomb is not read")
        if isinstance(holder.value, list):
            holder.value.append(value)
        elif holder.key is None:
            self._take_key(holder, value, line)
        elif holder.key == "<<":
            holder.merged.append(value)
            holder.key = None
        else:
            holder.value[holder.key] = value
            holder.key = None

    def _take_key(self, holder: _Open, key: Any, line: int) -> None:
        if not isinstance(key, str):
            raise Broken(line, "a key must be a word: put {{ … }} in quotes")
        if key in holder.value:
            raise Broken(line, f"{key} stands here twice: keep one")
        holder.key = key
        path = tuple(opened.key for opened in self.stack if opened.key is not None)
        if len(path) == len(self.stack) <= 3:
            self.lines.setdefault(path, line)


def _with_tag(tag: str | None, value: Any) -> Any:
    return Tagged(tag[1:], value) if tag in ("!reset", "!override") else value
