"""Finding the values after `password=`, `api_key: `, `--token ` and the like, in the syntaxes that people paste."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from .lazy_patterns import lazy
from .rejections import GLUED, KeyValue, ends_line, is_other_key, is_something_else, is_sure
from .rule import Span
from .value_heuristics import MADE_UP, PROSE, is_code, is_placeholder, looks_secret

# Words whose value is a secret whatever it looks like; the value of the others has to look like one.
_PASSWORD_WORDS = ("pass", "pw", "psk", "kennw", "wacht", "contra", "mot")

# A `key` is a secret only as one of these; `primary_key` and `sort key` are none.
_KEYS = (
    "api access secret private encryption signing master auth account shared app application client deploy hmac jwt "
    "storage preshared session license admin consumer gotify webhook integration restic crypt cookie fernet network ping nzb setup unseal legacy control bouncer join pass rss torrent local bind wifi wlan ap link device wpa wep noise"
).split()
_KEY_ENDINGS = tuple(word + joint for word in _KEYS for joint in ("", "_", "-", " "))
_NAME_SIGNS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
_KEY = lazy(
    r"(?:passwor[dt]|pass(?:wd|[_ -]?phrase|code|wort)?|kennwort|wachtwoord|contrase[nñ]a|mot de passe|pwd|pw|psk|secret|token|tok(?<=authtok)|key|credentials?)"
    r"(?:[_-]?(?:base64|b64|base|value|text|plain|string|hash|new|old|current|confirm(?:ation)?|\d{1,2})(?![a-z\d])|(?P<more>_\w{1,30}+))?"
    r"(?P<close>\\{0,7}[\"'`]?(?:\[?\])?\*{0,2})"
    r"(?P<sep>[ \t]*+(?:=(?:>|(?![=~]))|:(?:[ \t]?&?(?:'static )?str(?:ing)?[ \t]?=|:{0,2}=|:?(?=[ \t])|(?!:)\[?)|>|,(?=[ \t]?[\"'])(?<=[\"'],)|,(?=[a-z0-9_-]{20})|\|{1,2}|\?\?=?|[?+.]=(?![=~])|string[ \t]?=)\*{0,2}[ \t]*+|[ \t]++(?:(?:is|was|to|is set to|set to|ist|lautet|est)[ \t:]++)?)"
    r"(?P<open>\\{0,7}[\"'`]|[bruf]?[\"'])?(?!\0)"
)
_SIGN = r"[^\s\0,;&\"'`()\[\]{}<>|\\]"
_VALUE = lazy(
    rf"(?:{_SIGN}|[(\[{{<|\\](?![\"'\0\s]))(?:{_SIGN}++|[,;&](?![\s\0\"']|$|[\w.-]{{1,40}}[=:])|[\"'`)\]}}>](?=[\w$%@!#*^~+=?-])|[(\[{{<|](?=[^\s\0\"'/])|\\(?![\"'nrt\0]))*"
)
_NAME_VALUE = lazy(
    r"(?:name|key)[\"']?[ \t]*+[:=][ \t]*+[\"']?[\w.-]{0,60}(?:password|passwd|passphrase|secret|token|api_?key|access_?key|secret_?key|_pass|_pwd)[\"']?[ \t]*+,?[ \t]*+(?:\r?\n[ \t]*+)?"
    r"[\"']?value[\"']?[ \t]*+[:=][ \t]*+(?:\"([^\"\r\n\0]{1,400}+)|'([^'\r\n\0]{1,400}+)|([^\s\0\"'{}\[\],$][^\s\0\"'{}\[\],]{0,400}+))"
)

# How much of a value decides whether it is a secret; only then is the rest of a long one read.
_ENOUGH = 200
_LEAD = 60  # and how much before it decides about a key
_APP_PASSWORD = lazy(r"[a-z]{4}(?: [a-z]{4}){3}(?![\w ])")
_BLOCK = lazy(r"[|>][+-]?[ \t]*+\r?$", re.MULTILINE)
_WORD = lazy("pass|pw|psk|secret|token|key|credential|kennwort|wachtw|contrase")
_ONE_LETTER = lazy(r"[A-Za-z_]{1,2}(?:[,;)}]|$)")
_JOINT = lazy(r"[_.-]")


def assigned(text: str, low: str) -> Iterator[Span]:
    """What stands after `password=`, `api_key: `, `--token ` and their like, in the syntaxes that people paste."""
    if not any(word in low for word in _WORDS):
        return
    position = 0
    told: dict[str, Span | None] = {}  # what was around a key, and where its value was relative to it: logs repeat
    while match := _KEY().search(low, position):
        # What wasn't a value may be the next key: `password token=…`.
        begin, position = match.span()
        around = text[begin - _LEAD : position + _ENOUGH] if begin >= _LEAD else ""
        known = told.get(around, _UNTOLD)
        if known is _UNTOLD:
            if match["more"] and _WORD().search(match["more"]):
                position = match.start("more")  # the key is in the rest of the name: `secret_key`
                continue
            span = _value_of(text, low, match)
            known = span and (_kind_of(match[0]), span[0] - begin, span[1] - begin)
            if around and _is_told_by(text, position, match["open"], span):
                if len(told) > 1_000:
                    told.clear()
                told[around] = known
        if known:
            kind, start, end = known
            position = max(position, begin + end)
            yield kind, begin + start, begin + end
    for match in _NAME_VALUE().finditer(low):
        start, end = match.span(match.lastindex or 0)
        if not is_placeholder(text[start:end]) and not is_code(text[start:end]):
            yield _kind_of(match[0].partition("value")[0]), start, end


_UNTOLD = ("", -1, -1)
_WORDS = ("pass", "pw", "psk", "secret", "token", "authtok", "key", "credential", "kennwort", "wachtw", "contrase")


def _is_told_by(text: str, start: int, quote: str | None, span: tuple[int, int] | None) -> bool:
    """Whether the characters after a key alone decide what its value is, whatever comes after them."""
    near = start + _ENOUGH - 3
    if (span and span[1] >= near) or text[start : start + 1].isspace() or text[start : start + 1] in ("", "|", ">"):
        return False
    if not quote:
        return True
    rest = text[start:near]
    return "\\" not in rest and (quote[-1] in rest or "\n" in rest)


@lru_cache(1_000)
def _kind_of(key: str) -> str:
    for word, kind in (("passphrase", "passphrase"), ("pass", "password"), ("token", "token"), ("secret", "secret")):
        if word in key:
            return kind
    return {"key": "api-key", "psk": "psk", "cre": "credential"}.get(key[:3], "password")


def _value_of(text: str, low: str, match: re.Match[str]) -> tuple[int, int] | None:
    """The span of the secret after a key, if there is one."""
    if low[match.end() : match.end() + 1].isspace():
        return None  # the line ends, or the quote closed something else
    start, end = _value_span(low, match.end(), match["open"])
    # Most are words of a sentence: they are recognised first, and cheaply.
    first = low[start:end]
    if not first and ":" in match["sep"] and _BLOCK().match(text, start):
        return _next_line(text, start)
    if not first or (first in PROSE and "passphrase" not in match[0]):
        return None
    given = _given(text, match, start, end)
    if given is None or is_something_else(given):
        return None
    span = _secret_of(given, is_sure(given))
    if span and span[1] == match.end() + _ENOUGH and (whole := _VALUE().match(low, span[0])):
        return span[0], whole.end()
    return span


def _given(text: str, match: re.Match[str], start: int, end: int) -> KeyValue | None:
    """The key of a match with its value; None if it isn't a key, or there is no value."""
    begin, sep, quote = match.start(), match["sep"], match["open"]
    before = text[max(0, begin - _LEAD) : begin]
    name = before[len(before.rstrip(_NAME_SIGNS)) :]
    value = text[start:end]
    if not _is_key(text, before, name, match[0][:5], begin) and not is_other_key(text, match, before, name, value, end):
        return None
    if not quote and _ONE_LETTER().match(value):
        return None  # `{password:e,user:t}`, as in minified scripts
    shell = sep == ":" and not match["close"]  # perhaps a shell's `${NAME:…}`
    if not value.strip("()[]{},;: ") or (shell and value[0] in "?+"):
        return None  # nothing but brackets; or the message of `${NAME:?message}`
    if shell and value[0] == "-":
        start, value = start + 1, value[1:]  # the default of `${NAME:-default}`
    if not quote and sep == "=":
        end = _end_of_quoted(text, begin - len(name), start, end)
        value = text[start:end]
    password = match[0].startswith(_PASSWORD_WORDS)
    return KeyValue(text, match, before, name, value, start, end, sep.strip(" \t*"), quote, password)


