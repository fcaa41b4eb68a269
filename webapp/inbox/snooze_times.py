"""Ends of snoozes of notifications, in the reader's time zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum, auto
from typing import Final
from zoneinfo import ZoneInfo

from fmn.people.local_time import local_date, utc_of_local_time
from fmn.translations import gettext, mark
from webapp.humanize import natural_time_without_on

#: How much later "later today" is.
LATER: Final = timedelta(hours=3)
#: When notifications come back on another day, unless somebody says another time.
MORNING: Final = time(9)
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)


class SnoozeSpan(StrEnum):
    """How long a notification is snoozed, as people choose it."""

    LATER = auto()
    TOMORROW = auto()
    MONDAY = auto()
    WEEK = auto()


#: Spans as the page calls them.
_SPANS: Final[Mapping[SnoozeSpan, str]] = {
    SnoozeSpan.LATER: mark("Later today"), SnoozeSpan.TOMORROW: mark("Tomorrow morning"),
    SnoozeSpan.MONDAY: mark("Next Monday morning"), SnoozeSpan.WEEK: mark("In a week")}


@dataclass(frozen=True)
class SnoozeOffer:
    """A span to choose, with its words and the end that it stands for now."""

    span: SnoozeSpan
    words: str
    until: str


def snooze_offers(now: datetime, zone: ZoneInfo) -> Sequence[SnoozeOffer]:
    """The spans in the order of their names, each with its end."""
    return [
        SnoozeOffer(span, gettext(words), natural_time_without_on(snoozed_until(span, now, zone), now, zone))
        for span, words in _SPANS.items()]


def snoozed_until(span: SnoozeSpan, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of a snooze that begins now: in three hours, or in the morning of a later day."""
    today = local_date(now, zone)
    match span:
        case SnoozeSpan.LATER:
            return now + LATER
        case SnoozeSpan.TOMORROW:
            day = today + _DAY
        case SnoozeSpan.MONDAY:
            day = today + _WEEK - _DAY * today.weekday()
        case SnoozeSpan.WEEK:
            day = today + _WEEK
    return utc_of_local_time(day, MORNING, zone)
