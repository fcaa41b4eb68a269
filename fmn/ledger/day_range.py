"""Ranges of days, from midnight to midnight in a time zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

#: Days that one looks back, today included: as many as the ledger keeps by default.
DAYS: Final = 14

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class DayRange:
    """Some whole days in a time zone, and today until ``now``."""

    now: datetime
    days: int = DAYS
    zone: tzinfo = UTC

    @property
    def begins(self) -> datetime:
        """Start of the first day."""
        return self.begin_of(self.day_of(self.now) - (self.days - 1) * _DAY)

    def day_of(self, moment: datetime) -> date:
        """The date of a moment."""
        return moment.astimezone(self.zone).date()

    def begin_of(self, day: date) -> datetime:
        """Start of a day."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def days_since(self, moment: datetime) -> Sequence[date]:
        """The days from a moment until today."""
        first = self.day_of(moment)
        return [first + number * _DAY for number in range((self.day_of(self.now) - first).days + 1)]


@dataclass(frozen=True)
class DayCount:
    """The number of messages on one day."""

    date: date
    messages: int
