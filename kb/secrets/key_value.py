"""What stands after `password=`, `api_key: `, `--token ` and their like, in the syntaxes that people paste."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from .lazy_patterns import later
from .rule import Span
from .value_heuristics import CHANCE, MADE_UP, PROSE, is_code, is_placeholder, is_strong, looks_secret

# The words whose value is a secret whatever it looks like; of the others it has to look like one.
_PASSWORD_WORDS = ("pass", "pw", "psk", "kennw", "wacht", "contra", "mot")

# A `key` is a secret only as one of these; `primary_key` and `sort key` are none.
_KEYS = (
    "api access secret private encryption signing master auth account shared app application client deploy hmac jwt "
    "storage preshared session license admin consumer gotify webhook integration restic crypt cookie fernet network ping nzb setup unseal legacy control bouncer join pass rss torrent local bind wifi wlan ap link device wpa wep noise"
).split()

# Keys that are no secret, whatever they look like.
_OPEN_KEYS = frozenset(
    "public host cache primary foreign object site sort group idempotency redis s3 trust hash partition row column lookup range "
    "routing dedup translation registry map memo license_public publishable pub id index search etag file image commit snapshot build".split()
)
_KEY_ENDINGS = tuple(word + joint for word in _KEYS for joint in ("", "_", "-", " "))
_NAME_SIGNS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
_KEY = later(
    r"(?:passwor[dt]|pass(?:wd|[_ -]?phrase|code|wort)?|kennwort|wachtwoord|contrase[nñ]a|mot de passe|pwd|pw|psk|secret|token|tok(?<=authtok)|key|credentials?)"
    r"(?:[_-]?(?:base64|b64|base|value|text|plain|string|hash|new|old|current|confirm(?:ation)?|\d{1,2})(?![a-z\d])|(?P<more>_\w{1,30}+))?"
    r"(?P<close>\\{0,7}[\"'`]?(?:\[?\])?\*{0,2})"
    r"(?P<sep>[ \t]*+(?:=(?:>|(?![=~]))|:(?:[ \t]?&?(?:'static )?str(?:ing)?[ \t]?=|:{0,2}=|:?(?=[ \t])|(?!:)\[?)|>|,(?=[ \t]?[\"'])(?<=[\"'],)|,(?=[a-z0-9_-]{20})|\|{1,2}|\?\?=?|[?+.]=(?![=~])|string[ \t]?=)\*{0,2}[ \t]*+|[ \t]++(?:(?:is|was|to|is set to|set to|ist|lautet|est)[ \t:]++)?)"
    r"(?P<open>\\{0,7}[\"'`]|[bruf]?[\"'])?(?!\0)"
)
_SIGN = r"[^\s\0,;&\"'`()\[\]{}<>|\\]"
_VALUE = later(
    rf"(?:{_SIGN}|[(\[{{<|\\](?![\"'\0\s]))(?:{_SIGN}++|[,;&](?![\s\0\"']|$|[\w.-]{{1,40}}[=:])|[\"'`)\]}}>](?=[\w$%@!#*^~+=?-])|[(\[{{<|](?=[^\s\0\"'/])|\\(?![\"'nrt\0]))*"
)
_NAME_VALUE = later(
    r"(?:name|key)[\"']?[ \t]*+[:=][ \t]*+[\"']?[\w.-]{0,60}(?:password|passwd|passphrase|secret|token|api_?key|access_?key|secret_?key|_pass|_pwd)[\"']?[ \t]*+,?[ \t]*+(?:\r?\n[ \t]*+)?"
    r"[\"']?value[\"']?[ \t]*+[:=][ \t]*+(?:\"([^\"\r\n\0]{1,400}+)|'([^'\r\n\0]{1,400}+)|([^\s\0\"'{}\[\],$][^\s\0\"'{}\[\],]{0,400}+))"
)

# Whether a value is a secret is told from so much of it; only then the rest of a long one is read.
_ENOUGH = 200
_LEAD = 60  # and a key from so much before it
_APP_PASSWORD = later(r"[a-z]{4}(?: [a-z]{4}){3}(?![\w ])")
_BLOCK = later(r"[|>][+-]?[ \t]*+\r?$", re.MULTILINE)
_NEXT_KEY = later(r"[A-Za-z_.]{2,40}=(?!=)")
_ANNOTATED = later(r"[ \t]{1,4}(?:\|[ \t]{1,4}\w|=[ \t])")
_WORD_AFTER = later(r"[ \t][A-Za-z(]")
_WORD = later("pass|pw|psk|secret|token|key|credential|kennwort|wachtw|contrase")
_ONE_LETTER = later(r"[A-Za-z_]{1,2}(?:[,;)}]|$)")
_JOINT = later(r"[_.-]")


def assigned(text: str, low: str) -> Iterator[Span]:
    """What stands after `password=`, `api_key: `, `--token ` and their like, in the syntaxes that people paste."""
    if not any(word in low for word in _WORDS):
        return
    position = 0
    told: dict[str, Span | None] = {}  # what stood around a key, and where from it the value was: logs repeat
    while match := _KEY().search(low, position):
        # What was no value may be the next key: `password token=…`.
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
    """Whether the signs that follow a key decide alone what its value is, however the text goes on after them."""
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
    """The span of the secret that follows a key, if one does."""
    close, sep, quote = match["close"], match["sep"], match["open"]
    if low[match.end() : match.end() + 1].isspace():
        return None  # the line ends, or the quote closed something else
    start, end = _value_span(low, match.end(), quote)
    # Most are words of a sentence: they are told first, and cheaply.
    first = low[start:end]
    if not first and ":" in sep and _BLOCK().match(text, start):
        return _next_line(text, start)
    if not first or (first in PROSE and "passphrase" not in match[0]):
        return None
    begin = match.start()
    before = text[max(0, begin - _LEAD) : begin]
    name = before[len(before.rstrip(_NAME_SIGNS)) :]
    value = text[start:end]
    if not _is_key(text, before, name, match[0][:5], begin) and not _is_other_key(text, match, before, name, value, end):
        return None
    if not quote and _ONE_LETTER().match(value):
        return None  # `{password:e,user:t}`, as in scripts that were made small
    if not value.strip("()[]{},;: ") or (value[0] in "?+" and sep == ":" and not close):
        return None  # nothing but brackets; or the message of a shell's `${NAME:?message}`
    if value[0] == "-" and sep == ":" and not close:
        start, value = start + 1, value[1:]  # a shell's `${NAME:-default}`
    if not quote and sep == "=":
        end = _end_of_quoted(text, begin - len(name), start, end)
        value = text[start:end]
    given = _Given(text, match, before, name, value, end, sep.strip(" \t*"), match[0].startswith(_PASSWORD_WORDS))
    if _is_something_else(given):
        return None
    separator, password, sure = given.separator, given.password, _is_sure(given)
    if password and (app := _APP_PASSWORD().match(text, start)) and len(set(app[0])) > 4:
        return start, app.end()
    if "passphrase" in match[0] and separator == ":" and sure and not quote:
        start, end = _rest_of_line(text, start)
        value = text[start:end]
    option = name.startswith("-")
    told = (separator[:2] == "is" or sep == "=") and any(map(str.isdigit, value))
    variable = sep == "=" and text[begin : begin + 4].isupper() and not any(sign in value for sign in "([{<")
    if (option and not separator) or name[:2] in ("x-", "X-"):
        separator = "="
    if (
        option
        and separator == "="
        and not password
        and len(value) >= 6
        and any(map(str.isdigit, value))
        and not is_placeholder(value)
        and not MADE_UP().search(value)
    ):
        return start, end  # `--token x7k2m9`: what else
    if not looks_secret(value, password, sure, bool(quote) or option or variable or told, separator, _ends_line(text, end)):
        return None
    if end == match.end() + _ENOUGH and (whole := _VALUE().match(low, start)):
        end = whole.end()
    return start, end


class _Given(NamedTuple):
    """A key with the value behind it, and what stands around both."""

    text: str
    match: re.Match[str]  # of the key: `more` of its name, what may `close` it, `sep`, and what may `open` its value
    before: str  # what stands before the key on its line, its `name` included
    name: str  # what the key is the end of: `DB_` before `PASSWORD`
    value: str
    end: int  # of the value
    separator: str
    password: bool  # whether the key is a word for what people choose, and not what a program makes


def _is_something_else(given: _Given) -> bool:
    """Whether key and value are no pair: parts of a program, of a table, of a sentence, or of a report of tests."""
    text, match, before, name, value, end, separator, password = given
    begin, close, sep, quote = match.start(), match["close"], match["sep"], match["open"]
    if (
        not name
        and match[0] == "pass" + close + sep + (quote or "")
        and (value.isdigit() or (separator == ":" and text[begin] == "P"))
    ):
        return True  # `PASS: test_x` and `pass: 12` are a test's
    if separator == ">" and (sep != ">" or before[: len(before) - len(name)][-1:] != "<" or text[end : end + 2] != "</"):
        return True
    if separator == ":" and not name and before[-1:] == "/":
        return True  # a file: `/etc/passwd: …`
    if separator == ":" and not quote and value.isidentifier() and _ANNOTATED().match(text, end):
        return True  # `password: SecretStr | None = None`
    if (
        separator == ":"
        and not quote
        and not close
        and value.isalpha()
        and "passphrase" not in match[0]
        and _WORD_AFTER().match(text, end)
    ):
        return True  # `VPN_PASSWORD: UniFi VPN password`
    if value[:1] == "+" and separator == ":" and value[1:].strip(" )").isidentifier():
        return True  # `print("password: "+passwd)`
    if not quote and text[end : end + 1] == ";" and sep != "=" and value.isidentifier() and value.isupper():
        return True  # `password = WIFI_PSK;` is a program's
    if not quote and text[end : end + 1] == "(" and value.replace(".", "").isidentifier():
        return True  # `SECRET_KEY = get_env('…')`
    if not separator and not quote and not value[0].isascii():
        return True  # a sentence in another script
    if not separator and value.startswith("-"):
        return True  # `create secret generic x-token --from-file=…`
    if not quote and value.isidentifier() and (name.startswith(("self.", "this.")) or match[0].startswith(value.lower() + sep)):
        return True  # `self.token = given` and `token=token` are a program's
    if (
        separator == ","
        and (before[: len(before) - len(name)][-2:-1] not in ("(", "[") or "." in name)
        and (quote or not CHANCE().fullmatch(value))
    ):
        return True  # the words of a list, but not a line of a table: `ApiToken,x1…,`
    if separator[:1] in ("+", ".") and not quote:
        return True  # `token += sign` is a program's
    if separator == "|" and not (text[end : end + 3].lstrip(" `")[:1] == "|" and is_strong(value, 8)):
        return True  # the table of a document
    if match["more"] and not (CHANCE().fullmatch(value) and not match["more"].endswith(_ABOUT_KEYS)):
        return True
    if password and value.isdigit() and text[end : end + 6] == " bytes":
        return True
    return not separator and _NEXT_KEY().match(value) is not None  # `password acct=root`


def _is_sure(given: _Given) -> bool:
    """Whether what stands there can be nothing but a value: the sign between says so, or the line."""
    text, match, before, name, _, end, separator, password = given
    begin, close = match.start(), match["close"]
    return (
        separator in ("=", ":=", "=>", ">", ",", "|", "||", "??", ":[")
        or separator.endswith("=")
        or (not separator and (name.startswith("-") or before[: len(before) - len(name)].endswith(("ENV ", "setenv "))))
        or (not separator and password and _is_line(text, begin - len(name), end, bool(name)))
        or bool(close.strip("]") and separator and not separator[0].isalpha())
        or (separator == ":" and (_stands_alone(before, name) or "_" in name or text[begin : begin + 3].isupper()))
    )


def _is_line(text: str, begin: int, end: int, named: bool) -> bool:
    """Whether `password x1` or `bindpw x` is the whole line, as in the configuration of many a daemon, and no sentence."""
    return (
        not text[max(0, begin - 40) : begin].rpartition("\n")[2].strip(" \t")
        and text[end : end + 1] in ("", "\n", "\r")
        and (named or not text[begin:end].split()[-1].strip(".,;:").isalpha())
    )


def _end_of_quoted(text: str, begin: int, start: int, end: int) -> int:
    """Where the value ends of which the quotes began before its name: `"SMTP_PASS=two words"`."""
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
    """Whether the word at `begin` is one on its own or the last of a name (`DB_PASS`, `dbPass`), not the end of `bypass`."""
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
        or _JOINT().split(name)[-1].lower() in _GLUED
        or (name[0] == "-" and not name.endswith(("by", "com")))
    )


def _is_other_key(text: str, match: re.Match[str], before: str, name: str, value: str, end: int) -> bool:
    """Whether a `key` of any other name (`dns_linode_key`), or alone on its line, has a value that is nothing but chance."""
    if not match[0].startswith("key") or match["sep"].strip() not in ("=", ":"):
        return False
    if not name:
        return not match["close"] and _stands_alone(before, "") and _ends_line(text, end) and bool(CHANCE().fullmatch(value))
    kind = name[:-1].rpartition("_")[2].rpartition("-")[2].lower()
    return name[-1] in "_-" and kind not in _OPEN_KEYS and bool(CHANCE().fullmatch(value))


# What a name goes on with that says something about a key: `TOKEN_ID`.
_ABOUT_KEYS = (
    "id",
    "hash",
    "sha1",
    "sha256",
    "fingerprint",
    "digest",
    "version",
    "name",
    "url",
    "arn",
    "uuid",
    "file",
    "path",
    "sum",
)

# What `pass` and `pw` are glued to: `DBPASS`, `bindpw`.
_GLUED = frozenset(
    "pg mysql mongo redis mq mqtt ldap db root user admin smtp imap mail ftp http web bind http basic auth ssh vnc rdp rcon wifi ap app sa su enable svc srv sta ups proxy dav rpc api key store trust tls wpa login".split()
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


def _stands_alone(before: str, name: str) -> bool:
    """Whether nothing but the name's own signs, or a log's column, stands before it on its line."""
    rest = before[: len(before) - len(name)].rpartition("\n")[2].rstrip()
    return not rest or rest[-1] in "|-{,\"'>#+(;?&" or rest.endswith(("export", "set", "ENV", "env", "ARG"))


def _ends_line(text: str, end: int) -> bool:
    return not text[end : end + 3].partition("\n")[0].strip("\"'`.,;)} \r")
