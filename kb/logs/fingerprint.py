"""Signatures: an error line with its volatile parts masked, so that the same error looks the same the next time.

A signature is one line of tokens. A plain token is a word that the program's author wrote; `~token` is a value that may change
(a host, a path, what stands in quotes); `@sshd` the program that wrote it; `§502` a code that means something; `<ip>`, `<n>`…
are values masked away.
The same function makes it for the index and for the query.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from .bare_names import BEFORE_A_NAME, is_a_name
from .headers import NAME
from .masks import COMMON_WORDS, MAX_PARTS, PARTS, mask_parts
from .messages import Message, messages
from .word_masks import (
    DIGIT,
    NAMES_WITH_DIGITS,
    SEPARATORS,
    code_mask,
    dotted_mask,
    hex_mask,
    is_short_code,
    name_parts,
    plain_mask,
)

# Weights of terms before their rarity counts.
PLAIN, PART_OF_NAME, VALUE, MASKED = 1.0, 0.3, 0.3, 0.1


def signature(line: str) -> str:
    """The signature of one line; of a line that holds several messages (a JSON record), of the first."""
    message = next(messages(line), None)
    return signature_of(message) if message else ""


def signature_of(message: Message) -> str:
    """The signature of a message: its origin as values, then its words, values and masks in their order."""
    return signature_of_text(message.text, message.program, message.origin)


@lru_cache(20_000)
def signature_of_text(text: str, program: str = "", origin: str = "") -> str:
    """The same of a message's parts. Kept: the lines of a log are weighed, and picked, and compared."""
    found = _tokens(text)
    found += _ports(text)
    if origin or program:
        if name := program_name(program):
            found.insert(0, f"@{name}")
        said_by = [f"~{token.lstrip('~')}" for token in _tokens(origin) if token[0] not in "<§"]
        if "." in origin and (names := NAME_OF_ITS_KIND.findall(origin)):
            found = [f"~{token}" if token in names else token for token in found]
        found = [*dict.fromkeys(said_by), *found]
    return " ".join(found)


# The last part of a logger's name, which is that of a camera or a disk: `watchdog.garage: no frames for garage`.
NAME_OF_ITS_KIND = re.compile(r"(?<=[^\W\d]\.)([a-z_]{3,40})(?![\w.])")

# `postfix/smtpd` is a part of postfix, and `sshd-session` of sshd; in `docker/tv` the container is what speaks.
PROGRAM_PART = re.compile(r"-(?:session|auth|worker|helper|child)$")
PARENTS_OF_OTHERS = ("docker", "podman", "system")


def program_name(program: str) -> str:
    """The program that a header names, in small letters: without its folder, and its part that wrote the line."""
    first, slash, _ = program.partition("/")
    own = first if slash and NAME.match(first) and first not in PARENTS_OF_OTHERS else program.rpartition("/")[2]
    name = NAME.search(own)
    return PROGRAM_PART.sub("", name.group().lower()) if name else ""


# An error of these is about its port: whoever holds 53 is another than who holds 8080.
ABOUT_A_PORT = re.compile(
    r"\b(?:bind|binds|binding|listen|listens|listening|listener)\b|EADDRINUSE|[Aa]ddress (?:is )?(?:already )?in use"
    r"|port is already allocated|[Pp]ort \d{1,5} is (?:already )?in use|[Oo]nly one usage of each socket"
)
PORT = re.compile(
    r"(?:(?:(?:\d{1,3}\.){3}\d{1,3}|\]|\*|localhost|::):|(?<=\s):|\b[Pp]orts?(?: number)?[ =:]{1,2}|', |\*, )(\d{1,5})(?!\w|[.:]\d)"
)
FIRST_PASSING_PORT = 32_768  # from here on systems give them to whoever connects


def _ports(text: str) -> list[str]:
    """The ports of a text that is about its port as values, each once."""
    # A look for pieces of the words is quick, and changes nothing but the time.
    quick = (
        "bind" in text
        or "listen" in text
        or "in use" in text
        or "ADDRINUSE" in text
        or "allocated" in text
        or "one usage" in text
    )
    if not quick or not ABOUT_A_PORT.search(text):
        return []
    return list(dict.fromkeys(f"~port{int(number)}" for number in PORT.findall(text) if int(number) < FIRST_PASSING_PORT))


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    last = ""
    noun_end = -1  # where a noun ended that a name may follow
    for match in islice(mask_parts().finditer(text), MAX_PARTS):
        kind = match.lastindex or 1
        if mask := _MASKS.get(kind):
            if mask != last:
                found.append(mask)
                last = mask
            continue
        part = match.group()
        if kind in (_MERE, _WORD):
            start, end = match.span()
            before = text[start - 1] if start else " "
            if (before in BEFORE_A_VALUE and _is_value(text, start, end, last)) or (
                start <= noun_end + 1 and is_a_name(text, start, end, last)
            ):
                tokens: Sequence[str] = (f"~{part.lower()}",)
            else:
                tokens = _word(part)
                if tokens and tokens[-1] in BEFORE_A_NAME:
                    noun_end = end
        else:
            tokens = _READ[PARTS[kind - _MERE - 1].name](part)
        for token in tokens:
            if token != last or token[0] not in "<~":
                found.append(token)
            last = token
    return found


