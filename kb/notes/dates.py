"""Dates, moments and lengths of time as people write them."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ..exceptions import WrongUse


@dataclass(frozen=True)
class When:
    """A date or a moment as somebody typed it, with one form to compare by.

    `moment` always has a time zone: one that was not written counts as UTC, and a date begins at midnight.
    """

    text: str
    moment: datetime
    has_time: bool

    @classmethod
    @functools.lru_cache(1 << 16)  # a site asks the same few thousand dates a hundred times each
    def read(cls, text: str) -> When:
        """The moment that `text` names, in ISO 8601 (a space for the `T` is fine). Raises ValueError."""
        tidy = re.sub(r"\s+(?=[+-]\d\d)", "", text.strip())
        if re.fullmatch(r"\d{4}-\d\d-\d\d", tidy):
            return cls(text, datetime.combine(date.fromisoformat(tidy), datetime.min.time(), UTC), False)
        if not re.match(r"\d{4}-\d\d-\d\d[T ]\d", tidy):
            raise ValueError(text)
        moment = datetime.fromisoformat(tidy)
        return cls(text, moment if moment.tzinfo else moment.replace(tzinfo=UTC), True)

    @property
    def day(self) -> date:
        """The date as it was written, in its own time zone."""
        return self.moment.date()

    def short(self) -> str:
        """`24 Apr 2026`."""
        return short_day(self.day)

    @classmethod
    def since(cls, text: str, now: datetime) -> When:
        """The moment that `text` names as seen from `now`: a date, `today`, `yesterday`, or a time ago like `4w`. Raises ValueError."""
        words = {"today": 0, "yesterday": 1}
        if text in words:
            return cls(text, now - timedelta(days=words[text]), True)
        if LENGTH.fullmatch(text.strip().lower()):
            try:
                return cls(text, now - length(text), True)
            except OverflowError:  # before the calendar begins: everything is since then
                return cls(text, datetime.min.replace(tzinfo=now.tzinfo), True)
        return cls.read(text)

    def __lt__(self, other: When) -> bool:
        return self.moment < other.moment


@functools.lru_cache(10_000)  # the pages of a site say each day many times
def short_day(day: date) -> str:
    """`24 Apr 2026`."""
    return f"{day.day} {day:%b} {day.year}"


def span(length: timedelta) -> str:
    """`34 minutes`, `2 hours`, `3 days`: as one would say it."""
    minutes = max(0, round(length.total_seconds() / 60))
    unit, size = ("minute", 1) if minutes < 100 else ("hour", 60) if minutes < 48 * 60 else ("day", 24 * 60)
    count = round(minutes / size)
    return f"{count} {unit}{'' if count == 1 else 's'}"


def stamp(at: datetime) -> str:
    """A moment as notes hold it: to the minute, with its time zone."""
    return at.isoformat(timespec="minutes")


def written(when: When) -> str:
    """A date or a moment as notes hold it: a day as it was typed, a moment to the minute, with its time zone."""
    return when.day.isoformat() if not when.has_time else stamp(when.moment)


def read_clock(fixed: str, real: datetime) -> datetime:
    """The moment that counts as now: `fixed` (ISO 8601; local time where it names no zone), or the `real` one when it is empty.

    `fixed` is what the variable KB_NOW holds: each door that reads it has it read here. Raises WrongUse.
    """
    if not fixed:
        return real
    try:
        moment = datetime.fromisoformat(fixed)
    except ValueError:
        raise WrongUse(f"KB_NOW is {fixed!r}, no moment like 2026-04-24T01:07+01:00") from None
    return moment if moment.tzinfo else moment.astimezone()


_UNITS = {"h": 1 / 24, "d": 1, "w": 7, "m": 30.44, "y": 365.25}
_LENGTH_WORDS = {"hourly": 1 / 24, "daily": 1, "nightly": 1, "weekly": 7, "monthly": 30.44, "yearly": 365.25}

# A number and the letter of its unit, in lower case: `2w`, `2 weeks`.
LENGTH = re.compile(r"(\d{1,4}(?:\.\d{1,2})?)\s*([hdwmy])(?:ours?|ays?|eeks?|onths?|ears?)?")


def length(text: str) -> timedelta:
    """The length of time that `1d`, `2 weeks`, `6m` or `daily` says. Raises ValueError."""
    lower = text.strip().lower()
    if lower in _LENGTH_WORDS:
        return timedelta(days=_LENGTH_WORDS[lower])
    found = LENGTH.fullmatch(lower)
    if not found:
        raise ValueError(f"should be a length of time like 1d, 2w, 6m or 1y, not {text!r}")
    return timedelta(days=float(found[1]) * _UNITS[found[2]])
