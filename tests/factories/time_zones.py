"""Time zones in which much happens to the clocks, and the hours that people might choose there."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from fmn.people.schedule import ClockTimes, QuietPeriod

#: Moments near which clocks are changed, by zone: by an hour, by half an hour, by two; at midnight; at one
#: minute past it; backwards in summer; twice in spring; and by a day, which the zone then never had.
CHANGES = {
    "UTC": ("2026-01-01",),
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "Europe/Dublin": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "America/Havana": ("2026-03-08", "2026-11-01"),
    "America/St_Johns": ("2010-03-14", "2010-11-07"),
    "America/Sao_Paulo": ("2018-02-18", "2018-11-04"),
    "Africa/Cairo": ("2026-04-24", "2026-10-30"),
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),
    "Antarctica/Troll": ("2026-03-29", "2026-10-25"),
    "Asia/Kathmandu": ("1986-01-01", "2026-01-01"),
    "Asia/Pyongyang": ("2015-08-15", "2018-05-05"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "Pacific/Apia": ("2011-12-30",),
    "Pacific/Chatham": ("2026-04-05", "2026-09-27"),
    "Pacific/Kiritimati": ("1994-12-31",),
    "Pacific/Kwajalein": ("1993-08-21",),
}
ZONES = st.sampled_from([ZoneInfo(name) for name in CHANGES])
TIMES = st.times().map(lambda clock: clock.replace(second=0, microsecond=0)) | st.builds(
    time, st.integers(0, 4), st.sampled_from([0, 1, 15, 30, 45, 59]))
DAYS = st.frozensets(st.integers(0, 6), min_size=1)


def moments_in(zone: ZoneInfo) -> st.SearchStrategy[datetime]:
    """Moments within some days of a change of the zone's clocks, to the second."""
    days = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in CHANGES[zone.key]]
    return st.builds(
        lambda day, seconds: day + timedelta(seconds=seconds),
        st.sampled_from(days), st.integers(-4 * 86400, 4 * 86400))


def some_clock_times(zone: ZoneInfo) -> st.SearchStrategy[ClockTimes]:
    """Times of days by clocks in the zone."""
    return st.builds(ClockTimes, st.frozensets(TIMES, min_size=1, max_size=4), DAYS, st.just(zone))


def some_quiet_hours(zone: ZoneInfo) -> st.SearchStrategy[QuietPeriod]:
    """Quiet hours by clocks in the zone, half of them over midnight."""
    return st.builds(QuietPeriod, TIMES, TIMES, st.just(zone), st.booleans()).filter(
        lambda quiet: quiet.start != quiet.stop)
