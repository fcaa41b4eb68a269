"""Numbers and times as people read them, in their language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Final

from fmn.localized import (
    day_and_month,
    long_date,
    number_text,
    weekday,
    weekday_and_date,
    weekday_and_long_date,
)
from fmn.translations import gettext, mark

__all__ = (
    "messages_per_day", "natural_date", "natural_time", "natural_time_without_on", "weekday_and_date")

_DAY: Final = timedelta(days=1)
#: Days whose dates nobody needs, by their distance from today.
_NEAR_DAYS: Final[Mapping[int, str]] = {
    -1: mark("yesterday at {time}"), 0: mark("today at {time}"), 1: mark("tomorrow at {time}")}
#: Days of a week.
_WEEK: Final = 7
#: From so many on, parts of a message a day are nothing that one wants to know.
_MANY: Final = 10


def messages_per_day(average: float) -> str:
    """Average rate in a readable unit: ``about 12 a day``, ``about 3 a week``."""
    if average <= 0:
        return gettext("none")
    if average * _WEEK < 1:
        return gettext("less than one a week")
    if average < 1:
        return gettext("about {number} a week").format(number=round(average * _WEEK))
    number = round(average) if average >= _MANY else round(average, 1)
    return gettext("about {number} a day").format(number=number_text(number))


def natural_time(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """A time relative to now, to the minute and in the reader's time zone: ``tomorrow at 08:00``."""
    return _natural_time(moment, now, zone, gettext("on {day} at {time}"))


def natural_time_without_on(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """:func:`natural_time` for use after a preposition such as “until” or “since”: ``Monday at 08:00``."""
    return _natural_time(moment, now, zone, gettext("{day} at {time}"))


def exact_time(moment: datetime, zone: tzinfo) -> str:
    """A moment to the second, with its zone: ``Monday, 4 May 2026, 14:00:07 CEST``."""
    local = moment.astimezone(zone)
    return f"{weekday_and_long_date(local)}, {local:%H:%M:%S %Z}"


def natural_date(moment: datetime, zone: tzinfo) -> str:
    """The date of a moment in the reader's time zone, with its year: ``14 May 2026``."""
    return long_date(moment.astimezone(zone).date())


def _natural_time(moment: datetime, now: datetime, zone: tzinfo, other_day: str) -> str:
    local, today = moment.astimezone(zone), now.astimezone(zone)
    days = (local.date() - today.date()) // _DAY
    clock = f"{local:%H:%M}"
    if near := _NEAR_DAYS.get(days):
        return gettext(near).format(time=clock)
    return other_day.format(day=_day(local, today, days), time=clock)


def _day(local: datetime, today: datetime, days: int) -> str:
    if 0 < days < _WEEK:
        return weekday(local)
    return day_and_month(local) if local.year == today.year else long_date(local)
