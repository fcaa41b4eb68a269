from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmn.digests.scheduled_times import next_scheduled_time
from fmn.people.schedule import EVERY_DAY, ClockTimes
from tests.factories.time_zones import ZONES, moments_in, some_clock_times
from tests.hypothesis_profiles import scaled

A_MINUTE = timedelta(minutes=1)


def at(zone: str, *clocks: str, days: frozenset[int] = EVERY_DAY) -> ClockTimes:
    return ClockTimes(frozenset(map(time.fromisoformat, clocks)), days, ZoneInfo(zone))


def due_times(clock: ClockTimes, after: str, count: int) -> str:
    """The next so many due times after a moment in UTC, as clocks in the zone show them."""
    found = [datetime.fromisoformat(after).replace(tzinfo=UTC)]
    for _ in range(count):
        found.append(next_scheduled_time(clock, found[-1]))
    return ", ".join(f"{moment.astimezone(clock.zone):%m-%d %H:%M %Z}" for moment in found[1:])


@pytest.mark.parametrize(("clock", "after", "expected"), [
    # every day, and twice a day
    (at("Europe/Berlin", "08:00"), "2026-01-01T06:59:59", "01-01 08:00 CET, 01-02 08:00 CET"),
    (at("Europe/Berlin", "08:00"), "2026-01-01T07:00", "01-02 08:00 CET"),
    (at("Europe/Berlin", "17:30", "08:00"), "2026-01-01T12:00", "01-01 17:30 CET, 01-02 08:00 CET"),
    # on Mondays and Fridays; the second of January 2026 is a Friday
    (at("UTC", "08:00", days=frozenset({0, 4})), "2026-01-02T08:00", "01-05 08:00 UTC, 01-09 08:00 UTC"),
    # the same hour by the clock in summer and winter
    (at("Europe/Berlin", "08:00"), "2026-03-28T12:00", "03-29 08:00 CEST, 03-30 08:00 CEST"),
    # half past two doesn't exist when clocks go from two to three
    (at("Europe/Berlin", "02:30"), "2026-03-28T00:00",
     "03-28 02:30 CET, 03-29 03:30 CEST, 03-30 02:30 CEST"),
    # nor is it due twice beside the time that it's moved to
    (at("Europe/Berlin", "02:30", "03:30"), "2026-03-28T12:00", "03-29 03:30 CEST, 03-30 02:30 CEST"),
    # half past two comes twice when clocks go from three to two
    (at("Europe/Berlin", "02:30"), "2026-10-24T12:00", "10-25 02:30 CEST, 10-26 02:30 CET"),
    # midnight doesn't exist in Cairo's spring
    (at("Africa/Cairo", "00:00"), "2026-04-22T12:00",
     "04-23 00:00 EET, 04-24 01:00 EEST, 04-25 00:00 EEST"),
    # Samoa had no thirtieth of December in 2011, a Friday
    (at("Pacific/Apia", "08:00"), "2011-12-29T12:00", "12-29 08:00 -10, 12-31 08:00 +14, 01-01 08:00 +14"),
    (at("Pacific/Apia", "08:00", days=frozenset({4})), "2011-12-28T12:00",
     "12-31 08:00 +14, 01-06 08:00 +14"),
])
def test_due_times_are_by_the_clock_on_the_wall(clock: ClockTimes, after: str, expected: str) -> None:
    assert due_times(clock, after, expected.count(",") + 1) == expected


def minute_by_minute(clock: ClockTimes, after: datetime) -> Iterator[datetime]:
    """Due times after a moment, found by looking at the clock on the wall every minute of ten days.

    A time is due when the clock first shows it, and when the clock jumps over it, as much later as it is
    past where the clock jumped from.
    """
    minute = after.replace(second=0, microsecond=0) - timedelta(days=2)
    shown: set[datetime] = set()
    wall = minute.astimezone(clock.zone).replace(tzinfo=None)
    found: set[datetime] = set()
    for _ in range(12 * 24 * 60):
        minute, previous = minute + A_MINUTE, wall
        wall = minute.astimezone(clock.zone).replace(tzinfo=None, fold=0)
        expected = previous + A_MINUTE
        while expected < wall:  # jumped over
            if _is_wanted(clock, expected):
                found.add(minute + (expected - previous - A_MINUTE))
            expected += A_MINUTE
        if _is_wanted(clock, wall) and wall not in shown:
            found.add(minute)
        shown.add(wall)
    return iter(sorted(moment for moment in found if moment > after))


def _is_wanted(clock: ClockTimes, wall: datetime) -> bool:
    return wall.time() in clock.times and wall.weekday() in clock.days


@given(st.data())
@settings(max_examples=scaled(40), deadline=None)
def test_due_times_are_those_that_somebody_watching_the_clock_finds(data: st.DataObject) -> None:
    zone = data.draw(ZONES)
    clock, after = data.draw(some_clock_times(zone)), data.draw(moments_in(zone))
    assert next_scheduled_time(clock, after) == next(minute_by_minute(clock, after))


@given(st.data())
def test_no_due_time_lies_between_a_moment_and_the_next_one(data: st.DataObject) -> None:
    zone = data.draw(ZONES)
    clock = data.draw(some_clock_times(zone))
    one, other = sorted([data.draw(moments_in(zone)), data.draw(moments_in(zone))])
    assert one < next_scheduled_time(clock, one) <= next_scheduled_time(clock, other)
    assert next_scheduled_time(clock, one) == next_scheduled_time(clock, other) or next_scheduled_time(
        clock, one) <= other