def _is_value(text: str, start: int, end: int, last: str) -> bool:
    """Whether a word behind a sign of BEFORE_A_VALUE is a value, or the only one in quotes. `state=FAULTED` says what, and is none."""
    if text[start - 1] == "=":
        return text[start - 2 : start - 1].isalnum() and last.rpartition("_")[2] not in TELLING_KEYS
    return text[end : end + 1] in QUOTES


TELLING_KEYS = ("class", "state", "reason", "result")

_MERE, _WORD = 1, len(PARTS) + 1
QUOTES = "\"'`"
BEFORE_A_VALUE = "=\"'`"


def _values(part: str) -> list[str]:
    """The words of a URL or a path as values; those with a digit are too volatile."""
    body = part.partition("://")[2] if "://" in part else part
    words = (word.strip(".-").lower() for word in SEPARATORS.split(body.partition("?")[0])[:12])
    found = [f"~{word}" for word in words if len(word) > 1 and not DIGIT.search(word)]
    return found[:6] or ["<path>"]


@lru_cache(20_000)
def _word(part: str) -> tuple[str, ...]:
    """The tokens of one word as it stands in a message."""
    if len(part) > 100:
        return ("<id>",)
    if "." in part or "@" in part:
        return (part.lower(),) if NAMES_WITH_DIGITS.match(part.lower()) else tuple(dotted_mask(part))
    words = part.split("-")
    if len(words) > 2 and 2 * sum(map(is_short_code, words)) >= len(words):
        return ("<id>",)
    return tuple(token for word in words for token in plain_mask(word))


_READ: Mapping[str, Callable[[str], Sequence[str]]] = {
    "kept": lambda part: (part,),
    "url": _values,
    "quoted address": lambda part: (f"~{part.partition(':')[0].lower()}",),
    "windows path": _values,
    "path": _values,
    "hex": hex_mask,
    "code after its name": code_mask,
    "code in brackets": code_mask,
    "disk": lambda part: (f"~{part}",),
    "database code": lambda part: ("sqlstate", f"§{part.rpartition('[')[2].rstrip(']').lower()}"),
    "SQL error": lambda part: ("sqlstate", f"§{part.split()[1]}"),
    "library code": lambda part: (f"§{part.lower()}",),
    "message code": lambda part: (f"§{part.lower()}",),
    "image": lambda part: _values(part.rpartition(":")[0].removesuffix("@sha256")),
    "word": _word,
}

# Those of which nothing is kept.
_MASKED = {"uuid": "<id>", "mac": "<mac>", "time": "<time>", "ipv4": "<ip>", "ipv6": "<ip>", "number": "<n>"}
_MASKS = {_MERE + 1 + at: _MASKED[rule.name] for at, rule in enumerate(PARTS) if rule.name in _MASKED}


def terms(signature: str) -> dict[str, float]:
    """The terms of a signature with their weights: words, the parts of names written together, values, masks a little."""
    found: dict[str, float] = {}
    for token in signature.split():
        if token[0] == "<":
            weight = MASKED
        elif token[0] in "~@":
            weight = VALUE
        else:
            lower = token.lower()
            if lower != token or "_" in token:
                for part in name_parts(token):
                    found[part] = max(found.get(part, 0.0), PART_OF_NAME)
            token, weight = lower, COMMON_WORDS.get(lower, PLAIN)
        if found.get(token, 0.0) < weight:
            found[token] = weight
    return found


def fingerprint(signature: str) -> str:
    """A short hash of a signature's words and codes, without its values and masks; empty when hardly anything is left."""
    words = [token.lower() for token in signature.split() if token[0] not in "<~@"]
    if len(words) < 2 and sum(map(len, words)) < 10:
        return ""
    return hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def fingerprints(text: str) -> tuple[str, ...]:
    """The fingerprints of an error text, one for each different message that has one."""
    found = (fingerprint(signature_of(message)) for message in messages(text))
    return tuple(dict.fromkeys(mark for mark in found if mark))
