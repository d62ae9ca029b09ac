"""Front matter: read with a guard and line numbers, written by replacing the bytes of one line. The home of YAML, but for compose files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..exceptions import CannotEdit

MAX_BYTES = 64 * 1024  # of front matter; a person's is under 2 KiB
MAX_DEPTH = 20

_LINE_END = re.compile(rb"\r\n|\n|\r")
_OPENING = re.compile(rb"-{3,}[ \t]*(?=\r\n|\n|\r|\Z)")
_CLOSING = re.compile(rb"(?:\r\n|\n|\r)(-{3,}|\.\.\.)[ \t]*(?=\r\n|\n|\r|\Z)")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Span:
    """Where a key and its value stand in the front matter, in characters and lines from 0."""

    line: int
    start: int  # of the value
    end: int
    key_start: int


@dataclass(frozen=True)
class Parsed:
    """A note's file, read: what its front matter says, and the body. `problem` is (line, message) when it is broken."""

    front: dict[str, Any] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1
    problem: tuple[int, str] | None = None


class Broken(Exception):
    """The front matter can't be used: the line in the file, and what to do."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


@dataclass(frozen=True)
class Block:
    """Where the front matter of a file stands, in bytes: `data[start:end]` is the YAML, `body` where the body begins."""

    start: int
    end: int
    body: int
    newline: bytes


def find_block(data: bytes) -> Block | None:
    """The front matter block of a file, or None when it has none. Raises Broken when it isn't closed or too long."""
    begin = len(_BOM) if data.startswith(_BOM) else 0
    opening = _OPENING.match(data, begin)
    if not opening:
        return None
    newline = _LINE_END.match(data, opening.end())
    if not newline:
        return None
    # One byte back: the line end of the opening line may be that of an empty block.
    closing = _CLOSING.search(data, opening.end(), newline.end() + MAX_BYTES)
    if not closing:
        if len(data) > newline.end() + MAX_BYTES:
            raise Broken(1, f"the front matter is longer than {MAX_BYTES // 1024} KiB: close it with a line ---")
        raise Broken(1, "the front matter isn't closed: add a line --- after its last key")
    after = _LINE_END.match(data, closing.end())
    return Block(newline.end(), max(newline.end(), closing.start()), after.end() if after else len(data), newline.group())


def read(data: bytes) -> Parsed:
    """A note's bytes, read. Never raises: what is wrong is in `problem`, and the body has all the text there is."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
        return Parsed(body=text, problem=(1, "this file is UTF-16: convert it with iconv -f UTF-16 -t UTF-8"))
    undecodable = _first_bad_byte(data)
    if undecodable is not None:
        line = len(_LINE_END.findall(data, 0, undecodable)) + 1
        message = f"this file isn't UTF-8 (byte 0x{data[undecodable]:02x}): convert it with iconv -t UTF-8 (often -f CP1252)"
        problem: tuple[int, str] | None = (line, message)
    else:
        problem = None
    try:
        block = find_block(data)
    except Broken as broken:
        return Parsed(body=_text(data), problem=problem or (broken.line, broken.message))
    if block is None:
        if data.lstrip(_BOM).startswith(b"+++"):
            problem = problem or (1, "front matter between +++ (TOML) isn't read: write it as YAML between --- lines")
        return Parsed(body=_text(data), problem=problem)
    body_line = len(_LINE_END.findall(data, 0, block.body)) + 1
    body = _text(data[block.body :])
    try:
        front, spans = parse(_text(data[block.start : block.end]))
    except Broken as broken:
        # A note that was meant to stay private stays so, however broken the rest is.
        front, spans = ({"private": "true"} if _PRIVATE.search(data, block.start, block.end) else {}), {}
        problem = problem or (broken.line + 1, broken.message)
    return Parsed(front, {key: span.line + 2 for key, span in spans.items()}, body, body_line, problem)


_PRIVATE = re.compile(rb"^[ \t\"']*private[ \t\"']*:(?![ \t\"']*(?:no|false|off)\b)", re.MULTILINE | re.IGNORECASE)


def _first_bad_byte(data: bytes) -> int | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def parse(yaml_text: str) -> tuple[dict[str, Any], dict[str, Span]]:
    """The mapping that `yaml_text` holds, every scalar as it was typed, and where each key stands.

    Goes through python-frontmatter, with a handler of ours. Raises Broken with the line counted from 1 in `yaml_text`.
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
    """Strings, lists and dicts out of libyaml's events; raises Broken at what front matter can't hold."""

    def __init__(self, spans: dict[str, Span]) -> None:
        self.top: dict[str, Any] | None = None
        self._spans = spans
        self._open: list[Any] = []  # lists and dicts, the innermost last
        self._keys: list[Any] = []  # for each open dict the key that waits for its value, else None

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
        """The innermost one is whole: if it is the value of a key at the top, that value ends here."""
        self._open.pop()
        self._keys.pop()
        if len(self._open) == 1 and isinstance(self._open[0], dict) and self._spans:
            last = next(reversed(self._spans))
            self._spans[last] = replace(self._spans[last], end=event.end_mark.index)

    def _place(self, value: Any, event: Any, line: int) -> None:
        """Put a value into the innermost open list or dict; in a dict, the first of two is the key."""
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


