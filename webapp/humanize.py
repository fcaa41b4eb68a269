"""Figures and moments as people say them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Final

_DAY: Final = timedelta(days=1)
#: Days of a week.
_WEEK: Final = 7
#: From so many on, parts of a message a day are nothing that one wants to know.
_MANY: Final = 10


def messages_per_day(average: float) -> str:
    """Messages a day, in a unit that makes a number of it: ``about 12 a day``, ``about 3 a week``."""
    if average <= 0:
        return "none"
    if average * _WEEK < 1:
        return "less than one a week"
    if average < 1:
        return f"about {round(average * _WEEK)} a week"
    number = f"{average:,.0f}" if average >= _MANY else f"{average:.1f}".removesuffix(".0")
    return f"about {number} a day"


def natural_time(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """A moment to the minute as seen from now, in the reader's time zone: ``tomorrow at 08:00``."""
    local = moment.astimezone(zone)
    return f"{_day(local, now.astimezone(zone))} at {local:%H:%M}"


def natural_time_without_on(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """The same after a word that needs no other, such as “until” or “since”: ``Monday at 08:00``."""
    return natural_time(moment, now, zone).removeprefix("on ")


def natural_date(moment: datetime, zone: tzinfo) -> str:
    """The reader's date at a moment, whichever year it is: ``14 May 2026``."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%B %Y}"


def weekday_and_date(day: date) -> str:
    """A day of this year: ``Thursday, 14 May``."""
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
