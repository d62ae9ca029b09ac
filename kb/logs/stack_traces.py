"""Frames of stack traces, and which of them are a library's."""

from __future__ import annotations

import re

TRACE = re.compile(
    r"(?:\S+ +\| +)?(?:at [\w.$<>/@ ]{1,200}[(:]|at (?:async )?\S{1,200}$|File \"|#\d+ (?!\d{1,6}\.\d{1,3}\s|ERROR)|\d+: 0x|goroutine \d+ |from \S+:\d+:in |\.\.\. \d+ more"
    r"|\S{1,200}\.go:\d+(?: \+0x[0-9a-f]+)?(?: fp=0x[0-9a-f]+ sp=0x[0-9a-f]+(?: pc=0x[0-9a-f]+)?)?$|[\w./*()-]{1,200}\(\{?0x[0-9a-f]|created by \S+(?: in goroutine \d+)?$|[\w./-]{1,200}\.\w{1,100}\((?:\.\.\.)?\)$)"
)

# Frames of these are nobody's own code.
LIBRARY = re.compile(
    r"site-packages|dist-packages|/usr/(?:local/)?lib|/lib/python3|node_modules|node:|internal/|\(<anonymous>\)|\(index \d|/rustc/|/cargo/registry/"
    r"|/go/pkg/mod/|/usr/local/go/|/gems/|/vendor/|\b(?:runtime|net/http)\.[\w(]"
    r"|\bat (?:java|javax|jakarta|jdk|sun|kotlin|scala|io\.netty|org\.(?:springframework|apache|hibernate|eclipse|postgresql)|System|Microsoft)\."
)


def is_frame(line: str) -> bool:
    """Whether the line is a frame of a stack trace."""
    return TRACE.match(line) is not None


IN_ANY_FRAME = ("at", "async", "file", "line", "in", "by", "from")
