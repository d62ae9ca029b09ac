"""Dates, moments and lengths of time as people write them."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from ..exceptions import WrongUse


@dataclass(frozen=True)
class When:
    """A date or a moment as it was typed, with one form for comparing.

    `moment` always has a time zone: without one it counts as local time, and a date begins at midnight.
    """

    text: str
    moment: datetime
    has_time: bool

    @classmethod
    @functools.lru_cache(1 << 16)  # a site reads the same few thousand dates a hundred times each
    def read(cls, text: str, zone: str = "") -> When:
        """The moment that `text` names, in ISO 8601 (a space for the `T` is fine). Raises ValueError.

        `zone` (`Europe/Berlin`) is where a time without a zone is meant; "" is where this machine stands.
        """
        tidy = re.sub(r"\s+(?=[+-]\d\d)", "", text.strip())
        if re.fullmatch(r"\d{4}-\d\d-\d\d", tidy):
            return cls(text, localized(datetime.combine(date.fromisoformat(tidy), datetime.min.time()), zone), False)
        if not re.match(r"\d{4}-\d\d-\d\d[T ]\d", tidy):
            raise ValueError(text)
        moment = datetime.fromisoformat(tidy)
        return cls(text, moment if moment.tzinfo else localized(moment, zone), True)

    @property
    def day(self) -> date:
        """The date as it was written, in its own time zone."""
        return self.moment.date()

    def short(self) -> str:
        """`24 Apr 2026`."""
        return short_day(self.day)

    @classmethod
    def since(cls, text: str, now: datetime, zone: str = "") -> When:
        """The moment that `text` names as seen from `now`: a date, `today`, `yesterday`, or a time ago like `4w`. Raises ValueError.

        `zone` is that of a time without one. The same hour of another day is another moment when the clocks changed in between.
        """
        lower = text.strip().lower()
        if lower not in _AGO and not LENGTH.fullmatch(lower):
            return cls.read(text, zone)
        back = _AGO[lower] if lower in _AGO else length(lower)
        try:
            if lower.endswith("h") or localized(now.replace(tzinfo=None), zone).utcoffset() != now.utcoffset():
                return cls(text, now - back, True)
            return cls(text, localized(now.replace(tzinfo=None) - back, zone), True)
        except OverflowError:  # before the calendar begins: everything is since then
            return cls(text, datetime.min.replace(tzinfo=now.tzinfo), True)

    def __lt__(self, other: When) -> bool:
        return self.moment < other.moment


def localized(wall: datetime, zone: str = "") -> datetime:
    """What a clock on the wall shows in that time zone, or where this machine stands, as a moment.

    An hour that the clock shows twice is the first of the two, and one that it leaves out is the hour after.
    """
    try:
        if not zone:
            there = wall.astimezone()
            return there if there.replace(tzinfo=None) == wall else max(there, wall.replace(fold=1).astimezone())
        there = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
        return there.replace(tzinfo=timezone(there.utcoffset() or timedelta(0)))
    except (OverflowError, OSError, ValueError):  # at the ends of the calendar
        return wall.replace(tzinfo=UTC)


@functools.lru_cache(10_000)  # the pages of a site show each day many times
def short_day(day: date) -> str:
    """`24 Apr 2026`."""
    return f"{day.day} {day:%b} {day.year}"


def span(length: timedelta) -> str:
    """`34 minutes`, `2 hours`, `3 days`: as people say it."""
    minutes = max(0, round(length.total_seconds() / 60))
    unit, size = ("minute", 1) if minutes < 100 else ("hour", 60) if minutes < 48 * 60 else ("day", 24 * 60)
    count = round(minutes / size)
    return f"{count} {unit}{'' if count == 1 else 's'}"


def stamp(at: datetime) -> str:
    """A moment as notes store it: to the minute, with its time zone."""
    return at.isoformat(timespec="minutes")


def names_no_zone(text: str) -> bool:
    """Whether a text is a moment that names no time zone."""
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d[\d:.]*", text.strip()))


def written(when: When) -> str:
    """A date or a moment as notes hold it: a day as it was typed, a moment to the minute, with its time zone."""
    return when.day.isoformat() if not when.has_time else stamp(when.moment)


def read_clock(fixed: str, real: datetime) -> datetime:
    """The moment that counts as now: `fixed` (ISO 8601; local time if it names no zone), or the `real` one if that is empty.

    `fixed` is the value of the variable KB_NOW; everything that uses it reads it through here. Raises WrongUse.
    """
    if not fixed:
        return real
    try:
        moment = datetime.fromisoformat(fixed)
    except ValueError:
        raise WrongUse(f"KB_NOW is {fixed!r}, no moment like 2026-04-24T01:07+01:00") from None
    return moment if moment.tzinfo else moment.astimezone()


_AGO = {
    "today": timedelta(0),
    "yesterday": timedelta(days=1),
    "last week": timedelta(weeks=1),
    "last month": timedelta(days=30.44),
    "last year": timedelta(days=365.25),
}
_UNITS = {"h": 1 / 24, "d": 1, "w": 7, "m": 30.44, "y": 365.25}
_LENGTH_WORDS = {"hourly": 1 / 24, "daily": 1, "nightly": 1, "weekly": 7, "monthly": 30.44, "yearly": 365.25}

# A number and the letter of its unit, in lower case: `2w`, `2 weeks`.
LENGTH = re.compile(r"(\d{1,4}(?:\.\d{1,2})?)\s*([hdwmy])(?:ours?|ays?|eeks?|onths?|ears?)?")


def length(text: str) -> timedelta:
    """The length of time that `1d`, `2 weeks`, `6m` or `daily` means. Raises ValueError."""
    lower = text.strip().lower()
    if lower in _LENGTH_WORDS:
        return timedelta(days=_LENGTH_WORDS[lower])
    found = LENGTH.fullmatch(lower)
    if not found:
        raise ValueError(f"should be a length of time like 1d, 2w, 6m or 1y, not {text!r}")
    return timedelta(days=float(found[1]) * _UNITS[found[2]])
