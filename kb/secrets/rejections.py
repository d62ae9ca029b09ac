"""What follows a key and still isn't a secret: a table of reasons."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from .lazy_patterns import lazy
from .value_heuristics import CHANCE, is_strong

# Keys whose value is never a secret, whatever it looks like.
_OPEN_KEYS = frozenset(
    "public host cache primary foreign object site sort group idempotency redis s3 trust hash partition row column lookup range "
    "routing dedup translation registry map memo license_public publishable pub id index search etag file image commit snapshot build".split()
)

# The rest of a name that only says something about a key: `TOKEN_ID`.
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
_NEXT_KEY = lazy(r"[A-Za-z_.]{2,40}=(?!=)")
_ANNOTATED = lazy(r"[ \t]{1,4}(?:\|[ \t]{1,4}\w|=[ \t])")
_WORD_AFTER = lazy(r"[ \t][A-Za-z(]")
# `prod-namespace-01`, `MisInvocationContext`, `db-01.lan`, `vault/prod`: what things are called.
_A_NAME = lazy(r"[a-z]{2,20}\d{0,2}(?:[-_./](?:[a-z]{1,20}\d{0,2}|\d{1,3})){1,6}|(?:[A-Z][a-z]{1,20}){2,6}")
_CHANGES = lazy(
    r"\b(?:(?:re)?set(?:s|ting)?|(?:chang|rotat|updat|renam)(?:e[sd]?|ing)|switch(?:e[sd]|ing)?)\b[^.\n]*$", re.IGNORECASE
)


class KeyValue(NamedTuple):
    """A key with the value after it, and the text around both."""

    text: str
    match: re.Match[str]  # of the key: `more` of its name, what may `close` it, `sep`, and what may `open` its value
    before: str  # what comes before the key on its line, including its `name`
    name: str  # what the key is the end of: `DB_` before `PASSWORD`
    value: str
    start: int  # of the value
    end: int
    separator: str  # `sep` without blanks
    quote: str | None  # what opens the value
    password: bool  # whether the key is a word for something that people choose, and programs don't generate

    @property
    def around(self) -> str:
        """The text before the name."""
        return self.before[: len(self.before) - len(self.name)]

    def after(self, length: int) -> str:
        """The text after the value."""
        return self.text[self.end : self.end + length]


class Rejection(NamedTuple):
    """Why a key and the value after it aren't a pair: a row of the table. The examples are templates for `sample`."""

    name: str  # what they are instead
    separators: tuple[str, ...] | None  # the row is tried if one of these is between key and value; None: in any case
    is_so: Callable[[KeyValue], bool]
    example: str  # rejected by this row alone
    counter: str  # the nearest that isn't: the text in «…» is a secret


REJECTIONS = (
    Rejection(
        "the report of a test",
        None,
        lambda g: (
            not g.name
            and g.match[0] == "pass" + g.match["close"] + g.match["sep"] + (g.quote or "")
            and (g.value.isdigit() or (g.separator == ":" and g.text[g.match.start()] == "P"))
        ),
        "PASS: test_3",
        "pass: «test_3»",
    ),
    Rejection(
        "a comparison, and no element of XML",
        (">",),
        lambda g: g.match["sep"] != ">" or g.around[-1:] != "<" or g.after(2) != "</",
        "password > hunter2",
        "<password>«hunter2»</password>",
    ),
    Rejection(
        "a file",
        (":",),
        lambda g: not g.name and g.before[-1:] == "/",
        "/etc/passwd: hunter2",
        "passwd: «hunter2»",
    ),
    Rejection(
        "a parameter with its type",
        (":",),
        lambda g: not g.quote and g.value.isidentifier() and _ANNOTATED().match(g.text, g.end) is not None,
        "password: Secret2 | None = None",
        "password: «Secret2»",
    ),
    Rejection(
        "the beginning of a sentence",
        (":",),
        lambda g: (
            not g.quote
            and not g.match["close"]
            and g.value.isalpha()
            and "passphrase" not in g.match[0]
            and _WORD_AFTER().match(g.text, g.end) is not None
        ),
        "VPN_PASSWORD: UniFi VPN",
        "VPN_PASSWORD: «UniFi»",
    ),
    Rejection(
        "a text that a program puts together",
        (":",),
        lambda g: g.value[:1] == "+" and g.value[1:].strip(" )").isidentifier(),
        'print("password: "+pass2)',
        'print("password: «+pass2!»")',
    ),
    Rejection(
        "a constant of a program",
        None,
        lambda g: not g.quote and g.after(1) == ";" and g.match["sep"] != "=" and g.value.isidentifier() and g.value.isupper(),
        "password = WIFI_PSK2;",
        "password = «wifi_psk2»;",
    ),
    Rejection(
        "a call",
        None,
        lambda g: not g.quote and g.after(1) == "(" and g.value.replace(".", "").isidentifier(),
        "SECRET_KEY = make_env_2('x')",
        "SECRET_KEY = «make_env_2»",
    ),
    Rejection(
        "a sentence in another script",
        ("",),
        lambda g: not g.quote and not g.value[0].isascii(),
        "passwd ключ12345!",
        "passwd «key12345!»",
    ),
    Rejection(
        "an option after a command",
        ("",),
        lambda g: g.value.startswith("-"),
        "kubectl create secret generic app-password --from-file=x9",
        "kubectl create secret generic app-password «from-file=x9»",
    ),
    Rejection(
        "an argument that a program hands on",
        None,
        lambda g: (
            not g.quote
            and g.value.isidentifier()
            and (g.name.startswith(("self.", "this.")) or g.match[0].startswith(g.value.lower() + g.match["sep"]))
        ),
        "self.password = given2",
        "app.password = «given2»",
    ),
    Rejection(
        "a word in a list, but for a line of a table",
        (",",),
        lambda g: (g.around[-2:-1] not in ("(", "[") or "." in g.name) and (bool(g.quote) or not CHANCE().fullmatch(g.value)),
        'names = {"user", "password", "Hunter@22x"}',
        'setting("password", "«Hunter@22x»")',
    ),
    Rejection(
        "something that is added to",
        None,
        lambda g: g.separator[:1] in ("+", ".") and not g.quote,
        "password += hunter2",
        "password = «hunter2»",
    ),
    Rejection(
        "a cell of a document's table",
        ("|",),
        lambda g: not (g.after(3).lstrip(" `")[:1] == "|" and is_strong(g.value, 8)),
        "| password | Hunter@22x",
        "| password | «Hunter@22x» |",
    ),
    Rejection(
        "something about a key",
        None,
        lambda g: bool(g.match["more"]) and not (CHANCE().fullmatch(g.value) and not g.match["more"].endswith(_ABOUT_KEYS)),
        "token_fingerprint={A24}",
        "token_nightly=«{A24}»",
    ),
    Rejection(
        "a length",
        None,
        lambda g: g.password and g.value.isdigit() and g.after(6) == " bytes",
        "password=1234 bytes",
        "password=«1234» signs",
    ),
    Rejection(
        "whom it is given to",
        ("to",),
        lambda g: not g.password and _A_NAME().fullmatch(g.value) is not None and not _CHANGES().search(g.before),
        "copied the secret to prod-namespace-01",
        "changed the secret to «prod-namespace-01»",
    ),
    Rejection(
        "the next key",
        ("",),
        lambda g: _NEXT_KEY().match(g.value) is not None,
        "password acct=r00t!x",
        "password «r00t!acct»",
    ),
)


