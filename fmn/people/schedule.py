"""How often and when somebody wants to hear, as a value. Pure: knows neither clock nor database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from fmn.people.local_time import MAX_DAYS_SHIFTED, local_date, utc_of_local_time, zone_or_utc
from fmn.people.models import Preference
from fmn.people.preferences import DAYS, Frequency, QuietHours

#: All days of the week, from Monday on.
EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class ClockTimes:
    """Times of some days of the week (0 is Monday) in a zone; at least one of each."""

    times: frozenset[time]
    days: frozenset[int]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class QuietPeriod:
    """From one time of day until another, the next day's where that is earlier. They're never the same."""

    start: time
    stop: time
    zone: ZoneInfo
    lets_severe: bool

    def end_of(self, moment: datetime) -> datetime | None:
        """When the quiet hours end that this moment is in, ``None`` if it's in none."""
        today = local_date(moment, self.zone)
        for shift in range(-1 - MAX_DAYS_SHIFTED, MAX_DAYS_SHIFTED + 1):
            day = today + timedelta(days=shift)
            last_day = day if self.start < self.stop else day + timedelta(days=1)
            end = utc_of_local_time(last_day, self.stop, self.zone)
            if utc_of_local_time(day, self.start, self.zone) <= moment < end:
                return end
        return None

    def until(self, moment: datetime, *, severe: bool) -> datetime | None:
        """Until when they hold up what could be sent now; ``None`` if they don't.

        What is ``severe`` isn't held up where that's wanted.
        """
        return None if severe and self.lets_severe else self.end_of(moment)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When notifications are sent: as soon as ``count`` wait, ``seconds`` after the first, or by the clock.

    Whichever comes first. With none of these, each is sent at once. Quiet hours hold everything up.
    """

    count: int | None = None
    seconds: int | None = None
    clock: ClockTimes | None = None
    quiet: QuietPeriod | None = None

    @property
    def is_batched(self) -> bool:
        """Whether notifications are sent together."""
        return self.count is not None or self.seconds is not None or self.clock is not None

    def quiet_until(self, moment: datetime, *, severe: bool = False) -> datetime | None:
        """Until when quiet hours hold up what could be sent now; ``None`` if they don't.

        What is ``severe`` isn't held up where that's wanted. Quiet hours make nothing come sooner than it
        would without them: in a digest, the severe waits for the digest like everything else.
        """
        return None if self.quiet is None else self.quiet.until(moment, severe=severe)

    def is_deferred(self, moment: datetime, *, severe: bool) -> bool:
        """Whether what happens now waits to be sent together with others."""
        return self.is_batched or self.quiet_until(moment, severe=severe) is not None


def schedule_of(preference: Preference, time_zone: str) -> Schedule:
    """The rhythm of a preference of somebody in this time zone.

    Times without days are meant for every day, and hours from a time until the same time for none: nobody
    who says so wants to hear nothing at all.
    """
    frequency = Frequency.of(preference)
    return Schedule(
        frequency.digest_count, frequency.digest_seconds, _clock(frequency, time_zone),
        quiet_period(QuietHours.of(preference), time_zone))


def _clock(frequency: Frequency, time_zone: str) -> ClockTimes | None:
    if not frequency.clock_times:
        return None
    days = frozenset(map(DAYS.index, frequency.clock_days)) or EVERY_DAY
    return ClockTimes(frozenset(frequency.clock_times), days, zone_or_utc(time_zone))


def quiet_period(hours: QuietHours, time_zone: str) -> QuietPeriod | None:
    """The quiet hours of somebody in this time zone, ``None`` if there are none."""
    start, stop = hours.quiet_from, hours.quiet_until
    if start is None or stop is None or start == stop:
        return None
    return QuietPeriod(start, stop, zone_or_utc(time_zone), hours.quiet_lets_severe)