# What libyaml says, and what a person can do about it.
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
    """What libyaml says of `text`, with its line and what a person can do about it."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = getattr(error, "problem", "") or getattr(error, "reason", "") or str(error).split("\n", 1)[0]
    line = mark.line + 1 if mark else 1
    # The reader's errors have no mark but a position in bytes.
    if mark is None and isinstance(position := getattr(error, "position", None), int):
        line = text.encode("utf-8")[:position].count(b"\n") + 1
    advice = next((advice for start, advice in _EXPLANATIONS if start in said), f"YAML can't be read here ({said})")
    return Broken(line, advice)


# ---- writing ---------------------------------------------------------------------------------------------------------


def quoted(value: str) -> str:
    """`value` as a YAML scalar: plain when every YAML reader takes it for this very text, else in quotes."""
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]", value):
        escaped = "".join(_escape(char) for char in value)
        return f'"{escaped}"'
    if _PLAIN.fullmatch(value) and not _OTHER_TYPE.fullmatch(value) and ": " not in value and " #" not in value:
        return value
    return "'" + value.replace("'", "''") + "'" if '"' in value or "\\" in value else f'"{value}"'


# Letters and digits first and last, no flow indicators: a plain scalar in any context.
_PLAIN = re.compile(r"[^\W_][^?\[\]{},\"'`\\|>*&!%@#\n]*(?<![:\s])|[^\W_]")

# Words and numbers that other YAML readers take for something else than text; dates stay as they are typed.
_OTHER_TYPE = re.compile(
    r"(?i:y|n|yes|no|true|false|on|off|null|~|[-+.]?\d[\d_,.]*(?:e[-+]?\d+)?|0[xo][\da-f]+|[-+]?\d+(?::\d\d)+(?:\.\d*)?|[-+]?\.(?:inf|nan))"
)


def _escape(char: str) -> str:
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    if char in named:
        return named[char]
    return f"\\u{ord(char):04x}" if re.match(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]", char) else char


def as_yaml(value: NewValue) -> str:
    """A value for a front matter line: a text, yes or no, or a list in one line. Dates stay plain."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if not value or _DATE.fullmatch(value) else quoted(value)
    return "[" + ", ".join(quoted(item) for item in value) + "]"


_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?")

# A new value for a key: a text, yes or no, or a list of names.
NewValue = str | bool | Sequence[str]


def set_fields(data: bytes, changes: Mapping[str, NewValue], path: str = "note") -> bytes:
    """`data` with these keys of the front matter set, and no other byte changed; a new key goes below the last one.

    An empty value leaves the key with nothing after the colon. Raises CannotEdit when it can't be proved by parsing again.
    """
    before = read(data)
    if before.problem:
        raise CannotEdit(path, *before.problem)
    missing = {key: value for key, value in changes.items() if key not in before.front}
    for key, value in changes.items():
        if key not in missing or not before.front:
            data = _set_field(data, key, value)
    if missing and before.front:
        data = _append_fields(data, missing)
    after = read(data)
    expected = before.front | {key: as_read(value) for key, value in changes.items()}
    if after.problem or after.body != before.body or after.front != expected:
        raise CannotEdit(
            path, before.key_lines.get(next(iter(changes), ""), 1), "can't change this without touching more: edit it by hand"
        )
    return data


