"""The variables of compose files: reading `.env`, and filling in `${…}`. A secret is never filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SECRET = re.compile(
    r"PASS|PWD|SECRET|TOKEN|API_?KEY|PRIVATE|CREDENTIAL|AUTH(?!ENTIK|ELIA|OR)|SALT|_KEY$|^KEY$|LICENSE|WEBHOOK|DSN",
    re.IGNORECASE,
)

# Whatever comes before it: AUTH_IMAGE is an image, SECRETSDIR a folder.
_PLAIN = re.compile(r"(?:IMAGE|TAG|VERSION|PORT|HOST|HOSTNAME|DIR|FOLDER|DOMAIN|NETWORK)S?$", re.IGNORECASE)


def is_secret(name: str) -> bool:
    """Whether a variable with that name holds a secret: then neither its value nor its default is ever taken."""
    return bool(_SECRET.search(name)) and not _PLAIN.search(name)


def read_env(text: str) -> dict[str, str]:
    """The variables of a `.env` file."""
    found: dict[str, str] = {}
    for line in text.removeprefix("\ufeff").splitlines():
        match = re.match(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*[=:]\s*(.*?)\s*$", line)
        if match and not line.lstrip().startswith("#"):
            value = match[2]
            quote = value[:1]
            if quote in ("'", '"') and value.find(quote, 1) > 0:
                value = value[1 : value.find(quote, 1)]
            else:
                value = re.split(r"\s+#", value)[0]
            found[match[1]] = value
    return found


_NAME = re.compile(r"[A-Za-z_]\w*")


def interpolate(text: str, variables: Mapping[str, str], depth: int = 0) -> str:
    """`text` with `$NAME`, `${NAME:-default}` and the other forms filled in.

    A variable without a value stays as it is, and so does one whose name sounds like a secret, but without its default.
    """
    if "$" not in text:
        return text
    made, at = [], 0
    while (dollar := text.find("$", at)) >= 0:
        made.append(text[at:dollar])
        if text.startswith("$$", dollar):
            made.append("$")
            at = dollar + 2
        elif text.startswith("${", dollar) and (end := _closing(text, dollar + 2)) > 0:
            made.append(_braced(text[dollar + 2 : end], variables, depth))
            at = end + 1
        elif name := _NAME.match(text, dollar + 1):
            made.append(_value(name[0], variables) or name_only(name[0]))
            at = name.end()
        else:
            made.append("$")
            at = dollar + 1
    return "".join(made) + text[at:]


def _closing(text: str, start: int) -> int:
    level = 0
    for at in range(start, len(text)):
        if text[at] == "{":
            level += 1
        elif text[at] == "}":
            if not level:
                return at
            level -= 1
    return -1


def name_only(name: str) -> str:
    """A variable that isn't filled in, without its default."""
    return f"${{{name}}}"


def _value(name: str, variables: Mapping[str, str]) -> str | None:
    return None if is_secret(name) else variables.get(name)


def _braced(inside: str, variables: Mapping[str, str], depth: int) -> str:
    name = _NAME.match(inside)
    if not name or depth > 10 or is_secret(name[0]):
        return name_only(name[0]) if name else "${…}"
    value, rest = variables.get(name[0]), inside[name.end() :]
    form = re.match(r":?[-+?]", rest)
    if not form:
        return name_only(name[0]) if value is None else value
    other = interpolate(rest[form.end() :], variables, depth + 1)
    there = bool(value) if form[0].startswith(":") else value is not None
    if form[0].endswith("+"):
        return other if there else ""
    if there:
        return value or ""
    return other if form[0].endswith("-") else name_only(name[0])
