"""Local time: conversion of wall-clock times to UTC, daylight saving time included. Pure.

A time that a day skips stands for the moment at which the clock would have shown it, which shows an hour
more. Of a time that comes twice, the first one counts.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

#: How many days the date of a moment may be off, where a zone changed sides of the date line.
MAX_DAYS_SHIFTED = 1


@cache
def zone_or_utc(name: str) -> ZoneInfo:
    """The time zone of this name; UTC for an unknown one."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # unknown, or no name of a zone at all
        return ZoneInfo("UTC")


def utc_of_local_time(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The UTC time at which clocks in the zone show this time on this day."""
    return datetime.combine(day, clock.replace(fold=0), zone).astimezone(UTC)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The date in the zone at a moment."""
    return moment.astimezone(zone).date()
