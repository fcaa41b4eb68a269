"""Local time: which moment it is when a clock on the wall says so. Pure: knows neither clock nor database.

When clocks are put forward, some times of that day don't exist; they mean the moment when the clock would
have shown them, and shows an hour more. When clocks are put back, some come twice; they mean the first one.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

#: How many days the date of a moment may be off, where a zone changed sides of the date line.
MAX_DAYS_SHIFTED = 1


@cache
def zone_or_utc(name: str) -> ZoneInfo:
    """The time zone of this name; UTC for what is none, or is none any more."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # unknown, or no name of a zone at all
        return ZoneInfo("UTC")


def utc_of_local_time(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When clocks in the zone show this time on this day, in UTC."""
    return datetime.combine(day, clock.replace(fold=0), zone).astimezone(UTC)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The date in the zone at a moment."""
    return moment.astimezone(zone).date()
