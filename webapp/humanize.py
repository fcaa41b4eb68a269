"""Numbers and times as people read them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Final

_DAY: Final = timedelta(days=1)
#: Days of a week.
_WEEK: Final = 7
#: From so many on, parts of a message a day are nothing that one wants to know.
_MANY: Final = 10


def messages_per_day(average: float) -> str:
    """Average rate in a readable unit: ``about 12 a day``, ``about 3 a week``."""
    if average <= 0:
        return "none"
    if average * _WEEK < 1:
        return "less than one a week"
    if average < 1:
        return f"about {round(average * _WEEK)} a week"
    number = f"{average:,.0f}" if average >= _MANY else f"{average:.1f}".removesuffix(".0")
    return f"about {number} a day"


def natural_time(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """A time relative to now, to the minute and in the reader's time zone: ``tomorrow at 08:00``."""
    local = moment.astimezone(zone)
    return f"{_day(local, now.astimezone(zone))} at {local:%H:%M}"


def natural_time_without_on(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """:func:`natural_time` for use after a preposition such as “until” or “since”: ``Monday at 08:00``."""
    return natural_time(moment, now, zone).removeprefix("on ")


def exact_time(moment: datetime, zone: tzinfo) -> str:
    """A moment to the second, with its zone: ``Monday, 4 May 2026, 14:00:07 CEST``."""
    local = moment.astimezone(zone)
    return f"{weekday_and_date(local)} {local:%Y, %H:%M:%S %Z}"


def natural_date(moment: datetime, zone: tzinfo) -> str:
    """The date of a moment in the reader's time zone, with its year: ``14 May 2026``."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%B %Y}"


def weekday_and_date(day: date) -> str:
    """A date of this year with its weekday: ``Thursday, 14 May``."""
    return f"{day:%A}, {day.day} {day:%B}"


def _day(local: datetime, today: datetime) -> str:
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    days = (local.date() - today.date()) // _DAY
    if days in near:
        return near[days]
    if 0 < days < _WEEK:
        return f"on {local:%A}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"on {local.day} {local:%B}{year}"
