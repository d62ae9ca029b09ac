"""Patterns that are compiled when they are first wanted: most texts want few of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache


def lazy(pattern: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """Gives the compiled pattern when it is called."""
    return cache(lambda: re.compile(pattern, flags))
