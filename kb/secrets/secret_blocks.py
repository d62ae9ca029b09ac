"""Secrets known by where they are: private keys, the data of Kubernetes secrets, lists of users, columns of tables."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from .lazy_patterns import lazy
from .rule import Span
from .value_heuristics import is_placeholder, looks_secret

_KEY_BEGIN = lazy(r"-{5}BEGIN (?:[A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-{5}|Private-Lines: (\d{1,3})")
_KUBERNETES = lazy(r"\bkind[\"']?:[ \t]*[\"']?[sS]ecret(?:List)?\b(?![-\w.])")
_DATA = lazy(
    r"(?:^|\n)([ \t]*)(?:string)?[dD]ata:[ \t]*((?:\r?\n\1[ \t]+[^\r\n]*)+)|\"(?:string)?[dD]ata\"[ \t]*:[ \t\r\n]*\{([^{}]{1,50000})\}"
)
_ENTRY = lazy(r"[\w.-]{1,100}[\"']?[ \t]*:[ \t]*[\"']?(?![|>{\[&*])([^\s\"'\0,]{4,100000})")
_CHPASSWD = lazy(
    r"chpasswd:[ \t]*\r?\n(?:[ \t]*expire:[^\n]*\n)?[ \t]*list:[ \t]*\|?-?[ \t]*\r?\n((?:[ \t]+(?:- )?[\w.-]+:[^\s]+[ \t]*\r?(?:\n|$))+)"
)
_USER_LINE = lazy(r"[\w.-]+:(?!R(?:ANDOM)?\b)([^\s\0:]+)")
_LIST = lazy(r"(?i:passwords):[ \t]{0,8}\r?\n((?:[ \t]{0,40}-[ \t]{1,4}[^\r\n]{1,400}(?:\r?\n|$))+)")
_ITEM = lazy(r"-[ \t]{1,4}[\"']?(?![\w.-]{1,60}: )([^\s\"'\0#]{4,400})[\"']?[ \t]*+(?=\r?\n|$)", re.MULTILINE)
_TABLE = lazy(r"\n[ \t]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+){1,40}\|?[ \t]*+(?=\n)")


def private_keys(text: str) -> Iterator[Span]:
    """The bodies of PEM blocks, over lines or with written-out `\\n`, whole or cut off; and of PuTTY's files."""
    if "PRIVATE" not in text and "-----BEGIN OpenVPN" not in text and "Private-Lines" not in text:
        return
    begins = list(_KEY_BEGIN().finditer(text))
    ends = [match.start() for match in re.finditer("-----END ", text)]
    for number, begin in enumerate(begins):
        limit = begins[number + 1].start() if number + 1 < len(begins) else len(text)
        after = bisect_left(ends, begin.end())
        closed = after < len(ends) and ends[after] < limit and ends[after] - begin.end() < 100_000
        end = ends[after] if closed else _end_of_cut_key(text, begin.end(), limit)
        if not closed and begin[0].startswith("P"):
            end = _end_of_lines(text, begin.end(), int(begin[1]))
        start, end = _trimmed(text, begin.end(), end)
        if start < end:
            yield "private-key", start, end


def _end_of_cut_key(text: str, start: int, limit: int) -> int:
    cut = re.compile(
        r"(?:(?:\\n|\\r|[\r\n])?[ \t]*+(?:[A-Za-z0-9+/=]{16,}+|[A-Z][\w-]{2,20}: [^\r\n\\]{1,200}+|(?=[\r\n\\]))){0,2000}"
    )
    match = cut.match(text, start, limit)
    return match.end() if match else start


def _end_of_lines(text: str, start: int, lines: int) -> int:
    for _ in range(min(lines, 200) + 1):
        start = text.find("\n", start) + 1 or len(text)
    return start


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without white space, literal `\\n` and marks of masking around it."""
    while start < end and (text[start] in "\0 \t\r\n" or text[start : start + 2] in ("\\n", "\\r")):
        start += 1 + (text[start] == "\\")
    while start < end and (text[end - 1] in "\0 \t\r\n" or text[end - 2 : end] in ("\\n", "\\r")):
        end -= 1 + (text[end - 1] in "nr")
    return start, end


def blocks(text: str) -> Iterator[Span]:
    """Secrets known by where they are, whatever their names: Kubernetes secrets, lists for chpasswd, columns of tables."""
    if ("Secret" in text or "secret" in text) and "kind" in text and "ata" in text:
        read = 0  # nothing is read twice, however often a document states its kind
        for kind in _KUBERNETES().finditer(text):
            if kind.end() > read:
                first, last = text.rfind("\n---", read, kind.start()) + 1, text.find("\n---", kind.end(), kind.end() + 100_000)
                read, start = (
                    last if last >= 0 else min(len(text), kind.end() + 100_000),
                    max(first, kind.start() - 20_000, read),
                )
                yield from _kubernetes(text, start, read)
    if "chpasswd" in text:
        for match in _CHPASSWD().finditer(text):
            yield from (("password", *line.span(1)) for line in _USER_LINE().finditer(text, *match.span(1)))
    for words in _LIST().finditer(text) if "words:" in text or "PASSWORDS:" in text else ():
        yield from (
            ("password", *item.span(1)) for item in _ITEM().finditer(text, *words.span(1)) if not is_placeholder(item[1])
        )
    if "|" in text and "--" in text:
        end = 0
        for match in _TABLE().finditer(text):
            if match.start() >= end:
                end = _end_of_table(text, match.end())
                yield from _columns(text, text.rfind("\n", 0, match.start()) + 1, match.end(), end)


def _kubernetes(text: str, start: int, end: int) -> Iterator[Span]:
    for data in _DATA().finditer(text, start, end):
        group = 2 if data[2] is not None else 3
        for entry in _ENTRY().finditer(text, *data.span(group)):
            value = entry[1]
            if not is_placeholder(value) and not value.startswith(("LS0tLS1CRUdJTiBDRVJU", "\0")):
                yield "kubernetes-secret", *entry.span(1)


def _end_of_table(text: str, start: int) -> int:
    """Where the first line without a `|` begins."""
    while (end := text.find("\n", start + 1)) >= 0 and text.find("|", start, end) >= 0:
        start = end
    return start if end >= 0 else len(text)


def _columns(text: str, head: int, start: int, last: int) -> Iterator[Span]:
    """The values in the columns of a Markdown table whose heading is a word for a password."""
    names = text[head : text.index("\n", head)][:2_000].strip().strip("|").split("|")
    wanted = {i for i, name in enumerate(names) if name.strip(" *`\t").lower() in _COLUMNS}
    while wanted and start < last:
        end = text.find("\n", start + 1, last)
        end = last if end < 0 else end
        line = text[start + 1 : end]
        if "|" not in line:
            return
        at = start + 1 + line.index("|") + 1 if line.lstrip().startswith("|") else start + 1
        for i, cell in enumerate(text[at:end].split("|")):
            value = cell.strip(" *`\t\r")
            if i in wanted and looks_secret(value, True, False, True, "=", True) and " " not in value:
                inner = at + cell.index(value)
                yield "password", inner, inner + len(value)
            at += len(cell) + 1
        start = end


_COLUMNS = frozenset("password passwort kennwort passwd pass pw passphrase secret token key".split()) | {"api key", "api token"}
