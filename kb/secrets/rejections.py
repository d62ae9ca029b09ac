"""What stands beside a key and is no secret."""

from __future__ import annotations

import re
from typing import NamedTuple

from .lazy_patterns import lazy
from .value_heuristics import CHANCE, is_strong

# Keys that are no secret, whatever they look like.
_OPEN_KEYS = frozenset(
    "public host cache primary foreign object site sort group idempotency redis s3 trust hash partition row column lookup range "
    "routing dedup translation registry map memo license_public publishable pub id index search etag file image commit snapshot build".split()
)
_NEXT_KEY = lazy(r"[A-Za-z_.]{2,40}=(?!=)")
_ANNOTATED = lazy(r"[ \t]{1,4}(?:\|[ \t]{1,4}\w|=[ \t])")
_WORD_AFTER = lazy(r"[ \t][A-Za-z(]")


class KeyValue(NamedTuple):
    """A key with the value behind it, and what stands around both."""

    text: str
    match: re.Match[str]  # of the key: `more` of its name, what may `close` it, `sep`, and what may `open` its value
    before: str  # what stands before the key on its line, its `name` included
    name: str  # what the key is the end of: `DB_` before `PASSWORD`
    value: str
    end: int  # of the value
    separator: str
    password: bool  # whether the key is a word for what people choose, and not what a program makes


def is_something_else(given: KeyValue) -> bool:
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


def is_sure(given: KeyValue) -> bool:
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


def is_other_key(text: str, match: re.Match[str], before: str, name: str, value: str, end: int) -> bool:
    """Whether a `key` of any other name (`dns_linode_key`), or alone on its line, has a value that is nothing but chance."""
    if not match[0].startswith("key") or match["sep"].strip() not in ("=", ":"):
        return False
    if not name:
        return not match["close"] and _stands_alone(before, "") and ends_line(text, end) and bool(CHANCE().fullmatch(value))
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
GLUED = frozenset(
    "pg mysql mongo redis mq mqtt ldap db root user admin smtp imap mail ftp http web bind http basic auth ssh vnc rdp rcon wifi ap app sa su enable svc srv sta ups proxy dav rpc api key store trust tls wpa login".split()
)


def _stands_alone(before: str, name: str) -> bool:
    """Whether nothing but the name's own signs, or a log's column, stands before it on its line."""
    rest = before[: len(before) - len(name)].rpartition("\n")[2].rstrip()
    return not rest or rest[-1] in "|-{,\"'>#+(;?&" or rest.endswith(("export", "set", "ENV", "env", "ARG"))


def ends_line(text: str, end: int) -> bool:
    """Whether nothing but closing signs follows on the line."""
    return not text[end : end + 3].partition("\n")[0].strip("\"'`.,;)} \r")
