"""YAML as kb reads it: scalars stay the strings that were typed, and size and depth have limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from ..exceptions import KbError

MAX_BYTES = 64 * 1024  # of front matter; a person's is under 2 KiB
MAX_DEPTH = 20


@dataclass(frozen=True)
class Span:
    """Where a key and its value are in the front matter, in characters and lines from 0."""

    line: int
    start: int  # of the value
    end: int
    key_start: int


class Broken(KbError):
    """YAML that can't be used: which line, and what to do."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line, self.message = line, message


def parse(yaml_text: str) -> tuple[dict[str, Any], dict[str, Span]]:
    """The mapping in `yaml_text`, every scalar as it was typed, and where each key is.

    Uses python-frontmatter with a handler of our own. Raises Broken with the line, counted from 1 in `yaml_text`.
    """
    import frontmatter
    from frontmatter.default_handlers import BaseHandler

    spans: dict[str, Span] = {}

    class Handler(BaseHandler):
        FM_BOUNDARY = re.compile("")

        def split(self, text: str) -> tuple[str, str]:
            return yaml_text, ""

        def load(self, fm: str) -> dict[str, Any]:
            return _load(fm, spans)

    front, _ = frontmatter.parse("", handler=Handler())
    return dict(front), spans


def _load(text: str, spans: dict[str, Span]) -> dict[str, Any]:
    """One pass over libyaml's events: checks depth, aliases, tags and duplicate keys, and builds strings, lists and dicts."""
    import yaml

    for number, line in enumerate(text.split("\n"), 1):
        if re.match(r"(<{7}|>{7}|={7})( |$)", line):
            raise Broken(number, "an unresolved merge: choose a side and delete the marker lines (git status names the files)")
    try:
        return _build(yaml.parse(text, Loader=yaml.CSafeLoader), spans)
    except yaml.YAMLError as error:
        raise explained(error, text) from None


