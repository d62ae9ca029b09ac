"""The time as commands see it: now, or KB_NOW, and moments that an option names."""

from __future__ import annotations

import os
from datetime import datetime

import click

from ..notes import dates
from ..notes.dates import When


def moment(value: str) -> When:
    """A date as typed, or `4w` ago. Raises click.BadParameter."""
    try:
        return When.since(value, now())
    except ValueError:
        raise click.BadParameter(f"{value!r} is no date like 2026-03-01, and no time ago like 4w") from None


def now() -> datetime:
    """This moment, with the local time zone. `KB_NOW` (ISO 8601) says another, for reproducible runs."""
    return dates.read_clock(os.environ.get("KB_NOW", ""), datetime.now().astimezone())
