"""Scheduled times of digests, in a user's time zone.

Pure: takes values, knows neither clock nor database.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from fmn.people.local_time import MAX_DAYS_SHIFTED, local_date, utc_of_local_time
from fmn.people.schedule import ClockTimes

#: Days looked at: from yesterday, as far as the date may be off, to the same weekday next week.
_DAYS: Final = MAX_DAYS_SHIFTED + 7 + MAX_DAYS_SHIFTED + 1


def next_scheduled_time(clock: ClockTimes, after: datetime) -> datetime:
    """The first scheduled time after a moment, in UTC.

    A local time that is skipped when clocks go forward is due once, at the time they show instead. One that
    occurs twice when clocks go back is due once, at the first occurrence.
    """
    first_day = local_date(after, clock.zone) - timedelta(days=MAX_DAYS_SHIFTED)
    found: list[datetime] = []
    for day in (first_day + timedelta(days=shift) for shift in range(_DAYS)):
        complete = bool(found)
        if day.weekday() in clock.days:
            moments = (utc_of_local_time(day, each, clock.zone) for each in clock.times)
            found += [moment for moment in moments if moment > after]
        # One day more: the times of a day that a zone left out are due on the next one, maybe after its own.
        if complete:
            break
    return min(found)
