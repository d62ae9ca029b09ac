"""The addresses that a link may have."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

SCHEMES = frozenset(("http", "https", "mailto", "tel", "ssh", "sftp", "smb"))

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def plain_address(address: str) -> str:
    """An address as a browser reads it: without control characters and the characters that Markdown puts around mail addresses."""
    decoded = re.sub(r"\x02amp\x03#(\d+);", lambda found: chr(int(found[1])), address)
    return re.sub(r"[\x00-\x20\x7f\u2028\u2029]", "", decoded)


def scheme_of(address: str) -> str:
    """The scheme of an address in lower case; `unreadable` if browsers would disagree about it; empty if it has none."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", address) or re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", unquote(address))
    if found:
        return found[1].lower()
    try:
        return "unreadable" if urlsplit(address).netloc and not address.startswith("//") else ""
    except ValueError:
        return "unreadable"