def _build(events: Iterable[Any], spans: dict[str, Span]) -> dict[str, Any]:
    import yaml

    builder = _Builder(spans)
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise Broken(line, f"*{event.anchor} is an alias in YAML, and kb reads none: put the value in quotes")
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
            _refuse_marks(event, line)
        if isinstance(event, yaml.ScalarEvent):
            builder.scalar(event, line)
        elif isinstance(event, yaml.CollectionStartEvent):
            builder.begin({} if isinstance(event, yaml.MappingStartEvent) else [], event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            builder.end(event)
        elif isinstance(event, yaml.DocumentStartEvent) and builder.top is not None:
            raise Broken(line, "a second document begins here: front matter is one block between --- lines")
    return builder.top or {}


def _refuse_marks(event: Any, line: int) -> None:
    """Raise Broken at an anchor or a tag."""
    if event.anchor:
        raise Broken(line, f"&{event.anchor} is an anchor in YAML, and kb reads none: put the value in quotes")
    if event.tag and event.tag != "!":
        raise Broken(line, f"{_tag(event.tag)} is a tag in YAML, and kb reads none: put the value in quotes")


class _Builder:
    """Makes strings, lists and dicts from libyaml's events; raises Broken at anything that front matter can't hold."""

    def __init__(self, spans: dict[str, Span]) -> None:
        self.top: dict[str, Any] | None = None
        self._spans = spans
        self._open: list[Any] = []  # lists and dicts, the innermost last
        self._keys: list[Any] = []  # for each open dict, the key that waits for its value, or None

    def scalar(self, event: Any, line: int) -> None:
        """A key or a value."""
        if self._open:
            self._place(event.value, event, line)
        elif event.value or not event.implicit[0]:
            raise Broken(line, "the front matter is one text, not `key: value` lines: begin with `title: …`")

    def begin(self, fresh: Any, event: Any, line: int) -> None:
        """A list or a dict."""
        if len(self._open) >= MAX_DEPTH:
            raise Broken(line, f"nested deeper than {MAX_DEPTH} levels: front matter is flat")
        if self._open:
            self._place(fresh, event, line)
        elif isinstance(fresh, dict):
            self.top = fresh
        else:
            raise Broken(line, "the front matter is a list, not `key: value` lines: begin with `title: …`")
        self._open.append(fresh)
        self._keys.append(None)

    def end(self, event: Any) -> None:
        """The innermost one is complete: if it is the value of a top-level key, that value ends here."""
        self._open.pop()
        self._keys.pop()
        if len(self._open) == 1 and isinstance(self._open[0], dict) and self._spans:
            last = next(reversed(self._spans))
            self._spans[last] = replace(self._spans[last], end=event.end_mark.index)

    def _place(self, value: Any, event: Any, line: int) -> None:
        """Put a value into the innermost open list or dict; in a dict, every first one of a pair is the key."""
        holder = self._open[-1]
        if isinstance(holder, list):
            holder.append(value)
        elif self._keys[-1] is None:
            if not isinstance(value, str):
                raise Broken(line, "a key must be a word: put the value in quotes if it begins with { or [")
            if value in holder:
                raise Broken(line, f"{value} stands here twice: keep one")
            self._keys[-1] = (value, event.start_mark.line, event.start_mark.index)
        else:
            key, key_line, key_start = self._keys[-1]
            holder[key] = value
            self._keys[-1] = None
            if len(self._open) == 1:
                self._spans[key] = Span(key_line, event.start_mark.index, event.end_mark.index, key_start)


def _tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


# What libyaml says, and what to do about it.
_EXPLANATIONS: tuple[tuple[str, str], ...] = (
    ("mapping values are not allowed", "a colon inside a value: put the whole value in quotes"),
    ("could not find expected ':'", "a line without `key: value`: add the colon, or put the text in quotes"),
    ("found character that cannot start any token", "a value can't begin with this character: put it in quotes"),
    ("did not find expected <document start>", "text that is no `key: value` line: put it below the closing ---"),
    ("did not find expected key", "a key stands at the wrong indentation, or a quote isn't closed"),
    ("did not find expected ',' or ']'", "a list isn't closed: add the ]"),
    ("did not find expected ',' or '}'", "a { isn't closed: put the value in quotes"),
    ("found unexpected end of stream", "a quote isn't closed: add the second one"),
    ("found unknown escape character", "a backslash in double quotes: use single quotes"),
    ("did not find expected hexdecimal", "a backslash in double quotes: use single quotes"),
    ("control characters are not allowed", "a control character: delete it (cat -v shows it)"),
    ("special characters are not allowed", "a control character: delete it (cat -v shows it)"),
    ("block sequence entries are not allowed", "a list item after the key: begin it on a line of its own"),
    ("did not find expected alphabetic", "a value that begins with *, & or !: put it in quotes"),
    ("found undefined tag handle", "a value that begins with !: put it in quotes"),
    ("did not find expected '!'", "a value that begins with !: put it in quotes"),
)


def explained(error: Any, text: str) -> Broken:
    """libyaml's complaint about `text`, with its line and what to do about it."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = getattr(error, "problem", "") or getattr(error, "reason", "") or str(error).split("\n", 1)[0]
    line = mark.line + 1 if mark else 1
    # The reader's errors have a position in bytes instead of a mark.
    if mark is None and isinstance(position := getattr(error, "position", None), int):
        line = text.encode("utf-8")[:position].count(b"\n") + 1
    advice = next((advice for start, advice in _EXPLANATIONS if start in said), f"YAML can't be read here ({said})")
    return Broken(line, advice)


def read_yaml_settings(text: str) -> dict[str, Any]:
    """`mkdocs.yml` as plain values; tags that only MkDocs knows (`!ENV`, `!!python/name:`) are skipped.

    Raises Broken with the line and what to do.
    """
    import yaml

    class Loader(yaml.CSafeLoader):
        pass

    def passed_over(_loader: Any, _suffix: str, node: Any) -> Any:
        return node.value if isinstance(node, yaml.ScalarNode) else None

    add: Callable[..., None] = Loader.add_multi_constructor
    add("!", passed_over)
    add("tag:yaml.org,2002:python/", passed_over)
    try:
        loaded = yaml.load(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise explained(error, text) from None
    except (RecursionError, ValueError) as error:
        raise Broken(1, f"YAML can't be read here ({error})") from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise Broken(1, "should be `key: value` lines, like site_name: my lab")
    return loaded
