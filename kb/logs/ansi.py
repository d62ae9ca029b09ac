"""Colours and other escape sequences of terminals, taken out of text."""

from __future__ import annotations

import re

ANSI = r"\x1b(?:\[[0-9;:?<=>]{0,40}[ -/]{0,3}[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)|[@-Z\\^_])"


def without_ansi(text: str) -> str:
    """The text without terminal escape sequences."""
    return re.sub(ANSI, "", text) if "\x1b" in text else text
