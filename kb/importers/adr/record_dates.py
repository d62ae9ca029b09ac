"""Dates as authors write them. One that can be read in two ways doesn't count: nothing is invented."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from . import vocabulary

_MONTHS = vocabulary.months()
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_EITHER = re.compile(r"(?<!\d)(?P<a>\d{1,2})[/-](?P<b>\d{1,2})[/-](?P<y>(?:19|20)\d\d)(?!\d)")
_FORMS = (
    ("ymd", re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)")),
    ("dmy", re.compile(r"(?<!\d)(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>(?:19|20)\d\d)(?!\d)")),
    ("either", _EITHER),
    ("dmy", re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.)?[\s-]+(?:de\s+)?(?P<n>{_NAME})\b\.?,?[\s-]+(?:de\s+)?(?P<y>(?:19|20)\d\d)", re.I)),
    ("mdy", re.compile(rf"\b(?P<n>{_NAME})\b\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d\d)", re.I)),
    ("ymd", re.compile(rf"(?<!\d)(?P<y>(?:19|20)\d\d)[\s-]+(?P<n>{_NAME})\b\.?[\s-]+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)", re.I)),
    ("ymd", re.compile(r"(?P<y>(?:19|20)\d\d)\s?[年년]\s?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日일]")),
)  # fmt: skip
_IN_NAME = re.compile(r"^(?P<y>(?:19|20)\d\d)-?(?P<m>\d\d)-?(?P<d>\d\d)(?=[-_ .]|$)")


def find(text: str, day_first: bool | None = None) -> str:
    """The first date in a text, as 2026-11-21; empty if there is none, or if 02/03/2020 could be two days.

    `day_first` says which of the two it is, if that is known from elsewhere.
    """
    found = [(match.start(), match) for _, form in _FORMS if (match := form.search(text))]
    return _day(min(found, key=lambda row: row[0])[1], day_first) if found else ""


def alone(line: str) -> str:
    """The date that makes up a whole line: `July 25, 2018`; empty if there are other words."""
    return "" if re.search(r"\w", without_days(line)) else find(line)


def day_first(texts: Iterable[str]) -> bool | None:
    """Whether the day comes first in the dates of these texts, as in 23/03/2018; None if that isn't clear or they disagree."""
    said = {first > 12 for text in texts for first, second in _pairs(text) if (first > 12) != (second > 12)}
    return said.pop() if len(said) == 1 else None


def _pairs(text: str) -> list[tuple[int, int]]:
    return [(int(match["a"]), int(match["b"])) for match in _EITHER.finditer(text)]


def nearest(text: str, day: str) -> str:
    """The reading of an ambiguous date that is within a week of `day`, if the other one isn't; else nothing."""
    readings = {reading for first in (True, False) if (reading := find(text, first))}
    near = [one for one in readings if abs((date.fromisoformat(one) - date.fromisoformat(day)).days) <= 7]
    return near[0] if len(near) == 1 else ""


def in_name(name: str) -> str:
    """The date that a file's name begins with: `20200925-use-nextjs`, `2020-09-25-use-nextjs` (log4brains)."""
    found = _IN_NAME.match(name)
    return _day(found) if found else ""


def without_days(text: str) -> str:
    """The text with its dates blanked."""
    for _, form in _FORMS:
        text = form.sub(" ", text)
    return text


def _day(found: re.Match[str], day_first: bool | None = None) -> str:
    parts = found.groupdict()
    if "a" in parts:
        first, second = int(parts["a"]), int(parts["b"])
        # Above twelve it isn't a month, and 03/03 is the same day either way.
        if first > 12 or first == second:
            parts["d"], parts["m"] = parts["a"], parts["b"]
        elif second > 12:
            parts["d"], parts["m"] = parts["b"], parts["a"]
        elif day_first is not None:
            parts["d"], parts["m"] = (parts["a"], parts["b"]) if day_first else (parts["b"], parts["a"])
        else:
            return ""
    elif parts.get("m") and int(parts["m"]) > 12 >= int(parts["d"]):  # 2023-27-02 can only be one day
        parts["d"], parts["m"] = parts["m"], parts["d"]
    month = int(parts["m"]) if parts.get("m") else _MONTHS[parts["n"].lower()]
    try:
        return date(int(parts["y"]), month, int(parts["d"])).isoformat()
    except ValueError:
        return ""