def _secret_of(given: KeyValue, sure: bool) -> tuple[int, int] | None:
    """The span of what follows a key, if it looks like a secret."""
    text, match, name, value, start, end = given.text, given.match, given.name, given.value, given.start, given.end
    separator, quote, password = given.separator, given.quote, given.password
    if password and (app := _APP_PASSWORD().match(text, start)) and len(set(app[0])) > 4:
        return start, app.end()
    if "passphrase" in match[0] and separator == ":" and sure and not quote:
        start, end = _rest_of_line(text, start)
        value = text[start:end]
    option = name.startswith("-")
    given_so = bool(quote) or option or _is_variable(given, value) or _is_told(given, value)
    if (option and not separator) or name[:2] in ("x-", "X-"):
        separator = "="
    if option and separator == "=" and not password and _is_made(value):
        return start, end  # `--token x7k2m9`: it can't be anything else
    return (start, end) if looks_secret(value, password, sure, given_so, separator, ends_line(text, end)) else None


def _is_told(given: KeyValue, value: str) -> bool:
    """Whether the text says so: `token is x7k2m9`, `token=x7k2m9`."""
    return (given.separator[:2] == "is" or given.match["sep"] == "=") and any(map(str.isdigit, value))


def _is_variable(given: KeyValue, value: str) -> bool:
    """Whether it is an environment variable: `TOKEN=…`."""
    begin = given.match.start()
    return given.match["sep"] == "=" and given.text[begin : begin + 4].isupper() and not any(sign in value for sign in "([{<")


