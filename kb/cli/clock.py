"""The time as commands see it: now, or KB_NOW, and moments that an option names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, datetime

import click

from ..exceptions import WrongUse
from ..notes import dates
from ..notes.dates import When
from ..notes.kinds import KINDS


def moment(value: str, zone: str = "") -> When:
    """A date as typed, in that time zone where it names none, or `4w` ago. Raises click.BadParameter."""
    try:
        return When.since(value, now(), zone)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no date like 2026-03-01, and no time ago like 4w") from None


def ahead(value: str) -> date | None:
    """A date as typed, or one `6m` from now; None for an empty text. Raises click.BadParameter."""
    if not value:
        return None
    if dates.LENGTH.fullmatch(value.strip().lower()):
        try:
            return (now() + dates.length(value)).date()
        except OverflowError:
            raise click.BadParameter(f"{value} from now is beyond the calendar") from None
    return moment(value).day


def with_days(settings: Sequence[str], kind: str) -> list[str]:
    """`KEY=VALUE` settings in which a length (`review=1y`, `restore_tested=2w`) is the day that it means: ahead of now
    for what is to come, else that long ago."""
    rows = KINDS[kind].fields() if kind in KINDS else {}
    said = []
    for setting in settings:
        key, _, value = setting.partition("=")
        row, length = rows.get(key.strip()), dates.LENGTH.fullmatch(value.strip().lower())
        if (
            length
            and row is not None
            and row.complaint({key.strip(): "2026-04-24"}) is None
            and row.complaint({key.strip(): value})
        ):
            day = ahead(value) if key.strip() in _TO_COME else moment(value).day
            setting = f"{key}={day}"
        said.append(setting)
    return said


_TO_COME = ("review", "cert_expires")


def day_before_now(at: When | None) -> date:
    """The day of what was forgotten, today when nothing was said. Raises WrongUse for a day to come."""
    today = now().date()
    if at and at.day > today:
        raise WrongUse(f"{at.text} is still to come: --at says when something was")
    return at.day if at else today


def now() -> datetime:
    """This moment, with the local time zone. `KB_NOW` (ISO 8601) says another, for reproducible runs."""
    return dates.read_clock(os.environ.get("KB_NOW", ""), datetime.now().astimezone())
