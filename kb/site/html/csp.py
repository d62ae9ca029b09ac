"""The Content-Security-Policy of the site: the second line of defence, in case something in a note gets past the escaping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

# The theme's own inline scripts are files of kb's theme, so that nothing inline has to run: no hash, no 'unsafe-inline'.
# What a page may load is beside it, over http and in a folder alike.
DIRECTIVES: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "media-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
_CHARSET = re.compile(r"<meta charset=[^>]*>")
_INLINE = re.compile(r"<script(?![^>]*\s(?:src|type=\"?application/(?:ld\+)?json))[^>]*>(?!\s*</script>)", re.IGNORECASE)


def policy(scripts: Iterable[str] = (), styles: Iterable[str] = ()) -> str:
    """The policy of a site that loads these scripts and styles; it allows the hosts of those from elsewhere."""
    allowed = dict(DIRECTIVES)
    for directive, addresses in (("script-src", scripts), ("style-src", styles)):
        hosts = dict.fromkeys(origin for address in addresses if (origin := _origin(address)))
        allowed[directive] = " ".join((allowed[directive], *hosts))
    return "; ".join(f"{name} {value}" for name, value in allowed.items())


def header() -> str:
    """The policy for a web server to send, including what only a header may say."""
    return f"{policy()}; frame-ancestors 'none'"


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in ("", "http", "https") or not re.fullmatch(r"[\w.:\[\]-]+", parts.netloc):
        return ""
    return f"{parts.scheme or 'https'}://{parts.netloc}"


def with_policy(page: str, policy: str) -> str:
    """The page with the policy in its head, before anything is loaded, but after the encoding, which browsers look for first."""
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    found = _CHARSET.search(page)
    if found:
        return f"{page[: found.end()]}\n{meta}{page[found.end() :]}"
    return re.sub(r"<head[^>]*>", lambda head: head[0] + meta, page, count=1)


def has_inline_script(page: str) -> bool:
    """Whether a page has an inline script, which the policy keeps from running."""
    return _INLINE.search(page) is not None
