"""Changes to front matter that leave every other byte as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..exceptions import CannotEdit
from .front_matter import BOM, LINE_END, find_block, read
from .yaml_reader import parse


def quoted(value: str) -> str:
    """`value` as a YAML scalar: plain if every YAML reader takes it for exactly this text, otherwise in quotes."""
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]", value):
        escaped = "".join(_escape(char) for char in value)
        return f'"{escaped}"'
    if _PLAIN.fullmatch(value) and not _OTHER_TYPE.fullmatch(value) and ": " not in value and " #" not in value:
        return value
    return "'" + value.replace("'", "''") + "'" if '"' in value or "\\" in value else f'"{value}"'


# Begins and ends with a letter or digit, no flow indicators: a plain scalar in any context.
_PLAIN = re.compile(r"[^\W_][^?\[\]{},\"'`\\|>*&!%@#\n]*(?<![:\s])|[^\W_]")

# Words and numbers that other YAML readers take for something other than text; dates stay as they are typed.
_OTHER_TYPE = re.compile(
    r"(?i:y|n|yes|no|true|false|on|off|null|~|[-+.]?\d[\d_,.]*(?:e[-+]?\d+)?|0[xo][\da-f]+|[-+]?\d+(?::\d\d)+(?:\.\d*)?|[-+]?\.(?:inf|nan))"
)


def _escape(char: str) -> str:
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    if char in named:
        return named[char]
    return f"\\u{ord(char):04x}" if re.match(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]", char) else char


def as_yaml(value: NewValue) -> str:
    """A value for a line of front matter: a text, yes or no, or a list on one line. Dates stay plain."""
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

    An empty value leaves the key with nothing after the colon. Raises CannotEdit if parsing the result doesn't prove the change.
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
    """Adds new keys below the last one, all at once: parsing the block again for each would cost as much as reading the note."""
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
        bom, newline = (BOM, data[len(BOM) :]) if data.startswith(BOM) else (b"", data)
        ending = LINE_END.search(data)
        end = ending.group() if ending else b"\n"
        return bom + b"---" + end + f"{key}: {as_yaml(value)}".rstrip(" ").encode() + end + b"---" + end + newline
    raw = data[block.start : block.end].decode("utf-8")
    # libyaml counts a line end as one or two characters, as it is in the text, so its offsets fit the raw text.
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
    # libyaml ends a list of several lines where the next key begins: the comments in between aren't part of the list.
    kept = old[_without_remarks(old) :] if "\n" in old or "\r" in old else ""
    if span.end == span.start or old.strip() == "":  # it had no value
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
    """Where a value of several lines ends, without the blank lines and comments after it."""
    end = len(value)
    while (stripped := len(value[:end].rstrip())) and (
        line := max(value.rfind("\n", 0, stripped), value.rfind("\r", 0, stripped)) + 1
    ):
        if not value[line:stripped].lstrip().startswith("#"):
            return stripped
        end = line
    return stripped
