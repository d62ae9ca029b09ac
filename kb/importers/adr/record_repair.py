"""Reading records that other tools wrote badly: encodings, front matter in TOML, broken YAML."""

from __future__ import annotations

import json
import re
import tomllib

from ...notes import front_matter, front_matter_edit, yaml_reader
from ...notes.front_matter_edit import NewValue


def as_text(data: bytes) -> tuple[str, str]:
    """The file as text, and what had to be done for it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), "it was UTF-16 and is written as UTF-8"
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "it wasn't UTF-8: read as CP1252 and written as UTF-8"


_HEAD = re.compile(r"\A\ufeff?(-{3,}[ \t]*\r?\n)(.*?\r?\n)?(-{3,}[ \t]*(?:\r?\n|\Z))", re.DOTALL)
_LINE = re.compile(r"^(?P<key>[\w-]+)(?P<colon>:[ \t]+)(?P<value>\S.*?)(?P<end>[ \t]*\r?\n?)$")


def repaired(text: str, problem: tuple[int, str]) -> tuple[str, str]:
    """The text, with front matter that isn't valid YAML repaired: quotes around values that break it (`title: ADR010: Use Luxon`), or from TOML."""
    if written := _from_toml(text):
        return written, "its TOML front matter is written as YAML"
    found = _HEAD.match(text)
    if not found or found[2] is None:
        return text, f"its front matter can't be read (line {problem[0]}: {problem[1]}): it stays in the text"
    lines, quoted = [], []
    for line in found[2].splitlines(keepends=True):
        match = _LINE.match(line)
        if match and not _parses(line):
            value = match["value"].strip("\"'") if match["value"][:1] in "\"'" else match["value"]
            line = match["key"] + match["colon"] + front_matter_edit.quoted(value) + match["end"]
            quoted.append(match["key"])
        lines.append(line)
    mended = text[: found.start(2)] + "".join(lines) + text[found.end(2) :]
    if front_matter.read(mended.encode("utf-8", "replace")).problem:
        return text, f"its front matter is no YAML (line {problem[0]}: {problem[1]}): it stays in the text"
    return mended, f"its front matter was no YAML (line {problem[0]}): {' and '.join(quoted)} put in quotes"


_TOML = re.compile(r"\A\+\+\+[ \t]*(\r?\n)(.*?\n)\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL)


def _from_toml(text: str) -> str:
    """A text with TOML front matter, as Hugo and Zola write it, turned into YAML: a table (`[extra]`) loses its name and keeps its keys."""
    found = _TOML.match(text)
    try:
        tables = tomllib.loads(found[2]) if found else {}
    except tomllib.TOMLDecodeError:
        tables = {}
    if not found or not tables:
        return ""
    flat: dict[str, object] = {}
    for key, value in tables.items():
        flat |= value if isinstance(value, dict) else {key: value}
    lines = "".join(key_line(key, _yaml_value(value), found[1]) for key, value in flat.items())
    return f"---{found[1]}{lines}---{found[1]}{text[found.end() :]}"


def _yaml_value(value: object) -> NewValue:
    if isinstance(value, list):
        return [str(one) for one in value]
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (bool, dict)) else str(value)


def _parses(line: str) -> bool:
    try:
        yaml_reader.parse(line)
    except yaml_reader.Broken:
        return False
    return True


def lenient(text: str) -> tuple[dict[str, object], str]:
    """What can be read from front matter that no YAML reader accepts: its `key: value` lines; and the body below it."""
    found = _HEAD.match(text)
    plain_text = text.replace("\r\n", "\n")
    if not found:
        return {}, plain_text
    pairs = [_LINE.match(line) for line in (found[2] or "").splitlines()]
    front: dict[str, object] = {}
    for pair in pairs:
        if pair:
            front.setdefault(pair["key"], pair["value"].strip("\"'"))
    return front, text[found.end() :].replace("\r\n", "\n")


def split_body(text: str) -> tuple[str, str]:
    """The front matter with its lines, and the body, both to the byte."""
    data = text.encode("utf-8", "replace")
    try:
        block = front_matter.find_block(data)
    except yaml_reader.Broken:
        block = None
    return (data[: block.body].decode(), data[block.body :].decode()) if block else ("", text)


def key_line(key: str, value: NewValue, end: str) -> str:
    """A line of front matter for a key and its value."""
    return f"{key}: {front_matter_edit.as_yaml(value)}".rstrip(" ") + end
