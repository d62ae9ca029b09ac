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

from .masks import COMMON_WORDS, MAX_PARTS, PARTS, mask_parts
from .messages import Message, messages
from .word_masks import DIGIT, SEPARATORS, code_mask, dotted_mask, hex_mask, is_short_code, name_parts, plain_mask

# Weights of terms before their rarity counts.
PLAIN, PART_OF_NAME, VALUE, MASKED = 1.0, 0.3, 0.3, 0.1


def signature(line: str) -> str:
    """The signature of one line; of a line that holds several messages (a JSON record), of the first."""
    message = next(messages(line), None)
    return signature_of(message) if message else ""


def signature_of(message: Message) -> str:
    """The signature of a message: its origin as values, then its words, values and masks in their order."""
    found = _tokens(message.text)
    if message.origin or message.program:
        if name := NAME.search(message.program.rpartition("/")[2]):
            found.insert(0, f"@{name.group().lower()}")
        origin = [f"~{token.lstrip('~')}" for token in _tokens(message.origin) if token[0] not in "<§"]
        found = [*dict.fromkeys(origin), *found]
    return " ".join(found)


NAME = re.compile(r"[^\W\d][\w-]*")


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    last = ""
    for match in islice(mask_parts().finditer(text), MAX_PARTS):
        kind = match.lastindex or 1
        if mask := _MASKS.get(kind):
            if mask != last:
                found.append(mask)
                last = mask
            continue
        part = match.group()
        if kind in (_MERE, _WORD):
            # `key=value`, or one word in quotes
            start, end = match.span()
            before = text[start - 1] if start else " "
            if before in BEFORE_A_VALUE and (
                (before == "=" and text[start - 2 : start - 1].isalnum()) or (before != "=" and text[end : end + 1] in QUOTES)
            ):
                tokens: Sequence[str] = (f"~{part.lower()}",)
            else:
                tokens = _word(part)
        else:
            tokens = _READ[PARTS[kind - _MERE - 1].name](part)
        for token in tokens:
            if token != last or token[0] not in "<~":
                found.append(token)
            last = token
    return found


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
        return tuple(dotted_mask(part))
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
    "user": lambda part: (f"~{part.lower()}",),
    "disk": lambda part: (f"~{part}",),
    "database code": lambda part: ("sqlstate", f"§{part.rpartition('[')[2].rstrip(']').lower()}"),
    "message code": lambda part: (f"§{part.lower()}",),
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