def _is_made(value: str) -> bool:
    """Whether a program may have generated the value: it has a digit, and isn't a placeholder."""
    return len(value) >= 6 and any(map(str.isdigit, value)) and not is_placeholder(value) and not MADE_UP().search(value)


def _end_of_quoted(text: str, begin: int, start: int, end: int) -> int:
    """Where the value ends if the quotes began before its name: `"SMTP_PASS=two words"`."""
    if begin and (mark := text[begin - 1]) in "\"'" and text[end : end + 1] == " ":
        last = text.find(mark, end, start + _ENOUGH - 3)
        if last >= 0 and not any(sign in text[end:last] for sign in "=\n\"'\0"):
            return last
    return end


def _rest_of_line(text: str, start: int) -> tuple[int, int]:
    end = text.find("\n", start, start + 400)
    end = min(len(text), start + 400) if end < 0 else end
    return start, start + len(text[start:end].rstrip())


def _is_key(text: str, before: str, name: str, word: str, begin: int) -> bool:
    """Whether the word at `begin` is a word of its own or the last one of a name (`DB_PASS`, `dbPass`), not the end of `bypass`."""
    if name.lower().endswith("public") or "publishable" in name.lower():
        return False
    if word.startswith("key"):
        return before.lower().endswith(_KEY_ENDINGS) or name.lower().startswith("x-")
    if word[:5] in ("passw", "passp", "passc", "kennw", "wacht", "contr", "mot d", "secre", "token", "crede"):
        return True
    glued = name[-1:].isalpha()
    return (
        not glued
        or (text[begin].isupper() and name[-1:].islower())
        or _JOINT().split(name)[-1].lower() in GLUED
        or (name[0] == "-" and not name.endswith(("by", "com")))
    )


def _value_span(low: str, start: int, quote: str | None) -> tuple[int, int]:
    if not quote:
        value = _VALUE().match(low, start, start + _ENOUGH)
        return (start, value.end()) if value else (start, start)
    slashes = len(quote) - 1 if quote[0] == "\\" else 0
    limit = low.find("\n", start, start + 8000)
    limit = min(len(low), start + 8000) if limit < 0 else limit
    end = low.find(quote[-1], start, limit)
    while end >= 0:
        near = low[max(start, end - 9) : end]
        backslashes = len(near) - len(near.rstrip("\\"))
        if backslashes <= slashes if slashes else backslashes % 2 == 0:
            break
        end = low.find(quote[-1], end + 1, limit)
    else:
        backslashes, end = 0, limit
    end -= min(backslashes, slashes)
    marked = low.find("\0", start, end)
    return start, end if marked < 0 else marked


def _next_line(text: str, end: int) -> tuple[int, int] | None:
    """The first line of a YAML block, the value of `password: |`."""
    first = text.find("\n", end) + 1
    if first:
        last = text.find("\n", first)
        line = text[first : last if last >= 0 else len(text)]
        inner = line.strip(" \t\r\0")
        if inner and line[0] in " \t" and not is_placeholder(inner) and "-----BEGIN" not in inner:
            start = first + line.index(inner)
            return start, start + len(inner)
    return None
