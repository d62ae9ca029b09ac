"""The time as commands see it: now, or KB_NOW, and moments that an option names."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

import click

from ..exceptions import WrongUse
from ..notes.dates import When


def moment(value: str) -> When:
    """A date as typed, or `4w` ago. Raises click.BadParameter."""
    days = {"d": 1, "w": 7, "m": 30.44, "y": 365.25}
    if value[-1:] in days and value[:-1].isdigit():
        try:
            ago = now() - timedelta(days=int(value[:-1]) * days[value[-1]])
        except OverflowError:
            ago = datetime.min.replace(tzinfo=now().tzinfo)
        return When(value, ago, True)
    words = {"today": 0, "yesterday": 1}
    if value in words:
        return When(value, now() - timedelta(days=words[value]), True)
    try:
        return When.read(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no date like 2026-03-01, and no time ago like 4w") from None


def now() -> datetime:
    """This moment, with the local time zone. `KB_NOW` (ISO 8601) says another, for reproducible runs."""
    fixed = os.environ.get("KB_NOW")
    if not fixed:
        return datetime.now().astimezone()
    try:
        return (
            datetime.fromisoformat(fixed).astimezone()
            if "T" not in fixed or "+" not in fixed
            else datetime.fromisoformat(fixed)
        )
    except ValueError:
        raise WrongUse(f"KB_NOW is {fixed!r}, no moment like 2026-04-24T01:07+01:00") from None


def stamp(at: datetime) -> str:
    """A moment as notes hold it: to the minute, with its time zone."""
    return at.isoformat(timespec="minutes")