@cache
def _rejections(separator: str) -> tuple[Callable[[KeyValue], bool], ...]:
    return tuple(row.is_so for row in REJECTIONS if row.separators is None or separator in row.separators)


def is_something_else(given: KeyValue) -> bool:
    """Whether key and value aren't a pair, but parts of a program, a table, a sentence or a test report."""
    return any(is_so(given) for is_so in _rejections(given.separator))


def is_sure(given: KeyValue) -> bool:
    """Whether it can only be a value, because of the character before it or of the whole line."""
    text, match, before, name, end, separator = given.text, given.match, given.before, given.name, given.end, given.separator
    begin, close = match.start(), match["close"]
    return (
        separator in ("=", ":=", "=>", ">", ",", "|", "||", "??", ":[")
        or separator.endswith("=")
        or (not separator and (name.startswith("-") or given.around.endswith(("ENV ", "setenv "))))
        or (not separator and given.password and _is_line(text, begin - len(name), end, bool(name)))
        or bool(close.strip("]") and separator and not separator[0].isalpha())
        or (separator == ":" and (_stands_alone(before, name) or "_" in name or text[begin : begin + 3].isupper()))
    )


def _is_line(text: str, begin: int, end: int, named: bool) -> bool:
    """Whether `password x1` or `bindpw x` is the whole line, as in the configuration of many daemons, and not a sentence."""
    return (
        not text[max(0, begin - 40) : begin].rpartition("\n")[2].strip(" \t")
        and text[end : end + 1] in ("", "\n", "\r")
        and (named or not text[begin:end].split()[-1].strip(".,;:").isalpha())
    )


def is_other_key(text: str, match: re.Match[str], before: str, name: str, value: str, end: int) -> bool:
    """Whether a `key` of any other name (`dns_linode_key`), or alone on its line, has a value that only chance can make."""
    if not match[0].startswith("key") or match["sep"].strip() not in ("=", ":"):
        return False
    if not name:
        return not match["close"] and _stands_alone(before, "") and ends_line(text, end) and bool(CHANCE().fullmatch(value))
    kind = name[:-1].rpartition("_")[2].rpartition("-")[2].lower()
    return name[-1] in "_-" and kind not in _OPEN_KEYS and bool(CHANCE().fullmatch(value))


# What `pass` and `pw` can be joined to: `DBPASS`, `bindpw`.
GLUED = frozenset(
    "pg mysql mongo redis mq mqtt ldap db root user admin smtp imap mail ftp http web bind http basic auth ssh vnc rdp rcon wifi ap app sa su enable svc srv sta ups proxy dav rpc api key store trust tls wpa login".split()
)


def _stands_alone(before: str, name: str) -> bool:
    """Whether only the name's own characters, or a log's column, come before it on its line."""
    rest = before[: len(before) - len(name)].rpartition("\n")[2].rstrip()
    return not rest or rest[-1] in "|-{,\"'>#+(;?&" or rest.endswith(("export", "set", "ENV", "env", "ARG"))


def ends_line(text: str, end: int) -> bool:
    """Whether only closing characters follow on the line."""
    return not text[end : end + 3].partition("\n")[0].strip("\"'`.,;)} \r")
