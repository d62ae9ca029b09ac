"""Layers: which part of a lab an error speaks of, and where to look first when nothing is known about it."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """A layer, the words that give it away, the first thing to try, and an example that a test holds it to."""

    name: str
    words: str  # a regular expression, in any case
    look: str
    example: str


# The most telling first: a certificate error is also a connection error.
LAYERS: tuple[Layer, ...] = (
    Layer("tls", r"x509|certificate|\bssl\b|\btls\b|\bacme\b|handshake failure", "openssl s_client -connect HOST:443",
          "x509: certificate signed by unknown authority"),
    Layer("dns", r"no such host|name resolution|servfail|nxdomain|could not resolve|lookup \S+ (on|:)|\bEAI_AGAIN\b|\bENOTFOUND\b|host not found|name or service not known"
          r"|\bdns (quer|name|server|lookup|resol)", "dig NAME @RESOLVER",
          "dial tcp: lookup gitea on 127.0.0.11:53: no such host"),
    Layer("hardware", r"\bata\d|i/o error|smart error|emask|usb \d-\d|uncorrect|machine check|unrecoverable error", "dmesg | tail, smartctl -a DISK",
          "ata3.00: exception Emask 0x10 SAct 0x7f00 SErr 0x4090000"),
    Layer("storage", r"no space left|read-only file system|disk quota|disk (is )?full|stale file handle|\bzfs\b|\bbtrfs\b|\bu?mount: |mount point|failed to mount|mounting",
          "df -h, df -i, mount", "write /var/lib/docker/tmp/x: no space left on device"),
    Layer("host", r"out of memory|oom[- ]?kill|killed process|heap limit|cannot allocate|too many open files", "free -h, journalctl -k",
          "Out of memory: Killed process 4121 (jellyfin)"),
    Layer("auth", r"auth\w* fail|unauthori[sz]ed|not authori[sz]ed|forbidden|access denied|login fail|failed (login|password)|invalid (token|user)|\b40[13]\b"
          r"|permission denied \((publickey|password)", "did a password, key or token change?",
          "FATAL: password authentication failed for user \"gitea\""),
    Layer("proxy", r"bad gateway|upstream|gateway time|\b50[24]\b", "is the upstream up, and on the proxy's network?",
          "connect() failed (113: No route to host) while connecting to upstream"),
    Layer("network", r"no route to host|connection (refused|reset|timed out)|network is unreachable|i/o timeout|timeout during connect|address (already )?in use|ECONNREFUSED|ETIMEDOUT"
          r"|EADDRINUSE|connectivity|wireguard|handshake for peer",
          "ping, ss -ltnp, docker network inspect", "dial tcp 10.0.0.5:5432: connect: connection refused"),
    Layer("backup", r"\brestic\b|\bborg\b|repository is already locked", "is another run still going?",
          "unable to create lock in backend: repository is already locked by PID 12345"),
    Layer("runtime", r"error response from daemon|failed to pull|back-?off|exited with code|oci runtime|start request repeated",
          "docker ps -a, docker inspect NAME", "Error response from daemon: driver failed programming"),
)  # fmt: skip


# Names of folders and files, and what stands in quotes, are no words of an error: /etc/ssl, "backup".
_NAMES = re.compile(r"(?<![\w/])(?:~|\.{1,2})?/[\w.@%+~/-]+|\"[^\"]{1,200}\"|(?<!\w)'[^']{1,200}'|https?://\S+")


def layer_of(text: str) -> Layer | None:
    """The layer that a line speaks of, or None: of a whole log, ask for the one line that is the event."""
    said = _NAMES.sub(" ", text)
    return next((layer for layer in LAYERS if re.search(layer.words, said, re.IGNORECASE)), None)
