"""Ends of snoozes of notifications, in the reader's time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum, auto
from typing import Final
from zoneinfo import ZoneInfo

from fmn.people.local_time import local_date, utc_of_local_time
from fmn.translations import mark

#: How much later "later today" is.
LATER: Final = timedelta(hours=3)
#: When notifications come back on another day.
MORNING: Final = time(9)
_DAY: Final = timedelta(days=1)
_DAYS_OF_WEEK: Final = 7


class SnoozeSpan(StrEnum):
    """How long a notification is snoozed, as people choose it."""

    LATER = auto()
    TOMORROW = auto()
    WEEK = auto()


#: Spans as the page calls them.
SPANS: Final[Mapping[SnoozeSpan, str]] = {
    SnoozeSpan.LATER: mark("Later today"), SnoozeSpan.TOMORROW: mark("Tomorrow"),
    SnoozeSpan.WEEK: mark("Next week")}


def snoozed_until(span: SnoozeSpan, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of a snooze that begins now: in three hours, or on the morning of tomorrow or next Monday."""
    today = local_date(now, zone)
    match span:
        case SnoozeSpan.LATER:
            return now + LATER
        case SnoozeSpan.TOMORROW:
            return morning_of(today + _DAY, zone)
        case SnoozeSpan.WEEK:
            return morning_of(today + _DAY * (_DAYS_OF_WEEK - today.weekday()), zone)


def morning_of(day: date, zone: ZoneInfo) -> datetime:
    """When notifications come back on a day."""
    return utc_of_local_time(day, MORNING, zone)