def _append_fields(data: bytes, fields: Mapping[str, NewValue]) -> bytes:
    """New keys below the last one, all at once: each parse of the block in between would cost as much as reading the note."""
    block = find_block(data)
    assert block is not None
    raw = data[block.start : block.end]
    lines = [f"{quoted(key)}: {as_yaml(value)}".rstrip(" ").encode() for key, value in fields.items()]
    glue = b"" if raw.endswith((b"\n", b"\r")) else block.newline
    return data[: block.start] + raw + glue + block.newline.join(lines) + data[block.end :]


def as_read(value: NewValue) -> str | list[str]:
    """A new value as it comes back when the note is read."""
    if isinstance(value, bool):
        return as_yaml(value)
    return value if isinstance(value, str) else list(value)


def _set_field(data: bytes, key: str, value: NewValue) -> bytes:
    block = find_block(data)
    if block is None:
        bom, newline = (_BOM, data[len(_BOM) :]) if data.startswith(_BOM) else (b"", data)
        ending = _LINE_END.search(data)
        end = ending.group() if ending else b"\n"
        return bom + b"---" + end + f"{key}: {as_yaml(value)}".rstrip(" ").encode() + end + b"---" + end + newline
    raw = data[block.start : block.end].decode("utf-8")
    # libyaml counts characters with each line end as one or two as they stand, so the offsets hold on the raw text.
    _, spans = parse(raw)
    written = as_yaml(value)
    newline_text = block.newline.decode()
    if key not in spans:
        glue = "" if not raw or raw.endswith(("\n", "\r")) else newline_text
        line = f"{quoted(key)}: {written}".rstrip(" ")
        # A block that isn't empty ends before the line end of the closing line.
        new = raw + glue + line + ("" if raw else newline_text if data[block.end : block.end + 1] == b"-" else "")
        return data[: block.start] + new.encode() + data[block.end :]
    span = spans[key]
    colon = raw.index(":", span.key_start + max(len(key), 1))
    old = raw[span.start : span.end]
    # libyaml lets a list of several lines end where the next key begins: the remarks in between are not of the list.
    kept = old[_without_remarks(old) :] if "\n" in old or "\r" in old else ""
    if span.end == span.start or old.strip() == "":  # nothing stood there
        head, tail = raw[: colon + 1], raw[colon + 1 :]
        new = head + (f" {written}" if written else "") + tail
    else:
        gap = raw[colon + 1 : span.start]
        remarks = "".join(_REMARK_BEFORE.findall(gap)) if "\n" in gap or "\r" in gap else ""
        gap = gap if gap.strip(" \t") == "" and gap else " "
        new = raw[: colon + 1] + ((gap + written) if written else "") + remarks + kept + raw[span.end :]
    return data[: block.start] + new.encode() + data[block.end :]


_REMARK_BEFORE = re.compile(r"(?:[\r\n]+[ \t]*|[ \t]+)#[^\r\n]*")


def _without_remarks(value: str) -> int:
    """Where a value of several lines ends, without the blank lines and remarks after it."""
    end = len(value)
    while (stripped := len(value[:end].rstrip())) and (
        line := max(value.rfind("\n", 0, stripped), value.rfind("\r", 0, stripped)) + 1
    ):
        if not value[line:stripped].lstrip().startswith("#"):
            return stripped
        end = line
    return stripped


# ---- settings --------------------------------------------------------------------------------------------------------


def read_yaml_settings(text: str) -> dict[str, Any]:
    """`mkdocs.yml` as plain values; tags that only MkDocs knows (`!ENV`, `!!python/name:`) are passed over.

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
