"""Ends of snoozes in the reader's calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.inbox.snooze_times import SnoozeSpan, morning_of, snoozed_until

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(("now", "span", "until"), [
    ("2026-11-27 08:00", SnoozeSpan.LATER, "2026-11-27 11:00"),
    ("2026-11-27 23:30", SnoozeSpan.LATER, "2026-11-28 02:30"),
    ("2026-11-27 23:30", SnoozeSpan.TOMORROW, "2026-11-28 09:00"),
    ("2026-11-28 00:30", SnoozeSpan.TOMORROW, "2026-11-29 09:00"),
    ("2026-11-27 08:00", SnoozeSpan.WEEK, "2026-11-30 09:00"),  # from a Friday
    ("2026-11-30 08:00", SnoozeSpan.WEEK, "2026-12-07 09:00"),  # from a Monday
    ("2026-03-28 12:00", SnoozeSpan.TOMORROW, "2026-03-29 09:00"),  # an hour less of night
])
def test_ends_in_the_morning_where_somebody_lives(now: str, span: SnoozeSpan, until: str) -> None:
    at, end = (datetime.fromisoformat(each).replace(tzinfo=BERLIN) for each in (now, until))
    assert snoozed_until(span, at, BERLIN) == end


def test_ends_on_the_morning_of_a_day() -> None:
    assert morning_of(date(2026, 11, 27), BERLIN).isoformat() == "2026-11-27T08:00:00+00:00"


@given(
    st.integers(10**9, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(SnoozeSpan), st.sampled_from(["UTC", "Pacific/Kiritimati", "America/New_York"]))
def test_ends_later_and_within_eight_days(now: datetime, span: SnoozeSpan, zone: str) -> None:
    left = snoozed_until(span, now, ZoneInfo(zone)) - now
    assert 0 < left.total_seconds() < 8 * 24 * 3600
