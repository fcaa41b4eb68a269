"""Schedule of deliveries: digest limits, set times and quiet hours in the user's time zone. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Text, type_coerce

from fmn.infra.db import Base
from fmn.people.local_time import MAX_DAYS_SHIFTED, local_date, utc_of_local_time, zone_or_utc
from fmn.people.models import Preference, User
from fmn.people.preferences import DAYS, Frequency, QuietHours

#: All days of the week, from Monday on.
EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class ClockTimes:
    """Times of day on some days of the week (0 is Monday) in a zone; at least one of each."""

    times: frozenset[time]
    days: frozenset[int]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class QuietPeriod:
    """Daily quiet hours in a zone, across midnight if ``stop`` is the earlier time; they are never equal."""

    start: time
    stop: time
    zone: ZoneInfo
    lets_severe: bool

    def end_of(self, moment: datetime) -> datetime | None:
        """The end of the quiet hours that contain this moment, ``None`` if none do."""
        today = local_date(moment, self.zone)
        for shift in range(-1 - MAX_DAYS_SHIFTED, MAX_DAYS_SHIFTED + 1):
            day = today + timedelta(days=shift)
            last_day = day if self.start < self.stop else day + timedelta(days=1)
            end = utc_of_local_time(last_day, self.stop, self.zone)
            if utc_of_local_time(day, self.start, self.zone) <= moment < end:
                return end
        return None

    def until(self, moment: datetime, *, severe: bool) -> datetime | None:
        """The end of the quiet hours for something that could be sent now, ``None`` if it may be sent.

        Something ``severe`` may be sent if the user lets it through.
        """
        return None if severe and self.lets_severe else self.end_of(moment)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When notifications are sent: at ``count`` waiting, ``seconds`` after the first, or at set times.

    Whichever comes first. With none of these, each is sent immediately. Quiet hours delay everything, and so
    does a pause.
    """

    count: int | None = None
    seconds: int | None = None
    clock: ClockTimes | None = None
    quiet: QuietPeriod | None = None
    paused_until: datetime | None = None

    @property
    def is_batched(self) -> bool:
        """Whether notifications are sent in digests."""
        return self.count is not None or self.seconds is not None or self.clock is not None

    def quiet_until(self, moment: datetime, *, severe: bool = False) -> datetime | None:
        """The end of a pause or of the quiet hours for something that could be sent now, or ``None``.

        In quiet hours something ``severe`` may be sent if the user lets it through. They never make anything
        arrive earlier: in a digest, severe notifications wait for the digest like all others.
        """
        if self.paused_until is not None and moment < self.paused_until:
            return self.paused_until
        return None if self.quiet is None else self.quiet.until(moment, severe=severe)

    def is_deferred(self, moment: datetime, *, severe: bool) -> bool:
        """Whether a notification of now waits for a digest, or the end of a pause or of quiet hours."""
        return self.is_batched or self.quiet_until(moment, severe=severe) is not None


def schedule_of(
    preference: Preference, time_zone: str, paused_until: datetime | None = None,
) -> Schedule:
    """The schedule of a preference in its user's time zone, who may have paused everything.

    Times without days mean every day, and quiet hours with equal ends mean none, because nobody wants to get
    nothing at all.
    """
    frequency = Frequency.of(preference)
    return Schedule(
        frequency.digest_count, frequency.digest_seconds, _clock(frequency, time_zone),
        quiet_period(QuietHours.of(preference), time_zone), paused_until)


_PREFERENCES: Final = Base.metadata.tables[Preference.__tablename__]
_USERS: Final = Base.metadata.tables[User.__tablename__]
#: Columns that make a schedule, with JSON as text.
SCHEDULE_COLUMNS: Final = (
    _PREFERENCES.c.digest_count, _PREFERENCES.c.digest_seconds,
    type_coerce(_PREFERENCES.c.clock_times, Text), type_coerce(_PREFERENCES.c.clock_days, Text),
    _PREFERENCES.c.quiet_from, _PREFERENCES.c.quiet_until, _PREFERENCES.c.quiet_lets_severe,
    _USERS.c.time_zone, _USERS.c.paused_until)


@lru_cache(maxsize=10_000)
def schedule_of_columns(  # noqa: PLR0913, PLR0917 - a row's columns
    digest_count: int | None, digest_seconds: int | None, clock_times: str, clock_days: str,
    quiet_from: time | None, quiet_until: time | None, quiet_lets_severe: bool,  # noqa: FBT001 - as above
    time_zone: str, paused_until: datetime | None,
) -> Schedule:
    """The schedule of a row of :data:`SCHEDULE_COLUMNS`. Most people share one of few."""
    return schedule_of(Preference(
        digest_count=digest_count, digest_seconds=digest_seconds, clock_times=json.loads(clock_times),
        clock_days=json.loads(clock_days), quiet_from=quiet_from, quiet_until=quiet_until,
        quiet_lets_severe=quiet_lets_severe), time_zone, paused_until)


def _clock(frequency: Frequency, time_zone: str) -> ClockTimes | None:
    if not frequency.clock_times:
        return None
    days = frozenset(map(DAYS.index, frequency.clock_days)) or EVERY_DAY
    return ClockTimes(frozenset(frequency.clock_times), days, zone_or_utc(time_zone))


def quiet_period(hours: QuietHours, time_zone: str) -> QuietPeriod | None:
    """Quiet hours in a time zone, ``None`` if there are none."""
    start, stop = hours.quiet_from, hours.quiet_until
    if start is None or stop is None or start == stop:
        return None
    return QuietPeriod(start, stop, zone_or_utc(time_zone), hours.quiet_lets_severe)
